"""Invitations: both sides of an appointment hear by mail of every change, with a file that changes
their calendars alike (RFC 5546).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from domain.appointments import Appointment
from domain.calendars import Entry
from domain.events import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentDeclined,
    AppointmentEvent,
    AppointmentExpired,
    AppointmentRequested,
    AppointmentRescheduled,
)
from domain.mail import MailKind, Visit, mail
from domain.unit_of_work import UnitOfWork

_KINDS: Mapping[type[AppointmentEvent], MailKind] = {
    AppointmentRequested: MailKind.VISIT_REQUESTED,
    AppointmentConfirmed: MailKind.VISIT_CONFIRMED,
    AppointmentRescheduled: MailKind.VISIT_MOVED,
    AppointmentDeclined: MailKind.VISIT_DECLINED,
    AppointmentCancelled: MailKind.VISIT_CANCELLED,
    AppointmentExpired: MailKind.VISIT_EXPIRED,
}


async def tell(
    work: UnitOfWork, event: type[AppointmentEvent], appointment: Appointment, *, at: datetime
) -> None:
    """What happens from its start on nobody is written of, unless it is called off: a no-show that
    is taken back is no news to anybody's calendar.
    """
    begun = appointment.starts_at <= at and event is AppointmentConfirmed
    if event in _KINDS and not begun:
        await write(work, _KINDS[event], appointment, at=at)


async def write(
    work: UnitOfWork, kind: MailKind, appointment: Appointment, *, at: datetime
) -> None:
    """To both, each in his language and time zone; to nobody who has had himself erased."""
    entry = Entry.of(appointment)
    readers = await work.readers.of(appointment.patient_id, appointment.doctor_id)
    letters = [
        replace(
            mail(kind, reader.email, reader.named, language=reader.language),
            visit=Visit(entry=entry, time_zone=reader.time_zone, at=at),
        )
        for reader in readers
    ]
    await work.outbox.add(*letters, at=at)
