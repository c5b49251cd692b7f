"""A feed: what a subscription's field answers. Who follows it joins a group of the hub."""

from collections.abc import AsyncIterator, Hashable
from typing import Generic, TypeVar

from domain.events import Position
from subscriptions.hub import Hub, Listener, Render, Script, Sink

T = TypeVar("T")


class Feed(AsyncIterator[T], Generic[T]):
    """`scope` None: everybody sees the same. An iterator by name alone, for graphql-core's sake."""

    def __init__(
        self, hub: Hub, script: Script, *, scope: Hashable, after: Position | None
    ) -> None:
        self._hub, self._script, self._after = hub, script, after
        self.scope = scope

    async def follow(self, key: Hashable, render: Render, sink: Sink, /) -> Listener:
        listener = Listener(self._hub.group(key, self._script, render), sink)
        listener.start(self._after)
        return listener

    async def __anext__(self) -> T:
        raise TypeError("a feed is followed, not iterated")
