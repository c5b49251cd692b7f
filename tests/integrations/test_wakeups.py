"""Wake-ups between processes: heard again after whatever happens to the connection."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import broadcaster
import pytest
from broadcaster import Broadcast
from broadcaster._backends.base import BroadcastBackend

from integrations import wakeups
from integrations.wakeups import PostgresWakeups, Supervised
from subscriptions import hub
from tests import make
from tests.server import NEVER, LocalServer, gid
from tests.subscriptions.acts import SLOTS, tell

LISTENERS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'healthmed listening to %'
"""
END_THEM = LISTENERS.replace("SELECT pid", "SELECT pg_terminate_backend(pid)")
EVENTS = 20


@asynccontextmanager
async def heard_on(url: str, channel: str) -> AsyncGenerator[tuple[Broadcast, asyncio.Queue[str]]]:
    """A broadcaster, and the words that it hears."""
    words: asyncio.Queue[str] = asyncio.Queue()

    async def listen() -> None:
        async with broadcast.subscribe(channel) as subscriber:
            while True:
                words.put_nowait((await subscriber.get()).message)

    async with Broadcast(backend=PostgresWakeups(url, channel)) as broadcast:
        listening = asyncio.create_task(listen())
        await asyncio.wait_for(words.get(), 5)  # the first connection counts as a word
        try:
            yield broadcast, words
        finally:
            listening.cancel()


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """It is there and does not answer."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_the_base_class_is_still_where_broadcaster_keeps_it():
    assert issubclass(PostgresWakeups, BroadcastBackend)
    expected = {"connect", "disconnect", "subscribe", "unsubscribe", "publish", "next_published"}
    assert {name for name in vars(BroadcastBackend) if not name.startswith("_")} == expected
    assert expected <= {*vars(Supervised), *vars(PostgresWakeups)}
    assert broadcaster.Broadcast.__init__.__kwdefaults__ == {"backend": None}


async def test_fifty_may_speak_at_once(database_url: str):
    async with heard_on(database_url, "fifty") as (broadcast, words):
        await asyncio.gather(*(broadcast.publish("fifty", "look") for _ in range(50)))

        assert await asyncio.wait_for(words.get(), 5) == ""


async def test_it_hears_its_own_channel_alone(database_url: str):
    backend = PostgresWakeups(database_url, "ours")

    with pytest.raises(ValueError, match="ours"):
        await backend.subscribe("theirs")


async def test_whoever_subscribes_late_is_told_to_look(database_url: str):
    backend = PostgresWakeups(database_url, "late")
    await backend.connect()
    try:
        await asyncio.wait_for(backend.next_published(), 5)  # heard by nobody

        await backend.subscribe("late")

        await asyncio.wait_for(backend.next_published(), 5)
    finally:
        await backend.disconnect()


async def test_a_lost_connection_is_made_again_and_nothing_is_lost(server: LocalServer):
    doctor = make.doctor()
    slots = make.slots(doctor, EVENTS)
    await server.given(doctor, slots)

    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        async with asyncio.timeout(5):
            while not await server.fetch(END_THEM):  # noqa: ASYNC110  # one lost before comes back
                await asyncio.sleep(0.05)
        async with asyncio.timeout(4):  # sooner than anybody looks by himself
            for slot in slots:
                await tell(server, slot)
            heard = [await listening.next() for _ in slots]

        assert [each["slot"]["id"] for each in heard] == [gid(slot) for slot in slots]
        assert await server.fetch(LISTENERS)


async def test_so_is_one_whose_other_end_has_fallen_silent(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wakeups, "HEARTBEAT", 0.1)
    monkeypatch.setattr(wakeups, "PATIENCE", 0.5)
    async with heard_on(database_url, "silent") as (broadcast, words):
        [pid] = await broadcast._backend._pool.fetch(
            f"{LISTENERS} AND application_name LIKE '%silent'"
        )
        with stopped(pid[0]):
            await broadcast.publish("silent", "look")

            assert await asyncio.wait_for(words.get(), 5) == ""


async def test_two_servers_hear_each_other(
    server: LocalServer, keys_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "TIMER", NEVER)  # nobody looks by himself
    doctor = make.doctor()
    slots = make.slots(doctor, 4)
    await server.given(doctor, slots)

    async with (
        LocalServer.run(server.url, keys_file) as other,
        server.listening(SLOTS, doctors=[gid(doctor)]) as here,
        other.listening(SLOTS, doctors=[gid(doctor)]) as there,
    ):
        for number, slot in enumerate(slots):
            await tell((server, other)[number % 2], slot)
            assert (await here.next(10))["slot"]["id"] == gid(slot)
            assert await there.next(10)

        assert server.app.wakeups.silence < 5
        assert other.app.wakeups.silence < 5


async def test_a_server_that_has_never_come_to_listen_ends_in_peace(
    database_url: str, keys_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(PostgresWakeups, "_listen", lambda _: asyncio.sleep(60))
    async with LocalServer.run(database_url, keys_file) as server:
        await asyncio.sleep(0.1)

        assert server.app.wakeups.silence > 60
