"""A session ends in one process: within a second its sockets and streams are closed in all."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest
import websockets

from tests.judges import people
from tests.judges.conftest import PROFILES, Servers
from tests.judges.running import Running

WITHIN = 1.0  # second
SIGN_OUT = "mutation { signOut { problems { code } } }"
LISTEN = "subscription { appointmentChanges { kind } }"
SUBPROTOCOL: Any = ["graphql-transport-ws"]


async def socket(
    server: Running, token: str, on: asyncio.Event, listen: str = LISTEN
) -> tuple[int, float]:
    """The code with which it is closed, and when."""
    url = f"ws://127.0.0.1:{server.port}/graphql"
    async with websockets.connect(url, subprotocols=SUBPROTOCOL, proxy=None) as wire:
        payload = {"authorization": f"Bearer {token}"}
        await wire.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await wire.recv()) == {"type": "connection_ack"}
        await wire.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": listen}}))
        on.set()
        await wire.wait_closed()
        return wire.close_code or 0, time.monotonic()


async def stream(
    server: Running, token: str, on: asyncio.Event, listen: str = LISTEN
) -> tuple[str, float]:
    """What the stream says, and when it ends."""
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=20) as http,
        http.stream("POST", server.url, json={"query": listen}, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        on.set()
        said = "".join([text async for text in answer.aiter_text()])
        return said, time.monotonic()


@pytest.mark.parametrize("role", ["doctor", "patient"])
async def test_what_is_open_is_closed_within_a_second(servers: Servers, role: str):
    both = [servers(profile) for profile in PROFILES]
    who = getattr(people, role)(both[0])
    ready = [asyncio.Event() for _ in range(4)]
    carried = [(carry, server) for carry in (socket, stream) for server in both]
    open_ = [
        asyncio.create_task(carry(server, who.token, on))
        for (carry, server), on in zip(carried, ready, strict=True)
    ]
    async with asyncio.timeout(10):
        await asyncio.gather(*(on.wait() for on in ready))

    both[0].ask(SIGN_OUT, who.token)
    ended = time.monotonic()

    async with asyncio.timeout(5):
        socket_here, socket_there, stream_here, stream_there = await asyncio.gather(*open_)
    assert [code for code, _ in (socket_here, socket_there)] == [4403, 4403]
    for said, _ in (stream_here, stream_there):
        assert "event: complete" in said
    took = [at - ended for _, at in (socket_here, socket_there, stream_here, stream_there)]
    assert max(took) < WITHIN, took

    async with httpx.AsyncClient(trust_env=False) as http:
        for server in both:
            answer = await http.post(
                server.url,
                json={"query": "{ viewer { __typename } }"},
                headers={"authorization": f"Bearer {who.token}"},
            )
            [error] = answer.json()["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED"
