"""Rows of shares, and of the documents that each is about."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import DocumentId, PatientId, ShareId
from domain.shares import Share
from persistence.columns import moment
from persistence.table import Row, Table


class ShareRow(Row, table=True):
    __table_args__ = (
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


class ShareDocumentRow(Row, table=True):
    share_id: UUID = Field(foreign_key="share.id", primary_key=True)
    document_id: UUID = Field(foreign_key="document.id", primary_key=True)


class ShareTable(Table[Share]):
    row, entity = ShareRow, Share

    async def now(self) -> datetime:
        moment: datetime = await self._connection.fetchval("SELECT now()")
        return moment

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
