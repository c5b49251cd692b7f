"""The opening of a socket: answered as the application says, and only by a server that can."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from tests.judges.wire import HANDSHAKE
from tests.transport.conftest import PATIENCE, Client, Connect, until
from tests.transport.world import World
from transport.handshake import Handshake
from transport.server import MIDDLEWARE


@asynccontextmanager
async def answered(
    address: str, handshake: str
) -> AsyncGenerator[tuple[bytes, asyncio.StreamReader]]:
    """The head of the answer, and what follows."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(handshake.format(host=address).encode())
    async with asyncio.timeout(PATIENCE):
        yield await reader.readuntil(b"\r\n\r\n"), reader
    writer.transport.abort()


async def test_it_is_answered_as_rfc_6455_has_it(address: str):
    async with answered(address, HANDSHAKE) as (head, _):
        lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 101 Switching Protocols"
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # 1.3
    assert headers["sec-websocket-protocol"] == "graphql-transport-ws"
    assert headers["upgrade"].lower() == "websocket"
    assert "sec-websocket-extensions" not in headers


@pytest.mark.parametrize(
    ("changed", "to", "status"),
    [
        ("/graphql", "/elsewhere", 403),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 400),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: short", 400),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400),
        ("GET", "POST", 405),
    ],
)
async def test_what_cannot_be_opened_is_refused_and_over(address: str, changed, to, status):
    assert changed in HANDSHAKE
    async with answered(address, HANDSHAKE.replace(changed, to, 1)) as (head, reader):
        assert head.startswith(b"HTTP/1.1 %d " % status)
        await reader.read()  # to the end


async def test_a_handshake_that_fails_is_told_no_more_than_that(
    connect: Connect, uvicorn_server: tuple[str, dict[str, Any]], caplog: pytest.LogCaptureFixture
):
    _, served = uvicorn_server

    async def failing(*_: Any) -> None:
        raise RuntimeError("the password is hunter2")

    served["app"] = failing
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect():
            pass
    assert refused.value.response.status_code == 500
    assert b"hunter2" not in (refused.value.response.body or b"")
    assert "hunter2" in caplog.text


async def test_an_application_that_accepts_is_told_that_lines_are_taken(
    connect: Connect, uvicorn_server: tuple[str, dict[str, Any]], caplog: pytest.LogCaptureFixture
):
    _, served = uvicorn_server

    async def accepting(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    served["app"] = accepting
    with pytest.raises(websockets.InvalidStatus):
        async with connect():
            pass
    assert "its line is taken" in caplog.text


async def test_who_is_gone_before_he_is_answered_leaves_nothing(
    address: str, uvicorn_server: tuple[str, dict[str, Any]], world: World
):
    _, served = uvicorn_server
    app, may = served["app"], asyncio.Event()

    async def slow(*asgi: Any) -> None:
        await may.wait()
        await app(*asgi)

    served["app"] = slow
    host, _, port = address.partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(HANDSHAKE.format(host=address).encode())
    await until(lambda: served["server"].tasks)
    writer.transport.abort()
    await until(lambda: not served["server"].connections)
    may.set()
    await until(lambda: not served["server"].tasks)
    assert not world.made.registry.present


@asynccontextmanager
async def serving(world: World, ws: Any) -> AsyncGenerator[tuple[str, uvicorn.Server]]:
    app = Starlette(routes=list(world.server.routes()), middleware=MIDDLEWARE)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning", ws=ws))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        running = asyncio.create_task(server.serve([listening]))
        await until(lambda: server.started)
        yield f"127.0.0.1:{listening.getsockname()[1]}", server
        server.should_exit = True
        await running


async def test_under_another_ws_it_is_said_what_to_set(
    world: World, caplog: pytest.LogCaptureFixture
):
    async with (
        serving(world, "websockets-sansio") as (address, _),
        answered(address, HANDSHAKE) as (head, reader),
    ):
        assert head.startswith(b"HTTP/1.1 501 ")
        assert b"--ws transport.handshake:Handshake" in await reader.read()
        assert "--ws transport.handshake:Handshake" in caplog.text


async def test_a_server_that_shuts_down_without_a_drain_leaves_no_socket(world: World):
    async with serving(world, Handshake) as (address, server):
        url, protocols = f"ws://{address}/graphql", ["graphql-transport-ws"]
        async with websockets.connect(url, subprotocols=protocols) as connection:  # type: ignore[arg-type]
            client = Client(connection)
            await client.init("ana")
            await client.subscribe("1", 'subscription { changes(topic: "t") { word } }')
            await client.subscribe("2", "{ slow }")
            await until(lambda: world.hub.followings and len(world.contexts) == 2)
            server.should_exit = True
            assert (await client.closed())[0] == 1012
            await until(lambda: not world.made.registry.present)
    assert not world.hub.followings
