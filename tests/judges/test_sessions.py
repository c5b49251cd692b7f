"""A session ends in one process: within a second its sockets and streams are closed in all, and it
is refused.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
import websockets

from domain import clock, opaque_tokens
from domain.ids import LinkId, new_id
from tests import make
from tests.judges import people
from tests.judges.conftest import PROFILES, Servers
from tests.judges.running import Running
from tests.make import HALF_AN_HOUR, Person
from tests.resolvers.test_recovery import DONE, NEW, RESET
from tests.resolvers.test_standings import REASON, SUSPEND
from tests.server import LocalServer, gid

WITHIN = 1.0  # second
SIGN_OUT = "mutation { signOut { problems { code } } }"
LISTEN = "subscription { appointmentChanges { kind } }"
Act: TypeAlias = Callable[[LocalServer, Person], Awaitable[None]]
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


class Open:
    """A socket and a stream of one session at each server."""

    def __init__(self, servers: Sequence[Running], token: str) -> None:
        self._servers, self._token = servers, token
        self._ready = [asyncio.Event() for _ in range(2 * len(servers))]
        carried = [(carry, server) for carry in (socket, stream) for server in servers]
        self._carried = [
            asyncio.create_task(carry(server, token, on))
            for (carry, server), on in zip(carried, self._ready, strict=True)
        ]

    async def wait(self) -> None:
        async with asyncio.timeout(10):
            await asyncio.gather(*(on.wait() for on in self._ready))
        assert self.goes_on()

    def goes_on(self) -> bool:
        return not any(carried.done() for carried in self._carried)

    async def leave(self) -> None:
        for carried in self._carried:
            carried.cancel()
        await asyncio.gather(*self._carried, return_exceptions=True)

    async def are_closed(self, ended: float) -> None:
        """Each in its own way, and soon after this moment; and no server takes the token."""
        async with asyncio.timeout(5):
            told = await asyncio.gather(*self._carried)
        sockets, streams = told[: len(self._servers)], told[len(self._servers) :]
        assert [code for code, _ in sockets] == [4403] * len(self._servers)
        assert all("event: complete" in str(said) for said, _ in streams)
        took = [at - ended for _, at in told]
        assert max(took) < WITHIN, took
        async with httpx.AsyncClient(trust_env=False) as http:
            for server in self._servers:
                answer = await http.post(
                    server.url,
                    json={"query": "{ viewer { __typename } }"},
                    headers={"authorization": f"Bearer {self._token}"},
                )
                [error] = answer.json()["errors"]
                assert error["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("role", ["doctor", "patient"])
async def test_what_is_open_is_closed_within_a_second(servers: Servers, role: str):
    both = [servers(profile) for profile in PROFILES]
    who = getattr(people, role)(both[0])
    open_ = Open(both, who.token)
    await open_.wait()

    await asyncio.to_thread(both[0].ask, SIGN_OUT, who.token)

    await open_.are_closed(time.monotonic())


@pytest.fixture
async def third(own_database: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """A process more over the same database: that of the test, where more can be done."""
    async with LocalServer.run(own_database, keys_file) as server:
        server.now = clock.now()
        yield server


async def suspend(server: LocalServer, doctor: Person) -> None:
    administrator = make.administrator()
    await server.given(administrator)
    payload = await server.ask(SUSPEND, administrator, id=gid(doctor), reason=REASON)
    assert payload["problems"] == []


async def reset_password(server: LocalServer, person: Person) -> None:
    id = LinkId(new_id())
    token = opaque_tokens.make(id)
    link = make.link(
        person,
        id=id,
        token_hash=opaque_tokens.hash_of(token),
        created_at=server.now,
        expires_at=server.now + HALF_AN_HOUR,
    )
    async with server.app.works.begin() as work:
        await work.links.add(link)
    assert await server.ask(RESET, token=token, password=NEW) == DONE


@pytest.mark.parametrize(
    ("act", "whose"),
    [(suspend, make.doctor), (reset_password, make.doctor), (reset_password, make.patient)],
)
async def test_who_is_shut_out_at_a_third_process_is_so_everywhere(
    servers: Servers, third: LocalServer, act: Act, whose: Callable[[], Person]
):
    both = [servers(profile) for profile in PROFILES]
    person, neighbour = whose(), make.patient()
    await third.given(person, neighbour)
    tokens = [
        third.app.services.tokens.issue(p.viewer, at=third.now)[0] for p in (person, neighbour)
    ]
    open_, of_neighbour = (Open(both, token) for token in tokens)
    await open_.wait()
    await of_neighbour.wait()

    await act(third, person)

    await open_.are_closed(time.monotonic())
    assert of_neighbour.goes_on()
    await of_neighbour.leave()
