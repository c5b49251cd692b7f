"""A server leaves while clients listen and write, another is there: nobody loses or doubles."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from domain import clock
from tests import make
from tests.make import Person
from tests.paths import ROOT
from tests.server import LocalServer, gid

SOCKETS, STREAMS, EVENTS = 20, 4, 100
SUBPROTOCOL: Any = ["graphql-transport-ws"]
AT_THE_START = (  # what is not set
    *("not looked at for malware", "there are no documents", "no paper can be signed"),
)
CHANGES = """
subscription ($doctors: [ID!]!, $after: EventCursor) {
  slotChanges(doctorIds: $doctors, after: $after) { cursor kind slot { id } }
}
"""
PUBLISH = """
mutation ($start: DateTime!, $end: DateTime!) {
  publishSlots(input: {times: [{startsAt: $start, endsAt: $end}]}) {
    slots { id }
    problems { code }
  }
}
"""


@dataclass
class Process:
    """One process of the server, as ./dev run and the image start it."""

    address: str
    process: subprocess.Popen[str]

    @classmethod
    @contextmanager
    def started(cls, environment: dict[str, str]) -> Iterator["Process"]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            number = listener.fileno()
            process = subprocess.Popen(
                [sys.executable, "-m", "embedded.worker", str(number), str(os.getpid())],
                cwd=ROOT,
                env=environment,
                pass_fds=[number],
                stderr=subprocess.PIPE,
                text=True,
            )
            address = f"127.0.0.1:{listener.getsockname()[1]}"
        with process:
            try:
                yield cls(address, process)
            finally:
                process.kill()

    async def ready(self) -> None:
        async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as http:
            while True:
                with suppress(httpx.HTTPError):
                    if (await http.get(f"http://{self.address}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)


@dataclass
class Clinic:
    """`servers`: where clients go, one after another. `published`: what was answered. `enough`: of
    that, for writers to stop.
    """

    servers: list[Process]
    doctor: Person
    token: str
    first: datetime = field(default_factory=lambda: clock.now() + timedelta(days=1))
    asked: int = 0
    published: list[str] = field(default_factory=list)
    enough: float = float("inf")

    def next_slot(self) -> dict[str, str]:
        start = self.first + self.asked * timedelta(minutes=30)
        self.asked += 1
        return {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}

    def note(self, answer: Any) -> None:
        """Whatever was answered was done, and whatever was not had not been begun."""
        assert "errors" not in answer, answer
        assert answer["data"]["publishSlots"]["problems"] == []
        [slot] = answer["data"]["publishSlots"]["slots"]
        self.published.append(slot["id"])

    @property
    def done(self) -> bool:
        return len(self.published) >= self.enough


@dataclass
class Listener:
    heard: list[str] = field(default_factory=list)
    cursor: str | None = None
    ends: list[Any] = field(default_factory=list)

    def hear(self, answer: Any) -> None:
        change = answer["data"]["slotChanges"]
        assert change["kind"] == "OPENED", change
        self.heard.append(change["slot"]["id"])
        self.cursor = change["cursor"]


async def listen_by_socket(clinic: Clinic, listener: Listener) -> None:
    for server in clinic.servers:
        url = f"ws://{server.address}/graphql"
        async with websockets.connect(url, subprotocols=SUBPROTOCOL) as connection:
            await connection.send('{"type":"connection_init"}')
            variables = {"doctors": [gid(clinic.doctor)], "after": listener.cursor}
            payload = {"query": CHANGES, "variables": variables}
            await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            with suppress(websockets.ConnectionClosedError):
                async for text in connection:
                    message = json.loads(text)
                    if message["type"] == "next":
                        listener.hear(message["payload"])
        listener.ends.append(connection.close_code)


async def listen_by_stream(clinic: Clinic, listener: Listener) -> None:
    """As a browser's EventSource does: the same URL again, and the id it heard last."""
    last_id = ""
    for server in clinic.servers:
        headers = {"accept": "text/event-stream"} | ({"last-event-id": last_id} if last_id else {})
        variables = json.dumps({"doctors": [gid(clinic.doctor)]})
        async with (
            httpx.AsyncClient(trust_env=False, timeout=30) as http,
            http.stream(
                "GET",
                f"http://{server.address}/graphql/stream",
                params={"query": CHANGES, "variables": variables},
                headers=headers,
            ) as response,
        ):
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    last_id = value
                elif name == "data":
                    listener.hear(json.loads(value))
                assert line != "event: complete"
        listener.ends.append("ended")


