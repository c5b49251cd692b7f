"""What became of a doctor's requests, visits and published time, in numbers.

A request counts where it was first made, and as it stands now; a visit and a slot count where they
start; a review where it was given. So the first five counts of requests add up to all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.errors import BadInput
from domain.limits import Limits


class StatisticsStep(StrEnum):
    DAY = "DAY"
    WEEK = "WEEK"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsPoint:
    """A day, or a week from its Monday on, of the doctor's calendar, as far as it was asked for."""

    starts_on: date
    requests: int
    completed: int
    cancelled: int
    no_shows: int
    published: timedelta
    occupied: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorStatistics:
    """`answer_median`, `answer_p90`: from a request to its first answer; None without any.
    `stars`: how many reviews gave one star, two, and so on to five.
    """

    requests: int
    accepted: int
    declined: int
    expired: int
    withdrawn: int
    waiting: int
    answer_median: timedelta | None
    answer_p90: timedelta | None
    completed: int
    no_shows: int
    cancelled_by_patient: int
    cancelled_by_doctor: int
    cancelled_by_system: int
    published: timedelta
    occupied: timedelta
    stars: tuple[int, int, int, int, int]
    step: StatisticsStep
    series: Sequence[StatisticsPoint]


def step_of(
    from_: datetime, to: datetime, wanted: StatisticsStep | None, limits: Limits
) -> StatisticsStep:
    """By day where that is not too many. Raises BadInput."""
    length = to - from_
    if not timedelta(0) < length <= limits.statistics:
        raise BadInput(f"to lies after from, by at most {limits.statistics.days} days.")
    few = length <= limits.statistics_by_day
    if wanted is StatisticsStep.DAY and not few:
        raise BadInput(
            f"By DAY are told at most {limits.statistics_by_day.days} days; ask for by: WEEK."
        )
    return wanted or (StatisticsStep.DAY if few else StatisticsStep.WEEK)
