"""Rows of visit notes, one of each version. They are only ever added."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import AppointmentId, DoctorId, PatientId, VisitNoteId
from domain.visit_notes import SeenVisitNote, VisitNote
from persistence.columns import moment, sealed
from persistence.crypto import Vault
from persistence.database import Record
from persistence.shares import LETS_SEE, VERIFIED
from persistence.table import Row, Table

# Whether the doctor of the number {doctor} may see now what others have written of the patient of
# the number {patient}, who shares the whole record with him, or is in an emergency.
SHARED = (
    f"EXISTS (SELECT FROM ({LETS_SEE}) AS lets{VERIFIED}"
    " WHERE lets.patient_id = {patient} AND lets.whole)"
)


class VisitNoteRow(Row, table=True):
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "version", name="each_version_is_written_once"),
        sa.CheckConstraint(
            "version >= 1 AND (version = 1) = (amends IS NULL)", name="a_later_version_amends_one"
        ),
        sa.Index("ix_visit_note_patient_id_id", "patient_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    doctor_id: UUID = Field(foreign_key="doctor.id")
    version: int
    amends: UUID | None = Field(foreign_key="visit_note.id", unique=True)
    text: bytes = sealed()
    written_at: datetime = moment()


class VisitNoteTable(Table[VisitNote]):
    row, entity = VisitNoteRow, VisitNote
    sealed = frozenset({"text"})

    async def last(self, appointment_id: AppointmentId, /) -> VisitNote | None:
        return await self.first("appointment_id = $1 ORDER BY version DESC LIMIT 1", appointment_id)

    async def lets_see(self, patient_id: PatientId, doctor_id: DoctorId, /) -> bool:
        found = await self._connection.fetchval(
            f"SELECT {SHARED.format(doctor='$1', patient='$2')}", doctor_id, patient_id
        )
        return bool(found)

    async def page_shared_with(
        self,
        doctor_id: DoctorId,
        /,
        *,
        patient_id: PatientId,
        after: VisitNoteId | None,
        limit: int,
    ) -> Sequence[SeenVisitNote]:
        records = await self._connection.fetch(
            f"{SEEN} WHERE note.patient_id = $2 AND note.doctor_id <> $1"
            f" AND {SHARED.format(doctor='$1', patient='note.patient_id')}"
            " AND ($3::uuid IS NULL OR note.id < $3) ORDER BY note.id DESC LIMIT $4",
            doctor_id,
            patient_id,
            after,
            limit,
        )
        return [seen(record, self._vault) for record in records]


SEEN = (
    f"SELECT {VisitNoteTable.shape.of('note')}, EXISTS (SELECT FROM visit_note AS later"
    " WHERE later.amends = note.id) AS amended FROM visit_note AS note"
)


def seen(record: Record, vault: Vault) -> SeenVisitNote:
    """Of a row of SEEN."""
    note = VisitNoteTable.shape.entity(record, vault)
    return SeenVisitNote(note=note, amended=record["amended"])
