"""A patient asks for a visit in person; the doctor answers."""

from functools import partial

import strawberry

from domain import idempotency, in_person_requests
from domain.auth import as_doctor, as_patient
from domain.errors import Refusal
from domain.in_person_requests import InPersonRequest as Entity
from domain.unit_of_work import UnitOfWork
from schema import ids
from schema.context import Info
from schema.in_person_requests import (
    AnswerInPersonRequestInput,
    InPersonRequest,
    InPersonRequestPayload,
    RequestInPersonVisitInput,
    WithdrawInPersonRequestInput,
)
from schema.problems import AnswerProblems, Input

_ANSWERS = AnswerProblems(InPersonRequestPayload)
_KIND = "requestInPersonVisit"  # of what a key stands for


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "By a patient who does not want telemedicine. The doctor is told by mail; the two agree"
            " on time and place in message and answer, for nothing is booked."
        ),
        extensions=[_ANSWERS],
    )
    async def request_in_person_visit(
        self, info: Info, input: Input[RequestInPersonVisitInput]
    ) -> InPersonRequestPayload | None:
        context = info.context
        as_patient(context.viewer)  # who may not ask at all has no key to be looked at

        async def request(work: UnitOfWork) -> Entity | Refusal:
            return await idempotency.once(
                work,
                context.viewer,
                input.idempotency_key,
                idempotency.fingerprint_of(_KIND, input.doctor_id, input.message),
                lambda: in_person_requests.request(
                    work,
                    context.viewer,
                    ids.read_doctor(input.doctor_id),
                    input.message,
                    at=context.at,
                ),
                recall=partial(in_person_requests.recall, work, context.viewer),
                at=context.at,
            )

        outcome = await context.act(request)
        if isinstance(outcome, Refusal):
            raise outcome
        return InPersonRequestPayload(request=InPersonRequest.of(outcome))

    @strawberry.mutation(
        description="By the doctor who was asked, once. The patient is told by mail.",
        extensions=[_ANSWERS],
    )
    async def answer_in_person_request(
        self, info: Info, input: Input[AnswerInPersonRequestInput]
    ) -> InPersonRequestPayload | None:
        context = info.context
        as_doctor(context.viewer)
        id = ids.read_in_person_request(input.request_id)
        answered = await context.act(
            lambda work: in_person_requests.answer(
                work,
                context.viewer,
                id,
                accepted=input.accepted,
                message=input.message,
                at=context.at,
            )
        )
        return InPersonRequestPayload(request=InPersonRequest.of(answered))

    @strawberry.mutation(
        description="By the patient, while there is no answer.", extensions=[_ANSWERS]
    )
    async def withdraw_in_person_request(
        self, info: Info, input: Input[WithdrawInPersonRequestInput]
    ) -> InPersonRequestPayload | None:
        context = info.context
        as_patient(context.viewer)
        id = ids.read_in_person_request(input.request_id)
        withdrawn = await context.act(
            lambda work: in_person_requests.withdraw(work, context.viewer, id, at=context.at)
        )
        return InPersonRequestPayload(request=InPersonRequest.of(withdrawn))
