"""Fills an empty, migrated database with the demo clinic, in one transaction and in seconds.

Rows come by COPY. Rules that cost much row by row (exclusion constraints, foreign keys) are
taken away before and put back, and so checked, all at once, inside the same transaction: whoever
looks from outside sees an empty clinic or a complete one.
"""

import gc
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from operator import attrgetter
from typing import Any

import asyncpg
from argon2 import PasswordHasher
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from domain import clock
from domain.keys import KeyWrapping
from embedded.clinic import Demo, made_up
from embedded.roster import DOCTORS
from persistence import database
from persistence.accounts import AccountTable
from persistence.appointments import AppointmentTable
from persistence.crypto import Vault
from persistence.data_keys import Keyring
from persistence.doctors import DoctorTable, ReviewTable
from persistence.patients import PatientTable
from persistence.slots import SlotTable
from persistence.table import Table

PASSWORD = "saude-demo-2026"  # noqa: S105  # in the README, for everybody

_STEP = 1000  # rows between two looks at the progress bar
_GUARDS = """
SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name,
       pg_get_constraintdef(oid) AS rule
  FROM pg_constraint
 WHERE contype IN ('x', 'f') AND conrelid::regclass::text = ANY($1)
 ORDER BY 1, 2
"""


async def load(url: str, wrapping: KeyWrapping, *, at: datetime | None = None) -> None:
    """`url` is asyncpg's. Where the demo is already: UniqueViolationError, and nothing changes."""
    pool = await database.connect(url, size=1)
    keyring = await Keyring.open(pool, wrapping)
    await pool.close()
    vault = Vault(keyring.keys)  # for however long it takes: of an empty clinic nobody rotates keys
    with _progress() as progress, _without_garbage_collection():
        demo = _make_up(progress, at or clock.now())
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await _fill(connection, vault, demo, progress)
        finally:
            await connection.close()


def _make_up(progress: Progress, at: datetime) -> Demo:
    hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    task = progress.add_task("doctors at work", total=DOCTORS)
    return made_up(
        at=at,
        password_hash=hasher.hash(PASSWORD),
        advance=lambda doctors: progress.advance(task, doctors),
    )


async def _fill(
    connection: asyncpg.Connection, vault: Vault, demo: Demo, progress: Progress
) -> None:
    tables: tuple[tuple[Table[Any], list[Any]], ...] = (
        (AccountTable(connection, vault), demo.accounts),
        (DoctorTable(connection, vault), demo.doctors),
        (PatientTable(connection, vault), demo.patients),
        (SlotTable(connection, vault), demo.slots),
        (AppointmentTable(connection, vault), demo.appointments),
        (ReviewTable(connection, vault), demo.reviews),
    )
    names = [table.shape.name for table, _ in tables]
    async with _unguarded(connection, names, progress):
        for table, entities in tables:
            task = progress.add_task(table.shape.name, total=len(entities))
            await connection.copy_records_to_table(
                table.shape.name,
                columns=[*table.shape.names, *table.lookups],
                records=_told(progress, task, records(table, vault, entities)),
            )
    await connection.execute(f"ANALYZE {', '.join(names)}")


def records(table: Table[Any], vault: Vault, entities: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Rows for COPY, of the table's columns and then its lookups."""
    if not table.sealed and not table.lookups:  # as of slots, the most numerous
        return map(attrgetter(*table.shape.names), entities)
    return (
        [*table.shape.values(entity, vault), *table.derived(entity).values()] for entity in entities
    )


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A third of the time would go into looking through a million objects, all of them in use."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@asynccontextmanager
async def _unguarded(
    connection: asyncpg.Connection, tables: list[str], progress: Progress
) -> AsyncGenerator[None]:
    guards = await connection.fetch(_GUARDS, tables)
    for guard in guards:
        await connection.execute(f"ALTER TABLE {guard['table']} DROP CONSTRAINT {guard['name']}")
    yield
    for guard in progress.track(guards, description="rules"):
        await connection.execute(
            f"ALTER TABLE {guard['table']} ADD CONSTRAINT {guard['name']} {guard['rule']}"
        )


def _told(
    progress: Progress, task: Any, records: Iterable[Sequence[Any]]
) -> Iterator[Sequence[Any]]:
    number = 0
    for number, record in enumerate(records, 1):
        if number % _STEP == 0:
            progress.update(task, completed=number)
        yield record
    progress.update(task, completed=number)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:>16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
