"""Moves to another time of the same doctor."""

from datetime import timedelta
from uuid import uuid4

import pytest

from domain.slots import SlotStatus
from tests import make
from tests.make import HALF_AN_HOUR, NOW
from tests.resolvers.appointments import (
    LATER,
    RESCHEDULE,
    code_of,
    done,
    moment,
)
from tests.server import LocalServer, gid


@pytest.mark.parametrize("status", ["REQUESTED", "CONFIRMED"])
async def test_a_patient_reschedules_and_the_doctor_is_asked_again(
    server: LocalServer, status: str
):
    doctor, ana = make.doctor(), make.patient()
    old, visit = make.visit(doctor, ana, status=status)
    new = make.slot(doctor, starts_at=LATER)
    await server.given(doctor, ana, old, visit, new)

    moved = done(await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(new), seen=1))

    assert (moved["id"], moved["status"], moved["version"]) == (gid(visit), "REQUESTED", 2)
    assert moved["slot"] == {"id": gid(new), "status": "BOOKED"}
    assert (moved["startsAt"], moved["endsAt"]) == (moment(new.starts_at), moment(new.ends_at))
    assert moved["respondBy"] == moment(NOW + timedelta(hours=24))
    assert (await server.slot(old.id)) == old.opened()
    assert await server.told(ana) == ["AppointmentRescheduled"]
    assert await server.told(doctor) == ["SlotBooked", "AppointmentRescheduled", "SlotReleased"]
    assert await server.audited(ana) == ["RescheduleAppointment"]


async def test_a_patient_reschedules_to_what_he_holds_and_to_what_overlaps_the_old_time(
    server: LocalServer,
):
    doctor, ana = make.doctor(), make.patient()
    old, visit = make.visit(doctor, ana)
    held = make.slot(doctor, starts_at=LATER).held(ana.id, NOW + timedelta(minutes=5))
    longer = make.slot(doctor, starts_at=LATER + HALF_AN_HOUR, ends_at=LATER + timedelta(hours=3))
    await server.given(doctor, ana, old, visit, held, longer)

    done(await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(held)))
    done(await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(longer)))

    assert (await server.slot(held.id)).status is SlotStatus.OPEN
    assert (await server.slot(longer.id)).status is SlotStatus.BOOKED


async def test_an_appointment_stays_with_its_doctor(server: LocalServer):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    old, visit = make.visit(doctor, ana)
    elsewhere = make.slot(other, starts_at=LATER)
    await server.given(doctor, other, ana, old, visit, elsewhere)

    async with server.unchanged(doctor, other, ana):
        answer = await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(elsewhere))

    assert code_of(answer) == "INVALID"
    assert answer["problems"][0]["path"] == ["slotId"]


async def test_a_reschedule_to_a_taken_slot_leaves_everything_as_it_was(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    old, visit = make.visit(doctor, ana, status="CONFIRMED")
    taken, others = make.visit(doctor, bruno, starts_at=LATER)
    free = make.slot(doctor, starts_at=LATER + HALF_AN_HOUR)
    await server.given(doctor, ana, bruno, old, visit, taken, others, free)

    async with server.unchanged(doctor, ana, bruno):
        for slot in (taken, old):
            answer = await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(slot))
            assert code_of(answer) == "SLOT_TAKEN"
            assert answer["problems"][0]["alternatives"] == [{"id": gid(free)}]


async def test_a_reschedule_goes_by_the_rules_of_a_request(server: LocalServer):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    old, visit = make.visit(doctor, ana, status="CONFIRMED")
    clash = make.slot(doctor, starts_at=LATER)
    past = make.slot(doctor, starts_at=NOW)
    withdrawn = make.slot(doctor, starts_at=LATER + timedelta(days=1)).withdrawn()
    await server.given(doctor, other, ana, old, visit, clash, past, withdrawn)
    await server.given(*make.visit(other, ana, starts_at=LATER))

    async with server.unchanged(doctor, other, ana):
        for slot, code in (
            (clash, "PATIENT_BUSY"),
            (past, "SLOT_IN_PAST"),
            (withdrawn, "SLOT_TAKEN"),
        ):
            answer = await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(slot))
            assert code_of(answer) == code
        for text in ("rubbish", f"slot_{uuid4()}"):
            code = await server.refuse(RESCHEDULE, ana, id=gid(visit), slot=text)
            assert code == "NOT_FOUND"


async def test_a_reschedule_counts_among_the_five_requests(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    waiting = [
        make.visit(doctor, ana, starts_at=LATER + number * HALF_AN_HOUR) for number in range(5)
    ]
    confirmed = make.visit(doctor, ana, status="CONFIRMED")
    free = make.slot(doctor, starts_at=LATER - HALF_AN_HOUR)
    await server.given(doctor, ana, *(thing for visit in waiting for thing in visit))
    await server.given(*confirmed, free)

    async with server.unchanged(doctor, ana):
        answer = await server.ask(RESCHEDULE, ana, id=gid(confirmed[1]), slot=gid(free))
        assert code_of(answer) == "LIMIT_REACHED"

    done(await server.ask(RESCHEDULE, ana, id=gid(waiting[0][1]), slot=gid(free)))


async def test_only_its_patient_reschedules_and_only_until_the_start(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    old, visit = make.visit(doctor, ana, status="CONFIRMED")
    free = make.slot(doctor, starts_at=LATER)
    await server.given(doctor, ana, old, visit, free)
    server.now = visit.starts_at

    async with server.unchanged(doctor, ana):
        ids = {"id": gid(visit), "slot": gid(free)}
        assert code_of(await server.ask(RESCHEDULE, ana, **ids)) == "TOO_LATE"
        assert await server.refuse(RESCHEDULE, doctor, **ids) == "FORBIDDEN"
        assert await server.refuse(RESCHEDULE, None, **ids) == "UNAUTHENTICATED"
