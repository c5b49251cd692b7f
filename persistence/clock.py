"""The clinic's time: the database's, which each server keeps by a clock that goes on evenly.

Statements go by `now()` of Postgres and acts by what a server calls now. So that both are one time,
and the same at all servers, each asks the database for it and counts on from there. Its own wall
clock may be wrong, or be set while it runs: no token is older for that, and nothing lapses early.
"""

import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from persistence.database import Pool

APART = 5.0  # seconds between two clocks that are taken for right

log = logging.getLogger(__name__)


def _evenly() -> float:
    """Seconds; on Linux those of a machine's sleep, too."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Clock:
    """Before the first look it shows the wall clock."""

    def __init__(
        self, evenly: Callable[[], float] = _evenly, wall: Callable[[], float] = time.time
    ) -> None:
        self._evenly, self._wall = evenly, wall
        self._ahead: float | None = None  # of the even clock: seconds until the Unix time
        self.right = True  # none of three is believed against the two others

    def now(self) -> datetime:
        """Aware, in UTC."""
        at = self._wall() if self._ahead is None else self._evenly() + self._ahead
        return datetime.fromtimestamp(at, UTC)

    async def look(self, pool: Pool) -> None:
        """Compare it with the database's clock, and set it where two of three say so.

        What is within the time that the answer took is no difference. The third is the wall clock:
        it tells a sleep that the even clock has not counted from a database that has gone wrong.
        """
        asked = self._evenly()
        told: datetime = await pool.fetchval("SELECT clock_timestamp()")
        answered = self._evenly()
        theirs = told.timestamp()
        ahead, doubt = theirs - (asked + answered) / 2, (answered - asked) / 2
        if self._ahead is None:
            off = self._wall() - theirs
            if abs(off) > APART + doubt:
                log.warning("this machine's clock is %.0f s off the database's, which counts", off)
            self._ahead = ahead
            return
        off = ahead - self._ahead
        self.right = abs(off) <= APART + doubt or abs(self._wall() - theirs) <= APART + doubt
        if not self.right:
            log.error("the database's clock is %.0f s off ours; it is not followed", off)
        elif abs(off) > doubt:
            self._ahead = ahead
