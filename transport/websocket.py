"""GraphQL over WebSocket: graphql-transport-ws, to the letter.

A socket is one task that reads, one that writes, and one for each operation that is under way; an
operation that follows a feed has none. All of them end with the socket, whoever ended it. Nothing
that a client sends makes it fail: what is not of the protocol closes it with the protocol's code.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Generic, NamedTuple

from starlette.types import Receive, Scope, Send

from transport import messages
from transport.documents import Documents, OperationType
from transport.errors import Unfit, present
from transport.execution import Authenticate, C, Operations, Subscription
from transport.feeds import Feed
from transport.limits import Limits
from transport.messages import Complete, Init, Message, Ping, Pong, Subscribe
from transport.outbox import Frame, Outbox
from transport.requests import Asked, Malformed
from transport.stream import Stream

log = logging.getLogger(__name__)

_REASON_BYTES = 123  # RFC 6455, 5.5: a control frame has 125, and the code takes two


class Close(NamedTuple):
    code: int
    reason: str


MALFORMED = 4400
UNAUTHORIZED = Close(4401, "Unauthorized")
FORBIDDEN = Close(4403, "Forbidden")
SUBPROTOCOL_NOT_ACCEPTABLE = Close(4406, "Subprotocol not acceptable")
INIT_TIMEOUT = Close(4408, "Connection initialisation timeout")
SUBSCRIBER_EXISTS = 4409
TOO_MANY_INITS = Close(4429, "Too many initialisation requests")
SERVER_ERROR = Close(4500, "Internal server error")
TOO_LARGE = Close(1009, "Message too large")
SILENT = Close(1001, "No sign of life")


class SocketDoor(Generic[C]):
    """An ASGI application for WebSockets."""

    def __init__(
        self,
        documents: Documents,
        operations: Operations[C],
        *,
        authenticate: Authenticate[C],
        limits: Limits,
    ) -> None:
        self.documents, self.operations = documents, operations
        self.authenticate, self.limits = authenticate, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        try:
            if messages.SUBPROTOCOL in scope["subprotocols"]:
                await send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL})
                close = await Socket(self, receive, send).run()
            else:  # opened all the same, for a browser sees no code of a refused handshake
                await send({"type": "websocket.accept"})
                close = SUBPROTOCOL_NOT_ACCEPTABLE
            if close:
                async with asyncio.timeout(self.limits.close_seconds):
                    await send({"type": "websocket.close", **close._asdict()})
        except (OSError, TimeoutError):  # he is gone, or as good as gone
            return


class Socket(Generic[C]):
    def __init__(self, door: SocketDoor[C], receive: Receive, send: Send) -> None:
        self._door, self._receive, self._send = door, receive, send
        self._outbox = Outbox(messages=door.limits.outbox_messages, size=door.limits.outbox_bytes)
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[Close | None] = self._loop.create_future()
        self._caller: C | None = None
        self._streams: dict[str, Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unheard = 0  # pings since he was last heard

    async def run(self) -> Close | None:
        """Until it is over. How it is to be closed; None when the client has closed it."""
        self._start(self._read())
        self._start(self._write())
        init_timer = self._loop.call_later(self._door.limits.init_seconds, self._expect_init)
        self._plan_ping()
        try:
            return await self._over
        finally:
            self._over.cancel()
            init_timer.cancel()
            self._ping_timer.cancel()
            for stream in list(self._streams.values()):
                stream.stop()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _end(self, close: Close | None) -> None:
        if not self._over.done():
            self._over.set_result(close)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            if not isinstance(error, OSError):  # a send to one who is gone
                log.error("a socket failed", exc_info=error)
            self._end(SERVER_ERROR)

    def _expect_init(self) -> None:
        if self._caller is None:
            self._end(INIT_TIMEOUT)

    def _plan_ping(self) -> None:
        self._ping_timer = self._loop.call_later(self._door.limits.ping_seconds, self._ping)

    def _ping(self) -> None:
        if self._unheard > 1:
            self._end(SILENT)
            return
        self._unheard += 1
        self._outbox.add(Frame(messages.PING))
        self._plan_ping()

    async def _write(self) -> None:
        while True:
            text = await self._outbox.take()
            await self._send({"type": "websocket.send", "text": text})

    async def _read(self) -> None:
        while not self._over.done():
            await self._outbox.room()
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                self._end(None)
                return
            self._unheard = 0
            if close := self._hear(event.get("text")):
                self._end(close)

    def _hear(self, text: str | None) -> Close | None:
        """The close that this message brings about, if any."""
        if text is None:
            return Close(MALFORMED, "Messages are text, not binary.")
        if len(text) > self._door.limits.body_bytes:
            return TOO_LARGE
        try:
            message = messages.read(text)
        except Malformed as malformed:
            return Close(MALFORMED, str(malformed))
        return self._act(message)

    def _act(self, message: Message) -> Close | None:
        match message:
            case Init(authorization):
                return self._init(authorization)
            case Subscribe(id, asked):
                return self._subscribe(id, asked)
            case Complete(id):
                if stream := self._streams.get(id):
                    stream.stop()
            case Ping(payload):
                self._outbox.add(Frame(messages.pong(payload)))
            case Pong():
                pass
        return None

    def _init(self, authorization: str | None) -> Close | None:
        if self._caller is not None:
            return TOO_MANY_INITS
        caller = self._door.authenticate(authorization)
        if caller.dead:
            return FORBIDDEN
        self._caller = caller
        self._outbox.add(Frame(messages.CONNECTION_ACK))
        return None

    def _subscribe(self, id: str, asked: Asked) -> Close | None:
        if self._caller is None:
            return UNAUTHORIZED
        if id in self._streams:
            reason = f"Subscriber for {id} already exists".encode()[:_REASON_BYTES]
            return Close(SUBSCRIBER_EXISTS, reason.decode(errors="ignore"))
        stream = Stream(id, self._outbox, lambda over: self._streams.pop(over.id, None))
        most = self._door.limits.operations_per_socket
        self._streams[id] = stream
        if len(self._streams) > most:
            message = f"A socket has at most {most} operations at once."
            stream.refuse([{"message": message, "extensions": {"code": "RATE_LIMITED"}}])
        else:
            stream.task = self._start(self._operate(stream, asked, self._caller))
        return None

    async def _operate(self, stream: Stream, asked: Asked, caller: C) -> None:
        """Until the answer is in the outbox, or the stream follows its feed."""
        try:
            operation = self._door.documents.prepare(asked.query, asked.operation_name)
            if operation.type is OperationType.SUBSCRIPTION:
                granted = await self._door.operations.subscribe(operation, asked.variables, caller)
                await _deliver(granted, stream)
            else:
                answer = await self._door.operations.answer(operation, asked.variables, caller)
                await stream.send(answer)
                stream.finish()
        except Unfit as unfit:
            stream.refuse(unfit.errors)
        except Exception as error:  # noqa: BLE001
            stream.refuse(present([error]))
        finally:
            stream.task = None


async def _deliver(granted: Subscription, stream: Stream) -> None:
    source = granted.source
    if isinstance(source, Feed):
        stream.follows(await source.follow(granted.key, granted.render, stream))
        return
    # A plain stream waits for the client instead of leaving anything out.
    events = aiter(source)
    try:
        async for event in events:
            await stream.send(await granted.render(event))
    finally:
        if close := getattr(events, "aclose", None):
            await close()
    stream.finish()
