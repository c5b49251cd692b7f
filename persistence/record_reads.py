"""What queries read of records. The viewer's rights are in the SQL, as everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.accesses import LoggedAccess
from domain.ids import AccessId, DocumentId, PatientId, ShareId
from domain.records import Document, DocumentStatus
from domain.shares import SeenShare, ShareStatus
from persistence.accesses import LOGGED, logged
from persistence.crypto import Vault
from persistence.database import Pool
from persistence.records import DocumentTable
from persistence.row_security import own
from persistence.shares import ShareTable

_DOCUMENT, _SHARE = DocumentTable.shape, ShareTable.shape
_SEEN = (
    f"SELECT {_SHARE.columns}, CASE WHEN revoked_at IS NOT NULL THEN 'REVOKED'"
    " WHEN valid_until > now() THEN 'ACTIVE' ELSE 'EXPIRED' END AS status FROM share WHERE "
)
_LISTED = (
    "EXISTS (SELECT FROM share WHERE share.id = $2 AND share.patient_id = $1"
    " AND (share.includes_future OR EXISTS (SELECT FROM share_document AS listed"
    " WHERE listed.share_id = share.id AND listed.document_id = document.id)))"
)


class PostgresRecordReads:
    """All of it is a patient's own, and is read by nobody else."""

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
            f"patient_id = me.viewer AND status = 'AVAILABLE' AND {_LISTED}"
            " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
            patient_id,
            id,
            after,
            limit,
        )

    async def shares(
        self, ids: Sequence[ShareId], patient_id: PatientId
    ) -> Mapping[UUID, SeenShare]:
        found = await self._shares("patient_id = me.viewer AND id = ANY($2)", patient_id, list(ids))
        return {seen.share.id: seen for seen in found}

    async def shares_page(
        self, patient_id: PatientId, *, active: bool | None, after: ShareId | None, limit: int
    ) -> Sequence[SeenShare]:
        """The latest first. `active`: only those that are, or are not; None for all."""
        return await self._shares(
            "patient_id = me.viewer AND ($2::bool IS NULL"
            " OR (revoked_at IS NULL AND valid_until > now()) = $2)"
            " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
            patient_id,
            active,
            after,
            limit,
        )

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

    async def _documents(self, condition: str, *arguments: Any) -> list[Document]:
        statement = f"SELECT {_DOCUMENT.columns} FROM document WHERE {condition}"
        records = await self._pool.fetch(own(statement), *arguments)
        return [_DOCUMENT.entity(record, self._vault) for record in records]

    async def _shares(self, condition: str, *arguments: Any) -> list[SeenShare]:
        return [
            SeenShare(
                share=_SHARE.entity(record, self._vault), status=ShareStatus(record["status"])
            )
            for record in await self._pool.fetch(own(_SEEN + condition), *arguments)
        ]

    async def _accesses(self, condition: str, *arguments: Any) -> list[LoggedAccess]:
        records = await self._pool.fetch(own(f"{LOGGED} WHERE {condition}"), *arguments)
        return [logged(record, self._vault) for record in records]
