"""Requests for a visit in person, as the patient who asks and the doctor who answers see them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import in_person_requests
from domain.ids import DoctorId, InPersonRequestId, PatientId
from domain.in_person_requests import InPersonStatus
from schema import ids, paging
from schema.context import Info
from schema.doctors import Doctor
from schema.nodes import must
from schema.paging import Connection
from schema.patients import Patient
from schema.problems import Problem, problems

strawberry.enum(
    InPersonStatus,
    name="InPersonRequestStatus",
    description="ASKED: it waits for the doctor. WITHDRAWN: by the patient, before an answer.",
)


@strawberry.type(
    description="That a patient asks a doctor for a visit in person. Nothing is booked by it."
)
class InPersonRequest:
    id: strawberry.ID = strawberry.field(
        description="For answerInPersonRequest and withdrawInPersonRequest."
    )
    status: InPersonStatus = strawberry.field(description="How it stands.")
    message: str = strawberry.field(description="What the patient asks, in his words.")
    asked_at: datetime = strawberry.field(description="When he asked.")
    answered_at: datetime | None = strawberry.field(description="When the doctor answered.")
    accepted: bool | None = strawberry.field(
        description="Whether the doctor will see him; null without an answer."
    )
    answer: str | None = strawberry.field(
        description="Where and when, or why not, in the doctor's words."
    )
    withdrawn_at: datetime | None = strawberry.field(description="When the patient withdrew it.")
    doctor_id: strawberry.Private[DoctorId]
    patient_id: strawberry.Private[PatientId]

    @classmethod
    def of(cls, request: in_person_requests.InPersonRequest) -> Self:
        return cls(
            id=ids.show(InPersonRequestId, request.id),
            status=request.status,
            message=request.message,
            asked_at=request.asked_at,
            answered_at=request.answered_at,
            accepted=request.accepted,
            answer=request.answer,
            withdrawn_at=request.withdrawn_at,
            doctor_id=request.doctor_id,
            patient_id=request.patient_id,
        )

    @strawberry.field(description="Who is asked.")
    async def doctor(self, info: Info) -> Doctor:
        return Doctor.of(must(await info.context.loaders.doctors.load(self.doctor_id)))

    @strawberry.field(description="Who asks.")
    async def patient(self, info: Info) -> Patient:
        patient = must(await info.context.loaders.patients.load(self.patient_id))
        return Patient.of(patient, info.context.viewer)


@strawberry.type
class InPersonRequests:
    """A part of DoctorViewer and of PatientViewer; not a type of its own for clients."""

    @strawberry.field(
        description="Requests for a visit in person: those that a patient made, or that a doctor"
        " got, the latest first."
    )
    async def in_person_requests(
        self, info: Info, first: paging.First = 20, after: paging.After = None
    ) -> Connection[InPersonRequest]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("inperson", after)
        found = await info.context.reads.in_person_requests(
            info.context.viewer,
            after=None if key is None else InPersonRequestId(paging.key_id(key, 0)),
            limit=wanted + 1,
        )
        nodes = [
            (paging.show_cursor("inperson", each.id), InPersonRequest.of(each)) for each in found
        ]
        return paging.connection(nodes, first=wanted, after=after)


@strawberry.input(description="Whom a patient asks for a visit in person.")
class RequestInPersonVisitInput:
    doctor_id: strawberry.ID = strawberry.field(description="A doctor, whether or not he is known.")
    message: str = strawberry.field(description="10 to 500 characters, which the doctor can read.")
    idempotency_key: strawberry.ID = strawberry.field(
        description=(
            "A UUID made by the client: the same key with the same input by the same user gives"
            " the first answer again, refusals too, for 24 hours."
        )
    )


@strawberry.input(description="What the doctor says to it.")
class AnswerInPersonRequestInput:
    request_id: strawberry.ID = strawberry.field(description="One that is ASKED.")
    accepted: bool = strawberry.field(description="Whether he will see the patient.")
    message: str = strawberry.field(
        description="10 to 500 characters: where and when, or why not and where else."
    )


@strawberry.input(description="Which request a patient takes back.")
class WithdrawInPersonRequestInput:
    request_id: strawberry.ID = strawberry.field(description="One that is ASKED.")


@strawberry.type(description="What came of asking for a visit in person, or of the answer.")
class InPersonRequestPayload:
    request: InPersonRequest | None = strawberry.field(
        default=None, description="Null when refused."
    )
    problems: list[Problem] = problems()
