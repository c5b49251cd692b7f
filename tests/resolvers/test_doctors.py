"""Doctors are found: by every condition, in every order, page by page, and nobody twice.

The search is held against a plain one in Python, over sixty doctors of the test's own.
"""

import base64
import json
import math
import unicodedata
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest

from domain.doctors import DoctorStatus
from domain.registrations import UF
from domain.slots import SlotStatus
from tests import make
from tests.make import HALF_AN_HOUR, NOW, TOMORROW
from tests.server import LocalServer, gid

DOCTORS = """
query ($filter: DoctorFilter, $orderBy: DoctorOrder, $first: Int, $after: String) {
  doctors(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    edges { cursor distanceKm node { id } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
ORDERS = ["RATING", "DISTANCE", "SOONEST", "NAME"]
MEAN_KM = 6371.0088  # the earth's mean radius (IUGG)
RIO_BRANCO = {"latitude": -9.97, "longitude": -67.81}
OWN = "medicina-de-trafego"  # of this module's doctors alone
NAMES = [
    *("José da Conceição", "jose conceicao", "ÂNGELA Araújo", "Angela Araujo", "João Paulo"),
    *("Zoë Müller", "Çetin Ñuñez", "100% Silva", "1000 Silva", "a_b Souza", "axb Souza"),
    *("Íris d'Ávila", "back\\slash Reis", "backslash Reis", "Łukasz Straße", "Ana"),
]


# --------------------------------------------------- sixty doctors, and a plain search for them


@pytest.fixture(scope="module")
async def clinic(running_server: LocalServer):
    """Each doctor with his slots."""
    random, holder = Random(7), make.patient()  # noqa: S311
    await running_server.given(holder)
    made = {}
    for number in range(60):
        doctor = make.doctor(
            name=f"{random.choice(NAMES)} {random.choice('ABC')}",
            uf=random.choice([UF.AC, UF.RR]),
            specialties=(OWN, *random.sample(["geriatria", "urologia"], random.randrange(3))),
            rating_count=(count := random.choice([0, 1, 4, 5, 6, 40])),
            rating_sum=sum(random.randint(1, 5) for _ in range(count)),
            **place(random),
        )
        slots = agenda(doctor, holder, random) if number % 6 else []
        await running_server.given(doctor, *slots)
        made[gid(doctor)] = (doctor.who, slots)
    return made


def place(random):
    """Anywhere within some hundred kilometres, far away, or nowhere."""
    if random.random() < 0.2:
        return {"latitude": None, "longitude": None}
    if random.random() < 0.1:
        return {"latitude": 35.68, "longitude": 139.69}  # Tokyo
    return {
        "latitude": RIO_BRANCO["latitude"] + random.uniform(-5, 5),
        "longitude": RIO_BRANCO["longitude"] + random.uniform(-5, 5),
    }


def agenda(doctor, holder, random):
    before, after = NOW - timedelta(seconds=1), NOW + timedelta(minutes=3)
    forms = [
        {},
        {"status": SlotStatus.HELD, "held_by": holder.id, "lapses_at": after},
        {"status": SlotStatus.HELD, "held_by": holder.id, "lapses_at": before},
        {"status": SlotStatus.HELD, "held_by": holder.id, "lapses_at": NOW},
        {"status": SlotStatus.BOOKED},
        {"status": SlotStatus.BOOKED, "lapses_at": after},
        {"status": SlotStatus.BOOKED, "lapses_at": before},
        {"status": SlotStatus.WITHDRAWN},
    ]
    starts = [NOW + n * HALF_AN_HOUR for n in random.sample(range(-2, 96), random.randint(1, 4))]
    return [make.slot(doctor, starts_at=start, **random.choice(forms)) for start in starts]


def is_open(slot):
    lapsed = slot.lapses_at is not None and slot.lapses_at <= NOW
    return slot.starts_at > NOW and (slot.status is SlotStatus.OPEN or lapsed)


def plain(text):
    """Without accents and case, as Postgres's unaccent has it."""
    kept = text.replace("ß", "ss").replace("Ł", "L")
    apart = unicodedata.normalize("NFKD", kept)
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).lower()


def kilometres(near, doctor):
    """Haversine."""
    if near is None or doctor.latitude is None:
        return None
    here, there = math.radians(near["latitude"]), math.radians(doctor.latitude)
    east = math.radians(doctor.longitude - near["longitude"])
    half = (
        math.sin((there - here) / 2) ** 2
        + math.cos(here) * math.cos(there) * math.sin(east / 2) ** 2
    )
    return 2 * MEAN_KM * math.asin(math.sqrt(half))


