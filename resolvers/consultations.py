"""The visit: joining it, what the browsers tell each other, and its end."""

import strawberry
from graphql import GraphQLError

from domain import consultations, signals
from domain.auth import as_doctor, as_party
from domain.meetings import MeetingUnreachable
from schema import ids
from schema.appointments import Appointment, AppointmentPayload
from schema.consultations import (
    ConsultationGrant,
    EndConsultationInput,
    JoinConsultationInput,
    JoinConsultationPayload,
    MarkNoShowInput,
    SendConsultationSignalInput,
    SendConsultationSignalPayload,
)
from schema.context import Info
from schema.problems import AnswerProblems, Input

_AWAY = "The video service does not answer; try again in a moment."


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "By the doctor or the patient of an appointment, from 15 minutes before its start until"
            " 30 minutes after its end, as often as the line drops. When the second of them joins"
            " for the first time, it is IN_PROGRESS."
        ),
        extensions=[AnswerProblems(JoinConsultationPayload)],
    )
    async def join_consultation(
        self, info: Info, input: Input[JoinConsultationInput]
    ) -> JoinConsultationPayload | None:
        context = info.context
        as_party(context.viewer)
        id = ids.read_appointment(input.appointment_id)
        try:
            grant = await context.services.meetings.join(context.viewer, id)
        except MeetingUnreachable:
            raise GraphQLError(_AWAY, extensions={"code": "INTERNAL"}) from None
        return JoinConsultationPayload(grant=ConsultationGrant.of(grant, context.services.rooms_at))

    @strawberry.mutation(
        description=(
            "To the other side of a consultation that the sender has joined. Kept until it is over,"
            " so that who joins late hears it."
        ),
        extensions=[AnswerProblems(SendConsultationSignalPayload)],
    )
    async def send_consultation_signal(
        self, info: Info, input: Input[SendConsultationSignalInput]
    ) -> SendConsultationSignalPayload | None:
        context = info.context
        as_party(context.viewer)
        id = ids.read_appointment(input.appointment_id)
        await context.act(
            lambda work: signals.send(work, context.viewer, id, input.payload, at=context.at)
        )
        return SendConsultationSignalPayload(problems=[])

    @strawberry.mutation(
        description="By the doctor: COMPLETED.", extensions=[AnswerProblems(AppointmentPayload)]
    )
    async def end_consultation(
        self, info: Info, input: Input[EndConsultationInput]
    ) -> AppointmentPayload | None:
        context = info.context
        as_doctor(context.viewer)
        id = ids.read_appointment(input.appointment_id)
        ended = await context.act(
            lambda work: consultations.end(work, context.viewer, id, at=context.at)
        )
        return AppointmentPayload(appointment=Appointment.of(ended))

    @strawberry.mutation(
        description=(
            "By the doctor, from 15 minutes after the start on, of a patient who has not come. It"
            " may be undone on the same day of the doctor's zone; then it is CONFIRMED again."
        ),
        extensions=[AnswerProblems(AppointmentPayload)],
    )
    async def mark_no_show(
        self, info: Info, input: Input[MarkNoShowInput]
    ) -> AppointmentPayload | None:
        context = info.context
        as_doctor(context.viewer)
        id = ids.read_appointment(input.appointment_id)
        change = consultations.undo_no_show if input.undo else consultations.mark_no_show
        marked = await context.act(lambda work: change(work, context.viewer, id, at=context.at))
        return AppointmentPayload(appointment=Appointment.of(marked))
