"""Who is let in, who waits, and who is told to come back; how long is told by tests/chaos."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import httpx
import pytest

from tests.transport.conftest import LIMITS, PATIENCE, Connect, until
from tests.transport.world import World
from transport import entrance, telemetry
from transport.entrance import SHED, WAITED, Entrance, Overloaded

FEW = replace(LIMITS, answers_at_once=2, operation_seconds=30)
GATED = {"json": {"query": "{ gated }"}}
RESPONSE = "application/graphql-response+json"
limited = pytest.mark.parametrize("limits", [FEW])


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter than in earnest."""
    monkeypatch.setattr(entrance, "BRIEF", 0.02)
    monkeypatch.setattr(entrance, "STANDING", 0.1)


@pytest.fixture
def long_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is turned away because the machine itself stood still."""
    monkeypatch.setattr(entrance, "STANDING", 10)


async def inside(door: Entrance, seconds: float) -> float:
    """How long it took to get in. Stays for so long then."""
    began = time.perf_counter()
    await door.enter()
    took = time.perf_counter() - began
    await asyncio.sleep(seconds)
    door.leave()
    return took


def shed() -> float:
    value: float = SHED._value.get()
    return value


@pytest.mark.usefixtures("long_patience")
async def test_so_many_are_inside_and_the_others_follow_in_the_order_of_their_coming():
    door, left = Entrance(2), []

    async def visit(number: int) -> None:
        await inside(door, 0.01)
        left.append(number)

    await asyncio.gather(*(visit(number) for number in range(7)))

    assert left == list(range(7))
    assert (door._inside, len(door._waiting)) == (0, 0)


async def test_without_a_bound_nobody_waits():
    door, before = Entrance(None), WAITED._sum.get()

    await asyncio.gather(*(inside(door, 0.01) for _ in range(500)))

    assert WAITED._sum.get() == before


@pytest.mark.usefixtures("patience", "long_patience")
async def test_a_burst_that_is_worked_off_in_time_is_let_in_whole():
    door, before = Entrance(10), shed()

    await asyncio.gather(*(inside(door, 0.001) for _ in range(60)))

    assert shed() == before


@pytest.mark.usefixtures("patience")
async def test_whoever_has_waited_for_long_is_turned_away_where_nothing_moves():
    door, before, began = Entrance(1), shed(), time.perf_counter()
    await door.enter()

    async with asyncio.timeout(PATIENCE):
        refused = await asyncio.gather(*(door.enter() for _ in range(5)), return_exceptions=True)

    assert {type(each) for each in refused} == {Overloaded}
    assert 0.1 <= time.perf_counter() - began < PATIENCE
    assert shed() == before + 5
    door.leave()
    await asyncio.wait_for(door.enter(), PATIENCE)


class Clock:
    """In place of the entrance's `time`."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


async def test_where_somebody_always_waits_nobody_joins_who_would_wait_for_long(
    monkeypatch: pytest.MonkeyPatch,
):
    clock, waits = Clock(), []
    monkeypatch.setattr(entrance, "time", clock)
    door, told, came = Entrance(1), [], set[asyncio.Task[None]]()
    await door.enter()

    async def come() -> None:
        began = clock.now
        with suppress(Overloaded):
            await door.enter()
            waits.append((began, clock.now - began))

    for step in range(1500):  # each 5 ms somebody leaves, and five come
        clock.now = 0.005 * step
        coming = [asyncio.create_task(come()) for _ in range(5)]
        came.update(coming)
        await asyncio.sleep(0)
        told.append(len([task for task in coming if task.done()]))
        door.leave()
        await asyncio.sleep(0)
    for task in came:
        task.cancel()

    burst, settled = told[:99], told[-300:]
    late = [wait for began, wait in waits if began > 4]
    assert sum(burst) == 0  # for half a second all of them are let in
    assert sum(settled) == 300 * 4  # then as many as leave, and the others know at once
    assert min(late) > 0.08
    assert max(late) < 0.13
    assert len(late) > 300


@pytest.mark.usefixtures("patience", "long_patience")
async def test_it_is_let_in_again_as_soon_as_nobody_waits():
    door = Entrance(1)
    await door.enter()
    waiting = [asyncio.create_task(door.enter()) for _ in range(3)]
    await asyncio.sleep(0.05)
    for task in waiting:
        door.leave()
        await task
    door.leave()
    before = WAITED._sum.get()
    await inside(door, 0)
    assert WAITED._sum.get() == before
    assert door._inside == 0


