"""W1 and W2: patients who ask for appointments, each with all that is done in that transaction.

W1 is on slots of their own, so that all are booked; W2 on 50 that everybody wants. Every answer is
read, and at the end the rows are counted: no slot is ever booked twice.
"""

import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg

from benchmarks import machine
from benchmarks.candidates import Candidate
from benchmarks.report import Round, Table
from benchmarks.servers import Server
from domain.accounts import Account
from domain.auth import Role, Viewer
from domain.ids import PatientId, SessionId, UserId, new_id
from domain.patients import Patient
from embedded import people
from integrations import keys
from integrations.key_wrapping import FileWrapping
from integrations.tokens import JwtTokens
from persistence import database
from persistence.accounts import AccountTable
from persistence.crypto import Vault
from persistence.data_keys import Keyring
from persistence.patients import PatientTable

CONNECTIONS, HOT = 64, 50
EACH_SECOND = 300  # bookings that are prepared for each second of a round
BOOK = """
mutation Book($input: RequestAppointmentInput!) {
  requestAppointment(input: $input) {
    appointment { id status startsAt endsAt }
    problems { code }
  }
}"""
PATIENTS, EACH = 6_000, 4  # so many times of one doctor, which do not overlap
_FREE = """
SELECT doctor_id, array_agg(id) AS slots FROM slot
WHERE status = 'OPEN' AND starts_at > now() + interval '1 day' GROUP BY doctor_id
"""
_TWICE = """
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
        body = json.dumps({"query": BOOK, "variables": {"input": given}}).encode()
        return (
            b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            b"authorization: Bearer %s\r\ncontent-length: %d\r\n\r\n%s"
            % (self.tokens[wish.patient_id].encode(), len(body), body)
        )


def opened(server: Server, names: Sequence[str]) -> Clinic:
    """With new patients for each candidate: what one of them seals the others cannot open."""
    patients, free = asyncio.run(_prepared(server))
    wishes: dict[str, list[Wish]] = {name: [] for name in names}
    for number, (patient_id, slots) in enumerate(zip(patients, cycle(free), strict=False)):
        for _ in range(min(EACH, len(slots))):
            wishes[names[number % len(names)]].append(Wish(patient_id, slots.pop()))
    for some in wishes.values():
        random.shuffle(some)
    return Clinic(server=server, wishes=wishes, tokens=_tokens(server, patients))


async def _prepared(server: Server) -> tuple[list[UUID], list[list[UUID]]]:
    """Patients, and free slots by their doctors."""
    pool = await database.connect(server.database_url, size=1)
    keyring = await Keyring.open(pool, FileWrapping(server.folder / "keys.json"))
    vault = Vault(keyring.keys)  # for as long as this takes
    rng, at = random.Random(), datetime.now(UTC)  # noqa: S311
    made = [
        Patient(
            id=PatientId(new_id()),
            name=people.name(rng),
            cpf=cpf,
            birth_date=None,
            created_at=at,
        )
        for cpf in islice(people.cpf_numbers(rng, taken=set()), PATIENTS)
    ]
    accounts = [
        Account(
            id=UserId(each.id),
            role=Role.PATIENT,
            email=f"{each.id}@example.com",
            password_hash="",
            created_at=at,
            confirmed_at=at,
        )
        for each in made
    ]
    async with pool.acquire() as connection, connection.transaction():
        for account, patient in zip(accounts, made, strict=True):
            await AccountTable(connection, vault).add(account)
            await PatientTable(connection, vault).add(patient)
    free = [row["slots"] for row in await pool.fetch(_FREE)]
    pool.terminate()
    return [each.id for each in made], free


def _tokens(server: Server, patients: Sequence[UUID]) -> dict[UUID, str]:
    """Good for longer than those of a sign-in."""
    signing = keys.load(server.folder / "keys.json").signing
    issuer = f"http://127.0.0.1:{server.port}"
    tokens = JwtTokens(signing, issuer=issuer, lasts=timedelta(hours=3))
    at = datetime.now(UTC)
    viewers = (
        Viewer(user_id=UserId(id), role=Role.PATIENT, session_id=SessionId(uuid4()))
        for id in patients
    )
    return {UUID(int=each.user_id.int): tokens.issue(each, at=at)[0] for each in viewers}


def measured(
    name: str, clinic: Clinic, candidates: Sequence[Candidate], *, rounds: int, seconds: int
) -> Table:
    """`name`: w1 or w2. Raises AssertionError for an answer that should not be."""
    count = EACH_SECOND * seconds
    told: dict[str, list[Round]] = {candidate.name: [] for candidate in candidates}
    for number in range(-1, rounds):  # the first one warms up
        turn = number % len(candidates)
        for candidate in [*candidates[turn:], *candidates[:turn]]:
            take = _own if name == "w1" else _hot
            wishes = take(clinic.wishes[candidate.name], count)
            measure = _measured(candidate, clinic.requests(wishes), hot=name == "w2")
            told[candidate.name] += [measure] if number >= 0 else []
    [(twice,)] = asyncio.run(_fetch(clinic.server, _TWICE))
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
    taken, codes = asyncio.run(_asked(candidate.port, requests))
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


async def _asked(port: int, requests: Sequence[bytes]) -> tuple[list[float], Counter[str]]:
    """Seconds that each took, and how often which problem was told, "" for none."""
    waiting, taken, codes = deque(requests), list[float](), Counter[str]()

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            began = time.perf_counter()
            writer.write(waiting.popleft())
            head = await reader.readuntil(b"\r\n\r\n")
            answer = json.loads(await reader.readexactly(_length(head)))
            taken.append(time.perf_counter() - began)
            codes.update(_told(answer))
        writer.close()
        await writer.wait_closed()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CONNECTIONS):
            tasks.create_task(ask())
    return taken, codes


def _length(head: bytes) -> int:
    [length] = [
        line.partition(b":")[2]
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return int(length)


def _told(answer: dict[str, object]) -> Iterator[str]:
    payload = (answer.get("data") or {}).get("requestAppointment")  # type: ignore[attr-defined]
    if payload is None:
        raise AssertionError(answer)
    problems = [problem["code"] for problem in payload["problems"]]
    if bool(problems) == bool(payload["appointment"]):
        raise AssertionError(answer)
    yield problems[0] if problems else ""


async def _fetch(server: Server, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(server.database_url)
    try:
        return await connection.fetch(statement)  # type: ignore[no-any-return]
    finally:
        await connection.close()
