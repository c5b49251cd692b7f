"""Many at once for what only one can have."""

import asyncio
import time
from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.appointments import AppointmentStatus
from domain.slots import SlotStatus
from tests import make
from tests.make import HALF_AN_HOUR, NOW, TOMORROW
from tests.race.acts import (
    ACCEPT,
    CANCEL,
    DONE,
    HOLD,
    MOVE,
    PUBLISH,
    REQUEST,
    RESCHEDULE,
    WITHDRAW,
    act,
    outcome,
    request,
)
from tests.race.acts import time as period
from tests.server import LocalServer, gid

LATER = NOW + timedelta(days=3)
PATIENTS = 150
ROUNDS = 30


@pytest.fixture(autouse=True)
def nobody_is_sent_away(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """No act meets another one so badly that the database makes it try again."""
    yield
    contended = [
        each for each in caplog.get_records("call") if each.name == "persistence.unit_of_work"
    ]
    assert contended == []


async def rush(server: LocalServer) -> float:
    """150 patients for one slot: one gets it. Returns the seconds that the slowest waited."""
    doctor, patients = make.doctor(), [make.patient() for _ in range(PATIENTS)]
    slot, *free = make.slots(doctor, 5)
    await server.given(doctor, *patients, slot, free)

    async def try_it(patient: make.Person) -> tuple[Any, float]:
        began = time.perf_counter()
        answer = await server.ask(REQUEST, patient, id=gid(slot), key=uuid4())
        return answer, time.perf_counter() - began

    tries = await asyncio.gather(*(try_it(patient) for patient in patients))

    answers = [answer for answer, _ in tries]
    lost = [answer for answer in answers if answer["problems"]]
    assert Counter(map(outcome, answers)) == {DONE: 1, "SLOT_TAKEN": PATIENTS - 1}
    nearest = [{"id": gid(other), "status": "OPEN"} for other in free[:3]]
    assert all(answer["problems"][0]["alternatives"] == nearest for answer in lost)
    assert await server.told(doctor) == ["SlotBooked", "AppointmentRequested"]
    rows = await server.fetch("SELECT status FROM appointment WHERE doctor_id = $1", doctor.id)
    assert rows == [("REQUESTED",)]
    return max(seconds for _, seconds in tries)


async def test_of_150_patients_one_gets_the_slot_and_none_waits_for_long(server: LocalServer):
    """Of three rushes one must be quick, for the machine may be busy with something else."""
    waits: list[float] = []
    while not waits or (min(waits) >= 3 and len(waits) < 3):
        waits.append(await rush(server))

    assert min(waits) < 3, waits


async def test_150_patients_and_150_slots_all_find_their_place(server: LocalServer):
    doctor, patients = make.doctor(), [make.patient() for _ in range(PATIENTS)]
    slots = make.slots(doctor, PATIENTS)
    await server.given(doctor, *patients, slots)

    outcomes = await asyncio.gather(
        *(request(server, who, slot) for who, slot in zip(patients, slots, strict=True))
    )

    assert Counter(outcomes) == {DONE: PATIENTS}
    told = Counter(await server.told(doctor))
    assert told == {"SlotBooked": PATIENTS, "AppointmentRequested": PATIENTS}


@pytest.mark.parametrize("seen", [None, 1])
async def test_of_accept_and_cancel_at_once_the_outcome_is_as_if_one_came_first(
    server: LocalServer, seen: int | None
):
    """Who saw the version first wins; without it, what was accepted may be cancelled after."""
    doctor = make.doctor()
    people = [make.patient() for _ in range(ROUNDS)]
    visits = [
        make.visit(doctor, who, starts_at=LATER + number * HALF_AN_HOUR)
        for number, who in enumerate(people)
    ]
    await server.given(doctor, *people, *(thing for visit in visits for thing in visit))

    async def both(who: make.Person, visit: Any) -> tuple[str, str]:
        accepted, cancelled = await asyncio.gather(
            act(server, ACCEPT, doctor, visit, seen=seen),
            act(server, CANCEL, who, visit, seen=seen),
        )
        return accepted, cancelled

    outcomes = await asyncio.gather(
        *(both(who, visit) for who, (_, visit) in zip(people, visits, strict=True))
    )

    lost = "WRONG_STATUS" if seen is None else "VERSION_CONFLICT"
    legal = {
        (DONE, DONE): (AppointmentStatus.CANCELLED, 3, ["Confirmed", "Cancelled"]),
        (lost, DONE): (AppointmentStatus.CANCELLED, 2, ["Cancelled"]),
        (DONE, lost): (AppointmentStatus.CONFIRMED, 2, ["Confirmed"]),
    }
    del legal[(DONE, lost) if seen is None else (DONE, DONE)]
    for who, (slot, visit), result in zip(people, visits, outcomes, strict=True):
        status, version, told = legal[result]
        row = await server.appointment(visit.id)
        assert (row.status, row.version) == (status, version)
        assert await server.told(who) == [f"Appointment{name}" for name in told]
        taken = status is AppointmentStatus.CONFIRMED
        expected = SlotStatus.BOOKED if taken else SlotStatus.OPEN
        assert (await server.slot(slot.id)).status is expected


async def test_a_patient_asks_two_doctors_for_the_same_hour_and_gets_one(server: LocalServer):
    doctors, people = [make.doctor() for _ in range(2)], [make.patient() for _ in range(ROUNDS)]
    await server.given(*doctors, *people)
    for number, who in enumerate(people):
        hour = LATER + number * 2 * HALF_AN_HOUR
        slots = [
            make.slot(doctor, starts_at=hour + late * HALF_AN_HOUR / 2)
            for late, doctor in enumerate(doctors)
        ]
        await server.given(*slots)

        outcomes = await asyncio.gather(*(request(server, who, slot) for slot in slots))

        assert sorted(outcomes) == [DONE, "PATIENT_BUSY"]


async def test_six_requests_of_one_patient_at_once_are_five_and_a_refusal(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slots = make.slots(doctor, 10)
    await server.given(doctor, ana, slots)

    outcomes = await asyncio.gather(*(request(server, ana, slot) for slot in slots))

    assert Counter(outcomes) == {DONE: 5, "LIMIT_REACHED": 5}


async def test_six_holds_of_one_patient_at_once_are_three_and_one_of_each_doctor(
    server: LocalServer,
):
    doctors, ana = [make.doctor() for _ in range(5)], make.patient()
    slots = [slot for doctor in doctors for slot in make.slots(doctor, 2)]
    await server.given(*doctors, ana, slots)

    outcomes = await asyncio.gather(*(act(server, HOLD, ana, slot) for slot in slots))

    assert Counter(outcomes) == {DONE: 3, "LIMIT_REACHED": 7}
    held = await server.fetch("SELECT doctor_id FROM slot WHERE held_by = $1", ana.id)
    assert len({row["doctor_id"] for row in held}) == 3


async def test_of_two_moves_into_one_gap_one_gets_there(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)
    for number in range(ROUNDS):
        gap = LATER + number * timedelta(hours=12)
        slots = [make.slot(doctor, starts_at=gap + far * timedelta(hours=3)) for far in (1, 2)]
        await server.given(slots)

        outcomes = await asyncio.gather(
            *(
                act(server, MOVE, doctor, slot, **period(gap + late, gap + late + HALF_AN_HOUR))
                for slot, late in zip(slots, (0 * HALF_AN_HOUR, HALF_AN_HOUR / 2), strict=True)
            )
        )

        assert sorted(outcomes) == [DONE, "SLOT_OVERLAPS"]
    assert await server.told(doctor) == ["SlotMoved"] * ROUNDS


async def test_of_ten_publications_that_overlap_one_is_made_and_whole(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)

    async def publish(number: int) -> str:
        """Each of the ten overlaps every other one, if only in part."""
        first = LATER + number * timedelta(minutes=3)
        starts = [first + place * timedelta(minutes=30) for place in range(20)]
        times = [period(start, start + HALF_AN_HOUR) for start in starts]
        return outcome(await server.ask(PUBLISH, doctor, times=times))

    outcomes = await asyncio.gather(*(publish(number) for number in range(10)))

    assert Counter(outcomes) == {DONE: 1, "SLOT_OVERLAPS": 9}
    assert await server.told(doctor) == ["SlotOpened"] * 20


async def test_of_a_hold_and_a_request_at_once_one_wins(server: LocalServer):
    doctor, people = make.doctor(), [make.patient() for _ in range(ROUNDS * 2)]
    slots = make.slots(doctor, ROUNDS)
    await server.given(doctor, *people, slots)

    async def both(number: int) -> tuple[str, str]:
        holder, asker = people[2 * number : 2 * number + 2]
        held, asked = await asyncio.gather(
            act(server, HOLD, holder, slots[number]), request(server, asker, slots[number])
        )
        return held, asked

    outcomes = await asyncio.gather(*(both(number) for number in range(ROUNDS)))

    for result, slot in zip(outcomes, slots, strict=True):
        assert sorted(result) == [DONE, "SLOT_TAKEN"]
        status = SlotStatus.HELD if result[0] == DONE else SlotStatus.BOOKED
        assert (await server.slot(slot.id)).status is status


async def test_of_many_who_reschedule_to_one_slot_one_moves_and_the_rest_stay(server: LocalServer):
    doctor, people = make.doctor(), [make.patient() for _ in range(20)]
    visits = [
        make.visit(doctor, who, status="CONFIRMED", starts_at=LATER + number * HALF_AN_HOUR)
        for number, who in enumerate(people)
    ]
    wanted = make.slot(doctor)
    await server.given(doctor, *people, *(thing for visit in visits for thing in visit), wanted)

    outcomes = await asyncio.gather(
        *(
            act(server, RESCHEDULE, who, visit, slot=gid(wanted))
            for who, (_, visit) in zip(people, visits, strict=True)
        )
    )

    assert Counter(outcomes) == {DONE: 1, "SLOT_TAKEN": 19}
    for result, (slot, visit) in zip(outcomes, visits, strict=True):
        row = await server.appointment(visit.id)
        status = (await server.slot(slot.id)).status
        if result == DONE:
            assert (row.slot_id, row.version) == (wanted.id, 2)
            assert status is SlotStatus.OPEN
        else:
            assert row == visit
            assert status is SlotStatus.BOOKED


async def test_who_wants_several_slots_at_once_waits_for_nobody_in_a_circle(server: LocalServer):
    """Each patient wants his neighbour's slot, the doctor would withdraw them all: none may."""
    doctor, people = make.doctor(), [make.patient() for _ in range(ROUNDS)]
    visits = [
        make.visit(doctor, who, status="CONFIRMED", starts_at=LATER + number * HALF_AN_HOUR)
        for number, who in enumerate(people)
    ]
    await server.given(doctor, *people, *(thing for visit in visits for thing in visit))
    slots = [slot for slot, _ in visits]

    async def withdraw_all() -> str:
        return outcome(await server.ask(WITHDRAW, doctor, ids=[gid(slot) for slot in slots]))

    async with server.unchanged(doctor, *people):
        for step in (1, -1):
            goals = [*slots[step:], *slots[:step]]
            outcomes = await asyncio.gather(
                *(
                    each
                    for who, (_, visit), goal in zip(people, visits, goals, strict=True)
                    for each in (
                        act(server, RESCHEDULE, who, visit, slot=gid(goal)),
                        withdraw_all(),
                    )
                )
            )
            assert set(outcomes) == {"SLOT_TAKEN", "WRONG_STATUS"}


async def test_an_answer_and_a_move_at_once_leave_each_slot_as_its_appointment_says(
    server: LocalServer,
):
    doctor, people = make.doctor(), [make.patient() for _ in range(ROUNDS)]
    visits = [
        make.visit(doctor, who, starts_at=LATER + number * HALF_AN_HOUR)
        for number, who in enumerate(people)
    ]
    goals = make.slots(doctor, ROUNDS)
    await server.given(doctor, *people, *(each for visit in visits for each in visit), goals)

    moved = await asyncio.gather(
        *(
            act(server, RESCHEDULE, who, visit, slot=gid(goal))
            for who, (_, visit), goal in zip(people, visits, goals, strict=True)
        ),
        *(act(server, ACCEPT, doctor, visit) for _, visit in visits),
        *(act(server, ACCEPT, doctor, visit) for _, visit in visits),
    )

    assert set(moved[:ROUNDS]) == {DONE}
    assert set(moved) <= {DONE, "WRONG_STATUS"}
    for (old, visit), goal in zip(visits, goals, strict=True):
        row = await server.appointment(visit.id)
        assert row.slot_id == goal.id
        assert (await server.slot(old.id)) == old.opened()
        assert (await server.slot(goal.id)).status is SlotStatus.BOOKED


async def test_sweeps_and_requests_at_once_tell_each_end_once(server: LocalServer):
    doctor, people = make.doctor(), [make.patient() for _ in range(ROUNDS)]
    others = [make.patient() for _ in range(ROUNDS)]
    visits = [
        make.visit(doctor, who, starts_at=LATER + number * HALF_AN_HOUR)
        for number, who in enumerate(people)
    ]
    await server.given(doctor, *people, *others, *(each for visit in visits for each in visit))
    server.now = NOW + timedelta(hours=24)

    *outcomes, _, _, _ = await asyncio.gather(
        *(request(server, who, slot) for who, (slot, _) in zip(others, visits, strict=True)),
        *(server.app.sweep() for _ in range(3)),
    )

    assert Counter(outcomes) == {DONE: ROUNDS}
    assert Counter(await server.told(doctor)) == dict.fromkeys(
        ("AppointmentExpired", "SlotReleased", "SlotBooked", "AppointmentRequested"), ROUNDS
    )
    for who in people:
        assert await server.told(who) == ["AppointmentExpired"]


async def test_an_answer_and_its_expiry_at_once_agree(server: LocalServer):
    """Of two clocks a moment apart, one still accepts what the other one's sweep ends."""
    doctor, people = make.doctor(), [make.patient() for _ in range(ROUNDS)]
    visits = [
        make.visit(doctor, who, starts_at=TOMORROW + timedelta(days=2) + number * HALF_AN_HOUR)
        for number, who in enumerate(people)
    ]
    await server.given(doctor, *people, *(each for visit in visits for each in visit))
    due = NOW + timedelta(hours=24)
    server.now = due - timedelta(microseconds=1)
    accepting = [asyncio.ensure_future(act(server, ACCEPT, doctor, visit)) for _, visit in visits]
    await asyncio.sleep(0)
    server.now = due

    await server.app.sweep()
    outcomes = await asyncio.gather(*accepting)
    await server.app.sweep()

    assert set(outcomes) <= {DONE, "WRONG_STATUS"}
    for result, (slot, visit) in zip(outcomes, visits, strict=True):
        row, place = await server.appointment(visit.id), await server.slot(slot.id)
        ended = (AppointmentStatus.EXPIRED, SlotStatus.OPEN)
        stands = (AppointmentStatus.CONFIRMED, SlotStatus.BOOKED)
        assert (row.status, place.status) == (stands if result == DONE else ended)
        assert row.version == 2
