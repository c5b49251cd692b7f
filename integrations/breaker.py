"""A circuit breaker: whoever has failed time after time is left alone for a while.

Our own, for those that were looked at let everybody through at once when the time is over, and take
a call that was cancelled for one that went well, or for one that failed (docs/decisions/0029).
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

FAILURES = 5  # in a row
SECONDS = 30.0


class Broken(Exception):
    """Nobody is let through now."""


class Breaker:
    """Closed, it lets all through; open, nobody; after `seconds` one, who decides for all."""

    def __init__(
        self,
        *failing: type[Exception],
        clock: Callable[[], float] = time.monotonic,
        failures: int = FAILURES,
        seconds: float = SECONDS,
    ) -> None:
        self._failing, self._clock = failing, clock
        self._most, self._seconds = failures, seconds
        self._failed, self._open_until = 0, 0.0

    @contextmanager
    def guard(self) -> Generator[None]:
        """Raises Broken at once. What is not one of `failing` is neither failure nor success."""
        if self._failed >= self._most:
            if self._clock() < self._open_until:
                raise Broken
            self._rest()  # for all but us
        try:
            yield
        except self._failing:
            self._failed += 1
            self._rest()
            raise
        self._failed = 0

    def _rest(self) -> None:
        self._open_until = self._clock() + self._seconds
