"""What a doctor reads of his own numbers, against a world that is counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.appointments import AppointmentParty, AppointmentStatus
from domain.ids import ReviewId, new_id
from domain.reviews import Review
from domain.slots import Slot
from tests import make
from tests.make import HALF_AN_HOUR, NOW, Person
from tests.resolvers.appointments import ACCEPT, DECLINE, RESCHEDULE, done, request
from tests.server import LocalServer, gid

STATISTICS = """
query ($from: DateTime!, $to: DateTime!, $by: StatisticsStep) {
  viewer { ... on DoctorViewer { statistics(from: $from, to: $to, by: $by) {
    requests accepted declined expired withdrawn waiting answerSecondsMedian answerSecondsP90
    completed noShows cancelledByPatient cancelledByDoctor cancelledBySystem
    publishedMinutes occupiedMinutes occupiedShare reviews averageStars stars step
    series {
      startsOn requests completed cancelled noShows publishedMinutes occupiedMinutes
    }
  } } }
}
"""
COMPLETED, NO_SHOW = AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW
CANCELLED, CONFIRMED = AppointmentStatus.CANCELLED, AppointmentStatus.CONFIRMED
REQUESTED, DECLINED = AppointmentStatus.REQUESTED, AppointmentStatus.DECLINED
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
TICK = timedelta(microseconds=1)
MONDAY = datetime(2029, 12, 31, 3, tzinfo=UTC)  # midnight in São Paulo
WEEK = {"from": MONDAY, "to": MONDAY + 7 * DAY}  # it ended nine hours before NOW


async def statistics(server: LocalServer, doctor: Person, **asked: Any) -> Any:
    return (await server.ask(STATISTICS, doctor, **(WEEK | asked)))["statistics"]


def review(appointment: Any, stars: int, on: date) -> Review:
    return Review(
        id=ReviewId(new_id()),
        appointment_id=appointment.id,
        doctor_id=appointment.doctor_id,
        stars=stars,
        comment=None,
        reviewed_on=on,
    )


async def a_week(server: LocalServer, doctor: Person) -> None:
    """Ten appointments in and around WEEK, four slots that nobody wanted, four reviews."""
    ana = make.patient()
    await server.given(doctor, ana)
    first = dict.fromkeys(("consented_at", "requested_at"), MONDAY)

    def visit(status: Any, starts: timedelta, asked: timedelta, waited: Any = None, **more: Any):
        requested_at = MONDAY + asked
        answered_at = None if waited is None else requested_at + waited * SECOND
        return make.visit(
            doctor,
            ana,
            status=status,
            starts_at=MONDAY + starts,
            **(first | {"requested_at": requested_at, "answered_at": answered_at} | more),
        )

    by_patient = {"ended_by": AppointmentParty.PATIENT}
    evening = visit(COMPLETED, 23.5 * HOUR, 0 * HOUR, 60)  # Tuesday in UTC
    missed = visit(NO_SHOW, DAY, 12 * HOUR, 120)
    outlasted = visit(  # though its row says that it goes on
        AppointmentStatus.IN_PROGRESS,
        6 * DAY,
        DAY,
        300,
        closes_at=MONDAY + 6 * DAY + HOUR,
    )
    called_off = visit(CANCELLED, 2 * DAY, DAY, 600, **by_patient)
    declined = visit(DECLINED, 9 * DAY, 4 * DAY, 1000)
    withdrawn = visit(CANCELLED, 2 * DAY + HOUR, DAY, **by_patient)
    by_doctor = visit(CANCELLED, 3 * DAY, -DAY, 9, ended_by=AppointmentParty.DOCTOR)
    by_system = visit(CANCELLED, 7 * DAY - HALF_AN_HOUR, -DAY, 9, ended_by=AppointmentParty.SYSTEM)
    lapsed = visit(REQUESTED, 8 * DAY, 5 * DAY, respond_by=NOW)  # though its row says REQUESTED
    waiting = visit(REQUESTED, 8 * DAY + HOUR, 7 * DAY - TICK, respond_by=NOW + TICK)
    after = visit(CONFIRMED, 7 * DAY, 7 * DAY, 1)
    before = visit(COMPLETED, -TICK, -TICK, 1)
    for slot, appointment in (
        *(evening, missed, outlasted, called_off, declined, withdrawn),
        *(by_doctor, by_system, lapsed, waiting, after, before),
    ):
        await server.given(slot, appointment)
    open_ = make.slot(doctor, starts_at=MONDAY + 5 * DAY)
    await server.given(
        replace(open_, ends_at=open_.starts_at + 4 * HOUR),
        make.slot(doctor, starts_at=MONDAY + 5 * DAY).withdrawn(),
        review(evening[1], 5, date(2029, 12, 31)),
        review(outlasted[1], 2, date(2030, 1, 6)),
        review(missed[1], 1, date(2029, 12, 30)),
        review(before[1], 1, date(2030, 1, 7)),
    )


# --------------------------------------------------------------------- the numbers


async def test_requests_are_counted_once_each_and_add_up(server: LocalServer):
    doctor = make.doctor()
    await a_week(server, doctor)

    told = await statistics(server, doctor)

    assert {name: told[name] for name in list(told)[:6]} == {
        "requests": 8,
        "accepted": 4,
        "declined": 1,
        "expired": 1,
        "withdrawn": 1,
        "waiting": 1,
    }


async def test_the_time_to_an_answer_is_that_of_those_that_were_answered(server: LocalServer):
    doctor = make.doctor()
    await a_week(server, doctor)

    told = await statistics(server, doctor)

    assert told["answerSecondsMedian"] == 300  # of 60, 120, 300, 600, 1000
    assert told["answerSecondsP90"] == 840


async def test_visits_count_where_they_start(server: LocalServer):
    doctor = make.doctor()
    await a_week(server, doctor)

    told = await statistics(server, doctor)

    assert (told["completed"], told["noShows"]) == (2, 1)
    cancelled = [told[f"cancelledBy{party}"] for party in ("Patient", "Doctor", "System")]
    assert cancelled == [2, 1, 1]


async def test_time_is_occupied_by_whoever_came_or_might_have_come(server: LocalServer):
    doctor = make.doctor()
    await a_week(server, doctor)

    told = await statistics(server, doctor)

    assert told["publishedMinutes"] == 7 * 30 + 4 * 60
    assert told["occupiedMinutes"] == 3 * 30
    assert told["occupiedShare"] == 90 / 450


async def test_reviews_count_on_the_days_of_the_doctor(server: LocalServer):
    doctor = make.doctor()
    await a_week(server, doctor)

    told = await statistics(server, doctor)

    assert (told["reviews"], told["averageStars"]) == (2, 3.5)
    assert told["stars"] == [0, 1, 0, 0, 1]


async def test_a_series_has_each_day_of_the_doctors_zone(server: LocalServer):
    doctor = make.doctor()
    await a_week(server, doctor)

    told = await statistics(server, doctor)

    assert told["step"] == "DAY"
    assert [tuple(point.values()) for point in told["series"]] == [
        ("2029-12-31", 2, 1, 0, 0, 30, 30),
        ("2030-01-01", 3, 0, 0, 1, 30, 30),
        ("2030-01-02", 0, 0, 2, 0, 60, 0),
        ("2030-01-03", 0, 0, 1, 0, 30, 0),
        ("2030-01-04", 1, 0, 0, 0, 0, 0),
        ("2030-01-05", 1, 0, 0, 0, 240, 0),
        ("2030-01-06", 1, 1, 1, 0, 60, 30),
    ]


async def test_the_same_instant_is_another_day_in_another_zone(server: LocalServer):
    doctor = make.doctor(time_zone="Asia/Tokyo")  # twelve hours ahead
    await a_week(server, doctor)

    told = await statistics(server, doctor)

    assert [point["startsOn"] for point in told["series"]][0::7] == ["2029-12-31", "2030-01-07"]
    assert [point["completed"] for point in told["series"]] == [0, 1, 0, 0, 0, 0, 1, 0]


async def test_by_week_it_is_cut_at_mondays_and_has_only_what_was_asked_for(server: LocalServer):
    doctor = make.doctor()
    await a_week(server, doctor)

    told = await statistics(
        server, doctor, by="WEEK", **{"from": MONDAY - DAY, "to": MONDAY + 8 * DAY}
    )

    assert told["step"] == "WEEK"
    assert [(p["startsOn"], p["requests"], p["completed"]) for p in told["series"]] == [
        ("2029-12-24", 3, 1),
        ("2029-12-31", 8, 2),
        ("2030-01-07", 1, 0),
    ]


async def test_a_day_on_which_the_clock_changes_is_one_day(server: LocalServer):
    doctor = make.doctor(time_zone="America/New_York")
    spring = datetime(2029, 3, 11, 5, tzinfo=UTC)  # midnight; the day has 23 hours
    last: Slot = make.slot(doctor, starts_at=spring + 22.5 * HOUR)
    await server.given(doctor, last, make.slot(doctor, starts_at=spring + 23 * HOUR))

    told = await statistics(server, doctor, **{"from": spring, "to": spring + 47 * HOUR})

    points = [(point["startsOn"], point["publishedMinutes"]) for point in told["series"]]
    assert points == [("2029-03-11", 30), ("2029-03-12", 30)]


async def test_who_has_done_nothing_reads_zeros_and_no_averages(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)

    told = await statistics(server, doctor)

    assert len(told.pop("series")) == 7
    assert (told.pop("step"), told.pop("stars")) == ("DAY", [0] * 5)
    unknown = {"answerSecondsMedian", "answerSecondsP90", "occupiedShare", "averageStars"}
    assert {name for name, value in told.items() if value is None} == unknown
    assert {value for name, value in told.items() if name not in unknown} == {0}


# --------------------------------------------------------------------- who, and how far


async def test_nobody_reads_anothers(server: LocalServer):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    await a_week(server, doctor)
    await server.given(other, ana)

    told = await statistics(server, other)

    assert (told["requests"], told["publishedMinutes"], told["reviews"]) == (0, 0, 0)
    assert await server.ask(STATISTICS, ana, **WEEK) == {}
    assert await server.ask(STATISTICS, **WEEK) is None


async def test_it_is_one_statement(server: LocalServer):
    doctor = make.doctor()
    await a_week(server, doctor)

    with server.statements() as run:
        await statistics(server, doctor)

    assert len(run) == 1


@pytest.mark.parametrize("to", [MONDAY, MONDAY - DAY, MONDAY + 366 * DAY + TICK])
async def test_a_range_is_forwards_and_a_year_at_most(server: LocalServer, to: datetime):
    doctor = make.doctor()
    await server.given(doctor)

    answer = await server.answer(STATISTICS, doctor, **{"from": MONDAY, "to": to})

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "to lies after from, by at most 366 days."


async def test_by_day_are_told_two_months_at_most(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)
    most, more = ({"from": MONDAY, "to": MONDAY + 62 * DAY + extra} for extra in (0 * DAY, TICK))

    by_day = await statistics(server, doctor, by="DAY", **most)
    by_week = await statistics(server, doctor, **more)
    answer = await server.answer(STATISTICS, doctor, by="DAY", **more)

    assert (by_day["step"], len(by_day["series"])) == ("DAY", 62)
    assert (by_week["step"], len(by_week["series"])) == ("WEEK", 9)
    assert answer["errors"][0]["message"] == "By DAY are told at most 62 days; ask for by: WEEK."


async def test_a_year_has_all_its_weeks(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)

    told = await statistics(server, doctor, **{"from": MONDAY, "to": MONDAY + 366 * DAY})

    assert len(told["series"]) == 53


# --------------------------------------------------------------------- the answer's moment


async def asked(server: LocalServer, patient: Person, slot: Slot) -> str:
    """The id of a request."""
    return done(await request(server, patient, slot))["id"]


async def answers(server: LocalServer, doctor: Person) -> set[tuple[str, datetime | None]]:
    """Where the doctor's appointments stand, and when they were first answered."""
    rows = await server.fetch(
        "SELECT status, answered_at FROM appointment WHERE doctor_id = $1", doctor.id
    )
    return {(row["status"], row["answered_at"]) for row in rows}


async def test_the_first_answer_is_noted_and_stays(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slots = make.slots(doctor, 2)
    await server.given(doctor, ana, slots)
    visit = await asked(server, ana, slots[0])

    server.now = NOW + 5 * SECOND
    done(await server.ask(ACCEPT, doctor, id=visit))
    server.now = NOW + 60 * SECOND
    done(await server.ask(RESCHEDULE, ana, id=visit, slot=gid(slots[1])))
    server.now = NOW + 90 * SECOND
    done(await server.ask(DECLINE, doctor, id=visit))

    assert await answers(server, doctor) == {("DECLINED", NOW + 5 * SECOND)}


async def test_a_refusal_is_an_answer_and_what_the_patient_does_is_none(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slots = make.slots(doctor, 2)
    await server.given(doctor, ana, slots)
    declined, moved = [await asked(server, ana, slot) for slot in slots]

    server.now = NOW + HALF_AN_HOUR
    done(await server.ask(DECLINE, doctor, id=declined))
    done(await server.ask(RESCHEDULE, ana, id=moved, slot=gid(slots[0])))

    assert await answers(server, doctor) == {
        ("DECLINED", NOW + HALF_AN_HOUR),
        ("REQUESTED", None),
    }
