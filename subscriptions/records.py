"""A patient's own record, live: as it is opened, shared and revoked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import strawberry

from domain import clock
from domain.auth import Viewer, as_patient
from domain.errors import Unauthenticated
from domain.events import Event, Position, RecordAccessed, Recorded
from schema.accesses import RecordAccess
from schema.context import Info
from schema.scalars import After, position
from subscriptions.feeds import Feed
from subscriptions.hub import Hub


@dataclass(frozen=True, kw_only=True)
class RecordScript:
    viewer: Viewer
    hub: Hub
    events: frozenset[type[Event]] = frozenset({RecordAccessed})

    @property
    def audience(self) -> frozenset[UUID]:
        return frozenset({self.viewer.user_id})

    async def allows(self, event: Event, /) -> bool:
        """While the session lives."""
        del event
        if not await self.hub.may_hear(self.viewer.session_id):
            raise Unauthenticated
        return True

    def tell(self, recorded: Recorded, /) -> RecordAccess:
        event = cast("RecordAccessed", recorded.event)
        return RecordAccess.told(recorded.position, recorded.at, event.access_id)

    def resync(self, position: Position, /) -> RecordAccess:
        return RecordAccess.told(position, clock.now(), None)


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description=(
            "A patient's own record, as it is opened, shared and revoked. `after` replays what came"
            " later than that cursor, then goes on live."
        )
    )
    async def record_accessed(self, info: Info, after: After = None) -> AsyncIterator[RecordAccess]:
        context = info.context
        viewer, start = context.viewer, position(after)
        as_patient(viewer)
        script = RecordScript(viewer=viewer, hub=context.services.hub)
        # The scope is the session, for with the session it ends.
        return Feed(context.services.hub, script, scope=viewer, after=start)
