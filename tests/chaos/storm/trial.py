"""People who live on in a cluster, whatever is done to it, and what becomes of them."""

import asyncio
import logging
import statistics
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

from tests.chaos.storm import ledger, people
from tests.chaos.storm.cluster import Cluster
from tests.chaos.storm.faults import Fault
from tests.chaos.storm.keeper import Keeper
from tests.chaos.storm.people import Doctor, Patient

log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)

CALM = 1.0  # seconds between two faults, once all is ready again


@dataclass
class Trial:
    cluster: Cluster
    doctors: list[Doctor]
    patients: list[Patient]
    keeper: Keeper
    without_answer: dict[str, list[float]] = field(default_factory=dict)  # seconds, by fault
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _acting: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def of(
        cls,
        cluster: Cluster,
        *,
        doctors: int = 2,
        patients: int = 6,
        kind: type[Patient] = Patient,
    ) -> AsyncGenerator[Self]:
        """So many of them, who act and hear from now on. At the end all of it has to agree."""
        it = cls(
            cluster,
            [await people.register_doctor(cluster, number) for number in range(doctors)],
            [await people.register_patient(cluster, kind) for _ in range(patients)],
            await Keeper.register(cluster),
        )
        slots = zip(*(doctor.slots for doctor in it.doctors), strict=True)
        free = [slot for row in slots for slot in row]
        around = [
            *(asyncio.create_task(each.listener.run()) for each in (*it.doctors, *it.patients)),
            *(asyncio.create_task(doctor.live()) for doctor in it.doctors),
        ]
        it._acting = [
            *(asyncio.create_task(each.live(free, it._over)) for each in it.patients),
            asyncio.create_task(it.keeper.live(it._over)),
        ]
        try:
            yield it
            await it.rest()
            await ledger.agrees(cluster.postgres.url(), it.doctors, it.patients)
            await it.keeper.agrees()
        finally:
            for task in (*around, *it._acting):
                task.cancel()
            await asyncio.gather(*around, *it._acting, return_exceptions=True)

    async def rest(self) -> None:
        """Return when no patient acts any more; doctors still answer."""
        self._over.set()
        await asyncio.gather(*self._acting)

    @property
    def errors(self) -> Counter[str]:
        """That anybody was told, by code."""
        told: Counter[str] = Counter()
        for each in (*self.doctors, *self.patients, self.keeper):
            told += each.line.errors
        return told

    async def strike(self, fault: Fault) -> None:
        """Return when all is well again. The log says for how long patients had no answer."""
        await self.cluster.whole()
        await asyncio.sleep(CALM)
        struck = time.monotonic()
        await fault(self.cluster)
        await self.cluster.whole()
        await self.all_go_on()
        gaps = [_longest_gap(patient.line.succeeded, struck) for patient in self.patients]
        self.without_answer.setdefault(fault.__name__, []).extend(gaps)
        log.info(
            "%s: without an answer p99 %.1f s, at most %.1f s",
            *(fault.__name__.replace("_", " "), _p99(gaps), max(gaps)),
        )

    async def all_go_on(self, times: int = 1) -> None:
        """Return when each patient has had so many answers since now."""
        before = [len(patient.line.succeeded) for patient in self.patients]
        async with asyncio.timeout(people.LONGEST):
            while any(
                len(patient.line.succeeded) < had + times
                for patient, had in zip(self.patients, before, strict=True)
            ):
                for task in self._acting:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.05)

    def __str__(self) -> str:
        """For people: what there was of each, and how long faults kept patients waiting."""
        everybody = (*self.doctors, *self.patients)
        given = sum(len(patient.given) for patient in self.patients)
        lines = sum(person.listener.lines for person in everybody)
        heard = sum(len(person.listener.heard) for person in everybody)
        anew = sum(person.listener.resyncs for person in everybody)
        documents = len(self.keeper.kept)
        told = [f"\n{given} appointments, {heard} events on {lines} lines, {documents} documents"]
        told.append(f"  {anew} times read anew")
        for name, gaps in self.without_answer.items():
            words, median = name.replace("_", " "), statistics.median(gaps)
            told.append(f"  {words:<40} median {median:5.1f} s   p99 {_p99(gaps):5.1f} s")
        return "\n".join([*told, f"  errors told: {dict(self.errors) or 'none'}"])


def _p99(gaps: list[float]) -> float:
    return statistics.quantiles(gaps, n=100, method="inclusive")[98]


def _longest_gap(succeeded: list[float], since: float) -> float:
    moments = [since, *(moment for moment in succeeded if moment > since)]
    return max(later - earlier for earlier, later in pairwise(moments))
