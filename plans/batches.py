"""Requests for the same plan ride on one statement when they would have to wait anyway.

While one of a plan's slots is free a request goes at once, by itself. When all are taken, those who
wait go together as soon as one is free, and who asks for the same as one who waits shares his row:
in a rush thousands look for one specialty in one town. What they are told is read after all of them
have asked. There is no timer: without a crowd nobody waits.
"""

import asyncio
from collections.abc import Hashable, Sequence
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
        _, *same = row
        riders = self._waiting.setdefault(tuple(same), _Riders())
        riders.row = row
        answer = asyncio.get_running_loop().create_future()
        riders.answers.append(answer)
        found: str | None = await answer
        return found

    def _go_on(self) -> None:
        """With those who wait, or leave the slot to whoever comes."""
        if not self._waiting:
            self._free += 1
            return
        task = asyncio.create_task(self._run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self) -> None:
        try:
            while self._waiting:
                riding = [self._waiting.pop(same) for same in list(islice(self._waiting, MOST))]
                try:
                    answers = await self._fetch([riders.row for riders in riding])
                except Exception as error:  # noqa: BLE001  # each of them is told
                    _tell(riding, error)
                else:
                    for riders, answer in zip(riding, answers, strict=True):
                        _tell([riders], answer)
        finally:
            self._free += 1

    async def _fetch(self, rows: Sequence[Sequence[Any]]) -> Sequence[str | None]:
        columns = map(list, zip(*rows, strict=True))
        records = await self._asked.fetch(self._plan.statement, *columns)
        return [record["answer"] for record in records]


def _tell(riding: Sequence[_Riders], answer: str | Exception | None) -> None:
    for riders in riding:
        for waiting in riders.answers:
            if waiting.done():  # who asked has gone away
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
