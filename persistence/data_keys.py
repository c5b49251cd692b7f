"""The data keys: they lie in the database, wrapped, and in plain in the processes alone.

One makes fingerprints and stays for ever. The others seal: the newest that is in force, while the
older ones open what was sealed before. A new one is in force only when every process knows it.
A retired one opens what should not be there any more, until the next rotation.
"""

import secrets
import time
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

import sqlalchemy as sa
from sqlmodel import Field

from domain.keys import CannotUnwrap, KeyWrapping
from persistence.columns import UTC_TIME, moment, one_of, text
from persistence.crypto import DataKeySet, Vault
from persistence.database import Pool
from persistence.table import Row

LOOK_EVERY = 5.0  # seconds
FRESH_FOR = timedelta(seconds=30)  # from a look on: so long a process may seal
IN_FORCE_AFTER = 2 * FRESH_FOR  # longer than that: else one could seal who has not heard of it


class Purpose(StrEnum):
    HASHING = "HASHING"
    SEALING = "SEALING"


class DataKeyRow(Row, table=True):
    __table_args__ = (one_of("purpose", Purpose, name="data_key_purpose"),)

    id: int = Field(
        sa_type=sa.SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    purpose: str = text()
    wrapped: bytes
    created_at: datetime = Field(
        sa_column=sa.Column(UTC_TIME, nullable=False, server_default=sa.func.now())
    )
    current_from: datetime = moment()
    retired_at: datetime | None = moment(nullable=True)


# Of two processes that start at once the second waits here, and then adds nothing.
_FIRST = (
    "INSERT INTO data_key (id, purpose, wrapped, current_from)"
    " VALUES (1, 'HASHING', $1, now()), (2, 'SEALING', $2, now()) ON CONFLICT DO NOTHING"
)
_NEXT = (
    "INSERT INTO data_key (id, purpose, wrapped, current_from)"
    " VALUES ($1, 'SEALING', $2, now() + $3::interval)"
)
_READ = (
    "SELECT id, purpose, wrapped, current_from <= now() AS in_force, retired_at"
    " FROM data_key ORDER BY id"
)


class KeysMissing(Exception):
    """New ones would hide that what is sealed in this database is lost."""


class Keyring:
    """`vault` works with the keys as they were at the last look."""

    def __init__(self, pool: Pool, wrapping: KeyWrapping) -> None:
        self._pool, self._wrapping = pool, wrapping
        self._unwrapped: dict[int, bytes] = {}
        self.keys: DataKeySet
        self.rotating: bool  # the newest one has not taken the place of all others yet
        self.vault: Vault

    @classmethod
    async def open(cls, pool: Pool, wrapping: KeyWrapping) -> Self:
        """Makes the first keys where nobody has an account. Raises KeysMissing and CannotUnwrap."""
        if not await pool.fetchval("SELECT EXISTS (SELECT FROM data_key)"):
            await _make_first(pool, wrapping)
        ring = cls(pool, wrapping)
        until = await ring._read()
        ring.vault = Vault(ring.keys, until=until)
        return ring

    async def look(self) -> None:
        """As often as LOOK_EVERY, for as long as the vault is to seal."""
        until = await self._read()
        self.vault.hold(self.keys, until=until)

    @property
    def fresh(self) -> bool:
        """Whether somebody has looked lately, so that the vault seals."""
        return time.monotonic() <= self.vault.until

    async def _read(self) -> float:
        """Asks for those to be unwrapped that are new to us, alone. Returns how long it holds."""
        began = time.monotonic()
        rows = await self._pool.fetch(_READ)
        self._unwrapped = {
            row["id"]: self._unwrapped.get(row["id"])
            or await self._wrapping.unwrap(row["wrapped"], _use(row["purpose"], row["id"]))
            for row in rows
        }
        [hashing] = [row["id"] for row in rows if row["purpose"] == Purpose.HASHING]
        sealing = [row for row in rows if row["purpose"] == Purpose.SEALING]
        self.rotating = len([row for row in sealing if row["retired_at"] is None]) > 1
        self.keys = DataKeySet(
            hashing=self._unwrapped[hashing],
            sealing={row["id"]: self._unwrapped[row["id"]] for row in sealing},
            current=max(row["id"] for row in sealing if row["in_force"]),
        )
        return began + FRESH_FOR.total_seconds()


async def _make_first(pool: Pool, wrapping: KeyWrapping) -> None:
    if await pool.fetchval("SELECT EXISTS (SELECT FROM account)"):
        message = "it has accounts: its data keys are lost, or it is of a version before them"
        raise KeysMissing(message)
    await pool.execute(
        _FIRST,
        await wrapping.wrap(_fresh(), _use(Purpose.HASHING, 1)),
        await wrapping.wrap(_fresh(), _use(Purpose.SEALING, 2)),
    )


async def add(
    pool: Pool, wrapping: KeyWrapping, *, in_force_after: timedelta = IN_FORCE_AFTER
) -> None:
    """A new key to seal with."""
    newest: int = await pool.fetchval("SELECT max(id) FROM data_key")
    wrapped = await wrapping.wrap(_fresh(), _use(Purpose.SEALING, newest + 1))
    await pool.execute(_NEXT, newest + 1, wrapped, in_force_after)


async def rewrap(pool: Pool, old: KeyWrapping, new: KeyWrapping) -> int:
    """All keys, once more, all or none; those that `new` wrapped before, too. Returns how many.

    The keys themselves stay what they are: processes that have them notice nothing.
    """
    rows = await pool.fetch(_READ)
    wrapped = []
    for row in rows:
        use = _use(row["purpose"], row["id"])
        try:
            key = await new.unwrap(row["wrapped"], use)
        except CannotUnwrap:
            key = await old.unwrap(row["wrapped"], use)
        wrapped.append(await new.wrap(key, use))
    await pool.execute(
        "UPDATE data_key SET wrapped = fresh.wrapped FROM unnest($1::int[], $2::bytea[])"
        " AS fresh (id, wrapped) WHERE data_key.id = fresh.id",
        [row["id"] for row in rows],
        wrapped,
    )
    return len(rows)


def _fresh() -> bytes:
    return secrets.token_bytes(32)


def _use(purpose: str, id: int) -> str:
    return f"healthmed {purpose.lower()} key {id}"
