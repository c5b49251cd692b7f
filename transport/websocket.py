"""GraphQL over WebSocket: graphql-transport-ws, to the letter of its PROTOCOL.

A socket is one task that reads, one that writes, and one for each operation that is under way.
Nothing that a client sends makes it fail: what is not of the protocol closes it with the protocol's
code.
"""

import asyncio
from typing import Generic

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from transport import messages, origins, refusal, telemetry
from transport.allowance import Allowance
from transport.closing import (
    INIT_TIMEOUT,
    MALFORMED,
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
from transport.lane import SMALL
from transport.messages import Complete, Init, Message, Ping, Pong, Subscribe, Wording
from transport.outbox import Frame
from transport.registry import Carrier, Presence
from transport.requests import Asked, Client, Malformed

_REASON_BYTES = 123  # RFC 6455, 5.5: a control frame has 125, and the code takes two
_CHATTER_BYTES = 4096  # of a message that counts as one; a larger one counts as several


class SocketDoor(Generic[C]):
    """An ASGI application for WebSockets."""

    def __init__(self, desk: Desk[C]) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        desk = self._desk
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
            close = await self._hold(presence, client, scope["subprotocols"], receive, send)
            if close is not None:
                telemetry.CLOSES.labels(close.code).inc()
                async with asyncio.timeout(desk.limits.close_seconds):
                    await send({"type": "websocket.close", **close._asdict()})
        except (OSError, TimeoutError):  # he is gone, or as good as gone
            return
        finally:
            presence.leave()

    async def _hold(
        self,
        presence: Presence,
        client: Client,
        subprotocols: list[str],
        receive: Receive,
        send: Send,
    ) -> Close | None:
        if messages.SUBPROTOCOL not in subprotocols:
            # Opened all the same, for a browser sees no code of a refused handshake.
            await send({"type": "websocket.accept"})
            return SUBPROTOCOL_NOT_ACCEPTABLE
        socket = Socket(self._desk, presence, client, receive, send)
        await send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL})
        return await socket.run()


class Socket(Connection[C]):
    def __init__(
        self, desk: Desk[C], presence: Presence, client: Client, receive: Receive, send: Send
    ) -> None:
        super().__init__(desk, presence)
        self._client, self._receive, self._send = client, receive, send
        self._unheard = 0  # pings since he was last heard
        limits = desk.limits
        self._chatter = Allowance(
            self.loop.time, at_once=limits.chatter_at_once, per_second=limits.chatter_per_second
        )

    async def run(self) -> Close | None:
        """Until it is over. How it is to be closed; None when the client has closed it."""
        self.start(self._read())
        self.start(self._write())
        init_timer = self.loop.call_later(self.desk.limits.init_seconds, self._expect_init)
        self._plan_ping()
        try:
            return await self.over
        finally:
            init_timer.cancel()
            self._ping_timer.cancel()
            await self.clear()

    def _expect_init(self) -> None:
        if self.caller is None:
            self.end(INIT_TIMEOUT)

    def _plan_ping(self) -> None:
        self._ping_timer = self.loop.call_later(self.desk.limits.ping_seconds, self._ping)

    def _ping(self) -> None:
        if self._unheard > 1 or self.outbox.stuck():  # he is silent, or does not read
            self.end(SILENT)
            return
        self._unheard += 1
        self.outbox.add(Frame(messages.PING))
        self._plan_ping()

    async def _write(self) -> None:
        while True:
            text = await self.outbox.take()
            await self._send({"type": "websocket.send", "text": text})

    async def _read(self) -> None:
        while not self.over.done():
            await self.outbox.room()
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                self.end(None)
                return
            self._unheard = 0
            text = event.get("text")
            async with self.desk.documents.lane.turn(needed=len(text or "") > SMALL):
                close = self._hear(text)
            if close:
                self.end(close)

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
        self.operate(self.open(id, Wording(id)), asked, self.caller)
        return None
