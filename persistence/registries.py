"""Rows of numbers that a registry has not answered for yet."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from domain.ids import UserId
from domain.registries import UncheckedNumber
from persistence.columns import UTC_TIME, moment
from persistence.table import Row, Table


class UncheckedNumberRow(Row, table=True):
    id: UUID = Field(primary_key=True, foreign_key="account.id")
    added_at: datetime = moment()
    due_at: datetime = Field(sa_type=UTC_TIME, index=True)


class UncheckedNumberTable(Table[UncheckedNumber]):
    row, entity = UncheckedNumberRow, UncheckedNumber

    async def lock_due(self, *, at: datetime, limit: int) -> Sequence[UncheckedNumber]:
        return await self.where(
            "due_at <= $1 ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT $2", at, limit
        )

    async def remove(self, id: UserId, /) -> None:
        await self._connection.execute("DELETE FROM unchecked_number WHERE id = $1", id)
