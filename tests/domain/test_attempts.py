"""How long whoever guesses has to wait: on both sides of every bound."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.attempts import Failures, Throttle
from domain.errors import TooManyAttempts

NOW = datetime(2030, 1, 7, 12, 15, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NONE = Failures(last_at=NOW, clear_at=NOW)
FIVE = Throttle(free=5, forgives_in=12 * MINUTE, first=SECOND, longest=15 * MINUTE)


def failed(times: int, at: datetime = NOW, failures: Failures = NONE) -> Failures:
    for _ in range(times):
        failures = FIVE.fail(failures, at)
    return failures


@pytest.mark.parametrize(
    ("times", "seconds"),
    [(0, 0), (1, 0), (5, 0), (6, 1), (7, 2), (8, 4), (15, 512), (16, 900), (17, 900), (5_000, 900)],
)
def test_five_are_free_and_then_each_doubles_the_delay(times, seconds):
    assert FIVE.delay(times) == timedelta(seconds=seconds)
    assert FIVE.opens_in(failed(times), NOW) == timedelta(seconds=seconds)


def test_one_is_forgiven_in_each_twelve_minutes():
    failures = failed(6)

    assert FIVE.count(failures, NOW) == 6
    assert FIVE.count(failures, NOW + 12 * MINUTE - SECOND) == 6
    assert FIVE.count(failures, NOW + 12 * MINUTE) == 5
    assert FIVE.count(failures, NOW + 72 * MINUTE - SECOND) == 1
    assert FIVE.count(failures, NOW + 72 * MINUTE) == 0
    assert FIVE.count(failures, NOW + timedelta(days=9)) == 0


def test_whoever_comes_back_after_an_hour_has_five_free_again():
    later = NOW + timedelta(hours=2)

    assert not FIVE.opens_in(failed(5, later, failed(6)), later)
    assert FIVE.opens_in(failed(6, later, failed(6)), later) == SECOND


def test_guessing_on_and_on_is_no_more_than_five_guesses_an_hour():
    at, failures, guesses = NOW, NONE, 0
    while at < NOW + timedelta(days=1):
        failures = FIVE.fail(failures, at)
        at, guesses = at + max(FIVE.opens_in(failures, at), SECOND), guesses + 1

    assert 100 < guesses < 24 * 5 + 20


def test_what_is_taken_back_never_was():
    assert FIVE.count(FIVE.take_back(failed(7)), NOW) == 6
    assert FIVE.opens_in(FIVE.take_back(failed(7)), NOW) == SECOND


def test_who_began_before_one_that_was_counted_first_waits_only_where_there_is_a_delay():
    before = NOW - MINUTE

    assert not FIVE.opens_in(failed(5), before)
    assert FIVE.opens_in(failed(6), before) == MINUTE + SECOND


def test_one_that_is_counted_late_does_not_open_what_is_closed():
    late = FIVE.fail(failed(6), NOW - MINUTE)

    assert FIVE.opens_in(late, NOW) == 2 * SECOND


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        (timedelta(milliseconds=1), "in 1 s."),
        (SECOND, "in 1 s."),
        (timedelta(seconds=1.001), "in 2 s."),
        (90 * SECOND, "in 90 s."),
        (91 * SECOND, "in 2 minutes."),
        (15 * MINUTE, "in 15 minutes."),
    ],
)
def test_when_to_try_again_is_told_rounded_up(wait, told):
    assert str(TooManyAttempts(wait)).endswith(f"try again {told}")
