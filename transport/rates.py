"""How often something may be done in all processes together: one ledger, and leases drawn from it.

The rule is the generic cell rate algorithm (ITU-T I.371, annex A): a bucket of `most` units that
fills up in `seconds`, kept by the ledger as one moment per key. No operation waits for it as long
as the lease of its process lasts: a lease is a twentieth of the bucket, and lapses, so that what a
process does not use is lost to the others. Whoever has to wait rides with all others who wait on
one statement. What the ledger had left when it refused is remembered here, so that who is refused
and goes on asking costs no statement until he may come again.

When the ledger cannot be asked nobody is refused: see docs/decisions/0023.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

log = logging.getLogger(__name__)

LEASE = 1 / 20  # of the bucket, in whole units
SLACK = 0.001  # of a unit: what may be lost in rounding
LEASE_SECONDS = 10.0
LEDGER_SECONDS = 1.0  # for the ledger to answer; after that it is left alone for
BLIND_SECONDS = 2.0
KEPT = 10_000  # keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`most` at once, and as many again in each `seconds`."""

    most: float
    seconds: float

    @property
    def every(self) -> float:
        """The seconds in which one comes back."""
        return self.seconds / self.most


class Want(NamedTuple):
    key: str
    rate: Rate
    cost: float


class Draw(NamedTuple):
    """As many whole units as there are, `amount` at most; none if there are less than `least`."""

    key: str
    amount: float
    least: float
    every: float
    most: float


class Ledger(Protocol):
    """The buckets that all processes share."""

    async def draw(self, draws: Sequence[Draw], /) -> Sequence[tuple[float, float]]:
        """All of them in one go, each key once. In their order, what is granted of each, and what
        its bucket had before.
        """
        ...


@dataclass(slots=True)
class _Balance:
    """What this process may spend of one key. `free` and `refused_at`: of the last refusal."""

    left: float = 0.0
    lapses_at: float = 0.0
    free: float = 0.0
    refused_at: float | None = None


class _Waiting(NamedTuple):
    want: Want
    told: asyncio.Future[float]


class Rates:
    """`clock` is in seconds and never goes back."""

    def __init__(
        self, ledger: Ledger, *, clock: Callable[[], float] = time.monotonic, kept: int = KEPT
    ) -> None:
        self._ledger, self._clock, self._kept = ledger, clock, kept
        self._balances: OrderedDict[str, _Balance] = OrderedDict()  # the longest unused first
        self._waiting: dict[str, list[_Waiting]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._blind_until = 0.0

    async def spend(self, wants: Sequence[Want]) -> float:
        """0.0, and all of it is taken; or the seconds to wait, and nothing is."""
        if self._spent_at_once(wants):
            return 0.0
        for number, want in enumerate(wants):
            if wait := await self._take(want):
                for taken in wants[:number]:
                    self._balance(taken.key).left += taken.cost
                return wait
        return 0.0

    def _spent_at_once(self, wants: Sequence[Want]) -> bool:
        """Where the leases that are here suffice, as they nearly always do: nothing to wait for."""
        now, balances = self._clock(), self._balances
        for key, _, cost in wants:
            balance = balances.get(key)
            if (
                balance is None
                or balance.left < cost
                or now >= balance.lapses_at
                or key in self._waiting
            ):
                return False
        for key, _, cost in wants:
            balances[key].left -= cost
            balances.move_to_end(key)
        return True

    async def _take(self, want: Want) -> float:
        key, rate, cost = want
        now, balance = self._clock(), self._balance(want.key)
        if now >= balance.lapses_at:
            balance.left = 0.0
        if balance.left >= cost and key not in self._waiting:
            balance.left -= cost
            return 0.0
        if balance.refused_at is not None:
            # Never less than the truth: others can only have taken from it since.
            there = balance.left + balance.free + (now - balance.refused_at) / rate.every
            if there + SLACK < cost:
                return _wait(cost - there, rate)
        if now < self._blind_until:
            return 0.0
        told: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(_Waiting(want, told))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await told

    def _balance(self, key: str) -> _Balance:
        """A lease that is forgotten is lost; a refusal costs one statement to be learnt anew."""
        balance = self._balances.get(key)
        if balance is None:
            balance = self._balances[key] = _Balance()
            if len(self._balances) > self._kept:
                self._balances.popitem(last=False)
        else:
            self._balances.move_to_end(key)
        return balance

    async def _ask(self) -> None:
        """One statement after another, until nobody waits."""
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                await self._ask_for(waiting)
        finally:
            self._asking = None

    async def _ask_for(self, waiting: Mapping[str, Sequence[_Waiting]]) -> None:
        draws = [self._draw(key, each) for key, each in waiting.items()]
        try:
            async with asyncio.timeout(LEDGER_SECONDS):
                drawn = await self._ledger.draw(draws)
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody is refused for it
            log.warning("rates cannot be looked up (%s): nobody is limited", type(error).__name__)
            self._blind_until = self._clock() + BLIND_SECONDS
            for told in (each.told for some in waiting.values() for each in some):
                if not told.done():
                    told.set_result(0.0)
            return
        for draw, (granted, free) in zip(draws, drawn, strict=True):
            self._share(waiting[draw.key], granted, free)

    def _draw(self, key: str, waiting: Sequence[_Waiting]) -> Draw:
        balance, rate = self._balance(key), waiting[0].want.rate
        costs = [each.want.cost for each in waiting]
        return Draw(
            key=key,
            amount=max(sum(costs) - balance.left, 0.0) + rate.most * LEASE // 1,
            least=max(min(costs) - balance.left, 0.0),
            every=rate.every,
            most=rate.most,
        )

    def _share(self, waiting: Sequence[_Waiting], granted: float, free: float) -> None:
        """Among those who wait, the first first; the rest is the lease."""
        now, balance = self._clock(), self._balance(waiting[0].want.key)
        balance.left += granted
        balance.lapses_at, balance.refused_at = now + LEASE_SECONDS, None
        for (_, rate, cost), told in waiting:
            if told.done():  # he has gone away meanwhile
                continue
            if balance.left >= cost:
                balance.left -= cost
                told.set_result(0.0)
                continue
            balance.free, balance.refused_at = free - granted, now
            told.set_result(_wait(cost - balance.left - balance.free, rate))


def _wait(missing: float, rate: Rate) -> float:
    """Never 0: that would mean that he need not."""
    return max(missing * rate.every, 0.001)
