"""What one who is signed in reads of his own: agenda and appointments."""

import base64
import json
from datetime import timedelta
from random import Random

import pytest

from domain.appointments import AppointmentStatus
from domain.slots import SlotStatus
from tests import make
from tests.make import HALF_AN_HOUR, NOW, TOMORROW
from tests.server import LocalServer, gid

AGENDA = """
query ($from: DateTime!, $to: DateTime!, $status: [SlotStatus!]) {
  viewer { ... on DoctorViewer { slots(from: $from, to: $to, status: $status) { id status } } }
}
"""
PAGE = """{
  edges { cursor node { id } }
  nodes { id status endedBy startsAt }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}"""
APPOINTMENTS = f"""
query ($status: [AppointmentStatus!], $first: Int, $after: String) {{
  viewer {{
    ... on DoctorViewer {{ appointments(status: $status, first: $first, after: $after) {PAGE} }}
    ... on PatientViewer {{ appointments(status: $status, first: $first, after: $after) {PAGE} }}
  }}
}}
"""
DAYS = timedelta(days=1)


async def agenda(server, doctor, earliest, latest, **more):
    viewer = await server.ask(AGENDA, doctor, **{"from": earliest, "to": latest}, **more)
    return [(slot["id"], slot["status"]) for slot in viewer["slots"]]


async def appointments(server, person, **wanted):
    return (await server.ask(APPOINTMENTS, person, **wanted))["appointments"]


# -------------------------------------------------------------------- the agenda


async def test_an_agenda_has_every_status_in_order_of_time_as_it_stands_now(server: LocalServer):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    slots = make.slots(doctor, 6)
    open_, held, lapsed, booked, withdrawn, outside = slots
    await server.given(doctor, other, ana, make.slot(other))
    given = {
        open_: "OPEN",
        held.held(ana.id, until=NOW + HALF_AN_HOUR): "HELD",
        lapsed.held(ana.id, until=NOW): "OPEN",
        booked.booked(): "BOOKED",
        withdrawn.withdrawn(): "WITHDRAWN",
    }
    await server.given(*given, outside)

    told = await agenda(server, doctor, open_.starts_at, outside.starts_at)

    assert told == [(gid(slot), status) for slot, status in given.items()]


