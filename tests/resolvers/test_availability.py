"""Doctors publish, move and withdraw slots, from GraphQL text to rows and back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.doctors import DoctorStatus
from domain.slots import Slot, SlotStatus
from tests import make
from tests.make import HALF_AN_HOUR, NOW, TOMORROW, Person
from tests.server import LocalServer, gid

PUBLISH = """
mutation ($times: [SlotTimeInput!]!) {
  publishSlots(input: {times: $times}) {
    slots { id startsAt endsAt status doctor { id } } problems { code path message }
  }
}
"""
WEEKLY = """
mutation ($input: PublishWeeklySlotsInput!) {
  publishWeeklySlots(input: $input) { slots { startsAt endsAt } problems { code path message } }
}
"""
MOVE = """
mutation ($id: ID!, $startsAt: DateTime!, $endsAt: DateTime!) {
  updateSlot(input: {slotId: $id, startsAt: $startsAt, endsAt: $endsAt}) {
    slot { id startsAt endsAt status } problems { code path }
  }
}
"""
WITHDRAW = """
mutation ($ids: [ID!]!) {
  withdrawSlots(input: {slotIds: $ids}) { slots { id status } problems { code path } }
}
"""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)
LATER = NOW + timedelta(days=3)


def time(starts_at: datetime, lasts: timedelta = HALF_AN_HOUR) -> dict[str, datetime]:
    return {"startsAt": starts_at, "endsAt": starts_at + lasts}


def faults(answer: Any) -> list[tuple[str, list[str]]]:
    """Code and path of every problem of an answer that brings nothing else."""
    assert not answer.get("slots")
    assert not answer.get("slot")
    return [(problem["code"], problem["path"]) for problem in answer["problems"]]


def published(answer: Any) -> list[tuple[str, str]]:
    """Start and end of every slot of an answer without problems."""
    assert answer["problems"] == []
    return [(slot["startsAt"], slot["endsAt"]) for slot in answer["slots"]]


def moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def rows(server: LocalServer, doctor: Person) -> list[Any]:
    return await server.fetch("SELECT * FROM slot WHERE doctor_id = $1", doctor.id)


# ------------------------------------------------------------------- publishing


async def test_slots_are_published_in_the_order_in_which_they_were_given(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)
    starts = [LATER + HOUR, LATER, LATER + 2 * HOUR]

    answer = await server.ask(PUBLISH, doctor, times=[time(start) for start in starts])

    expected = [(moment(start), moment(start + HALF_AN_HOUR)) for start in starts]
    assert published(answer) == expected
    assert {slot["status"] for slot in answer["slots"]} == {"OPEN"}
    assert {slot["doctor"]["id"] for slot in answer["slots"]} == {gid(doctor)}
    assert [gid_of(event) for event in await server.events(doctor)] == [
        slot["id"] for slot in answer["slots"]
    ]
    assert await server.told(doctor) == ["SlotOpened"] * 3
    assert await server.audited(doctor) == ["PublishSlots"]


def gid_of(event: Any) -> str:
    return f"slot_{event.slot_id}"


async def test_times_are_given_with_any_offset_and_told_in_utc(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)
    times = [{"startsAt": "2030-01-10T09:00:00-03:00", "endsAt": "2030-01-10T13:30:00+01:00"}]

    answer = await server.ask(PUBLISH, doctor, times=times)

    assert published(answer) == [("2030-01-10T12:00:00Z", "2030-01-10T12:30:00Z")]


@pytest.mark.parametrize(
    ("period", "problems"),
    [
        (time(NOW + TICK), []),
        (time(NOW), [("SLOT_IN_PAST", "startsAt")]),
        (time(NOW - DAY), [("SLOT_IN_PAST", "startsAt")]),
        (time(NOW + 365 * DAY), []),
        (time(NOW + 365 * DAY + TICK), [("INVALID", "startsAt")]),
        (time(LATER, 5 * MINUTE), []),
        (time(LATER, 5 * MINUTE - TICK), [("INVALID", "endsAt")]),
        (time(LATER, 8 * HOUR), []),
        (time(LATER, 8 * HOUR + TICK), [("INVALID", "endsAt")]),
        (time(LATER, 0 * HOUR), [("INVALID", "endsAt")]),
        (time(LATER, -1 * HOUR), [("INVALID", "endsAt")]),
        (time(NOW, 1 * MINUTE), [("SLOT_IN_PAST", "startsAt"), ("INVALID", "endsAt")]),
    ],
)
async def test_a_slot_lies_within_its_bounds(
    server: LocalServer, period: dict[str, datetime], problems: list[tuple[str, str]]
):
    doctor = make.doctor()
    await server.given(doctor)

    if not problems:
        assert len(published(await server.ask(PUBLISH, doctor, times=[period]))) == 1
        return
    async with server.unchanged(doctor):
        answer = await server.ask(PUBLISH, doctor, times=[time(LATER + DAY), period])
    assert faults(answer) == [(code, ["times", "1", field]) for code, field in problems]


async def test_every_time_at_fault_has_its_own_problem_and_nothing_is_published(
    server: LocalServer,
):
    doctor = make.doctor()
    taken = make.slot(doctor)
    await server.given(doctor, taken)
    times = [
        time(NOW - HOUR),
        time(LATER),
        time(LATER + DAY, MINUTE),
        time(LATER + 15 * MINUTE),
        time(TOMORROW),
        time(LATER + 2 * DAY),
    ]

    async with server.unchanged(doctor):
        answer = await server.ask(PUBLISH, doctor, times=times)

    assert sorted(faults(answer), key=lambda fault: fault[1]) == [
        ("SLOT_IN_PAST", ["times", "0", "startsAt"]),
        ("INVALID", ["times", "2", "endsAt"]),
        ("SLOT_OVERLAPS", ["times", "3", "startsAt"]),
        ("SLOT_OVERLAPS", ["times", "4", "startsAt"]),
    ]


@pytest.mark.parametrize("count", [0, 501])
async def test_times_are_1_to_500_at_once(server: LocalServer, count: int):
    doctor = make.doctor()
    await server.given(doctor)
    times = [time(LATER + number * HALF_AN_HOUR) for number in range(count)]

    async with server.unchanged(doctor):
        assert faults(await server.ask(PUBLISH, doctor, times=times)) == [("INVALID", ["times"])]

    answer = await server.ask(PUBLISH, doctor, times=times[:500] or [time(LATER)])
    assert len(published(answer)) == min(count or 1, 500)


OVERLAPPING = [
    (timedelta(0), HALF_AN_HOUR),
    (-15 * MINUTE, HALF_AN_HOUR),
    (15 * MINUTE, HALF_AN_HOUR),
    (-HOUR, 3 * HOUR),
    (10 * MINUTE, 5 * MINUTE),
    (HALF_AN_HOUR - TICK, HALF_AN_HOUR),
]


@pytest.mark.parametrize(("offset", "lasts"), OVERLAPPING)
@pytest.mark.parametrize("status", [SlotStatus.OPEN, SlotStatus.HELD, SlotStatus.BOOKED])
async def test_a_slot_overlaps_no_other_of_its_doctor(
    server: LocalServer, status: SlotStatus, offset: timedelta, lasts: timedelta
):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    if status is SlotStatus.HELD:
        slot = slot.held(ana.id, NOW + MINUTE)
    elif status is SlotStatus.BOOKED:
        slot = slot.booked()
    await server.given(doctor, ana, slot)

    async with server.unchanged(doctor):
        times = [time(LATER), time(slot.starts_at + offset, lasts)]
        answer = await server.ask(PUBLISH, doctor, times=times)

    assert faults(answer) == [("SLOT_OVERLAPS", ["times", "1", "startsAt"])]


@pytest.mark.parametrize(("offset", "lasts"), OVERLAPPING)
async def test_times_published_together_do_not_overlap_either(
    server: LocalServer, offset: timedelta, lasts: timedelta
):
    doctor = make.doctor()
    await server.given(doctor)

    async with server.unchanged(doctor):
        answer = await server.ask(PUBLISH, doctor, times=[time(LATER), time(LATER + offset, lasts)])

    later = "0" if offset < timedelta(0) else "1"
    assert faults(answer) == [("SLOT_OVERLAPS", ["times", later, "startsAt"])]


async def test_adjacent_slots_and_another_doctors_do_not_overlap(server: LocalServer):
    doctor, other = make.doctor(), make.doctor()
    await server.given(doctor, other, make.slot(doctor), make.slot(other, starts_at=LATER))
    starts = [TOMORROW - HALF_AN_HOUR, TOMORROW + HALF_AN_HOUR, TOMORROW + HOUR, LATER]

    answer = await server.ask(PUBLISH, doctor, times=[time(start) for start in starts])

    assert len(published(answer)) == 4


async def test_a_withdrawn_slot_is_in_nobodys_way(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor, make.slot(doctor).withdrawn())

    published(await server.ask(PUBLISH, doctor, times=[time(TOMORROW)]))

    assert sorted(row["status"] for row in await rows(server, doctor)) == ["OPEN", "WITHDRAWN"]


async def test_only_verified_doctors_publish_and_move(server: LocalServer):
    suspended, ana = make.doctor(status=DoctorStatus.SUSPENDED), make.patient()
    slot = make.slot(suspended)
    await server.given(suspended, ana, slot)
    callers = [(suspended, "FORBIDDEN"), (ana, "FORBIDDEN"), (None, "UNAUTHENTICATED")]

    async with server.unchanged(suspended, ana):
        for who, code in callers:
            assert await server.refuse(PUBLISH, who, times=[time(LATER)]) == code
            assert await server.refuse(WEEKLY, who, input=pattern()) == code
            assert await server.refuse(MOVE, who, id=gid(slot), **time(LATER)) == code


async def test_the_wrong_kind_of_user_is_told_so_whatever_he_sends(server: LocalServer):
    ana = make.patient()
    await server.given(ana)

    async with server.unchanged(ana):
        assert await server.refuse(PUBLISH, ana, times=[]) == "FORBIDDEN"
        assert await server.refuse(WEEKLY, ana, input=pattern(minutes=1)) == "FORBIDDEN"
        assert await server.refuse(WITHDRAW, ana, ids=[]) == "FORBIDDEN"


# ----------------------------------------------------------------- week by week


def pattern(**given: Any) -> dict[str, Any]:
    """Mondays and Wednesdays from 9:00 to 11:00, in one week from Monday 14 January 2030 on."""
    return {
        "weekdays": ["MONDAY", "WEDNESDAY"],
        "startTime": "09:00",
        "endTime": "11:00",
        "minutes": 60,
        "fromDate": "2030-01-14",
        "toDate": "2030-01-20",
    } | given


async def test_a_weekly_pattern_becomes_slots_in_the_doctors_own_time(server: LocalServer):
    doctor = make.doctor(time_zone="America/Manaus")
    await server.given(doctor)

    answer = await server.ask(WEEKLY, doctor, input=pattern(bufferMinutes=0))

    assert [start for start, _ in published(answer)] == [
        "2030-01-14T13:00:00Z",
        "2030-01-14T14:00:00Z",
        "2030-01-16T13:00:00Z",
        "2030-01-16T14:00:00Z",
    ]
    assert await server.told(doctor) == ["SlotOpened"] * 4
    assert await server.audited(doctor) == ["PublishSlots"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"endTime": "09:00"}, "endTime"),
        ({"endTime": "08:00"}, "endTime"),
        ({"minutes": 4}, "minutes"),
        ({"minutes": 481}, "minutes"),
        ({"bufferMinutes": -1}, "bufferMinutes"),
        ({"toDate": "2030-01-13"}, "toDate"),
        ({"toDate": "2031-01-15"}, "toDate"),
        ({"fromDate": "2031-01-01", "toDate": "2031-01-31"}, "toDate"),
        ({"fromDate": "9999-12-01", "toDate": "9999-12-31"}, "toDate"),
        ({"minutes": 121}, "startTime"),
        ({"weekdays": ["SUNDAY"], "toDate": "2030-01-19"}, "startTime"),
    ],
)
async def test_a_pattern_at_fault_makes_no_slot(
    server: LocalServer, given: dict[str, Any], path: str
):
    doctor = make.doctor()
    await server.given(doctor)

    async with server.unchanged(doctor):
        answer = await server.ask(WEEKLY, doctor, input=pattern(**given))

    assert faults(answer) == [("INVALID", [path])]


async def test_several_faults_of_a_pattern_are_told_at_once(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)

    answer = await server.ask(
        WEEKLY, doctor, input=pattern(weekdays=[], minutes=0, toDate="2030-01-01")
    )

    assert [path for _, path in faults(answer)] == [["weekdays"], ["minutes"], ["toDate"]]


@pytest.mark.parametrize("day", ["2030-01-07", "2029-12-31", "2020-01-06", "0001-01-01"])
async def test_a_pattern_does_not_begin_in_the_past(server: LocalServer, day: str):
    doctor = make.doctor(time_zone="Asia/Tokyo")
    await server.given(doctor)

    async with server.unchanged(doctor):
        given = pattern(fromDate=day, toDate=day, minutes=120)
        assert faults(await server.ask(WEEKLY, doctor, input=given)) == [
            ("SLOT_IN_PAST", ["fromDate"])
        ]


async def test_a_pattern_makes_no_more_than_can_be_done_at_once(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)
    dense = pattern(startTime="00:00", endTime="23:59", minutes=5, toDate="2030-12-31")
    dense["weekdays"] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]

    async with server.unchanged(doctor):
        assert faults(await server.ask(WEEKLY, doctor, input=dense)) == [("LIMIT_REACHED", [])]


async def test_a_pattern_that_meets_a_slot_makes_none_at_all(server: LocalServer):
    doctor = make.doctor()
    taken = make.slot(doctor, starts_at=datetime(2030, 1, 16, 13, 15, tzinfo=UTC))
    await server.given(doctor, taken)

    async with server.unchanged(doctor):
        answer = await server.ask(WEEKLY, doctor, input=pattern())

    assert faults(answer) == [("SLOT_OVERLAPS", [])]


async def test_a_local_time_that_does_not_exist_is_the_start_times_fault(server: LocalServer):
    """New York's clocks leap from 2:00 to 3:00 on 14 March 2027."""
    doctor = make.doctor(time_zone="America/New_York")
    await server.given(doctor)
    server.now = datetime(2027, 3, 1, tzinfo=UTC)
    leap = {
        "weekdays": ["SUNDAY"],
        "startTime": "02:00",
        "endTime": "03:00",
        "minutes": 30,
        "fromDate": "2027-03-14",
        "toDate": "2027-03-14",
    }

    async with server.unchanged(doctor):
        assert faults(await server.ask(WEEKLY, doctor, input=leap)) == [("INVALID", ["startTime"])]

    answer = await server.ask(WEEKLY, doctor, input=leap | {"toDate": "2027-03-21"})
    assert [start for start, _ in published(answer)] == [
        "2027-03-21T06:00:00Z",
        "2027-03-21T06:30:00Z",
    ]


