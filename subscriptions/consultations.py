"""Consultations, live: what the other side sends, and who is in the waiting room.

Both are heard by the two sides, within the window, and end with the consultation.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from domain import consultations, events, scheduling
from domain.appointments import Appointment, AppointmentParty
from domain.auth import Viewer, as_party
from domain.errors import DomainError, NotFound, Refusal, Unauthenticated
from domain.events import Event, PresenceChanged, Recorded, Signalled
from domain.limits import Limits
from domain.presences import Seat, WaitingRooms
from domain.signals import SENT_BY
from schema import ids
from schema.consultations import ConsultationPresence, ConsultationSignal
from schema.context import Info, Reads
from schema.scalars import EventCursor, position
from subscriptions.feeds import Feed
from subscriptions.hub import Hub
from subscriptions.scripts import Over

Id = Annotated[strawberry.ID, strawberry.argument(description="One of the viewer's own.")]
FromTheFirst = Annotated[
    EventCursor | None,
    strawberry.argument(description="Where to go on from; null for all of it, from the first on."),
]
AsItStands = Annotated[
    EventCursor | None,
    strawberry.argument(description="Where to go on from; null for how it stands, first."),
]
_ENDINGS = frozenset(
    {
        events.AppointmentCancelled,
        events.AppointmentCompleted,
        events.AppointmentNoShow,
        events.AppointmentRescheduled,
        events.ConsultationClosed,
    }
)
_OTHER = {
    AppointmentParty.DOCTOR: AppointmentParty.PATIENT,
    AppointmentParty.PATIENT: AppointmentParty.DOCTOR,
}


class Behind(DomainError):
    """He cannot be told to read a page anew, for there is none."""

    code = "RATE_LIMITED"

    def __init__(self) -> None:
        super().__init__("Too far behind; subscribe again, from the last cursor.")


@dataclass(frozen=True, kw_only=True)
class Line:
    """Of one side of an appointment to its consultation."""

    viewer: Viewer
    appointment: Appointment
    party: AppointmentParty
    reads: Reads
    hub: Hub
    limits: Limits
    now: Callable[[], datetime]

    @property
    def audience(self) -> frozenset[UUID]:
        return frozenset({self.appointment.patient_id})

    async def is_open(self) -> None:
        """Raises Unauthenticated when the session has ended, and Over when the consultation has."""
        if not await self.hub.may_hear(self.viewer.session_id):
            raise Unauthenticated
        id, at = self.appointment.id, self.now()
        found = (await self.reads.appointments([id], self.viewer, at=at)).get(id)
        try:
            if found is None:
                raise Over
            consultations.require_open(found, self.limits, at)
        except Refusal:
            raise Over from None

    def concerns(self, event: Event) -> bool:
        return getattr(event, "appointment_id", None) == self.appointment.id


@dataclass(frozen=True, kw_only=True)
class SignalScript(Line):
    @property
    def events(self) -> frozenset[type[Event]]:
        return _ENDINGS | {SENT_BY[_OTHER[self.party]]}

    async def allows(self, event: Event, /) -> bool:
        """What was sent in a consultation that is over is gone, though this one is open."""
        if not self.concerns(event):
            return False
        await self.is_open()
        if not isinstance(event, Signalled):
            return False
        return bool(await self.reads.signals([event.signal_id], self.viewer))

    def tell(self, recorded: Recorded, /) -> ConsultationSignal:
        event = cast("Signalled", recorded.event)
        return ConsultationSignal(
            cursor=EventCursor(str(recorded.position)),
            from_=_OTHER[self.party],
            at=recorded.at,
            number=event.signal_id,
        )

    def resync(self, _: object, /) -> ConsultationSignal:
        raise Behind


@dataclass(frozen=True, kw_only=True)
class PresenceScript(Line):
    events: frozenset[type[Event]] = _ENDINGS | {PresenceChanged}

    async def allows(self, event: Event, /) -> bool:
        if not self.concerns(event):
            return False
        await self.is_open()
        return isinstance(event, PresenceChanged)

    def tell(self, recorded: Recorded, /) -> ConsultationPresence:
        return self._as_it_is(str(recorded.position), recorded.at)

    def resync(self, position: object, /) -> ConsultationPresence:
        return self._as_it_is(str(position), self.now())

    def _as_it_is(self, cursor: str, at: datetime) -> ConsultationPresence:
        return ConsultationPresence(cursor=EventCursor(cursor), at=at, number=self.appointment.id)


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description=(
            "What the other side of a consultation sent, from its first join on, in order; a late"
            " joiner gets all of it. It ends with the consultation."
        )
    )
    async def consultation_signals(
        self, info: Info, appointment_id: Id, after: FromTheFirst = None
    ) -> AsyncIterator[ConsultationSignal]:
        context, start = info.context, position(after)
        line = await _line(info, appointment_id)
        script = SignalScript(**line)
        if start is None:
            sent = SENT_BY[_OTHER[script.party]]
            appointment = script.appointment
            start = await context.services.log.before_first(
                sent, appointment.patient_id, appointment.id
            )
        return Feed(context.services.hub, script, scope=context.viewer, after=start)

    @strawberry.subscription(
        description=(
            "Who is in the waiting room of a consultation, or in the room: as it stands, and as it"
            " changes. Whoever listens is there himself, until he listens no more. It ends with the"
            " consultation."
        )
    )
    async def consultation_presence(
        self, info: Info, appointment_id: Id, after: AsItStands = None
    ) -> AsyncIterator[ConsultationPresence]:
        context, start = info.context, position(after)
        script = PresenceScript(**await _line(info, appointment_id))
        seat = Seat(
            appointment_id=script.appointment.id,
            patient_id=script.appointment.patient_id,
            party=script.party,
        )
        rooms: WaitingRooms = context.services.waiting_rooms

        def sit() -> Callable[[], None]:
            rooms.enter(seat)
            return lambda: rooms.leave(seat)

        return Feed(
            context.services.hub,
            script,
            scope=context.viewer,
            after=start,
            tells_state=True,
            followed=sit,
        )


async def _line(info: Info, appointment_id: strawberry.ID) -> dict[str, Any]:
    """Raises DomainError for whom it is not, and when it is not open."""
    context = info.context
    viewer = context.viewer
    as_party(viewer)
    appointment = await context.loaders.appointments.load(ids.read_appointment(appointment_id))
    if appointment is None:
        raise NotFound("There is no such appointment.")
    consultations.require_open(appointment, context.services.limits, context.at)
    return {
        "viewer": viewer,
        "appointment": appointment,
        "party": scheduling.side_of(appointment, viewer),
        "reads": context.reads,
        "hub": context.services.hub,
        "limits": context.services.limits,
        "now": context.services.now,
    }
