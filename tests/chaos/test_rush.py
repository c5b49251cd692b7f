"""Four processes under W2 of `benchmarks/bookings.py`: 64 connections, 50 slots that all want.

Some ask again under the same key, and so as a rule another process: while the first answer is under
way, after it, or since they have hung up on it. Some of what is won is accepted, declined or called
off at once, so that a slot is won several times. In the end all that was told has to agree with all
that was kept.
"""

import asyncio
import json
import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from benchmarks import callers, population
from benchmarks.bookings import BOOK, TWICE
from benchmarks.callers import Line
from benchmarks.candidates import SETTINGS
from benchmarks.population import Person
from benchmarks.servers import Server
from embedded.folder import Folder
from embedded.postgres import Postgres
from persistence.crypto import Vault, place
from tests.chaos.clients import PUBLISH, Clinic, half_hours
from tests.chaos.storm.people import ACCEPT, CANCEL, DECLINE
from tests.embedded.processes import Started, running
from tests.race.test_life import ACTIVE, AT_ODDS, TWO_AT_ONCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes die with us")
log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)

SECONDS = float(os.environ.get("HEALTHMED_RUSH_SECONDS", "3"))  # ./dev chaos: a minute
PROCESSES, CONNECTIONS = 4, 64
DOCTORS, PATIENTS = 5, 30  # each of whom is often wanted at two places at once
HOT, PRESSED = 50, 500  # slots, and how often they are asked for until there are others
AGAIN, HANGS_UP = 0.1, 0.05  # of all requests
ENDS = {"CONFIRMED": ACCEPT, "DECLINED": DECLINE, "CANCELLED": CANCEL}
ACTIONS = {
    "REQUESTED": "RequestAppointment",
    "CONFIRMED": "AcceptAppointment",
    "DECLINED": "DeclineAppointment",
    "CANCELLED": "CancelAppointment",
}
ROWS = "SELECT 'appointment_' || id AS id, 'slot_' || slot_id, patient_id, status FROM appointment"
KEYS = """
SELECT user_id, key,
  coalesce('appointment_' || (answer->>'appointment_id'), answer #>> '{refusals,0,code}')
FROM idempotency_key
"""
EVENTS = """
SELECT name, coalesce('appointment_' || appointment_id, 'slot_' || slot_id) FROM event
WHERE name <> 'SlotOpened'
"""
ENTRIES = """
SELECT action, user_id,
  coalesce('appointment_' || (subject->>'appointment_id'), 'slot_' || (subject->>'slot_id'))
FROM audit_entry WHERE action LIKE '%Appointment'
"""
LETTERS = r"SELECT id, kind, content FROM mail WHERE kind LIKE 'VISIT\_%'"
BOOKED = "SELECT count(*) FROM slot WHERE status = 'BOOKED'"


@dataclass(eq=False)
class Press:
    """Asks for a slot, once or more often. `answers`: the appointment, or the problem's code."""

    patient: Person
    slot: str
    key: UUID = field(default_factory=uuid4)
    answers: list[str] = field(default_factory=list)

    @property
    def answer(self) -> str:
        return self.answers[0]

    @property
    def has_won(self) -> bool:
        return self.answer.startswith("appointment_")

    def request(self) -> bytes:
        given = {"slotId": self.slot, "consent": True, "idempotencyKey": str(self.key)}
        return callers.request(BOOK, self.patient.token, input=given)


