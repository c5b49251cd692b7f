"""Servers whose way to Postgres leads through pgbouncer, which mixes their transactions."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import asyncpg
import pytest

from app import App
from domain.auth import Viewer
from embedded import database as ours
from embedded import seaweed
from embedded.postgres import Postgres
from migrations import migrate
from persistence import database
from persistence.database import Pool
from tests import make, pgbouncer
from tests.chaos.storm import faults
from tests.chaos.storm.cluster import Cluster
from tests.chaos.storm.trial import Trial
from wiring.settings import Settings

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="Debian's pgbouncer"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
]

VIEWER = "SELECT current_setting('healthmed.viewer', true)"


@pytest.fixture
async def postgres(folder: Path) -> AsyncGenerator[Postgres]:
    with Postgres(folder / "postgres") as it:
        await asyncio.to_thread(migrate.upgrade, it.url())
        await ours.let_servers_in(it.url())
        yield it


@pytest.fixture
def bouncer(folder: Path, postgres: Postgres) -> Iterator[Path]:
    with pgbouncer.running(pgbouncer.program(), folder / "bouncer", postgres._sockets) as it:
        yield it


@pytest.fixture
def url(postgres: Postgres, bouncer: Path) -> str:
    return postgres.url(user=ours.SERVERS).replace(str(postgres._sockets), str(bouncer))


@pytest.fixture
async def pool(url: str) -> AsyncGenerator[Pool]:
    it = await database.connect(url, size=20, pooled=True)
    yield it
    it.terminate()


async def test_servers_do_all_that_they_do_elsewhere(
    folder: Path, postgres: Postgres, bouncer: Path
):
    direct = postgres.url(user=ours.SERVERS)
    settings = {"HEALTHMED_DATABASE_POOLED": "true", "HEALTHMED_DATABASE_LISTEN_URL": direct}
    async with (
        Cluster.up(folder, postgres, sockets=bouncer, settings=settings) as cluster,
        Trial.of(cluster) as trial,
    ):
        await trial.all_go_on(10)
        assert not trial.errors
        await trial.strike(faults.kill_a_server)
        await trial.strike(faults.lose_connections)
        await trial.strike(faults.kill_postgres)
        assert sum(len(doctor.listener.heard) for doctor in trial.doctors) > 10

    for server in cluster.servers:
        assert "prepared statement" not in server.said
        assert "sessions are not as" not in server.said


async def test_whose_a_transaction_is_does_not_outlast_it(pool: Pool):
    """A connection is another viewer's the moment after."""
    viewer = make.patient().viewer

    async def read(viewer: Viewer | None) -> list[str | None]:
        async with pool.acquire() as connection, connection.transaction():
            if viewer is not None:
                said = "SELECT set_config('healthmed.viewer', $1, true)"
                await connection.fetchval(said, str(viewer.user_id))
            return [await connection.fetchval(VIEWER) for _ in range(3)]

    seen = await asyncio.gather(*(read(each) for each in [viewer, None] * 50))

    assert all(each == [str(viewer.user_id)] * 3 for each in seen[::2])
    assert all(each in ([None] * 3, [""] * 3) for each in seen[1::2])


async def test_statements_of_one_are_not_taken_for_those_of_another(pool: Pool):
    """Each asks for something of another shape; all share three connections."""

    async def ask(number: int) -> object:
        columns = ", ".join(f"$1::int + {each}" for each in range(number % 7 + 1))
        return list(await pool.fetchrow(f"SELECT {columns}", number))

    answers = await asyncio.gather(*(ask(number) for number in range(500)))

    assert answers == [[n + each for each in range(n % 7 + 1)] for n in range(500)]


async def test_without_the_setting_statements_do_meet(url: str):
    """So it is needed, with this pgbouncer."""
    pool = await asyncpg.create_pool(url, min_size=10, max_size=10)
    try:
        with pytest.raises(asyncpg.PostgresError, match="prepared statement"):
            await asyncio.gather(
                *(pool.fetchval(f"SELECT $1::int + {n % 5}", n) for n in range(500))
            )
    finally:
        pool.terminate()


async def test_sessions_are_as_they_are_without_it(pool: Pool):
    assert await database.is_as_we_want_it(pool)


def test_a_server_that_could_hear_nothing_does_not_start(keys_file: Path):
    settings = Settings(database_url="", database_pooled=True, keys_file=keys_file)

    with pytest.raises(SystemExit, match="Set HEALTHMED_DATABASE_LISTEN_URL"):
        App(settings)
