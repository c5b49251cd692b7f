"""The clock of a server is set while it runs, by hours and days: nobody else's time goes wrong."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from embedded import seaweed
from embedded.postgres import Postgres
from migrations import migrate
from tests.chaos.at_length import at_length
from tests.chaos.storm.cluster import FAILURES, Cluster, Server
from tests.chaos.storm.trial import Trial
from tests.chaos.storm.wrong_clock import WrongClock, library

pytestmark = [
    at_length,
    pytest.mark.skipif(sys.platform != "linux", reason="libfaketime, as Debian has it"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
]

# The last one, for links to documents are signed by the wall clock.
JUMPS = {"+25h": timedelta(hours=25), "-2d": timedelta(days=-2), "+0": timedelta(0)}
SETTLES = 5.0  # seconds: libfaketime looks at its file each second, a server at clocks every two


async def shown(cluster: Cluster, server: Server) -> timedelta:
    """How far the wall clock of a server is ahead, by the date of its answers."""
    answer = await cluster.client.get(f"http://127.0.0.1:{server.port}/healthz")
    return parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)


async def test_a_server_whose_clock_is_set_goes_on_and_nothing_lapses(folder: Path):
    library()
    with Postgres(folder / "postgres") as postgres:
        await asyncio.to_thread(migrate.upgrade, postgres.url())
        async with Cluster.up(folder, postgres) as cluster:
            [server, _] = cluster.servers
            clock = WrongClock(server, folder / "clock")
            clock.install()
            server.kill()
            server.failed = FAILURES
            server.start()
            await cluster.whole()
            assert abs(await shown(cluster, server)) < timedelta(minutes=1)

            async with Trial.of(cluster) as trial:
                await trial.all_go_on(3)
                for by, ahead in JUMPS.items():

                    async def set_the_clock(_: Cluster, by: str = by) -> None:
                        clock.set(by)
                        await asyncio.sleep(SETTLES)

                    await trial.strike(set_the_clock)
                    off = await shown(cluster, server) - ahead
                    assert abs(off) < timedelta(minutes=1)
                    await trial.all_go_on(5)
                    await asyncio.sleep(SETTLES)  # sweeps had their time

                assert not trial.errors
                assert server.healthy
