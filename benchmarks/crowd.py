"""As many doctors as one likes, with slots: made up, and loaded by COPY.

Spread over towns and specialties as the demo clinic's are. What the clinic keeps row by row costs
most of such a load and is read by no query: foreign keys and the rule that slots never overlap are
taken away, and stay away.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from domain.ids import new_id
from domain.specialties import SPECIALTIES
from embedded import people
from embedded.cities import CITIES
from embedded.roster import COMMON

AT_ONCE = 2_000  # doctors
A_DAY = 10  # slots of a doctor
_GUARDS = """
SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name FROM pg_constraint
WHERE contype IN ('x', 'f') AND conrelid::regclass::text IN ('doctor', 'slot')
"""


async def fill(
    connection: asyncpg.Connection,
    *,
    doctors: int,
    slots: int,
    first: int = 0,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Doctors from the number `first` to `doctors`, each with so many open `slots` from tomorrow
    on. `advance` is told of each thousand or two that is in.
    """
    for guard in await connection.fetch(_GUARDS):
        await connection.execute(f"ALTER TABLE {guard['table']} DROP CONSTRAINT {guard['name']}")
    rng = Random(first)  # noqa: S311  # the same everywhere, not unguessable
    for start in range(first, doctors, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, doctors))
        ids = [new_id() for _ in numbers]
        await _copy(connection, "account", _ACCOUNT, _accounts(ids))
        await _copy(connection, "doctor", _DOCTOR, _doctors(rng, ids, numbers))
        await _copy(connection, "slot", _SLOT, _slots(rng, ids, slots))
        advance(len(numbers))
    await connection.execute("VACUUM ANALYZE account, doctor, doctor_specialty, slot")


async def _copy(
    connection: asyncpg.Connection, table: str, columns: str, records: Iterator[tuple[Any, ...]]
) -> None:
    await connection.copy_records_to_table(table, columns=columns.split(), records=records)


_ACCOUNT = "id role email email_hash password_hash created_at confirmed_at"
_DOCTOR = (
    "id name crm uf status specialties time_zone city latitude longitude rating_count rating_sum"
    " created_at"
)
_SLOT = "id doctor_id starts_at ends_at status"


def _accounts(ids: list[UUID]) -> Iterator[tuple[Any, ...]]:
    """That nobody can sign in with."""
    now = datetime.now(UTC)
    return ((id, "DOCTOR", b"", id.bytes, "", now, now) for id in ids)


def _doctors(rng: Random, ids: list[UUID], numbers: range) -> Iterator[tuple[Any, ...]]:
    codes, now = list(SPECIALTIES), datetime.now(UTC)
    frequencies = [COMMON.get(code, 1) for code in codes]
    sizes = [city.people for city in CITIES]
    for id, number in zip(ids, numbers, strict=True):
        [city] = rng.choices(CITIES, sizes)
        specialties = list(dict.fromkeys(rng.choices(codes, frequencies, k=rng.choice((1, 1, 2)))))
        ratings = int(60 * rng.betavariate(0.75, 2.9))
        yield (
            *(id, people.name(rng), f"{1_000_000 + number}", city.uf, "VERIFIED", specialties),
            *(city.time_zone, city.name),
            *(city.latitude + rng.uniform(-0.03, 0.03), city.longitude + rng.uniform(-0.03, 0.03)),
            *(ratings, ratings * rng.randint(3, 5), now),
        )


def _slots(rng: Random, ids: list[UUID], each: int) -> Iterator[tuple[Any, ...]]:
    tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    half = timedelta(minutes=30)
    for id in ids:
        start = tomorrow + timedelta(days=1, hours=rng.randrange(10, 17))
        for number in range(each):
            days, place = divmod(number, A_DAY)
            starts_at = start + timedelta(days=days) + place * half
            yield new_id(), id, starts_at, starts_at + half, "OPEN"
