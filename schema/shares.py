"""Shares, as the patient who made them sees them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import shares
from domain.ids import DoctorId, DocumentId, PatientId, ShareId
from domain.shares import ShareStatus
from schema import ids, paging
from schema.context import Info
from schema.doctors import Doctor
from schema.nodes import Node, must
from schema.paging import Connection
from schema.problems import Problem, problems
from schema.records import Document

strawberry.enum(
    ShareStatus,
    name="RecordShareStatus",
    description="ACTIVE: its doctor sees the documents now. It ends by itself, or is revoked.",
)


@strawberry.type(description="That a patient lets a doctor see documents of his record.")
class RecordShare(Node):
    includes_future: bool = strawberry.field(
        description="Whether it is about the whole record, as it is and as it will be."
    )
    valid_from: datetime = strawberry.field(description="From when on the doctor sees them.")
    valid_until: datetime = strawberry.field(description="From when on he sees them no more.")
    revoked_at: datetime | None = strawberry.field(description="When it was ended before that.")
    status: ShareStatus = strawberry.field(description="How it stands now.")
    number: strawberry.Private[ShareId]
    doctor_id: strawberry.Private[DoctorId]
    patient_id: strawberry.Private[PatientId]

    @classmethod
    def of(cls, seen: shares.SeenShare) -> Self:
        share = seen.share
        return cls(
            id=ids.show(ShareId, share.id),
            includes_future=share.includes_future,
            valid_from=share.valid_from,
            valid_until=share.valid_until,
            revoked_at=share.revoked_at,
            status=seen.status,
            number=share.id,
            doctor_id=share.doctor_id,
            patient_id=share.patient_id,
        )

    @strawberry.field(description="Who may see them.")
    async def doctor(self, info: Info) -> Doctor:
        return Doctor.of(must(await info.context.loaders.doctors.load(self.doctor_id)))

    @strawberry.field(description="What its doctor sees by it while it lasts, the latest first.")
    async def documents(
        self, info: Info, first: paging.First = 20, after: paging.After = None
    ) -> Connection[Document]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("documents", after)
        found = await info.context.records.documents_of_share(
            self.number,
            self.patient_id,
            after=None if key is None else DocumentId(paging.key_id(key, 0)),
            limit=wanted + 1,
        )
        nodes = [(paging.show_cursor("documents", each.id), Document.of(each)) for each in found]
        return paging.connection(nodes, first=wanted, after=after)


@strawberry.input(
    description=(
        "Exactly one of: documentIds (1 to 500), or includeFuture for all of the record, now and"
        " later."
    )
)
class ShareRecordInput:
    doctor_id: strawberry.ID = strawberry.field(description="Who may see them.")
    document_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="1 to 500 of one's own that are AVAILABLE."
    )
    include_future: bool | None = strawberry.field(
        default=False, description="All of the record, now and later."
    )
    valid_until: datetime = strawberry.field(description="Later than now, at most 365 days.")


@strawberry.input(description="Which share ends now.")
class RevokeShareInput:
    share_id: strawberry.ID = strawberry.field(description="One of one's own.")


@strawberry.type(description="What came of sharing, or of ending that.")
class RecordSharePayload:
    share: RecordShare | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()
