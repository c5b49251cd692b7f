"""Patients and doctors who go on whatever happens, and keep a ledger of what they were told."""

import asyncio
import json
import random
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests import make
from tests.chaos import clients
from tests.chaos.storm.cluster import Cluster

PAUSE = 0.15  # seconds of a person, between two acts
PATIENCE = 6.0  # seconds for one answer, before the same is asked elsewhere
LONGEST = 240.0  # seconds until something has to go through
SLOTS = 500  # of a doctor

ACCEPT = """
mutation ($id: ID!) {
  acceptAppointment(input: {appointmentId: $id}) { appointment { id status } problems { code } }
}
"""
DECLINE = """
mutation ($id: ID!) {
  declineAppointment(input: {appointmentId: $id, justification: "Agenda cheia neste dia."}) {
    appointment { id status } problems { code }
  }
}
"""
CANCEL = """
mutation ($id: ID!) {
  cancelAppointment(input: {appointmentId: $id, justification: "Viagem de trabalho."}) {
    appointment { id status } problems { code }
  }
}
"""
STATUS = "query ($id: ID!) { node(id: $id) { ... on Appointment { id status } } }"
OWN = """
query ($after: String) {
  viewer {
    ... on DoctorViewer { appointments(first: 100, after: $after) { ...Own } }
    ... on PatientViewer { appointments(first: 100, after: $after) { ...Own } }
  }
}
fragment Own on AppointmentConnection {
  nodes { id status }
  pageInfo { hasNextPage endCursor }
}
"""
AGAIN = frozenset({"INTERNAL", "TIMEOUT", "UNAVAILABLE", "OVERLOADED"})  # errors that pass


@dataclass
class Line:
    """A person's way to the cluster: what fails for no reason of his is asked again, elsewhere."""

    cluster: Cluster
    token: str | None = None
    succeeded: list[float] = field(default_factory=list)  # when, by the monotonic clock
    strange: list[str] = field(default_factory=list)  # errors that should not be shown to anybody

    async def act(self, text: str, /, **variables: Any) -> Any:
        """The one field's value. Only for what may be sent again."""
        body = {"query": text, "variables": variables}
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            answer = await self._ask(body, headers)
            if answer is not None:
                self.succeeded.append(time.monotonic())
                [value] = answer["data"].values()
                return value
            await asyncio.sleep(random.uniform(0.1, 0.4))  # noqa: S311  # not all at once
        raise AssertionError(f"nothing has gone through for {LONGEST} s: {text}")

    async def _ask(self, body: Any, headers: dict[str, str]) -> Any:
        server = self.cluster.somewhere()
        if server is None:
            return None
        url = f"http://127.0.0.1:{server.port}/graphql"
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
                response = await client.post(url, json=body, headers=headers)
            answer = response.json()
        except (httpx.HTTPError, ValueError):
            return None
        errors = [error["extensions"]["code"] for error in answer.get("errors", [])]
        if not errors and response.is_success:
            return answer
        self.strange += [code for code in errors if code not in AGAIN]
        return None


