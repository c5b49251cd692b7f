"""Rows of documents: what there is to know of them but their bytes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.content import ContentType
from domain.ids import DoctorId, DocumentId, PatientId
from domain.records import Document, DocumentKind, DocumentStatus, Signature
from persistence.columns import moment, one_of, sealed, text
from persistence.shares import LETS_SEE, VERIFIED
from persistence.table import Row, Table

# Whether a document is among what one of these rows {lets} see; see LETS_SEE for their columns.
_SEEN_BY = (
    "document.status = 'AVAILABLE' AND EXISTS (SELECT FROM ({lets}) AS lets{doctor}"
    " WHERE lets.patient_id = document.patient_id"
    " AND (lets.whole OR EXISTS (SELECT FROM share_document AS listed"
    " WHERE listed.share_id = lets.share_id AND listed.document_id = document.id)))"
)
# Whether the doctor of the number {doctor}, who is verified, may see a document now: the one place
# of this rule. The database's time counts, and nobody's else.
SHARED = _SEEN_BY.format(lets=LETS_SEE, doctor=VERIFIED)
# Whether a document is one that the share of the number {share} lets its doctor see while it lasts.
OF_SHARE = _SEEN_BY.format(
    lets="SELECT patient_id, id AS share_id, includes_future AS whole"
    " FROM share WHERE id = {share}",
    doctor="",
)
# Whether he has issued it, as long as he is verified and its patient does not hide it.
ISSUED = (
    "document.issuer_id = {doctor} AND document.status = 'AVAILABLE' AND EXISTS"
    " (SELECT FROM doctor WHERE doctor.id = {doctor} AND doctor.status = 'VERIFIED')"
)


class DocumentRow(Row, table=True):
    __table_args__ = (
        one_of("status", DocumentStatus, name="document_status"),
        one_of("content_type", ContentType, name="document_content_type"),
        sa.CheckConstraint(
            "status IN ('UPLOADING', 'REJECTED')"
            " OR version IS NOT NULL AND uploaded_at IS NOT NULL",
            name="what_is_here_has_been_looked_into",
        ),
        one_of("kind", DocumentKind, name="document_kind"),
        one_of("signature", Signature, name="document_signature"),
        sa.CheckConstraint(
            "(kind = 'UPLOADED') = (issuer_id IS NULL)"
            " AND (kind = 'UPLOADED') = (signature IS NULL)",
            name="what_is_issued_is_by_somebody",
        ),
        sa.Index("ix_document_patient_id_id", "patient_id", "id"),
        sa.Index(
            "ix_document_issuer_id_id",
            "issuer_id",
            "id",
            postgresql_where=sa.text("issuer_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_document_requested_at",
            "requested_at",
            postgresql_where=sa.text("status IN ('UPLOADING', 'REJECTED') AND NOT removed"),
        ),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    name: bytes = sealed()
    content_type: str = text()
    size: int = Field(sa_type=sa.BigInteger)
    sha256: str = text()
    object_key: str = text(unique=True)
    requested_at: datetime = moment()
    status: str = text()
    version: str | None = text(nullable=True)
    uploaded_at: datetime | None = moment(nullable=True)
    removed: bool = Field(sa_column_kwargs={"server_default": sa.false()})
    kind: str = text(sa_column_kwargs={"server_default": DocumentKind.UPLOADED.value})
    issuer_id: UUID | None = Field(foreign_key="doctor.id")
    signature: str | None = text(nullable=True)


class DocumentTable(Table[Document]):
    row, entity = DocumentRow, Document
    sealed = frozenset({"name"})

    async def lock(self, id: DocumentId, /) -> Document | None:
        return await self.first("id = $1 FOR NO KEY UPDATE", id)

    async def patient_of(self, id: DocumentId, /) -> PatientId | None:
        patient_id: PatientId | None = await self._connection.fetchval(
            "SELECT owner_of_document($1)", id
        )
        return patient_id

    async def kept_bytes(self, patient_id: PatientId, /, *, since: datetime) -> int:
        kept = await self._connection.fetchval(
            "SELECT coalesce(sum(size), 0)::bigint FROM document WHERE patient_id = $1"
            " AND (status IN ('AVAILABLE', 'HIDDEN')"
            " OR status = 'UPLOADING' AND requested_at > $2)",
            patient_id,
            since,
        )
        return int(kept)

    async def available(self, ids: Sequence[DocumentId], patient_id: PatientId, /) -> int:
        there = await self._connection.fetchval(
            "SELECT count(*) FROM document"
            " WHERE id = ANY($1) AND patient_id = $2 AND status = 'AVAILABLE'",
            list(ids),
            patient_id,
        )
        return int(there)

    async def shared_with(self, doctor_id: DoctorId, id: DocumentId, /) -> Document | None:
        return await self.first(f"id = $1 AND {SHARED.format(doctor='$2')}", id, doctor_id)

    async def issued_by(self, doctor_id: DoctorId, id: DocumentId, /) -> Document | None:
        return await self.first(f"id = $1 AND {ISSUED.format(doctor='$2')}", id, doctor_id)

    async def page_issued_by(
        self,
        doctor_id: DoctorId,
        /,
        *,
        signature: Signature | None,
        after: DocumentId | None,
        limit: int,
    ) -> Sequence[Document]:
        return await self.where(
            f"{ISSUED.format(doctor='$1')} AND ($2::text IS NULL OR signature = $2)"
            " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
            doctor_id,
            signature,
            after,
            limit,
        )

    async def lets_see(self, patient_id: PatientId, doctor_id: DoctorId, /) -> bool:
        rows = f"({LETS_SEE}) AS lets{VERIFIED}".format(doctor="$1")
        found = await self._connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {rows} WHERE lets.patient_id = $2)", doctor_id, patient_id
        )
        return bool(found)

    async def page_shared_with(
        self,
        doctor_id: DoctorId,
        /,
        *,
        patient_id: PatientId | None,
        after: DocumentId | None,
        limit: int,
    ) -> Sequence[Document]:
        return await self.where(
            # Their patients first: there may be millions of documents, few of which are for him.
            "patient_id = ANY(CASE WHEN $2::uuid IS NULL THEN"
            f" ARRAY(SELECT patient_id FROM ({LETS_SEE.format(doctor='$1')}) AS lets)"
            f" ELSE ARRAY[$2::uuid] END) AND {SHARED.format(doctor='$1')}"
            " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
            doctor_id,
            patient_id,
            after,
            limit,
        )

    async def reject_unfinished(self, before: datetime, /) -> None:
        await self._connection.execute(
            "UPDATE document SET status = 'REJECTED'"
            " WHERE status = 'UPLOADING' AND NOT removed AND requested_at < $1",
            before,
        )

    async def to_be_removed(self, /, *, before: datetime, limit: int) -> Sequence[Document]:
        return await self.where(
            "status = 'REJECTED' AND NOT removed AND requested_at < $1"
            " ORDER BY requested_at LIMIT $2",
            before,
            limit,
        )

    async def removed(self, ids: Sequence[DocumentId], /) -> None:
        await self._connection.execute(
            "UPDATE document SET removed = true WHERE id = ANY($1) AND status = 'REJECTED'",
            list(ids),
        )
