"""A real uvicorn on a free port of the loopback, in the loop of the tests; and sockets by hand."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self

import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.transport.world import World
from transport.limits import Limits

LIMITS = Limits(body_bytes=4096, operation_seconds=0.3, init_seconds=0.3, operations_per_socket=5)


@pytest.fixture
def world() -> World:
    return World(LIMITS)


@pytest.fixture(scope="session")
async def uvicorn_server() -> AsyncGenerator[tuple[str, dict[str, ASGIApp]]]:
    """Host and port, and where to put the application that is to be served; started once."""
    served: dict[str, ASGIApp] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await served["app"](scope, receive, send)

    config = uvicorn.Config(
        app, lifespan="off", log_level="warning", ws="websockets-sansio", ws_max_size=16384
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        running = asyncio.create_task(server.serve([listening]))
        await until(lambda: server.started)
        yield f"127.0.0.1:{listening.getsockname()[1]}", served
        server.should_exit = True
        await running


@pytest.fixture
def address(world: World, uvicorn_server: tuple[str, dict[str, ASGIApp]]) -> str:
    address, served = uvicorn_server
    served["app"] = Starlette(routes=list(world.server.routes()))
    return address


class Client:
    """A client of graphql-transport-ws that says exactly what it is told to."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self) -> Any:
        async with asyncio.timeout(3):
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
        async with asyncio.timeout(3):
            await self.connection.wait_closed()
        return self.connection.close_code or 0, self.connection.close_reason or ""


Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def connect(address: str) -> Connect:
    @asynccontextmanager
    async def connect(*subprotocols: str) -> AsyncGenerator[Client]:
        url = f"ws://{address}/graphql"
        protocols: Any = list(subprotocols or ("graphql-transport-ws",))
        async with websockets.connect(url, subprotocols=protocols) as connection:
            yield Client(connection)

    return connect


class ByHand:
    """The ASGI side of a socket without a network: the client reads when `reading` is set."""

    def __init__(self, world: World) -> None:
        [self._door] = [r for r in world.server.routes() if isinstance(r, WebSocketRoute)]
        self.sent: list[Any] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self._incoming: asyncio.Queue[Any] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._incoming.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": "/graphql",
            "headers": [],
            "subprotocols": ["graphql-transport-ws"],
        }
        self.running = asyncio.create_task(
            self._door.app(scope, self._incoming.get, self._send)  # type: ignore[arg-type]
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        self.reading.set()
        with contextlib.suppress(asyncio.CancelledError):
            await self.running

    async def _send(self, message: Any) -> None:
        await self.reading.wait()
        self.sent.append(message)

    def say(self, **message: Any) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    @property
    def heard(self) -> list[Any]:
        return [json.loads(m["text"]) for m in self.sent if m["type"] == "websocket.send"]


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(3):
        while not true():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.001)