@dataclass
class Listener:
    """Hears a person's appointments on one server after the other, by the cursor of the last."""

    line: Line
    cursor: str
    heard: list[tuple[str, str]] = field(default_factory=list)  # appointment and kind
    cursors: list[str] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    read: dict[str, str] = field(default_factory=dict)  # how all stood, when it had to read anew
    resyncs: int = 0
    lines: int = 0  # how many were needed

    async def run(self) -> None:
        while True:
            server = self.line.cluster.somewhere()
            if server is not None:
                with suppress(OSError, WebSocketException, TimeoutError):
                    await self._listen(server.port)
            await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311

    async def _listen(self, port: int) -> None:
        async with connect(
            f"ws://127.0.0.1:{port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            proxy=None,
            open_timeout=PATIENCE,
            ping_interval=2,
            ping_timeout=4,
            close_timeout=1,
        ) as socket:
            payload = {"authorization": f"Bearer {self.line.token}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            variables = {"after": self.cursor}
            subscribe = {"query": clients.APPOINTMENTS, "variables": variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": subscribe}))
            self.lines += 1
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "ping":
                    await socket.send('{"type": "pong"}')
                elif message["type"] == "next":
                    if "errors" in message["payload"]:
                        return  # an error that passes: the same is asked for again
                    await self._note(message["payload"]["data"]["appointmentChanges"])
                elif message["type"] in ("error", "complete"):
                    return

    async def _note(self, event: Any) -> None:
        self.cursor = event["cursor"]
        if event["kind"] == "RESYNC":
            self.resyncs += 1
            self.read |= await self._read_anew()
        else:
            self.heard.append((event["appointment"]["id"], event["kind"]))
        self.told.set()

    async def _read_anew(self) -> dict[str, str]:
        found, after = {}, None
        while True:
            page = (await self.line.act(OWN, after=after))["appointments"]
            found |= {each["id"]: each["status"] for each in page["nodes"]}
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]


@dataclass
class Patient:
    """Asks for times that others want, too; sometimes calls off what he got."""

    line: Line
    listener: Listener
    id: str
    given: dict[str, str] = field(default_factory=dict)  # by key of idempotency: appointment
    slots: dict[str, str] = field(default_factory=dict)  # by key: slot
    refused: int = 0
    called_off: set[str] = field(default_factory=set)

    async def live(self, free: list[str], over: asyncio.Event) -> None:
        while not over.is_set():
            slot = free[random.randrange(min(12, len(free)))]  # noqa: S311
            key = str(uuid4())
            self.slots[key] = slot
            answer = await self.line.act(clients.REQUEST, slot=slot, key=key)
            if answer["appointment"] is not None:
                self.given[key] = answer["appointment"]["id"]
            else:
                self.refused += 1
            if answer["appointment"] or _taken(answer):
                free[:] = [each for each in free if each != slot]
            if not answer["appointment"] and not _taken(answer):
                await asyncio.sleep(4 * PAUSE)  # he has too many that wait for an answer
            elif random.random() < 0.2 and self.given:  # noqa: S311
                await self._call_off(random.choice(list(self.given.values())))  # noqa: S311
            await asyncio.sleep(PAUSE)

    async def _call_off(self, appointment: str) -> None:
        """Its answer may be lost: then the same again says that it is called off already."""
        await self.line.act(CANCEL, id=appointment)
        standing = await self.line.act(STATUS, id=appointment)
        if standing["status"] == "CANCELLED":
            self.called_off.add(appointment)


@dataclass
class Doctor:
    """Answers whatever is heard of; every fourth is declined."""

    line: Line
    listener: Listener
    id: str
    slots: list[str] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)

    async def live(self) -> None:
        looked_at = 0
        while True:
            await self.listener.told.wait()
            self.listener.told.clear()
            for appointment, status in list(self.listener.read.items()):
                if status == "REQUESTED" and appointment not in self.accepted | self.declined:
                    await self._answer(appointment, decline=False)
                    self.listener.read[appointment] = "answered"
            while looked_at < len(self.listener.heard):
                appointment, kind = self.listener.heard[looked_at]
                looked_at += 1
                if kind == "REQUESTED":
                    await self._answer(appointment, decline=looked_at % 4 == 0)

    async def _answer(self, appointment: str, *, decline: bool) -> None:
        answer = await self.line.act(DECLINE if decline else ACCEPT, id=appointment)
        if answer["appointment"] is not None:
            (self.declined if decline else self.accepted).add(appointment)


def _taken(answer: Any) -> bool:
    return any(problem["code"] == "SLOT_TAKEN" for problem in answer["problems"])


async def register_doctor(cluster: Cluster, number: int) -> Doctor:
    line = Line(cluster)
    crm = str(secrets.randbelow(10**6) + 1)
    made = await line.act(clients.REGISTER_DOCTOR % clients.PASSWORD, crm=crm)
    session = await line.act(clients.SIGN_IN_DOCTOR % clients.PASSWORD, crm=crm)
    line.token = session["session"]["accessToken"]
    times = clients.half_hours(SLOTS, days=2 + 20 * number)
    published = await line.act(clients.PUBLISH, times=times)
    slots = [slot["id"] for slot in published["slots"]]
    return Doctor(line, await _listening(line), made["doctor"]["id"], slots)


async def register_patient(cluster: Cluster) -> Patient:
    line = Line(cluster)
    who = {"cpf": make.cpf(), "email": f"ana-{secrets.token_hex(6)}@example.com"}
    made = await line.act(clients.REGISTER_PATIENT % clients.PASSWORD, **who)
    session = await line.act(clients.SIGN_IN_PATIENT % clients.PASSWORD, **who)
    line.token = session["session"]["accessToken"]
    return Patient(line, await _listening(line), made["patient"]["id"])


async def _listening(line: Line) -> Listener:
    return Listener(line, await line.act("{ eventCursor }"))
