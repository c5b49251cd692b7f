"""One operation on a connection, from its start to its end: the sink of a feed, too.

Once it is over nothing more is said of it. It is over when the server has said so (what waits is
sent before that), or stopped, when the client has, or is gone (what waits is dropped), or let go,
when the client is to come back for the rest (what waits is sent, and no end is told).
"""

import asyncio
import logging
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from domain.errors import Unauthenticated
from transport.errors import Shown, present
from transport.feeds import Following
from transport.outbox import Frame, Outbox
from transport.registry import LiveOperation

log = logging.getLogger(__name__)


class Wording(Protocol):
    """How a carrier says what is to be said of one operation."""

    def next(self, payload: bytes, position: object, /) -> tuple[bytes, bytes, bytes]: ...
    def errors(self, errors: Sequence[Shown], /) -> bytes:
        """With them it ends."""
        ...

    def complete(self) -> bytes: ...
    def start(self, position: object, /) -> bytes:
        """That it listens from here on; b"" where there is nothing to say."""
        ...


class Stream:
    """`on_over` is called once, when the id is free again."""

    __slots__ = (
        "_following",
        "_had_room",
        "_on_over",
        "_outbox",
        "_over",
        "_wording",
        "disowned",
        "id",
        "lasting",
        "live",
        "session",
        "stopped",
        "task",
    )

    def __init__(
        self, id: str, wording: Wording, outbox: Outbox, on_over: Callable[["Stream"], object]
    ) -> None:
        self.id = id
        self.stopped = False
        self.lasting = False  # it may go on for ever, so that nobody waits for its end
        self.session: Hashable = None  # of whoever began it
        self.disowned = False  # its feed has found that the session is no more
        self.live: LiveOperation | None = None
        self.task: asyncio.Task[None] | None = None  # that prepares it, executes it, or iterates
        self._wording, self._outbox, self._on_over = wording, outbox, on_over
        self._over = False
        self._following: Following | None = None
        self._had_room = False  # before it was known whom to tell

    @property
    def is_over(self) -> bool:
        return self._over

    def offer(self, payload: bytes, position: object = None, /) -> bool:
        if self._over:
            return True
        if not self._outbox.offer(*self._wording.next(payload, position), self):
            return False
        self._reached(position)
        return True

    def offer_all(self, told: Sequence[tuple[object, bytes]], /) -> int:
        if self._over:
            return len(told)
        frames = [self._next(payload, position) for position, payload in told]
        taken = self._outbox.offer_all(frames, self)
        if taken:
            self._reached(told[taken - 1][0])
        return taken

    def starts(self, position: object, /) -> None:
        if not self._over:
            self._reached(position)
            if text := self._wording.start(position):
                self._outbox.add(Frame(text, owner=self))

    def finish(self, error: Exception | None = None, /) -> None:
        if error is not None:
            self.disowned = isinstance(error, Unauthenticated)
            self.refuse(present([error]))
        elif self._end():
            self._outbox.add(Frame(self._wording.complete(), owner=self))

    def refuse(self, errors: Sequence[Shown]) -> None:
        if self._end():
            self._outbox.add(Frame(self._wording.errors(errors), owner=self))

    async def send(self, payload: bytes) -> None:
        """Take it when there is room."""
        await self._outbox.room()
        if not self._over:
            self._outbox.add(self._next(payload, None))

    def follows(self, following: Following) -> None:
        """To be called as soon as the feed has answered, whatever has happened meanwhile."""
        self._following = following
        if self._over:
            self._leave()
        elif self._had_room:
            following.drained()

    def drained(self) -> None:
        if self._over:
            return
        if self._following is None:
            self._had_room = True
        else:
            self._following.drained()

    def let_go(self) -> None:
        self._end()
        if self.task is not None:
            self.task.cancel()

    def stop(self) -> None:
        """At once: nothing more is sent, nothing more is done."""
        self.stopped = True
        self.let_go()

    def _next(self, payload: bytes, position: object) -> Frame:
        return Frame(*self._wording.next(payload, position), self)

    def _reached(self, position: object) -> None:
        if position is not None and self.live is not None:
            self.live.position = position

    def _end(self) -> bool:
        """False: it was over already."""
        if self._over:
            return False
        self._over = True
        if self.live is not None:
            self.live.over()
        self._leave()
        self._on_over(self)
        return True

    def _leave(self) -> None:
        if self._following is None:
            return
        try:
            self._following.leave()
        except Exception:
            log.exception("a feed could not be left")  # and the others still have to be
