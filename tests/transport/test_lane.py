import asyncio
import time
from contextlib import suppress

import pytest

from transport.lane import Lane


async def look(lane: Lane, seconds: float, *, needed: bool = True, in_vain: bool = False) -> float:
    """When it was done."""
    async with lane.turn(needed=needed):
        time.sleep(seconds)  # noqa: ASYNC251  # as a parser does
        if in_vain:
            raise ValueError
    return time.perf_counter()


async def test_who_needs_no_turn_passes_all_who_wait():
    lane = Lane()
    waiting = [asyncio.create_task(look(lane, 0.01)) for _ in range(5)]
    await asyncio.sleep(0)

    passed = await look(lane, 0, needed=False)

    times = await asyncio.gather(*waiting)
    assert times == sorted(times)
    assert passed < times[1]


@pytest.mark.parametrize(("in_vain", "times"), [(False, 1), (True, 3)])
async def test_the_next_waits_as_long_as_it_took_and_longer_if_that_was_in_vain(in_vain, times):
    lane = Lane()
    began = time.perf_counter()
    [first] = await asyncio.gather(look(lane, 0.02, in_vain=in_vain), return_exceptions=True)
    assert isinstance(first, ValueError) == in_vain

    second = await look(lane, 0)

    assert second - began >= 0.02 + times * 0.02


async def test_refused_values_are_paid_for_without_a_turn():
    lane = Lane()
    began = time.perf_counter()
    with suppress(ValueError), lane.paid_in_vain():
        time.sleep(0.02)  # noqa: ASYNC251
        raise ValueError

    assert await look(lane, 0) - began >= 0.08


async def test_who_gives_up_waiting_leaves_the_lane_to_others():
    lane = Lane()
    waiting = [asyncio.create_task(look(lane, 0.02)) for _ in range(3)]
    await asyncio.sleep(0.001)

    waiting[1].cancel()

    async with asyncio.timeout(10):
        await asyncio.gather(*waiting, return_exceptions=True)
        await look(lane, 0)
