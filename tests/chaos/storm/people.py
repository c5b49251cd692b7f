"""Patients and doctors who go on whatever happens, and keep a ledger of what they were told."""

import asyncio
import json
import random
import secrets
import time
from collections import Counter, deque
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

PAUSE = 0.3  # seconds of a person, between two acts
PATIENCE = 6.0  # seconds for one answer, before the same is asked elsewhere
LONGEST = 240.0  # seconds until something has to go through
SLOTS = 200  # of a doctor
WANTED = 12  # of the free ones: so many are looked at, for that others want them, too
KEPT = 8  # appointments of a patient; of more he calls off the oldest
TOKEN_FOR = 300.0  # seconds; then one signs in again, before it expires

SEARCH = """
{
  doctors(filter: {specialty: "cardiologia", search: "helena"}, first: 5) {
    nodes { id name rating { count } }
  }
}
"""
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


@dataclass
class Line:
    """A person's way to the cluster: what fails for no reason of his is asked again, elsewhere."""

    cluster: Cluster
    sign_in: str = ""
    who: dict[str, str] = field(default_factory=dict)
    succeeded: list[float] = field(default_factory=list)  # when, by the monotonic clock
    errors: Counter[str] = field(default_factory=Counter)  # of answers, by code
    _token: str = ""
    _good_until: float = 0.0

    async def token(self) -> str:
        """Anonymous before `sign_in` is known."""
        if self.sign_in and time.monotonic() > self._good_until:
            good_until = time.monotonic() + TOKEN_FOR
            signed_in = await self._until_answered(self.sign_in, self.who, {})
            assert not signed_in["problems"], signed_in
            self._token = signed_in["session"]["accessToken"]
            self._good_until = good_until
        return self._token

    async def act(self, text: str, /, **variables: Any) -> Any:
        """The one field's value. Only for what may be sent again."""
        token = await self.token()
        headers = {"authorization": f"Bearer {token}"} if token else {}
        value = await self._until_answered(text, variables, headers)
        self.succeeded.append(time.monotonic())
        return value

    async def _until_answered(
        self, text: str, variables: dict[str, Any], headers: dict[str, str]
    ) -> Any:
        body = {"query": text, "variables": variables}
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            answer = await self._ask(body, headers)
            if answer is not None:
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
            response = await self.cluster.client.post(
                url, json=body, headers=headers, timeout=PATIENCE
            )
            answer = response.json()
        except (httpx.HTTPError, ValueError):
            return None
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        if not codes and response.is_success:
            return answer
        self.errors.update(codes)
        return None


@dataclass
class Listener:
    """Hears a person's appointments on one server after the other, by the cursor of the last."""

    line: Line
    cursor: str
    heard: list[tuple[str, str]] = field(default_factory=list)  # appointment and kind
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
        token = await self.line.token()
        async with connect(
            f"ws://127.0.0.1:{port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            proxy=None,
            open_timeout=PATIENCE,
            ping_interval=2,
            ping_timeout=4,
            close_timeout=1,
        ) as socket:
            payload = {"authorization": f"Bearer {token}"}
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
                    if errors := message["payload"].get("errors"):
                        self.line.errors.update(error["extensions"]["code"] for error in errors)
                        return  # the same is asked for again
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
    """Asks for times that others want, too, and calls off the oldest of what he has."""

    line: Line
    listener: Listener
    id: str
    given: dict[str, str] = field(default_factory=dict)  # by key of idempotency: appointment
    slots: dict[str, str] = field(default_factory=dict)  # by key: slot
    kept: deque[str] = field(default_factory=deque)  # keys of what may still be his
    refused: int = 0
    called_off: set[str] = field(default_factory=set)

    async def live(self, free: list[str], over: asyncio.Event) -> None:
        """`free` is all patients' own list of what they believe to be free."""
        while not over.is_set():
            await asyncio.sleep(random.uniform(0.5, 1.5) * PAUSE)  # noqa: S311
            await self.line.act(SEARCH)
            if len(self.kept) > KEPT:
                await self._call_off(self.kept.popleft(), free)
            elif free:
                await self._request(random.choice(free[:WANTED]), free)  # noqa: S311

    async def _request(self, slot: str, free: list[str]) -> None:
        key = str(uuid4())
        self.slots[key] = slot
        answer = await self.line.act(clients.REQUEST, slot=slot, key=key)
        if answer["appointment"] is not None:
            self.given[key] = answer["appointment"]["id"]
            self.kept.append(key)
        else:
            self.refused += 1
        if answer["appointment"] or _taken(answer):
            free[:] = [each for each in free if each != slot]
        elif self.kept:  # he has too many that wait for an answer
            await self._call_off(self.kept.popleft(), free)

    async def _call_off(self, key: str, free: list[str]) -> None:
        """Its answer may be lost: then the same again says that it is called off already."""
        appointment = self.given[key]
        await self.line.act(CANCEL, id=appointment)
        standing = await self.line.act(STATUS, id=appointment)
        if standing["status"] == "CANCELLED":
            self.called_off.add(appointment)
        free.insert(0, self.slots[key])  # so that one slot has many appointments


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
    who = {"crm": str(secrets.randbelow(10**6) + 1)}
    made = await line.act(clients.REGISTER_DOCTOR % clients.PASSWORD, **who)
    line.sign_in, line.who = clients.SIGN_IN_DOCTOR % clients.PASSWORD, who
    times = clients.half_hours(SLOTS, days=2 + 20 * number)
    published = await line.act(clients.PUBLISH, times=times)
    slots = [slot["id"] for slot in published["slots"]]
    return Doctor(line, await _listening(line), made["doctor"]["id"], slots)


async def register_patient(cluster: Cluster) -> Patient:
    line = Line(cluster)
    who = {"cpf": make.cpf(), "email": f"ana-{secrets.token_hex(6)}@example.com"}
    made = await line.act(clients.REGISTER_PATIENT % clients.PASSWORD, **who)
    line.sign_in, line.who = clients.SIGN_IN_PATIENT % clients.PASSWORD, who
    return Patient(line, await _listening(line), made["patient"]["id"])


async def _listening(line: Line) -> Listener:
    return Listener(line, await line.act("{ eventCursor }"))