def meets(conditions, doctor, slots):
    near, within = conditions.get("near"), conditions.get("withinKm")
    least = conditions.get("minimumRating")
    earliest, latest = conditions.get("availableFrom"), conditions.get("availableTo")
    if within is not None:
        distance = kilometres(near, doctor)
        if distance is None or distance > within:
            return False
    if least:
        average = doctor.rating_sum / doctor.rating_count if doctor.rating_count else 0
        if average < least:
            return False
    if earliest or latest:
        starts = [slot.starts_at for slot in slots if is_open(slot)]
        if not any((earliest or NOW) <= start < (latest or FAR) for start in starts):
            return False
    words = plain(conditions.get("search") or "").split()
    return (
        conditions.get("specialty") in (None, *doctor.specialties)
        and conditions.get("uf") in (None, doctor.uf)
        and all(word in plain(doctor.name) for word in words)
    )


FAR = datetime(9999, 1, 1, tzinfo=UTC)


def place_in(order, conditions, doctor, slots):
    """What sorts by it: the key of the order, then the id."""
    if order is None:
        order = "DISTANCE" if conditions.get("near") else "RATING"
    if order == "NAME":
        return (plain(doctor.name), str(doctor.id))
    if order == "RATING":
        rated = doctor.rating_count >= 5
        key = -doctor.rating_sum / doctor.rating_count if rated else math.inf
    elif order == "DISTANCE":
        distance = kilometres(conditions["near"], doctor)
        key = math.inf if distance is None else distance
    else:
        key = min((s.starts_at.timestamp() for s in slots if is_open(s)), default=math.inf)
    return (key, str(doctor.id))


def expected(clinic, conditions, order=None):
    found = [
        (place_in(order, conditions, doctor, slots), id)
        for id, (doctor, slots) in clinic.items()
        if meets(conditions, doctor, slots)
    ]
    return [id for _, id in sorted(found)]


