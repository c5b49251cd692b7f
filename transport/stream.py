"""One operation on a socket, from its subscribe to its complete: the sink of a feed, too.

Once it is over nothing is sent for its id. It is over when the server has said so (what waits is
sent before that), or stopped, when the client has, or is gone (what waits is dropped).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from transport import messages
from transport.errors import Shown, present
from transport.feeds import Following
from transport.outbox import Frame, Outbox

log = logging.getLogger(__name__)


class Stream:
    """`on_over` is called once, when the id is free again."""

    def __init__(self, id: str, outbox: Outbox, on_over: Callable[["Stream"], object]) -> None:
        self.id = id
        self.stopped = False
        self.task: asyncio.Task[None] | None = None  # that prepares it, executes it, or iterates
        self._outbox, self._on_over = outbox, on_over
        self._head = messages.next_head(id)
        self._over = False
        self._following: Following | None = None
        self._had_room = False  # before it was known whom to tell

    def offer(self, payload: bytes, /) -> bool:
        return self._over or self._outbox.offer(self._next(payload), self)

    def finish(self, error: Exception | None = None, /) -> None:
        if error is not None:
            self.refuse(present([error]))
        elif self._end():
            self._outbox.add(Frame(messages.complete(self.id), owner=self))

    def refuse(self, errors: Sequence[Shown]) -> None:
        if self._end():
            self._outbox.add(Frame(messages.error(self.id, errors), owner=self))

    async def send(self, payload: bytes) -> None:
        """Take it when there is room."""
        await self._outbox.room()
        if not self._over:
            self._outbox.add(self._next(payload))

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

    def stop(self) -> None:
        """At once: nothing more is sent, nothing more is done."""
        self.stopped = True
        self._end()
        if self.task is not None:
            self.task.cancel()

    def _next(self, payload: bytes) -> Frame:
        return Frame(self._head, messages.text_of(payload), "}", self)

    def _end(self) -> bool:
        """False: it was over already."""
        if self._over:
            return False
        self._over = True
        self._on_over(self)
        self._leave()
        return True

    def _leave(self) -> None:
        if self._following is None:
            return
        try:
            self._following.leave()
        except Exception:
            log.exception("a feed could not be left")  # and the others still have to be
