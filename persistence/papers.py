"""Rows of papers: what each certificate and prescription says."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import AppointmentId, DoctorId
from domain.papers import Paper
from persistence.columns import moment, sealed, text
from persistence.table import Row, Table


class PaperRow(Row, table=True):
    __table_args__ = (sa.UniqueConstraint("doctor_id", "key"),)

    id: UUID = Field(primary_key=True, foreign_key="document.id")
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    doctor_id: UUID = Field(foreign_key="doctor.id")
    appointment_id: UUID = Field(foreign_key="appointment.id", index=True)
    key: UUID
    code: str = text(unique=True)
    content: bytes = sealed()
    issued_at: datetime = moment()


class PaperTable(Table[Paper]):
    row, entity = PaperRow, Paper
    sealed = frozenset({"content"})

    async def of_key(self, doctor_id: DoctorId, key: UUID, /) -> Paper | None:
        return await self.first("doctor_id = $1 AND key = $2", doctor_id, key)

    async def count(self, appointment_id: AppointmentId, /) -> int:
        counted = await self._connection.fetchval(
            "SELECT count(*) FROM paper WHERE appointment_id = $1", appointment_id
        )
        return int(counted)
