"""M1: a mixed day of 20,000 connected people, for five minutes.

    ./dev bench mixed                       seven minutes in all
    ./dev bench mixed 2000 --seconds 20     fewer people, shorter

Over two processes: 2,000 doctors who hear of their appointments, and patients who hear of theirs
and of one doctor's times. Meanwhile they search, look at doctors and at their own visits, ask for
appointments, answer, and announce files, at a steady pace, whether or not the last one has been
answered. A ledger is kept of what was done and what was heard: each event once, by all who are to
hear it. Delays are from the moment at which something was to be done. The floor is as many people,
told at the same pace by a bare `write()` loop in C. Ends by itself.
"""

import argparse
import asyncio
import random
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg

from benchmarks import machine, population
from benchmarks.bookings import FREE, TWICE, fetch
from benchmarks.callers import Callers
from benchmarks.candidates import SETTINGS
from benchmarks.ledgers import PROCESSES, audience, balance, ms
from benchmarks.population import Person
from benchmarks.s2 import allow_many_files, listening, measure_floor, require, settle
from benchmarks.servers import Server, server
from benchmarks.workloads import DOCTOR, SEARCH
from domain.specialties import SPECIALTIES

PEOPLE, WORKERS, EACH_SECOND, SECONDS = 20_000, 2, 100, 300
FLOOR_SECONDS = 15
SHARES = {"search": 45, "doctor": 20, "visits": 15, "request": 10, "answer": 7, "upload": 3}
_DECLINED = 0.3  # of the answers
_MINE = """
subscription Mine { appointmentChanges { cursor kind appointment { id status version } } }"""
_TIMES = """
subscription Times($doctors: [ID!]!) {
  slotChanges(doctorIds: $doctors) { cursor kind slot { id startsAt status } }
}"""
_VISITS = """
query Visits {
  viewer {
    ... on PatientViewer {
      appointments(first: 20) { nodes { id status startsAt doctor { id name } } }
    }
  }
}"""
_REQUEST = """
mutation Request($input: RequestAppointmentInput!) {
  requestAppointment(input: $input) { appointment { id status } problems { code } }
}"""
_ACCEPT = """
mutation Accept($id: ID!) {
  acceptAppointment(input: {appointmentId: $id}) { appointment { id } problems { code } }
}"""
_DECLINE = """
mutation Decline($id: ID!) {
  declineAppointment(input: {appointmentId: $id, justification: "Estarei em um congresso."}) {
    appointment { id } problems { code }
  }
}"""
_UPLOAD = """
mutation Announce($input: RequestUploadInput!) {
  requestUpload(input: $input) { ticket { document { id } } problems { code } }
}"""


class Asked(NamedTuple):
    """An appointment that waits for its answer. `patient`: his number."""

    appointment_id: str
    slot_id: UUID
    doctor: int
    patient: int


@dataclass
class Day:
    """Doctors are numbered from 0, patients after them. `told`: see `ledgers.Told`."""

    doctors: Sequence[Person]
    patients: Sequence[Person]
    free: deque[tuple[int, UUID]]
    told: dict[str, tuple[float, Sequence[int]]] = field(default_factory=dict)
    waiting: deque[Asked] = field(default_factory=deque)
    requested: int = 0
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def doctor_of(self, patient: int) -> int:
        """Whose times he hears of."""
        return patient % len(self.doctors)

    def listeners_of(self, doctor: int) -> Sequence[int]:
        """Patients who hear of his times."""
        count = len(self.doctors)
        return range(doctor + count, count + len(self.patients), count)

    async def search(self, callers: Callers, _: float) -> None:
        specialty = random.choice([*SPECIALTIES])  # noqa: S311
        await callers.ask(SEARCH, self._somebody(), specialty=specialty)

    async def doctor(self, callers: Callers, _: float) -> None:
        doctor = random.choice(self.doctors)  # noqa: S311
        await callers.ask(DOCTOR, self._somebody(), id=f"doctor_{doctor.id}")

    async def visits(self, callers: Callers, _: float) -> None:
        await callers.ask(_VISITS, self._somebody())

    async def upload(self, callers: Callers, _: float) -> None:
        given = {"name": "Exame.pdf", "contentType": "application/pdf", "size": 81_920}
        await callers.ask(_UPLOAD, self._somebody(), input={**given, "sha256": uuid4().hex * 2})

    async def request(self, callers: Callers, due: float) -> None:
        """Each patient asks once, for a slot of his own, of whatever doctor."""
        doctor, slot_id = self.free.popleft()
        patient = len(self.doctors) + self.requested
        self.requested += 1
        given = {"slotId": f"slot_{slot_id}", "consent": True, "idempotencyKey": str(uuid4())}
        token = self.patients[patient - len(self.doctors)].token
        made = await callers.ask(_REQUEST, token, input=given)
        id = made["appointment"]["id"]
        self.told[f"REQUESTED {id}"] = (due, (doctor, patient))
        self.told[f"BOOKED slot_{slot_id}"] = (due, self.listeners_of(doctor))
        self.waiting.append(Asked(id, slot_id, doctor, patient))

    async def answer(self, callers: Callers, due: float) -> None:
        """The request that has waited for longest, if there is one."""
        if not self.waiting:
            return
        asked = self.waiting.popleft()
        declines = random.random() < _DECLINED  # noqa: S311
        token, id = self.doctors[asked.doctor].token, asked.appointment_id
        await callers.ask(_DECLINE if declines else _ACCEPT, token, id=id)
        both = (asked.doctor, asked.patient)
        self.told[f"{'DECLINED' if declines else 'CONFIRMED'} {id}"] = (due, both)
        if declines:
            listeners = self.listeners_of(asked.doctor)
            self.told[f"RELEASED slot_{asked.slot_id}"] = (due, listeners)

    def _somebody(self) -> str:
        return random.choice(self.patients).token  # noqa: S311


