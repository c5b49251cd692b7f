"""Questions to the database that many listeners ask in the same moment, asked once for all of them.

Never is anybody told what was found before he asked: while one question is under way those who
come wait, and ride on the next one together. Without a crowd nobody waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Generic, TypeVar

K = TypeVar("K")
A = TypeVar("A")


class Together(Generic[K, A]):
    """`ask`: the answer for any number of keys, of which each who asks has some."""

    def __init__(self, ask: Callable[[Collection[K]], Awaitable[A]]) -> None:
        self._ask = ask
        self._keys: set[K] = set()
        self._under_way: asyncio.Task[A] | None = None
        self._next: asyncio.Task[A] | None = None

    async def ask(self, *keys: K) -> A:
        """The answer for all who ride together. Raises what the question does, to each of them."""
        self._keys.update(keys)
        if self._next is None:
            self._next = asyncio.create_task(self._run(self._under_way))
        # Who goes away takes nobody's answer with him.
        return await asyncio.shield(self._next)

    async def _run(self, before: asyncio.Task[A] | None) -> A:
        if before is not None:
            await asyncio.wait([before])
        self._under_way, self._next = self._next, None
        keys, self._keys = self._keys, set()
        try:
            return await self._ask(keys)
        finally:
            if self._next is None:
                self._under_way = None
