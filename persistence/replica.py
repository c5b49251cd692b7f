"""A replica of the database, which is asked for searches while it is hardly behind.

How far it is behind is known from the primary: where its log stood at some moment, and that the
replica has replayed as far. What a replica says of its own delay is no proof, for one that hears
nothing any more believes that it has heard everything.

Whoever has changed something is answered by the primary until the replica is sure to have it, so
that he finds what he has done; and so are those whom an event concerns, in every process.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import asyncpg

from persistence.database import STATEMENT_TIMEOUT, Pool, Record

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds
PATIENCE = 2.0  # seconds, after which one that does not tell how far it is is given up
KEPT = 1_000  # moments that are remembered
# It may be gone, or cancel a statement whose rows were vacuumed away on the primary. (The last is
# what asyncpg says where a connection is lost as it is handed out.)
FAULTS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_WRITTEN = "SELECT (pg_current_wal_lsn() - '0/0')::bigint"
_REPLAYED = "SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint"  # null where it is no replica


class Replica:
    """`connect` opens a pool of the replica's; `behind`: seconds by which it may be."""

    def __init__(
        self, primary: Pool, connect: Callable[[], Awaitable[Pool]], *, behind: float
    ) -> None:
        self._primary, self._connect, self._behind = primary, connect, behind
        self._pool: Pool | None = None
        self._near = False  # as it was told last
        self._as_of = float("-inf")  # whatever was committed by then it has
        self._moments: deque[tuple[float, int]] = deque(maxlen=KEPT)
        self._until: dict[UUID, float] = {}  # whose own things are to be read from the primary
        # An act may take as long as its statements may, after it was asked for.
        self._own_for = behind + 2 * STATEMENT_TIMEOUT.total_seconds()

    @property
    def lag(self) -> float:
        """Seconds by which it may be behind."""
        return time.monotonic() - self._as_of

    @property
    def near(self) -> bool:
        """Whether it is asked."""
        return self._pool is not None and self.lag <= self._behind

    def concerns(self, ids: Iterable[UUID]) -> None:
        """These have asked for a change, or are told of one."""
        until = time.monotonic() + self._own_for
        for id in ids:
            self._until[id] = until

    def serves(self, reader: UUID | None) -> bool:
        """Whether he may be told what was true a moment ago."""
        return reader is None or self._until.get(reader, 0.0) < time.monotonic()

    async def fetch(self, statement: str, /, *arguments: Any) -> list[Record]:
        """Rows of the replica; of the primary where that is too far behind, or fails."""
        pool = self._pool
        if pool is not None and self.near:
            try:
                return await pool.fetch(statement, *arguments)
            except asyncpg.QueryCanceledError:
                raise  # it has taken too long, and would there, too
            except FAULTS as fault:
                log.warning("the replica has failed (%s)", type(fault).__name__)
        return await self._primary.fetch(statement, *arguments)

    async def look(self) -> None:
        """How far it is behind now. It is connected to again when it was gone."""
        began = time.monotonic()
        self._until = {id: until for id, until in self._until.items() if until > began}
        written = await self._primary.fetchval(_WRITTEN)
        self._moments.append((began, written))
        try:
            async with asyncio.timeout(PATIENCE):
                if self._pool is None:
                    self._pool = await self._connect()
                replayed = await self._pool.fetchval(_REPLAYED)
        except (TimeoutError, *FAULTS) as fault:
            self.close()
            self._tell(f"cannot be reached ({type(fault).__name__})")
            return
        while replayed is not None and self._moments and self._moments[0][1] <= replayed:
            self._as_of = self._moments.popleft()[0]
        self._tell("is no replica" if replayed is None else f"is {self.lag:.1f} s behind")

    def close(self) -> None:
        """Whoever still waits for an answer of it is answered by the primary, at once."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    def _tell(self, why: str) -> None:
        """In the log, when it is asked again or no more."""
        if self.near is not self._near:
            self._near = self.near
            log.log(
                logging.INFO if self._near else logging.WARNING,
                "the replica %s: searches are asked of %s",
                why,
                "it" if self._near else "the primary",
            )