async def every_page(server, filter, order=None, first=100):
    after, edges = None, []
    while True:
        page = await server.ask(DOCTORS, filter=filter, orderBy=order, first=first, after=after)
        edges += page["edges"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return edges


async def found(server, clinic, conditions, order=None):
    """Those of the sixty, in the order in which the whole list has them."""
    edges = await every_page(server, conditions, order)
    return [edge["node"]["id"] for edge in edges if edge["node"]["id"] in clinic]


# ------------------------------------------------------------------------- conditions

CONDITIONS = [
    {},
    {"specialty": OWN},
    {"specialty": "urologia"},
    {"specialty": "Urologia"},  # a code is no name
    {"uf": "AC"},
    {"search": ""},
    {"search": "jose"},
    {"search": "JOSÉ"},
    {"search": "conceição josé"},  # words, in any order
    {"search": "  ang   ARAÚ "},
    {"search": "jose\u0301"},  # the accent apart from its letter
    {"search": "muller"},
    {"search": "strasse"},
    {"search": "lukasz"},
    {"search": "ana"},
    {"search": "%"},
    {"search": "100%"},
    {"search": "_"},
    {"search": "a_b"},
    {"search": "\\"},
    {"search": "k\\s"},
    {"search": "\\%"},
    {"search": "％"},  # noqa: RUF001  # full-width: unaccent makes a % of it
    {"search": "a＿b"},  # noqa: RUF001
    {"search": "'"},
    {"search": "nobody of this name"},
    {"near": RIO_BRANCO},
    {"near": RIO_BRANCO, "withinKm": 300},
    {"near": RIO_BRANCO, "withinKm": 0.001},
    {"near": RIO_BRANCO, "withinKm": 20100},
    {"minimumRating": 0},
    {"minimumRating": 3},
    {"minimumRating": 5},
    {"availableFrom": TOMORROW},
    {"availableTo": TOMORROW},
    {"availableFrom": NOW, "availableTo": TOMORROW},
    {"availableFrom": TOMORROW, "availableTo": TOMORROW + timedelta(minutes=45)},
    {"availableFrom": NOW - timedelta(days=2), "availableTo": NOW},  # what has passed
    {"specialty": None, "search": None, "near": None, "withinKm": None, "minimumRating": None},
    {"availableFrom": None, "availableTo": None, "uf": None},
]


@pytest.mark.parametrize("conditions", CONDITIONS, ids=str)
async def test_a_condition_alone_finds_those_for_whom_it_holds(
    server: LocalServer, clinic, conditions
):
    assert await found(server, clinic, conditions) == expected(clinic, conditions)


async def test_the_table_of_conditions_tells_doctors_apart(clinic):
    """Else the comparisons prove nothing."""
    sizes = [len(expected(clinic, conditions)) for conditions in CONDITIONS]

    assert sum(0 < size < len(clinic) for size in sizes) > 18


@pytest.mark.parametrize("order", [None, *ORDERS])
async def test_any_conditions_together_and_any_order_are_as_a_plain_search_has_them(
    server: LocalServer, clinic, order
):
    random = Random(str(order))  # noqa: S311
    several = 0
    for _ in range(40):
        conditions = {"specialty": OWN} | drawn(random)
        if order == "DISTANCE":
            conditions["near"] = RIO_BRANCO

        ids = await found(server, clinic, conditions, order)

        assert ids == expected(clinic, conditions, order), conditions
        several += len(ids) > 1
    assert several > 10


def drawn(random):
    """A few conditions by lot."""
    near = {"latitude": random.uniform(-12, -8), "longitude": random.uniform(-70, -65)}
    start = NOW + random.randrange(60) * HALF_AN_HOUR
    conditions = {
        "uf": random.choice(["AC", "RR"]),
        "search": random.choice(["a", "ang", "e o", "silva", "b", "s"]),
        "minimumRating": random.choice([0, 1, 2.5, 3.2]),
        "availableFrom": start,
        "availableTo": start + random.randint(1, 80) * HALF_AN_HOUR,
        "near": near,
    }
    chosen = {name: conditions[name] for name in random.sample(sorted(conditions), 3)}
    if "near" in chosen and random.random() < 0.5:
        chosen["withinKm"] = random.choice([50, 400, 1000, 19000])
    return chosen


# --------------------------------------------------------------------------- distances


async def test_distances_are_those_of_the_sphere_to_half_a_percent(server: LocalServer, clinic):
    edges = await every_page(server, {"specialty": OWN, "near": RIO_BRANCO})

    for edge in edges:
        real = kilometres(RIO_BRANCO, clinic[edge["node"]["id"]][0])
        if real is None:
            assert edge["distanceKm"] is None
        else:
            assert edge["distanceKm"] == pytest.approx(real, rel=0.005)
    told = [edge["distanceKm"] is None for edge in edges]
    assert told == sorted(told)  # whoever is nowhere comes last
    assert any(told)


@pytest.mark.usefixtures("clinic")
async def test_without_near_no_distance_is_told(server: LocalServer):
    edges = await every_page(server, {"specialty": OWN})

    assert {edge["distanceKm"] for edge in edges} == {None}


async def test_within_km_includes_who_is_exactly_so_far_away(server: LocalServer):
    name, far = f"Kilo {uuid4().hex}", make.doctor
    points = [(0, 0.0001), (0, 1), (45, 45), (-90, 0), (89.9, -179.9), (0, 180)]
    await server.given(*(far(name=name, latitude=x, longitude=y) for x, y in points))
    here = {"search": name, "near": {"latitude": 0, "longitude": 0}}
    distances = [edge["distanceKm"] for edge in await every_page(server, here)]
    assert len(distances) == len(points)

    for number, distance in enumerate(distances):
        exactly = await every_page(server, here | {"withinKm": distance})
        closer = await every_page(server, here | {"withinKm": distance * (1 - 1e-9)})

        assert [len(exactly), len(closer)] == [number + 1, number]


async def test_a_doctor_at_the_very_place_is_no_kilometre_away(server: LocalServer):
    name = f"Zero {uuid4().hex}"
    await server.given(make.doctor(name=name, latitude=-3.1, longitude=-60.02))
    near = {"latitude": -3.1, "longitude": -60.02}

    [edge] = await every_page(server, {"search": name, "near": near, "withinKm": 0.001})

    assert edge["distanceKm"] == 0


# --------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("conditions", "order"),
    [
        ({"withinKm": 10}, None),
        ({}, "DISTANCE"),
        ({"near": RIO_BRANCO, "withinKm": 0}, None),
        ({"near": RIO_BRANCO, "withinKm": -1}, None),
        ({"near": RIO_BRANCO, "withinKm": 1e9}, None),
        ({"near": {"latitude": 90.001, "longitude": 0}}, None),
        ({"near": {"latitude": 0, "longitude": -180.001}}, None),
        ({"minimumRating": -0.1}, None),
        ({"minimumRating": 5.1}, None),
        ({"availableFrom": TOMORROW, "availableTo": TOMORROW}, None),
        ({"availableFrom": TOMORROW, "availableTo": NOW}, None),
        ({"uf": "XX"}, None),
        ({"availableFrom": "2030-01-08"}, None),
        ({"search": "a\0b"}, None),
        ({"specialty": "\0"}, None),
        ({"search": "a " * 40_000}, None),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_search_that_makes_no_sense_is_refused(server: LocalServer, conditions, order):
    assert await server.refuse(DOCTORS, filter=conditions, orderBy=order) == "BAD_USER_INPUT"


@pytest.mark.parametrize("first", [-1, 101, 2**31 - 1, 2**31])
async def test_a_page_has_0_to_100_doctors(server: LocalServer, first: int):
    assert await server.refuse(DOCTORS, first=first) == "BAD_USER_INPUT"


@pytest.mark.parametrize("first", [-1, 51])
async def test_at_most_50_next_slots_are_told(server: LocalServer, clinic, first: int):
    query = """
      query ($id: ID!, $first: Int) {
        node(id: $id) { ... on Doctor { nextSlots(first: $first) { id } } }
      }
    """

    code = await server.refuse(query, id=next(iter(clinic)), first=first)

    assert code == "BAD_USER_INPUT"


# ------------------------------------------------------------- who is not verified


@pytest.mark.parametrize("status", [DoctorStatus.SUSPENDED, DoctorStatus.PENDING])
async def test_a_doctor_who_is_not_verified_is_nowhere(server: LocalServer, status):
    name = f"Nemo {uuid4().hex}"
    doctor, other, ana = make.doctor(name=name), make.doctor(), make.patient()
    slot, booked = make.slots(doctor, 2)
    appointment = make.appointment(booked, ana)
    await server.given(doctor, other, ana, slot, booked.booked(), appointment)
    query = """
      query ($name: String!, $crm: String!, $doctor: ID!, $slot: ID!, $visit: ID!) {
        doctors(filter: {search: $name}) { nodes { id } }
        doctor(crm: $crm, uf: SP) { id }
        node(id: $doctor) { id }
        nodes(ids: [$slot, $doctor]) { id }
        visit: node(id: $visit) { ... on Appointment { doctor {
          name
          nextSlots { id }
          slots(from: "2030-01-07T00:00:00Z", to: "2030-01-14T00:00:00Z") { id }
        } } }
      }
    """
    asked = {
        "name": name,
        "crm": doctor.who.crm,
        "doctor": gid(doctor),
        "slot": gid(slot),
        "visit": gid(appointment),
    }
    before = await server.ask(query, ana, **asked)
    [own] = [{"id": gid(slot)}]
    assert before["nodes"] == [own, {"id": gid(doctor)}]
    assert before["visit"]["doctor"]["nextSlots"] == [own]

    await server.fetch("UPDATE doctor SET status = $1 WHERE id = $2", status, doctor.id)

    assert await server.ask(query, ana, **asked) == {
        "doctors": {"nodes": []},
        "doctor": None,
        "node": None,
        "nodes": [None, None],
        # His patients still read with whom they have, or had, to do.
        "visit": {"doctor": {"name": name, "nextSlots": [], "slots": []}},
    }
    his = await server.ask("query ($id: ID!) { node(id: $id) { id } }", doctor, id=gid(doctor))
    assert his == {"id": gid(doctor)}


async def test_open_slots_are_told_soonest_first_and_none_that_is_not_to_be_had(
    server: LocalServer, clinic
):
    query = """
      query ($ids: [ID!]!, $from: DateTime!, $to: DateTime!) {
        nodes(ids: $ids) { ... on Doctor {
          nextSlots(first: 2) { id status }
          slots(from: $from, to: $to) { id status }
        } }
      }
    """
    later = TOMORROW + timedelta(hours=3)

    nodes = await server.ask(query, ids=list(clinic), **{"from": TOMORROW, "to": later})

    for node, (_, slots) in zip(nodes, clinic.values(), strict=True):
        free = sorted((s for s in slots if is_open(s)), key=lambda slot: slot.starts_at)
        told = [{"id": gid(slot), "status": "OPEN"} for slot in free]
        within = [TOMORROW <= slot.starts_at < later for slot in free]
        assert node["nextSlots"] == told[:2]
        assert node["slots"] == [each for each, it_is in zip(told, within, strict=True) if it_is]


# --------------------------------------------------------------------------- paging


@pytest.mark.parametrize("order", ORDERS)
async def test_paging_meets_everybody_once_while_others_join(server: LocalServer, order):
    name, random = f"Fila{uuid4().hex}", Random(order)  # noqa: S311

    def doctor():
        count = random.randrange(8)
        return make.doctor(
            name=f"{random.choice(NAMES)} {name}",
            rating_count=count,
            rating_sum=count * random.randint(1, 3),
            **place(random),
        )

    async def joins(many):
        joined = [doctor() for _ in range(many)]
        for each in joined:
            free = make.slot(each, starts_at=TOMORROW + random.randrange(5) * HALF_AN_HOUR)
            await server.given(each, *([free] if random.random() < 0.7 else []))
        return {gid(each) for each in joined}

    there = await joins(36)
    wanted = {"filter": {"search": name, "near": RIO_BRANCO}, "orderBy": order}
    before = [edge["node"]["id"] for edge in await every_page(server, wanted["filter"], order)]

    met, after, pages = [], None, 0
    while True:
        page = await server.ask(DOCTORS, **wanted, first=7, after=after)
        info = page["pageInfo"]
        cursors = [edge["cursor"] for edge in page["edges"]]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert info["hasPreviousPage"] is (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        met += [node["id"] for node in page["nodes"]]
        after, pages = info["endCursor"], pages + 1
        if not info["hasNextPage"]:
            break
        assert len(cursors) == 7
        await joins(3)

    assert pages > 5
    assert len(met) == len(set(met))
    assert [id for id in met if id in there] == before


@pytest.mark.usefixtures("clinic")
async def test_an_empty_page_has_no_cursors(server: LocalServer):
    nobody = await server.ask(DOCTORS, filter={"search": uuid4().hex})
    none_wanted = await server.ask(DOCTORS, filter={"specialty": OWN}, first=0)

    empty = {"hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert nobody == {"edges": [], "nodes": [], "pageInfo": empty | {"hasNextPage": False}}
    assert none_wanted["edges"] == []
    assert none_wanted["pageInfo"] == empty | {"hasNextPage": True}


@pytest.mark.usefixtures("clinic")
async def test_what_comes_after_the_last_is_an_empty_page(server: LocalServer):
    edges = await every_page(server, {"specialty": OWN}, "NAME")

    page = await server.ask(
        DOCTORS, filter={"specialty": OWN}, orderBy="NAME", after=edges[-1]["cursor"]
    )

    assert page["nodes"] == []
    info = page["pageInfo"]
    assert (info["hasNextPage"], info["hasPreviousPage"]) == (False, True)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.usefixtures("clinic")
async def test_a_cursor_of_another_order_is_refused(server: LocalServer, order):
    near = {"specialty": OWN, "near": RIO_BRANCO}
    page = await server.ask(DOCTORS, filter=near, orderBy=order, first=1)
    cursor = page["pageInfo"]["endCursor"]

    for other in set(ORDERS) - {order}:
        code = await server.refuse(DOCTORS, filter=near, orderBy=other, after=cursor)

        assert code == "BAD_USER_INPUT"


ID = "01940000-0000-7000-8000-000000000000"


def forged(*content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        "é",
        "====",
        forged(),
        forged("doctors:NAME"),
        forged("doctors:NAME", "a"),
        forged("doctors:NAME", "a", "b"),
        forged("doctors:NAME", "a", 7),
        forged("doctors:NAME", 7, ID),
        forged("doctors:NAME", ["a"], ID),
        forged("doctors:NAME", "\0", ID),
        forged("doctors:NAME", "\ud800", ID),
        forged("doctors:RATING", -5, ID),
        forged("reviews", ID),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
    ids=lambda cursor: cursor[:40],
)
async def test_what_is_no_cursor_is_refused(server: LocalServer, cursor: str):
    assert await server.refuse(DOCTORS, orderBy="NAME", after=cursor) == "BAD_USER_INPUT"


@pytest.mark.parametrize("key", [math.inf, math.nan, 10**400, "1", None, True])
async def test_what_is_no_number_is_no_place_among_ratings(server: LocalServer, key):
    cursor = forged("doctors:RATING", key, ID)

    assert await server.refuse(DOCTORS, orderBy="RATING", after=cursor) == "BAD_USER_INPUT"
