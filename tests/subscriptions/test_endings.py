"""What runs for ever ends when it is told to, even in the very moment in which there is news."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any, TypeAlias

import pytest

from domain.events import Page, Position
from subscriptions.hub import Hub
from subscriptions.wakeups import Wakeups

Running: TypeAlias = tuple[Coroutine[Any, Any, None], Callable[[], object]]


class Silence:
    """A log in which nothing happens, and a channel that nobody hears."""

    async def read(self, after: Position, **_: int) -> Page:
        return Page(events=[], position=after, unsettled=False)

    async def verified(self, ids: Collection[Any]) -> Collection[Any]:
        return ids

    async def may_hear(self, ids: Collection[Any]) -> Collection[Any]:
        return ids

    async def publish(self, channel: str, message: str) -> None: ...


def hub() -> Running:
    """And how it gets news."""
    made = Hub(Silence(), Silence())
    return made.run(), made.look


def speaker() -> Running:
    made = Wakeups(Silence(), lambda: None)
    return made._speak(), made.announce


@pytest.mark.parametrize("rounds", range(6))
@pytest.mark.parametrize("make", [hub, speaker])
async def test_news_in_the_moment_of_the_end_do_not_keep_it(make: Callable[[], Running], rounds):
    """`asyncio.wait_for` of Python 3.11 forgets that it was cancelled if it has a result, too."""
    work, tell = make()
    running = asyncio.create_task(work)
    await asyncio.sleep(0.01)

    tell()
    for _ in range(rounds):  # of the loop
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running], timeout=5)

    assert running.done()
