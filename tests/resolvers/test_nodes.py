"""Things by their ids: each for those who may see it, and null alike for all others."""

from uuid import uuid4

import pytest

from domain.appointments import AppointmentStatus
from domain.events import Position
from domain.slots import SlotStatus
from tests import make
from tests.make import NOW
from tests.server import LocalServer, gid

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
KINDS = ["doctor", "slot", "appointment", "patient"]
NOBODY, STRANGERS = "anonymous", ["other doctor", "other patient"]


@pytest.fixture
async def visit(server: LocalServer):
    """Who asks by what he is to the visit, and what belongs to it by its kind."""
    doctor, ana, other, bruno = make.doctor(), make.patient(), make.doctor(), make.patient()
    slot, appointment = make.visit(doctor, ana)
    await server.given(doctor, ana, other, bruno, slot, appointment)
    askers = {
        "doctor": doctor,
        "patient": ana,
        "other doctor": other,
        "other patient": bruno,
        NOBODY: None,
    }
    return askers, {"doctor": doctor, "slot": slot, "appointment": appointment, "patient": ana}


@pytest.mark.parametrize("who", ["doctor", "patient", *STRANGERS, NOBODY])
@pytest.mark.parametrize("kind", ["doctor", "slot"])
async def test_a_doctor_and_his_slots_are_there_for_everybody(
    server: LocalServer, visit, kind, who
):
    askers, things = visit
    id = gid(things[kind])

    found = await server.ask(NODE, askers[who], id=id)

    assert found == {"__typename": kind.capitalize(), "id": id}


@pytest.mark.parametrize("who", ["doctor", "patient"])
@pytest.mark.parametrize("kind", ["appointment", "patient"])
async def test_an_appointment_and_its_patient_are_there_for_the_two(
    server: LocalServer, visit, kind, who
):
    askers, things = visit
    id = gid(things[kind])

    found = await server.ask(NODE, askers[who], id=id)

    assert found == {"__typename": kind.capitalize(), "id": id}


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("kind", ["appointment", "patient"])
async def test_what_is_a_strangers_is_as_if_it_were_not_there(
    server: LocalServer, visit, kind, who
):
    askers, things = visit

    his = await server.answer(NODE, askers[who], id=gid(things[kind]))
    nothing = await server.answer(NODE, askers[who], id=f"{kind}_{uuid4()}")

    assert his == nothing
    assert (his["data"], his.get("errors")) == ({"node": None}, None)


@pytest.mark.parametrize("kind", ["appointment", "patient"])
async def test_without_a_session_these_are_not_even_looked_for(server: LocalServer, visit, kind):
    _, things = visit

    for id in (gid(things[kind]), f"{kind}_{uuid4()}"):
        with server.statements() as statements:
            assert await server.refuse(NODE, id=id) == "UNAUTHENTICATED"

        assert statements == []


@pytest.mark.parametrize("kind", ["doctor", "slot"])
async def test_what_is_not_there_is_null(server: LocalServer, kind):
    assert await server.ask(NODE, id=f"{kind}_{uuid4()}") is None


@pytest.mark.parametrize(
    "form",
    [
        *("", "_", "doctor", "doctor_", "_{id}", "{id}", "account_{id}", "review_{id}"),
        *("Doctor_{id}", "doctor_{upper}", "doctor_{hex}", "doctor_{{{id}}}", "doctor_{id} "),
        *(" doctor_{id}", "doctor_urn:uuid:{id}", "doctor__{id}"),
        *("slot_1", "patient_%", "appointment_' OR true --"),
    ],
)
async def test_what_cannot_be_an_id_is_null_for_anybody(server: LocalServer, visit, form: str):
    _, things = visit
    id = things["doctor"].id
    wrong = form.format(id=id, upper=str(id).upper(), hex=id.hex)

    assert await server.ask(NODE, id=wrong) is None


async def test_an_id_is_of_one_kind_alone(server: LocalServer, visit):
    askers, things = visit

    for kind, thing in things.items():
        number = gid(thing).partition("_")[2]
        ids = [f"{other}_{number}" for other in KINDS if other != kind]

        assert await server.ask(NODES, askers["patient"], ids=ids) == [None] * 3


async def test_many_are_told_in_their_order_and_as_often_as_asked_for(server: LocalServer, visit):
    askers, things = visit
    ids = [gid(things[kind]) for kind in KINDS]
    wanted = [*ids, "garbage", *reversed(ids), f"slot_{uuid4()}"]

    found = await server.ask(NODES, askers["patient"], ids=wanted)

    assert found == [{"id": id} if id in ids else None for id in wanted]


async def test_at_most_100_are_told_at_once(server: LocalServer):
    assert await server.ask(NODES, ids=["x"] * 100) == [None] * 100
    assert await server.refuse(NODES, ids=["x"] * 101) == "BAD_USER_INPUT"
    assert await server.ask(NODES, ids=[]) == []


async def test_a_doctor_sees_a_patient_for_good_once_they_had_an_appointment(server: LocalServer):
    doctor, ana = make.doctor(), make.patient(birth_date=NOW.date())
    slot, appointment = make.visit(doctor, ana, status=AppointmentStatus.DECLINED)
    await server.given(doctor, ana)
    query = "query ($id: ID!) { node(id: $id) { ... on Patient { name birthDate } } }"
    assert await server.ask(query, doctor, id=gid(ana)) is None

    await server.given(slot, appointment)

    seen = await server.ask(query, doctor, id=gid(ana))
    assert seen == {"name": "Ana Moreira", "birthDate": "2030-01-07"}


async def test_a_hold_is_seen_by_all_but_its_end_by_its_holder_alone(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    held = make.slot(doctor).held(ana.id, until=NOW + make.HALF_AN_HOUR)
    await server.given(doctor, ana, bruno, held)
    query = "query ($id: ID!) { node(id: $id) { ... on Slot { status holdExpiresAt } } }"

    his = await server.ask(query, ana, id=gid(held))
    others = [await server.ask(query, who, id=gid(held)) for who in (bruno, doctor, None)]
    server.now = NOW + make.HALF_AN_HOUR
    over = await server.ask(query, ana, id=gid(held))

    assert his == {"status": "HELD", "holdExpiresAt": "2030-01-07T12:45:00Z"}
    assert others == [{"status": "HELD", "holdExpiresAt": None}] * 3
    assert over == {"status": "OPEN", "holdExpiresAt": None}
    assert (await server.slot(held.id)).status is SlotStatus.HELD  # a read writes nothing down


async def test_the_event_cursor_is_where_the_log_stands(server: LocalServer):
    before = await server.app.log.now()

    cursor = await server.ask("{ eventCursor }")

    assert before <= Position.of(cursor) <= await server.app.log.now()


async def test_what_fails_takes_nobody_along_who_waits_for_the_same(server: LocalServer):
    """graphql-core calls off the fields beside one that has failed; others may wait for the same
    read.
    """
    doctor = make.doctor()
    slot = make.slot(doctor)
    await server.given(doctor, slot)
    query = """query ($id: ID!) {
      failed: node(id: $id) { ... on Doctor { all: nextSlots(first: 1000) { id } ...found } }
      beside: node(id: $id) { ...found }
    }
    fragment found on Doctor { nextSlots(first: 5) { id } }"""

    answer = await server.answer(query, id=gid(doctor))

    assert answer["data"] == {"failed": None, "beside": {"nextSlots": [{"id": gid(slot)}]}}
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["failed", "all"], "BAD_USER_INPUT")
