"""Answers, versions, and how appointments are called off."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.appointments import AppointmentStatus
from domain.doctors import DoctorStatus
from tests import make
from tests.make import HALF_AN_HOUR
from tests.resolvers.appointments import (
    ACCEPT,
    ACTS,
    CANCEL,
    DECLINE,
    LATER,
    LOOK,
    RESCHEDULE,
    code_of,
    done,
    request,
)
from tests.server import LocalServer, gid


async def test_the_doctor_accepts(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, starts_at=LATER)
    await server.given(doctor, ana, slot, asked)

    accepted = done(await server.ask(ACCEPT, doctor, id=gid(asked), seen=1))

    assert (accepted["status"], accepted["version"]) == ("CONFIRMED", 2)
    assert accepted["slot"] == {"id": gid(slot), "status": "BOOKED"}
    assert await server.told(ana) == ["AppointmentConfirmed"]
    assert await server.told(doctor) == ["AppointmentConfirmed"]
    assert await server.audited(doctor) == ["AcceptAppointment"]


async def test_what_was_accepted_in_time_does_not_expire(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, starts_at=LATER)
    await server.given(doctor, ana, slot, asked)
    done(await server.ask(ACCEPT, doctor, id=gid(asked)))

    server.now = asked.respond_by + timedelta(hours=1)

    await server.app.sweep()
    seen = await server.ask(LOOK, ana, id=gid(asked))
    assert (seen["status"], seen["slot"]["status"]) == ("CONFIRMED", "BOOKED")


async def test_a_doctor_who_is_not_verified_accepts_nobody_but_may_decline(server: LocalServer):
    doctor, ana = make.doctor(status=DoctorStatus.SUSPENDED), make.patient()
    slot, asked = make.visit(doctor, ana)
    await server.given(doctor, ana, slot, asked)

    async with server.unchanged(doctor, ana):
        assert await server.refuse(ACCEPT, doctor, id=gid(asked)) == "FORBIDDEN"

    done(await server.ask(DECLINE, doctor, id=gid(asked)))


async def test_the_doctor_declines_and_the_slot_is_open_again(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, ana)
    await server.given(doctor, ana, bruno, slot, asked)

    declined = done(await server.ask(DECLINE, doctor, id=gid(asked), seen=1))

    assert (declined["status"], declined["version"]) == ("DECLINED", 2)
    assert declined["endedBy"] == "DOCTOR"
    assert declined["justification"] == "The doctor is at a congress."
    assert declined["slot"]["status"] == "OPEN"
    assert await server.told(doctor) == ["AppointmentDeclined", "SlotReleased"]
    assert await server.audited(doctor) == ["DeclineAppointment"]
    done(await request(server, bruno, slot))


@pytest.mark.parametrize("status", ["REQUESTED", "CONFIRMED"])
@pytest.mark.parametrize("party", ["PATIENT", "DOCTOR"])
async def test_either_side_cancels(server: LocalServer, status: str, party: str):
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, status=status)
    await server.given(doctor, ana, slot, asked)
    who = ana if party == "PATIENT" else doctor

    cancelled = done(await server.ask(CANCEL, who, id=gid(asked), why="  Down with a flu. "))

    assert (cancelled["status"], cancelled["version"]) == ("CANCELLED", 2)
    assert (cancelled["endedBy"], cancelled["justification"]) == (party, "Down with a flu.")
    assert cancelled["slot"]["status"] == "OPEN"
    assert await server.told(ana) == ["AppointmentCancelled"]
    assert await server.told(doctor) == ["AppointmentCancelled", "SlotReleased"]
    assert await server.audited(who) == ["CancelAppointment"]


async def test_a_justification_is_kept_sealed(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, reason="A marked reason.")
    await server.given(doctor, ana, slot, asked)

    done(await server.ask(CANCEL, ana, id=gid(asked), why="A marked justification."))

    [row] = await server.fetch("SELECT * FROM appointment WHERE id = $1", asked.id)
    assert b"marked" not in row["reason"] + row["justification"]


@pytest.mark.parametrize("act", ["accept", "decline"])
async def test_only_its_doctor_answers_a_request(server: LocalServer, act: str):
    doctor, stranger, ana = make.doctor(), make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana)
    await server.given(doctor, stranger, ana, slot, asked)

    async with server.unchanged(doctor, stranger, ana):
        assert await server.refuse(ACTS[act], stranger, id=gid(asked)) == "NOT_FOUND"
        assert await server.refuse(ACTS[act], ana, id=gid(asked)) == "FORBIDDEN"
        assert await server.refuse(ACTS[act], None, id=gid(asked)) == "UNAUTHENTICATED"


async def test_a_strangers_appointment_is_not_there(server: LocalServer):
    doctor, ana, bruno, other = make.doctor(), make.patient(), make.patient(), make.doctor()
    slot, asked = make.visit(doctor, ana)
    free = make.slot(doctor, starts_at=LATER)
    await server.given(doctor, other, ana, bruno, slot, asked, free)
    ids = [gid(asked), f"appointment_{uuid4()}", "appointment_7", gid(slot), "rubbish"]

    async with server.unchanged(doctor, ana, bruno, other):
        for id in ids:
            assert await server.refuse(CANCEL, bruno, id=id) == "NOT_FOUND"
            assert await server.refuse(CANCEL, other, id=id) == "NOT_FOUND"
            assert await server.refuse(RESCHEDULE, bruno, id=id, slot=gid(free)) == "NOT_FOUND"
            assert await server.ask(LOOK, bruno, id=id) in (None, {})
        assert await server.refuse(CANCEL, None, id=gid(asked)) == "UNAUTHENTICATED"


MAY = {
    "accept": {"REQUESTED"},
    "decline": {"REQUESTED"},
    "cancel": {"REQUESTED", "CONFIRMED"},
    "reschedule": {"REQUESTED", "CONFIRMED"},
}


@pytest.mark.parametrize("act", MAY)
async def test_an_act_on_the_wrong_status_is_refused_and_changes_nothing(
    server: LocalServer, act: str
):
    doctor, ana = make.doctor(), make.patient()
    free = make.slot(doctor, starts_at=LATER - HALF_AN_HOUR)
    await server.given(doctor, ana, free)

    for number, status in enumerate(AppointmentStatus):
        if status in MAY[act]:
            continue
        slot, visit = make.visit(
            doctor, ana, status=status, starts_at=LATER + number * HALF_AN_HOUR
        )
        await server.given(slot, visit)
        async with server.unchanged(doctor, ana):
            if act == "reschedule":
                answer = await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(free))
            else:
                answer = await server.ask(ACTS[act], doctor, id=gid(visit))
            assert code_of(answer) == "WRONG_STATUS", status


@pytest.mark.parametrize("act", ["decline", "cancel"])
async def test_a_justification_has_10_to_500_characters_after_trimming(
    server: LocalServer, act: str
):
    doctor, ana = make.doctor(), make.patient()
    first, second = make.visit(doctor, ana), make.visit(doctor, ana, starts_at=LATER)
    await server.given(doctor, ana, *first, *second)

    async with server.unchanged(doctor, ana):
        for why in ("", "x" * 9, " " + "x" * 9 + "\n  ", " " * 20, "x" * 501):
            answer = await server.ask(ACTS[act], doctor, id=gid(first[1]), why=why)
            assert code_of(answer) == "INVALID"
            assert answer["problems"][0]["path"] == ["justification"]

    for visit, why in ((first, " xxxxxxxxxx "), (second, "é" * 500 + "   ")):
        ended = done(await server.ask(ACTS[act], doctor, id=gid(visit[1]), why=why))
        assert ended["justification"] == why.strip()


@pytest.mark.parametrize("act", MAY)
@pytest.mark.parametrize("seen", [0, 1, 3])
async def test_an_old_version_is_told_before_anything_else(
    server: LocalServer, act: str, seen: int
):
    """Even before a justification that is too short, a status that is wrong, a slot not there."""
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="DECLINED", version=2)
    await server.given(doctor, ana, slot, visit)
    given: dict[str, Any] = {"id": gid(visit), "seen": seen}

    async with server.unchanged(doctor, ana):
        if act == "reschedule":
            given["slot"] = f"slot_{uuid4()}"
            answer = await server.ask(RESCHEDULE, ana, **given)
        else:
            why = {} if act == "accept" else {"why": "short"}
            answer = await server.ask(ACTS[act], doctor, **given, **why)

    assert code_of(answer) == "VERSION_CONFLICT"
    [problem] = answer["problems"]
    assert problem["path"] == ["expectedVersion"]
    assert problem["current"] == {"id": gid(visit), "status": "DECLINED", "version": 2}


async def test_the_version_grows_by_one_at_each_change(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, other = make.slots(doctor, 2)
    await server.given(doctor, ana, slot, other)

    asked = done(await request(server, ana, slot))
    id = asked["id"]
    changes = [
        asked,
        done(await server.ask(ACCEPT, doctor, id=id, seen=1)),
        done(await server.ask(RESCHEDULE, ana, id=id, slot=gid(other), seen=2)),
        done(await server.ask(ACCEPT, doctor, id=id, seen=3)),
        done(await server.ask(CANCEL, ana, id=id, seen=4)),
    ]

    assert [change["version"] for change in changes] == [1, 2, 3, 4, 5]
    assert await server.told(ana) == [
        "AppointmentRequested",
        "AppointmentConfirmed",
        "AppointmentRescheduled",
        "AppointmentConfirmed",
        "AppointmentCancelled",
    ]
    assert await server.audited(doctor) == ["AcceptAppointment", "AcceptAppointment"]
    assert await server.audited(ana) == [
        "RequestAppointment",
        "RescheduleAppointment",
        "CancelAppointment",
    ]


async def test_a_patient_cancels_until_the_start_and_the_doctor_later_too(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="CONFIRMED")
    await server.given(doctor, ana, slot, visit)
    server.now = visit.starts_at

    async with server.unchanged(doctor, ana):
        answer = await server.ask(CANCEL, ana, id=gid(visit), why="short")
    assert code_of(answer) == "TOO_LATE"

    server.now = visit.ends_at + timedelta(days=1)
    cancelled = done(await server.ask(CANCEL, doctor, id=gid(visit)))
    assert (cancelled["status"], cancelled["endedBy"]) == ("CANCELLED", "DOCTOR")


async def test_a_patient_cancels_in_the_last_moment_before_the_start(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="CONFIRMED")
    await server.given(doctor, ana, slot, visit)
    server.now = visit.starts_at - timedelta(microseconds=1)

    cancelled = done(await server.ask(CANCEL, ana, id=gid(visit)))

    assert cancelled["slot"]["status"] == "OPEN"
    assert await server.told(doctor) == ["AppointmentCancelled", "SlotReleased"]


async def test_a_slot_in_the_past_stays_with_its_appointment(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="CONFIRMED")
    await server.given(doctor, ana, slot, visit)
    server.now = visit.starts_at

    cancelled = done(await server.ask(CANCEL, doctor, id=gid(visit)))

    assert cancelled["slot"] == {"id": gid(slot), "status": "BOOKED"}
    assert await server.told(doctor) == ["AppointmentCancelled"]
