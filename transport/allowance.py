"""How often something may be done: so many times at once, and so many a second in the long run."""

from collections.abc import Callable


class Allowance:
    """A bucket of tokens, full at first. `clock` is in seconds, and never goes back."""

    __slots__ = ("_at", "_clock", "_left", "_most", "_rate")

    def __init__(self, clock: Callable[[], float], *, at_once: float, per_second: float) -> None:
        self._clock, self._most, self._rate = clock, at_once, per_second
        self._left, self._at = at_once, clock()

    def take(self, cost: float = 1.0) -> bool:
        """False: there is not so much left, and nothing was taken."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < cost:
            return False
        self._left -= cost
        return True
