"""Two servers are replaced one after the other under the load of a mixed day (M1, in small).

Hundreds of people hear of their appointments and of a doctor's times; they search, look, ask and
are answered, in the shares of `benchmarks/mixed.py`. Nobody loses an event or
hears it twice, nothing that was confirmed is lost, and nobody is told worse than to ask elsewhere.
"""

import asyncio
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from benchmarks.candidates import SETTINGS
from benchmarks.ledgers import ms
from benchmarks.mixed import SHARES
from embedded import database, seaweed
from embedded.postgres import Postgres
from migrations import migrate
from tests.chaos import clients
from tests.chaos.at_length import at_length
from tests.chaos.storm import faults
from tests.chaos.storm.cluster import Cluster
from tests.chaos.storm.people import OWN, SEARCH, Doctor, Listener, Patient
from tests.chaos.storm.trial import Trial

pytestmark = [
    at_length,
    pytest.mark.skipif(sys.platform != "linux", reason="processes die with us"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
]
log = logging.getLogger(__name__)

DOCTORS, PATIENTS = 8, 200
EACH = PATIENTS / 40  # seconds between two acts of one: forty things are done in each
CALM, HEARD_IN = 10.0, 60.0  # seconds
DONE = {name: share for name, share in SHARES.items() if name not in ("answer", "upload")}
DOCTOR = "query ($id: ID!) { node(id: $id) { ... on Doctor { id name crm rating { count } } } }"
LOGGED = (
    "SELECT slot_id, name FROM event WHERE doctor_id = $1 AND name IN ('SlotBooked',"
    " 'SlotReleased')"
)


@dataclass
class Visitor(Patient):
    """Does one thing after the other, as a patient of M1. `took`: seconds, until it was done."""

    doctor: str = ""
    took: list[float] = field(default_factory=list)

    async def live(self, free: list[str], over: asyncio.Event) -> None:
        await asyncio.sleep(random.random() * EACH)  # noqa: S311
        while not over.is_set():
            began = time.monotonic()
            [name] = random.choices([*DONE], [*DONE.values()])  # noqa: S311
            if name == "search":
                await self.line.act(SEARCH)
            elif name == "doctor":
                await self.line.act(DOCTOR, id=self.doctor)
            elif name == "visits" or not free:
                await self.line.act(OWN)
            else:
                await self._request(free.pop(), free)
            self.took.append(time.monotonic() - began)
            await asyncio.sleep(random.uniform(0.5, 1.5) * EACH)  # noqa: S311


@asynccontextmanager
async def hearing(listeners: list[Listener]) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(each.run()) for each in listeners]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def heard_each_once(url: str, doctors: list[Doctor], listeners: list[Listener]) -> None:
    """What the log has of a doctor's times all have heard who listen to him."""
    connection = await asyncpg.connect(url)
    for doctor in doctors:
        for listener in (each for each in listeners if each.about == {"doctor": doctor.id}):
            deadline = time.monotonic() + HEARD_IN
            while await _logged(connection, doctor) - Counter(listener.heard):
                assert time.monotonic() < deadline, "an event has not been heard"
                await asyncio.sleep(0.05)
            assert not Counter(listener.heard) - await _logged(connection, doctor)
            assert not listener.resyncs
    await connection.close()


async def _logged(connection: asyncpg.Connection, doctor: Doctor) -> Counter[tuple[str, str]]:
    rows = await connection.fetch(LOGGED, doctor.id.partition("_")[2])
    return Counter(
        (f"slot_{row['slot_id']}", row["name"].removeprefix("Slot").upper()) for row in rows
    )


async def test_nobody_loses_anything_by_a_rolling_restart_under_load(folder: Path):
    with Postgres(folder / "postgres") as postgres:
        await asyncio.to_thread(migrate.upgrade, postgres.url())
        urls = [postgres.url(user=database.SERVERS)] * 2
        async with (
            Cluster.up(folder, postgres, urls=urls, settings=SETTINGS) as cluster,
            Trial.of(cluster, doctors=DOCTORS, patients=PATIENTS, kind=Visitor) as trial,
        ):
            visitors = [each for each in trial.patients if isinstance(each, Visitor)]
            listeners = []
            for number, each in enumerate(visitors):
                each.doctor = trial.doctors[number % DOCTORS].id
                about = {"doctor": each.doctor}
                cursor = each.listener.cursor
                listeners.append(Listener(each.line, cursor, clients.SLOTS, about))
            async with hearing(listeners):
                for _ in range(2):
                    await asyncio.sleep(CALM)
                    await trial.strike(faults.deploy)
                await asyncio.sleep(CALM)
                await trial.rest()
                await heard_each_once(postgres.url(), trial.doctors, listeners)

            took = sorted(seconds for each in visitors for seconds in each.took)
            log.info(
                "%s things done by %s people over two rolling restarts: p50 %s, p99 %s, the"
                " slowest %s; %s events told to %s listeners",
                *(len(took), PATIENTS + DOCTORS, ms(took, 0.5), ms(took, 0.99), ms(took, 1)),
                *(sum(len(each.heard) for each in listeners), len(listeners)),
            )
            assert set(trial.errors) <= {"UNAVAILABLE"}  # it drains, or has too much to do
