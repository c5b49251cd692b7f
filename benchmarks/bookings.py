"""W1 and W2: patients who ask for appointments, each with all that is done in that transaction.

W1 is on slots of their own, so that all are booked; W2 on 50 that everybody wants. Every answer is
read, and at the end the rows are counted: no slot is ever booked twice.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
import orjson
import uvloop

from benchmarks import callers, machine, population
from benchmarks.candidates import Candidate
from benchmarks.report import Round, Table
from benchmarks.servers import Server

CONNECTIONS, HOT = 64, 50
EACH_SECOND, HOT_EACH_SECOND = 300, 3_000  # that are prepared for each second of a round
BOOK = """
mutation Book($input: RequestAppointmentInput!) {
  requestAppointment(input: $input) {
    appointment { id status startsAt endsAt }
    problems { code }
  }
}"""
PATIENTS, EACH = 6_000, 4  # so many times of one doctor, which do not overlap
FREE = """
SELECT doctor_id, array_agg(id) AS slots FROM slot
WHERE status = 'OPEN' AND starts_at > now() + interval '1 day' GROUP BY doctor_id
"""
TWICE = """
SELECT count(*) FROM (SELECT FROM appointment WHERE status IN ('REQUESTED', 'CONFIRMED')
GROUP BY slot_id HAVING count(*) > 1) AS twice
"""


class Wish(NamedTuple):
    patient_id: UUID
    slot_id: UUID


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """`wishes`: of each candidate's own patients; what was asked for is taken from them."""

    server: Server
    wishes: dict[str, list[Wish]]
    tokens: dict[UUID, str]

    def requests(self, wishes: Sequence[Wish]) -> list[bytes]:
        return [self._request(wish) for wish in wishes]

    def _request(self, wish: Wish) -> bytes:
        given = {
            "slotId": f"slot_{wish.slot_id}",
            "reason": "Dor de cabeça há três dias",
            "consent": True,
            "idempotencyKey": str(uuid4()),
        }
        return callers.request(BOOK, self.tokens[wish.patient_id], input=given)


def opened(server: Server, names: Sequence[str]) -> Clinic:
    """With new patients for each candidate: what one of them seals the others cannot open."""
    patients = asyncio.run(population.patients(server, PATIENTS))
    free = [row["slots"] for row in asyncio.run(fetch(server, FREE))]
    wishes: dict[str, list[Wish]] = {name: [] for name in names}
    for number, (patient, slots) in enumerate(zip(patients, cycle(free), strict=False)):
        for _ in range(min(EACH, len(slots))):
            wishes[names[number % len(names)]].append(Wish(patient.id, slots.pop()))
    for some in wishes.values():
        random.shuffle(some)
    tokens = {each.id: each.token for each in patients}
    return Clinic(server=server, wishes=wishes, tokens=tokens)


def measured(
    name: str, clinic: Clinic, candidates: Sequence[Candidate], *, rounds: int, seconds: int
) -> Table:
    """`name`: w1 or w2. Raises AssertionError for an answer that should not be."""
    count = seconds * (EACH_SECOND if name == "w1" else HOT_EACH_SECOND)
    told: dict[str, list[Round]] = {candidate.name: [] for candidate in candidates}
    for number in range(-1, rounds):  # the first one warms up
        turn = number % len(candidates)
        for candidate in [*candidates[turn:], *candidates[:turn]]:
            take = _own if name == "w1" else _hot
            wishes = take(clinic.wishes[candidate.name], count)
            measure = _measured(candidate, clinic.requests(wishes), hot=name == "w2")
            told[candidate.name] += [measure] if number >= 0 else []
    [(twice,)] = asyncio.run(fetch(clinic.server, TWICE))
    if twice:
        raise AssertionError(f"{twice} slots were booked twice")
    titles = {
        "w1": "appointments asked for, each a slot of its own",
        "w2": f"the same, on {HOT} slots that all want",
    }
    return Table(workload=name, title=titles[name], rounds=told, alone={})


def _own(wishes: list[Wish], count: int) -> list[Wish]:
    if len(wishes) < count:
        raise SystemExit("There are no more free slots: ask for fewer rounds, or shorter ones.")
    return [wishes.pop() for _ in range(count)]


def _hot(wishes: list[Wish], count: int) -> list[Wish]:
    """Whoever may want them: most come too late, and some are expected elsewhere at that time."""
    slots = [wish.slot_id for wish in _own(wishes, HOT)]
    patients = [wish.patient_id for wish in wishes]
    return [Wish(random.choice(patients), random.choice(slots)) for _ in range(count)]  # noqa: S311


def _measured(candidate: Candidate, requests: Sequence[bytes], *, hot: bool) -> Round:
    used, busy, own = (
        machine.cpu_seconds(candidate.pid),
        machine.busy_seconds(),
        machine.own_seconds(),
    )
    began = time.perf_counter()
    taken, codes = _asked(candidate.port, requests)
    seconds = time.perf_counter() - began
    used = machine.cpu_seconds(candidate.pid) - used
    others = machine.busy_seconds() - busy - (machine.own_seconds() - own)
    wanted = {"", "SLOT_TAKEN", "PATIENT_BUSY"} if hot else {""}
    if set(codes) - wanted or not codes[""]:
        raise AssertionError(f"{candidate.name} answers {dict(codes)}")
    taken.sort()
    return Round(
        per_second=len(requests) / seconds,
        cpu=used / len(requests) * 1e6,
        p50=taken[len(taken) // 2] * 1e6,
        others=max(others, 0.0) / seconds,
    )


def _asked(port: int, requests: Sequence[bytes]) -> tuple[list[float], Counter[str]]:
    """Seconds that each took, and how often which problem was told, "" for none."""
    taken, codes = list[float](), Counter[str]()

    def heard(answer: bytes, seconds: float) -> None:
        taken.append(seconds)
        codes.update(_told(orjson.loads(answer)))

    uvloop.run(callers.closed_loop(port, requests, heard, connections=CONNECTIONS))
    return taken, codes


def _told(answer: dict[str, object]) -> Iterator[str]:
    payload = (answer.get("data") or {}).get("requestAppointment")  # type: ignore[attr-defined]
    if payload is None:
        raise AssertionError(answer)
    problems = [problem["code"] for problem in payload["problems"]]
    if bool(problems) == bool(payload["appointment"]):
        raise AssertionError(answer)
    yield problems[0] if problems else ""


async def fetch(server: Server, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(server.database_url)
    try:
        return await connection.fetch(statement)  # type: ignore[no-any-return]
    finally:
        await connection.close()
