"""Patients keep slots to themselves for some minutes, from GraphQL text to rows and back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.doctors import DoctorStatus
from domain.slots import Slot, SlotStatus
from tests import make
from tests.make import NOW, TOMORROW, Person
from tests.server import LocalServer, gid

HOLD = """
mutation ($id: ID!) {
  holdSlot(input: {slotId: $id}) {
    slot { id status holdExpiresAt } expiresAt
    problems { code path ... on SlotTaken { alternatives { id } } }
  }
}
"""
RELEASE = """
mutation ($id: ID!) {
  releaseSlot(input: {slotId: $id}) {
    slot { id status holdExpiresAt } problems { code path }
  }
}
"""
REQUEST = """
mutation ($id: ID!, $key: ID!) {
  requestAppointment(input: {slotId: $id, idempotencyKey: $key, consent: true}) {
    appointment { status } problems { code }
  }
}
"""
LOOK = "query ($id: ID!) { node(id: $id) { ... on Slot { status holdExpiresAt } } }"
FIVE_MINUTES = timedelta(minutes=5)
OPEN = {"status": "OPEN", "holdExpiresAt": None}
HELD = {"status": "HELD", "holdExpiresAt": None}


async def hold(server: LocalServer, patient: Person, slot: Slot) -> Any:
    return await server.ask(HOLD, patient, id=gid(slot))


async def request(server: LocalServer, patient: Person, slot: Slot) -> Any:
    return await server.ask(REQUEST, patient, id=gid(slot), key=uuid4())


def code_of(answer: Any) -> str:
    """Of the one problem of an answer that brings nothing else."""
    assert answer.get("slot") is None
    assert answer.get("expiresAt") is None
    [problem] = answer["problems"]
    return problem["code"]


def moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def test_a_hold_lasts_five_minutes_and_only_its_holder_sees_until_when(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, bruno, slot)

    answer = await hold(server, ana, slot)

    until = moment(NOW + FIVE_MINUTES)
    assert answer["problems"] == []
    assert answer["expiresAt"] == until
    assert answer["slot"] == {"id": gid(slot), "status": "HELD", "holdExpiresAt": until}
    own = {"status": "HELD", "holdExpiresAt": until}
    assert await server.ask(LOOK, ana, id=gid(slot)) == own
    for other in (bruno, doctor, None):
        assert await server.ask(LOOK, other, id=gid(slot)) == HELD
    assert await server.told(doctor) == ["SlotHeld"]
    assert await server.audited(ana) == ["HoldSlot"]


async def test_a_hold_ends_at_the_start_at_the_latest(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor, starts_at=NOW + timedelta(minutes=2))
    await server.given(doctor, ana, slot)

    assert (await hold(server, ana, slot))["expiresAt"] == moment(slot.starts_at)


async def test_holding_what_one_holds_changes_nothing(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    first = await hold(server, ana, slot)
    server.now = NOW + timedelta(minutes=3)

    assert await hold(server, ana, slot) == first

    assert await server.told(doctor) == ["SlotHeld"]
    assert await server.slot(slot.id) == slot.held(ana.id, NOW + FIVE_MINUTES)


async def test_a_hold_binds_others(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, free = make.slots(doctor, 2)
    await server.given(doctor, ana, bruno, slot, free)
    await hold(server, ana, slot)

    async with server.unchanged(doctor, ana, bruno):
        answer = await hold(server, bruno, slot)
        assert code_of(answer) == "SLOT_TAKEN"
        assert answer["problems"][0]["alternatives"] == [{"id": gid(free)}]
        assert code_of(await request(server, bruno, slot)) == "SLOT_TAKEN"

    assert (await request(server, ana, slot))["problems"] == []


@pytest.mark.parametrize("status", [SlotStatus.BOOKED, SlotStatus.WITHDRAWN])
async def test_only_what_can_be_had_is_held(server: LocalServer, status: SlotStatus):
    doctor, ana = make.doctor(), make.patient()
    free = make.slot(doctor)
    slot = free.booked() if status is SlotStatus.BOOKED else free.withdrawn()
    await server.given(doctor, ana, slot)

    async with server.unchanged(doctor, ana):
        assert code_of(await hold(server, ana, slot)) == "SLOT_TAKEN"


async def test_a_slot_that_has_begun_is_not_held(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    server.now = slot.starts_at

    async with server.unchanged(doctor, ana):
        assert code_of(await hold(server, ana, slot)) == "SLOT_IN_PAST"


async def test_a_patient_holds_one_slot_of_a_doctor(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, second = make.slots(doctor, 2)
    await server.given(doctor, ana, slot, second)
    await hold(server, ana, slot)

    async with server.unchanged(doctor, ana):
        assert code_of(await hold(server, ana, second)) == "LIMIT_REACHED"

    await server.ask(RELEASE, ana, id=gid(slot))
    assert (await hold(server, ana, second))["problems"] == []


async def test_a_patient_holds_three_slots_in_all(server: LocalServer):
    doctors, ana = [make.doctor() for _ in range(4)], make.patient()
    slots = [make.slot(doctor) for doctor in doctors]
    await server.given(*doctors, ana, *slots)
    for slot in slots[:3]:
        assert (await hold(server, ana, slot))["problems"] == []

    async with server.unchanged(*doctors, ana):
        assert code_of(await hold(server, ana, slots[3])) == "LIMIT_REACHED"

    server.now = NOW + FIVE_MINUTES
    assert (await hold(server, ana, slots[3]))["problems"] == []


async def test_what_was_requested_is_held_no_more(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, second = make.slots(doctor, 2)
    await server.given(doctor, ana, slot, second)
    await hold(server, ana, slot)
    await request(server, ana, slot)

    assert (await hold(server, ana, second))["problems"] == []
    server.now = NOW + FIVE_MINUTES

    assert (await server.ask(LOOK, ana, id=gid(slot)))["status"] == "BOOKED"


async def test_a_released_slot_is_open_again(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, bruno, slot)
    await hold(server, ana, slot)

    answer = await server.ask(RELEASE, ana, id=gid(slot))

    assert answer == {"slot": {"id": gid(slot)} | OPEN, "problems": []}
    assert await server.slot(slot.id) == slot
    assert await server.told(doctor) == ["SlotHeld", "SlotReleased"]
    assert await server.audited(ana) == ["HoldSlot", "ReleaseSlot"]
    assert (await hold(server, bruno, slot))["problems"] == []


@pytest.mark.parametrize("status", list(SlotStatus))
async def test_nobody_releases_what_he_does_not_hold(server: LocalServer, status: SlotStatus):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, ana)
    free = slot.opened()
    slot = {
        SlotStatus.OPEN: free,
        SlotStatus.HELD: free.held(bruno.id, NOW + FIVE_MINUTES),
        SlotStatus.BOOKED: slot,
        SlotStatus.WITHDRAWN: free.withdrawn(),
    }[status]
    await server.given(doctor, ana, bruno, slot)
    if status is SlotStatus.BOOKED:
        await server.given(asked)

    async with server.unchanged(doctor, ana, bruno):
        assert code_of(await server.ask(RELEASE, ana, id=gid(slot))) == "WRONG_STATUS"


async def test_only_patients_hold_and_only_what_is_there(server: LocalServer):
    doctor, suspended = make.doctor(), make.doctor(status=DoctorStatus.SUSPENDED)
    ana = make.patient()
    slot, hidden = make.slot(doctor), make.slot(suspended)
    await server.given(doctor, suspended, ana, slot, hidden)

    async with server.unchanged(doctor, suspended, ana):
        for act in (HOLD, RELEASE):
            assert await server.refuse(act, doctor, id=gid(slot)) == "FORBIDDEN"
            assert await server.refuse(act, None, id=gid(slot)) == "UNAUTHENTICATED"
            for id in ("rubbish", f"slot_{uuid4()}", gid(doctor)):
                assert await server.refuse(act, ana, id=id) == "NOT_FOUND"
        assert await server.refuse(HOLD, ana, id=gid(hidden)) == "NOT_FOUND"


# ----------------------------------------------------------------------- lapses


async def given_an_expired_hold(server: LocalServer) -> tuple[Person, Person, Slot]:
    """A slot that was held until this very moment; no sweeper has run."""
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor).held(ana.id, NOW + FIVE_MINUTES)
    await server.given(doctor, ana, slot)
    server.now = NOW + FIVE_MINUTES
    return doctor, ana, slot


async def test_an_expired_hold_is_gone_in_reads(server: LocalServer):
    doctor, ana, slot = await given_an_expired_hold(server)

    async with server.unchanged(doctor):
        for who in (ana, doctor, None):
            assert await server.ask(LOOK, who, id=gid(slot)) == OPEN

    server.now -= timedelta(microseconds=1)
    assert (await server.ask(LOOK, None, id=gid(slot))) == HELD


@pytest.mark.parametrize("act", [hold, request])
async def test_an_expired_hold_is_gone_for_the_next_act(server: LocalServer, act: Any):
    doctor, _, slot = await given_an_expired_hold(server)
    bruno = make.patient()
    await server.given(bruno)

    assert (await act(server, bruno, slot))["problems"] == []

    told = await server.told(doctor)
    assert told[:1] == ["SlotReleased"]
    assert told[1] == ("SlotHeld" if act is hold else "SlotBooked")


async def test_an_expired_hold_is_released_by_nobody(server: LocalServer):
    doctor, ana, slot = await given_an_expired_hold(server)

    async with server.unchanged(doctor, ana):
        assert code_of(await server.ask(RELEASE, ana, id=gid(slot))) == "WRONG_STATUS"


async def test_who_held_a_slot_may_hold_it_anew_and_holds_another_ones_place(server: LocalServer):
    doctor, ana, slot = await given_an_expired_hold(server)
    other = make.slot(doctor, starts_at=TOMORROW + timedelta(hours=1))
    await server.given(other)

    assert (await hold(server, ana, other))["problems"] == []
    assert code_of(await hold(server, ana, slot)) == "LIMIT_REACHED"
    await server.ask(RELEASE, ana, id=gid(other))

    answer = await hold(server, ana, slot)
    assert answer["expiresAt"] == moment(NOW + 2 * FIVE_MINUTES)


async def test_the_sweep_tells_the_end_of_a_hold_exactly_once(server: LocalServer):
    doctor, _, slot = await given_an_expired_hold(server)

    await server.app.sweep()
    await server.app.sweep()

    assert await server.told(doctor) == ["SlotReleased"]
    assert await server.slot(slot.id) == slot.opened()
