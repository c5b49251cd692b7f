"""Everything that is sealed, sealed anew under the newest key, while the servers go on.

What lies under an older key says what is left, so that whoever was killed is followed by whoever
begins again. Older keys are retired when nothing lies under them, and nobody can seal under them
any more: every server knows the newest one or seals no longer, and all transactions that began
before have ended. They are forgotten by the rotation after, when again nothing lies under them.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag

from persistence.columns import SEALED
from persistence.crypto import HEAD_BYTES, UnknownKey, head, place
from persistence.data_keys import FRESH_FOR, Keyring
from persistence.database import APPLICATION, Pool
from persistence.tables import metadata

AT_ONCE = 500  # rows
_BEFORE_ALL = UUID(int=0)
_CHANGING_KEYS = 0x6B657973  # the advisory lock of whoever does; any number that nobody else takes

_STEP = (
    "SELECT id FROM (SELECT id FROM {table} WHERE id > $1 ORDER BY id LIMIT $2) AS step"
    " ORDER BY id DESC LIMIT 1"
)
_OLDER = f"substring({{column}} FROM 1 FOR {HEAD_BYTES}) <> "
# Locked while they are sealed anew, so that nobody's change is undone; what somebody else has
# locked is left for the next walk, so that nobody waits in a circle.
_TAKE = (
    "SELECT id, {column} AS sealed FROM {table} WHERE id > $1 AND id <= $2"
    f" AND {_OLDER}$3 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
)
_PUT = (
    "UPDATE {table} SET {column} = anew.sealed FROM unnest($1::uuid[], $2::bytea[])"
    " AS anew (id, sealed) WHERE {table}.id = anew.id"
)
_LEFT = f"SELECT count(*) FROM {{table}} WHERE {_OLDER}$1"
_SETTLED = (
    "SELECT NOT EXISTS ("  # our own transaction among them: never before that moment
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = $3"
    # Of a role's sessions that we may not look into there is no state; they may be anywhere.
    " AND (xact_start < current_from + $2::interval OR state IS NULL)) FROM data_key WHERE id = $1"
)
_FORGET = "DELETE FROM data_key WHERE id < $1 AND retired_at < now() - $2::interval"
_RETIRE = (
    "UPDATE data_key SET retired_at = now()"
    " WHERE purpose = 'SEALING' AND id < $1 AND retired_at IS NULL RETURNING id"
)
_RETIRED_FOR = timedelta(days=1)


class AlreadyChanging(Exception):
    def __init__(self) -> None:
        super().__init__("somebody else is changing keys")


@asynccontextmanager
async def changing_keys(pool: Pool) -> AsyncGenerator[None]:
    """One at a time, of all processes; whoever is killed loses it with his connection."""
    async with pool.acquire() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _CHANGING_KEYS):
            raise AlreadyChanging
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _CHANGING_KEYS)


def sealed_columns() -> list[tuple[str, str]]:
    """Of every table that there is: its name and the column's."""
    return [
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.info.get(SEALED)
    ]


class Resealing:
    """`broken` are the places of values that do not open, and so stay as they are."""

    def __init__(
        self, pool: Pool, keyring: Keyring, *, settles_after: timedelta = FRESH_FOR
    ) -> None:
        self._pool, self._keyring, self._settles_after = pool, keyring, settles_after
        self.newest = max(keyring.keys.sealing)
        self.broken: set[str] = set()

    async def in_force(self) -> bool:
        """Whether the newest key seals. Nothing can be sealed anew before."""
        await self._keyring.look()
        return self._keyring.keys.current == self.newest

    async def left(self) -> int:
        """How many values lie under older keys. Looks through all tables."""
        left = 0
        for table, column in sealed_columns():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute("SET LOCAL statement_timeout = 0")
                statement = _LEFT.format(table=table, column=column)
                left += await connection.fetchval(statement, head(self.newest))
        return left

    async def walk(self) -> AsyncGenerator[int]:
        """Once through all tables; yields how many values were sealed anew, batch by batch."""
        for table, column in sealed_columns():
            after: UUID | None = _BEFORE_ALL
            while after is not None:
                until = await self._pool.fetchval(_STEP.format(table=table), after, AT_ONCE)
                if until is not None:
                    await self._keyring.look()  # or our own vault would seal no more
                    yield await self._seal(table, column, after, until)
                after = until

    async def _seal(self, table: str, column: str, after: UUID, until: UUID) -> int:
        vault, ids, sealed = self._keyring.vault, [], []
        take, put = (text.format(table=table, column=column) for text in (_TAKE, _PUT))
        async with self._pool.acquire() as connection, connection.transaction():
            for row in await connection.fetch(take, after, until, head(self.newest)):
                where = place(table, column, row["id"])
                try:
                    sealed.append(vault.seal(vault.open(row["sealed"], where), where))
                    ids.append(row["id"])
                except (InvalidTag, UnknownKey):
                    self.broken.add(where)
            await connection.execute(put, ids, sealed)
        return len(ids)

    async def settled(self) -> bool:
        """Whether nobody can seal under an older key any more, not even who began long ago."""
        settled: bool = await self._pool.fetchval(
            _SETTLED, self.newest, self._settles_after, APPLICATION
        )
        return settled

    async def retire(self) -> list[int]:
        """Older keys seal no more, once all is settled and then nothing left. Returns which.

        They stay to open what nobody expects, of a machine that slept through all this, say; what
        was retired a day ago or more is forgotten for good.
        """
        await self._pool.execute(_FORGET, self.newest, _RETIRED_FOR)
        retired = await self._pool.fetch(_RETIRE, self.newest)
        return sorted(row["id"] for row in retired)
