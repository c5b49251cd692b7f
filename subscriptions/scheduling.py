"""Appointments, live: a doctor's feed, or a patient's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import strawberry

from domain import clock, events
from domain.auth import Viewer, as_party
from domain.errors import Unauthenticated
from domain.events import AppointmentEvent, Event, Position, Recorded
from schema.appointments import AppointmentChange, AppointmentChangeKind
from schema.context import Info
from schema.scalars import After, EventCursor, position
from subscriptions.feeds import Feed
from subscriptions.hub import Hub

KINDS: dict[type[Event], AppointmentChangeKind] = {
    events.AppointmentRequested: AppointmentChangeKind.REQUESTED,
    events.AppointmentConfirmed: AppointmentChangeKind.CONFIRMED,
    events.AppointmentDeclined: AppointmentChangeKind.DECLINED,
    events.AppointmentCancelled: AppointmentChangeKind.CANCELLED,
    events.AppointmentRescheduled: AppointmentChangeKind.RESCHEDULED,
    events.AppointmentExpired: AppointmentChangeKind.EXPIRED,
    events.AppointmentStarted: AppointmentChangeKind.STARTED,
    events.AppointmentCompleted: AppointmentChangeKind.COMPLETED,
    events.AppointmentNoShow: AppointmentChangeKind.NO_SHOW,
}


@dataclass(frozen=True, kw_only=True)
class AppointmentScript:
    viewer: Viewer
    hub: Hub
    events: frozenset[type[Event]] = frozenset(KINDS)

    @property
    def audience(self) -> frozenset[UUID]:
        return frozenset({self.viewer.user_id})

    async def allows(self, event: Event, /) -> bool:
        """While the session lives, and the doctor, if it is one's, is verified."""
        del event
        if not await self.hub.may_hear(self.viewer.session_id):
            raise Unauthenticated
        return True

    def tell(self, recorded: Recorded, /) -> AppointmentChange:
        event = cast("AppointmentEvent", recorded.event)
        return AppointmentChange(
            cursor=EventCursor(str(recorded.position)),
            at=recorded.at,
            kind=KINDS[type(event)],
            appointment_id=event.appointment_id,
        )

    def resync(self, position: Position, /) -> AppointmentChange:
        return AppointmentChange(
            cursor=EventCursor(str(position)),
            at=clock.now(),
            kind=AppointmentChangeKind.RESYNC,
            appointment_id=None,
        )


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description=(
            "The viewer's own appointments, his own acts too: a doctor's live feed, or a patient's."
            " `after` replays what came later than that cursor, then goes on live."
        )
    )
    async def appointment_changes(
        self, info: Info, after: After = None
    ) -> AsyncIterator[AppointmentChange]:
        context = info.context
        viewer, start = context.viewer, position(after)
        as_party(viewer)
        script = AppointmentScript(viewer=viewer, hub=context.services.hub)
        # The scope is the session, for with the session it ends.
        return Feed(context.services.hub, script, scope=viewer, after=start)
