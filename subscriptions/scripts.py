"""What the hub is told of a subscription: its script, how it is rendered, and where that goes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias
from uuid import UUID

from domain.events import Event, Position, Recorded

Render: TypeAlias = Callable[[object], Awaitable[bytes]]
Rendered: TypeAlias = tuple[Position, bytes]


class Over(Exception):
    """There is nothing more to be heard, and nothing is wrong with that."""


class Sink(Protocol):
    """Where a listener's answers go; transport/feeds.py has its other side."""

    def offer(self, payload: bytes, position: Position, /) -> bool: ...
    def offer_all(self, told: Sequence[Rendered], /) -> int: ...
    def starts(self, position: Position, /) -> None: ...
    def finish(self, error: Exception | None = None, /) -> None: ...


class Script(Protocol):
    """What a subscription listens to, and what it makes of an event."""

    @property
    def audience(self) -> frozenset[UUID]:
        """The doctors or patients whose events are meant."""
        ...

    @property
    def events(self) -> frozenset[type[Event]]: ...
    async def allows(self, event: Event, /) -> bool:
        """As of now. Raises DomainError when the listener may hear nothing any more, and Over when
        there is nothing more.
        """
        ...

    def tell(self, recorded: Recorded, /) -> object:
        """The root value that is rendered."""
        ...

    def resync(self, position: Position, /) -> object: ...
