"""Rows of calendar feeds, and what is read behind their links."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from domain.accounts import Account
from domain.auth import Role
from domain.calendar_feeds import CalendarFeed
from domain.calendars import Entry
from domain.ids import UserId
from persistence.accounts import AccountTable
from persistence.appointments import AppointmentTable
from persistence.columns import moment
from persistence.table import Row, Table

# Neither why it was asked for nor why it ended is even read.
_COLUMNS = ", ".join(
    f"NULL AS {name}" if name in AppointmentTable.sealed else name
    for name in AppointmentTable.shape.names
)
_NEAREST = (
    f"SELECT {_COLUMNS} FROM appointment WHERE {{side}} = $1 AND starts_at > $2"
    " ORDER BY greatest(starts_at - $3, $3 - starts_at), id LIMIT $4"
)


class CalendarFeedRow(Row, table=True):
    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="account.id", unique=True)
    token_hash: bytes = Field(unique=True)
    created_at: datetime = moment()


class CalendarFeedTable(Table[CalendarFeed]):
    row, entity = CalendarFeedRow, CalendarFeed

    async def remove(self, user_id: UserId, /) -> bool:
        removed = await self._connection.fetchval(
            "DELETE FROM calendar_feed WHERE user_id = $1 RETURNING true", user_id
        )
        return removed is not None

    async def owner(self, token_hash: bytes, /) -> Account | None:
        return await AccountTable(self._connection, self._vault).first(
            "id = (SELECT user_id FROM calendar_feed WHERE token_hash = $1)"
            " AND NOT EXISTS (SELECT FROM doctor"
            " WHERE doctor.id = account.id AND doctor.status = 'SUSPENDED')",
            token_hash,
        )

    async def entries(
        self, owner: Account, /, *, since: datetime, at: datetime, limit: int
    ) -> Sequence[Entry]:
        side = "doctor_id" if owner.role is Role.DOCTOR else "patient_id"
        records = await self._connection.fetch(
            _NEAREST.format(side=side), owner.id, since, at, limit
        )
        found = [AppointmentTable.shape.entity(record, self._vault) for record in records]
        entries = [Entry.of(appointment.as_of(at)) for appointment in found]
        return sorted(entries, key=lambda entry: (entry.starts_at, entry.appointment_id))
