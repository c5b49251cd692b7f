"""Doctor and patient meet: when, who, and how it ends."""

import asyncio
import json
from datetime import timedelta

import pytest

from domain.appointments import AppointmentStatus
from domain.doctors import DoctorStatus
from tests import make
from tests.make import NOW
from tests.resolvers.consultations import (
    CANCEL,
    END,
    JOIN,
    MINUTE,
    NO_SHOW,
    both_in,
    join,
    problem,
    send,
    visit,
)
from tests.server import LocalServer, gid

CONSULTATION = """
query ($id: ID!) {
  node(id: $id) { ... on Appointment {
    status version endedBy
    consultation { url opensAt closesAt doctorPresent patientPresent }
  } }
}
"""
LISTED = """
query ($status: [AppointmentStatus!]) {
  viewer { ... on DoctorViewer { appointments(status: $status) { nodes { id status } } } }
}
"""
RESCHEDULE = """
mutation ($id: ID!, $slot: ID!) {
  rescheduleAppointment(input: {appointmentId: $id, slotId: $slot}) { problems { code } }
}
"""
ACCEPT = """
mutation ($id: ID!) { acceptAppointment(input: {appointmentId: $id}) { problems { code } } }
"""
HALF_AN_HOUR = make.HALF_AN_HOUR


# ---------------------------------------------------------------- the window


async def test_it_is_told_where_and_when_once_the_doctor_has_accepted(server: LocalServer):
    doctor, ana, made = await visit(server)

    for who in (doctor, ana):
        told = (await server.ask(CONSULTATION, who, id=gid(made)))["consultation"]
        assert told["url"] == f"http://127.0.0.1:8000/consultation/{gid(made)}"
        assert (told["opensAt"], told["closesAt"]) == (
            "2030-01-07T12:00:00Z",
            "2030-01-07T13:15:00Z",
        )


@pytest.mark.parametrize("status", ["REQUESTED", "DECLINED", "CANCELLED", "EXPIRED"])
async def test_of_what_does_not_take_place_there_is_none(server: LocalServer, status: str):
    doctor, _, made = await visit(server, status=status, starts_at=NOW + HALF_AN_HOUR)

    assert (await server.ask(CONSULTATION, doctor, id=gid(made)))["consultation"] is None


async def test_sixteen_minutes_before_it_says_when_it_opens(server: LocalServer):
    doctor, ana, made = await visit(server, starts_at=NOW + 16 * MINUTE)

    for who in (doctor, ana):
        refusal = await problem(server, JOIN, who, made)
        assert (refusal["code"], refusal["path"]) == ("OUTSIDE_WINDOW", ["appointmentId"])
        assert refusal["message"] == "This can be done from 2030-01-07T12:16:00Z on."
        assert (refusal["opensAt"], refusal["closesAt"]) == (
            "2030-01-07T12:16:00Z",
            "2030-01-07T13:31:00Z",
        )


async def test_fourteen_minutes_before_it_opens(server: LocalServer):
    doctor, ana, made = await visit(server, starts_at=NOW + 14 * MINUTE)

    for who in (doctor, ana):
        grant = await join(server, who, made)
        assert (grant["provider"], json.loads(grant["credentials"])) == ("PEER", {"iceServers": []})
        assert grant["url"] == f"http://127.0.0.1:8000/consultation/{gid(made)}"
        assert grant["expiresAt"] == "2030-01-07T13:29:00Z"


@pytest.mark.parametrize("status", ["CONFIRMED", "IN_PROGRESS"])
async def test_half_an_hour_after_the_end_it_is_over(server: LocalServer, status: str):
    doctor, _, made = await visit(server, starts_at=NOW - HALF_AN_HOUR, status=status)
    server.now = NOW + HALF_AN_HOUR - timedelta(seconds=1)
    await join(server, doctor, made)

    server.now += timedelta(seconds=1)
    refusal = await problem(server, JOIN, doctor, made)

    assert refusal["code"] == "OUTSIDE_WINDOW"
    assert refusal["message"] == "This could be done until 2030-01-07T12:45:00Z."


