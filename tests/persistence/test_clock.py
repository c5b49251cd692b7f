"""Whose time it is, when clocks differ."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from persistence.clock import APART, Clock
from persistence.database import Pool

NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Clocks:
    """Three of them: the database's, which takes a while to answer, the wall's and the even one."""

    def __init__(self) -> None:
        self.database = self.wall = NOON
        self.evenly = 100.0
        self.takes = 0.0
        self.clock = Clock(lambda: self.evenly, self.read_the_wall)

    def read_the_wall(self) -> float:
        return self.wall.timestamp()

    def go_on(self, seconds: float, *, evenly: bool = True) -> None:
        self.database += timedelta(seconds=seconds)
        self.wall += timedelta(seconds=seconds)
        if evenly:
            self.evenly += seconds

    async def fetchval(self, statement: str) -> datetime:
        assert statement == "SELECT clock_timestamp()"
        self.go_on(self.takes)
        told = self.database
        self.go_on(self.takes)
        return told

    async def look(self) -> None:
        await self.clock.look(self)


@pytest.fixture
async def clocks() -> Clocks:
    them = Clocks()
    await them.look()
    return them


async def test_it_shows_the_time_of_the_database(own_pool: Pool):
    clock = Clock()
    began = time.monotonic()
    await clock.look(own_pool)
    doubt = timedelta(seconds=time.monotonic() - began + 0.1)

    before = await own_pool.fetchval("SELECT clock_timestamp()")
    shown = clock.now()
    after = await own_pool.fetchval("SELECT clock_timestamp()")

    assert before - doubt < shown < after + doubt
    assert shown.tzinfo is UTC


async def test_a_wall_clock_that_is_wrong_from_the_start_does_not_matter(
    caplog: pytest.LogCaptureFixture,
):
    them = Clocks()
    them.wall += DAY
    await them.look()
    them.go_on(60)

    assert them.clock.now() == NOON + timedelta(minutes=1)
    assert them.clock.right
    assert "this machine's clock is 86400 s off the database's" in caplog.text


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_a_wall_clock_that_is_set_does_not_matter(clocks: Clocks, jump: timedelta):
    clocks.wall += jump
    clocks.go_on(60)
    await clocks.look()

    assert clocks.clock.now() == NOON + timedelta(minutes=1)
    assert clocks.clock.right


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_a_database_that_is_alone_with_its_time_is_not_followed(
    clocks: Clocks, jump: timedelta, caplog: pytest.LogCaptureFixture
):
    clocks.database += jump
    await clocks.look()

    assert clocks.clock.now() == NOON
    assert not clocks.clock.right
    assert "the database's clock is" in caplog.text

    clocks.database -= jump
    await clocks.look()

    assert clocks.clock.right


async def test_after_a_sleep_it_goes_on_with_the_time_that_it_is(clocks: Clocks):
    clocks.go_on(8 * 3600, evenly=False)
    await clocks.look()

    assert clocks.clock.now() == NOON + timedelta(hours=8)
    assert clocks.clock.right


async def test_it_follows_a_database_whose_clock_goes_a_little_differently(clocks: Clocks):
    clocks.database += timedelta(seconds=APART - 1)
    await clocks.look()

    assert clocks.clock.now() == clocks.database
    assert clocks.clock.right


async def test_what_lies_within_the_time_of_an_answer_is_no_difference(clocks: Clocks):
    clocks.takes = 3.0
    clocks.database += timedelta(seconds=2)
    await clocks.look()

    assert clocks.clock.now() == clocks.wall
