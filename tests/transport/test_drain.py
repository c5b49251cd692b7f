import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn
import websockets
from starlette.applications import Starlette

from tests.transport.conftest import LIMITS, ByHand, Client, Events, until
from tests.transport.world import Change, World
from transport.drain import STATE, DrainingServer
from transport.handshake import Handshake

CHANGES = 'subscription { changes(topic: "t") { word } }'
QUICK = replace(
    LIMITS, init_seconds=30, operation_seconds=30, drain_seconds=20, drained_per_second=1000
)
AT_ONCE = 5.0  # seconds: far less than the time that a drain may take
SUBPROTOCOL: Any = ["graphql-transport-ws"]


class Leaving:
    """A server that can be asked to leave, and clients of it."""

    def __init__(self, world: World, address: str, server: DrainingServer) -> None:
        self.world, self.address, self.server = world, address, server
        self.http = httpx.AsyncClient(base_url=f"http://{address}", trust_env=False)

    def leave(self) -> None:
        self.server.should_exit = True

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator[Client]:
        url = f"ws://{self.address}/graphql"
        async with websockets.connect(url, subprotocols=SUBPROTOCOL) as connection:
            client = Client(connection)
            await client.init("ana")
            yield client

    @asynccontextmanager
    async def events(self, query: str) -> AsyncGenerator[Events]:
        headers = {"accept": "text/event-stream"}
        how: dict[str, Any] = {"json": {"query": query}, "headers": headers}
        async with self.http.stream("POST", "/graphql/stream", **how) as response:
            yield Events(response)

    async def ask(self, query: str = "{ who }") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(f"http://{self.address}/graphql", json={"query": query})


