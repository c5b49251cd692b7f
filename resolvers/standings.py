"""What administrators decide of doctors."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

import strawberry

from domain import standings
from domain.auth import Viewer, as_administrator
from domain.doctors import Doctor
from domain.ids import DoctorId
from domain.unit_of_work import UnitOfWork
from schema import ids
from schema.context import Info
from schema.problems import AnswerProblems, Input
from schema.standings import (
    DoctorRegistration,
    DoctorRegistrationPayload,
    ReinstateDoctorInput,
    SuspendDoctorInput,
    VerifyDoctorInput,
)


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="By an administrator, of a doctor on whom the registry has not answered.",
        extensions=[AnswerProblems(DoctorRegistrationPayload)],
    )
    async def verify_doctor(
        self, info: Info, input: Input[VerifyDoctorInput]
    ) -> DoctorRegistrationPayload | None:
        return await _decide(info, standings.verify, input.doctor_id, input.reason)

    @strawberry.mutation(
        description=(
            "By an administrator. The doctor is not found and not booked any more, his sessions"
            " end, and whoever was to see him is told."
        ),
        extensions=[AnswerProblems(DoctorRegistrationPayload)],
    )
    async def suspend_doctor(
        self, info: Info, input: Input[SuspendDoctorInput]
    ) -> DoctorRegistrationPayload | None:
        return await _decide(info, standings.suspend, input.doctor_id, input.reason)

    @strawberry.mutation(
        description="By an administrator: the suspension is over.",
        extensions=[AnswerProblems(DoctorRegistrationPayload)],
    )
    async def reinstate_doctor(
        self, info: Info, input: Input[ReinstateDoctorInput]
    ) -> DoctorRegistrationPayload | None:
        return await _decide(info, standings.reinstate, input.doctor_id, input.reason)


class _UseCase(Protocol):
    def __call__(
        self, work: UnitOfWork, viewer: Viewer, doctor_id: DoctorId, *, reason: str, at: datetime
    ) -> Awaitable[Doctor]: ...


async def _decide(
    info: Info, use_case: _UseCase, doctor_id: str, reason: str
) -> DoctorRegistrationPayload:
    context = info.context
    as_administrator(context.viewer)  # before he is told whether there is such a doctor
    id = ids.read_doctor(doctor_id)
    doctor = await context.act(
        lambda work: use_case(work, context.viewer, id, reason=reason, at=context.at)
    )
    return DoctorRegistrationPayload(registration=DoctorRegistration.of(doctor))
