"""A doctor breaks the glass; an administrator reviews it."""

import strawberry

from domain import emergencies
from domain.auth import as_administrator, as_doctor
from domain.errors import NotFound
from schema import ids
from schema.context import Info
from schema.emergencies import (
    BreakGlassInput,
    EmergencyAccess,
    EmergencyAccessPayload,
    ReviewEmergencyAccessInput,
)
from schema.problems import AnswerProblems, Input


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "In an emergency: a doctor has an hour to see the record of a patient whom he sees"
            " today. The patient is told at once, and administrators review it. Of any other"
            " patient the try is in the access log."
        ),
        extensions=[AnswerProblems(EmergencyAccessPayload)],
    )
    async def break_glass(
        self, info: Info, input: Input[BreakGlassInput]
    ) -> EmergencyAccessPayload | None:
        context = info.context
        as_doctor(context.viewer)
        id = ids.read_patient(input.patient_id)
        opened = await context.act(
            lambda work: emergencies.break_glass(
                work, context.viewer, id, input.reason, at=context.at
            )
        )
        if opened is None:
            raise NotFound("There is no such patient of yours today.")
        return EmergencyAccessPayload(access=EmergencyAccess.of(opened))

    @strawberry.mutation(
        description="By an administrator, once: what came of an emergency access.",
        extensions=[AnswerProblems(EmergencyAccessPayload)],
    )
    async def review_emergency_access(
        self, info: Info, input: Input[ReviewEmergencyAccessInput]
    ) -> EmergencyAccessPayload | None:
        context = info.context
        as_administrator(context.viewer)
        id = ids.read_emergency(input.emergency_id)
        reviewed = await context.act(
            lambda work: emergencies.review(work, context.viewer, id, input.note, at=context.at)
        )
        return EmergencyAccessPayload(access=EmergencyAccess.of(reviewed))
