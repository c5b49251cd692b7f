"""Requests for the same plan ride on one statement when they would have to wait anyway.

While one of a plan's slots is free a request goes at once, by itself. When all are taken, those who
wait go together as soon as one is free. There is no timer: without a crowd nobody waits.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from persistence.database import Asked
from plans.compiler import Plan

SLOTS = 4  # statements of one plan at a time
MOST = 32  # requests that ride together


class _Rider(NamedTuple):
    row: Sequence[Any]
    answer: "asyncio.Future[str]"


class Batch:
    """Of one plan."""

    def __init__(self, asked: Asked, plan: Plan) -> None:
        self._asked, self._plan = asked, plan
        self._waiting: deque[_Rider] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, row: Sequence[Any]) -> str:
        """Raises what the statement does, to all who ride on it."""
        rider = _Rider(row, asyncio.get_running_loop().create_future())
        self._waiting.append(rider)
        if len(self._running) < SLOTS:
            task = asyncio.create_task(self._run())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await rider.answer

    async def _run(self) -> None:
        while self._waiting:
            riders = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            try:
                columns = zip(*(rider.row for rider in riders), strict=True)
                records = await self._asked.fetch(self._plan.statement, *map(list, columns))
                answers: Sequence[str | BaseException] = [record["answer"] for record in records]
            except Exception as error:  # noqa: BLE001  # each of them is told
                answers = [error] * len(riders)
            for rider, answer in zip(riders, answers, strict=True):
                if rider.answer.done():  # who asked has gone away
                    continue
                if isinstance(answer, BaseException):
                    rider.answer.set_exception(answer)
                else:
                    rider.answer.set_result(answer)
