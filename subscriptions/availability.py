"""Slots, live: open to everybody, to a partner within its scopes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, cast
from uuid import UUID

import strawberry

from domain import clock, events
from domain.auth import Scope, Viewer, as_reader, may_read
from domain.errors import BadInput, NotFound, Unauthenticated
from domain.events import Event, Position, Recorded, SlotEvent
from schema import ids
from schema.context import Context, Info
from schema.scalars import After, EventCursor, position
from schema.slots import SlotChange, SlotChangeKind
from subscriptions.feeds import Feed
from subscriptions.hub import Hub

DOCTORS_MOST = 100
KINDS: dict[type[Event], SlotChangeKind] = {
    events.SlotOpened: SlotChangeKind.OPENED,
    events.SlotMoved: SlotChangeKind.MOVED,
    events.SlotHeld: SlotChangeKind.HELD,
    events.SlotReleased: SlotChangeKind.RELEASED,
    events.SlotBooked: SlotChangeKind.BOOKED,
    events.SlotWithdrawn: SlotChangeKind.WITHDRAWN,
}


@dataclass(frozen=True, kw_only=True)
class SlotScript:
    """`viewer`: whom it is for, where the selection shows something that only he may see."""

    audience: frozenset[UUID]
    viewer: Viewer | None
    hub: Hub
    events: frozenset[type[Event]] = frozenset(KINDS)

    async def allows(self, event: Event, /) -> bool:
        """A doctor who is not verified is not seen. What is the viewer's own, while he may."""
        session_id = self.viewer.session_id if self.viewer else None
        if session_id is not None and not await self.hub.may_hear(session_id):
            raise Unauthenticated
        return await self.hub.verified(cast("SlotEvent", event).doctor_id)

    def tell(self, recorded: Recorded, /) -> SlotChange:
        event = cast("SlotEvent", recorded.event)
        return SlotChange(
            cursor=EventCursor(str(recorded.position)),
            at=recorded.at,
            kind=KINDS[type(event)],
            slot_id=event.slot_id,
        )

    def resync(self, position: Position, /) -> SlotChange:
        return SlotChange(
            cursor=EventCursor(str(position)),
            at=clock.now(),
            kind=SlotChangeKind.RESYNC,
            slot_id=None,
        )


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description=(
            "Slots of these doctors (1 to 100): OPENED when published, RELEASED when one is free"
            " again. `after` replays what came later than that cursor, then goes on live."
        )
    )
    async def slot_changes(
        self,
        info: Info,
        doctor_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description=f"1 to {DOCTORS_MOST}.")
        ],
        after: After = None,
    ) -> AsyncIterator[SlotChange]:
        context = info.context
        as_reader(context.caller, Scope.SLOTS)
        start = position(after)
        if not 1 <= len(doctor_ids) <= DOCTORS_MOST:
            raise BadInput(f"Name 1 to {DOCTORS_MOST} doctors.")
        audience = frozenset(ids.read_doctor(id) for id in doctor_ids)
        hub: Hub = context.services.hub
        if not await hub.verified(*audience):
            raise NotFound("There is no such doctor.")
        viewer = _by_himself(context)
        script = SlotScript(audience=audience, viewer=viewer, hub=hub)
        return Feed(hub, script, scope=viewer, after=start)


def _by_himself(context: Context) -> Viewer | None:
    """All see the same, unless the selection asks for what only a holder sees, or for what a
    partner does not see.
    """
    caller = context.caller
    if caller is None or not may_read(caller, Scope.DOCTORS):
        return caller
    return caller if caller.patient_id and "holdExpiresAt" in context.fields else None
