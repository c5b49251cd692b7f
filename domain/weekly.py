"""A weekly pattern in wall-clock time, made into instants.

Wall-clock times keep their zone: 13:00 stays 13:00 across a change of the clock. `zoneinfo` maps
a missing hour silently, so each local time is checked by the round trip.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from domain.errors import Invalid, Refusal
from domain.limits import Limits
from domain.slots import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Weekdays are 0 for Monday to 6 for Sunday; both dates are included."""

    weekdays: frozenset[int]
    start_time: time
    end_time: time
    minutes: int
    buffer_minutes: int
    from_date: date
    to_date: date

    def faults(self, limits: Limits) -> Iterator[Refusal]:
        if not self.weekdays:
            yield Invalid("Choose at least one weekday.", "weekdays")
        if self.end_time <= self.start_time:
            yield Invalid("The end lies after the start, on the same day.", "endTime")
        shortest, longest = minutes_of_a_slot(limits)
        if not shortest <= self.minutes <= longest:
            yield Invalid(f"A slot takes {shortest} to {longest} minutes.", "minutes")
        if not 0 <= self.buffer_minutes <= longest:
            yield Invalid(f"A buffer takes 0 to {longest} minutes.", "bufferMinutes")
        if self.to_date < self.from_date:
            yield Invalid("The last day does not lie before the first.", "toDate")
        elif self.to_date - self.from_date > limits.slot_ahead:
            yield Invalid(f"A pattern spans at most {limits.slot_ahead.days} days.", "toDate")


def minutes_of_a_slot(limits: Limits) -> tuple[int, int]:
    """The fewest and the most."""
    minute = timedelta(minutes=1)
    return limits.slot_shortest // minute, limits.slot_longest // minute


def periods(pattern: Pattern, zone: ZoneInfo) -> list[Period]:
    """The pattern's slots, in order of time.

    Slots tile from the start of each day's hours, the buffer after each. A local time that does
    not exist makes no slot; one that comes twice makes one at each of its two instants. None runs
    into the next, nor past the end of the hours.
    """
    found: list[Period] = []
    length = timedelta(minutes=pattern.minutes)
    for day in _days(pattern):
        closes = max(_instants(datetime.combine(day, pattern.end_time), zone), default=None)
        starts = sorted(i for local in _tiles(pattern, day) for i in _instants(local, zone))
        for start in starts:
            end = start + length
            past_the_end = closes is not None and end > closes
            if past_the_end or (found and start < found[-1].ends_at):
                continue
            found.append(Period(start, end))
    return found


def _days(pattern: Pattern) -> Iterator[date]:
    for number in range((pattern.to_date - pattern.from_date).days + 1):
        day = pattern.from_date + timedelta(days=number)
        if day.weekday() in pattern.weekdays:
            yield day


def _tiles(pattern: Pattern, day: date) -> Iterator[datetime]:
    """Local starts, naive. What remains at the end, shorter than a slot, makes none."""
    opens = datetime.combine(day, pattern.start_time)
    closes = datetime.combine(day, pattern.end_time)
    for number in count():
        start = opens + number * timedelta(minutes=pattern.minutes + pattern.buffer_minutes)
        if start + timedelta(minutes=pattern.minutes) > closes:
            return
        yield start


def _instants(local: datetime, zone: ZoneInfo) -> set[datetime]:
    """None where the clock leaps over this time, two where it goes back over it."""
    both = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return {at for at in both if at.astimezone(zone).replace(tzinfo=None) == local}
