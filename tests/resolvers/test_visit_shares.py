"""A share for an appointment goes with it: it opens before, ends after, moves and dies with it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import make
from tests.make import Person
from tests.resolvers.test_shares import REVOKE, SHARES, shared
from tests.server import LocalServer, gid

SHARE = """
mutation ($doctor: ID!, $visit: ID!, $until: DateTime!) {
  shareRecord(input: {
    doctorId: $doctor, includeFuture: true, validUntil: $until, appointmentId: $visit
  }) {
    share { id status validFrom validUntil appointment { id status } }
    problems { code path }
  }
}
"""
SEEN = """
query ($id: ID!) {
  node(id: $id) { ... on RecordShare { status validFrom validUntil appointment { id } } }
}
"""
CANCEL = """
mutation ($id: ID!) {
  cancelAppointment(input: {appointmentId: $id, justification: "Houve um imprevisto."}) {
    problems { code }
  }
}
"""
MOVE = """
mutation ($id: ID!, $slot: ID!) {
  rescheduleAppointment(input: {appointmentId: $id, slotId: $slot}) { problems { code } }
}
"""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """By the real time, which the database knows; she has one document."""
    server.now = datetime.now(UTC)
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana, make.document(ana))
    return doctor, ana


async def visit(server: LocalServer, doctor: Person, ana: Person, starts_in: timedelta, **given):
    """Half an hour of theirs."""
    starts_at = server.now + starts_in
    plain = {"status": "CONFIRMED", "ends_at": starts_at + HOUR / 2, "respond_by": starts_at}
    slot, made = make.visit(doctor, ana, starts_at=starts_at, **(plain | given))
    await server.given(slot, made)
    return made


async def share(server: LocalServer, ana: Person, made, **given):
    plain = {"doctor": f"doctor_{made.doctor_id}", "visit": gid(made)}
    return await server.ask(SHARE, ana, **(plain | {"until": server.now + 30 * DAY} | given))


async def moment(server: LocalServer, ana: Person, id: str, name: str) -> datetime:
    return datetime.fromisoformat((await server.ask(SEEN, ana, id=id))[name])


async def test_it_opens_a_day_before_and_ends_a_week_after(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana, 3 * DAY)

    payload = await share(server, ana, made)

    assert payload["problems"] == []
    given = payload["share"]
    assert given["status"] == "ACTIVE"
    assert given["appointment"] == {"id": gid(made), "status": "CONFIRMED"}
    assert datetime.fromisoformat(given["validFrom"]) == made.starts_at - DAY
    assert datetime.fromisoformat(given["validUntil"]) == made.ends_at + 7 * DAY
    assert await shared(server, doctor) == []  # not yet


@pytest.mark.parametrize(
    ("starts_in", "open_"),
    [(DAY + MINUTE, False), (DAY - MINUTE, True), (MINUTE - HOUR / 2 - 7 * DAY, True)],
)
async def test_the_doctor_sees_it_from_a_day_before_on(server, people, starts_in, open_):
    doctor, ana = people
    made = await visit(server, doctor, ana, starts_in, status="COMPLETED")

    assert (await share(server, ana, made))["problems"] == []

    assert len(await shared(server, doctor)) == open_


async def test_a_week_after_the_end_it_is_over(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana, HOUR, status="IN_PROGRESS")
    given = (await share(server, ana, made))["share"]
    assert len(await shared(server, doctor)) == 1
    past = "UPDATE appointment SET starts_at = $2, ends_at = $3, respond_by = $2 WHERE id = $1"

    async def ended(ago: timedelta) -> list[str]:
        end = datetime.now(UTC) - ago
        await server.fetch(past, made.id, end - HOUR / 2, end)
        return await shared(server, doctor)

    assert len(await ended(7 * DAY - MINUTE)) == 1
    assert await ended(7 * DAY + MINUTE) == []
    [node] = (await server.ask(SHARES, ana, active=False))["shares"]["nodes"]
    assert node == {"id": given["id"], "status": "EXPIRED"}


async def test_the_patients_own_end_comes_first_if_it_is_sooner(server, people):
    doctor, ana = people
    made, until = await visit(server, doctor, ana, HOUR), server.now + 2 * HOUR

    given = (await share(server, ana, made, until=until))["share"]

    assert datetime.fromisoformat(given["validUntil"]) == until
    assert len(await shared(server, doctor)) == 1
    later = "UPDATE share SET valid_from = $2, valid_until = now() WHERE patient_id = $1"
    await server.fetch(later, ana.id, server.now - DAY)
    assert await shared(server, doctor) == []


async def test_a_cancellation_ends_it_at_once(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana, HOUR)
    given = (await share(server, ana, made))["share"]
    assert len(await shared(server, doctor)) == 1

    assert (await server.ask(CANCEL, doctor, id=gid(made)))["problems"] == []

    assert await shared(server, doctor) == []
    assert (await server.ask(SEEN, ana, id=given["id"]))["status"] == "EXPIRED"
    assert (await server.ask(SHARES, ana, active=True))["shares"]["nodes"] == []


@pytest.mark.parametrize(
    ("status", "open_"),
    [
        ("REQUESTED", True),
        ("CONFIRMED", True),
        ("IN_PROGRESS", True),
        ("COMPLETED", True),
        ("DECLINED", False),
        ("CANCELLED", False),
        ("EXPIRED", False),
        ("NO_SHOW", False),
    ],
)
async def test_it_is_good_while_the_appointment_is(server, people, status, open_):
    doctor, ana = people
    made = await visit(server, doctor, ana, HOUR)
    given = (await share(server, ana, made))["share"]

    await server.fetch("UPDATE appointment SET status = $2 WHERE id = $1", made.id, status)

    assert len(await shared(server, doctor)) == open_
    seen = await server.ask(SEEN, ana, id=given["id"])
    assert seen["status"] == ("ACTIVE" if open_ else "EXPIRED")


async def test_a_request_that_nobody_answered_ends_it_though_no_row_says_so(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana, HOUR, status="REQUESTED")
    given = (await share(server, ana, made))["share"]
    assert len(await shared(server, doctor)) == 1

    await server.fetch("UPDATE appointment SET respond_by = now() WHERE id = $1", made.id)

    assert await shared(server, doctor) == []
    assert (await server.ask(SEEN, ana, id=given["id"]))["status"] == "EXPIRED"


async def test_it_moves_with_the_appointment(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana, HOUR)
    given = (await share(server, ana, made))["share"]
    later = make.slot(doctor, starts_at=server.now + 4 * DAY)
    sooner = make.slot(doctor, starts_at=server.now + 5 * HOUR)
    await server.given(later, sooner)
    assert len(await shared(server, doctor)) == 1

    moved = await server.ask(MOVE, ana, id=gid(made), slot=gid(later))

    assert moved["problems"] == []
    assert await shared(server, doctor) == []
    assert await moment(server, ana, given["id"], "validFrom") == later.starts_at - DAY
    assert await moment(server, ana, given["id"], "validUntil") == later.ends_at + 7 * DAY

    await server.ask(MOVE, ana, id=gid(made), slot=gid(sooner))
    assert len(await shared(server, doctor)) == 1


async def test_moved_beyond_its_end_it_never_opens(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana, HOUR)
    given = (await share(server, ana, made, until=server.now + DAY))["share"]
    later = make.slot(doctor, starts_at=server.now + 4 * DAY)
    await server.given(later)

    await server.ask(MOVE, ana, id=gid(made), slot=gid(later))

    assert (await server.ask(SEEN, ana, id=given["id"]))["status"] == "EXPIRED"


async def test_it_can_be_revoked_before_it_opens(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana, 3 * DAY)
    given = (await share(server, ana, made))["share"]

    assert (await server.ask(REVOKE, ana, id=given["id"]))["share"]["status"] == "REVOKED"

    await server.fetch(
        "UPDATE appointment SET starts_at = $2, respond_by = $2 WHERE id = $1", made.id, server.now
    )
    assert await shared(server, doctor) == []


# ------------------------------------------------------------------ refusals


async def problem(server: LocalServer, ana: Person, made, **given):
    async with server.unchanged(ana):
        [found] = (await share(server, ana, made, **given))["problems"]
    return found["code"], found["path"]


async def test_the_doctor_is_the_appointments(server, people):
    doctor, ana = people
    other = make.doctor()
    await server.given(other)
    made = await visit(server, doctor, ana, HOUR)

    refused = await problem(server, ana, made, doctor=gid(other))

    assert refused == ("INVALID", ["appointmentId"])


async def test_the_end_lies_after_the_opening(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana, 3 * DAY)
    opens = made.starts_at - DAY

    assert await problem(server, ana, made, until=opens) == ("INVALID", ["validUntil"])
    assert (await share(server, ana, made, until=opens + MINUTE))["problems"] == []


@pytest.mark.parametrize("status", ["DECLINED", "CANCELLED", "EXPIRED", "NO_SHOW"])
async def test_nothing_is_shared_for_what_does_not_take_place(server, people, status):
    doctor, ana = people
    made = await visit(server, doctor, ana, HOUR, status=status)

    assert await problem(server, ana, made) == ("WRONG_STATUS", ["appointmentId"])


async def test_nothing_is_shared_for_what_is_long_over(server, people):
    doctor, ana = people
    starts_in = -MINUTE - HOUR / 2 - 7 * DAY
    made = await visit(server, doctor, ana, starts_in, status="COMPLETED")

    assert await problem(server, ana, made) == ("TOO_LATE", ["appointmentId"])


async def test_anothers_appointment_is_not_there(server, people):
    doctor, ana = people
    bruno = make.patient()
    await server.given(bruno)
    made = await visit(server, doctor, bruno, HOUR)

    given = {"doctor": gid(doctor), "visit": gid(made), "until": server.now + DAY}
    assert await server.refuse(SHARE, ana, **given) == "NOT_FOUND"
