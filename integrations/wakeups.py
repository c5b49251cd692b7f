"""Broadcaster backends that do not go deaf: one channel, heard from connect on.

broadcaster's own backends lose their connection in silence and never hear again. A message here
says only "look": what happened is in the event log. So messages may be lost or merged, as long as
every new connection counts as one. The one over Valkey is in valkey.py.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg
from broadcaster import Event
from broadcaster._backends.base import BroadcastBackend  # not exported; held by a test

HEARTBEAT = 10.0  # seconds of silence after which we ask whether the other end is still there
PATIENCE = 5.0  # seconds for the answer
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds before connecting again

log = logging.getLogger(__name__)


class Supervised(BroadcastBackend):
    """Listens, and whenever that ends listens again."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._news, self._listening = asyncio.Event(), asyncio.Event()

    async def connect(self) -> None:
        self._supervisor = asyncio.create_task(self._supervise())

    async def disconnect(self) -> None:
        self._supervisor.cancel()
        await asyncio.wait([self._supervisor])

    async def subscribe(self, channel: str) -> None:
        if channel != self._channel:
            raise ValueError(f"this backend hears {self._channel} alone, not {channel}")
        if self._listening.is_set():
            self._news.set()  # what was said before there was anybody to tell

    async def unsubscribe(self, channel: str) -> None:
        pass

    async def next_published(self) -> Event:
        """One for all that was said since the last call."""
        await self._news.wait()
        self._news.clear()
        return Event(self._channel, "")

    async def _supervise(self) -> None:
        pause = SHORTEST_PAUSE
        while True:
            try:
                await self._listen()
            except Exception:
                log.exception("the connection that wakes us was lost")
            pause = SHORTEST_PAUSE if self._listening.is_set() else min(2 * pause, LONGEST_PAUSE)
            self._listening.clear()
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  not all at once

    def _hear_again(self) -> None:
        self._news.set()  # whatever was said while nobody listened
        self._listening.set()

    async def _listen(self) -> None:
        """Hears until the connection is lost."""
        raise NotImplementedError


class PostgresWakeups(Supervised):
    """LISTEN needs a connection of its own, not one through a transaction-pooling proxy.

    `password`: asked for at each new connection, where the URL has none.
    """

    def __init__(
        self, url: str, channel: str, password: Callable[[], Awaitable[str]] | None = None
    ) -> None:
        super().__init__(channel)
        self._url, self._password = url, password

    async def connect(self) -> None:
        self._pool = await asyncpg.create_pool(
            self._url, min_size=1, max_size=2, password=self._password
        )
        await super().connect()

    async def disconnect(self) -> None:
        await super().disconnect()
        self._pool.terminate()

    async def publish(self, channel: str, message: str) -> None:
        await self._pool.execute("SELECT pg_notify($1, $2)", channel, message)

    async def _listen(self) -> None:
        named = {"application_name": f"healthmed listening to {self._channel}"}
        connection = await asyncpg.connect(
            self._url, timeout=PATIENCE, server_settings=named, password=self._password
        )
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            await connection.add_listener(self._channel, lambda *_: self._news.set())
            self._hear_again()
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT):
                        await lost.wait()
                    continue
                async with asyncio.timeout(PATIENCE):
                    await connection.execute("SELECT 1")
            log.warning("the connection that wakes us has ended")
        finally:
            connection.terminate()
