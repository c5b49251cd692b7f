"""Feeds: what a subscription's resolver answers, and how its listeners hang on it.

The hub, in a room that this one does not know, has the other half. A feed asks for one rendering of
an event for each distinct key, and hands the very same bytes to every sink that follows under it.
All of it happens in one event loop.
"""

from collections.abc import AsyncIterable, Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, cast

import orjson

from transport.documents import Operation

Render: TypeAlias = Callable[[object], Awaitable[bytes]]


class Sink(Protocol):
    """Where the answers for one subscriber go. None of it waits."""

    def offer(self, payload: bytes, position: object = None, /) -> bool:
        """Take one rendered answer. False: there is no room, and nothing was taken; `drained` of
        the following tells when there is. True, and nothing done, once the stream is over.

        `position`: its text is what `after` takes to go on behind this answer.
        """
        ...

    def offer_all(self, told: Sequence[tuple[object, bytes]], /) -> int:
        """Take several at once, each with its position, in their order; how many were taken. Fewer
        than all: as where one is not taken.
        """
        ...

    def starts(self, position: object, /) -> None:
        """From here on the sink is told everything. Not before the first offer, or not at all."""
        ...

    def finish(self, error: Exception | None = None, /) -> None:
        """The stream is over, by itself or for this reason. Always taken; the first time counts."""
        ...


class Following(Protocol):
    """One sink's place in a feed."""

    def drained(self) -> None:
        """The sink that said False has room again: the feed offers one RESYNC, and goes on."""
        ...

    def leave(self) -> None:
        """Offer nothing more. May be called at any time, and more than once; does not wait."""
        ...


class Feed(AsyncIterable[object], Protocol):
    """Also an iterable of its events, for graphql-core takes nothing else for a stream."""

    @property
    def scope(self) -> Hashable:
        """None: all see the same answer to the same selection. Else only those of equal scope do,
        and it is rendered as one of them.
        """
        ...

    async def follow(self, key: Hashable, render: Render, sink: Sink, /) -> Following:
        """Begin to offer. The sink may be offered to before this returns.

        When this is cancelled, the sink follows nothing. Raises what the client may be told.
        """
        ...


def as_feed(source: object) -> Feed | None:
    """None: it is a plain stream. To ask whether it is a Feed looks at every attribute of one."""
    return cast("Feed", source) if hasattr(source, "follow") else None


def key_of(operation: Operation, variables: Mapping[str, Any], scope: Hashable) -> Hashable:
    """Equal for those whose events are rendered alike.

    Where one starts makes no difference to that, so the variable behind the root field's `after`
    is left out, unless it is used for anything else. So are variables that are not declared.
    """
    declared = {
        definition.variable.name.value
        for definition in operation.definition.variable_definitions or ()
    }
    telling = {name: variables[name] for name in (declared & variables.keys()) - {operation.start}}
    return operation.key, _text(telling), scope


def _text(telling: Mapping[str, Any]) -> str:
    # As text, for orjson's bytes keep four times the room that they had while they grew.
    return orjson.dumps(telling, option=orjson.OPT_SORT_KEYS).decode()
