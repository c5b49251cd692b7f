"""Who comes too late for a slot is told so by one statement, in the words of the long way."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app import Caller
from domain.appointments import AppointmentStatus
from domain.doctors import DoctorStatus
from domain.patients import CpfStanding
from domain.slots import Slot
from tests import make
from tests.make import NOW, Person, Program
from tests.server import LocalServer, gid, plain

REQUEST = """
mutation ($slot: ID!, $key: ID!, $reason: String, $consent: Boolean!, $version: String) {
  requestAppointment(input: {
    slotId: $slot, idempotencyKey: $key, reason: $reason, consent: $consent
    consentVersion: $version
  }) {
    appointment { id status version }
    problems { __typename code message path ... on SlotTaken { alternatives { id status } } }
  }
}
"""
FULL = """
mutation Book($input: RequestAppointmentInput!, $wide: Boolean!) {
  asked: requestAppointment(input: $input) {
    __typename
    appointment @include(if: $wide) { id doctor { name } }
    found: problems { ...Said ... on InvalidInput { code } }
  }
}
fragment Said on Problem {
  what: code
  message
  path
  ... on SlotTaken {
    alternatives {
      id startsAt endsAt status holdExpiresAt doctor { id name crm nextSlots(first: 2) { id } }
    }
  }
}
"""
ASKED = "requestAppointment(input: $i) { problems { code } }"
SOON = NOW + timedelta(minutes=5)


async def quick(
    server: LocalServer, query: str, person: Person | Program | None, **variables: Any
) -> Any:
    """The data as the plan has it, for a slot that was asked for before; None where it leaves it to
    the resolvers.
    """
    caller = Caller(viewer=person.viewer if person else None)
    operation = server.documents.prepare(query)
    data = await server.app.quick(caller, operation, plain(variables))
    if data is None:  # the first who asks
        data = await server.app.quick(caller, operation, plain(variables))
    return None if data is None else json.loads(data)


async def slow(server: LocalServer, query: str, person: Person, **variables: Any) -> Any:
    """The data as the resolvers have it."""
    caller = Caller(viewer=person.viewer)
    operation = server.documents.prepare(query)
    answer = json.loads(await server.reference.answer(operation, plain(variables), caller))
    assert "errors" not in answer
    return answer["data"]


async def kept(server: LocalServer, key: UUID) -> list[Any]:
    """The row of a key, but for the key."""
    return await server.fetch(
        "SELECT user_id, fingerprint, answer, claimed_at FROM idempotency_key WHERE key = $1", key
    )


def told(slot: Slot, **given: Any) -> dict[str, Any]:
    return {"slot": gid(slot), "key": uuid4(), "consent": True, **given}


def is_taken(slot: Slot, doctor: Person, owner: Person) -> dict[str, tuple[Slot, list[Any]]]:
    """Ways in which it is not to be had, each with what else there is."""
    booked, asked = make.visit(doctor, owner)
    confirmed, visit = make.visit(doctor, owner, status=AppointmentStatus.CONFIRMED)
    return {
        "requested": (booked, [asked]),
        "confirmed": (confirmed, [visit]),
        "held": (slot.held(owner.id, SOON), []),
        "withdrawn": (slot.withdrawn(), []),
    }


@pytest.mark.parametrize("how", ["requested", "confirmed", "held", "withdrawn"])
@pytest.mark.parametrize("query", [REQUEST, FULL])
async def test_it_says_and_keeps_what_the_long_way_does(server: LocalServer, how: str, query: str):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, more = is_taken(make.slot(doctor), doctor, bruno)[how]
    day = timedelta(days=1)
    free = [make.slot(doctor, starts_at=slot.starts_at + n * day) for n in (3, 1, 2, 4)]
    own = make.slot(doctor, starts_at=slot.starts_at + timedelta(hours=1)).held(ana.id, SOON)
    gone = make.slot(doctor, starts_at=slot.starts_at + timedelta(hours=2)).held(bruno.id, NOW)
    await server.given(doctor, ana, bruno, slot, *more, *free, own, gone)
    first, second = uuid4(), uuid4()

    def given(key: UUID) -> dict[str, Any]:
        if query is REQUEST:
            return told(slot, key=key, reason="Tosse.")
        return {
            "input": {"slotId": gid(slot), "idempotencyKey": str(key), "consent": True},
            "wide": True,
        }

    async with server.unchanged(doctor, ana, bruno):
        answer = await quick(server, query, ana, **given(first))
        expected = await slow(server, query, ana, **given(second))

    assert answer == expected
    [payload] = answer.values()
    [problem] = payload["problems" if query is REQUEST else "found"]
    alternatives = [each["id"] for each in problem["alternatives"]]
    assert alternatives == [gid(gone), gid(free[1]), gid(free[2])]
    assert await kept(server, first) == await kept(server, second)
    assert await slow(server, query, ana, **given(first)) == expected


async def test_it_is_one_statement(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, bruno)
    await server.given(doctor, ana, bruno, slot, asked)
    first = await server.ask(REQUEST, ana, **told(slot))

    with server.statements() as statements:
        answer = await server.ask(REQUEST, ana, **told(slot))

    assert answer == first
    assert [problem["code"] for problem in answer["problems"]] == ["SLOT_TAKEN"]
    assert len(statements) == 1


async def test_the_first_who_asks_for_a_slot_goes_the_long_way(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    with server.statements() as statements:
        await server.ask(REQUEST, ana, **told(slot))
    assert not [text for text in statements if "asked" in text]

    with server.statements() as statements:
        await server.ask(REQUEST, ana, **told(slot))
    assert [text for text in statements if "asked" in text]


async def test_whatever_else_is_to_be_told_is_left_to_the_long_way(server: LocalServer):
    doctor, suspended = make.doctor(), make.doctor(status=DoctorStatus.SUSPENDED)
    ana, bruno = make.patient(), make.patient()
    void = make.patient(cpf_standing=CpfStanding.VOID)
    partner = make.partner()
    slot, asked = make.visit(doctor, bruno)
    hidden, visit = make.visit(suspended, bruno, starts_at=slot.starts_at + timedelta(hours=9))
    times = iter(slot.starts_at + n * timedelta(hours=1) for n in range(1, 9))
    free, own, lapsed, late = (make.slot(doctor, starts_at=next(times)) for _ in range(4))
    own, lapsed = own.held(ana.id, SOON), lapsed.held(bruno.id, NOW)
    late = late.booked(respond_by=NOW)
    past = make.slot(doctor, starts_at=NOW).booked()
    await server.given(doctor, suspended, ana, bruno, void, partner)
    await server.given(slot, asked, hidden, visit, free, own, lapsed, late, past)
    used = uuid4()
    await slow(server, REQUEST, ana, **told(slot, key=used))
    cases: list[tuple[Any, dict[str, Any]]] = [
        *((ana, told(each)) for each in (free, own, lapsed, late, past, hidden)),
        *((who, told(slot)) for who in (None, doctor, partner, void)),
        (ana, told(slot, key=used)),
        (ana, told(slot, key="no UUID")),
        (ana, told(slot, consent=False)),
        (ana, told(slot, version="1999-01")),
        (ana, told(slot, reason="a" * 1001)),
        *((ana, told(slot) | {"slot": id}) for id in ("slot_0", f"slot_{uuid4()}", gid(doctor))),
    ]
    before = await server.counts()

    answers = [await quick(server, REQUEST, who, **given) for who, given in cases]

    assert answers == [None] * len(cases)
    assert await server.counts() == before
    assert await quick(server, REQUEST, ana, **told(slot)) is not None


@pytest.mark.parametrize(
    "body",
    [
        f"a: {ASKED} b: {ASKED}",
        f"{ASKED} releaseSlot(input: {{slotId: $s}}) {{ problems {{ code }} }}",
        "...Asked",
    ],
)
async def test_it_is_for_one_act_alone(server: LocalServer, body: str):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, bruno)
    await server.given(doctor, ana, bruno, slot, asked)
    declared = "$i: RequestAppointmentInput!" + (", $s: ID!" if "$s" in body else "")
    query = f"mutation ({declared}) {{ {body} }}"
    if body == "...Asked":
        query += (
            " fragment Asked on Mutation { requestAppointment(input: $i) { problems { code } } }"
        )
    input = {"slotId": gid(slot), "idempotencyKey": str(uuid4()), "consent": True}

    async with server.unchanged(doctor, ana, bruno):
        assert await quick(server, query, ana, i=input, s=gid(slot)) is None

    assert await kept(server, UUID(input["idempotencyKey"])) == []


async def test_a_crowd_rides_together_and_each_gets_his_own(server: LocalServer):
    doctors, patients = [make.doctor() for _ in range(5)], [make.patient() for _ in range(60)]
    bruno = make.patient()
    visits = [
        make.visit(doctor, bruno, starts_at=make.TOMORROW + n * timedelta(hours=1))
        for n, doctor in enumerate(doctors)
    ]
    free = [make.slot(doctor, starts_at=NOW + timedelta(days=3)) for doctor in doctors]
    await server.given(*doctors, *patients, bruno)
    await server.given(*(slot for slot, _ in visits), *(each for _, each in visits), *free)
    for slot, _ in visits:
        await server.ask(REQUEST, patients[0], **told(slot))

    with server.statements() as statements:
        answers = await asyncio.gather(
            *(
                server.ask(REQUEST, patient, **told(visits[n % 5][0]))
                for n, patient in enumerate(patients)
            )
        )

    assert len(statements) < 15
    for n, answer in enumerate(answers):
        [problem] = answer["problems"]
        assert [each["id"] for each in problem["alternatives"]] == [gid(free[n % 5])]


async def test_one_key_twice_in_a_crowd_is_one_answer(server: LocalServer):
    """And, with another input, none: whichever of the two came first."""
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, bruno)
    await server.given(doctor, ana, bruno, slot, asked)
    await server.ask(REQUEST, ana, **told(slot))
    key = uuid4()
    crowd = [told(slot) for _ in range(12)]
    same, other = told(slot, key=key), told(slot, key=key, reason="Tosse.")

    answers = await asyncio.gather(
        *(server.ask(REQUEST, ana, **given) for given in [*crowd, same, same, other])
    )

    codes = [problem["code"] for answer in answers for problem in answer["problems"]]
    assert codes[:12] == ["SLOT_TAKEN"] * 12
    taken, reused = "SLOT_TAKEN", "IDEMPOTENCY_KEY_REUSED"
    assert codes[12:] in ([taken, taken, reused], [reused, reused, taken])
    assert len(await kept(server, key)) == 1
