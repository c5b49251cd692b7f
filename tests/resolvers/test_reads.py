"""How many statements a query costs: no more for twenty things than for two."""

from uuid import uuid4

import pytest

from domain.appointments import AppointmentStatus
from tests import make
from tests.make import HALF_AN_HOUR, NOW, TOMORROW
from tests.server import LocalServer, gid

DOCTORS = """
query ($name: String!, $from: DateTime!, $to: DateTime!) {
  doctors(filter: {search: $name}, first: 20) { nodes {
    specialties { code }
    rating { average }
    nextSlots { id status doctor { name } }
    reviews(first: 3) { nodes { stars } pageInfo { hasNextPage } }
    slots(from: $from, to: $to) { id doctor { name } }
  } }
}
"""
VISITS = """
appointments(first: 20) { nodes {
  id status doctor { name } patient { name cpf } slot { status doctor { name } }
  review { stars }
} }
"""
VIEWER = f"""
{{ viewer {{
  ... on DoctorViewer {{ email doctor {{ name }} {VISITS} }}
  ... on PatientViewer {{ email patient {{ name }} {VISITS} }}
}} }}
"""
COMPLETED = AppointmentStatus.COMPLETED
BEGAN = NOW - 100 * HALF_AN_HOUR


async def reviewed(server, doctor, patient, number):
    at = BEGAN + number * HALF_AN_HOUR
    slot, appointment = make.visit(doctor, patient, starts_at=at, status=COMPLETED)
    review = make.review(appointment, stars=1 + number % 5)
    await server.given(slot, appointment, review)
    return appointment, review


async def cost(server, query, person=None, **variables):
    """The answer, and how many statements it took."""
    await server.ask(query, person, **variables)  # what is looked up once is looked up
    with server.statements() as statements:
        answer = await server.ask(query, person, **variables)
    return answer, len(statements)


async def test_twenty_doctors_with_slots_and_reviews_cost_what_two_do(server: LocalServer):
    costs = []
    for many in (2, 20):
        name, ana = f"Vinte {uuid4().hex}", make.patient()
        await server.given(ana)
        for number in range(many):
            doctor = make.doctor(name=name)
            await server.given(doctor, make.slots(doctor, 3))
            for turn in range(4):
                await reviewed(server, doctor, ana, 4 * number + turn)

        wanted = {"name": name, "from": TOMORROW, "to": TOMORROW + HALF_AN_HOUR}
        found, statements = await cost(server, DOCTORS, **wanted)

        assert len(found["nodes"]) == many
        for node in found["nodes"]:
            assert len(node["nextSlots"]) == 3
            assert [slot["doctor"]["name"] for slot in node["slots"]] == [name]
            assert len(node["reviews"]["nodes"]) == 3
            assert node["reviews"]["pageInfo"]["hasNextPage"]
        costs.append(statements)
    # doctors, next slots, slots, reviews, and the doctors to whom slots lead
    assert costs == [5, 5]


@pytest.mark.parametrize("side", ["doctor", "patient"])
async def test_twenty_appointments_with_all_about_them_cost_what_two_do(server: LocalServer, side):
    costs = []
    for many in (2, 20):
        person = make.doctor() if side == "doctor" else make.patient()
        others = [make.patient() if side == "doctor" else make.doctor() for _ in range(many)]
        await server.given(person, *others)
        for number, other in enumerate(others):
            pair = (person, other) if side == "doctor" else (other, person)
            await reviewed(server, *pair, number)

        viewer, statements = await cost(server, VIEWER, person)

        nodes = viewer["appointments"]["nodes"]
        assert len(nodes) == many
        assert all(node["review"] and node["slot"]["doctor"] == node["doctor"] for node in nodes)
        costs.append(statements)
    # the account, the page, doctors, patients, slots, reviews
    assert costs[0] == costs[1] <= 7


@pytest.mark.parametrize("kind", ["doctor", "slot", "appointment", "patient"])
async def test_many_things_by_their_ids_cost_what_few_do(server: LocalServer, kind):
    costs = []
    for many in (2, 20):
        doctor = make.doctor()
        await server.given(doctor)
        things = []
        for number in range(many):
            ana, other = make.patient(), make.doctor()
            at = TOMORROW + number * HALF_AN_HOUR
            slot, appointment = make.visit(doctor, ana, starts_at=at)
            await server.given(ana, other, slot, appointment)
            of = {"doctor": other, "slot": slot, "appointment": appointment, "patient": ana}
            things.append(gid(of[kind]))

        query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        nodes, statements = await cost(server, query, doctor, ids=things)

        assert [node["id"] for node in nodes] == things
        costs.append(statements)
    assert costs[0] == costs[1] <= 2


REVIEWS = """
query ($id: ID!, $first: Int, $after: String) {
  node(id: $id) { ... on Doctor {
    rating { average count }
    reviews(first: $first, after: $after) {
      edges { cursor node { stars comment at } }
      nodes { stars comment at }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  } }
}
"""


async def test_paging_meets_every_review_once_the_newest_first_while_others_come(
    server: LocalServer,
):
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)
    there = [(await reviewed(server, doctor, ana, number))[1].stars for number in range(16)]

    met, after = [], None
    while True:
        seen = await server.ask(REVIEWS, id=gid(doctor), first=7, after=after)
        page, info = seen["reviews"], seen["reviews"]["pageInfo"]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        cursors = [edge["cursor"] for edge in page["edges"]]
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        assert info["hasPreviousPage"] is (after is not None)
        met += [node["stars"] for node in page["nodes"]]
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break
        await reviewed(server, doctor, ana, 16 + len(met))

    assert met == list(reversed(there))


async def test_an_average_is_shown_from_five_reviews_on(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)
    for number in range(4):
        await reviewed(server, doctor, ana, number)
    four = await server.ask(REVIEWS, id=gid(doctor))

    await reviewed(server, doctor, ana, 4)
    five = await server.ask(REVIEWS, id=gid(doctor))

    assert four["rating"] == {"average": None, "count": 4}
    assert five["rating"] == {"average": 3.0, "count": 5}


@pytest.mark.parametrize("wanted", [{"first": -1}, {"first": 101}, {"after": "x"}])
async def test_what_is_no_page_of_reviews_is_refused(server: LocalServer, wanted):
    doctor = make.doctor()
    await server.given(doctor)

    assert await server.refuse(REVIEWS, id=gid(doctor), **wanted) == "BAD_USER_INPUT"


async def test_a_page_without_cursor_or_number_is_the_first_twenty(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)
    for number in range(21):
        await reviewed(server, doctor, ana, number)

    seen = await server.ask(REVIEWS, id=gid(doctor), first=None, after=None)

    assert len(seen["reviews"]["nodes"]) == 20
    assert seen["reviews"]["nodes"][0]["at"] == BEGAN.date().isoformat()
