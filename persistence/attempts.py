"""Rows of failed attempts, by the fingerprint of what was tried from where."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Field

from domain.attempts import Failures
from persistence.columns import moment
from persistence.crypto import Vault
from persistence.database import Connection, Pool, rows_of
from persistence.table import Row


class AttemptRow(Row, table=True):
    key: bytes = Field(primary_key=True)
    last_at: datetime = moment()
    clear_at: datetime = moment()


# Made if it is not there and locked in any case, in the order of the keys.
_LOCK = (
    "INSERT INTO attempt AS kept (key, last_at, clear_at)"
    f" SELECT key, $2, $2 FROM {rows_of(['bytea'])} AS wanted (key) ORDER BY key"
    " ON CONFLICT (key) DO UPDATE SET key = kept.key RETURNING key, last_at, clear_at"
)
_SAVE = (
    "UPDATE attempt SET last_at = changed.last_at, clear_at = changed.clear_at"
    f" FROM {rows_of(('bytea', 'timestamptz', 'timestamptz'))}"
    " AS changed (key, last_at, clear_at) WHERE attempt.key = changed.key"
)


class AttemptTable:
    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    async def lock(self, keys: Sequence[str], /, *, at: datetime) -> Mapping[str, Failures]:
        by_print = {self._print(key): key for key in keys}
        rows = await self._connection.fetch(_LOCK, list(by_print), at)
        return {
            by_print[row["key"]]: Failures(last_at=row["last_at"], clear_at=row["clear_at"])
            for row in rows
        }

    async def save(self, failures: Mapping[str, Failures], /) -> None:
        await self._connection.execute(
            _SAVE,
            [self._print(key) for key in failures],
            [each.last_at for each in failures.values()],
            [each.clear_at for each in failures.values()],
        )

    async def forget(self, key: str, /) -> None:
        await self._connection.execute("DELETE FROM attempt WHERE key = $1", self._print(key))

    def _print(self, key: str) -> bytes:
        return self._vault.fingerprint(f"attempt:{key}")


async def purge(pool: Pool, before: datetime) -> None:
    """Forget what was forgiven by then."""
    await pool.execute("DELETE FROM attempt WHERE clear_at < $1", before)