async def test_an_agenda_may_be_asked_for_by_status(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slots = make.slots(doctor, 3)
    await server.given(doctor, ana, slots[0], slots[1].withdrawn(), slots[2].held(ana.id, NOW))
    week = (NOW, NOW + 7 * DAYS)

    opened = await agenda(server, doctor, *week, status=["OPEN"])
    gone_or_held = await agenda(server, doctor, *week, status=["WITHDRAWN", "HELD"])
    none = await agenda(server, doctor, *week, status=[])

    assert opened == [(gid(slots[0]), "OPEN"), (gid(slots[2]), "OPEN")]
    assert gone_or_held == [(gid(slots[1]), "WITHDRAWN")]
    assert none == []


@pytest.mark.parametrize(
    ("earliest", "latest"),
    [
        (NOW, NOW + 62 * DAYS + timedelta(seconds=1)),
        (NOW, NOW),
        (NOW, NOW - DAYS),
        (NOW, "9999-12-31T23:59:59Z"),
        ("9999-12-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
async def test_a_range_of_more_than_62_days_or_none_is_refused(
    server: LocalServer, earliest, latest
):
    doctor = make.doctor()
    await server.given(doctor)
    bounds = {"from": earliest, "to": latest}
    open_slots = """
      query ($id: ID!, $from: DateTime!, $to: DateTime!) {
        node(id: $id) { ... on Doctor { slots(from: $from, to: $to) { id } } }
      }
    """

    assert await server.refuse(AGENDA, doctor, **bounds) == "BAD_USER_INPUT"
    assert await server.refuse(open_slots, id=gid(doctor), **bounds) == "BAD_USER_INPUT"


@pytest.mark.parametrize("earliest", [NOW, "0001-01-01T00:00:00Z", "9999-12-30T00:00:00Z"])
async def test_a_range_of_less_is_looked_at_wherever_it_lies(server: LocalServer, earliest):
    doctor = make.doctor()
    await server.given(doctor)
    latest = {NOW: NOW + 62 * DAYS}.get(earliest, str(earliest).replace("T00:00:00", "T23:59:59"))

    assert await agenda(server, doctor, earliest, latest) == []


# ------------------------------------------------------------------ appointments


async def test_both_sides_read_their_appointments_the_latest_first(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    await server.given(doctor, ana, bruno)
    visits = []
    for number, who in enumerate([ana, bruno, ana]):
        slot, appointment = make.visit(doctor, who, starts_at=TOMORROW + number * DAYS)
        await server.given(slot, appointment)
        visits.append(gid(appointment))
    first, second, third = visits

    async def ids(person):
        return [node["id"] for node in (await appointments(server, person))["nodes"]]

    assert await ids(doctor) == [third, second, first]
    assert await ids(ana) == [third, first]
    assert await ids(bruno) == [second]


async def test_a_request_that_lapsed_is_expired_whatever_its_row_says(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    statuses = list(AppointmentStatus)
    await server.given(doctor, ana)
    for number, status in enumerate(statuses):
        at = TOMORROW + number * HALF_AN_HOUR
        await server.given(*make.visit(doctor, ana, starts_at=at, status=status))
    slot, lapsed = make.visit(doctor, ana, starts_at=TOMORROW + DAYS, respond_by=NOW)
    await server.given(slot, lapsed)

    told = {}
    for status in statuses:
        page = await appointments(server, doctor, status=[status])
        assert {node["status"] for node in page["nodes"]} == {status}
        told[status] = [node["id"] for node in page["nodes"]]
    several = await appointments(server, ana, status=["EXPIRED", "REQUESTED"])
    none = await appointments(server, ana, status=[])

    assert [len(told[status]) for status in statuses] == [
        2 if status is AppointmentStatus.EXPIRED else 1 for status in statuses
    ]
    assert told[AppointmentStatus.EXPIRED][0] == gid(lapsed)
    assert several["nodes"][0] == {
        "id": gid(lapsed),
        "status": "EXPIRED",
        "endedBy": "SYSTEM",
        "startsAt": "2030-01-09T12:00:00Z",
    }
    assert len(several["nodes"]) == 3
    assert none["nodes"] == []
    row = await server.appointment(lapsed.id)
    assert row.status is AppointmentStatus.REQUESTED  # a read writes nothing down


@pytest.mark.parametrize("side", ["doctor", "patient"])
async def test_paging_meets_every_appointment_once_while_others_come(server: LocalServer, side):
    random = Random(3)  # noqa: S311
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)
    person = doctor if side == "doctor" else ana
    free = [TOMORROW + n * HALF_AN_HOUR for n in range(200)]
    random.shuffle(free)

    async def comes(many):
        """Declined ones may lie at the same time: those are told apart by their ids."""
        for _ in range(many):
            slot, one = make.visit(doctor, ana, starts_at=free.pop(), status="CONFIRMED")
            twin = make.appointment(slot, ana, status=AppointmentStatus.DECLINED)
            await server.given(slot, one, twin)
            yield from_row(one)
            yield from_row(twin)

    def from_row(appointment):
        return (appointment.starts_at, appointment.id), gid(appointment)

    there = [each async for each in comes(12)]
    met, after = [], None
    while True:
        page = await appointments(server, person, first=7, after=after)
        info, cursors = page["pageInfo"], [edge["cursor"] for edge in page["edges"]]
        assert [edge["node"]["id"] for edge in page["edges"]] == [n["id"] for n in page["nodes"]]
        assert info["hasPreviousPage"] is (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        met += [node["id"] for node in page["nodes"]]
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break
        assert len(cursors) == 7
        _ = [each async for each in comes(1)]

    ids = [id for _, id in sorted(there, reverse=True)]
    assert [id for id in met if id in ids] == ids
    assert len(met) == len(set(met))


async def test_the_filter_holds_on_every_page(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)
    for number in range(9):
        at, status = TOMORROW + number * DAYS, ("CONFIRMED", "DECLINED")[number % 2]
        await server.given(*make.visit(doctor, ana, starts_at=at, status=status))

    first = await appointments(server, ana, status=["CONFIRMED"], first=3)
    second = await appointments(
        server, ana, status=["CONFIRMED"], first=3, after=first["pageInfo"]["endCursor"]
    )

    assert [len(page["nodes"]) for page in (first, second)] == [3, 2]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second)] == [True, False]


@pytest.mark.parametrize("first", [-1, 101])
async def test_a_page_has_0_to_100_appointments(server: LocalServer, first: int):
    ana = make.patient()
    await server.given(ana)

    assert await server.refuse(APPOINTMENTS, ana, first=first) == "BAD_USER_INPUT"


ID = "01940000-0000-7000-8000-000000000000"


def forged(*content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "garbage",
        forged("appointments"),
        forged("appointments", "2030-01-08T12:00:00+00:00"),
        forged("appointments", "2030-01-08T12:00:00", ID),
        forged("appointments", "2030-01-08T12:00:00+00:00", "x"),
        forged("appointments", 7, ID),
        forged("appointments", "9999-12-31T23:59:59-14:00", ID),
        forged("appointments", "0001-01-01T00:00:00+14:00", ID),
        forged("reviews", ID),
        forged("doctors:NAME", "2030-01-08T12:00:00+00:00", ID),
    ],
)
async def test_what_is_no_cursor_of_appointments_is_refused(server: LocalServer, cursor: str):
    ana = make.patient()
    await server.given(ana)

    assert await server.refuse(APPOINTMENTS, ana, after=cursor) == "BAD_USER_INPUT"


async def test_slots_seen_from_an_appointment_stand_as_of_now(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, lapsed = make.visit(doctor, ana, starts_at=TOMORROW + DAYS, respond_by=NOW)
    await server.given(doctor, ana, slot, lapsed)
    query = "query ($id: ID!) { node(id: $id) { ... on Appointment { status slot { status } } } }"

    seen = await server.ask(query, ana, id=gid(lapsed))

    assert seen == {"status": "EXPIRED", "slot": {"status": "OPEN"}}
    assert (await server.slot(slot.id)).status is SlotStatus.BOOKED
