"""GraphQL over WebSocket: graphql-transport-ws, to the letter of its PROTOCOL.

A socket has no task of its own: what comes over its line is acted on at once, and what has to wait
for something is a task for so long. Nothing that a client sends makes it fail: what is not of the
protocol closes it with the protocol's code.
"""

import asyncio
import logging
import time
from contextvars import copy_context
from typing import Generic

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from transport import messages, origins, refusal, telemetry
from transport.allowance import Allowance
from transport.closing import (
    INIT_TIMEOUT,
    MALFORMED,
    SERVER_ERROR,
    SILENT,
    SUBPROTOCOL_NOT_ACCEPTABLE,
    SUBSCRIBER_EXISTS,
    TOO_LARGE,
    TOO_MANY_INITS,
    TOO_MUCH_CHATTER,
    UNAUTHORIZED,
    Close,
)
from transport.connection import Connection, Desk
from transport.execution import C
from transport.gate import RateLimited
from transport.handshake import Take, taker
from transport.lane import SMALL
from transport.line import Line
from transport.messages import Complete, Init, Message, Ping, Pong, Subscribe
from transport.outbox import Frame, LineOutbox
from transport.registry import Carrier, Presence
from transport.requests import Asked, Client, Malformed

log = logging.getLogger(__name__)

_REASON_BYTES = 123  # RFC 6455, 5.5: a control frame has 125, and the code takes two
_CHATTER_BYTES = 4096  # of a message that counts as one; a larger one counts as several


class SocketDoor(Generic[C]):
    """An ASGI application that refuses handshakes, or takes their lines."""

    def __init__(self, desk: Desk[C]) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        desk, take = self._desk, taker(scope)
        if take is None:
            log.error(refusal.NO_LINE["message"])
            await refusal.refuse(scope, send, 501, refusal.NO_LINE)
            return
        if not origins.allows(Headers(scope=scope), scope.get("scheme", "ws"), desk.limits.origins):
            await refusal.refuse(scope, send, 403, refusal.OTHER_ORIGIN)
            return
        client = refusal.client_of(scope)
        try:
            await desk.operations.admit(desk.authenticate(None, client))
        except RateLimited as limited:
            after = str(limited.retry_after)
            await refusal.refuse(scope, send, 429, limited.errors[0], retry_after=after)
            return
        presence = desk.registry.admit(Carrier.WEBSOCKET, client.address)
        if presence is None:
            await refusal.refuse(scope, send, 429, refusal.TOO_MANY, retry_after="10")
            return
        try:
            self._open(take, presence, client, scope["subprotocols"])
        except OSError:  # he is gone
            presence.leave()

    def _open(
        self, take: Take, presence: Presence, client: Client, subprotocols: list[str]
    ) -> None:
        if messages.SUBPROTOCOL in subprotocols:
            Socket(self._desk, presence, client, take(messages.SUBPROTOCOL))
            return
        # Opened all the same, for a browser sees no code of a refused handshake.
        line, close = take(None), SUBPROTOCOL_NOT_ACCEPTABLE
        presence.leave()
        telemetry.CLOSES.labels(close.code).inc()
        line.close(*close, patience=self._desk.limits.close_seconds)


