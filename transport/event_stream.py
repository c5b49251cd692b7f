"""An event stream: results on their way to one client, in an HTTP answer that does not end.

It may be reserved before it is opened; what is asked for meanwhile waits in its outbox. A client
who goes away is noticed at once, and nothing is left of him.
"""

import asyncio
from contextlib import suppress

from starlette.types import Message, Receive, Send

from transport.closing import DONE, RESTART, SILENT, Close
from transport.connection import Connection, Desk
from transport.events import KEEP_ALIVE, parting
from transport.execution import C
from transport.media import EVENTS
from transport.outbox import Frame, TakenOutbox
from transport.registry import Presence
from transport.stream import Stream

_PATIENCE = 3  # keep-alives within which something that waits has to go
HEADERS = {
    "content-type": f"{EVENTS}; charset=utf-8",
    "x-accel-buffering": "no",  # for proxies that would wait for more
}
_START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(name.encode(), value.encode()) for name, value in HEADERS.items()],
}


class EventStream(Connection[C]):
    """`alone`: it is one operation's, and over with it."""

    def __init__(self, desk: Desk[C], presence: Presence, *, alone: bool) -> None:
        limits = desk.limits
        self.frames = TakenOutbox(messages=limits.outbox_messages, size=limits.outbox_bytes)
        super().__init__(desk, presence, self.frames)
        self.over: asyncio.Future[Close | None] = asyncio.get_running_loop().create_future()
        self.alone, self.opened = alone, False
        self._stuck = 0

    async def carry(self, receive: Receive, send: Send) -> None:
        """Open it. Returns when it is over and the client has been told so."""
        self.opened = True
        try:
            await send(_START)
            self.outbox.add(Frame(KEEP_ALIVE))  # some browsers wait for the first byte
            self.start(self._write(send))
            self.start(self._watch(receive))
            self._plan_tick()
            close = await asyncio.shield(self.over)
            self._timer.cancel()
            if close is not None:
                await self._part(close, send)
        finally:
            await self.clear()

    def ended(self, close: Close | None, /) -> None:
        self.over.set_result(close)

    async def clear(self) -> None:
        """When it is over: leave nothing behind. May be called more than once."""
        self.end(None)
        self.stop()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.presence.leave()

    def reserve(self) -> None:
        """It is to be opened soon, or it is over."""
        self._timer = self.desk.pulse.after(self.desk.limits.reservation_seconds, self._give_up)

    def retire(self) -> None:
        if self.opened:
            super().retire()
        else:
            self.end(RESTART)

    def freed(self, stream: Stream) -> None:
        super().freed(stream)
        if self.alone and not self.retiring:
            self.start(self._finish())

    def _give_up(self) -> None:
        if not self.opened:
            self.end(SILENT)

    async def _finish(self) -> None:
        await self.outbox.flushed()
        self.end(DONE)

    async def _part(self, close: Close, send: Send) -> None:
        with suppress(TimeoutError):  # he does not read
            async with asyncio.timeout(self.desk.limits.close_seconds):
                if errors := parting(close):
                    for stream in tuple(self.streams.values()):
                        stream.refuse(errors)
                    await self.outbox.flushed()
                await self.clear()
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, send: Send) -> None:
        while True:
            body = await self.frames.take()
            await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.end(None)

    def _plan_tick(self) -> None:
        self._timer = self.desk.pulse.after(self.desk.limits.keep_alive_seconds, self._tick)

    def _tick(self) -> None:
        self._stuck = self._stuck + 1 if self.frames.stuck() else 0
        if self._stuck >= _PATIENCE:
            self.end(SILENT)
            return
        if self.outbox.is_empty:
            self.outbox.add(Frame(KEEP_ALIVE))
        self._plan_tick()
