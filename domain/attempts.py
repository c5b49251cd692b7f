"""Attempts: how often somebody may guess a secret before he has to wait, longer each time.

An attempt is counted as a failure before the secret is looked at, so that of many at once none
slips through, and is taken back when it succeeds. Counted are the address, and the subject as it
was typed together with the address: whoever guesses at a stranger's account locks out himself, not
the stranger. A subject that does not exist is counted like one that does.
"""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

from domain.errors import TooManyAttempts
from domain.limits import Limits
from domain.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

_DOUBLINGS = 31  # of a second are 68 years
_AT_ONCE = 8  # attempts of a process that are counted and not yet known to be right


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`subject`: what is guessed at, as it was typed but for its spelling. Without an `address` it
    counts wherever it comes from.
    """

    subject: str
    address: str | None

    @property
    def of_both(self) -> str:
        return f"{self.address or ''}\n{self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Of one key. `clear_at`: when all of them are forgiven."""

    last_at: datetime
    clear_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """So many failures are `free`, the next brings the delay `first`, and each more doubles it.

    One is forgiven in each `forgives_in`, wherefore whoever stops guessing starts afresh, and a
    clinic's address does not gather the typing errors of a week.
    """

    free: int
    forgives_in: timedelta
    first: timedelta
    longest: timedelta

    def count(self, failures: Failures, at: datetime) -> int:
        return max(0, math.ceil((failures.clear_at - at) / self.forgives_in))

    def delay(self, count: int) -> timedelta:
        """After so many failures."""
        if count <= self.free:
            return timedelta(0)
        doublings = min(count - self.free - 1, _DOUBLINGS)
        return min(self.first * (1 << doublings), self.longest)

    def opens_in(self, failures: Failures, at: datetime) -> timedelta:
        """How long it is until an attempt that began `at` is looked at. Where there is no delay
        none waits, though one that began later may have been counted first.
        """
        delay = self.delay(self.count(failures, failures.last_at))
        return max(failures.last_at + delay - at, timedelta(0)) if delay else timedelta(0)

    def fail(self, failures: Failures, at: datetime) -> Failures:
        return Failures(
            last_at=max(failures.last_at, at),
            clear_at=max(failures.clear_at, at) + self.forgives_in,
        )

    def take_back(self, failures: Failures) -> Failures:
        return Failures(last_at=failures.last_at, clear_at=failures.clear_at - self.forgives_in)


class Attempts(Protocol):
    async def lock(self, keys: Sequence[str], /, *, at: datetime) -> Mapping[str, Failures]:
        """The failures of each key, none being all forgiven `at` once; nobody else's until this
        work ends.
        """
        ...

    async def save(self, failures: Mapping[str, Failures], /) -> None: ...
    async def forget(self, key: str, /) -> None: ...


class Turns:
    """In this process, attempts at one subject from one address are looked at one by one, and only
    so many at all. So those that are right and come together do not count against each other.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def take(self, attempt: Attempt) -> AsyncGenerator[None]:
        lock = self._locks.setdefault(attempt.of_both, asyncio.Lock())
        async with lock, self._places:
            yield


async def begin(work: UnitOfWork, attempt: Attempt, *, at: datetime) -> None:
    """Count it as a failure. Raises TooManyAttempts, and then it is not to be looked at."""
    throttles = _throttles(work.limits, attempt)
    found = await work.attempts.lock(list(throttles), at=at)
    if held_back := max(throttles[key].opens_in(each, at) for key, each in found.items()):
        raise TooManyAttempts(held_back)
    failed = {key: throttles[key].fail(failures, at) for key, failures in found.items()}
    await work.attempts.save(failed)
    for key, failures in failed.items():
        if delay := throttles[key].opens_in(failures, at):
            whose = "an account" if key == attempt.of_both else "an address"
            log.warning("attempts at %s are held back for %s", whose, delay)


async def succeed(work: UnitOfWork, attempt: Attempt, *, at: datetime) -> None:
    """It was right: it does not count, and neither do those at this subject before it."""
    throttles = _throttles(work.limits, attempt)
    found = await work.attempts.lock(list(throttles), at=at)
    await work.attempts.forget(attempt.of_both)
    if (address := attempt.address) is not None:
        await work.attempts.save({address: throttles[address].take_back(found[address])})


async def take_back(work: UnitOfWork, attempt: Attempt, *, at: datetime) -> None:
    """It was neither right nor wrong: it does not count, and those before it still do."""
    throttles = _throttles(work.limits, attempt)
    found = await work.attempts.lock(list(throttles), at=at)
    await work.attempts.save(
        {key: throttles[key].take_back(failures) for key, failures in found.items()}
    )


def _throttles(limits: Limits, attempt: Attempt) -> dict[str, Throttle]:
    def throttle(in_an_hour: int) -> Throttle:
        return Throttle(
            free=in_an_hour,
            forgives_in=timedelta(hours=1) / in_an_hour,
            first=limits.attempt_delay_first,
            longest=limits.attempt_delay_longest,
        )

    if attempt.address is None:
        return {attempt.of_both: throttle(limits.code_attempts)}
    return {
        attempt.of_both: throttle(limits.attempts),
        attempt.address: throttle(limits.attempts_per_address),
    }