@pytest.mark.parametrize("status", AppointmentStatus)
async def test_it_is_joined_while_confirmed_or_in_progress_alone(server: LocalServer, status: str):
    doctor, _, made = await visit(server, status=status)
    if status in ("CONFIRMED", "IN_PROGRESS"):
        assert await join(server, doctor, made)
    else:
        assert (await problem(server, JOIN, doctor, made))["code"] == "WRONG_STATUS"


# ------------------------------------------------------------------- who


async def test_the_link_alone_lets_nobody_in(server: LocalServer):
    _, _, made = await visit(server)
    for stranger in (make.doctor(), make.patient()):
        await server.given(stranger)
        before = await server.counts()

        assert await server.refuse(JOIN, stranger, id=gid(made)) == "NOT_FOUND"

        assert await server.counts() == before


async def test_a_doctor_who_is_no_more_verified_may_not_join(server: LocalServer):
    doctor, _, made = await visit(server)
    await server.fetch(
        "UPDATE doctor SET status = $2 WHERE id = $1", doctor.id, DoctorStatus.SUSPENDED.value
    )

    assert await server.refuse(JOIN, doctor, id=gid(made)) == "FORBIDDEN"


async def test_the_meeting_is_made_at_the_first_join_and_not_before(server: LocalServer):
    doctor, ana, made = await visit(server)
    count = "SELECT id FROM consultation WHERE appointment_id = $1"
    assert await server.fetch(count, made.id) == []

    await join(server, ana, made)
    [first] = await server.fetch(count, made.id)
    await join(server, doctor, made)
    await join(server, ana, made)

    assert await server.fetch(count, made.id) == [first]


# -------------------------------------------------------------- in progress


async def test_it_is_in_progress_when_the_second_of_the_two_has_joined(server: LocalServer):
    doctor, ana, made = await visit(server)

    await join(server, ana, made)
    await join(server, ana, made)  # her line was cut, and she comes back
    assert (await server.appointment(made.id)).status is AppointmentStatus.CONFIRMED
    await join(server, doctor, made)

    begun = await server.appointment(made.id)
    assert (begun.status, begun.version) == (AppointmentStatus.IN_PROGRESS, made.version + 1)
    for who in (doctor, ana, doctor):
        await join(server, who, made)
    assert (await server.appointment(made.id)).version == made.version + 1
    assert (await server.told(ana)).count("AppointmentStarted") == 1
    assert (await server.audited(ana)).count("JoinConsultation") >= 3


async def test_two_who_join_at_once_begin_it_once(server: LocalServer):
    doctor, ana, made = await visit(server)

    await asyncio.gather(*(join(server, who, made) for who in (doctor, ana) * 5))

    assert (await server.appointment(made.id)).version == made.version + 1
    server.now += MINUTE
    for who in (doctor, ana):
        await join(server, who, made)
    [row] = await server.fetch("SELECT * FROM consultation WHERE appointment_id = $1", made.id)
    assert row["doctor_joined_at"] == row["patient_joined_at"] == NOW  # the first time counts


# ----------------------------------------------------------------- its end


async def test_the_doctor_ends_it(server: LocalServer):
    doctor, ana, made = await both_in(server)

    payload = await server.ask(END, doctor, id=gid(made))

    assert payload["problems"] == []
    assert (payload["appointment"]["status"], payload["appointment"]["endedBy"]) == (
        "COMPLETED",
        "DOCTOR",
    )
    assert (await server.told(ana))[-1] == "AppointmentCompleted"
    assert (await problem(server, JOIN, ana, made))["code"] == "WRONG_STATUS"
    assert (await problem(server, END, doctor, made))["code"] == "WRONG_STATUS"
    assert (await server.audited(doctor)).count("EndConsultation") == 1


async def test_nobody_else_does(server: LocalServer):
    _, ana, made = await both_in(server)
    colleague = make.doctor()
    await server.given(colleague)

    assert await server.refuse(END, ana, id=gid(made)) == "FORBIDDEN"
    assert await server.refuse(END, colleague, id=gid(made)) == "NOT_FOUND"


async def test_what_has_not_begun_cannot_be_ended(server: LocalServer):
    doctor, _, made = await visit(server)
    await join(server, doctor, made)

    assert (await problem(server, END, doctor, made))["code"] == "WRONG_STATUS"


