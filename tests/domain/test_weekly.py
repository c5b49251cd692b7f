"""Wall-clock patterns made into instants, where clocks change and where they do not."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.limits import Limits
from domain.weekly import Pattern, periods

NEW_YORK = ZoneInfo("America/New_York")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
EVERY_DAY = frozenset(range(7))


def pattern(day: str, start: str, end: str, minutes: int, **given: Any) -> Pattern:
    """Of that one day, unless `given` says how long it goes on."""
    plain: dict[str, Any] = {
        "weekdays": EVERY_DAY,
        "start_time": time.fromisoformat(start),
        "end_time": time.fromisoformat(end),
        "minutes": minutes,
        "buffer_minutes": 0,
        "from_date": date.fromisoformat(day),
        "to_date": date.fromisoformat(day),
    }
    return Pattern(**(plain | given))


def starts(pattern: Pattern, zone: ZoneInfo) -> list[str]:
    """The instants in UTC, as `day hour:minute`."""
    return [f"{each.starts_at.astimezone(UTC):%d %H:%M}" for each in periods(pattern, zone)]


def local_starts(pattern: Pattern, zone: ZoneInfo) -> list[str]:
    return [f"{each.starts_at.astimezone(zone):%d %H:%M}" for each in periods(pattern, zone)]


# ----------------------------------------------------------------------- tiling


@pytest.mark.parametrize(
    ("end", "minutes", "buffer", "expected"),
    [
        ("11:00", 30, 0, ["09:00", "09:30", "10:00", "10:30"]),
        ("11:00", 30, 10, ["09:00", "09:40", "10:20"]),
        ("10:50", 30, 10, ["09:00", "09:40", "10:20"]),  # no buffer is needed after the last
        ("10:49", 30, 10, ["09:00", "09:40"]),
        ("11:00", 45, 0, ["09:00", "09:45"]),  # half an hour remains
        ("09:30", 30, 480, ["09:00"]),
        ("09:29", 30, 0, []),
        ("17:00", 480, 0, ["09:00"]),
    ],
)
def test_slots_and_buffers_tile_from_the_start_and_a_remainder_makes_no_slot(
    end: str, minutes: int, buffer: int, expected: list[str]
):
    tiled = pattern("2030-01-07", "09:00", end, minutes, buffer_minutes=buffer)

    found = periods(tiled, SAO_PAULO)

    assert [f"{each.starts_at.astimezone(SAO_PAULO):%H:%M}" for each in found] == expected
    assert {each.ends_at - each.starts_at for each in found} <= {timedelta(minutes=minutes)}


def test_only_the_weekdays_of_the_range_have_slots_both_ends_included():
    week = pattern(
        "2030-01-07",  # a Monday
        "09:00",
        "10:00",
        60,
        weekdays=frozenset({0, 2}),
        to_date=date(2030, 1, 16),  # a Wednesday
    )

    assert local_starts(week, SAO_PAULO) == ["07 09:00", "09 09:00", "14 09:00", "16 09:00"]


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("America/Noronha", "07 15:00"),
        ("America/Sao_Paulo", "07 16:00"),
        ("America/Manaus", "07 17:00"),
        ("America/Rio_Branco", "07 18:00"),
    ],
)
def test_each_of_brazils_four_offsets_has_its_own_13_00(zone: str, instant: str):
    assert starts(pattern("2030-01-07", "13:00", "14:00", 60), ZoneInfo(zone)) == [instant]


# ------------------------------------------------------------ when clocks change


def test_13_00_stays_13_00_across_a_change_of_the_clock():
    spring = pattern("2027-03-13", "13:00", "14:00", 60, to_date=date(2027, 3, 15))
    autumn = pattern("2027-11-06", "13:00", "14:00", 60, to_date=date(2027, 11, 8))

    assert starts(spring, NEW_YORK) == ["13 18:00", "14 17:00", "15 17:00"]
    assert starts(autumn, NEW_YORK) == ["06 17:00", "07 18:00", "08 18:00"]
    assert {each[3:] for each in local_starts(spring, NEW_YORK)} == {"13:00"}
    assert {each[3:] for each in local_starts(autumn, NEW_YORK)} == {"13:00"}


def test_the_hour_that_new_york_leaps_over_makes_no_slot():
    """On 14 March 2027 the clocks go from 2:00 to 3:00."""
    night = pattern("2027-03-14", "01:00", "04:00", 30)

    assert local_starts(night, NEW_YORK) == ["14 01:00", "14 01:30", "14 03:00", "14 03:30"]
    assert starts(night, NEW_YORK) == ["14 06:00", "14 06:30", "14 07:00", "14 07:30"]
    assert periods(pattern("2027-03-14", "02:00", "03:00", 30), NEW_YORK) == []


def test_the_hour_that_new_york_has_twice_makes_each_instant_once():
    """On 7 November 2027 the clocks go from 2:00 back to 1:00."""
    night = pattern("2027-11-07", "00:30", "02:30", 30)

    assert starts(night, NEW_YORK) == [
        "07 04:30",  # 0:30
        "07 05:00",  # 1:00, daylight time
        "07 05:30",
        "07 06:00",  # 1:00, standard time
        "07 06:30",
        "07 07:00",  # 2:00
    ]


def test_sao_paulos_missing_midnight_makes_no_slot():
    """On 4 November 2018 the clocks went from 0:00 to 1:00."""
    night = pattern("2018-11-04", "00:00", "02:00", 30)

    assert local_starts(night, SAO_PAULO) == ["04 01:00", "04 01:30"]
    assert starts(night, SAO_PAULO) == ["04 03:00", "04 03:30"]
    assert periods(pattern("2018-11-04", "00:00", "01:00", 60), SAO_PAULO) == []


def test_sao_paulos_second_23_00_makes_each_instant_once():
    """On 16 February 2019 the clocks went from 24:00 back to 23:00."""
    evening = pattern("2019-02-16", "22:30", "23:59", 20)

    assert starts(evening, SAO_PAULO) == [
        "17 00:30",  # 22:30
        "17 00:50",
        "17 01:10",  # 23:10, summer time
        "17 01:30",
        "17 02:10",  # 23:10, standard time
        "17 02:30",
    ]


def test_a_slot_into_the_leap_does_not_run_into_the_next():
    night = pattern("2027-03-14", "01:00", "06:00", 90)

    found = periods(night, NEW_YORK)

    assert local_starts(night, NEW_YORK) == ["14 01:00", "14 04:00"]
    assert all(before.ends_at <= after.starts_at for before, after in pairwise(found))


ZONES = ["America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    """Without faults, of up to 40 days."""
    quarters = sorted(draw(st.sets(st.integers(0, 95), min_size=2, max_size=2)))
    opens, closes = (time(quarter // 4, quarter % 4 * 15) for quarter in quarters)
    day = draw(st.dates(date(2005, 1, 1), date(2035, 12, 1)))
    return pattern(
        f"{day}",
        f"{opens}",
        f"{closes}",
        draw(st.integers(5, 480)),
        buffer_minutes=draw(st.integers(0, 60)),
        to_date=day + timedelta(days=draw(st.integers(0, 40))),
    )


@given(patterns(), st.sampled_from(ZONES))
def test_slots_begin_at_their_local_time_last_as_long_as_asked_and_never_overlap(
    made: Pattern, name: str
):
    zone = ZoneInfo(name)

    found = periods(made, zone)

    step = timedelta(minutes=made.minutes + made.buffer_minutes)
    for each in found:
        local = each.starts_at.astimezone(zone).replace(tzinfo=None)
        since_opening = local - datetime.combine(local.date(), made.start_time)
        assert since_opening % step == timedelta(0)
        assert made.start_time <= local.time() < made.end_time
        assert each.ends_at - each.starts_at == timedelta(minutes=made.minutes)
        assert each.starts_at.tzinfo is UTC
    assert all(before.ends_at <= after.starts_at for before, after in pairwise(found))


# ----------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({}, []),
        ({"weekdays": frozenset()}, ["weekdays"]),
        ({"end_time": time(9)}, ["endTime"]),
        ({"minutes": 5}, []),
        ({"minutes": 4}, ["minutes"]),
        ({"minutes": 480}, []),
        ({"minutes": 481}, ["minutes"]),
        ({"buffer_minutes": -1}, ["bufferMinutes"]),
        ({"buffer_minutes": 481}, ["bufferMinutes"]),
        ({"to_date": date(2030, 1, 6)}, ["toDate"]),
        ({"to_date": date(2031, 1, 7)}, []),
        ({"to_date": date(2031, 1, 8)}, ["toDate"]),
        ({"weekdays": frozenset(), "minutes": 0}, ["weekdays", "minutes"]),
    ],
)
def test_the_faults_of_a_pattern_say_where_they_are(given: dict[str, Any], paths: list[str]):
    made = replace(pattern("2030-01-07", "09:00", "11:00", 30), **given)

    faults = made.faults(Limits())

    assert [list(fault.path) for fault in faults] == [[path] for path in paths]
