"""Facts that others may hear about, and the log that keeps them in order."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, Self
from uuid import UUID

from domain.errors import BadInput
from domain.ids import AccessId, AppointmentId, DoctorId, PatientId, SignalId, SlotId


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, told by ids alone: it never carries health data.

    Whoever hears it reads the present state under their own rights, so an event heard twice does
    no harm.
    """

    @property
    def audience(self) -> Sequence[UUID]:
        """The doctor and the patient, of those that an event is about."""
        ids = (getattr(self, name, None) for name in ("doctor_id", "patient_id"))
        return [id for id in ids if id is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotEvent(Event):
    doctor_id: DoctorId
    slot_id: SlotId


class SlotOpened(SlotEvent): ...


class SlotMoved(SlotEvent): ...


class SlotHeld(SlotEvent): ...


class SlotReleased(SlotEvent): ...


class SlotBooked(SlotEvent): ...


class SlotWithdrawn(SlotEvent): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentEvent(Event):
    doctor_id: DoctorId
    patient_id: PatientId
    appointment_id: AppointmentId


class AppointmentRequested(AppointmentEvent): ...


class AppointmentConfirmed(AppointmentEvent): ...


class AppointmentDeclined(AppointmentEvent): ...


class AppointmentCancelled(AppointmentEvent): ...


class AppointmentRescheduled(AppointmentEvent): ...


class AppointmentExpired(AppointmentEvent): ...


class AppointmentStarted(AppointmentEvent): ...


class AppointmentCompleted(AppointmentEvent): ...


class AppointmentNoShow(AppointmentEvent): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationEvent(Event):
    """Both sides hear it as one about their patient."""

    patient_id: PatientId
    appointment_id: AppointmentId


class PresenceChanged(ConsultationEvent): ...


class ConsultationClosed(ConsultationEvent): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalled(ConsultationEvent):
    """Which side has, its class tells: what one side sent concerns the other alone."""

    signal_id: SignalId


class DoctorSignalled(Signalled): ...


class PatientSignalled(Signalled): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAccessed(Event):
    patient_id: PatientId
    access_id: AccessId


class Position(NamedTuple):
    """A place in the log: every event at or before it has been told.

    `transaction` is Postgres's 64-bit transaction id, `row` the event's number within the log.
    Compared in this order, since a transaction may commit after one that began later.
    """

    transaction: int
    row: int

    def __str__(self) -> str:
        """The public cursor. Fixed width, so that cursors sort as text like positions do."""
        return f"{self.transaction:016x}{self.row:016x}"

    @classmethod
    def of(cls, cursor: str) -> Self:
        """Raises BadInput for what is no cursor."""
        if not re.fullmatch(r"[0-7][0-9a-f]{15}[0-7][0-9a-f]{15}", cursor):
            raise BadInput("This is not an event cursor.")
        return cls(int(cursor[:16], 16), int(cursor[16:], 16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event with its place and time in the log."""

    position: Position
    at: datetime
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stretch of the log. `position` is how far it reaches.

    `unsettled`: later events are there which cannot be told before an older transaction ends.
    """

    events: Sequence[Recorded]
    position: Position
    unsettled: bool


class EventLog(Protocol):
    async def now(self) -> Position:
        """How far the log can be read at this moment."""
        ...

    async def read(self, after: Position, /, *, limit: int) -> Page:
        """The oldest events later than `after`, in order."""
        ...

    async def replay(
        self,
        after: Position,
        until: Position,
        audience: frozenset[UUID],
        kinds: Collection[type[Event]],
        /,
        *,
        limit: int,
    ) -> Sequence[Recorded]:
        """The events in (after, until] that concern one of these doctors or patients and are of
        these kinds, in order.
        """
        ...

    async def before_first(
        self, kind: type[Signalled], patient_id: PatientId, appointment_id: AppointmentId, /
    ) -> Position:
        """From here on all of this kind that concern this appointment are heard."""
        ...

    async def keeps(self, position: Position, /) -> bool:
        """Whether everything later than `position` is still there to be read."""
        ...
