"""Rows of sessions, and the sessions that have ended, known without asking."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import SessionId, UserId
from domain.sessions import Session
from persistence.columns import moment, sealed, text
from persistence.database import Pool
from persistence.table import Row, Table


class SessionRow(Row, table=True):
    __table_args__ = (
        sa.Index("ix_session_ended_at", "ended_at", postgresql_where="ended_at IS NOT NULL"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="account.id", index=True)
    refresh_hash: bytes = Field(unique=True)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    device: str | None = text(nullable=True)
    address: bytes | None = sealed(nullable=True)
    seen_at: datetime | None = moment(nullable=True)
    ended_at: datetime | None = moment(nullable=True)
    pool_grant: bytes | None = sealed(nullable=True)
    cookie_key: UUID | None


class SessionTable(Table[Session]):
    row, entity = SessionRow, Session
    sealed = frozenset({"address", "pool_grant"})

    async def lock(self, id: SessionId, /) -> Session | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def lock_live(self, user_id: UserId, /, *, at: datetime) -> Sequence[Session]:
        return await self.where(
            "user_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY id FOR UPDATE",
            user_id,
            at,
        )

    async def forget_whence(self, user_id: UserId, /) -> None:
        await self._connection.execute(
            "UPDATE session SET device = NULL, address = NULL WHERE user_id = $1", user_id
        )


# Tokens of partners are sessions without an account.
_ENDED = (
    "SELECT id FROM session WHERE ended_at > $1"
    " UNION ALL SELECT id FROM partner_token WHERE ended_at > $1"
)
# A transaction may commit well after the moment that it wrote down.
_OVERLAP = timedelta(minutes=1)


class EndedSessions:
    """The sessions that ended while access tokens of theirs could still be about.

    Our own acts are noted as they commit, those of other processes when we `look`, which has to be
    done more than once a second. `told` hears of each session once.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        remembered: timedelta,
        now: Callable[[], datetime],
        told: Callable[[SessionId], object],
    ) -> None:
        self._pool, self._now, self._told = pool, now, told
        self._remembered = remembered + _OVERLAP
        self._noted: dict[SessionId, datetime] = {}
        self._looked = False

    def __contains__(self, session: object) -> bool:
        return session in self._noted

    def note(self, sessions: Collection[SessionId]) -> None:
        at = self._now()
        for session in sessions:
            if session not in self._noted:
                self._noted[session] = at
                self._told(session)

    async def look(self) -> None:
        """Note what has ended meanwhile; the first time, all that is to be remembered."""
        at = self._now()
        since = at - (_OVERLAP if self._looked else self._remembered)
        records = await self._pool.fetch(_ENDED, since)
        self._looked = True
        self.note([SessionId(record["id"]) for record in records])
        self._noted = {
            session: noted
            for session, noted in self._noted.items()
            if noted > at - self._remembered
        }


async def purge(pool: Pool, before: datetime) -> None:
    """Forget the sessions that ended or expired by then, with their addresses."""
    await pool.execute("DELETE FROM session WHERE least(ended_at, expires_at) < $1", before)
