"""Requests for the same plan ride on one statement when they would have to wait anyway.

While one of a plan's slots is free a request goes at once, by itself. When all are taken, those who
wait go together as soon as one is free, and who asks for the same as one who waits shares his row:
in a rush thousands look for one specialty in one town. What they are told is read after all of them
have asked. There is no timer: without a crowd nobody waits.
"""

import asyncio
from collections.abc import Hashable, Sequence
from contextvars import Context
from itertools import islice
from typing import Any

from persistence.database import Asked
from plans.compiler import Plan

SLOTS = 4  # statements of one plan at a time
MOST = 32  # rows that ride together


class _Riders:
    """Those who share a row, whose moment is that of the last of them."""

    __slots__ = ("answers", "row")

    def __init__(self) -> None:
        self.row: Sequence[Any] = ()
        self.answers: list[asyncio.Future[str | None]] = []

    def told(self, answer: str | None) -> None:
        for waiting in self.answers:
            if not waiting.done():  # who asked has gone away
                waiting.set_result(answer)

    def failed(self, error: Exception) -> None:
        for waiting in self.answers:
            if not waiting.done():
                waiting.set_exception(error)


class Batch:
    """Of one plan."""

    def __init__(self, asked: Asked, plan: Plan) -> None:
        self._asked, self._plan = asked, plan
        self._free = SLOTS
        # By all that is asked but the moment, the first to come first.
        self._waiting: dict[Hashable, _Riders] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, row: Sequence[Any]) -> str | None:
        """`row`: the moment, and what else the plan has columns for. Raises what the statement
        does, to all who ride on it.
        """
        if not self._free:
            return await self._wait(row)
        self._free -= 1
        try:
            [answer] = await self._fetch([row])
        finally:
            self._go_on()
        return answer

    async def _wait(self, row: Sequence[Any]) -> str | None:
        riders = self._waiting.setdefault(tuple(row[1:]), _Riders())
        riders.row = row
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        riders.answers.append(answer)
        return await answer

    def _go_on(self) -> None:
        """With those who wait, or leave the slot to whoever comes."""
        if not self._waiting:
            self._free += 1
            return
        # In nobody's context: it is not for him alone who has just been answered.
        task = asyncio.get_running_loop().create_task(self._run(), context=Context())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self) -> None:
        try:
            while self._waiting:
                riding = [self._waiting.pop(same) for same in list(islice(self._waiting, MOST))]
                try:
                    answers = await self._fetch([riders.row for riders in riding])
                    for riders, answer in zip(riding, answers, strict=True):
                        riders.told(answer)
                except Exception as error:  # noqa: BLE001  # each of them is told
                    for riders in riding:
                        riders.failed(error)
        finally:
            self._free += 1

    async def _fetch(self, rows: Sequence[Sequence[Any]]) -> Sequence[str | None]:
        columns = map(list, zip(*rows, strict=True))
        records = await self._asked.fetch(self._plan.statement, *columns)
        return [record["answer"] for record in records]