async def test_at_the_end_of_the_window_it_is_completed_by_itself(server: LocalServer):
    doctor, ana, made = await both_in(server)
    server.now = made.ends_at + HALF_AN_HOUR - timedelta(seconds=1)
    assert (await server.ask(CONSULTATION, ana, id=gid(made)))["status"] == "IN_PROGRESS"

    server.now += timedelta(seconds=1)  # and nothing has run

    seen = await server.ask(CONSULTATION, ana, id=gid(made))
    assert (seen["status"], seen["endedBy"]) == ("COMPLETED", "SYSTEM")
    done = await server.ask(LISTED, doctor, status=["COMPLETED"])
    assert [node["id"] for node in done["appointments"]["nodes"]] == [gid(made)]
    assert (await server.ask(LISTED, doctor, status=["IN_PROGRESS"]))["appointments"]["nodes"] == []
    assert (await problem(server, END, doctor, made))["code"] == "WRONG_STATUS"
    assert (await server.told(ana))[-1] == "AppointmentStarted"
    await server.app.close_visits()
    await server.app.close_visits()
    assert (await server.told(ana))[-2:] == ["AppointmentStarted", "AppointmentCompleted"]
    assert (await server.appointment(made.id)).version == seen["version"]


async def test_who_waited_alone_is_told_that_it_has_closed(server: LocalServer):
    _, ana, made = await visit(server)
    await join(server, ana, made)
    server.now = made.ends_at + HALF_AN_HOUR

    await server.app.close_visits()

    assert (await server.told(ana))[-1] == "ConsultationClosed"
    assert (await server.appointment(made.id)).status is AppointmentStatus.CONFIRMED


async def test_with_its_end_what_was_sent_is_gone(server: LocalServer):
    doctor, ana, made = await both_in(server)
    other_doctor, _, other = await both_in(server)
    await send(server, doctor, made, "offer")
    await send(server, other_doctor, other, "offer")
    await send(server, ana, made, "answer")

    await server.ask(END, doctor, id=gid(made))

    left = await server.fetch(
        "SELECT appointment_id FROM signal JOIN consultation ON consultation.id = consultation_id"
        " WHERE appointment_id = ANY($1)",
        [made.id, other.id],
    )
    assert [row["appointment_id"] for row in left] == [other.id]


async def test_a_visit_that_is_moved_opens_anew_at_its_new_time(server: LocalServer):
    doctor, ana, made = await visit(server, starts_at=NOW + 10 * MINUTE)
    slot = make.slot(doctor, starts_at=NOW + 2 * HALF_AN_HOUR)
    await server.given(slot)
    await join(server, doctor, made)
    await send(server, doctor, made, "offer")

    await server.ask(RESCHEDULE, ana, id=gid(made), slot=gid(slot))
    await server.ask(ACCEPT, doctor, id=gid(made))

    assert (await problem(server, JOIN, ana, made))["code"] == "OUTSIDE_WINDOW"
    server.now = slot.starts_at
    await join(server, ana, made)
    rows = await server.fetch(
        "SELECT over, doctor_joined_at FROM consultation WHERE appointment_id = $1 ORDER BY id",
        made.id,
    )
    assert [tuple(row) for row in rows] == [(True, NOW), (False, None)]


async def test_one_that_is_called_off_is_closed(server: LocalServer):
    doctor, ana, made = await visit(server, starts_at=NOW + 10 * MINUTE)
    await join(server, ana, made)

    await server.ask(CANCEL, doctor, id=gid(made))

    assert (await problem(server, JOIN, ana, made))["code"] == "WRONG_STATUS"
    [row] = await server.fetch("SELECT over FROM consultation WHERE appointment_id = $1", made.id)
    assert row["over"]


# ------------------------------------------------------------------ no-shows