async def test_midnight_that_does_not_exist_is_the_start_times_fault(server: LocalServer):
    """São Paulo's clocks leapt from 0:00 to 1:00 on 4 November 2018."""
    doctor = make.doctor()
    await server.given(doctor)
    server.now = datetime(2018, 10, 1, tzinfo=UTC)
    leap = pattern(
        weekdays=["SUNDAY"],
        startTime="00:00",
        endTime="01:00",
        fromDate="2018-11-04",
        toDate="2018-11-04",
    )

    async with server.unchanged(doctor):
        assert faults(await server.ask(WEEKLY, doctor, input=leap)) == [("INVALID", ["startTime"])]


# ----------------------------------------------------------------------- moving


async def test_an_open_slot_moves(server: LocalServer):
    doctor = make.doctor()
    slot, neighbour = make.slots(doctor, 2)
    await server.given(doctor, slot, neighbour)
    new = time(TOMORROW + 10 * MINUTE, 20 * MINUTE)

    answer = await server.ask(MOVE, doctor, id=gid(slot), **new)

    assert answer["problems"] == []
    assert answer["slot"] == {
        "id": gid(slot),
        "startsAt": moment(new["startsAt"]),
        "endsAt": moment(new["endsAt"]),
        "status": "OPEN",
    }
    assert (await server.slot(slot.id)).starts_at == new["startsAt"]
    assert await server.told(doctor) == ["SlotMoved"]
    assert await server.audited(doctor) == ["MoveSlot"]


