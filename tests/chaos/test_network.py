"""The network between servers and Postgres is cut: nobody hangs up, for nothing arrives to tell.

Postgres lives in a network namespace of its own, and each server has a cable to it: TCP as between
two machines, with whatever the kernel at either end does about silence.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from embedded import database, seaweed
from embedded.postgres import Postgres
from migrations import migrate
from tests.chaos.at_length import at_length
from tests.chaos.storm.cluster import Cluster
from tests.chaos.storm.link import Link, apart
from tests.chaos.storm.trial import Trial

pytestmark = [
    at_length,
    pytest.mark.skipif(sys.platform != "linux", reason="makes network namespaces"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
]

LASTS = 30.0  # seconds: by then Postgres has ended what was left open
WHOLE_IN = 30.0  # seconds from the moment at which the cable is in again


@asynccontextmanager
async def linked(folder: Path) -> AsyncGenerator[tuple[Cluster, list[Link]]]:
    """Each server has the link of its own number."""
    with apart(2) as there:
        postgres = Postgres(folder / "postgres", there.settings(folder))
        with there.entered():
            postgres.start()
        try:
            await asyncio.to_thread(migrate.upgrade, postgres.url())
            urls = there.urls("postgres", database.SERVERS)
            async with Cluster.up(folder, postgres, urls=urls) as cluster:
                yield cluster, there.links
        finally:
            postgres.stop()


async def test_a_server_whose_cable_is_pulled_is_passed_by_and_comes_back(folder: Path):
    async with linked(folder) as (cluster, links), Trial.of(cluster) as trial:
        [one, other] = cluster.servers

        async def pull_one_of_two_cables(_: Cluster) -> None:
            assert len(links[0].held_open()) > 1
            links[0].pull()
            await asyncio.sleep(LASTS)
            assert (one.healthy, other.healthy) == (False, True)
            await trial.all_go_on(3)
            assert len(links[0].held_open()) <= 1  # for wake-ups, whose silence is heard
            links[0].mend()
            await cluster.whole(WHOLE_IN)

        await trial.strike(pull_one_of_two_cables)

        assert set(trial.errors) <= {"INTERNAL"}


async def test_with_all_cables_pulled_nobody_is_told_anything_and_all_go_on_afterwards(
    folder: Path,
):
    async with linked(folder) as (cluster, links), Trial.of(cluster) as trial:

        async def pull_all_cables(_: Cluster) -> None:
            for link in links:
                link.pull()
            await asyncio.sleep(LASTS)
            assert cluster.somewhere() is None
            for link in links:
                link.mend()
            await cluster.whole(WHOLE_IN)

        await trial.strike(pull_all_cables)

        assert set(trial.errors) <= {"INTERNAL"}