async def test_a_patient_who_does_not_come_may_be_marked_after_fifteen_minutes(
    server: LocalServer,
):
    doctor, ana, made = await visit(server)
    await join(server, doctor, made)
    server.now = NOW + 15 * MINUTE - timedelta(seconds=1)
    refusal = await problem(server, NO_SHOW, doctor, made)
    assert (refusal["code"], refusal["opensAt"]) == ("OUTSIDE_WINDOW", "2030-01-07T12:30:00Z")

    server.now += timedelta(seconds=1)
    payload = await server.ask(NO_SHOW, doctor, id=gid(made))

    assert payload["problems"] == []
    assert (payload["appointment"]["status"], payload["appointment"]["endedBy"]) == (
        "NO_SHOW",
        "DOCTOR",
    )
    assert (await server.told(ana))[-1] == "AppointmentNoShow"
    assert (await problem(server, JOIN, ana, made))["code"] == "WRONG_STATUS"


async def test_a_dropped_call_is_no_no_show(server: LocalServer):
    doctor, ana, made = await visit(server)
    await join(server, ana, made)
    server.now = NOW + 20 * MINUTE

    assert (await problem(server, NO_SHOW, doctor, made))["code"] == "WRONG_STATUS"

    await join(server, doctor, made)
    assert (await problem(server, NO_SHOW, doctor, made))["code"] == "WRONG_STATUS"
    await join(server, ana, made)


async def test_nobody_but_the_doctor_marks_it(server: LocalServer):
    _, ana, made = await visit(server)
    colleague = make.doctor()
    await server.given(colleague)
    server.now = NOW + 20 * MINUTE

    assert await server.refuse(NO_SHOW, ana, id=gid(made)) == "FORBIDDEN"
    assert await server.refuse(NO_SHOW, colleague, id=gid(made)) == "NOT_FOUND"


async def test_it_is_undone_on_the_same_day_of_the_doctors_zone(server: LocalServer):
    doctor, ana, made = await visit(server)
    server.now = NOW + 20 * MINUTE
    await server.ask(NO_SHOW, doctor, id=gid(made))
    server.now = NOW.replace(day=8, hour=2, minute=59)  # 23:59 in São Paulo

    payload = await server.ask(NO_SHOW, doctor, id=gid(made), undo=True)

    assert payload["problems"] == []
    assert (payload["appointment"]["status"], payload["appointment"]["endedBy"]) == (
        "CONFIRMED",
        None,
    )
    assert (await server.told(ana))[-1] == "AppointmentConfirmed"
    assert (await server.audited(doctor))[-2:] == ["MarkNoShow", "UndoNoShow"]


async def test_who_comes_after_all_is_let_in_when_it_is_undone(server: LocalServer):
    doctor, ana, made = await visit(server)
    await join(server, doctor, made)
    server.now = NOW + 20 * MINUTE
    await server.ask(NO_SHOW, doctor, id=gid(made))
    await server.ask(NO_SHOW, doctor, id=gid(made), undo=True)

    await join(server, ana, made)
    assert (await server.appointment(made.id)).status is AppointmentStatus.CONFIRMED
    await join(server, doctor, made)

    assert (await server.appointment(made.id)).status is AppointmentStatus.IN_PROGRESS


async def test_the_day_after_it_stays(server: LocalServer):
    doctor, _, made = await visit(server)
    server.now = NOW + 20 * MINUTE
    await server.ask(NO_SHOW, doctor, id=gid(made))
    server.now = NOW.replace(day=8, hour=3, minute=0)  # midnight in São Paulo

    assert (await problem(server, NO_SHOW, doctor, made, undo=True))["code"] == "TOO_LATE"


async def test_what_is_not_marked_is_not_undone(server: LocalServer):
    doctor, _, made = await visit(server)

    assert (await problem(server, NO_SHOW, doctor, made, undo=True))["code"] == "WRONG_STATUS"


async def test_it_is_not_undone_where_she_has_another_visit_by_now(server: LocalServer):
    doctor, ana, made = await visit(server, ends_at=NOW + timedelta(hours=3))
    server.now = NOW + 20 * MINUTE
    await server.ask(NO_SHOW, doctor, id=gid(made))
    other = make.doctor()
    await server.given(
        other, *make.visit(other, ana, starts_at=NOW + timedelta(hours=1), status="CONFIRMED")
    )

    refusal = await problem(server, NO_SHOW, doctor, made, undo=True)
    assert (refusal["code"], refusal["message"]) == (
        "WRONG_STATUS",
        "The patient has another appointment at this time.",
    )