async def test_a_slot_whose_hold_is_over_moves(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor).held(ana.id, NOW)
    await server.given(doctor, ana, slot)

    answer = await server.ask(MOVE, doctor, id=gid(slot), **time(LATER))

    assert answer["slot"]["status"] == "OPEN"
    assert await server.told(doctor) == ["SlotReleased", "SlotMoved"]


@pytest.mark.parametrize("status", [SlotStatus.HELD, SlotStatus.BOOKED, SlotStatus.WITHDRAWN])
async def test_only_open_slots_move_or_are_withdrawn(server: LocalServer, status: SlotStatus):
    doctor, ana = make.doctor(), make.patient()
    slot, free = slot_that_is(status, doctor, ana), make.slot(doctor, starts_at=LATER + DAY)
    await server.given(doctor, ana, slot, free)

    async with server.unchanged(doctor):
        answer = await server.ask(MOVE, doctor, id=gid(slot), **time(LATER))
        assert faults(answer) == [("WRONG_STATUS", ["slotId"])]
        answer = await server.ask(WITHDRAW, doctor, ids=[gid(free), gid(slot)])
        assert faults(answer) == [("WRONG_STATUS", ["slotIds", "1"])]


def slot_that_is(status: SlotStatus, doctor: Person, patient: Person) -> Slot:
    slot = make.slot(doctor)
    match status:
        case SlotStatus.HELD:
            return slot.held(patient.id, NOW + MINUTE)
        case SlotStatus.BOOKED:
            return slot.booked()
        case SlotStatus.WITHDRAWN:
            return slot.withdrawn()
    return slot


