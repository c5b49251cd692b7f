"""Rows of reminders that wait for their moment."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from domain.ids import AppointmentId
from persistence.columns import UTC_TIME
from persistence.database import Connection
from persistence.table import Row

# Whoever is late takes others, and waits for nobody.
_CLAIM = """
WITH due AS MATERIALIZED (
  SELECT appointment_id, due_at FROM reminder
   WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
DELETE FROM reminder AS it USING due
 WHERE it.appointment_id = due.appointment_id AND it.due_at = due.due_at
RETURNING it.appointment_id
"""


class ReminderRow(Row, table=True):
    appointment_id: UUID = Field(primary_key=True, foreign_key="appointment.id")
    due_at: datetime = Field(sa_type=UTC_TIME, primary_key=True, index=True)


class ReminderTable:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def replace(self, id: AppointmentId, due: Sequence[datetime], /) -> None:
        await self._connection.execute("DELETE FROM reminder WHERE appointment_id = $1", id)
        if due:
            await self._connection.execute(
                "INSERT INTO reminder (appointment_id, due_at)"
                " SELECT $1, unnest($2::timestamptz[])",
                id,
                list(due),
            )

    async def claim(self, /, *, at: datetime, limit: int) -> Sequence[AppointmentId]:
        records = await self._connection.fetch(_CLAIM, at, limit)
        return [AppointmentId(record["appointment_id"]) for record in records]
