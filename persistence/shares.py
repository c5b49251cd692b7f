"""Rows of shares, and of the documents that each is about."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.appointments import NOT_CALLED_OFF, AppointmentStatus
from domain.ids import DocumentId, PatientId, ShareId
from domain.shares import SeenShare, Share, ShareStatus
from persistence.columns import moment
from persistence.crypto import Vault
from persistence.database import Record
from persistence.table import Row, Table

# A share as it is in effect now, by the database's time, and by its appointment's row if it is for
# one. To be read of these rows, of which `visit` is empty for any other share.
SHARES = "share LEFT JOIN appointment AS visit ON visit.id = share.appointment_id"
OPENS_AT = "greatest(share.valid_from, visit.starts_at - share.opens_before)"
CLOSES_AT = "least(share.valid_until, visit.ends_at + share.lasts_after)"
_CALLED_OFF = ", ".join(
    f"'{status.value}'" for status in AppointmentStatus if status not in NOT_CALLED_OFF
)
_GOES_ON = (
    f"share.revoked_at IS NULL AND {CLOSES_AT} > greatest(now(), {OPENS_AT})"
    f" AND (visit.id IS NULL OR visit.status NOT IN ({_CALLED_OFF})"
    " AND (visit.status <> 'REQUESTED' OR visit.respond_by > now()))"
)
STATUS = (
    "CASE WHEN share.revoked_at IS NOT NULL THEN 'REVOKED'"
    f" WHEN {_GOES_ON} THEN 'ACTIVE' ELSE 'EXPIRED' END"
)
# What the doctor of the number {doctor} may see now: of which patient, and by which share, of which
# the documents are listed unless it is the whole record.
LETS_SEE = (
    "SELECT share.patient_id, share.id AS share_id, share.includes_future AS whole"
    f" FROM {SHARES} WHERE share.doctor_id = {{doctor}} AND {OPENS_AT} <= now() AND {_GOES_ON}"
    " UNION ALL SELECT patient_id, NULL, true FROM emergency_access"
    " WHERE doctor_id = {doctor} AND opened_at <= now() AND ends_at > now()"
)
# Joined to these, for the doctor must be verified at this moment.
VERIFIED = " JOIN doctor ON doctor.id = {doctor} AND doctor.status = 'VERIFIED'"


class ShareRow(Row, table=True):
    __table_args__ = (
        sa.CheckConstraint(
            "(appointment_id IS NULL) = (opens_before IS NULL)"
            " AND (appointment_id IS NULL) = (lasts_after IS NULL)",
            name="a_share_for_an_appointment_has_its_times",
        ),
        sa.CheckConstraint("valid_until > valid_from", name="a_share_lasts"),
        sa.Index("ix_share_patient_id_id", "patient_id", "id"),
        sa.Index(
            "ix_share_doctor_id",
            "doctor_id",
            "patient_id",
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    doctor_id: UUID = Field(foreign_key="doctor.id")
    includes_future: bool
    valid_from: datetime = moment()
    valid_until: datetime = moment()
    revoked_at: datetime | None = moment(nullable=True)
    appointment_id: UUID | None = Field(foreign_key="appointment.id")
    opens_before: timedelta | None = Field(sa_type=sa.Interval)
    lasts_after: timedelta | None = Field(sa_type=sa.Interval)


class ShareDocumentRow(Row, table=True):
    share_id: UUID = Field(foreign_key="share.id", primary_key=True)
    document_id: UUID = Field(foreign_key="document.id", primary_key=True)


class ShareTable(Table[Share]):
    row, entity = ShareRow, Share

    async def now(self) -> datetime:
        moment: datetime = await self._connection.fetchval("SELECT now()")
        return moment

    async def seen(self, id: ShareId, /) -> SeenShare | None:
        record = await self._connection.fetchrow(f"{SEEN} WHERE share.id = $1", id)
        return None if record is None else seen(record, self._vault)

    async def lock(self, id: ShareId, /) -> Share | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def active(self, patient_id: PatientId, /) -> Sequence[Share]:
        return await self.where(
            "patient_id = $1 AND revoked_at IS NULL AND valid_until > now() ORDER BY id", patient_id
        )

    async def add_documents(self, id: ShareId, documents: Sequence[DocumentId], /) -> None:
        await self._connection.execute(
            "INSERT INTO share_document (share_id, document_id) SELECT $1, unnest($2::uuid[])",
            id,
            list(documents),
        )


SEEN = (
    f"SELECT {ShareTable.shape.of('share')}, {STATUS} AS seen_status, {OPENS_AT} AS opens_at,"
    f" {CLOSES_AT} AS closes_at FROM {SHARES}"
)


def seen(record: Record, vault: Vault) -> SeenShare:
    """Of a row of SEEN."""
    return SeenShare(
        share=ShareTable.shape.entity(record, vault),
        status=ShareStatus(record["seen_status"]),
        opens_at=record["opens_at"],
        closes_at=record["closes_at"],
    )
