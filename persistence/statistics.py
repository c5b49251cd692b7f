"""Statistics of one doctor, in one statement over his own rows.

Statuses are as of now, whatever the rows still say, and days are those of the doctor's zone.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any

from domain.ids import DoctorId
from domain.statistics import DoctorStatistics, StatisticsPoint, StatisticsStep
from persistence.appointments import NOW
from persistence.database import Pool

# $1 the doctor, [$2, $3) the span, $4 DAY or WEEK, $5 now. `asked` and `starts` say by what an
# appointment belongs to the span; the visits of both are read once.
_OCCUPIES = "status IN ('REQUESTED', 'CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'NO_SHOW')"
_OCCUPIED = f"coalesce(sum(lasts) FILTER (WHERE starts AND {_OCCUPIES}), '0') AS occupied"
_PUBLISHED = "coalesce(sum(ends_at - starts_at), '0') AS published"
_COUNTS = {
    "requests": "asked",
    "accepted": "asked AND (status IN ('CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'NO_SHOW')"
    " OR status = 'CANCELLED' AND answered_at IS NOT NULL)",
    "declined": "asked AND status = 'DECLINED'",
    "expired": "asked AND status = 'EXPIRED'",
    "withdrawn": "asked AND status = 'CANCELLED' AND answered_at IS NULL",
    "waiting": "asked AND status = 'REQUESTED'",
    "completed": "starts AND status = 'COMPLETED'",
    "no_shows": "starts AND status = 'NO_SHOW'",
    "cancelled_by_patient": "starts AND status = 'CANCELLED' AND ended_by = 'PATIENT'",
    "cancelled_by_doctor": "starts AND status = 'CANCELLED' AND ended_by = 'DOCTOR'",
    "cancelled_by_system": "starts AND status = 'CANCELLED' AND ended_by = 'SYSTEM'",
}
_TOTALS = ", ".join(f"count(*) FILTER (WHERE {rule}) AS {name}" for name, rule in _COUNTS.items())


def _quantile(share: float, name: str) -> str:
    return (
        f"percentile_cont({share}) WITHIN GROUP (ORDER BY answered_at - requested_at)"
        f" FILTER (WHERE asked AND answered_at IS NOT NULL) AS {name}"
    )


_STATEMENT = f"""
WITH own AS (
  SELECT time_zone AS zone FROM doctor WHERE id = $1
), visit AS (
  SELECT starts_at, requested_at, answered_at, ended_by, ends_at - starts_at AS lasts,
         {NOW.format(at="$5")} AS status,
         requested_at >= $2 AND requested_at < $3 AS asked,
         starts_at >= $2 AND starts_at < $3 AS starts
    FROM appointment
   WHERE doctor_id = $1
     AND (requested_at >= $2 AND requested_at < $3 OR starts_at >= $2 AND starts_at < $3)
), time AS (
  SELECT starts_at, ends_at FROM slot
   WHERE doctor_id = $1 AND status <> 'WITHDRAWN' AND starts_at >= $2 AND starts_at < $3
), step AS (
  SELECT first::date AS starts_on FROM own, generate_series(
    date_trunc($4, $2 AT TIME ZONE zone),
    ($3 - interval '1 microsecond') AT TIME ZONE zone,
    ('1 ' || $4)::interval) AS first
), requested AS (
  SELECT date_trunc($4, requested_at AT TIME ZONE zone)::date AS starts_on, count(*) AS requests
    FROM visit, own WHERE asked GROUP BY 1
), visited AS (
  SELECT date_trunc($4, starts_at AT TIME ZONE zone)::date AS starts_on,
         count(*) FILTER (WHERE status = 'COMPLETED') AS completed,
         count(*) FILTER (WHERE status = 'CANCELLED') AS cancelled,
         count(*) FILTER (WHERE status = 'NO_SHOW') AS no_shows,
         {_OCCUPIED}
    FROM visit, own WHERE starts GROUP BY 1
), offered AS (
  SELECT date_trunc($4, starts_at AT TIME ZONE zone)::date AS starts_on, {_PUBLISHED}
    FROM time, own GROUP BY 1
)
SELECT {_TOTALS}, {_OCCUPIED},
       {_quantile(0.5, "answer_median")}, {_quantile(0.9, "answer_p90")},
       (SELECT {_PUBLISHED} FROM time) AS published,
       (SELECT array_agg((SELECT count(*) FROM review, own
                           WHERE doctor_id = $1 AND review.stars = given
                             AND reviewed_on >= ($2 AT TIME ZONE zone)::date
                             AND reviewed_on <=
                                 (($3 - interval '1 microsecond') AT TIME ZONE zone)::date)
                         ORDER BY given)
          FROM generate_series(1, 5) AS given) AS stars,
       (SELECT json_agg(json_build_array(
                 starts_on, coalesce(requests, 0), coalesce(completed, 0), coalesce(cancelled, 0),
                 coalesce(no_shows, 0), coalesce(extract(epoch FROM published), 0),
                 coalesce(extract(epoch FROM occupied), 0)) ORDER BY starts_on)
          FROM step LEFT JOIN requested USING (starts_on) LEFT JOIN visited USING (starts_on)
          LEFT JOIN offered USING (starts_on)) AS series
  FROM visit
"""


async def read(
    pool: Pool,
    doctor_id: DoctorId,
    *,
    from_: datetime,
    to: datetime,
    step: StatisticsStep,
    at: datetime,
) -> DoctorStatistics:
    """Of [from_, to)."""
    found = await pool.fetchrow(_STATEMENT, doctor_id, from_, to, step.value, at)
    assert found is not None  # noqa: S101  # an aggregate has one row
    return DoctorStatistics(
        **{name: found[name] for name in _COUNTS},
        answer_median=found["answer_median"],
        answer_p90=found["answer_p90"],
        published=found["published"],
        occupied=found["occupied"],
        stars=tuple(found["stars"]),
        step=step,
        series=[_point(*each) for each in json.loads(found["series"])],
    )


def _point(starts_on: str, *counted: Any) -> StatisticsPoint:
    requests, completed, cancelled, no_shows, published, occupied = counted
    return StatisticsPoint(
        starts_on=date.fromisoformat(starts_on),
        requests=requests,
        completed=completed,
        cancelled=cancelled,
        no_shows=no_shows,
        published=timedelta(seconds=published),
        occupied=timedelta(seconds=occupied),
    )