@pytest.mark.parametrize(
    ("period", "problems"),
    [
        (time(NOW), [("SLOT_IN_PAST", ["startsAt"])]),
        (time(NOW + 365 * DAY + TICK), [("INVALID", ["startsAt"])]),
        (time(LATER, 4 * MINUTE), [("INVALID", ["endsAt"])]),
        (time(LATER, -HOUR), [("INVALID", ["endsAt"])]),
        (time(TOMORROW + 15 * MINUTE, HOUR), [("SLOT_OVERLAPS", ["startsAt"])]),
    ],
)
async def test_a_slot_moves_only_to_where_one_could_be_published(
    server: LocalServer, period: dict[str, datetime], problems: list[tuple[str, list[str]]]
):
    doctor = make.doctor()
    slot, neighbour = make.slots(doctor, 2)
    await server.given(doctor, slot, neighbour)

    async with server.unchanged(doctor):
        assert faults(await server.ask(MOVE, doctor, id=gid(slot), **period)) == problems


async def test_a_strangers_slot_is_not_there_to_be_moved(server: LocalServer):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    slot = make.slot(other)
    await server.given(doctor, other, ana, slot)

    async with server.unchanged(doctor, other, ana):
        for id in (gid(slot), f"slot_{uuid4()}", "rubbish", gid(doctor)):
            assert await server.refuse(MOVE, doctor, id=id, **time(LATER)) == "NOT_FOUND"
        assert await server.refuse(MOVE, ana, id=gid(slot), **time(LATER)) == "FORBIDDEN"
        assert await server.refuse(MOVE, None, id=gid(slot), **time(LATER)) == "UNAUTHENTICATED"


