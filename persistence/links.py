"""Rows of links that were sent by mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import LinkId, UserId
from domain.links import Link, Purpose
from persistence.columns import moment, one_of, sealed, text
from persistence.database import Pool
from persistence.table import Row, Table

_KEPT = timedelta(days=1)  # longer than they are counted for


class LinkRow(Row, table=True):
    __table_args__ = (
        one_of("purpose", Purpose, name="link_purpose"),
        sa.Index("ix_link_account_id", "account_id", "purpose", "created_at"),
        sa.Index("ix_link_expires_at", "expires_at"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id")
    purpose: str = text()
    email: bytes = sealed()
    token_hash: bytes
    created_at: datetime = moment()
    expires_at: datetime = moment()
    spent_at: datetime | None = moment(nullable=True)


class LinkTable(Table[Link]):
    row, entity = LinkRow, Link
    sealed = frozenset({"email"})

    async def spend(self, account_id: UserId, purpose: Purpose, /, *, at: datetime) -> None:
        await self._connection.execute(
            "UPDATE link SET spent_at = $3"
            " WHERE account_id = $1 AND purpose = $2 AND spent_at IS NULL",
            account_id,
            purpose.value,
            at,
        )

    async def remove(self, ids: Sequence[LinkId], /) -> None:
        await self._connection.execute("DELETE FROM link WHERE id = ANY($1::uuid[])", list(ids))

    async def remove_all(self, account_id: UserId, /) -> int:
        status = await self._connection.execute(
            "DELETE FROM link WHERE account_id = $1", account_id
        )
        return int(status.rsplit(" ", 1)[1])

    async def made_since(self, account_id: UserId, purpose: Purpose, since: datetime, /) -> int:
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM link WHERE account_id = $1 AND purpose = $2 AND created_at > $3",
            account_id,
            purpose.value,
            since,
        )
        return count


async def purge(pool: Pool, at: datetime) -> None:
    """Forget what has long expired."""
    await pool.execute("DELETE FROM link WHERE expires_at < $1", at - _KEPT)
