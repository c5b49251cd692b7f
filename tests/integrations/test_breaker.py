"""Who has failed time after time is left alone, and tried again by one."""

import asyncio
from contextlib import ExitStack

import pytest

from integrations.breaker import Breaker, Broken


class Failed(Exception): ...


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(Failed, clock=clock, failures=3, seconds=10)


def fail(breaker: Breaker, times: int = 1, kind: type[Exception] = Failed) -> None:
    for _ in range(times):
        with pytest.raises(kind), breaker.guard():
            raise kind


def succeed(breaker: Breaker) -> None:
    with breaker.guard():
        pass


def is_open(breaker: Breaker) -> bool:
    with ExitStack() as stack:
        try:
            stack.enter_context(breaker.guard())
        except Broken:
            return True
        stack.pop_all()  # and is not told how it went
        return False


def test_after_so_many_failures_in_a_row_nobody_is_let_through(breaker: Breaker):
    fail(breaker, 3)

    assert is_open(breaker)


def test_failures_between_which_something_went_well_are_not_in_a_row(breaker: Breaker):
    fail(breaker, 2)
    succeed(breaker)
    fail(breaker, 2)

    assert not is_open(breaker)


def test_an_error_of_another_kind_is_no_failure(breaker: Breaker):
    fail(breaker, 9, KeyError)

    assert not is_open(breaker)


def test_when_its_time_is_over_one_alone_is_let_through(breaker: Breaker, clock: Clock):
    fail(breaker, 3)
    clock.now += 9.9
    assert is_open(breaker)
    clock.now += 0.2

    with breaker.guard():
        assert is_open(breaker)

    assert not is_open(breaker)
    fail(breaker, 2)
    assert not is_open(breaker)


def test_when_that_one_fails_it_is_open_for_as_long_again(breaker: Breaker, clock: Clock):
    fail(breaker, 3)
    clock.now += 10
    fail(breaker)

    assert is_open(breaker)
    clock.now += 9.9
    assert is_open(breaker)
    clock.now += 0.1
    succeed(breaker)
    assert not is_open(breaker)


async def test_a_call_that_is_given_up_neither_opens_nor_closes_it(breaker: Breaker, clock: Clock):
    async def ask():
        with breaker.guard():
            await asyncio.Event().wait()

    fail(breaker, 3)
    clock.now += 10
    asking = asyncio.create_task(ask())
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])

    assert asking.cancelled()
    assert is_open(breaker)
    clock.now += 10
    assert not is_open(breaker)
