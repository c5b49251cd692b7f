"""What queries read of records. The viewer's rights are in the SQL, as everywhere."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.access_requests import SeenAccessRequest
from domain.accesses import LoggedAccess
from domain.auth import Viewer
from domain.exports import RecordExport
from domain.ids import (
    AccessId,
    AccessRequestId,
    AppointmentId,
    DocumentId,
    ExportId,
    PatientId,
    ShareId,
    UserId,
    VisitNoteId,
)
from domain.papers import IssuedPaper
from domain.records import Document, DocumentKind, DocumentStatus, Signature
from domain.shares import SeenShare
from domain.visit_notes import SeenVisitNote
from persistence import visit_notes
from persistence.access_requests import AccessRequestTable
from persistence.accesses import LOGGED, logged
from persistence.crypto import Vault
from persistence.database import Pool
from persistence.exports import RecordExportTable
from persistence.records import OF_SHARE, DocumentTable
from persistence.row_security import own
from persistence.shares import SEEN, STATUS, seen

_DOCUMENT, _REQUEST = DocumentTable.shape, AccessRequestTable.shape
_EXPORT = RecordExportTable.shape


class PostgresRecordReads:
    """All of it is a patient's own and read by nobody else, but for what a doctor asks of him, and
    writes.
    """

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool, self._vault = pool, vault

    async def documents(
        self, ids: Sequence[DocumentId], patient_id: PatientId
    ) -> Mapping[UUID, Document]:
        found = await self._documents(
            "patient_id = me.viewer AND id = ANY($2)", patient_id, list(ids)
        )
        return {document.id: document for document in found}

    async def documents_page(
        self,
        patient_id: PatientId,
        *,
        statuses: Sequence[DocumentStatus],
        after: DocumentId | None,
        limit: int,
    ) -> Sequence[Document]:
        """The latest first."""
        return await self._documents(
            "patient_id = me.viewer AND status = ANY($2) AND ($3::uuid IS NULL OR id < $3)"
            " ORDER BY id DESC LIMIT $4",
            patient_id,
            list(statuses),
            after,
            limit,
        )

    async def documents_of_share(
        self, id: ShareId, patient_id: PatientId, *, after: DocumentId | None, limit: int
    ) -> Sequence[Document]:
        """What its doctor sees by it while it lasts, the latest first."""
        return await self._documents(
            f"patient_id = me.viewer AND {OF_SHARE.format(share='$2')}"
            " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
            patient_id,
            id,
            after,
            limit,
        )

    async def count_of_share(self, id: ShareId, patient_id: PatientId) -> int:
        """How many those are."""
        statement = (
            "SELECT count(*) FROM document"
            f" WHERE patient_id = me.viewer AND {OF_SHARE.format(share='$2')}"
        )
        counted = await self._pool.fetchval(own(statement), patient_id, id)
        return int(counted)

    async def shares(
        self, ids: Sequence[ShareId], patient_id: PatientId
    ) -> Mapping[UUID, SeenShare]:
        found = await self._shares(
            "share.patient_id = me.viewer AND share.id = ANY($2)", patient_id, list(ids)
        )
        return {seen.share.id: seen for seen in found}

    async def shares_page(
        self, patient_id: PatientId, *, active: bool | None, after: ShareId | None, limit: int
    ) -> Sequence[SeenShare]:
        """The latest first. `active`: only those that are, or are not; None for all."""
        return await self._shares(
            f"share.patient_id = me.viewer AND ($2::bool IS NULL OR ({STATUS} = 'ACTIVE') = $2)"
            " AND ($3::uuid IS NULL OR share.id < $3) ORDER BY share.id DESC LIMIT $4",
            patient_id,
            active,
            after,
            limit,
        )

    async def count_of_notes(self, id: ShareId, patient_id: PatientId) -> int:
        """How many notes of other doctors its doctor sees by it while it lasts."""
        statement = (
            "SELECT count(*) FROM visit_note AS note JOIN share USING (patient_id)"
            " WHERE patient_id = me.viewer AND share.id = $2 AND share.includes_future"
            " AND note.doctor_id <> share.doctor_id"
        )
        counted = await self._pool.fetchval(own(statement), patient_id, id)
        return int(counted)

    async def notes(
        self, ids: Sequence[VisitNoteId], user_id: UserId
    ) -> Mapping[UUID, SeenVisitNote]:
        """Of his own visits, the patient's or the doctor's."""
        found = await self._notes("note.id = ANY($2)", user_id, list(ids))
        return {seen.note.id: seen for seen in found}

    async def notes_of(
        self, ids: Sequence[AppointmentId], user_id: UserId
    ) -> Mapping[UUID, Sequence[SeenVisitNote]]:
        """By his own visits, the latest version first."""
        by_visit = defaultdict[UUID, list[SeenVisitNote]](list)
        wanted = "note.appointment_id = ANY($2) ORDER BY note.version DESC"
        for found in await self._notes(wanted, user_id, list(ids)):
            by_visit[found.note.appointment_id].append(found)
        return by_visit

    async def access_requests_page(
        self, viewer: Viewer, *, after: AccessRequestId | None, limit: int
    ) -> Sequence[SeenAccessRequest]:
        """Of a doctor those that he made, of a patient those made to him; the latest first."""
        side = "doctor_id" if viewer.doctor_id else "patient_id"
        records = await self._pool.fetch(
            f"SELECT {_REQUEST.columns}, now() AS looked_at FROM access_request"
            f" WHERE {side} = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
            viewer.doctor_id or viewer.patient_id,
            after,
            limit,
        )
        found = [(_REQUEST.entity(r, self._vault), r["looked_at"]) for r in records]
        return [SeenAccessRequest(request=each, status=each.status(at)) for each, at in found]

    async def accesses(
        self, ids: Sequence[AccessId], patient_id: PatientId
    ) -> Mapping[UUID, LoggedAccess]:
        found = await self._accesses(
            "entry.patient_id = me.viewer AND entry.id = ANY($2)", patient_id, list(ids)
        )
        return {each.access.id: each for each in found}

    async def accesses_page(
        self, patient_id: PatientId, *, after: int | None, limit: int
    ) -> Sequence[LoggedAccess]:
        """The latest first, of a lower number than `after`."""
        return await self._accesses(
            "entry.patient_id = me.viewer AND ($2::bigint IS NULL OR entry.number < $2)"
            " ORDER BY entry.number DESC LIMIT $3",
            patient_id,
            after,
            limit,
        )

    async def issued_paper(self, code: str) -> IssuedPaper | None:
        """For whoever has its code, and may be nobody to us."""
        found = await self._pool.fetchrow(
            "SELECT kind, signature, sha256, it.issued_at, time_zone, name AS doctor_name, crm, uf"
            " FROM paper_of_code($1) AS it JOIN doctor ON doctor.id = it.doctor_id",
            code,
        )
        if found is None:
            return None
        kinds = {
            "kind": DocumentKind(found["kind"]),
            "signature": Signature(found["signature"]),
        }
        return IssuedPaper(**dict(found) | kinds)

    async def export(self, id: ExportId, patient_id: PatientId) -> RecordExport | None:
        found = await self._exports("id = $2 AND patient_id = $1", patient_id, id)
        return found[0] if found else None

    async def exports_of(self, patient_id: PatientId, *, limit: int) -> Sequence[RecordExport]:
        """The latest first."""
        return await self._exports("patient_id = $1 ORDER BY id DESC LIMIT $2", patient_id, limit)

    async def _exports(self, condition: str, *arguments: Any) -> list[RecordExport]:
        statement = f"SELECT {_EXPORT.columns} FROM record_export WHERE {condition}"
        records = await self._pool.fetch(statement, *arguments)
        return [_EXPORT.entity(record, self._vault) for record in records]

    async def _documents(self, condition: str, *arguments: Any) -> list[Document]:
        statement = f"SELECT {_DOCUMENT.columns} FROM document WHERE {condition}"
        records = await self._pool.fetch(own(statement), *arguments)
        return [_DOCUMENT.entity(record, self._vault) for record in records]

    async def _shares(self, condition: str, *arguments: Any) -> list[SeenShare]:
        records = await self._pool.fetch(own(f"{SEEN} WHERE {condition}"), *arguments)
        return [seen(record, self._vault) for record in records]

    async def _notes(self, condition: str, *arguments: Any) -> list[SeenVisitNote]:
        whose = "(note.patient_id = me.viewer OR note.doctor_id = me.viewer)"
        statement = f"{visit_notes.SEEN} WHERE {whose} AND {condition}"
        records = await self._pool.fetch(own(statement), *arguments)
        return [visit_notes.seen(record, self._vault) for record in records]

    async def _accesses(self, condition: str, *arguments: Any) -> list[LoggedAccess]:
        records = await self._pool.fetch(own(f"{LOGGED} WHERE {condition}"), *arguments)
        return [logged(record, self._vault) for record in records]
