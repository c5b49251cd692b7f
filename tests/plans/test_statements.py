"""Whatever is asked and done goes by indexes, each statement of it.

In a clinic of 20,000 doctors and as many patients, with their appointments, records and logs.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import asyncpg
import pytest

from benchmarks import crowd
from domain import clock
from domain.appointments import AppointmentStatus
from domain.events import AppointmentRequested, DoctorSignalled, Position
from domain.ids import new_id
from persistence import database
from tests import make
from tests.conftest import TEMPLATE, create_database, url_of
from tests.make import Person
from tests.plans import crowded
from tests.plans.explained import explained, read_in_full
from tests.race.acts import ACCEPT, CANCEL, HOLD, PUBLISH, REQUEST, WITHDRAW
from tests.server import LocalServer, gid

DOCTORS, SLOTS_EACH = 20_000, 10


_PLANNED = "SELECT statement FROM pg_prepared_statements WHERE custom_plans > 5"
_BY_VALUES = (
    "(event.tx, event.row) > ($1, $2)",  # near the end of the log
    "strpos(name_search, plain_text($3))",  # of registrations, filtered or not
    "FROM session WHERE ended_at > $1",  # lately, which runs every second
    "typeinfo_tree",  # asyncpg's own, as it meets a type
)


@dataclass(frozen=True)
class Clinic:
    server: LocalServer
    doctor: Person
    patient: Person
    administrator: Person
    pool: database.Pool

    @contextmanager
    def noted(self) -> Generator[list[tuple[str, tuple[Any, ...]]]]:
        """Statements that are run inside, with their values."""
        seen: list[tuple[str, tuple[Any, ...]]] = []
        run = asyncpg.Connection._execute

        async def noting(
            connection: Any, query: str, given: Any, *rest: Any, **options: Any
        ) -> Any:
            if query.lstrip("(").split(maxsplit=1)[0] in database._VERBS:
                seen.append((query, given))
            return await run(connection, query, given, *rest, **options)

        with mock.patch.object(asyncpg.Connection, "_execute", noting):
            yield seen

    async def read_in_full(self, seen: list[tuple[str, tuple[Any, ...]]]) -> dict[str, set[str]]:
        """By statement, of those that do so."""
        found = {}
        for statement, given in seen:
            plan = await explained(self.pool, statement, *given)
            if tables := read_in_full(plan):
                found[statement] = tables
        return found


@pytest.fixture(scope="module")
async def clinic(worker_id: str, keys_file: Path) -> AsyncGenerator[Clinic]:
    name = f"crowded_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    doctor, patient, administrator = make.doctor(), make.patient(), make.administrator()
    async with LocalServer.run(url_of(name), keys_file) as server:  # whose keys come first
        connection = await asyncpg.connect(server.owner_url)
        await crowd.fill(connection, doctors=DOCTORS, slots=SLOTS_EACH)
        await crowded.fill(connection)
        await connection.close()
        server.now = clock.now()
        await server.given(doctor, patient, administrator)
        await server.given(*_given(doctor, patient, server.now))
        pool = await database.connect(url_of(name), size=1)
        yield Clinic(server, doctor, patient, administrator, pool)
        await pool.close()


def _given(doctor: Person, patient: Person, now: datetime) -> list[Any]:
    """A visit that may begin and what was said before it, so that no query is without an answer."""
    slot, visit = make.visit(
        doctor, patient, status=AppointmentStatus.CONFIRMED, starts_at=now + timedelta(minutes=5)
    )
    author, completed = make.doctor(), AppointmentStatus.COMPLETED
    others = make.visit(author, patient, status=completed, starts_at=now - timedelta(days=2))
    his = make.visit(doctor, patient, status=completed, starts_at=now - timedelta(days=1))
    return [
        *(slot, visit, make.device_check(visit), author, *others, *his, make.note(others[1])),
        *(*make.paper(doctor, patient, his[1]), make.share(patient, doctor)),
        *(make.access_request(doctor, patient), make.in_person_request(patient, doctor)),
    ]


def own(role: str, selection: str) -> str:
    return f"{{ viewer {{ ... on {role}Viewer {{ {selection} }} }} }}"


NAMED = "{ nodes { id name rating { average } nextSlots(first: 5) { id startsAt } } }"
VISITS = "appointments(first: 20) { nodes { id reason patient { name } doctor { name } } }"
OF_VISITS = "consultation { url patientPresent } notes { text } deviceChecks { camera }"
REQUESTS = "{ nodes { id message doctor { name } patient { name } } }"
AUDIT = "{ nodes { at action } pageInfo { endCursor } }"
SPAN = 'from: "2026-01-01T00:00:00Z", to: "2026-03-01T00:00:00Z"'
ASKED = {
    "by name": ("patient", f'{{ doctors(filter: {{search: "helena siq"}}) {NAMED} }}'),
    "reviews": ("patient", '{ doctor(crm: "1000001", uf: SP) { reviews { nodes { stars } } } }'),
    "a patient's appointments": ("patient", own("Patient", VISITS)),
    "a doctor's appointments": ("doctor", own("Doctor", VISITS)),
    "what belongs to visits": (
        "patient",
        own("Patient", f"appointments {{ nodes {{ {OF_VISITS} }} }}"),
    ),
    "… to a doctor's": ("doctor", own("Doctor", f"appointments {{ nodes {{ {OF_VISITS} }} }}")),
    "those that wait": (
        "doctor",
        own("Doctor", "appointments(status: [REQUESTED]) { nodes { id } }"),
    ),
    "documents": ("patient", own("Patient", "documents { nodes { id name } }")),
    "shares": ("patient", own("Patient", "shares { nodes { id } }")),
    "the access log": ("patient", own("Patient", "recordAccesses { nodes { action } }")),
    "what is shared": ("doctor", own("Doctor", "sharedDocuments { nodes { id name } }")),
    "papers": ("patient", own("Patient", "documents { nodes { kind issuedBy { name } } }")),
    "papers that one issued": ("doctor", own("Doctor", "issuedDocuments { nodes { id name } }")),
    "what is left to sign": (
        "doctor",
        own("Doctor", "issuedDocuments(signature: UNSIGNED) { nodes { id } }"),
    ),
    "requests for a record": ("patient", own("Patient", f"accessRequests {REQUESTS}")),
    "those that a doctor made": ("doctor", own("Doctor", f"accessRequests {REQUESTS}")),
    "requests for a visit in person": ("patient", own("Patient", f"inPersonRequests {REQUESTS}")),
    "those that a doctor got": ("doctor", own("Doctor", f"inPersonRequests {REQUESTS}")),
    "numbers": ("doctor", own("Doctor", f"statistics({SPAN}) {{ requests }}")),
    "sessions": ("patient", own("Patient", "sessions { id } email")),
    "the audit log": ("administrator", own("Administrator", f"auditEntries {AUDIT}")),
    "acts of a kind": (
        "administrator",
        own("Administrator", f'auditEntries(filter: {{action: "Rare"}}) {AUDIT}'),
    ),
    "registrations": (
        "administrator",
        own("Administrator", "registrations { nodes { doctor { id } } }"),
    ),
}


@pytest.mark.parametrize("asked", ASKED)
async def test_a_query_goes_by_indexes(clinic: Clinic, asked: str):
    who, query = ASKED[asked]

    with clinic.noted() as seen:
        await clinic.server.ask(query, getattr(clinic, who))

    assert seen
    assert await clinic.read_in_full(seen) == {}


async def test_acts_of_somebody_and_about_something_are_found_by_indexes(clinic: Clinic):
    query = "query ($filter: AuditFilter)" + own(
        "Administrator", f"auditEntries(filter: $filter) {AUDIT}"
    )
    with clinic.noted() as seen:
        for filter in ({"actorId": gid(clinic.patient)}, {"subjectId": gid(clinic.patient)}):
            await clinic.server.ask(query, clinic.administrator, filter=filter)

    assert await clinic.read_in_full(seen) == {}


async def test_what_others_have_written_of_a_patient_is_found_by_indexes(clinic: Clinic):
    query = "query ($id: ID!)" + own(
        "Doctor", "sharedNotes(patientId: $id) { nodes { text author { name } } }"
    )
    with clinic.noted() as seen:
        viewer = await clinic.server.ask(query, clinic.doctor, id=gid(clinic.patient))

    assert len(viewer["sharedNotes"]["nodes"]) == 1
    assert await clinic.read_in_full(seen) == {}


@pytest.mark.parametrize("kind", ["doctor", "slot", "appointment", "patient", "document", "share"])
async def test_a_node_is_found_by_its_id(clinic: Clinic, kind: str):
    with clinic.noted() as seen:
        await clinic.server.ask(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            clinic.patient,
            ids=[f"{kind}_{new_id()}" for _ in range(3)],
        )

    assert seen
    assert await clinic.read_in_full(seen) == {}


def act(name: str, kind: str) -> str:
    return f"mutation ($who: {kind}Input!) {{ {name}(input: $who) {{ problems {{ code }} }} }}"


MISTAKEN = {"password": "mistaken, as it is"}
SIGN_IN = {
    "patient": (
        act("signInPatient", "SignInPatient"),
        {"email": "ana@example.com", "cpf": make.cpf(), **MISTAKEN},
    ),
    "doctor": (
        act("signInDoctor", "SignInDoctor"),
        {"crm": "1000001", "uf": "SP", **MISTAKEN},
    ),
    "administrator": (
        act("signInAdministrator", "SignInAdministrator"),
        {"email": "root@example.com", "otp": "123456", **MISTAKEN},
    ),
    "who has forgotten": (
        act("requestPasswordReset", "RequestPasswordReset"),
        {"email": "ana@example.com"},
    ),
    "who is new": (
        act("registerPatient", "RegisterPatient"),
        {"name": "Ana", "email": f"{uuid4()}@example.com", "cpf": make.cpf(), **MISTAKEN},
    ),
}


@pytest.mark.parametrize("who", SIGN_IN)
async def test_an_account_is_found_by_what_it_is_known_by(clinic: Clinic, who: str):
    mutation, given = SIGN_IN[who]

    with clinic.noted() as seen:
        await clinic.server.answer(mutation, who=given)

    assert seen
    assert await clinic.read_in_full(seen) == {}


async def test_a_visit_from_publishing_to_its_end_goes_by_indexes(clinic: Clinic):
    server, doctor, patient = clinic.server, clinic.doctor, clinic.patient
    half = timedelta(minutes=30)
    starts = server.now + timedelta(days=20)
    times = [{"startsAt": starts + n * half, "endsAt": starts + (n + 1) * half} for n in range(3)]

    with clinic.noted() as seen:
        slots = (await server.ask(PUBLISH, doctor, times=times))["slots"]
        await server.ask(HOLD, patient, id=slots[0]["id"])
        asked = await server.ask(REQUEST, patient, id=slots[0]["id"], key=str(uuid4()))
        visit = asked["appointment"]["id"]
        await server.ask(ACCEPT, doctor, id=visit, seen=None)
        await server.ask(CANCEL, patient, id=visit, seen=None)
        await server.ask(WITHDRAW, doctor, ids=[slots[1]["id"]])

    assert len(seen) > 20
    assert await clinic.read_in_full(seen) == {}


JOIN = act("joinConsultation", "JoinConsultation")
WRITE = act("writeVisitNote", "WriteVisitNote")
END = act("endConsultation", "EndConsultation")


async def test_a_consultation_and_what_is_written_of_it_goes_by_indexes(clinic: Clinic):
    server, doctor, patient = clinic.server, clinic.doctor, clinic.patient
    confirmed = own("Doctor", "appointments(status: [CONFIRMED]) { nodes { id } }")
    [visit] = (await server.ask(confirmed, doctor))["appointments"]["nodes"]
    here = {"appointmentId": visit["id"]}
    acts = [(JOIN, doctor, {}), (JOIN, patient, {})]
    acts += [(WRITE, doctor, {"text": "Bem.", "idempotencyKey": str(uuid4())}), (END, doctor, {})]

    with clinic.noted() as seen:
        for mutation, who, given in acts:
            assert (await server.ask(mutation, who, who=here | given))["problems"] == []

    assert await clinic.read_in_full(seen) == {}


async def test_what_is_done_and_asked_again_is_not_planned_again(clinic: Clinic, keys_file: Path):
    """PostgreSQL keeps a plan after five, unless it would rather look at the values each time."""
    doctor, patient = clinic.doctor, clinic.patient
    starts, half = clinic.server.now + timedelta(days=40), timedelta(minutes=30)
    times = [{"startsAt": starts + n * half, "endsAt": starts + (n + 1) * half} for n in range(12)]

    async with LocalServer.run(clinic.server.url, keys_file, database_connections=1) as server:
        server.now = clinic.server.now
        for slot in (await server.ask(PUBLISH, doctor, times=times))["slots"]:
            asked = await server.ask(REQUEST, patient, id=slot["id"], key=str(uuid4()))
            visit = asked["appointment"]["id"]
            await server.ask(ACCEPT, doctor, id=visit, seen=None)
            await server.ask(CANCEL, patient, id=visit, seen=None)
            for who, query in ASKED.values():
                await server.ask(query, getattr(clinic, who))
        planned = await server.app._pool.fetch(_PLANNED)

    again = [row["statement"] for row in planned]
    assert [it for it in again if not any(words in it for words in _BY_VALUES)] == []


async def test_the_log_of_events_is_read_by_its_indexes(clinic: Clinic):
    log, patient = clinic.server.app.log, clinic.patient
    start, end = Position(10, 0), Position(400, 0)

    with clinic.noted() as seen:
        await log.now()
        await log.read(start, limit=500)
        await log.replay(start, end, frozenset({patient.id}), [AppointmentRequested], limit=100)
        await log.before_first(DoctorSignalled, patient.id, new_id())
        await log.keeps(start)
        await log.purge(timedelta(days=7))

    assert len(seen) > 5
    assert await clinic.read_in_full(seen) == {}


async def test_what_runs_by_itself_every_few_seconds_goes_by_indexes(clinic: Clinic):
    app = clinic.server.app

    with clinic.noted() as seen:
        await app.sweep()
        await app.close_visits()
        await app.remind()
        await app.ended.look()
        await app.uploads.sweep()
        await app.exporting.sweep()

    assert len(seen) > 5
    assert await clinic.read_in_full(seen) == {}


async def test_what_has_no_index_would_be_noticed(clinic: Clinic):
    with clinic.noted() as seen:
        await clinic.server.app._pool.fetch("SELECT FROM patient WHERE name = $1", "Ana")
        await clinic.server.app._pool.fetch("SELECT id FROM audit_entry WHERE role = $1", "NONE")

    found = await clinic.read_in_full(seen)

    assert list(found.values()) == [{"patient"}, {"audit_entry"}]
