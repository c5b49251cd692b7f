"""Either side of an appointment has its devices tried before they meet."""

import strawberry

from domain import device_checks
from domain.auth import as_party
from schema import ids
from schema.appointments import Appointment, AppointmentPayload
from schema.context import Info
from schema.device_checks import RecordDeviceCheckInput
from schema.problems import AnswerProblems, Input


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "By either side: what its browser found out. It takes the place of that side's last"
            " one; the appointment's version stays."
        ),
        extensions=[AnswerProblems(AppointmentPayload)],
    )
    async def record_device_check(
        self, info: Info, input: Input[RecordDeviceCheckInput]
    ) -> AppointmentPayload | None:
        context = info.context
        as_party(context.viewer)
        id = ids.read_appointment(input.appointment_id)
        appointment = await context.act(
            lambda work: device_checks.record(work, context.viewer, id, input.read(), at=context.at)
        )
        return AppointmentPayload(appointment=Appointment.of(appointment))