class Socket(Connection[C]):
    """At the end of a line, from when it is made until the line is closed."""

    __slots__ = (
        "_chatter",
        "_client",
        "_frames",
        "_in_turn",
        "_init_by",
        "_pings",
        "_unheard",
        "line",
    )

    def __init__(self, desk: Desk[C], presence: Presence, client: Client, line: Line) -> None:
        limits = desk.limits
        self._frames = LineOutbox(line, messages=limits.outbox_messages, size=limits.outbox_bytes)
        super().__init__(desk, presence, self._frames)
        desk.drain.enter()
        self.context = copy_context()  # that of the handshake: its request's id, its trace
        self._client, self.line = client, line
        self._unheard = 0  # pings since he was last heard
        self._in_turn = False  # a message of his waits for its turn
        self._chatter = Allowance(
            time.monotonic, at_once=limits.chatter_at_once, per_second=limits.chatter_per_second
        )
        self._init_by = desk.pulse.after(limits.init_seconds, self._expect_init)
        self._pings = desk.pulse.after(limits.ping_seconds, self._ping)
        line.lead_to(self)

    def ended(self, close: Close | None, /) -> None:
        self._init_by.cancel()
        self._pings.cancel()
        self.stop()
        if close is not None:
            telemetry.CLOSES.labels(close.code).inc()
            self.line.close(*close, patience=self.desk.limits.close_seconds)
        if not self.tasks:
            self._leave()

    def done(self, task: asyncio.Task[None]) -> None:
        was_over = self.is_over
        super().done(task)
        if was_over and not self.tasks:
            self._leave()

    def _leave(self) -> None:
        """Once: nothing starts a task when it is over."""
        self.presence.leave()
        self.desk.drain.leave()

    def lost(self) -> None:
        self.end(None)

    def resumed(self) -> None:
        self._frames.flow()
        self._go_on()

    def hear(self, text: str | None, /) -> None:
        self._unheard = 0
        if text is not None and len(text) > SMALL:
            self._in_turn = True
            self.line.hold()
            self.start(self._answer_in_turn(text))
        else:
            self._answer(text)

    async def _answer_in_turn(self, text: str) -> None:
        async with self.desk.documents.lane.turn():
            self._answer(text)
        self._in_turn = False
        self._go_on()

    def _answer(self, text: str | None) -> None:
        try:
            close = self._hear(text)
        except Exception:
            log.exception("a socket failed")
            close = SERVER_ERROR
        if close is not None:
            self.end(close)
        elif not self.outbox.has_room:
            self.line.hold()

    def _go_on(self) -> None:
        if not self._in_turn and self.outbox.has_room:
            self.line.release()

    def _expect_init(self) -> None:
        if self.caller is None:
            self.end(INIT_TIMEOUT)

    def _ping(self) -> None:
        if self._unheard > 1 or self.line.stuck():  # he is silent, or does not read
            self.end(SILENT)
            return
        self._unheard += 1
        self.outbox.add(Frame(messages.PING))
        self._pings = self.desk.pulse.after(self.desk.limits.ping_seconds, self._ping)

    def _hear(self, text: str | None) -> Close | None:
        """The close that this message brings about, if any."""
        if text is None:
            return Close(MALFORMED, "Messages are text, not binary.")
        size = len(text) if text.isascii() else len(text.encode())
        if size > self.desk.limits.body_bytes:
            return TOO_LARGE
        try:
            message = messages.read(text)
        except Malformed as malformed:
            return Close(MALFORMED, str(malformed))
        if self._is_chatter(message) and not self._chatter.take(1 + size // _CHATTER_BYTES):
            return TOO_MUCH_CHATTER
        return self._act(message)

    def _is_chatter(self, message: Message) -> bool:
        """Whether it costs the client nothing, so that it is rationed."""
        match message:
            case Ping() | Pong():
                return True
            case Complete(id):
                return id not in self.streams
        return False

    def _act(self, message: Message) -> Close | None:
        match message:
            case Init(authorization):
                return self._init(authorization)
            case Subscribe(id, asked):
                return self._subscribe(id, asked)
            case Complete(id):
                if stream := self.streams.get(id):
                    stream.stop()
            case Ping(authorization, pong):
                self.outbox.add(Frame(pong))
                if authorization is not None and self.caller is not None:
                    return self.identify(self.desk.authenticate(authorization, self._client))
            case Pong():
                pass
        return None

    def _init(self, authorization: str | None) -> Close | None:
        if self.caller is not None:
            return TOO_MANY_INITS
        if close := self.identify(self.desk.authenticate(authorization, self._client)):
            return close
        self._init_by.cancel()
        self.outbox.add(Frame(messages.CONNECTION_ACK))
        return None

    def _subscribe(self, id: str, asked: Asked) -> Close | None:
        if self.caller is None:
            return UNAUTHORIZED
        if id in self.streams:
            reason = f"Subscriber for {id} already exists".encode()[:_REASON_BYTES]
            return Close(SUBSCRIBER_EXISTS, reason.decode(errors="ignore"))
        if self.desk.drain.refusing:
            self.retire()  # nothing of it has begun, and he will ask the next server
            return None
        self.operate(self.open(id, messages.wording(id)), asked, self.caller)
        return None
