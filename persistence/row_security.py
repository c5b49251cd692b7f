"""The second wall: rows of records that Postgres shows to those alone whose they are.

The policies (see the migration `second_wall`) go by `healthmed.viewer`, the user id of whoever
asks, which a transaction says of itself and which ends with it. Who has said nothing sees nothing:
a forgotten predicate shows no more than one's own, a forgotten viewer shows nothing at all.
"""

from contextlib import AbstractAsyncContextManager
from typing import Any

from domain.auth import Viewer
from persistence.database import Connection, Pool, Record

SAY = "SELECT set_config('healthmed.viewer', $1, true)"
_CONFINED = (
    "SELECT row_security_active(to_regclass('record_access'))"
    " AND NOT has_table_privilege(to_regclass('record_access'), 'UPDATE')"
)


class SaidWhose:
    """A connection within a transaction, which says before its first statement whose it is.

    So whatever has nothing to do with records pays nothing.
    """

    def __init__(self, connection: Connection, viewer: Viewer | None) -> None:
        self._connection, self._viewer = connection, viewer
        self._said = viewer is None

    def say_again(self) -> None:
        """For a savepoint was undone, and with it perhaps what was said since."""
        self._said = self._viewer is None

    async def fetch(self, statement: str, /, *arguments: Any) -> list[Record]:
        await self._say()
        return await self._connection.fetch(statement, *arguments)

    async def fetchrow(self, statement: str, /, *arguments: Any) -> Record | None:
        await self._say()
        return await self._connection.fetchrow(statement, *arguments)

    async def fetchval(self, statement: str, /, *arguments: Any) -> Any:
        await self._say()
        return await self._connection.fetchval(statement, *arguments)

    async def execute(self, statement: str, /, *arguments: Any) -> str:
        await self._say()
        return await self._connection.execute(statement, *arguments)

    def transaction(self) -> AbstractAsyncContextManager[None]:
        return self._connection.transaction()

    async def _say(self) -> None:
        if not self._said and self._viewer is not None:
            await self._connection.fetchval(SAY, str(self._viewer.user_id))
            self._said = True


def own(statement: str) -> str:
    """`statement` reads what is $1's own, a user id: its transaction says so itself, in no round
    trip more.

    It names him `me.viewer`, so Postgres has to make `me`, and thereby say whose this is, before it
    reads a row. Were it ever to do otherwise, nothing would be found. OFFSET keeps it from making
    one of the two.
    """
    return (
        "SELECT its.* FROM"
        " (SELECT set_config('healthmed.viewer', $1::uuid::text, true)::uuid AS viewer) AS me,"
        f" LATERAL ({statement} OFFSET 0) AS its"
    )


async def confines(pool: Pool) -> bool:
    """Whether the wall holds for our role, and the access log stays as it is."""
    return await pool.fetchval(_CONFINED) is not False  # None where there are no tables yet
