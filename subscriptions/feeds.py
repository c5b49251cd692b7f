"""A feed: what a subscription's field answers. Who follows it joins a group of the hub."""

from collections.abc import AsyncIterator, Callable, Hashable
from typing import Generic, TypeVar

from domain.events import Position
from subscriptions.hub import Hub, Listener
from subscriptions.scripts import Render, Script, Sink

T = TypeVar("T")


class Feed(AsyncIterator[T], Generic[T]):
    """`scope` None: everybody sees the same. `tells_state`: who does not say where he was is first
    told how it stands. `followed` is called for each listener, and what it answers when he leaves.

    An iterator by name alone, for graphql-core's sake.
    """

    def __init__(
        self,
        hub: Hub,
        script: Script,
        *,
        scope: Hashable,
        after: Position | None,
        tells_state: bool = False,
        followed: Callable[[], Callable[[], None]] | None = None,
    ) -> None:
        self._hub, self._script, self._after = hub, script, after
        self._tells_state, self._followed = tells_state, followed
        self.scope = scope

    async def follow(self, key: Hashable, render: Render, sink: Sink, /) -> Listener:
        left = self._followed() if self._followed is not None else None
        listener = Listener(self._hub.group(key, self._script, render), sink, left)
        listener.start(self._after, told_state=self._tells_state and self._after is None)
        return listener

    async def __anext__(self) -> T:
        raise TypeError("a feed is followed, not iterated")
