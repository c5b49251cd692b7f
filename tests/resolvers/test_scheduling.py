"""Requests, from GraphQL text to rows and back."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.doctors import DoctorStatus
from domain.slots import Slot, SlotStatus
from tests import make
from tests.make import HALF_AN_HOUR, NOW, TOMORROW
from tests.resolvers.appointments import (
    ACCEPT,
    LATER,
    REQUEST,
    code_of,
    done,
    moment,
    request,
)
from tests.server import LocalServer, gid


async def test_of_two_at_once_one_wins_and_the_other_is_offered_the_next_slot(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, later = make.slots(doctor, 2)
    await server.given(doctor, ana, bruno, slot, later)

    answers = await asyncio.gather(*(request(server, who, slot) for who in (ana, bruno)))

    won, lost = sorted(answers, key=lambda answer: len(answer["problems"]))
    assert won["appointment"]["status"] == "REQUESTED"
    assert won["appointment"]["slot"] == {"id": gid(slot), "status": "BOOKED"}
    assert won["appointment"]["patient"]["cpf"].count("*") == 0
    assert lost["appointment"] is None
    [problem] = lost["problems"]
    assert problem["code"] == "SLOT_TAKEN"
    assert problem["path"] == ["slotId"]
    assert problem["alternatives"] == [{"id": gid(later), "status": "OPEN"}]
    assert (await server.slot(slot.id)).status is SlotStatus.BOOKED
    assert await server.told(doctor) == ["SlotBooked", "AppointmentRequested"]


async def test_a_request_takes_an_open_slot_and_is_told_and_entered_once(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    asked = done(await request(server, ana, slot, reason="  A cough.  "))

    assert (asked["status"], asked["version"], asked["reason"]) == ("REQUESTED", 1, "A cough.")
    assert await server.told(ana) == ["AppointmentRequested"]
    assert await server.told(doctor) == ["SlotBooked", "AppointmentRequested"]
    assert await server.audited(ana) == ["RequestAppointment"]


async def test_the_consent_is_kept_with_its_time(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    await request(server, ana, slot)

    [row] = await server.fetch("SELECT * FROM appointment WHERE slot_id = $1", slot.id)
    assert row["consented_at"] == NOW


async def test_who_holds_a_slot_may_request_it(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor).held(ana.id, NOW + timedelta(minutes=5))
    await server.given(doctor, ana, slot)

    asked = done(await request(server, ana, slot))

    assert asked["slot"]["status"] == "BOOKED"
    assert (await server.slot(slot.id)).held_by is None


@pytest.mark.parametrize("status", [SlotStatus.HELD, SlotStatus.BOOKED, SlotStatus.WITHDRAWN])
async def test_a_slot_that_is_not_to_be_had_is_taken(server: LocalServer, status: SlotStatus):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, bruno)
    if status is SlotStatus.HELD:
        slot = slot.opened().held(bruno.id, NOW + timedelta(minutes=5))
    elif status is SlotStatus.WITHDRAWN:
        slot = slot.opened().withdrawn()
    await server.given(doctor, ana, bruno, slot)
    if status is SlotStatus.BOOKED:
        await server.given(asked)

    async with server.unchanged(doctor, ana, bruno):
        assert code_of(await request(server, ana, slot)) == "SLOT_TAKEN"


async def test_a_slot_that_has_begun_is_past(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    server.now = slot.starts_at

    async with server.unchanged(doctor, ana):
        assert code_of(await request(server, ana, slot)) == "SLOT_IN_PAST"


async def test_without_consent_there_is_no_request(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    async with server.unchanged(doctor, ana):
        answer = await request(server, ana, slot, consent=False)

    assert code_of(answer) == "CONSENT_REQUIRED"
    assert answer["problems"][0]["path"] == ["consent"]


async def test_a_reason_has_at_most_a_thousand_characters_and_all_faults_are_told(
    server: LocalServer,
):
    doctor, ana = make.doctor(), make.patient()
    slot, other = make.slots(doctor, 2)
    await server.given(doctor, ana, slot, other)

    async with server.unchanged(doctor, ana):
        answer = await request(server, ana, slot, reason="a" * 1001, consent=False)

    faults = [(problem["code"], problem["path"]) for problem in answer["problems"]]
    assert faults == [("CONSENT_REQUIRED", ["consent"]), ("INVALID", ["reason"])]
    done(await request(server, ana, other, reason="a" * 1000))


async def test_a_slot_that_is_not_there_is_not_found(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    unknown = ["", "rubbish", "slot_", "slot_7", f"slot_{uuid4()}", gid(doctor), gid(slot).upper()]

    async with server.unchanged(doctor, ana):
        for text in unknown:
            assert await server.refuse(REQUEST, ana, slot=text, key=uuid4()) == "NOT_FOUND", text


async def test_only_patients_with_a_session_request(server: LocalServer):
    doctor = make.doctor()
    slot = make.slot(doctor)
    await server.given(doctor, slot)

    async with server.unchanged(doctor):
        for who, code in ((doctor, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
            assert await server.refuse(REQUEST, who, slot=gid(slot), key=uuid4()) == code


@pytest.mark.parametrize("status", [DoctorStatus.SUSPENDED, DoctorStatus.PENDING])
async def test_slots_of_a_doctor_who_is_not_verified_are_not_there(
    server: LocalServer, status: DoctorStatus
):
    doctor, ana = make.doctor(status=status), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    async with server.unchanged(doctor, ana):
        assert await server.refuse(REQUEST, ana, slot=gid(slot), key=uuid4()) == "NOT_FOUND"


async def test_five_requests_may_wait_and_the_sixth_is_too_many(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    visits = [
        make.visit(doctor, ana, starts_at=LATER + number * HALF_AN_HOUR) for number in range(5)
    ]
    confirmed = make.visit(doctor, ana, status="CONFIRMED", starts_at=LATER + timedelta(days=1))
    sixth = make.slot(doctor)
    await server.given(doctor, ana, *(thing for visit in visits for thing in visit), sixth)
    await server.given(*confirmed)

    async with server.unchanged(doctor, ana):
        assert code_of(await request(server, ana, sixth)) == "LIMIT_REACHED"

    done(await server.ask(ACCEPT, doctor, id=gid(visits[0][1])))
    done(await request(server, ana, sixth))


async def test_a_request_that_expired_no_longer_counts(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    for number in range(5):
        await server.given(
            *((doctor, ana) if number == 0 else ()),
            *make.visit(doctor, ana, starts_at=LATER + number * HALF_AN_HOUR),
        )
    sixth = make.slot(doctor, starts_at=LATER - HALF_AN_HOUR)
    await server.given(sixth)
    server.now = NOW + timedelta(hours=24)

    done(await request(server, ana, sixth))

    told = await server.told(ana)
    assert sorted(told) == ["AppointmentExpired"] * 5 + ["AppointmentRequested"]


@pytest.mark.parametrize(
    ("minutes", "busy"), [(0, True), (15, True), (-15, True), (30, False), (-30, False)]
)
async def test_a_patient_has_one_appointment_at_a_time(
    server: LocalServer, minutes: int, busy: bool
):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    slot = make.slot(other, starts_at=TOMORROW + timedelta(minutes=minutes))
    await server.given(doctor, other, ana, *make.visit(doctor, ana), slot)

    if not busy:
        done(await request(server, ana, slot))
        return
    async with server.unchanged(doctor, other, ana):
        answer = await request(server, ana, slot)
    assert code_of(answer) == "PATIENT_BUSY"
    assert answer["problems"][0]["path"] == ["slotId"]


@pytest.mark.parametrize("status", ["DECLINED", "CANCELLED", "EXPIRED", "NO_SHOW", "COMPLETED"])
async def test_an_appointment_that_has_ended_keeps_nobody_busy(server: LocalServer, status: str):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    slot = make.slot(other)
    await server.given(doctor, other, ana, *make.visit(doctor, ana, status=status), slot)

    done(await request(server, ana, slot))


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(hours=24), timedelta(days=9)])
async def test_a_request_is_answered_within_a_day_or_before_the_start(
    server: LocalServer, ahead: timedelta
):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor, starts_at=NOW + ahead)
    await server.given(doctor, ana, slot)

    asked = done(await request(server, ana, slot))

    assert asked["respondBy"] == moment(NOW + min(ahead, timedelta(hours=24)))


async def test_alternatives_are_the_three_nearest_open_future_slots_of_that_doctor(
    server: LocalServer,
):
    doctor, other, ana, bruno = make.doctor(), make.doctor(), make.patient(), make.patient()
    taken, asked = make.visit(doctor, bruno)

    def at(halves: float) -> Slot:
        return make.slot(doctor, starts_at=TOMORROW + halves * HALF_AN_HOUR)

    before, lapsed = at(-2), at(2).held(bruno.id, NOW - timedelta(seconds=1))
    third, fourth = at(-4), at(5)
    held, withdrawn = at(1).held(bruno.id, NOW + timedelta(minutes=1)), at(-1).withdrawn()
    booked, past = at(3).booked(), make.slot(doctor, starts_at=NOW - HALF_AN_HOUR)
    strangers = make.slot(other, starts_at=TOMORROW + HALF_AN_HOUR)
    await server.given(doctor, other, ana, bruno, taken, asked)
    await server.given([before, lapsed, third, fourth, held, withdrawn, booked, past, strangers])

    [problem] = (await request(server, ana, taken))["problems"]

    nearest = [{"id": gid(slot), "status": "OPEN"} for slot in (before, lapsed, third)]
    assert problem["alternatives"] == nearest


async def test_alternatives_lie_in_the_future_even_when_that_leaves_none(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, bruno)
    past = make.slot(doctor, starts_at=NOW)
    await server.given(doctor, ana, bruno, slot, asked, past)

    [problem] = (await request(server, ana, slot))["problems"]

    assert problem["alternatives"] == []
