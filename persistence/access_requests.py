"""Rows of requests for access."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from domain.access_requests import AccessRequest
from domain.ids import AccessRequestId, DoctorId
from persistence.columns import moment, sealed
from persistence.table import Row, Table


class AccessRequestRow(Row, table=True):
    __table_args__ = (
        ExcludeConstraint(
            ("doctor_id", "="),
            ("patient_id", "="),
            (sa.text("tstzrange(requested_at, expires_at)"), "&&"),
            where=sa.text("answered_at IS NULL"),
            using="gist",
            name="one_request_of_these_two_waits",
        ),
        sa.CheckConstraint(
            "share_id IS NULL OR answered_at IS NOT NULL", name="what_is_accepted_is_answered"
        ),
        sa.Index("ix_access_request_patient_id_id", "patient_id", "id"),
        sa.Index("ix_access_request_doctor_id_id", "doctor_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    doctor_id: UUID = Field(foreign_key="doctor.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    message: bytes = sealed()
    requested_at: datetime = moment()
    expires_at: datetime = moment()
    answered_at: datetime | None = moment(nullable=True)
    share_id: UUID | None = Field(foreign_key="share.id")


class AccessRequestTable(Table[AccessRequest]):
    row, entity = AccessRequestRow, AccessRequest
    sealed = frozenset({"message"})

    async def lock(self, id: AccessRequestId, /) -> AccessRequest | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def made_since(self, doctor_id: DoctorId, since: datetime, /) -> int:
        count = await self._connection.fetchval(
            "SELECT count(*) FROM access_request WHERE doctor_id = $1 AND requested_at > $2",
            doctor_id,
            since,
        )
        return int(count)
