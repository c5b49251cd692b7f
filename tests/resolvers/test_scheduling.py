"""Requests and answers, from GraphQL text to rows and back."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.appointments import Appointment, AppointmentStatus
from domain.doctors import DoctorStatus
from domain.slots import Slot, SlotStatus
from tests import make
from tests.make import HALF_AN_HOUR, NOW, TOMORROW, Person
from tests.server import LocalServer, gid

REQUEST = """
mutation ($slot: ID!, $key: ID!, $reason: String, $consent: Boolean = true) {
  requestAppointment(
    input: {slotId: $slot, idempotencyKey: $key, reason: $reason, consent: $consent}
  ) {
    appointment { id status version respondBy reason slot { id status } patient { cpf } }
    problems { code path ... on SlotTaken { alternatives { id status } } }
  }
}
"""
ANSWER = """{
  appointment {
    id status version justification endedBy respondBy startsAt endsAt slot { id status }
  }
  problems {
    code path
    ... on SlotTaken { alternatives { id } }
    ... on VersionConflict { current { id status version } }
  }
}"""
ACCEPT = f"""
mutation ($id: ID!, $seen: Int) {{
  acceptAppointment(input: {{appointmentId: $id, expectedVersion: $seen}}) {ANSWER}
}}
"""
DECLINE = f"""
mutation ($id: ID!, $why: String = "The doctor is at a congress.", $seen: Int) {{
  declineAppointment(
    input: {{appointmentId: $id, justification: $why, expectedVersion: $seen}}
  ) {ANSWER}
}}
"""
CANCEL = f"""
mutation ($id: ID!, $why: String = "Something has come up.", $seen: Int) {{
  cancelAppointment(
    input: {{appointmentId: $id, justification: $why, expectedVersion: $seen}}
  ) {ANSWER}
}}
"""
RESCHEDULE = f"""
mutation ($id: ID!, $slot: ID!, $seen: Int) {{
  rescheduleAppointment(
    input: {{appointmentId: $id, slotId: $slot, expectedVersion: $seen}}
  ) {ANSWER}
}}
"""
LOOK = """
query ($id: ID!) { node(id: $id) { ... on Appointment {
  status version endedBy justification slot { id status }
} } }
"""
OPEN = """
query ($doctor: ID!, $from: DateTime!, $to: DateTime!) {
  node(id: $doctor) { ... on Doctor { slots(from: $from, to: $to) { id status } } }
}
"""
LIST = """
query ($status: [AppointmentStatus!]) { viewer { ... on PatientViewer {
  appointments(status: $status) { nodes { id status version } }
} } }
"""
ACTS = {"accept": ACCEPT, "decline": DECLINE, "cancel": CANCEL}
LATER = NOW + timedelta(days=3)


async def request(server: LocalServer, patient: Person, slot: Slot, **more: Any) -> Any:
    return await server.ask(REQUEST, patient, slot=gid(slot), key=uuid4(), **more)


def code_of(answer: Any) -> str:
    """Of the one problem of an answer that brings nothing else."""
    assert answer["appointment"] is None
    [problem] = answer["problems"]
    return problem["code"]


def done(answer: Any) -> Any:
    """What an answer without problems brings."""
    assert answer["problems"] == []
    return answer["appointment"]


def moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


# ------------------------------------------------------------------- requesting


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


# -------------------------------------------------------------------- answering


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


# --------------------------------------------------------------------- versions


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


# ------------------------------------------------------------------ calling off


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


# ----------------------------------------------------------------- rescheduling


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


# ----------------------------------------------------------------------- lapses


async def given_an_unanswered(server: LocalServer) -> tuple[Person, Person, Slot, Appointment]:
    """A request in three days whose answer was due at this moment; no sweeper has run."""
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, starts_at=LATER)
    await server.given(doctor, ana, slot, asked)
    server.now = asked.respond_by
    return doctor, ana, slot, asked


async def test_an_unanswered_request_reads_as_expired_and_its_slot_as_open(server: LocalServer):
    doctor, ana, slot, asked = await given_an_unanswered(server)

    async with server.unchanged(doctor, ana):
        seen = await server.ask(LOOK, ana, id=gid(asked))
        listed = await server.ask(LIST, ana, status=["EXPIRED"])
        waiting = await server.ask(LIST, ana, status=["REQUESTED"])
        span = {"from": LATER, "to": LATER + timedelta(days=1)}
        open_now = await server.ask(OPEN, None, doctor=gid(doctor), **span)

    assert (seen["status"], seen["version"], seen["endedBy"]) == ("EXPIRED", 2, "SYSTEM")
    assert seen["slot"] == {"id": gid(slot), "status": "OPEN"}
    expired = {"id": gid(asked), "status": "EXPIRED", "version": 2}
    assert listed["appointments"]["nodes"] == [expired]
    assert waiting["appointments"]["nodes"] == []
    assert open_now["slots"] == [{"id": gid(slot), "status": "OPEN"}]


async def test_a_moment_before_it_is_due_a_request_still_waits(server: LocalServer):
    doctor, ana, _, asked = await given_an_unanswered(server)
    server.now = asked.respond_by - timedelta(microseconds=1)

    assert (await server.ask(LOOK, ana, id=gid(asked)))["status"] == "REQUESTED"
    async with server.unchanged(doctor, ana):
        await server.app.sweep()
    done(await server.ask(ACCEPT, doctor, id=gid(asked), seen=1))


async def test_the_slot_of_an_unanswered_request_is_anothers_at_once(server: LocalServer):
    doctor, ana, slot, asked = await given_an_unanswered(server)
    bruno = make.patient()
    await server.given(bruno)

    done(await request(server, bruno, slot))

    told = ["AppointmentExpired", "SlotReleased", "SlotBooked", "AppointmentRequested"]
    assert await server.told(doctor) == told
    assert await server.told(ana) == ["AppointmentExpired"]
    row = await server.appointment(asked.id)
    assert (row.status, row.version) == (AppointmentStatus.EXPIRED, 2)


@pytest.mark.parametrize("act", ["accept", "decline", "cancel"])
async def test_what_has_expired_is_answered_no_more(server: LocalServer, act: str):
    doctor, ana, _, asked = await given_an_unanswered(server)

    async with server.unchanged(doctor, ana):
        assert code_of(await server.ask(ACTS[act], doctor, id=gid(asked))) == "WRONG_STATUS"
        answer = await server.ask(ACTS[act], doctor, id=gid(asked), seen=1)
        assert code_of(answer) == "VERSION_CONFLICT"
        current = {"id": gid(asked), "status": "EXPIRED", "version": 2}
        assert answer["problems"][0]["current"] == current


async def test_the_sweep_tells_what_has_expired_exactly_once(server: LocalServer):
    doctor, ana, slot, asked = await given_an_unanswered(server)
    seen = await server.ask(LOOK, ana, id=gid(asked))

    await server.app.sweep()
    await server.app.sweep()

    assert await server.told(ana) == ["AppointmentExpired"]
    assert await server.told(doctor) == ["AppointmentExpired", "SlotReleased"]
    row = await server.appointment(asked.id)
    assert (row.status, row.version) == (AppointmentStatus.EXPIRED, seen["version"])
    assert await server.slot(slot.id) == slot.opened()
    assert await server.ask(LOOK, ana, id=gid(asked)) == seen


async def test_a_request_due_at_its_start_expires_and_leaves_the_slot_booked(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, starts_at=NOW + timedelta(hours=2))
    await server.given(doctor, ana, slot, asked)
    server.now = asked.starts_at

    before = await server.ask(LOOK, ana, id=gid(asked))
    await server.app.sweep()
    after = await server.ask(LOOK, ana, id=gid(asked))

    assert before == after
    assert (after["status"], after["slot"]["status"]) == ("EXPIRED", "BOOKED")
    assert await server.told(doctor) == ["AppointmentExpired"]


async def test_a_request_that_expired_leaves_its_patient_free_for_that_hour(server: LocalServer):
    _, ana, slot, _ = await given_an_unanswered(server)
    other = make.doctor()
    same_hour = make.slot(other, starts_at=slot.starts_at)
    await server.given(other, same_hour)

    done(await request(server, ana, same_hour))

    assert await server.told(ana) == ["AppointmentExpired", "AppointmentRequested"]


async def test_a_reschedule_meets_expired_requests_of_the_same_patient(server: LocalServer):
    doctor, ana, slot, _ = await given_an_unanswered(server)
    old, visit = make.visit(doctor, ana, status="CONFIRMED", starts_at=LATER + timedelta(days=1))
    await server.given(old, visit)

    moved = done(await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(slot)))

    assert moved["slot"] == {"id": gid(slot), "status": "BOOKED"}
    assert (await server.slot(old.id)).status is SlotStatus.OPEN
