"""How processes tell one another to look at the event log: a word on one channel, nothing more."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from broadcaster import Broadcast

CHANNEL = "healthmed_events"
PULSE = 2.0  # seconds: with nothing to tell we say a word all the same, and listen for it

log = logging.getLogger(__name__)


class Wakeups:
    """`look` is called at each word heard, our own and other processes'."""

    def __init__(self, broadcast: Broadcast, look: Callable[[], None]) -> None:
        self._broadcast, self._look = broadcast, look
        self._news = asyncio.Event()
        self._heard_at = float("-inf")

    def announce(self) -> None:
        """There is something new in the log. Many of these may become one word."""
        self._news.set()

    @property
    def silence(self) -> float:
        """Seconds since we last heard a word."""
        return time.monotonic() - self._heard_at

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._speak())

    async def _listen(self) -> None:
        async with self._broadcast.subscribe(CHANNEL) as words:
            while True:
                await words.get()
                self._heard_at = time.monotonic()
                self._look()

    async def _speak(self) -> None:
        """One at a time: what is announced meanwhile goes with the next word."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PULSE):
                    await self._news.wait()
            self._news.clear()
            try:
                await self._broadcast.publish(CHANNEL, "look")
            except Exception:
                log.exception("no word could be said; the others will look by their timers")
                await asyncio.sleep(PULSE)