# ------------------------------------------------------------------ withdrawing


async def test_open_slots_are_withdrawn_together(server: LocalServer):
    doctor = make.doctor()
    slots = make.slots(doctor, 3)
    await server.given(doctor, slots)
    ids = [gid(slot) for slot in slots]

    answer = await server.ask(WITHDRAW, doctor, ids=[*ids, ids[0]])

    assert answer["problems"] == []
    assert answer["slots"] == [{"id": id, "status": "WITHDRAWN"} for id in ids]
    assert await server.told(doctor) == ["SlotWithdrawn"] * 3
    assert await server.audited(doctor) == ["WithdrawSlots"]
    again = await server.ask(WITHDRAW, doctor, ids=ids[:1])
    assert faults(again) == [("WRONG_STATUS", ["slotIds", "0"])]


async def test_slots_are_withdrawn_all_or_none_and_each_in_the_way_is_named(server: LocalServer):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    booked, asked = make.visit(doctor, ana, starts_at=LATER)
    mine, strangers = make.slot(doctor), make.slot(other)
    await server.given(doctor, other, ana, mine, strangers, booked, asked)
    ids = [gid(mine), gid(strangers), gid(booked), f"slot_{uuid4()}", "rubbish"]

    async with server.unchanged(doctor, other, ana):
        answer = await server.ask(WITHDRAW, doctor, ids=ids)

    assert faults(answer) == [
        ("NOT_FOUND", ["slotIds", "1"]),
        ("WRONG_STATUS", ["slotIds", "2"]),
        ("NOT_FOUND", ["slotIds", "3"]),
        ("NOT_FOUND", ["slotIds", "4"]),
    ]


@pytest.mark.parametrize("count", [0, 501])
async def test_1_to_500_slots_are_withdrawn_at_once(server: LocalServer, count: int):
    doctor = make.doctor()
    await server.given(doctor)

    async with server.unchanged(doctor):
        answer = await server.ask(WITHDRAW, doctor, ids=["rubbish"] * count)

    assert faults(answer) == [("INVALID", ["slotIds"])]


async def test_a_slot_whose_request_expired_may_be_withdrawn(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, starts_at=LATER)
    await server.given(doctor, ana, slot, asked)
    server.now = asked.respond_by

    answer = await server.ask(WITHDRAW, doctor, ids=[gid(slot)])

    assert answer["slots"] == [{"id": gid(slot), "status": "WITHDRAWN"}]
    assert await server.told(doctor) == ["AppointmentExpired", "SlotReleased", "SlotWithdrawn"]
