"""Requests for access, as the doctor who asks and the patient who answers see them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import access_requests
from domain.access_requests import AccessRequestStatus
from domain.ids import AccessRequestId, DoctorId, PatientId, ShareId
from schema import ids, paging
from schema.context import Info
from schema.doctors import Doctor
from schema.nodes import must
from schema.paging import Connection
from schema.patients import Patient
from schema.problems import Problem, problems
from schema.shares import RecordShare

strawberry.enum(
    AccessRequestStatus,
    description="PENDING: it waits for the patient. EXPIRED: he has not answered in 14 days.",
)


@strawberry.type(description="That a doctor asks a patient to share documents with him.")
class AccessRequest:
    id: strawberry.ID = strawberry.field(description="For answerAccessRequest.")
    message: str = strawberry.field(description="Why, in the doctor's words.")
    status: AccessRequestStatus = strawberry.field(description="How it stands now.")
    requested_at: datetime = strawberry.field(description="When he asked.")
    expires_at: datetime = strawberry.field(description="Until when it can be answered.")
    answered_at: datetime | None = strawberry.field(description="When the patient answered.")
    doctor_id: strawberry.Private[DoctorId]
    patient_id: strawberry.Private[PatientId]
    share_id: strawberry.Private[ShareId | None]

    @classmethod
    def of(cls, seen: access_requests.SeenAccessRequest) -> Self:
        request = seen.request
        return cls(
            id=ids.show(AccessRequestId, request.id),
            message=request.message,
            status=seen.status,
            requested_at=request.requested_at,
            expires_at=request.expires_at,
            answered_at=request.answered_at,
            doctor_id=request.doctor_id,
            patient_id=request.patient_id,
            share_id=request.share_id,
        )

    @strawberry.field(description="Who asks.")
    async def doctor(self, info: Info) -> Doctor:
        return Doctor.of(must(await info.context.loaders.doctors.load(self.doctor_id)))

    @strawberry.field(description="Who is asked.")
    async def patient(self, info: Info) -> Patient:
        patient = must(await info.context.loaders.patients.load(self.patient_id))
        return Patient.of(patient, info.context.viewer)

    @strawberry.field(description="What it was accepted with; for the patient alone.")
    async def share(self, info: Info) -> RecordShare | None:
        if self.share_id is None or info.context.viewer.patient_id is None:
            return None
        return RecordShare.of(must(await info.context.loaders.shares.load(self.share_id)))


@strawberry.type
class AccessRequests:
    """A part of DoctorViewer and of PatientViewer; not a type of its own for clients."""

    @strawberry.field(
        description="Requests to see a record: those that a doctor made, or that a patient got, the"
        " latest first."
    )
    async def access_requests(
        self, info: Info, first: paging.First = 20, after: paging.After = None
    ) -> Connection[AccessRequest]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("requests", after)
        found = await info.context.records.access_requests_page(
            info.context.viewer,
            after=None if key is None else AccessRequestId(paging.key_id(key, 0)),
            limit=wanted + 1,
        )
        nodes = [
            (paging.show_cursor("requests", each.request.id), AccessRequest.of(each))
            for each in found
        ]
        return paging.connection(nodes, first=wanted, after=after)


@strawberry.input(description="Whom a doctor asks, and why.")
class RequestAccessInput:
    patient_id: strawberry.ID = strawberry.field(
        description="One with whom the doctor has, or had, an appointment."
    )
    message: str = strawberry.field(description="10 to 500 characters, which the patient can read.")


@strawberry.input(
    description=(
        "Whoever accepts says what is shared as for shareRecord: documentIds or includeFuture, and"
        " validUntil. Of a refusal none of them is looked at."
    )
)
class AnswerAccessRequestInput:
    request_id: strawberry.ID = strawberry.field(description="One that is PENDING.")
    accept: bool = strawberry.field(description="Whether the doctor gets to see anything.")
    document_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="1 to 500 of one's own that are AVAILABLE."
    )
    include_future: bool | None = strawberry.field(
        default=False, description="All of the record, now and later."
    )
    valid_until: datetime | None = strawberry.field(
        default=None, description="Later than now, at most 365 days."
    )


@strawberry.type(description="What came of asking for access, or of the answer.")
class AccessRequestPayload:
    request: AccessRequest | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()
