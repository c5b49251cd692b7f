"""Wake-ups by Valkey, and what becomes of them when it is gone."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from broadcaster import Broadcast

from integrations import valkey, wakeups
from integrations.valkey import ValkeyWakeups
from subscriptions import hub
from tests import make
from tests.server import NEVER, LocalServer, gid
from tests.subscriptions.acts import SLOTS, tell
from tests.valkey import find, running

pytestmark = pytest.mark.skipif(find() is None, reason="there is no Valkey for this machine")


@asynccontextmanager
async def heard_on(backend: ValkeyWakeups) -> AsyncGenerator[tuple[Broadcast, asyncio.Queue[str]]]:
    words: asyncio.Queue[str] = asyncio.Queue()

    async def listen() -> None:
        async with broadcast.subscribe("looks") as subscriber:
            while True:
                words.put_nowait((await subscriber.get()).message)

    async with Broadcast(backend=backend) as broadcast:
        listening = asyncio.create_task(listen())
        await asyncio.wait_for(words.get(), 5)
        try:
            yield broadcast, words
        finally:
            listening.cancel()


async def test_a_word_is_heard_and_only_those_of_the_channel():
    with running() as it:
        async with heard_on(ValkeyWakeups(it.url, "looks")) as (broadcast, words):
            await broadcast.publish("others", "look")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(words.get(), 0.3)

            await asyncio.gather(*(broadcast.publish("looks", "look") for _ in range(50)))

            assert await asyncio.wait_for(words.get(), 10) == ""


async def test_while_it_is_gone_we_look_by_ourselves_and_then_hear_again():
    with running() as it:
        async with heard_on(ValkeyWakeups(it.url, "looks")) as (broadcast, words):
            it.kill()
            await broadcast.publish("looks", "nobody carries it, and nothing is raised")
            for _ in range(4):
                await asyncio.wait_for(words.get(), 10 * valkey.LOOK_EVERY)

            it.start()
            async with asyncio.timeout(10):
                while not broadcast._backend._listening.is_set():  # noqa: ASYNC110  # nothing tells
                    await asyncio.sleep(0.05)
            while not words.empty():
                words.get_nowait()
            await broadcast.publish("looks", "look")

            assert await asyncio.wait_for(words.get(), 5) == ""


async def test_one_that_has_fallen_silent_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(valkey, "HEARTBEAT", 0.1)
    monkeypatch.setattr(valkey, "PATIENCE", 0.3)
    monkeypatch.setattr(wakeups, "SHORTEST_PAUSE", 0.05)
    with running() as it:
        async with heard_on(ValkeyWakeups(it.url, "looks")) as (_, words):
            it.process.send_signal(signal.SIGSTOP)
            try:
                for _ in range(3):
                    await asyncio.wait_for(words.get(), 10)
            finally:
                it.process.send_signal(signal.SIGCONT)


async def test_its_password_is_asked_for_at_each_connection():
    asked = 0

    async def password() -> str:
        nonlocal asked
        asked += 1
        return "of this moment"

    with running(password="of this moment") as it:  # noqa: S106  # of this test
        url = it.url.replace("//", "//default@")
        async with heard_on(ValkeyWakeups(url, "looks", password)) as (broadcast, words):
            await broadcast.publish("looks", "look")
            await asyncio.wait_for(words.get(), 10)

    assert asked >= 2


async def test_two_servers_share_it_and_its_death_costs_them_little(
    database_url: str, keys_file: Path, server: LocalServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "TIMER", NEVER)  # the hub does not look by itself
    doctor = make.doctor()
    slots = make.slots(doctor, 4)
    await server.given(doctor, slots)
    with running() as it:
        async with (
            LocalServer.run(database_url, keys_file, valkey_url=it.url) as one,
            LocalServer.run(database_url, keys_file, valkey_url=it.url) as other,
        ):
            one.now = other.now = make.NOW
            async with other.listening(SLOTS, doctors=[gid(doctor)]) as listening:
                for slot in slots[:2]:
                    await tell(one, slot)
                    assert (await listening.next(10))["slot"]["id"] == gid(slot)

                it.kill()
                for slot in slots[2:]:
                    await tell(one, slot)
                    assert (await listening.next(10))["slot"]["id"] == gid(slot)
                assert one.app.wakeups.silence < 5
                assert other.app.wakeups.silence < 5