def main() -> None:
    options = _parser().parse_args()
    people = options.people - options.people % PROCESSES
    allow_many_files()
    with server(demo=True, settings=SETTINGS, workers=WORKERS) as running:
        events = _measure(running, people, options.each_second, options.seconds)
    floor_seconds = min(options.seconds, FLOOR_SECONDS)
    measure_floor(people, 10, events / options.seconds, floor_seconds)


def _measure(running: Server, people: int, each_second: int, seconds: int) -> int:
    """How many events there were."""
    day = asyncio.run(_morning(running, people))
    mine: tuple[str, dict[str, object]] = (_MINE, {})
    said = [listening(each, mine) for each in day.doctors] + [
        listening(each, mine, (_TIMES, {"doctors": [f"doctor_{day.doctors[place].id}"]}))
        for number, each in enumerate(day.patients, len(day.doctors))
        for place in (day.doctor_of(number),)
    ]
    with audience([running.port], said) as crowd:
        settle(running)
        print(
            f"{people:,} people, {len(day.doctors):,} of them doctors, over {WORKERS} processes;"
            f" {each_second} things done a second for {seconds} s:"
        )
        print(f"  connected in         {crowd.seconds:.1f} s")
        cpu = machine.cpu_seconds(*running.pids)
        asyncio.run(_go_by(day, running.port, each_second, seconds))
        cpu = machine.cpu_seconds(*running.pids) - cpu
        time.sleep(2)
        found = balance(day.told, crowd.heard())
    for name, took in sorted(day.took.items()):
        took.sort()
        print(
            f"  {name:9} {len(took):7,} times   p50 {ms(took, 0.5)}, p99 {ms(took, 0.99)},"
            f" the slowest {ms(took, 1)}"
        )
    print(f"  delivered            {found}")
    print(f"  processor time       {1e2 * cpu / seconds:.0f} % of a core")
    require(found)
    [(twice,)] = asyncio.run(fetch(running, TWICE))
    if twice:
        raise SystemExit(f"  {twice} slots were booked twice")
    return len(day.told)


async def _morning(running: Server, people: int) -> Day:
    doctors = (await population.doctors(running))[: people // 2]
    patients = await population.patients(running, people - len(doctors))
    numbers = {each.id: number for number, each in enumerate(doctors)}
    rows: Sequence[asyncpg.Record] = await fetch(running, FREE)
    free = [
        (numbers[row["doctor_id"]], slot)
        for row in rows
        if row["doctor_id"] in numbers
        for slot in row["slots"]
    ]
    random.shuffle(free)
    return Day(doctors=doctors, patients=patients, free=deque(free))


async def _go_by(day: Day, port: int, each_second: int, seconds: int) -> None:
    acts: Mapping[str, Callable[[Callers, float], Awaitable[None]]] = {
        name: getattr(day, name) for name in SHARES
    }
    names = random.choices([*SHARES], [*SHARES.values()], k=seconds * each_second)  # noqa: S311

    async def act(name: str, due: float) -> None:
        await acts[name](callers, due)
        day.took[name].append(time.perf_counter() - due)

    async with Callers.to(port) as callers, asyncio.TaskGroup() as group:
        began = time.perf_counter() + 0.1
        for number, name in enumerate(names):
            due = began + number / each_second
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            group.create_task(act(name, due))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev bench mixed", description="Measure a mixed day of many connected people."
    )
    parser.add_argument("people", type=int, nargs="?", default=PEOPLE, help=f"{PEOPLE:,}")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="that it lasts (%(default)s)")
    parser.add_argument(
        "--each-second", type=int, default=EACH_SECOND, help="things that are done (%(default)s)"
    )
    return parser


if __name__ == "__main__":
    main()
