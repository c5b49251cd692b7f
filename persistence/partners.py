"""Rows of partners and of their tokens."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import PartnerId, SessionId
from domain.partners import Partner, PartnerToken
from persistence.columns import TEXTS, moment, text
from persistence.database import Pool
from persistence.table import Row, Table

_KEPT = timedelta(hours=1)  # longer than ended ones are remembered


class PartnerRow(Row, table=True):
    id: UUID = Field(primary_key=True)
    name: str = text()
    scopes: list[str] = Field(sa_type=TEXTS)
    secret_hash: bytes
    created_at: datetime = moment()
    previous_hash: bytes | None
    previous_until: datetime | None = moment(nullable=True)
    suspended_at: datetime | None = moment(nullable=True)


class PartnerTokenRow(Row, table=True):
    __table_args__ = (
        sa.Index("ix_partner_token_ended_at", "ended_at", postgresql_where="ended_at IS NOT NULL"),
        sa.Index("ix_partner_token_expires_at", "expires_at"),
    )

    id: UUID = Field(primary_key=True)
    partner_id: UUID = Field(foreign_key="partner.id", index=True)
    scopes: list[str] = Field(sa_type=TEXTS)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class PartnerTable(Table[Partner]):
    row, entity = PartnerRow, Partner

    async def lock(self, id: PartnerId, /) -> Partner | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def pin(self, id: PartnerId, /) -> Partner | None:
        return await self.first("id = $1 FOR SHARE", id)


class PartnerTokenTable(Table[PartnerToken]):
    row, entity = PartnerTokenRow, PartnerToken

    async def end(self, id: SessionId, /, *, at: datetime) -> bool:
        ended = await self._connection.fetchval(
            "UPDATE partner_token SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL"
            " RETURNING true",
            id,
            at,
        )
        return bool(ended)

    async def end_live(self, partner_id: PartnerId, /, *, at: datetime) -> Sequence[SessionId]:
        ended = await self._connection.fetch(
            "UPDATE partner_token SET ended_at = $2"
            " WHERE partner_id = $1 AND ended_at IS NULL AND expires_at > $2 RETURNING id",
            partner_id,
            at,
        )
        return [SessionId(record["id"]) for record in ended]


async def purge(pool: Pool, at: datetime) -> None:
    """Forget the tokens that have long expired."""
    await pool.execute("DELETE FROM partner_token WHERE expires_at < $1", at - _KEPT)
