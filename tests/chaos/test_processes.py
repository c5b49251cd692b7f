"""Real processes, and what their clients hear when some of them are killed."""

import asyncio
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from domain.events import SlotOpened
from domain.ids import DoctorId, SlotId, new_id
from embedded.postgres import Postgres
from migrations import migrate
from persistence import closing, database
from persistence.event_log import PostgresEventLog
from tests.chaos.clients import APPOINTMENTS, HOLD, RELEASE, SLOTS, Clinic, Ear
from tests.embedded.processes import Started, alive, descendants, running, wait_until, workers_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ROUNDS = 20
CURSOR = "{ eventCursor }"


def postmaster_of(run: Started) -> int:
    family = descendants(run.process.pid)
    [pid] = [pid for pid, command in family.items() if "bin/postgres -D" in command]
    return pid


def readiness(run: Started) -> int:
    try:
        url = f"http://127.0.0.1:{run.port}/readyz"
        return httpx.get(url, trust_env=False, timeout=5).status_code
    except httpx.HTTPError:
        return 0


async def becomes_true(holds: Callable[[], bool], seconds: float = 60) -> float:
    """After how many seconds, on a machine that others use, too; the loop goes on meanwhile."""
    began = time.monotonic()
    await asyncio.to_thread(wait_until, holds, seconds)
    return time.monotonic() - began


async def on_two_workers(
    stack: AsyncExitStack, clinic: Clinic, workers: set[int]
) -> tuple[Ear, Ear]:
    """Two sockets that listen to the doctor's slots, each at a worker of its own."""
    first = await stack.enter_async_context(clinic.hear(SLOTS, doctor=clinic.doctor))
    for _ in range(30):
        ear = await stack.enter_async_context(clinic.hear(SLOTS, doctor=clinic.doctor))
        if ear.server(workers) != first.server(workers):
            return first, ear
    raise AssertionError("one worker takes all")


async def test_what_one_worker_does_all_hear_and_a_killed_one_costs_nobody_an_event(
    begun: Path,
    capsys: pytest.CaptureFixture[str],
):
    with running(begun, "--workers", "2") as run:
        clinic = await Clinic(run.port).open()
        workers = workers_of(run.process.pid)
        slots = await clinic.publish(6)

        async with AsyncExitStack() as stack:
            one, two = await on_two_workers(stack, clinic, workers)
            own = await stack.enter_async_context(clinic.hear(APPOINTMENTS, clinic.doctor_token))
            appointment = await clinic.request(slots[0])
            heard = [await one.next(), await two.next()]
            assert heard[0] == heard[1]
            assert heard[0]["slot"] == {"id": slots[0], "status": "BOOKED"}
            assert (await own.next())["appointment"] == {"id": appointment, "status": "REQUESTED"}

            measured = await latency(clinic, slots[5], one, two)
            with capsys.disabled():
                print(f"\nfrom answer to event: {measured}")  # noqa: T201  # for people

            killed = one.server(workers)
            assert await one.silent()  # all has come
            os.kill(killed, signal.SIGKILL)
            await asyncio.wait_for(one.closed.wait(), 5)
            await clinic.request(slots[1])
            await becomes_true(lambda: len(workers_of(run.process.pid) - {killed}) == 2)
            await clinic.request(slots[2])

            async with clinic.hear(SLOTS, doctor=clinic.doctor, after=one.cursor) as again:
                await clinic.request(slots[3])
                ids = [(await again.next())["slot"]["id"] for _ in range(3)]
                assert ids == slots[1:4]
                assert await again.silent()


async def latency(clinic: Clinic, slot: str, *ears: Ear) -> str:
    """From a mutation's answer to its event at the last of these clients."""
    waited = []
    for number in range(ROUNDS):
        act = RELEASE if number % 2 else HOLD
        await clinic.act(act, clinic.patient_token, slot=slot)
        answered = time.perf_counter()
        arrived = max([(await ear.timed())[0] for ear in ears])
        waited.append((arrived - answered) * 1000)
    median = statistics.median(waited)
    assert median < 250
    return f"median {median:.1f} ms, at most {max(waited):.1f} ms, of {ROUNDS}, at two workers"


