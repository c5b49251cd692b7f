"""Rows of appointments. The database guards what must hold even between two transactions."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from domain.appointments import ACTIVE, Appointment, AppointmentParty, AppointmentStatus
from domain.ids import DoctorId, PatientId, SlotId
from domain.slots import Period
from persistence.columns import moment, one_of, sealed, text
from persistence.table import Row, Table

NOW = (  # where it stands at the moment `at`, the number of an argument
    "CASE WHEN status = 'REQUESTED' AND respond_by <= {at} THEN 'EXPIRED'"
    " WHEN status = 'IN_PROGRESS' AND closes_at <= {at} THEN 'COMPLETED' ELSE status END"
)
_ACTIVE = "status IN ({})".format(", ".join(f"'{status.value}'" for status in ACTIVE))


def _never_overlap(owner: str, name: str) -> ExcludeConstraint:
    return ExcludeConstraint(
        (owner, "="),
        (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
        where=sa.text(_ACTIVE),
        using="gist",
        name=name,
    )


class AppointmentRow(Row, table=True):
    __table_args__ = (
        _never_overlap("doctor_id", "appointments_of_a_doctor_never_overlap"),
        _never_overlap("patient_id", "appointments_of_a_patient_never_overlap"),
        sa.Index(
            "a_slot_has_one_active_appointment",
            "slot_id",
            unique=True,
            postgresql_where=sa.text(_ACTIVE),
        ),
        one_of("status", AppointmentStatus, name="appointment_status"),
        one_of("ended_by", AppointmentParty, name="appointment_ended_by"),
        sa.CheckConstraint("starts_at < ends_at", name="appointment_takes_time"),
        sa.CheckConstraint("respond_by <= starts_at", name="appointment_answered_before_start"),
        sa.CheckConstraint(
            "num_nulls(consent_version, consent_language, consent_sha256) IN (0, 3)",
            name="an_appointments_consent_is_to_a_text",
        ),
        sa.Index("ix_appointment_doctor_id_starts_at_id", "doctor_id", "starts_at", "id"),
        sa.Index("ix_appointment_patient_id_starts_at_id", "patient_id", "starts_at", "id"),
        sa.Index(
            "ix_appointment_respond_by",
            "respond_by",
            postgresql_where=sa.text("status = 'REQUESTED'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    version: int
    status: str = text()
    doctor_id: UUID = Field(foreign_key="doctor.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    slot_id: UUID = Field(foreign_key="slot.id", index=True)
    starts_at: datetime = moment()
    ends_at: datetime = moment()
    reason: bytes | None = sealed(nullable=True)
    justification: bytes | None = sealed(nullable=True)
    ended_by: str | None = text(nullable=True)
    respond_by: datetime = moment()
    consented_at: datetime = moment()
    consent_version: str | None = text(nullable=True)
    consent_language: str | None = text(nullable=True)
    consent_sha256: str | None = text(nullable=True)
    requested_at: datetime = moment()
    closes_at: datetime | None = moment(nullable=True)
    ended_at: datetime | None = moment(nullable=True)
    answered_at: datetime | None = moment(nullable=True)


class AppointmentTable(Table[Appointment]):
    row, entity = AppointmentRow, Appointment
    sealed = frozenset({"reason", "justification"})

    async def active(self, patient_id: PatientId, /) -> list[Appointment]:
        return await self.where(f"patient_id = $1 AND {_ACTIVE}", patient_id)

    async def overdue(self, slot_ids: Collection[SlotId], /, *, at: datetime) -> list[Appointment]:
        return await self.where(
            "slot_id = ANY($1) AND status = 'REQUESTED' AND respond_by <= $2 FOR UPDATE",
            list(slot_ids),
            at,
        )

    async def overdue_slots(self, /, *, at: datetime, limit: int) -> list[SlotId]:
        records = await self._connection.fetch(
            "SELECT slot.id FROM appointment JOIN slot ON slot.id = appointment.slot_id"
            " WHERE appointment.status = 'REQUESTED' AND appointment.respond_by <= $1"
            " ORDER BY appointment.respond_by LIMIT $2 FOR UPDATE OF slot SKIP LOCKED",
            at,
            limit,
        )
        return [SlotId(record["id"]) for record in records]

    async def ever(self, doctor_id: DoctorId, patient_id: PatientId, /) -> bool:
        found = await self._connection.fetchval(
            "SELECT EXISTS (SELECT FROM appointment WHERE doctor_id = $1 AND patient_id = $2)",
            doctor_id,
            patient_id,
        )
        return bool(found)

    async def expected(
        self, doctor_id: DoctorId, patient_id: PatientId, within: Period, /
    ) -> Appointment | None:
        return await self.first(
            "doctor_id = $1 AND patient_id = $2 AND status IN ('CONFIRMED', 'IN_PROGRESS')"
            " AND starts_at < $4 AND ends_at > $3 ORDER BY starts_at LIMIT 1",
            doctor_id,
            patient_id,
            within.starts_at,
            within.ends_at,
        )

    async def change(self, before: Appointment, after: Appointment, /) -> bool:
        values = self._values(after)
        guard = f" AND status = ${len(values) + 1} AND version = ${len(values) + 2}"
        status = await self._connection.execute(
            self._update + guard, *values, before.status, before.version
        )
        return status == "UPDATE 1"