async def write_by_http(clinic: Clinic) -> list[int]:
    """Statuses of what was refused; each of that was asked again at the next server."""
    refused = []
    servers = iter(clinic.servers)
    server = next(servers)
    headers = {"authorization": f"Bearer {clinic.token}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
        while not clinic.done:
            asked = {"query": PUBLISH, "variables": clinic.next_slot()}
            response = await http.post(f"http://{server.address}/graphql", json=asked)
            if response.status_code == 503:
                assert response.headers["retry-after"]
                refused.append(503)
                server = next(servers)
                response = await http.post(f"http://{server.address}/graphql", json=asked)
            clinic.note(response.json())
    return refused


async def write_by_socket(clinic: Clinic) -> list[int]:
    """Codes with which sockets were closed; what was not answered is asked again at the next."""
    closes: list[int] = []
    variables: Any = None
    for server in clinic.servers:
        url = f"ws://{server.address}/graphql"
        try:
            async with websockets.connect(url, subprotocols=SUBPROTOCOL) as connection:
                token = {"authorization": f"Bearer {clinic.token}"}
                await connection.send(json.dumps({"type": "connection_init", "payload": token}))
                await connection.recv()
                while not clinic.done:
                    variables = variables or clinic.next_slot()
                    payload = {"query": PUBLISH, "variables": variables}
                    message = {"id": "1", "type": "subscribe", "payload": payload}
                    await connection.send(json.dumps(message))
                    clinic.note(json.loads(await connection.recv())["payload"])
                    variables = None
                    assert json.loads(await connection.recv())["type"] == "complete"
        except websockets.ConnectionClosed as closed:
            closes.append(closed.rcvd.code if closed.rcvd else 1006)
    return closes


@pytest.fixture
async def clinic(
    running_server: LocalServer, database_url: str, keys_file: Path
) -> AsyncGenerator[Clinic]:
    doctor = make.doctor()
    await running_server.given(doctor)
    token, _ = running_server.app.services.tokens.issue(doctor.viewer, at=clock.now())
    environment = os.environ | {
        "HEALTHMED_DATABASE_URL": database_url,
        "HEALTHMED_KEYS_FILE": str(keys_file),
        "HEALTHMED_MAIL_FOLDER": str(keys_file.parent / "mail"),
        "HEALTHMED_DATABASE_CONNECTIONS": "4",
        "HEALTHMED_TRANSPORT__DRAINED_PER_SECOND": "15",
    }
    with ExitStack() as stack:
        servers = [stack.enter_context(Process.started(environment)) for _ in range(2)]
        await asyncio.gather(*(server.ready() for server in servers))
        yield Clinic(servers, doctor, token)


async def readiness(server: Process) -> set[int]:
    """The answers of /readyz from now on, until nobody answers."""
    statuses = set()
    async with httpx.AsyncClient(trust_env=False) as http:
        with suppress(httpx.TransportError):
            while True:
                statuses.add((await http.get(f"http://{server.address}/readyz")).status_code)
                await asyncio.sleep(0.02)
    return statuses


async def test_every_client_hears_each_event_once_over_a_restart(
    clinic: Clinic, running_server: LocalServer
):
    leaving, staying = clinic.servers
    sockets = [Listener() for _ in range(SOCKETS)]
    streams = [Listener() for _ in range(STREAMS)]
    listeners = sockets + streams
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        listening = [
            *(tasks.create_task(listen_by_socket(clinic, each)) for each in sockets),
            *(tasks.create_task(listen_by_stream(clinic, each)) for each in streams),
        ]
        writing = [
            tasks.create_task(write_by_http(clinic)),
            tasks.create_task(write_by_socket(clinic)),
        ]
        # A socket has a cursor once it has heard something.
        await until(lambda: all(each.heard for each in listeners))
        clinic.enough = len(clinic.published) + EVENTS

        leaving.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        answers = await readiness(leaving)
        status = await asyncio.to_thread(leaving.process.wait, 15)
        took = time.monotonic() - began
        refused, closed = [await each for each in writing]
        truth = [f"slot_{event.slot_id}" for event in await running_server.events(clinic.doctor)]
        await until(lambda: all(each.heard[-1] == truth[-1] for each in listeners))
        staying.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*listening)

    assert (refused, closed[0]) == ([503], 1012)
    assert answers in ({200, 503}, {503})
    assert (status, took < 10) == (-signal.SIGTERM, True)
    assert sorted(truth) == sorted(clinic.published)
    for each in listeners:
        assert each.heard == truth[truth.index(each.heard[0]) :]
    assert all(each.ends == [1012, 1012] for each in sockets)
    assert all(each.ends == ["ended", "ended"] for each in streams)
    for server in clinic.servers:
        assert server.process.stderr is not None
        said = server.process.stderr.read().splitlines()
        assert [line for line in said if not line.endswith(AT_THE_START)] == []


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110  # what is waited for has no event
        await asyncio.sleep(0.01)