@pytest.mark.usefixtures("long_patience")
@pytest.mark.parametrize("turn_has_come", [False, True])
async def test_who_goes_away_while_he_waits_leaves_his_turn_to_the_next(turn_has_come: bool):
    door = Entrance(1)
    await door.enter()
    first, second = (asyncio.create_task(door.enter()) for _ in range(2))
    await asyncio.sleep(0)

    if turn_has_come:
        door.leave()
        first.cancel()
    else:
        first.cancel()
        await asyncio.sleep(0)
        door.leave()

    await asyncio.wait_for(second, PATIENCE)
    assert first.cancelled()
    assert door._inside == 1


# ------------------------------------------------------------------ over HTTP


async def crowd(http: httpx.AsyncClient, world: World) -> list[asyncio.Task[httpx.Response]]:
    """Two are inside, one waits."""
    world.hub.gate = asyncio.Event()
    tasks = [asyncio.create_task(http.post("/graphql", **GATED)) for _ in range(3)]
    await until(lambda: len(world.contexts) == 2)
    return tasks


@limited
@pytest.mark.usefixtures("patience")
async def test_who_waited_in_vain_is_told_when_to_come_back_and_nothing_has_run(
    http: httpx.AsyncClient, world: World
):
    tasks = await crowd(http, world)

    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    [refused] = [task.result() for task in done]

    [error] = refused.json()["errors"]
    assert refused.status_code == 503
    assert 1 <= int(refused.headers["retry-after"]) <= 3
    assert error["extensions"] == {
        "code": "UNAVAILABLE",
        "retryAfter": int(refused.headers["retry-after"]),
    }
    assert "data" not in refused.json()
    assert len(world.contexts) == 2
    world.hub.gate.set()
    answers = await asyncio.gather(*(task for task in tasks if task not in done))
    assert [answer.json()["data"] for answer in answers] == [{"gated": "done"}] * 2


@limited
@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("accept", ["application/json", RESPONSE])
async def test_who_comes_to_a_standing_crowd_is_turned_away_before_he_is_read(
    http: httpx.AsyncClient, world: World, accept: str
):
    headers = {"accept": accept, "content-type": "application/json"}
    async with standing_crowd(http, world):
        errors = telemetry.ERRORS.labels("UNAVAILABLE")._value.get()
        refused = await http.post("/graphql", content=b"no JSON at all", headers=headers)
        by_get = await http.get("/graphql", params={"query": "{ who }"})

    assert (refused.status_code, by_get.status_code) == (503, 503)
    assert refused.headers["content-type"].startswith(accept)
    assert telemetry.ERRORS.labels("UNAVAILABLE")._value.get() > errors


@asynccontextmanager
async def standing_crowd(http: httpx.AsyncClient, world: World) -> AsyncGenerator[None]:
    """Somebody has always waited, for long enough."""
    tasks = await crowd(http, world)

    async def keep_coming() -> None:
        while True:
            tasks.append(asyncio.create_task(http.post("/graphql", **GATED)))
            await asyncio.sleep(0.01)

    coming = asyncio.create_task(keep_coming())
    await asyncio.sleep(0.2)
    yield
    coming.cancel()
    world.hub.gate.set()
    assert {answer.status_code for answer in await asyncio.gather(*tasks)} == {200, 503}


@limited
@pytest.mark.usefixtures("patience")
async def test_sockets_and_streams_are_never_turned_away(
    http: httpx.AsyncClient, world: World, connect: Connect
):
    events = {"accept": "text/event-stream"}
    async with standing_crowd(http, world), connect() as client:
        await client.init()
        await client.subscribe("1", "{ who }")
        heard = await client.hear()
        stream = await http.post("/graphql", json={"query": "{ who }"}, headers=events)

    assert heard["payload"]["data"] == {"who": None}
    assert stream.status_code == 200


@limited
async def test_how_long_they_wait_is_told(http: httpx.AsyncClient, world: World):
    before, began = WAITED._sum.get(), time.perf_counter()
    tasks = await crowd(http, world)
    await asyncio.sleep(0.05)
    world.hub.gate.set()
    await asyncio.gather(*tasks)

    assert 0.05 <= WAITED._sum.get() - before < time.perf_counter() - began
