"""The lane of strangers: what is dear to look at waits for its turn, and all else passes it by.

One at a time, in the order of their coming. Each is paid for: the next one waits as long as it took
to look, and three times as long if that was in vain. So a crowd that sends what was never seen
before gets a part of the core, however large it is, and who asks what is known hardly notices it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

PAUSE, PAUSE_IN_VAIN = 1.0, 3.0  # times the time it took
SMALL = 16 * 1024  # bytes that are read without a turn


class Lane:
    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._free_at = 0.0

    @asynccontextmanager
    async def turn(self, *, needed: bool = True) -> AsyncGenerator[None]:
        """For work that does not wait for anything. What it raises is its refusal."""
        if not needed:
            yield
            return
        async with self._turn:
            if (owed := self._free_at - time.perf_counter()) > 0:
                await asyncio.sleep(owed)
            began = time.perf_counter()
            with self.paid_in_vain():
                yield
            self._pay(time.perf_counter() - began, PAUSE)

    @contextmanager
    def paid_in_vain(self) -> Generator[None]:
        """For work without a turn: the next in the lane waits if it was refused."""
        began = time.perf_counter()
        try:
            yield
        except Exception:
            self._pay(time.perf_counter() - began, PAUSE_IN_VAIN)
            raise

    def _pay(self, seconds: float, times: float) -> None:
        self._free_at = max(self._free_at, time.perf_counter()) + times * seconds
