"""Who asks in a crowd: few rows are read for it, and each is told what is his, as it is then."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

from app import Caller
from domain.slots import SlotStatus
from plans.batches import MOST, SLOTS, Batch
from tests import make
from tests.make import Person
from tests.server import LocalServer, gid, plain

SLOT = "query ($id: ID!) { node(id: $id) { ... on Slot { id status } } }"
OWN = "{ viewer { ... on PatientViewer { patient { id } } } }"


async def quick(
    server: LocalServer, query: str, person: Person | None = None, **variables: Any
) -> Any:
    """As a plan has it."""
    caller = Caller(viewer=person.viewer if person else None)
    data = await server.app.quick(caller, server.documents.prepare(query), plain(variables))
    assert data is not None
    return json.loads(data)


@contextmanager
def rows() -> Generator[list[int]]:
    """How many each statement of a plan was given."""
    seen: list[int] = []
    fetch = Batch._fetch

    async def noting(batch: Batch, riding: Any) -> Any:
        seen.append(len(riding))
        return await fetch(batch, riding)

    with mock.patch.object(Batch, "_fetch", noting):
        yield seen


async def test_a_crowd_that_asks_for_the_same_is_one_row(server: LocalServer):
    doctor = make.doctor()
    slots = [make.slot(doctor, starts_at=make.TOMORROW + n * timedelta(hours=1)) for n in range(5)]
    await server.given(doctor, *slots)

    with rows() as seen:
        answers = await asyncio.gather(
            *(quick(server, SLOT, id=gid(slots[n % 5])) for n in range(300))
        )

    assert seen[:SLOTS] == [1] * SLOTS  # nobody waits while there is a slot
    assert sum(seen) == SLOTS + 5
    told = [answer["node"] for answer in answers]
    assert told == [{"id": gid(slots[n % 5]), "status": "OPEN"} for n in range(300)]


async def test_what_differs_rides_in_rows_of_its_own(server: LocalServer):
    doctor = make.doctor()
    count = SLOTS + 2 * MOST
    slots = [
        make.slot(doctor, starts_at=make.TOMORROW + n * timedelta(hours=1)) for n in range(count)
    ]
    await server.given(doctor, *slots)

    with rows() as seen:
        answers = await asyncio.gather(*(quick(server, SLOT, id=gid(slot)) for slot in slots))

    assert [answer["node"]["id"] for answer in answers] == [gid(slot) for slot in slots]
    assert sorted(seen) == [1] * SLOTS + [MOST] * 2


async def test_in_a_crowd_each_is_told_of_himself(server: LocalServer):
    patients = [make.patient() for _ in range(40)]
    await server.given(*patients)

    answers = await asyncio.gather(
        *(quick(server, OWN, patients[n % 40]) for n in range(400)),
    )

    told = [answer["viewer"]["patient"]["id"] for answer in answers]
    assert told == [gid(patients[n % 40]) for n in range(400)]


async def test_who_asks_after_a_change_is_told_of_it_though_others_ask_all_the_time(
    server: LocalServer,
):
    """He never shares what was read for those who had asked before."""
    doctor, patient = make.doctor(), make.patient()
    slots = [make.slot(doctor, starts_at=make.TOMORROW + n * timedelta(hours=1)) for n in range(9)]
    await server.given(doctor, patient, *slots)
    crowded = True

    async def look_on(slot: Any) -> None:
        while crowded:
            await quick(server, SLOT, id=gid(slot))

    async def changed(slot: Any) -> Any:
        await server.fetch("UPDATE slot SET status = 'WITHDRAWN' WHERE id = $1", slot.id)
        return await quick(server, SLOT, id=gid(slot))

    crowd = [asyncio.create_task(look_on(slots[n % 9])) for n in range(60)]
    try:
        told = [await changed(slot) for slot in slots]
    finally:
        crowded = False
        await asyncio.gather(*crowd)

    assert [each["node"]["status"] for each in told] == [SlotStatus.WITHDRAWN] * 9


async def test_who_goes_away_takes_nobody_along(server: LocalServer):
    doctor = make.doctor()
    slot = make.slot(doctor)
    await server.given(doctor, slot)

    crowd = [asyncio.create_task(quick(server, SLOT, id=gid(slot))) for _ in range(60)]
    await asyncio.sleep(0)  # all have asked
    for task in crowd[::2]:
        task.cancel()
    answers = await asyncio.gather(*crowd, return_exceptions=True)

    assert all(isinstance(each, asyncio.CancelledError) for each in answers[::2])
    assert answers[1::2] == [{"node": {"id": gid(slot), "status": "OPEN"}}] * 30
    assert await quick(server, SLOT, id=gid(slot)) == answers[1]  # and every slot is free again
