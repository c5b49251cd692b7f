"""Slots, live, as everybody hears them."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.doctors import DoctorStatus
from domain.errors import Unauthenticated
from tests import make
from tests.make import HALF_AN_HOUR, TOMORROW
from tests.server import LocalServer, gid
from tests.subscriptions.acts import (
    HOLD,
    HOLDS,
    MOVE,
    PUBLISH,
    RELEASE,
    SLOTS,
    WITHDRAW,
    do,
    refusal,
    request,
    tell,
)

NOBODY = UUID(int=7)
LATER = TOMORROW + timedelta(hours=3)


def shown(moment) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def test_all_that_happens_to_a_slot_is_heard_as_it_stands_then(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)

    async with server.listening(SLOTS, doctors=[gid(doctor)]) as everybody:
        times = [
            {"startsAt": TOMORROW.isoformat(), "endsAt": (TOMORROW + HALF_AN_HOUR).isoformat()}
        ]
        published = await do(server, PUBLISH, doctor, times=times)
        id = published["slots"][0]["id"]
        opened = await everybody.next()
        until = LATER + HALF_AN_HOUR
        await do(server, MOVE, doctor, slot=id, **{"from": LATER, "to": until})
        moved = await everybody.next()
        heard = [opened, moved]
        for act, who in ((HOLD, ana), (RELEASE, ana), (WITHDRAW, doctor)):
            await do(server, act, who, slot=id)
            heard.append(await everybody.next())

    assert [(each["kind"], each["slot"]["status"]) for each in heard] == [
        ("OPENED", "OPEN"),
        ("MOVED", "OPEN"),
        ("HELD", "HELD"),
        ("RELEASED", "OPEN"),
        ("WITHDRAWN", "WITHDRAWN"),
    ]
    assert {each["slot"]["id"] for each in heard} == {id}
    assert opened["slot"]["startsAt"] == shown(TOMORROW)
    assert moved["slot"]["startsAt"] == shown(LATER)
    cursors = [each["cursor"] for each in heard]
    assert cursors == sorted(set(cursors))


async def test_a_request_is_heard_as_booked_and_says_nothing_of_who(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    async with server.listening(SLOTS, doctors=[gid(doctor)]) as everybody:
        await request(server, ana, slot)

        booked = await everybody.next()
        assert (booked["kind"], booked["slot"]["status"]) == ("BOOKED", "BOOKED")
        assert await everybody.silent()  # the appointment is not for all to hear


async def test_a_hold_that_ends_by_itself_is_heard_when_it_is_swept(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    await do(server, HOLD, ana, slot=gid(slot))

    async with server.listening(SLOTS, doctors=[gid(doctor)]) as everybody:
        server.now += timedelta(minutes=6)
        await server.app.sweep()

        released = await everybody.next()
    assert (released["kind"], released["slot"]["status"]) == ("RELEASED", "OPEN")


async def test_only_the_doctors_named_are_heard(server: LocalServer):
    one, two, other = make.doctor(), make.doctor(), make.doctor()
    slots = [make.slot(doctor) for doctor in (one, two, other)]
    await server.given(one, two, other, slots)

    async with server.listening(SLOTS, doctors=[gid(one), gid(two), gid(one)]) as everybody:
        await tell(server, *reversed(slots))

        heard = [(await everybody.next())["slot"]["id"] for _ in range(2)]
        assert heard == [gid(slots[1]), gid(slots[0])]
        assert await everybody.silent()


async def test_one_to_a_hundred_doctors_may_be_named(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)

    assert await refusal(server, SLOTS, doctors=[]) == "BAD_USER_INPUT"
    assert await refusal(server, SLOTS, doctors=[gid(doctor)] * 101) == "BAD_USER_INPUT"
    async with server.listening(SLOTS, doctors=[gid(doctor)] * 100):
        pass


@pytest.mark.parametrize("status", [DoctorStatus.SUSPENDED, DoctorStatus.PENDING])
async def test_a_doctor_who_is_not_seen_cannot_be_heard(server: LocalServer, status: DoctorStatus):
    doctor, hidden = make.doctor(), make.doctor(status=status)
    await server.given(doctor, hidden)

    assert await refusal(server, SLOTS, doctors=[gid(doctor), gid(hidden)]) == "NOT_FOUND"


@pytest.mark.parametrize("id", ["doctor_", "nobody", f"doctor_{NOBODY}", f"patient_{NOBODY}", ""])
async def test_nor_can_one_who_is_not_there(server: LocalServer, id: str):
    assert await refusal(server, SLOTS, doctors=[id]) == "NOT_FOUND"


async def test_what_is_no_cursor_is_refused(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)

    code = await refusal(server, SLOTS, doctors=[gid(doctor)], after="yesterday")

    assert code == "BAD_USER_INPUT"


async def test_a_hold_is_seen_by_its_holder_alone(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    one, two = make.slots(doctor, 2)
    await server.given(doctor, ana, bruno, one, two)
    held = [{"kind": "HELD", "slot": {"id": gid(slot), "until": None}} for slot in (one, two)]
    until = shown(server.now + timedelta(minutes=5))

    async with (
        server.listening(HOLDS, ana, doctors=[gid(doctor)]) as by_ana,
        server.listening(HOLDS, bruno, doctors=[gid(doctor)]) as by_bruno,
        server.listening(HOLDS, doctor, doctors=[gid(doctor)]) as by_doctor,
        server.listening(HOLDS, doctors=[gid(doctor)]) as by_anybody,
    ):
        assert len(server.app.hub._groups) == 3  # the doctor sees what anybody does
        await do(server, HOLD, ana, slot=gid(one))
        await do(server, HOLD, bruno, slot=gid(two))

        def mine(number: int) -> list:
            return [
                {**each, "slot": {**each["slot"], "until": until}} if at == number else each
                for at, each in enumerate(held)
            ]

        assert [await by_ana.next() for _ in held] == mine(0)
        assert [await by_bruno.next() for _ in held] == mine(1)
        assert [await by_doctor.next() for _ in held] == held
        assert [await by_anybody.next() for _ in held] == held


async def test_who_signs_out_hears_no_more_of_his_holds(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    async with (
        server.listening(HOLDS, ana, doctors=[gid(doctor)]) as personal,
        server.listening(SLOTS, ana, doctors=[gid(doctor)]) as public,
    ):
        await server.fetch("UPDATE session SET ended_at = now() WHERE id = $1", ana.session.id)
        await tell(server, slot)

        assert (await public.next())["kind"] == "OPENED"
        assert await personal.silent()
        assert isinstance(personal.finished, Unauthenticated)
        assert not public.over


async def test_of_a_suspended_doctor_nothing_is_heard_until_he_is_back(server: LocalServer):
    doctor, other = make.doctor(), make.doctor()
    slots = make.slots(doctor, 3)
    another = make.slot(other)
    await server.given(doctor, other, slots, another)
    suspend = "UPDATE doctor SET status = $2 WHERE id = $1"

    async with server.listening(SLOTS, doctors=[gid(doctor), gid(other)]) as everybody:
        await server.fetch(suspend, doctor.id, "SUSPENDED")
        await tell(server, slots[0])
        await tell(server, another)
        assert (await everybody.next())["slot"]["id"] == gid(another)

        await server.fetch(suspend, doctor.id, "VERIFIED")
        await tell(server, slots[1])
        assert (await everybody.next())["slot"]["id"] == gid(slots[1])
