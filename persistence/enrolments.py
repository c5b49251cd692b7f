"""Rows of enrolments with a pool that are under way, or were broken off."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from domain.enrolments import Enrolment
from domain.ids import UserId
from persistence.columns import UTC_TIME, moment
from persistence.table import Row, Table


class EnrolmentRow(Row, table=True):
    id: UUID = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=UTC_TIME, index=True)
    abandoned_at: datetime | None = moment(nullable=True)


class EnrolmentTable(Table[Enrolment]):
    row, entity = EnrolmentRow, Enrolment

    async def lock_stale(self, *, before: datetime, limit: int) -> Sequence[Enrolment]:
        return await self.where(
            "coalesce(abandoned_at, begun_at) <= $1 ORDER BY begun_at"
            " FOR UPDATE SKIP LOCKED LIMIT $2",
            before,
            limit,
        )

    async def finish(self, id: UserId, /) -> bool:
        statement = "DELETE FROM enrolment WHERE id = $1 AND abandoned_at IS NULL RETURNING id"
        return await self._connection.fetchval(statement, id) is not None

    async def remove(self, id: UserId, /) -> None:
        await self._connection.execute("DELETE FROM enrolment WHERE id = $1", id)
