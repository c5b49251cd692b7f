"""One clock for all connections: what is due in the same moment is done in one go.

A timer of the loop for each of a hundred thousand pings would be as many handles, and as many
wake-ups. Here there is one timer, and a set for each moment that somebody waits for. Nothing is
done early; what is due may be done later by one tick.
"""

import asyncio
import heapq
import logging
import math
from collections.abc import Callable

log = logging.getLogger(__name__)


class Beat:
    """Something that is to be done."""

    __slots__ = ("_moment", "_what")

    def __init__(self, moment: "set[Beat]", what: Callable[[], object]) -> None:
        self._moment, self._what = moment, what
        moment.add(self)

    def cancel(self) -> None:
        """May be called at any time."""
        self._moment.discard(self)

    def do(self) -> None:
        try:
            self._what()
        except Exception:
            log.exception("something that was due failed")


class Pulse:
    """`tick`: in seconds."""

    def __init__(self, tick: float) -> None:
        self._tick = tick
        self._moments: dict[int, set[Beat]] = {}
        self._order: list[int] = []  # a heap of them
        self._timer: asyncio.TimerHandle | None = None

    def after(self, seconds: float, what: Callable[[], object]) -> Beat:
        loop = asyncio.get_running_loop()
        number = math.ceil((loop.time() + seconds) / self._tick)
        if (moment := self._moments.get(number)) is None:
            moment = self._moments[number] = set()
            heapq.heappush(self._order, number)
            if self._order[0] == number:
                self._set(loop)
        return Beat(moment, what)

    def _set(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._order:
            self._timer = loop.call_at(self._order[0] * self._tick, self._do)

    def _do(self) -> None:
        loop = asyncio.get_running_loop()
        # A loop may wake a little before the time that it was told.
        now = loop.time() + self._tick / 100
        while self._order and self._order[0] * self._tick <= now:
            moment = self._moments.pop(heapq.heappop(self._order))
            while moment:  # one by one, for what is done may cancel what is still to do
                moment.pop().do()
        self._set(loop)
