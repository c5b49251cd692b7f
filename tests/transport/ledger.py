"""A ledger of rates in memory, which several processes could share; and a clock that is set."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from transport.rates import Draw


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class MemoryLedger:
    """`failing`: what it raises instead. `gate`: what it waits for."""

    clock: Clock
    clear_at: dict[str, float] = field(default_factory=dict)
    asked: list[list[Draw]] = field(default_factory=list)
    failing: Exception | None = None
    gate: asyncio.Event | None = None

    async def draw(self, draws: Sequence[Draw], /) -> Sequence[tuple[float, float]]:
        self.asked.append(list(draws))
        if self.gate:
            await self.gate.wait()
        if self.failing:
            raise self.failing
        drawn = []
        for key, amount, least, every, most in draws:
            clear_at = max(self.clear_at.get(key, 0.0), self.clock.now)
            free = most - (clear_at - self.clock.now) / every
            whole = math.floor(free + 0.001)
            granted = max(min(amount, whole), 0.0) if whole >= least else 0.0
            self.clear_at[key] = clear_at + granted * every
            drawn.append((granted, free))
        return drawn
