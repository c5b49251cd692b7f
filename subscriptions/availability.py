"""Slots, live: open to everybody."""

from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import strawberry

from domain import clock, events
from domain.errors import BadInput, NotFound
from domain.events import Event, Position, Recorded, SlotEvent
from schema import ids
from schema.context import Context, Info, Reads
from schema.scalars import EventCursor, position
from schema.slots import SlotChange, SlotChangeKind
from subscriptions.feeds import Feed

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
    audience: frozenset[UUID]
    reads: Reads
    events: frozenset[type[Event]] = frozenset(KINDS)

    async def allows(self, event: Event, /) -> bool:
        """A doctor who is not verified is not seen."""
        return await self.reads.verified(event.doctor_id)

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
        self, info: Info, doctor_ids: list[strawberry.ID], after: EventCursor | None = None
    ) -> AsyncIterator[SlotChange]:
        context = info.context
        start = position(after)
        if not 1 <= len(doctor_ids) <= DOCTORS_MOST:
            raise BadInput(f"Name 1 to {DOCTORS_MOST} doctors.")
        audience = frozenset(ids.read_doctor(id) for id in doctor_ids)
        doctors = await context.reads.doctors(list(audience))
        if not all(id in doctors and doctors[id].verified for id in audience):
            raise NotFound("There is no such doctor.")
        script = SlotScript(audience=audience, reads=context.reads)
        return Feed(context.services.hub, script, scope=_scope(context), after=start)


def _scope(context: Context) -> Hashable:
    """All see the same, unless the selection asks for what only a holder sees."""
    personal = "holdExpiresAt" in context.fields and context.caller is not None
    return context.caller if personal else None
