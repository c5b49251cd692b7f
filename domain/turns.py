"""How an appointment changes. Each change is one turn: written once, and told once."""

from datetime import datetime

from domain import invitations, reminders
from domain.appointments import OPEN_TO_BOTH, Appointment, VersionConflict
from domain.events import AppointmentEvent, AppointmentRequested
from domain.unit_of_work import UnitOfWork


async def turn(
    work: UnitOfWork,
    before: Appointment,
    after: Appointment,
    event: type[AppointmentEvent],
    *,
    at: datetime,
) -> Appointment:
    """Raises VersionConflict if it is no more as `before` says."""
    after = after.answered(before, at=at)
    if not await work.appointments.change(before, after):
        raise VersionConflict(await work.appointments.get(before.id) or before)
    if after.status not in OPEN_TO_BOTH and before.status in OPEN_TO_BOTH:
        await work.consultations.end_of(after.id)
    await tell(work, event, after, at=at)
    return after


async def tell(
    work: UnitOfWork, event: type[AppointmentEvent], appointment: Appointment, *, at: datetime
) -> None:
    """Whoever hears of this appointment, that it has come to stand as it does."""
    work.publish(
        event(
            doctor_id=appointment.doctor_id,
            patient_id=appointment.patient_id,
            appointment_id=appointment.id,
        )
    )
    await invitations.tell(work, event, appointment, at=at)
    if event is not AppointmentRequested:  # a new one has no reminders yet that could go
        await reminders.plan(work, appointment, at=at)
