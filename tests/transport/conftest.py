"""A real uvicorn on a free port of the loopback, in the loop of the tests; and clients by hand."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import httpx
import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from tests.judges.wire import CLOSE, TEXT, frame
from tests.transport.world import World
from transport.gathering import GatheringHttp
from transport.handshake import TAKE, Handshake
from transport.limits import Limits
from transport.line import Line
from transport.server import MIDDLEWARE

LIMITS = Limits(body_bytes=4096, operation_seconds=10, init_seconds=10, operations_per_socket=5)
BRIEF = replace(LIMITS, operation_seconds=0.3, init_seconds=0.3)  # for who waits for their end
PATIENCE = 10.0  # seconds: of what comes at once, but on a machine that others use, too


@pytest.fixture
def limits() -> Limits:
    """Others: @pytest.mark.parametrize("limits", [replace(LIMITS, …)])."""
    return LIMITS


@pytest.fixture
def world(limits: Limits) -> World:
    return World(limits)


@pytest.fixture(scope="session")
async def uvicorn_server() -> AsyncGenerator[tuple[str, dict[str, Any]]]:
    """Host and port, and where to put the application that is to be served; started once."""
    served: dict[str, Any] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await served["app"](scope, receive, send)

    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="warning",
        http=GatheringHttp,
        ws=Handshake,
        ws_max_size=16384,
        ws_per_message_deflate=False,
    )
    server = uvicorn.Server(config)
    served["server"] = server.server_state
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        running = asyncio.create_task(server.serve([listening]))
        await until(lambda: server.started)
        yield f"127.0.0.1:{listening.getsockname()[1]}", served
        server.should_exit = True
        await running


@pytest.fixture
def address(world: World, uvicorn_server: tuple[str, dict[str, Any]]) -> str:
    address, served = uvicorn_server
    server = world.server
    app = Starlette(routes=server.routes(), middleware=MIDDLEWARE)
    served["app"] = server.front(app)
    return address


@pytest.fixture
def server(uvicorn_server: tuple[str, dict[str, Any]]) -> ServerState:
    """uvicorn's own connections."""
    state: ServerState = uvicorn_server[1]["server"]
    return state


class Client:
    """A client of graphql-transport-ws that says exactly what it is told to."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            text = await self.connection.recv()
        assert isinstance(text, str), "a binary frame"
        return json.loads(text)

    async def init(self, token: str | None = None) -> None:
        payload = {"payload": {"authorization": f"Bearer {token}"}} if token else {}
        await self.say(type="connection_init", **payload)
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, id: str, query: str, **variables: Any) -> None:
        await self.say(id=id, type="subscribe", payload={"query": query, "variables": variables})

    async def silent(self) -> None:
        """Fails if anything but the answer to a ping comes."""
        await self.say(type="ping")
        assert await self.hear() == {"type": "pong"}

    async def closed(self) -> tuple[int, str]:
        async with asyncio.timeout(PATIENCE):
            await self.connection.wait_closed()
        return self.connection.close_code or 0, self.connection.close_reason or ""


Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def connect(address: str) -> Connect:
    @asynccontextmanager
    async def connect(*subprotocols: str, **options: Any) -> AsyncGenerator[Client]:
        url = f"ws://{address}/graphql"
        protocols: Any = list(subprotocols or ("graphql-transport-ws",))
        async with websockets.connect(url, subprotocols=protocols, **options) as connection:
            yield Client(connection)

    return connect


@dataclass(frozen=True)
class Event:
    event: str
    data: Any
    id: str | None = None


class Events:
    """An event stream as it comes; `comments` counts what is no event."""

    def __init__(self, response: httpx.Response) -> None:
        self.response, self.comments = response, 0
        self.last_id: str | None = None
        self._lines = response.aiter_lines()

    async def hear(self) -> Event:
        """The next event. Fails if the stream ends instead."""
        async with asyncio.timeout(PATIENCE):
            event = await self._next()
        assert event is not None, "the stream has ended"
        return event

    async def rest(self) -> list[Event]:
        """What comes until the stream ends."""
        async with asyncio.timeout(PATIENCE):
            return [event async for event in self._all()]

    async def _all(self) -> AsyncGenerator[Event]:
        while (event := await self._next()) is not None:
            yield event

    async def _next(self) -> Event | None:
        fields: dict[str, str] = {}
        async for line in self._lines:
            name, _, value = line.partition(":")
            if line and not name:
                self.comments += 1
            elif line:
                fields[name] = value.removeprefix(" ")
            else:
                self.last_id = fields.get("id", self.last_id)
                if "event" in fields:
                    data = json.loads(fields["data"]) if fields["data"] else None
                    return Event(fields["event"], data, fields.get("id"))
                fields = {}
        return None


Listen = Callable[..., AbstractAsyncContextManager[Events]]


@pytest.fixture
async def http(address: str) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
        yield client


@pytest.fixture
def listen(http: httpx.AsyncClient) -> Listen:
    @asynccontextmanager
    async def listen(
        query: str = "",
        *,
        path: str = "/graphql/stream",
        method: str = "POST",
        headers: dict[str, str] | None = None,
        **variables: Any,
    ) -> AsyncGenerator[Events]:
        asked = {"query": query, "variables": variables}
        how: dict[str, Any] = {"json": asked}
        if method == "GET":
            how = {"params": {"query": query, "variables": json.dumps(variables)} if query else {}}
        headers = {"accept": "text/event-stream", **(headers or {})}
        async with http.stream(method, path, headers=headers, **how) as response:
            yield Events(response)

    return listen


class Network(asyncio.Transport):
    """A transport that is nowhere: what is written is kept in `sent` while the client reads."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.unsent: list[bytes] = []
        self.full = self.closed = self.unread = False

    def write(self, content: Any) -> None:
        (self.unsent if self.full else self.sent).append(bytes(content))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True
        self.unsent.clear()

    def pause_reading(self) -> None:
        self.unread = True

    def resume_reading(self) -> None:
        self.unread = False


