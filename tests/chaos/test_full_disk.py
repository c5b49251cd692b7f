"""The disk beneath Postgres, or beneath the object store, is full, and then it is not."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from domain.limits import Limits
from domain.objects import StoreUnreachable
from embedded import seaweed
from embedded.postgres import Postgres
from embedded.seaweed import Seaweed
from migrations import migrate
from persistence.objects import S3Objects
from tests.chaos.at_length import at_length
from tests.chaos.storm.cluster import Cluster
from tests.chaos.storm.small_disk import SmallDisk, small_disk
from tests.chaos.storm.trial import Trial
from tests.persistence.stores import CONTENT, PDF, Store, chunks, new_key
from wiring.parts import bucket
from wiring.settings import Settings

pytestmark = [
    at_length,
    pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
]

LASTS = 4.0  # seconds


async def refused_for_want_of_room(connection: asyncpg.Connection) -> None:
    """A row that needs a new page finds none. Unlogged, for the log's room is to last."""
    rows = "SELECT repeat('x', 1000) FROM generate_series(1, 10000)"
    with pytest.raises(asyncpg.DiskFullError):
        await connection.execute(f"CREATE UNLOGGED TABLE too_much AS {rows}")


async def room_for_its_log(connection: asyncpg.Connection) -> None:
    """16 MiB of it, in a segment that is there: a switch alone leaves it to the next record to make
    one, and to die of it if there is no room any more.
    """
    await connection.execute("SELECT pg_switch_wal()")
    await connection.execute("SELECT pg_logical_emit_message(true, 'room', 'for the log')")


async def ask_for_a_new_segment(url: str) -> None:
    """Of its log, for which there is no room: this is what Postgres itself dies of."""
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(url, timeout=5)
        try:
            for _ in range(10):
                await connection.execute("SELECT txid_current(); SELECT pg_switch_wal()")
        finally:
            connection.terminate()


async def test_with_no_room_for_a_row_servers_say_so_and_with_room_they_go_on(folder: Path):
    with small_disk(folder / "disk", 160) as disk, Postgres(disk.folder / "postgres") as postgres:
        await asyncio.to_thread(migrate.upgrade, postgres.url())
        async with Cluster.up(folder, postgres) as cluster, Trial.of(cluster) as trial:

            async def fill_the_disk(_: Cluster) -> None:
                connection = await asyncpg.connect(postgres.url())
                await room_for_its_log(connection)
                disk.fill()
                await refused_for_want_of_room(connection)
                deadline = time.monotonic() + LASTS
                while time.monotonic() < deadline:
                    disk.fill()
                    await asyncio.sleep(0.1)
                disk.empty()
                assert postgres.is_running(), postgres.log.read_text()[-2000:]
                await connection.close()

            await trial.strike(fill_the_disk)

            assert set(trial.errors) <= {"INTERNAL"}


async def test_a_postgres_that_has_died_of_it_has_all_that_was_told(folder: Path):
    with small_disk(folder / "disk", 160) as disk, Postgres(disk.folder / "postgres") as postgres:
        await asyncio.to_thread(migrate.upgrade, postgres.url())
        async with Cluster.up(folder, postgres) as cluster, Trial.of(cluster) as trial:

            async def fill_the_disk(_: Cluster) -> None:
                disk.fill()
                deadline = time.monotonic() + 60
                while postgres.is_running() and time.monotonic() < deadline:
                    await ask_for_a_new_segment(postgres.url())
                    disk.fill()
                    await asyncio.sleep(0.1)
                assert not postgres.is_running()
                disk.empty()
                await asyncio.to_thread(postgres.start)

            await trial.strike(fill_the_disk)


async def test_a_full_object_store_keeps_what_it_has_and_takes_more_once_there_is_room(
    folder: Path,
):
    with small_disk(folder / "disk", 200) as disk, Seaweed(disk.folder / "s3") as running:
        told = running.settings().items()
        given = {name.removeprefix("HEALTHMED_").lower(): it for name, it in told}
        place = bucket(Settings(database_url="", keys_file=Path("none"), **given))
        assert place is not None
        async with (
            S3Objects.open(place, Limits()) as objects,
            httpx.AsyncClient(trust_env=False) as browser,
        ):
            await objects.prepare(pages="http://127.0.0.1:8000")
            store = Store(objects, browser)
            key = new_key()
            kept = await store.stored(key)

            await _until_refused(disk, store)
            assert await objects.look_up(key) == kept
            assert await store.bytes_of(key, kept.version) == CONTENT

            disk.empty()
            later = new_key()
            await _within(90, lambda: objects.put(later, chunks(CONTENT), content_type=PDF))
            stored = await objects.look_up(later)
            assert stored is not None
            assert await store.bytes_of(later, stored.version) == CONTENT
            assert await store.bytes_of(key, kept.version) == CONTENT


async def _until_refused(disk: SmallDisk, store: Store) -> None:
    """It has put a little room aside: whatever it takes meanwhile has to be there."""
    async with asyncio.timeout(90):
        while True:
            disk.fill()
            key = new_key()
            try:
                await store.objects.put(key, chunks(CONTENT), content_type=PDF)
            except StoreUnreachable:
                return
            assert await store.objects.look_up(key) is not None


async def _within(seconds: float, act: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(seconds):
        while True:
            try:
                await act()
            except StoreUnreachable:
                await asyncio.sleep(0.5)
            else:
                return
