"""Shares, as the patient who made them sees them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import shares
from domain.ids import AppointmentId, DoctorId, DocumentId, PatientId, ShareId
from domain.shares import ShareStatus
from schema import ids, paging
from schema.appointments import Appointment
from schema.context import Info
from schema.doctors import Doctor
from schema.nodes import Node, must
from schema.paging import Connection
from schema.problems import Problem, problems
from schema.receipts import NAMED_MOST, ShareReceipt
from schema.records import Document

strawberry.enum(
    ShareStatus,
    name="RecordShareStatus",
    description=(
        "ACTIVE: its doctor sees the documents now, or will from validFrom on. It ends by itself,"
        " with the appointment that it is for, or is revoked."
    ),
)


@strawberry.type(description="That a patient lets a doctor see documents of his record.")
class RecordShare(Node):
    includes_future: bool = strawberry.field(
        description=(
            "Whether it is about the whole record, as it is and as it will be, with what doctors"
            " write of visits."
        )
    )
    valid_from: datetime = strawberry.field(description="From when on the doctor sees them.")
    valid_until: datetime = strawberry.field(description="From when on he sees them no more.")
    revoked_at: datetime | None = strawberry.field(description="When it was ended before that.")
    status: ShareStatus = strawberry.field(description="How it stands now.")
    number: strawberry.Private[ShareId]
    doctor_id: strawberry.Private[DoctorId]
    patient_id: strawberry.Private[PatientId]
    appointment_id: strawberry.Private[AppointmentId | None]

    @classmethod
    def of(cls, seen: shares.SeenShare) -> Self:
        share = seen.share
        return cls(
            id=ids.show(ShareId, share.id),
            includes_future=share.includes_future,
            valid_from=seen.opens_at,
            valid_until=seen.closes_at,
            revoked_at=share.revoked_at,
            status=seen.status,
            number=share.id,
            doctor_id=share.doctor_id,
            patient_id=share.patient_id,
            appointment_id=share.appointment_id,
        )

    @strawberry.field(description="Who may see them.")
    async def doctor(self, info: Info) -> Doctor:
        return Doctor.of(must(await info.context.loaders.doctors.load(self.doctor_id)))

    @strawberry.field(
        description="Which it is for: it moves with it, and ends when that is called off."
    )
    async def appointment(self, info: Info) -> Appointment | None:
        if self.appointment_id is None:
            return None
        visit = await info.context.loaders.appointments.load(self.appointment_id)
        return Appointment.of(must(visit))

    @strawberry.field(description="What exactly its doctor sees, and until when.")
    async def receipt(self, info: Info) -> ShareReceipt:
        reads = info.context.records
        doctor = must(await info.context.loaders.doctors.load(self.doctor_id))
        named = await reads.documents_of_share(
            self.number, self.patient_id, after=None, limit=NAMED_MOST
        )
        return ShareReceipt(
            doctor_name=doctor.name,
            doctor_crm=doctor.crm,
            doctor_uf=doctor.uf,
            document_count=await reads.count_of_share(self.number, self.patient_id),
            document_names=[document.name for document in named],
            note_count=await reads.count_of_notes(self.number, self.patient_id),
            includes_future=self.includes_future,
            from_=self.valid_from,
            until=self.valid_until,
            status=self.status,
            for_visit=self.appointment_id is not None,
            zone=doctor.time_zone,
        )

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
        default=False,
        description="All of the record, now and later, and what doctors have written of visits.",
    )
    valid_until: datetime = strawberry.field(description="Later than now, at most 365 days.")
    appointment_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "One with this doctor: then it opens 24 hours before, lasts until 7 days after, and"
            " validUntil is the latest end; it moves with it, and ends when that is called off."
        ),
    )


@strawberry.input(description="Which share ends now.")
class RevokeShareInput:
    share_id: strawberry.ID = strawberry.field(description="One of one's own.")


@strawberry.type(description="What came of sharing, or of ending that.")
class RecordSharePayload:
    share: RecordShare | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()