class Reading:
    """Whether the client reads what the server writes."""

    def __init__(self, network: Network, line: Line) -> None:
        self._network, self._line = network, line

    def clear(self) -> None:
        self._network.full = True
        self._line.pause_writing()

    def set(self) -> None:
        network = self._network
        network.full = False
        network.sent += network.unsent
        network.unsent.clear()
        self._line.resume_writing()


class ByHand:
    """A client of the very line, without a network in between."""

    def __init__(self, world: World) -> None:
        [self._door] = [r for r in world.server.routes() if isinstance(r, WebSocketRoute)]
        self._registry = world.made.registry
        self.network = Network()
        self.line = Line(self.network, set(), most=16384)
        self.reading = Reading(self.network, self.line)
        self.unheard: list[bytes] = []  # what the server does not read yet

    async def __aenter__(self) -> Self:
        scope = {
            "type": "websocket",
            "path": "/graphql",
            "headers": [],
            "subprotocols": ["graphql-transport-ws"],
            "extensions": {TAKE: lambda _: self.line},
        }

        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            raise AssertionError(message)

        before = set(self._registry.present)
        await self._door.app(scope, receive, send)  # type: ignore[arg-type]
        [self._presence] = set(self._registry.present) - before
        return self

    async def __aexit__(self, *_: object) -> None:
        self.network.abort()
        self.line.connection_lost(None)
        await until(lambda: self._presence not in self._registry.present)

    @property
    def cut_off(self) -> bool:
        return self.network.closed

    @property
    def closed(self) -> tuple[int, str] | None:
        """How, as far as the client has read it."""
        for opcode, body in self._frames:
            if opcode == CLOSE:
                return int.from_bytes(body[:2]), body[2:].decode()
        return None

    def say(self, **message: Any) -> None:
        self.unheard.append(frame(TEXT, json.dumps(message).encode()))
        asyncio.get_running_loop().call_soon(self._bring)

    def _bring(self) -> None:
        while self.unheard and not self.network.unread and not self.network.closed:
            self.line.data_received(self.unheard.pop(0))
        if self.unheard and not self.network.closed:
            asyncio.get_running_loop().call_later(0.001, self._bring)

    @property
    def heard(self) -> list[Any]:
        return [json.loads(body) for opcode, body in self._frames if opcode == TEXT]

    @property
    def _frames(self) -> list[tuple[int, bytes]]:
        return list(frames_of(b"".join(self.network.sent)))


def frames_of(heard: bytes) -> Iterator[tuple[int, bytes]]:
    """Of a server: they are not masked."""
    while heard:
        size, start = heard[1], 2
        if size > 125:
            start = 4 if size == 126 else 10
            size = int.from_bytes(heard[2:start])
        yield heard[0] & 15, heard[start : start + size]
        heard = heard[start + size :]


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.001)
