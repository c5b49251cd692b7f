"""Many ask at once, the database is asked once; and nobody is told what was found before."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

import pytest

from subscriptions.together import Together


@dataclass
class Database:
    """Answers with how often it was asked, when `gate` lets it."""

    asked: list[set[str]] = field(default_factory=list)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    failing: bool = False

    async def answer(self, keys: Collection[str]) -> int:
        self.asked.append(set(keys))
        number = len(self.asked)
        await self.gate.acquire()
        if self.failing:
            raise ConnectionError
        return number


async def turn() -> None:
    for _ in range(3):  # of the loop
        await asyncio.sleep(0)


async def test_those_who_come_meanwhile_ride_on_the_next_question_together():
    database = Database()
    together = Together(database.answer)

    first = asyncio.create_task(together.ask("a"))
    await turn()
    later = [asyncio.create_task(together.ask(key)) for key in "bcb"]
    await turn()
    assert database.asked == [{"a"}]  # and they are not told what this one finds
    database.gate.release()
    assert await first == 1
    await turn()
    last = asyncio.create_task(together.ask("d"))
    await turn()
    for _ in range(2):
        database.gate.release()

    assert await asyncio.gather(*later, last) == [2, 2, 2, 3]
    assert database.asked == [{"a"}, {"b", "c"}, {"d"}]


async def test_who_asks_alone_does_not_wait():
    database = Database(gate=asyncio.Semaphore(9))
    together = Together(database.answer)
    assert [await together.ask(key) for key in "ab"] == [1, 2]
    assert database.asked == [{"a"}, {"b"}]


async def test_a_question_that_fails_fails_for_those_on_it_and_not_for_the_next():
    database = Database(failing=True)
    together = Together(database.answer)
    both = [asyncio.create_task(together.ask(key)) for key in "ab"]
    await turn()
    after = asyncio.create_task(together.ask("c"))
    await turn()
    database.gate.release()
    await asyncio.wait(both)
    database.failing = False
    database.gate.release()

    assert await after == 2
    for each in both:
        with pytest.raises(ConnectionError):
            each.result()


async def test_who_goes_away_takes_nobodys_answer_with_him():
    database = Database()
    together = Together(database.answer)
    gone, there = [asyncio.create_task(together.ask(key)) for key in "ab"]
    await turn()
    gone.cancel()
    await turn()
    database.gate.release()
    assert await there == 1
    assert gone.cancelled()
