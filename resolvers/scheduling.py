"""Scheduling: requests, answers, and how they are called off."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import strawberry

from domain import idempotency, reviews, scheduling
from domain.appointments import Appointment as Entity
from domain.auth import as_patient
from domain.errors import Refusal
from domain.unit_of_work import UnitOfWork
from schema import ids
from schema.appointments import (
    AcceptAppointmentInput,
    Appointment,
    AppointmentPayload,
    CancelAppointmentInput,
    DeclineAppointmentInput,
    RequestAppointmentInput,
    RescheduleAppointmentInput,
    ReviewAppointmentInput,
    ReviewAppointmentPayload,
)
from schema.context import Info
from schema.problems import AnswerProblems, Input

_ANSWERS = AnswerProblems(AppointmentPayload)


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "A patient takes an OPEN slot, or one that he holds, and asks its doctor, who answers"
            " by respondBy: within 24 hours, or before the start if that is sooner."
        ),
        extensions=[_ANSWERS],
    )
    async def request_appointment(
        self, info: Info, input: Input[RequestAppointmentInput]
    ) -> AppointmentPayload | None:
        context = info.context
        as_patient(context.viewer)  # who may not ask at all has no key to be looked at

        async def request(work: UnitOfWork) -> Entity | Refusal:
            return await idempotency.once(
                work,
                context.viewer,
                input.idempotency_key,
                input.fingerprint(),
                lambda: scheduling.request(
                    work,
                    context.viewer,
                    ids.read_slot(input.slot_id),
                    reason=input.reason,
                    acceptance=input.acceptance(),
                    at=context.at,
                ),
                recall=partial(scheduling.recall, work, context.viewer, at=context.at),
                at=context.at,
            )

        outcome = await context.act(request)
        if isinstance(outcome, Refusal):
            raise outcome
        return AppointmentPayload(appointment=Appointment.of(outcome))

    @strawberry.mutation(
        description="By its doctor: REQUESTED becomes CONFIRMED.", extensions=[_ANSWERS]
    )
    async def accept_appointment(
        self, info: Info, input: Input[AcceptAppointmentInput]
    ) -> AppointmentPayload | None:
        return await _change(info, input, scheduling.accept)

    @strawberry.mutation(
        description="By its doctor: REQUESTED becomes DECLINED.", extensions=[_ANSWERS]
    )
    async def decline_appointment(
        self, info: Info, input: Input[DeclineAppointmentInput]
    ) -> AppointmentPayload | None:
        decline = partial(scheduling.decline, justification=input.justification)
        return await _change(info, input, decline)

    @strawberry.mutation(
        description="By either side; by the patient until the start.", extensions=[_ANSWERS]
    )
    async def cancel_appointment(
        self, info: Info, input: Input[CancelAppointmentInput]
    ) -> AppointmentPayload | None:
        cancel = partial(scheduling.cancel, justification=input.justification)
        return await _change(info, input, cancel)

    @strawberry.mutation(
        description=(
            "By its patient, to an OPEN slot of the same doctor; it is REQUESTED again under the"
            " same id."
        ),
        extensions=[_ANSWERS],
    )
    async def reschedule_appointment(
        self, info: Info, input: Input[RescheduleAppointmentInput]
    ) -> AppointmentPayload | None:
        reschedule = partial(scheduling.reschedule, slot_id=ids.read_slot(input.slot_id))
        return await _change(info, input, reschedule)

    @strawberry.mutation(
        description="By its patient, once, within 30 days of a COMPLETED visit.",
        extensions=[AnswerProblems(ReviewAppointmentPayload)],
    )
    async def review_appointment(
        self, info: Info, input: Input[ReviewAppointmentInput]
    ) -> ReviewAppointmentPayload | None:
        context = info.context
        appointment = await context.act(
            lambda work: reviews.review(
                work,
                context.viewer,
                ids.read_appointment(input.appointment_id),
                stars=input.stars,
                comment=input.comment,
                at=context.at,
            )
        )
        return ReviewAppointmentPayload(appointment=Appointment.of(appointment))


class _Change(Protocol):
    """Of an appointment that both sides have seen."""

    @property
    def appointment_id(self) -> strawberry.ID: ...
    @property
    def expected_version(self) -> int | None: ...


async def _change(
    info: Info, input: _Change, use_case: Callable[..., Awaitable[Entity]]
) -> AppointmentPayload:
    context = info.context
    appointment = await context.act(
        lambda work: use_case(
            work,
            context.viewer,
            ids.read_appointment(input.appointment_id),
            version_seen=input.expected_version,
            at=context.at,
        )
    )
    return AppointmentPayload(appointment=Appointment.of(appointment))
