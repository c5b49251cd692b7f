"""What became of a doctor's requests, visits and published time, told to himself."""

from datetime import date, datetime, timedelta
from typing import Annotated, Self

import strawberry

from domain import statistics
from domain.limits import Limits
from domain.statistics import StatisticsStep, step_of
from schema.context import Info
from schema.nodes import must

POINTS_MOST = Limits().statistics_by_day.days + 2  # both ends may lie within a day

strawberry.enum(
    StatisticsStep,
    description="How long each point of a series is. DAY: midnight to midnight in the doctor's"
    " zone. WEEK: from Monday on.",
)
_From = Annotated[datetime, strawberry.argument(name="from", description="The earliest moment.")]
_To = Annotated[
    datetime, strawberry.argument(description="Later than from, at most 366 days; not included.")
]
_By = Annotated[
    StatisticsStep | None,
    strawberry.argument(
        description="How the series is cut; null: by DAY up to 62 days, by WEEK beyond. By DAY is"
        " refused beyond 62 days."
    ),
]
_PUBLISHED = "Minutes of the slots that start then and are not withdrawn."
_OCCUPIED = (
    "Minutes of the appointments that start then and are REQUESTED, CONFIRMED, IN_PROGRESS,"
    " COMPLETED or NO_SHOW."
)


@strawberry.type(
    description="One day or week of a series. The first and the last have only what lies in"
    " [from, to)."
)
class StatisticsPoint:
    starts_on: date = strawberry.field(description="Its first day in the doctor's zone.")
    requests: int = strawberry.field(description="Appointments that were first requested then.")
    completed: int = strawberry.field(description="Visits that start then and took place.")
    cancelled: int = strawberry.field(description="Those of them that were called off.")
    no_shows: int = strawberry.field(description="Those to which the patient did not come.")
    published_minutes: int = strawberry.field(description=_PUBLISHED)
    occupied_minutes: int = strawberry.field(description=_OCCUPIED)

    @classmethod
    def of(cls, point: statistics.StatisticsPoint) -> Self:
        return cls(
            starts_on=point.starts_on,
            requests=point.requests,
            completed=point.completed,
            cancelled=point.cancelled,
            no_shows=point.no_shows,
            published_minutes=_minutes(point.published),
            occupied_minutes=_minutes(point.occupied),
        )


@strawberry.type(
    description="Numbers of [from, to), as things stand now. Requests count where they were first"
    " made: accepted, declined, expired, withdrawn and waiting add up to requests. Visits and"
    " slots count where they start; reviews on the days, in the doctor's zone, that the range"
    " touches."
)
class DoctorStatistics:
    requests: int = strawberry.field(description="Appointments that were first requested then.")
    accepted: int = strawberry.field(
        description="Those of them that the doctor accepted, whatever came of the visit."
    )
    declined: int = strawberry.field(description="Those that he declined.")
    expired: int = strawberry.field(description="Those that he did not answer in time.")
    withdrawn: int = strawberry.field(description="Those that were called off before any answer.")
    waiting: int = strawberry.field(description="Those that wait for his answer, or a new one.")
    answer_seconds_median: int | None = strawberry.field(
        description="From a request to its first answer, for half of those that were answered no"
        " longer; null if none was."
    )
    answer_seconds_p90: int | None = strawberry.field(
        name="answerSecondsP90", description="The same for nine in ten."
    )
    completed: int = strawberry.field(description="Visits that start then and took place.")
    no_shows: int = strawberry.field(description="Those to which the patient did not come.")
    cancelled_by_patient: int = strawberry.field(
        description="Appointments that were to start then, and that the patient called off."
    )
    cancelled_by_doctor: int = strawberry.field(description="Those that the doctor called off.")
    cancelled_by_system: int = strawberry.field(
        description="Those that the clinic called off, as when an account is erased."
    )
    published_minutes: int = strawberry.field(description=_PUBLISHED)
    occupied_minutes: int = strawberry.field(description=_OCCUPIED)
    occupied_share: float | None = strawberry.field(
        description="occupiedMinutes of publishedMinutes, 0 to 1; null if none were published."
    )
    reviews: int = strawberry.field(description="Reviews that were given then.")
    average_stars: float | None = strawberry.field(
        description="Their average, of however few; null without any."
    )
    stars: list[int] = strawberry.field(
        description="How many of them gave one star, two, three, four, five."
    )
    step: StatisticsStep = strawberry.field(description="How series is cut.")
    series: list[StatisticsPoint] = strawberry.field(
        description="All days or weeks that the range touches, in order; those without anything"
        " are there with zeros."
    )

    @classmethod
    def of(cls, found: statistics.DoctorStatistics) -> Self:
        reviews = sum(found.stars)
        given = sum(number * count for number, count in enumerate(found.stars, 1))
        return cls(
            requests=found.requests,
            accepted=found.accepted,
            declined=found.declined,
            expired=found.expired,
            withdrawn=found.withdrawn,
            waiting=found.waiting,
            answer_seconds_median=_seconds(found.answer_median),
            answer_seconds_p90=_seconds(found.answer_p90),
            completed=found.completed,
            no_shows=found.no_shows,
            cancelled_by_patient=found.cancelled_by_patient,
            cancelled_by_doctor=found.cancelled_by_doctor,
            cancelled_by_system=found.cancelled_by_system,
            published_minutes=_minutes(found.published),
            occupied_minutes=_minutes(found.occupied),
            occupied_share=found.occupied / found.published if found.published else None,
            reviews=reviews,
            average_stars=given / reviews if reviews else None,
            stars=list(found.stars),
            step=found.step,
            series=[StatisticsPoint.of(each) for each in found.series],
        )


@strawberry.type
class OwnStatistics:
    """A doctor's, of himself; not a type of its own for clients."""

    @strawberry.field(
        description="Own numbers of what was requested and what took place in [from, to)."
    )
    async def statistics(
        self, info: Info, from_: _From, to: _To, by: _By = None
    ) -> DoctorStatistics:
        found = await info.context.reads.statistics(
            must(info.context.viewer.doctor_id),
            from_=from_,
            to=to,
            step=step_of(from_, to, by, info.context.services.limits),
            at=info.context.at,
        )
        return DoctorStatistics.of(found)


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else round(length.total_seconds())
