"""The entrance: so many answers are made at once, the others wait for their turn, and whoever would
wait for too long is told at once to come back.

What counts is time, not how many wait: a burst that is worked off in STANDING is let in whole. Once
no place was free for all that time, nobody joins who would wait for more than BRIEF, at the pace at
which the line moves. The distinction between a burst and a standing queue is that of
K. Nichols and V. Jacobson, "Controlling Queue Delay" (ACM Queue 10.5, 2012); to turn away whoever
comes, and not who has waited, makes refusals cheap and keeps the line from swinging.
"""

import asyncio
import random
import time
from collections import deque

from prometheus_client import Counter, Histogram

from transport import telemetry
from transport.errors import UNAVAILABLE, Unfit

BRIEF, STANDING = 0.1, 0.5  # seconds
_COME_BACK = (1, 3)  # seconds: not all at the same moment
_SMOOTHING = 0.05  # of the pace: what the last one counts

SHED = Counter("healthmed_shed", "Requests turned away because those before them waited too long.")
WAITED = Histogram(
    "healthmed_wait_seconds",
    "How long requests waited for their turn, of those that had to, those turned away too.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10),
)


class Overloaded(Unfit):
    """`retry_after`: whole seconds, at least one."""

    def __init__(self) -> None:
        self.retry_after = random.randint(*_COME_BACK)  # noqa: S311  # not for security
        message = f"There is too much to do; try again in {self.retry_after} s."
        extensions = {"code": UNAVAILABLE, "retryAfter": self.retry_after}
        super().__init__([{"message": message, "extensions": extensions}])


class Entrance:
    """`most`: that are inside at once; None: anybody. Whoever has entered leaves, whatever
    happens. While somebody waits all places are taken.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._inside = 0
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self._calm = True  # there was a free place since somebody last had to wait
        self._crowded_at = 0.0  # since when there was none
        self._moved_at = 0.0  # when a turn last came since then
        self._pace = 0.0  # seconds from one turn to the next, smoothed

    def look(self) -> None:
        """Raises Overloaded if whoever comes now had better not: before anything is read of him."""
        if self._calm:
            return
        now = time.perf_counter()
        stands, wait = now - self._moved_at > BRIEF, len(self._waiting) * self._pace
        if now - self._crowded_at > STANDING and (stands or wait > BRIEF):
            raise _turned_away()

    async def enter(self) -> None:
        """In the order of coming. Raises Overloaded, at once or after STANDING; then he has not."""
        if self._most is None or self._inside < self._most:
            self._inside += 1
            return
        self.look()
        loop, now = asyncio.get_running_loop(), time.perf_counter()
        if self._calm:
            self._calm, self._crowded_at, self._moved_at = False, now, now
        turn: asyncio.Future[bool] = loop.create_future()  # False: it did not come in time
        self._waiting.append(turn)
        giving_up = loop.call_later(STANDING, self._give_up, turn)
        try:
            entered = await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result():
                self.leave()  # it came at the same moment
            raise
        finally:
            giving_up.cancel()
            WAITED.observe(time.perf_counter() - now)
        if not entered:
            raise _turned_away()

    def leave(self) -> None:
        while self._waiting:
            if not (turn := self._waiting.popleft()).done():  # else he has gone
                now = time.perf_counter()
                self._pace += _SMOOTHING * (now - self._moved_at - self._pace)
                self._moved_at = now
                turn.set_result(True)
                return
        self._inside -= 1
        self._calm = True

    def _give_up(self, turn: "asyncio.Future[bool]") -> None:
        if not turn.done():
            self._waiting.remove(turn)
            turn.set_result(False)


def _turned_away() -> Overloaded:
    refusal = Overloaded()
    SHED.inc()
    telemetry.count_errors(refusal.errors)
    return refusal
