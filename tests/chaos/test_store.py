"""The object store, when it is killed under its clients, and when it no longer says anything."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from domain.limits import Limits
from domain.objects import StoreUnreachable
from embedded import seaweed
from embedded.seaweed import Seaweed
from persistence.bucket import Bucket
from persistence.objects import S3Objects
from tests.embedded.processes import wait_until
from tests.persistence.stores import CONTENT, PDF, Store, chunks, new_key, of_zeros
from wiring import parts
from wiring.settings import Settings

pytestmark = pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine")
PATIENCE = 1.0  # seconds


@pytest.fixture(scope="module")
def running() -> Iterator[Seaweed]:
    with seaweed.scratch() as store:
        store.wait()
        yield store


@pytest.fixture(scope="module")
def bucket(running: Seaweed) -> Bucket:
    told = {name.removeprefix("HEALTHMED_").lower(): it for name, it in running.settings().items()}
    place = parts.bucket(Settings(database_url="", keys_file=Path("none"), **told))
    assert place is not None
    return replace(place, patience=PATIENCE)


@pytest.fixture(scope="module")
async def store(bucket: Bucket) -> AsyncGenerator[Store]:
    async with (
        S3Objects.open(replace(bucket, patience=10), Limits()) as objects,
        httpx.AsyncClient(trust_env=False) as browser,
    ):
        await objects.prepare(pages="http://127.0.0.1:8000")
        yield Store(objects, browser)


class Way:
    """To the store, for one client; `open` lets bytes come back from it."""

    def __init__(self, to: str) -> None:
        self._to = urlsplit(to)
        self.open = asyncio.Event()
        self.open.set()
        self._serving: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def led(self) -> AsyncGenerator[str]:
        server = await asyncio.start_server(self._lead, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for each in self._serving:
                each.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._serving += [
            asyncio.create_task(self._carry(reader, back, slow=False)),
            asyncio.create_task(self._carry(there, writer, slow=True)),
        ]

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool
    ) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            while came := await reader.read(65_536):
                if slow:
                    await self.open.wait()
                writer.write(came)
                await writer.drain()


async def test_a_store_that_is_killed_is_found_again_by_the_same_client(
    running: Seaweed, store: Store
):
    key = new_key()
    kept = await store.stored(key)

    os.kill(running.pid, signal.SIGKILL)
    await asyncio.to_thread(running._server.wait)
    began = time.monotonic()
    for asked in (
        store.objects.look_up(key),
        store.objects.remove(key),
        store.objects.put(key, chunks(CONTENT), content_type=PDF),
        store.bytes_of(key, kept.version),
    ):
        with pytest.raises(StoreUnreachable):
            await asked
    assert not await store.objects.reachable()
    assert time.monotonic() - began < 10
    form = await store.form(key)  # asks nobody

    await asyncio.to_thread(wait_until, lambda: running.revive() is not None)
    await asyncio.to_thread(running.wait)
    await reached(store)

    assert await store.objects.look_up(key) == kept
    assert await store.bytes_of(key, kept.version) == CONTENT
    assert await store.post(form) == 204


async def test_whatever_was_stored_when_it_is_killed_is_there_whole(running: Seaweed, store: Store):
    stored = {}

    async def store_on() -> None:
        while True:
            key = new_key()
            stored[key] = await store.objects.put(key, of_zeros(1), content_type=PDF)

    storing = [asyncio.create_task(store_on()) for _ in range(8)]
    async with asyncio.timeout(20):
        while len(stored) < 40:  # noqa: ASYNC110  # whoever stores tells nobody
            await asyncio.sleep(0.01)
    os.kill(running.pid, signal.SIGKILL)
    ends = await asyncio.gather(*storing, return_exceptions=True)
    assert {type(end) for end in ends} == {StoreUnreachable}

    await asyncio.to_thread(wait_until, lambda: running.revive() is not None)
    await asyncio.to_thread(running.wait)
    await reached(store)

    for key, it in stored.items():
        assert await store.objects.look_up(key) == it
        assert await store.bytes_of(key, it.version) == bytes(2**20)


async def test_a_store_that_says_nothing_is_waited_for_no_longer_than_it_is_allowed(
    bucket: Bucket, store: Store
):
    key = new_key()
    kept = await store.objects.put(key, of_zeros(4), content_type=PDF)
    way = Way(bucket.endpoint_url)
    async with (
        way.led() as url,
        S3Objects.open(replace(bucket, endpoint_url=url), Limits()) as objects,
    ):
        reading = objects.read(key, kept.version)
        await anext(reading)
        way.open.clear()

        for asked in (
            all_of(reading),
            objects.look_up(key),
            objects.remove(key),
            objects.put(new_key(), chunks(CONTENT), content_type=PDF),
        ):
            began = time.monotonic()
            with pytest.raises(StoreUnreachable):
                await asked
            assert time.monotonic() - began < 3 * PATIENCE + 1
        assert not await objects.reachable()

        way.open.set()
        assert await objects.look_up(key) == kept


async def all_of(reading: AsyncGenerator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in reading])


async def reached(store: Store) -> None:
    """Whoever was killed forgets for a moment where his files are."""
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(StoreUnreachable):
                await store.objects.put(new_key(), chunks(CONTENT), content_type=PDF)
                return
            await asyncio.sleep(0.1)
