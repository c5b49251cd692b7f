"""Two servers, one thing after the other goes wrong, and nobody is told what does not hold.

Clients keep a ledger of what they were told; at the end rows are compared with it. Here each fault
comes once, and short; `./dev chaos` goes on for half an hour, with longer ones, more of them and
more people, half of it woken by Valkey and half by Postgres.
"""

import asyncio
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from embedded import seaweed
from embedded.postgres import Postgres
from migrations import migrate
from tests import valkey
from tests.chaos.storm import faults
from tests.chaos.storm.cluster import Cluster
from tests.chaos.storm.trial import Trial

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
]

SECONDS = float(os.environ.get("HEALTHMED_STORM_SECONDS", "0"))  # at least; each fault comes once
WAKING = ["Valkey", "Postgres"] if SECONDS else ["Valkey"]


@pytest.mark.parametrize("waking", WAKING)
async def test_nothing_that_was_told_is_lost_or_doubled_whatever_fails(
    folder: Path, waking: str, capsys: pytest.CaptureFixture[str]
):
    people = {"doctors": 3, "patients": 9} if SECONDS else {}
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(folder / "postgres"))
        carrier = stack.enter_context(valkey.running()) if waking == "Valkey" else None
        await asyncio.to_thread(migrate.upgrade, postgres.url())
        async with Cluster.up(folder, postgres, valkey=carrier) as cluster:
            async with Trial.of(cluster, **people) as trial:
                await _storm(cluster, trial)
            with capsys.disabled():
                print(f"{trial}\n  woken by {waking}")  # noqa: T201  # for people


async def _storm(cluster: Cluster, trial: Trial) -> None:
    coming = faults.SHORT
    if SECONDS:
        coming += faults.MORE
        cluster.lasts = faults.LONG
    if cluster.valkey is None:
        coming = tuple(fault for fault in coming if "valkey" not in fault.__name__)
    began = time.monotonic()
    while True:
        for fault in coming:
            await trial.strike(fault)
        if time.monotonic() - began >= SECONDS / len(WAKING):
            return