@asynccontextmanager
async def leaving(world: World) -> AsyncGenerator[tuple[Leaving, "asyncio.Task[None]"]]:
    """The second is done when the server has left."""
    made = world.server

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, Any]]:
        yield {STATE: made.drain}

    app = Starlette(lifespan=lifespan, routes=list(made.routes()))
    config = uvicorn.Config(
        app, lifespan="on", log_level="warning", ws=Handshake, timeout_graceful_shutdown=3
    )
    server = DrainingServer(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        running = asyncio.create_task(server.serve([listening]))
        await until(lambda: server.started)
        it = Leaving(world, address, server)
        try:
            yield it, running
        finally:
            await it.http.aclose()
            server.should_exit = server.force_exit = True
            await running


async def test_without_clients_it_takes_no_time():
    async with leaving(World(QUICK)) as (server, left):
        assert (await server.ask()).status_code == 200
        began = time.monotonic()
        server.leave()
        await left
        assert time.monotonic() - began < AT_ONCE


async def test_new_work_is_refused_and_what_runs_ends():
    world = World(QUICK)
    gate = world.hub.gate = asyncio.Event()
    async with leaving(world) as (server, left), server.socket() as client:
        running = asyncio.create_task(server.ask("{ gated }"))
        await client.subscribe("1", "{ gated }")
        await until(lambda: len(world.contexts) == 2)
        server.leave()
        await until(lambda: world.made.drain.refusing)

        refused = await server.ask()
        with pytest.raises(websockets.InvalidStatus) as no_socket:
            async with server.socket():
                pass
        stream = await server.http.post("/graphql/stream", json={"query": "{ who }"})

        assert refused.status_code == stream.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert no_socket.value.response.status_code == 503
        gate.set()
        assert (await running).json()["data"] == {"gated": "done"}
        assert (await client.hear())["payload"]["data"] == {"gated": "done"}
        assert (await client.hear())["type"] == "complete"
        assert await client.closed() == (1012, "Come back")
        await left


async def test_what_a_socket_asks_now_is_left_to_the_next_server():
    world = World(replace(QUICK, drained_per_second=1))
    async with leaving(world) as (server, left), server.socket() as client, server.socket():
        server.leave()
        await until(lambda: world.made.drain.refusing)
        await client.subscribe("1", 'mutation { shout(word: "a") }')

        assert await client.closed() == (1012, "Come back")
        assert not world.contexts
        await left


async def test_what_waits_is_sent_before_the_client_is_asked_to_come_back():
    async with leaving(World(QUICK)) as (server, left):
        async with server.socket() as client, server.events(CHANGES) as events:
            await client.subscribe("1", CHANGES)
            hub = server.world.hub
            await until(lambda: len(hub.followings) == 2)
            server.leave()
            for n in range(5):
                await hub.publish("t", Change(word=str(n)), n)

            words = [(await client.hear())["payload"]["data"]["changes"]["word"] for _ in range(5)]

            assert words == ["0", "1", "2", "3", "4"]
            assert await client.closed() == (1012, "Come back")
            rest = await events.rest()
            # It ends without a complete, so that a client takes it up again.
            assert [event.event for event in rest] == ["next"] * 5
            assert events.last_id == "4"
            assert not hub.followings
        await left


async def test_clients_are_sent_away_one_after_another_within_half_the_grace_time():
    world = World(replace(QUICK, drain_seconds=4, drained_per_second=5))
    async with leaving(world) as (server, left), AsyncExitStack() as sockets:
        clients = [await sockets.enter_async_context(server.socket()) for _ in range(30)]
        went: list[float] = []

        async def note(client: Client) -> None:
            assert await client.closed() == (1012, "Come back")
            went.append(time.monotonic() - began)

        began = time.monotonic()
        server.leave()
        await asyncio.gather(*map(note, clients))
        assert max(went) < 2.0 + 2.5  # five a second would have taken six
        assert max(went) - min(went) > 0.5
        await left


async def test_after_the_grace_time_it_is_cut_off():
    world = World(replace(QUICK, drain_seconds=0.3))
    async with leaving(world) as (server, left), server.socket() as client:
        await client.subscribe("1", "{ slow }")
        await until(lambda: world.contexts)
        began = time.monotonic()
        server.leave()
        assert await client.closed() == (1012, "Come back")
        assert 0.3 <= time.monotonic() - began < AT_ONCE
        await left


async def test_first_a_balancer_is_given_time_to_notice():
    world = World(replace(QUICK, drain_notice_seconds=1.5))
    async with leaving(world) as (server, left), server.socket() as client:
        server.leave()
        await until(lambda: world.made.drain.under_way)
        assert (await server.ask()).status_code == 200
        await client.subscribe("1", "{ who }")
        assert (await client.hear())["payload"]["data"] == {"who": "ana"}
        await client.hear()
        assert await client.closed() == (1012, "Come back")
        await left


async def test_a_reservation_that_nobody_opened_holds_nobody_up():
    async with leaving(World(QUICK)) as (server, left):
        assert (await server.http.put("/graphql/stream")).status_code == 201
        began = time.monotonic()
        server.leave()
        await left
        assert time.monotonic() - began < AT_ONCE
    assert not server.world.made.registry.present


async def test_a_stream_whose_request_was_still_on_its_way_holds_nobody_up():
    world = World(QUICK)
    async with leaving(world) as (server, left):

        async def body() -> AsyncGenerator[bytes]:
            yield b'{"query":'
            await until(lambda: world.made.drain.refusing)
            yield json.dumps(CHANGES).encode() + b"}"

        headers = {"accept": "text/event-stream", "content-type": "application/json"}
        asking = asyncio.create_task(
            server.http.post("/graphql/stream", content=body(), headers=headers)
        )
        await until(lambda: world.made.drain._guests)
        server.leave()

        async with asyncio.timeout(AT_ONCE):
            answer = await asking
            await left
        assert answer.status_code == 200
        assert "complete" not in answer.text
    assert not world.hub.followings


async def test_a_client_who_reads_slowly_gets_what_waits_before_he_is_asked_to_come_back():
    world = World(QUICK)
    async with ByHand(world) as client:
        client.say(type="connection_init")
        client.say(id="1", type="subscribe", payload={"query": CHANGES})
        await until(lambda: world.hub.followings and client.heard)
        client.reading.clear()
        for n in range(5):
            await world.hub.publish("t", Change(word=str(n)), n)

        draining = asyncio.create_task(world.made.drain.run())
        await until(lambda: not world.hub.followings)
        client.reading.set()
        await draining

        words = [heard["payload"]["data"]["changes"]["word"] for heard in client.heard[1:]]
        assert words == ["0", "1", "2", "3", "4"]
        assert client.closed == (1012, "Come back")