async def test_with_its_own_postgres_killed_a_run_ends_and_the_next_one_goes_on(
    begun: Path,
):
    known = {"HEALTHMED_PUBLIC_URL": "http://127.0.0.1:8000"}  # who issues tokens, on both ports
    with running(begun, environment=known) as run:
        clinic = await Clinic(run.port).open()
        [slot, other] = await clinic.publish(2)
        before = await clinic.act(CURSOR)
        await clinic.request(slot)
        family = set(descendants(run.process.pid))

        os.kill(postmaster_of(run), signal.SIGKILL)

        assert await asyncio.to_thread(run.process.wait, 30) == 1
        assert run.process.stdout is not None
        assert "PostgreSQL has ended by itself" in run.process.stdout.read()
        await becomes_true(lambda: not alive(family))

    with running(begun, environment=known) as run:
        clinic.port = run.port
        async with clinic.hear(APPOINTMENTS, clinic.patient_token, after=before) as ear:
            assert (await ear.next())["kind"] == "REQUESTED"
            await clinic.request(other)
            assert (await ear.next())["kind"] == "REQUESTED"
            assert await ear.silent()


async def test_a_server_whose_postgres_is_away_says_so_and_is_itself_again_when_it_is_back(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
):
    postgres = Postgres(folder / "elsewhere")
    with postgres, running(folder, environment={"HEALTHMED_DATABASE_URL": postgres.url()}) as run:
        clinic = await Clinic(run.port).open()
        slots = await clinic.publish(3)
        workers = workers_of(run.process.pid)
        async with (
            clinic.hear(SLOTS, doctor=clinic.doctor) as public,
            clinic.hear(APPOINTMENTS, clinic.patient_token) as own,
        ):
            for slot, end in zip(slots[:2], (Postgres.stop, crash), strict=True):
                end(postgres)
                away = await becomes_true(lambda: readiness(run) == 503)
                answer = await clinic.ask(HOLD, clinic.patient_token, slot=slot)
                assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"

                postgres.start()
                back = await becomes_true(lambda: readiness(run) == 200)
                await clinic.request(slot)
                assert (await public.next())["slot"] == {"id": slot, "status": "BOOKED"}
                assert (await own.next())["kind"] == "REQUESTED"
                with capsys.disabled():
                    print(f"\nunready in {away:.1f} s, ready in {back:.1f} s")  # noqa: T201
            assert await public.silent()
            assert own.heard.empty()
        assert workers_of(run.process.pid) == workers


def crash(postgres: Postgres) -> None:
    assert postgres._server is not None
    postgres._server.kill()
    postgres._server.wait()


async def test_a_crash_of_postgres_puts_no_event_before_a_cursor_that_was_given_out(
    folder: Path,
):
    """Ids of transactions that left nothing on disk are given again after it."""
    with Postgres(folder / "postgres") as postgres:
        await asyncio.to_thread(migrate.upgrade, postgres.url())
        pool = await database.connect(postgres.url(), size=2)
        await tell(pool)
        for _ in range(5):
            await pool.execute("SELECT pg_notify('anything', 'look')")
        cursor = await PostgresEventLog(pool).now()
        crash(postgres)
        pool.terminate()

        postgres.start()
        pool = await database.connect(postgres.url(), size=2)
        await tell(pool)
        page = await PostgresEventLog(pool).read(cursor, limit=10)
        pool.terminate()

    assert len(page.events) == 1


async def tell(pool: database.Pool) -> None:
    opened = SlotOpened(doctor_id=DoctorId(new_id()), slot_id=SlotId(new_id()))
    async with pool.acquire() as connection, connection.transaction():
        await closing.store(connection, told=[opened])
