"""What time alone ends, without a sweeper and with one."""

from datetime import timedelta

import pytest

from domain.appointments import Appointment, AppointmentStatus
from domain.slots import Slot, SlotStatus
from tests import make
from tests.make import NOW, Person
from tests.resolvers.appointments import (
    ACCEPT,
    ACTS,
    LATER,
    LIST,
    LOOK,
    OPEN,
    RESCHEDULE,
    code_of,
    done,
    request,
)
from tests.server import LocalServer, gid


async def given_an_unanswered(server: LocalServer) -> tuple[Person, Person, Slot, Appointment]:
    """A request in three days whose answer was due at this moment; no sweeper has run."""
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, starts_at=LATER)
    await server.given(doctor, ana, slot, asked)
    server.now = asked.respond_by
    return doctor, ana, slot, asked


async def test_an_unanswered_request_reads_as_expired_and_its_slot_as_open(server: LocalServer):
    doctor, ana, slot, asked = await given_an_unanswered(server)

    async with server.unchanged(doctor, ana):
        seen = await server.ask(LOOK, ana, id=gid(asked))
        listed = await server.ask(LIST, ana, status=["EXPIRED"])
        waiting = await server.ask(LIST, ana, status=["REQUESTED"])
        span = {"from": LATER, "to": LATER + timedelta(days=1)}
        open_now = await server.ask(OPEN, None, doctor=gid(doctor), **span)

    assert (seen["status"], seen["version"], seen["endedBy"]) == ("EXPIRED", 2, "SYSTEM")
    assert seen["slot"] == {"id": gid(slot), "status": "OPEN"}
    expired = {"id": gid(asked), "status": "EXPIRED", "version": 2}
    assert listed["appointments"]["nodes"] == [expired]
    assert waiting["appointments"]["nodes"] == []
    assert open_now["slots"] == [{"id": gid(slot), "status": "OPEN"}]


async def test_a_moment_before_it_is_due_a_request_still_waits(server: LocalServer):
    doctor, ana, _, asked = await given_an_unanswered(server)
    server.now = asked.respond_by - timedelta(microseconds=1)

    assert (await server.ask(LOOK, ana, id=gid(asked)))["status"] == "REQUESTED"
    async with server.unchanged(doctor, ana):
        await server.app.sweep()
    done(await server.ask(ACCEPT, doctor, id=gid(asked), seen=1))


async def test_the_slot_of_an_unanswered_request_is_anothers_at_once(server: LocalServer):
    doctor, ana, slot, asked = await given_an_unanswered(server)
    bruno = make.patient()
    await server.given(bruno)

    done(await request(server, bruno, slot))

    told = ["AppointmentExpired", "SlotReleased", "SlotBooked", "AppointmentRequested"]
    assert await server.told(doctor) == told
    assert await server.told(ana) == ["AppointmentExpired"]
    row = await server.appointment(asked.id)
    assert (row.status, row.version) == (AppointmentStatus.EXPIRED, 2)


@pytest.mark.parametrize("act", ["accept", "decline", "cancel"])
async def test_what_has_expired_is_answered_no_more(server: LocalServer, act: str):
    doctor, ana, _, asked = await given_an_unanswered(server)

    async with server.unchanged(doctor, ana):
        assert code_of(await server.ask(ACTS[act], doctor, id=gid(asked))) == "WRONG_STATUS"
        answer = await server.ask(ACTS[act], doctor, id=gid(asked), seen=1)
        assert code_of(answer) == "VERSION_CONFLICT"
        current = {"id": gid(asked), "status": "EXPIRED", "version": 2}
        assert answer["problems"][0]["current"] == current


async def test_the_sweep_tells_what_has_expired_exactly_once(server: LocalServer):
    doctor, ana, slot, asked = await given_an_unanswered(server)
    seen = await server.ask(LOOK, ana, id=gid(asked))

    await server.app.sweep()
    await server.app.sweep()

    assert await server.told(ana) == ["AppointmentExpired"]
    assert await server.told(doctor) == ["AppointmentExpired", "SlotReleased"]
    row = await server.appointment(asked.id)
    assert (row.status, row.version) == (AppointmentStatus.EXPIRED, seen["version"])
    assert await server.slot(slot.id) == slot.opened()
    assert await server.ask(LOOK, ana, id=gid(asked)) == seen


async def test_a_request_due_at_its_start_expires_and_leaves_the_slot_booked(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana, starts_at=NOW + timedelta(hours=2))
    await server.given(doctor, ana, slot, asked)
    server.now = asked.starts_at

    before = await server.ask(LOOK, ana, id=gid(asked))
    await server.app.sweep()
    after = await server.ask(LOOK, ana, id=gid(asked))

    assert before == after
    assert (after["status"], after["slot"]["status"]) == ("EXPIRED", "BOOKED")
    assert await server.told(doctor) == ["AppointmentExpired"]


async def test_a_request_that_expired_leaves_its_patient_free_for_that_hour(server: LocalServer):
    _, ana, slot, _ = await given_an_unanswered(server)
    other = make.doctor()
    same_hour = make.slot(other, starts_at=slot.starts_at)
    await server.given(other, same_hour)

    done(await request(server, ana, same_hour))

    assert await server.told(ana) == ["AppointmentExpired", "AppointmentRequested"]


async def test_a_reschedule_meets_expired_requests_of_the_same_patient(server: LocalServer):
    doctor, ana, slot, _ = await given_an_unanswered(server)
    old, visit = make.visit(doctor, ana, status="CONFIRMED", starts_at=LATER + timedelta(days=1))
    await server.given(old, visit)

    moved = done(await server.ask(RESCHEDULE, ana, id=gid(visit), slot=gid(slot)))

    assert moved["slot"] == {"id": gid(slot), "status": "BOOKED"}
    assert (await server.slot(old.id)).status is SlotStatus.OPEN