@dataclass
class Rush:
    """`standing`: how each appointment stands that was told of. `doctor_of`: each slot."""

    port: int
    doctors: Sequence[Clinic]
    patients: Sequence[Person]
    presses: list[Press] = field(default_factory=list)
    standing: dict[str, str] = field(default_factory=dict)
    doctor_of: dict[str, Clinic] = field(default_factory=dict)
    hung_up: int = 0
    _hot: list[str] = field(default_factory=list)
    _left: int = 0
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def go_on(self, seconds: float) -> None:
        """For so long, and until the first slots have been asked for often enough."""
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as tasks:
            for _ in range(CONNECTIONS):
                tasks.create_task(self._press(until))

    async def _press(self, until: float) -> None:
        line = await self._connect()
        while time.monotonic() < until or len(self.presses) < PRESSED:
            press = await self._next(line)
            if random.random() < HANGS_UP:  # noqa: S311
                line = await self._hang_up(line, press)
            payload = value(await callers.asked(line, press.request()))
            codes = [problem["code"] for problem in payload["problems"]]
            assert bool(codes) != bool(payload["appointment"]), payload
            press.answers.append(codes[0] if codes else payload["appointment"]["id"])
            if not codes and payload["appointment"]["id"] not in self.standing:
                await self._go_on_with(payload["appointment"]["id"], press, line)
        line[1].close()

    async def _next(self, line: Line) -> Press:
        if self.presses and random.random() < AGAIN:  # noqa: S311
            return random.choice(self.presses[-CONNECTIONS:])  # noqa: S311
        async with self._opening:
            if not self._left:
                self._hot, self._left = await self._open(line), PRESSED
            self._left -= 1
        press = Press(random.choice(self.patients), random.choice(self._hot))  # noqa: S311
        self.presses.append(press)
        return press

    async def _open(self, line: Line) -> list[str]:
        """Of all doctors at the same times, later than those before."""
        opened, waves = list[str](), len(self.doctor_of) // HOT
        for doctor in self.doctors:
            times = half_hours(HOT // DOCTORS, days=2 + waves / 4)
            made = await ask(line, PUBLISH, doctor.doctor_token, times=times)
            slots = [slot["id"] for slot in made["slots"]]
            self.doctor_of |= dict.fromkeys(slots, doctor)
            opened += slots
        return opened

    async def _go_on_with(self, id: str, press: Press, line: Line) -> None:
        status = self.standing[id] = random.choice([*ACTIONS])  # noqa: S311
        if status in ENDS:
            doctor = self.doctor_of[press.slot]
            token = press.patient.token if status == "CANCELLED" else doctor.doctor_token
            await ask(line, ENDS[status], token, id=id)

    async def _hang_up(self, line: Line, press: Press) -> Line:
        _, writer = line
        writer.write(press.request())
        writer.close()
        self.hung_up += 1
        return await self._connect()

    async def _connect(self) -> Line:
        return await asyncio.open_connection("127.0.0.1", self.port)


def value(answer: bytes) -> Any:
    """Of the one field."""
    told = json.loads(answer)
    assert "errors" not in told, told
    [payload] = told["data"].values()
    return payload


async def ask(line: Line, text: str, token: str, **variables: Any) -> Any:
    """What has to succeed."""
    payload = value(await callers.asked(line, callers.request(text, token, **variables)))
    assert payload["problems"] == []
    return payload


async def invariants_hold(connection: asyncpg.Connection, rush: Rush) -> None:
    doctors = [number(doctor.doctor) for doctor in rush.doctors]
    assert await connection.fetchval(TWICE) == 0
    assert await connection.fetch(TWO_AT_ONCE, doctors, ACTIVE) == []
    assert await connection.fetch(AT_ODDS, doctors, datetime.now(UTC)) == []
    active = sum(status in ACTIVE for status in rush.standing.values())
    assert await connection.fetchval(BOOKED) == active > 0


async def all_agrees(connection: asyncpg.Connection, vault: Vault, rush: Rush) -> None:
    """What was told with rows, keys, events, the audit log and letters."""
    assert [press for press in rush.presses if len(set(press.answers)) != 1] == []
    won = [press for press in rush.presses if press.has_won]
    events, entries, letters = Counter[Any](), Counter[Any](), Counter[Any]()
    for press in won:
        id, slot, patient = press.answer, press.slot, press.patient.id
        status, doctor = rush.standing[id], number(rush.doctor_of[slot].doctor)
        entries["RequestAppointment", patient, slot] += 1
        events["SlotBooked", slot] += 1
        if status in ENDS:
            actor = patient if status == "CANCELLED" else doctor
            entries[ACTIONS[status], actor, id] += 1
        if status not in ACTIVE:
            events["SlotReleased", slot] += 1
        for each in dict.fromkeys(("REQUESTED", status)):
            events[f"Appointment{each.title()}", id] += 1
            for reader in (f"{patient}@example.com", "helena@example.com"):
                letters[f"VISIT_{each}", id, reader] += 1

    async def found(statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await connection.fetch(statement)]

    rows = [(it.answer, it.slot, it.patient.id, rush.standing[it.answer]) for it in won]
    assert sorted(await found(ROWS)) == sorted(rows)
    keys = {(it.patient.id, it.key): it.answer for it in rush.presses}
    assert {(user, key): answer for user, key, answer in await found(KEYS)} == keys
    assert Counter(await found(EVENTS)) == events
    assert Counter(await found(ENTRIES)) == entries
    assert Counter(opened(vault, *row) for row in await found(LETTERS)) == letters


def opened(vault: Vault, id: UUID, kind: str, content: bytes) -> tuple[str, str, str]:
    """Of a letter: its kind, the appointment that it is about, whom it goes to."""
    said = json.loads(vault.open(content, place("mail", "content", id)))
    return kind, f"appointment_{said['visit']['entry']['appointment_id']}", said["to"]


def number(id: str) -> UUID:
    return UUID(id.partition("_")[2])


async def answered(run: Started) -> list[int]:
    """By each process: operations, as it counts them itself."""
    counts = []
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(PROCESSES):
            url = run.process.stdout.readline().split()[1]
            told = (await http.get(url)).text.splitlines()
            lines = [line for line in told if line.startswith("healthmed_operations_total{")]
            counts.append(round(sum(float(line.split()[-1]) for line in lines)))
    return counts


async def test_four_processes_that_all_press_for_the_same_slots_leave_nothing_at_odds(begun: Path):
    settings = {**SETTINGS, "HEALTHMED_DATABASE_CONNECTIONS": "10"}
    with running(begun, "--workers", str(PROCESSES), environment=settings) as run:
        postgres = Postgres(Folder(begun).postgres)
        assert postgres.attach()
        server = Server(port=run.port, pids=(), postgres=postgres, folder=begun)
        doctors = [await Clinic(run.port).open() for _ in range(DOCTORS)]
        rush = Rush(run.port, doctors, await population.patients(server, PATIENTS))

        began = time.monotonic()
        await rush.go_on(SECONDS)
        seconds = time.monotonic() - began

        counts = await answered(run)
        async with population.connected(server) as (connection, vault):
            await invariants_hold(connection, rush)
            await all_agrees(connection, vault, rush)

    answers = Counter(press.answer for press in rush.presses if not press.has_won)
    asked = sum(len(press.answers) for press in rush.presses)
    again = asked - len(rush.presses)
    log.info(
        "%s requests for %s slots in %.1f s, by processes that answered %s: %s appointments, %s;"
        " %s asked again, %s hung up on the first answer",
        *(asked, len(rush.doctor_of), seconds, counts, len(rush.standing), dict(answers)),
        *(again, rush.hung_up),
    )
    assert answers.keys() == {"SLOT_TAKEN", "PATIENT_BUSY"}
    assert min(again, rush.hung_up) > 0
    assert set(rush.standing.values()) == set(ACTIONS)
    # Who takes a line is the kernel's choice.
    assert sum(count > asked / 100 for count in counts) > 1
