"""Plans answer what the reference answers, or leave it to it; nobody can tell which it was."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Generator
from datetime import timedelta
from typing import Any
from unittest import mock

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import Caller
from domain.appointments import AppointmentStatus
from domain.auth import Scope
from domain.doctors import DoctorStatus
from domain.registrations import UF
from domain.slots import SlotStatus
from tests import make
from tests.make import NOW, TOMORROW
from tests.plans.operations import Known, operations
from tests.server import LocalServer, gid
from transport.errors import Unfit

OWN = "medicina-nuclear"  # of this module's doctors alone
ODD = 'Ana "Ã" \\ \u2028 \x7f </script> 漢字 🩺'
CURSORS = """{
  doctors(filter: {specialty: "medicina-nuclear"}, first: 3, orderBy: ORDER) { edges { cursor } }
}"""
WHO = ["nobody", "doctor", "suspended", "patient", "stranger", "partner", "narrow"]
WHO += ["administrator"]
EXAMPLES = 600


@pytest.fixture(scope="module")
async def people(running_server: LocalServer):
    """Slots and appointments of every status, by the row and by the clock."""
    running_server.now = NOW
    patient, stranger = make.patient(name=ODD, birth_date=NOW.date()), make.patient()
    partner, narrow = make.partner(), make.partner(Scope.DOCTORS)
    administrator = make.administrator()
    doctors = [
        make.doctor(
            name=ODD if number == 0 else f"Ana {number}",
            uf=[UF.AC, UF.RR][number % 2],
            specialties=(OWN, "urologia") if number % 3 else (OWN,),
            specialist_in=(OWN, "geriatria") if number % 2 else (),
            rqes=("123", "45") if number % 2 else (),
            rating_count=number,
            rating_sum=number * 4,
            city=None if number == 4 else 'São "Tomé"',
            latitude=None if number == 5 else -9.97 - number,
            longitude=None if number == 5 else -67.81 + number / 3,
            status=DoctorStatus.SUSPENDED if number == 6 else DoctorStatus.VERIFIED,
        )
        for number in range(8)
    ]
    doctor, suspended = doctors[0], doctors[6]
    await running_server.given(patient, stranger, partner, narrow, administrator, *doctors)
    for each in doctors:
        await running_server.given(
            make.slots(each, 3),
            make.slot(each, starts_at=NOW - timedelta(hours=1)),
            make.slot(each, starts_at=NOW + timedelta(hours=4, microseconds=120_000)),
        )
    hours, half = iter(range(24, 400)), timedelta(minutes=30)
    for status, until in [
        (SlotStatus.HELD, NOW + half),
        (SlotStatus.HELD, NOW - half),
        (SlotStatus.BOOKED, NOW - half),
        (SlotStatus.BOOKED, None),
        (SlotStatus.WITHDRAWN, None),
    ]:
        await running_server.given(
            make.slot(
                doctor,
                starts_at=TOMORROW + timedelta(hours=next(hours)),
                status=status,
                lapses_at=until,
                held_by=patient.id if status is SlotStatus.HELD else None,
            )
        )
    visits = [
        make.visit(
            whose,
            patient,
            status=status,
            starts_at=TOMORROW + timedelta(hours=(hour := next(hours)), microseconds=hour),
            **told,
        )
        for whose in (doctor, suspended)
        for status in AppointmentStatus
        for told in _ways(status)
    ]
    for slot, visit in visits:
        await running_server.given(slot, visit)
    await running_server.given(make.review(visits[-1][1], comment=ODD))
    cursors = [
        edge["cursor"]
        for order in ("RATING", "NAME", "SOONEST")
        for edge in (await running_server.ask(CURSORS.replace("ORDER", order)))["edges"]
    ]
    own = "{ viewer { ... on PatientViewer { appointments(first: 3) { edges { cursor } } } } }"
    found = await running_server.ask(own, patient)
    cursors += [edge["cursor"] for edge in found["appointments"]["edges"]]
    known = Known(
        ids=[
            *(gid(each) for each in (doctor, suspended)),
            *(gid(slot) for slot, _ in visits[:2] + visits[-2:]),
            *(gid(visit) for _, visit in visits[:2] + visits[-2:]),
            gid(patient),
            f"doctor_{patient.id}",
            "doctor_0",
            f"doctor_{doctor.id}x",
            "none_0",
            "",
        ],
        crms=[*(f"{each.who.crm}/{each.who.uf}" for each in (doctor, suspended)), "1/SP", "x/SP"],
        specialties=[OWN, "urologia"],
        cursors=cursors,
    )
    who = [None, doctor, suspended, patient, stranger, partner, narrow, administrator]
    return known, dict(zip(WHO, who, strict=True))


def _ways(status: AppointmentStatus) -> list[dict[str, Any]]:
    """As the row says, and as time has made of it."""
    if status is AppointmentStatus.REQUESTED:
        return [{}, {"respond_by": NOW - timedelta(minutes=1)}]
    if status is AppointmentStatus.IN_PROGRESS:
        return [{"closes_at": NOW + timedelta(hours=1)}, {"closes_at": NOW}, {}]
    return [{}]


@pytest.fixture
def compared(running_server: LocalServer) -> Generator[Counter[str]]:
    """Counts what the test below compares, which is to be no less than it promises: some thousands,
    of which many are a plan's and many tell of errors.
    """
    counted: Counter[str] = Counter()

    async def quick(*asked: Any) -> str | None:
        answer = await running_server.app.quick(*asked)
        counted["planned"] += answer is not None
        return answer

    with mock.patch.object(running_server.operations, "_quick", quick):
        yield counted
    assert counted["answers"] > EXAMPLES * len(WHO) / 2, counted
    assert counted["planned"] > counted["answers"] / 5, counted
    assert counted["errors"] > counted["answers"] / 20, counted


@settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_plans_answer_what_the_reference_answers(
    running_server: LocalServer, people, compared: Counter[str], data: st.DataObject
):
    """Each operation, which takes longer to think of than to answer, is asked by all of them."""
    known, everybody = people
    made = data.draw(operations(known))
    try:
        operation = running_server.documents.prepare(made.text)
    except Unfit:  # fields that do not fit together, say
        return

    for who, person in everybody.items():
        caller = Caller(viewer=person.viewer if person else None)

        answer, expected = [
            await _told(door.answer(operation, made.variables, caller))
            for door in (running_server.operations, running_server.reference)
        ]

        assert answer == expected, who
        compared["answers"] += 1
        compared["errors"] += "errors" in dict(expected)


async def _told(answer: Awaitable[bytes]) -> list[tuple[str, Any]]:
    """What JSON has as objects are pairs in their order, without what is anew with each error. The
    errors themselves come as fields end, in no order.
    """
    try:
        shown = await answer
    except Unfit as unfit:
        shown = json.dumps({"errors": unfit.errors}).encode()
    found: list[tuple[str, Any]] = json.loads(shown, object_pairs_hook=_pairs)
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [
        (key, sorted(value, key=repr) if key == "errors" else value)
        for key, value in pairs
        if key != "reference"
    ]


PLANNED = {
    "search": """query ($specialty: String) {
      doctors(filter: {specialty: $specialty}, first: 20) {
        nodes { id name ...Card } pageInfo { hasNextPage endCursor }
      }
    }
    fragment Card on Doctor { rating { average count } nextSlots(first: 5) { id startsAt } }""",
    "without": """query ($specialty: String, $after: String, $near: GeoPointInput) {
      doctors(filter: {specialty: $specialty, near: $near}, first: 2, after: $after) {
        nodes { id }
      }
    }""",
    "near": """query ($from: DateTime) {
      doctors(
        filter: {near: {latitude: -9.9, longitude: -67.8}, withinKm: 400, availableFrom: $from}
      ) { edges { distanceKm node { id } } }
    }""",
    "one": "query ($id: ID!) { node(id: $id) { id ... on Doctor { name crm } __typename } }",
    "own": """{ viewer { ... on DoctorViewer {
      appointments(status: [CONFIRMED], first: 10) {
        nodes { id status patient { name } slot { startsAt } }
      }
    } } }""",
}


@pytest.mark.parametrize("name", PLANNED)
async def test_what_is_asked_most_is_one_statement(server: LocalServer, people, name: str):
    known, everybody = people
    doctor = everybody["doctor"]
    variables = {"specialty": OWN, "from": "2030-01-07T15:00:00Z", "id": known.ids[0]}
    asked = {key: value for key, value in variables.items() if f"${key}" in PLANNED[name]}

    with server.statements() as statements:
        answer = await server.answer(PLANNED[name], doctor, **asked)

    assert len(statements) == 1
    operation = server.documents.prepare(PLANNED[name])
    expected = await server.reference.answer(operation, asked, Caller(viewer=doctor.viewer))
    assert answer == json.loads(expected)


async def test_those_who_ride_together_each_get_their_own(server: LocalServer):
    doctors = [make.doctor(name=f"Rider {number}") for number in range(60)]
    await server.given(*doctors)

    answers = await asyncio.gather(
        *(server.ask(PLANNED["one"], id=gid(doctor)) for doctor in doctors)
    )

    assert [answer["name"] for answer in answers] == [doctor.who.name for doctor in doctors]


async def test_a_crowd_rides_on_few_statements(server: LocalServer, people):
    known, _ = people

    with server.statements() as statements:
        await asyncio.gather(*(server.ask(PLANNED["one"], id=known.ids[0]) for _ in range(100)))

    assert len(statements) < 15


async def test_what_one_of_them_asks_in_vain_is_nobodys_elses_fault(server: LocalServer, people):
    """A statement that fails is asked again, each by himself, on the other path."""
    known, _ = people
    fetch, failed = server.app._pool.fetch, []

    async def fail(statement: str, *arguments: Any) -> Any:
        if "WITH ORDINALITY AS asked" in statement and not failed:
            failed.append(statement)
            raise asyncpg.QueryCanceledError
        return await fetch(statement, *arguments)

    with mock.patch.object(type(server.app._pool), "fetch", lambda _, *all: fail(*all)):
        answer = await server.answer(PLANNED["one"], id=known.ids[0])

    assert failed
    assert answer["data"]["node"]["name"] == ODD
