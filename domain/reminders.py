"""Reminders: both sides of a confirmed appointment are written to some time before it begins.

Each is a row from the confirmation on, and is put into the outbox by the act that removes the row:
so it is sent once, whoever dies and however many look. Every change of the appointment puts others,
or none, in place of those that wait.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain import invitations
from domain.appointments import Appointment, AppointmentStatus
from domain.ids import AppointmentId
from domain.mail import Mail, MailKind
from domain.unit_of_work import UnitOfWork


class Reminders(Protocol):
    async def replace(self, id: AppointmentId, due: Sequence[datetime], /) -> None:
        """All that this appointment has."""
        ...

    async def claim(self, /, *, at: datetime, limit: int) -> Sequence[AppointmentId]:
        """Of the reminders that are due, each as often as it has some. They are removed; those that
        another work is claiming are left to it.
        """
        ...


async def plan(work: UnitOfWork, appointment: Appointment, *, at: datetime) -> None:
    """A moment that has passed already reminds nobody."""
    due: set[datetime] = set()
    if appointment.status is AppointmentStatus.CONFIRMED:
        due = {appointment.starts_at - before for before in work.limits.remind_before}
    await work.reminders.replace(appointment.id, sorted(moment for moment in due if moment > at))


async def send_due(work: UnitOfWork, *, at: datetime, limit: int) -> int:
    """Put at most `limit` into the outbox. Returns how many reminders were due.

    What comes late, for no process was there, comes once, and not when the visit has begun.
    """
    claimed = await work.reminders.claim(at=at, limit=limit)
    for id in dict.fromkeys(claimed):
        appointment = await work.appointments.get(id)
        if appointment is not None and await _takes_place(work, appointment, at):
            await invitations.write(work, MailKind.VISIT_SOON, appointment, at=at)
    return len(claimed)


async def holds(work: UnitOfWork, mail: Mail, *, at: datetime) -> bool:
    """Whether a reminder that leaves the outbox is still true: it may have lain there."""
    if mail.visit is None:
        return False
    entry = mail.visit.entry
    appointment = await work.appointments.get(entry.appointment_id)
    if appointment is None or appointment.version - 1 != entry.sequence:
        return False
    return await _takes_place(work, appointment, at)


async def _takes_place(work: UnitOfWork, appointment: Appointment, at: datetime) -> bool:
    """As far as is known: a doctor who is suspended sees nobody, and his patients were told."""
    if appointment.status is not AppointmentStatus.CONFIRMED or appointment.starts_at <= at:
        return False
    doctor = await work.doctors.get(appointment.doctor_id)
    return doctor is not None and doctor.verified
