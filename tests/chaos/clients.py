"""Clients of a real server: HTTP and graphql-transport-ws, and the tables of the kernel."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests import make

PASSWORD = "uma senha bem comprida"  # noqa: S105
ESTABLISHED = "01"  # of /proc/net/tcp
REGISTER_DOCTOR = """
mutation ($crm: String!) { registerDoctor(input: {
  name: "Helena Prado", email: "helena@example.com", crm: $crm, uf: SP, password: "%s",
  specialties: ["cardiologia"], timeZone: "America/Sao_Paulo"
}) { doctor { id } problems { code path } } }
"""
SIGN_IN_DOCTOR = """
mutation ($crm: String!) { signInDoctor(input: {crm: $crm, uf: SP, password: "%s"}) {
  session { accessToken } problems { code }
} }
"""
REGISTER_PATIENT = """
mutation ($cpf: CPF!, $email: String!) { registerPatient(input: {
  name: "Ana Moreira", email: $email, cpf: $cpf, password: "%s"
}) { patient { id } problems { code path } } }
"""
SIGN_IN_PATIENT = """
mutation ($cpf: CPF!, $email: String!) {
  signInPatient(input: {cpf: $cpf, email: $email, password: "%s"}) {
    session { accessToken } problems { code }
  }
}
"""
PUBLISH = """
mutation ($times: [SlotTimeInput!]!) {
  publishSlots(input: {times: $times}) { slots { id } problems { code } }
}
"""
HOLD = "mutation ($slot: ID!) { holdSlot(input: {slotId: $slot}) { problems { code } } }"
RELEASE = "mutation ($slot: ID!) { releaseSlot(input: {slotId: $slot}) { problems { code } } }"
REQUEST = """
mutation ($slot: ID!, $key: ID!) {
  requestAppointment(input: {slotId: $slot, idempotencyKey: $key, consent: true}) {
    appointment { id } problems { code }
  }
}
"""
SLOTS = """
subscription ($doctor: ID!, $after: EventCursor) {
  slotChanges(doctorIds: [$doctor], after: $after) { cursor kind slot { id status } }
}
"""
APPOINTMENTS = """
subscription ($after: EventCursor) {
  appointmentChanges(after: $after) { cursor kind appointment { id status } }
}
"""


def half_hours(count: int, *, days: float) -> list[dict[str, str]]:
    """Times to be published, one after the other, from so many days ahead on."""
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    starts = [first + n * make.HALF_AN_HOUR for n in range(count)]
    return [
        {"startsAt": at.isoformat(), "endsAt": (at + make.HALF_AN_HOUR).isoformat()}
        for at in starts
    ]


@dataclass
class Clinic:
    """A doctor and a patient of the server on this port, registered and signed in."""

    port: int
    doctor: str = ""
    doctor_token: str = ""
    patient_token: str = ""

    async def open(self) -> Self:
        crm = str(secrets.randbelow(10**6) + 1)
        registered = await self.act(REGISTER_DOCTOR % PASSWORD, crm=crm)
        self.doctor = registered["doctor"]["id"]
        session = await self.act(SIGN_IN_DOCTOR % PASSWORD, crm=crm)
        self.doctor_token = session["session"]["accessToken"]
        who = {"cpf": make.cpf(), "email": f"ana-{crm}@example.com"}
        await self.act(REGISTER_PATIENT % PASSWORD, **who)
        session = await self.act(SIGN_IN_PATIENT % PASSWORD, **who)
        self.patient_token = session["session"]["accessToken"]
        return self

    async def act(self, text: str, token: str | None = None, /, **variables: Any) -> Any:
        """What a mutation, or a query, of one field answers; it has to succeed."""
        answer = await self.ask(text, token, **variables)
        assert "errors" not in answer, answer
        [value] = answer["data"].values()
        assert not isinstance(value, dict) or value.get("problems", []) == [], value
        return value

    async def ask(self, text: str, token: str | None = None, /, **variables: Any) -> Any:
        """On a connection of its own: one that is kept may lead to a worker that is no more."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": text, "variables": variables}
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            url = f"http://127.0.0.1:{self.port}/graphql"
            return (await client.post(url, json=body, headers=headers)).json()

    async def publish(self, count: int, *, days: float = 2) -> list[str]:
        """The ids of so many new slots, one after the other."""
        times = half_hours(count, days=days)
        published = await self.act(PUBLISH, self.doctor_token, times=times)
        return [slot["id"] for slot in published["slots"]]

    async def request(self, slot: str) -> str:
        answer = await self.act(REQUEST, self.patient_token, slot=slot, key=str(uuid4()))
        return answer["appointment"]["id"]

    @asynccontextmanager
    async def hear(
        self, text: str, token: str | None = None, /, **variables: Any
    ) -> AsyncGenerator["Ear"]:
        async with connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            proxy=None,
        ) as socket:
            payload = {"authorization": f"Bearer {token}"} if token else {}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            subscribe = {"query": text, "variables": variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": subscribe}))
            # The protocol does not tell when it has begun to listen: when the socket has answered
            # what came after, and a little later.
            await socket.send(json.dumps({"type": "ping"}))
            ear = Ear(socket)
            reading = asyncio.create_task(ear.read())
            await asyncio.wait_for(ear.ponged.wait(), 10)
            await asyncio.sleep(0.2)
            try:
                yield ear
            finally:
                reading.cancel()


@dataclass
class Ear:
    """Hears one subscription on a socket of its own."""

    socket: ClientConnection
    cursor: str | None = None  # of the last event that was asked for
    heard: asyncio.Queue[tuple[float, Any]] = field(default_factory=asyncio.Queue)
    ponged: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        try:
            async for text in self.socket:
                at, message = time.perf_counter(), json.loads(text)
                if message["type"] == "pong":
                    self.ponged.set()
                elif message["type"] == "ping":
                    await self.socket.send('{"type": "pong"}')
                else:
                    self.heard.put_nowait((at, message))
        except ConnectionClosed:
            pass
        self.closed.set()

    async def next(self, seconds: float = 10) -> Any:
        return (await self.timed(seconds))[1]

    async def timed(self, seconds: float = 10) -> tuple[float, Any]:
        """The next event's root value, and when it came; fails the test if there is none."""
        at, message = await asyncio.wait_for(self.heard.get(), seconds)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        [value] = message["payload"]["data"].values()
        self.cursor = value["cursor"]
        return at, value

    async def silent(self, seconds: float = 0.3) -> bool:
        await asyncio.sleep(seconds)
        return self.heard.empty()

    def server(self, pids: set[int]) -> int:
        """Which of these processes has the other end of the socket."""
        port = self.socket.local_address[1]
        [inode] = [
            columns[9]
            for columns in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
            if columns[2].endswith(f":{port:04X}") and columns[3] == ESTABLISHED
        ]
        [pid] = [pid for pid in pids if f"socket:[{inode}]" in _open_files(pid)]
        return pid


def _open_files(pid: int) -> set[str]:
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(entry.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return found
