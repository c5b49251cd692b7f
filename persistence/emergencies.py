"""Rows of emergencies: who broke the glass, and what came of the review."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from domain.emergencies import EmergencyAccess
from domain.ids import EmergencyAccessId
from persistence.columns import moment, sealed
from persistence.table import Row, Table


class EmergencyAccessRow(Row, table=True):
    __table_args__ = (
        ExcludeConstraint(
            ("doctor_id", "="),
            ("patient_id", "="),
            (sa.text("tstzrange(opened_at, ends_at)"), "&&"),
            using="gist",
            name="one_emergency_of_these_two_is_open",
        ),
        sa.CheckConstraint("ends_at > opened_at", name="an_emergency_lasts"),
        sa.CheckConstraint(
            "(reviewed_at IS NULL) = (reviewed_by IS NULL)"
            " AND (reviewed_at IS NULL) = (note IS NULL)",
            name="a_review_is_by_somebody_who_says_something",
        ),
        sa.Index("ix_emergency_access_doctor_id_ends_at", "doctor_id", "ends_at"),
    )

    id: UUID = Field(primary_key=True)
    doctor_id: UUID = Field(foreign_key="doctor.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    appointment_id: UUID = Field(foreign_key="appointment.id")
    reason: bytes = sealed()
    opened_at: datetime = moment()
    ends_at: datetime = moment()
    reviewed_at: datetime | None = moment(nullable=True)
    reviewed_by: UUID | None  # an administrator, whose account may be gone
    note: bytes | None = sealed(nullable=True)


class EmergencyAccessTable(Table[EmergencyAccess]):
    row, entity = EmergencyAccessRow, EmergencyAccess
    sealed = frozenset({"reason", "note"})

    async def lock(self, id: EmergencyAccessId, /) -> EmergencyAccess | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def page(
        self, /, *, reviewed: bool | None, after: EmergencyAccessId | None, limit: int
    ) -> Sequence[EmergencyAccess]:
        return await self.where(
            "($1::bool IS NULL OR (reviewed_at IS NOT NULL) = $1)"
            " AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
            reviewed,
            after,
            limit,
        )
