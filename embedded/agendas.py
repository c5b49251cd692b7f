"""A doctor's working week, in wall-clock time, and the moments that come of it."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

_MORNINGS = ((7, 10), (8, 11), (8, 12), (9, 12))
_AFTERNOONS = ((13, 16), (14, 17), (13, 17), (14, 18))
_EVENINGS = ((18, 21), (19, 21))
SATURDAY = 5


class Agenda(NamedTuple):
    """`week`: for Monday to Sunday, when slots start, in minutes since midnight."""

    zone: ZoneInfo
    minutes: int
    week: tuple[tuple[int, ...], ...]

    def on(self, day: date) -> tuple[int, ...]:
        return self.week[day.weekday()]

    def slot(self, day: date, minute: int) -> tuple[datetime, datetime]:
        """Start and end in UTC."""
        local = datetime.combine(day, time(*divmod(minute, 60)), self.zone)
        starts_at = local.astimezone(UTC)
        return starts_at, starts_at + timedelta(minutes=self.minutes)


def agenda(rng: Random, zone: ZoneInfo) -> Agenda:
    """Two to six days a week, with shifts that a doctor keeps for most of them."""
    minutes = rng.choice((20, 30, 30, 30, 40, 50))
    days = set(rng.sample(range(SATURDAY), rng.choice((2, 3, 3, 4, 4, 4, 4, 5))))
    usual = _shifts(rng)
    week = []
    for weekday in range(7):
        shifts = rng.choice((usual, usual, usual, _shifts(rng)))
        week.append(_tile(shifts, minutes) if weekday in days else ())
    if rng.randrange(7) == 0:
        week[SATURDAY] = _tile(_MORNINGS[:1], minutes)
    return Agenda(zone, minutes, tuple(week))


def every_day(zone: ZoneInfo, minutes: int, *shifts: tuple[int, int]) -> Agenda:
    """The same shifts, given in whole hours, on all seven days."""
    return Agenda(zone, minutes, (_tile(shifts, minutes),) * 7)


def _shifts(rng: Random) -> tuple[tuple[int, int], ...]:
    morning, afternoon = rng.choice(_MORNINGS), rng.choice(_AFTERNOONS)
    evening = rng.choice(_EVENINGS)
    return rng.choices(
        ((morning,), (afternoon,), (morning, afternoon), (evening,), (afternoon, evening)),
        (40, 40, 6, 12, 2),
    )[0]


def _tile(shifts: tuple[tuple[int, int], ...], minutes: int) -> tuple[int, ...]:
    """A remainder shorter than `minutes` makes no slot."""
    return tuple(
        start
        for first, last in shifts
        for start in range(first * 60, last * 60 - minutes + 1, minutes)
    )
