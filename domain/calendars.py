"""Calendars: appointments as people have them in calendars of their own (RFC 5545).

Calendars are shown on screens and shared with others: what is in them names nobody, and tells
nothing of health.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from domain.accounts import Language
from domain.appointments import Appointment, AppointmentStatus
from domain.ids import AppointmentId


class EntryStatus(StrEnum):
    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


STANDS: Mapping[AppointmentStatus, EntryStatus] = {
    AppointmentStatus.REQUESTED: EntryStatus.TENTATIVE,
    AppointmentStatus.CONFIRMED: EntryStatus.CONFIRMED,
    AppointmentStatus.IN_PROGRESS: EntryStatus.CONFIRMED,
    AppointmentStatus.COMPLETED: EntryStatus.CONFIRMED,
    AppointmentStatus.NO_SHOW: EntryStatus.CONFIRMED,  # the time was taken up by it all the same
    AppointmentStatus.DECLINED: EntryStatus.CANCELLED,
    AppointmentStatus.CANCELLED: EntryStatus.CANCELLED,
    AppointmentStatus.EXPIRED: EntryStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`sequence` is 0 of a new appointment, and grows by one at every change."""

    appointment_id: AppointmentId
    sequence: int
    status: EntryStatus
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, appointment: Appointment) -> Self:
        return cls(
            appointment_id=appointment.id,
            sequence=appointment.version - 1,
            status=STANDS[appointment.status],
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
        )


class Calendars(Protocol):
    """Writes them as files."""

    def publish(self, entries: Sequence[Entry], language: Language, /, *, at: datetime) -> str:
        """For whoever looks: nobody is invited, and nobody answers (RFC 5546, section 3.2.1)."""
        ...
