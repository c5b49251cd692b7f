"""Orders of searches where it is close: who is equally far away, and who is free soonest."""

from datetime import timedelta
from random import Random
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest

from domain.slots import SlotStatus
from persistence import search
from tests import make
from tests.make import NOW
from tests.resolvers.test_doctors import DOCTORS, ID, RIO_BRANCO, forged
from tests.server import LocalServer, gid

ON_ONE_SIDE = {"latitude": 9.97, "longitude": 22.19}  # of the earth; the doctors on the other one
NEVER = 10**6  # minutes from now
A_HAIR = 1.5e-14  # degrees, the least by which longitudes like theirs can differ


async def walked(server: LocalServer, first: int, **asked: Any) -> list[str]:
    """By pages. A search by name is never a plan: its statement is made anew each time."""
    after, ids = None, []
    while True:
        page = await server.ask(DOCTORS, **asked, first=first, after=after)
        ids += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return ids


# --------------------------------------------------------------------------- distance


@pytest.mark.parametrize("within", [None, 20_000])
async def test_nobody_is_left_out_where_distances_differ_by_less_than_is_told(
    server: LocalServer, within: float | None
):
    name = f"Near {uuid4().hex}"
    doctors = [
        make.doctor(name=name, latitude=-9.97, longitude=-67.81 - number * A_HAIR)
        for number in range(150)
    ]
    await server.given(*doctors)
    wanted = {"search": name, "near": ON_ONE_SIDE, "withinKm": within}

    at_once = await server.ask(DOCTORS, filter=wanted, first=100)
    ids = await walked(server, 4, filter=wanted)

    told = {edge["distanceKm"] for edge in at_once["edges"]}
    assert len(told) < 90  # else nothing is close here
    assert sorted(ids) == sorted(map(gid, doctors))
    assert ids[:100] == [node["id"] for node in at_once["nodes"]]


async def test_a_cursor_of_distances_as_they_were_is_refused_and_not_misread(server: LocalServer):
    cursor = forged("doctors:DISTANCE", 3.5, ID)

    assert await server.refuse(DOCTORS, filter={"near": RIO_BRANCO}, after=cursor) == (
        "BAD_USER_INPUT"
    )


# ---------------------------------------------------------------------------- soonest


@pytest.fixture(scope="module")
async def agendas(running_server: LocalServer) -> tuple[str, list[str], set[str]]:
    """A name that is theirs alone, the doctors as they are to come, and who of them is never free.
    Many begin at one time.
    """
    random, name, holder = Random(11), f"Soon {uuid4().hex}", make.patient()  # noqa: S311
    await running_server.given(holder)
    expected = []
    for _ in range(40):
        doctor = make.doctor(name=name)
        minutes = sorted(random.sample(range(-60, 600, 30), random.randrange(5)))
        free, slots = None, []
        for minute in minutes:
            form: dict[str, Any] = random.choice(
                [
                    {},
                    {"status": SlotStatus.BOOKED},
                    {"status": SlotStatus.WITHDRAWN},
                    {
                        "status": SlotStatus.HELD,
                        "held_by": holder.id,
                        "lapses_at": NOW + random.choice([-1, 0, 1]) * timedelta(minutes=1),
                    },
                ]
            )
            slots.append(
                slot := make.slot(doctor, starts_at=NOW + timedelta(minutes=minute), **form)
            )
            lapsed = slot.lapses_at is not None and slot.lapses_at <= NOW
            if minute > 0 and free is None and (slot.status is SlotStatus.OPEN or lapsed):
                free = minute
        await running_server.given(doctor, *slots)
        expected.append((NEVER if free is None else free, gid(doctor)))
    never = {id for minute, id in expected if minute == NEVER}
    return name, [id for _, id in sorted(expected)], never


@pytest.mark.parametrize("first", [1, 3, 7, 100])
@pytest.mark.parametrize("each", [0, 1, 50, 10**6], ids=lambda each: f"{each} slots")
async def test_who_is_free_soonest_comes_first_however_he_is_found(
    server: LocalServer, agendas, first: int, each: int
):
    """By slots alone, by asking each doctor, or by the one after the other."""
    name, expected, _ = agendas

    with mock.patch.object(search, "_SLOTS_EACH", each):
        ids = await walked(server, first, filter={"search": name}, orderBy="SOONEST")

    assert ids == expected


async def test_of_those_who_are_free_at_once_each_is_on_one_page(server: LocalServer):
    name = f"Once {uuid4().hex}"
    doctors = [make.doctor(name=name) for _ in range(12)]
    await server.given(*doctors)
    for doctor in doctors:
        await server.given(*(make.slot(doctor, starts_at=NOW + timedelta(hours=h)) for h in (1, 2)))

    ids = await walked(server, 5, filter={"search": name}, orderBy="SOONEST")

    assert ids == sorted(map(gid, doctors))


@pytest.mark.parametrize("key", [-1e300, -1.0, 0.0, 1e12, 1e18, 1e300])
async def test_no_moment_is_too_early_or_too_late_to_go_on_from(
    server: LocalServer, agendas, key: float
):
    name, expected, never = agendas
    cursor = forged("doctors:SOONEST", key, ID)

    page = await server.ask(DOCTORS, filter={"search": name}, orderBy="SOONEST", after=cursor)

    ids = [node["id"] for node in page["nodes"]]
    if key < NOW.timestamp():
        assert ids == expected[:20]
    else:  # who is never free has a key, too: 1e18, and an id beyond that one
        assert ids == [id for id in expected if id in never][: 20 if key <= 1e18 else 0]
