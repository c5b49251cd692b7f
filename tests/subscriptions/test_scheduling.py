"""Appointments, live: for the two whose they are, and for nobody else."""

from datetime import timedelta

from domain.errors import Unauthenticated
from tests import make
from tests.make import TOMORROW
from tests.server import Listening, LocalServer, gid
from tests.subscriptions.acts import (
    ACCEPT,
    APPOINTMENTS,
    CANCEL,
    DECLINE,
    RESCHEDULE,
    do,
    read_up,
    refusal,
    request,
)


async def heard(listening: Listening) -> tuple[str, str, str]:
    change = await listening.next()
    return change["kind"], change["appointment"]["status"], change["appointment"]["id"]


async def test_both_hear_all_that_happens_their_own_acts_too(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slots = make.slots(doctor, 3)
    await server.given(doctor, ana, slots)

    async with (
        server.listening(APPOINTMENTS, doctor) as of_doctor,
        server.listening(APPOINTMENTS, ana) as of_ana,
    ):

        async def both(kind: str, status: str, id: str) -> None:
            for listening in (of_doctor, of_ana):
                assert await heard(listening) == (kind, status, id)

        first = await request(server, ana, slots[0])
        await both("REQUESTED", "REQUESTED", first)
        await do(server, ACCEPT, doctor, id=first)
        await both("CONFIRMED", "CONFIRMED", first)
        await do(server, RESCHEDULE, ana, id=first, slot=gid(slots[1]))
        await both("RESCHEDULED", "REQUESTED", first)
        await do(server, DECLINE, doctor, id=first)
        await both("DECLINED", "DECLINED", first)
        second = await request(server, ana, slots[2])
        await both("REQUESTED", "REQUESTED", second)
        await do(server, CANCEL, ana, id=second)
        await both("CANCELLED", "CANCELLED", second)
        assert await of_doctor.silent(0.1)
        assert of_ana.heard.empty()


async def test_an_unanswered_request_is_heard_to_expire(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor, starts_at=TOMORROW + timedelta(days=7))
    await server.given(doctor, ana, slot)
    id = await request(server, ana, slot)

    async with (
        server.listening(APPOINTMENTS, doctor) as of_doctor,
        server.listening(APPOINTMENTS, ana) as of_ana,
    ):
        server.now += timedelta(hours=25)
        await server.app.sweep()

        assert await heard(of_doctor) == ("EXPIRED", "EXPIRED", id)
        assert await heard(of_ana) == ("EXPIRED", "EXPIRED", id)


async def test_strangers_hear_nothing(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    colleague, bruno = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, colleague, bruno, slot)

    async with (
        server.listening(APPOINTMENTS, colleague) as of_colleague,
        server.listening(APPOINTMENTS, bruno) as of_bruno,
        server.listening(APPOINTMENTS, ana) as of_ana,
    ):
        await request(server, ana, slot)

        assert (await of_ana.next())["kind"] == "REQUESTED"
        assert await of_colleague.silent()
        assert of_bruno.heard.empty()


async def test_strangers_are_replayed_nothing(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, bruno, slot)
    before = await read_up(server)
    await request(server, ana, slot)
    await read_up(server)

    async with server.listening(APPOINTMENTS, bruno, after=before) as of_bruno:
        assert await of_bruno.silent(0.1)


async def test_nobody_listens_without_a_session(server: LocalServer):
    assert await refusal(server, APPOINTMENTS) == "UNAUTHENTICATED"


async def test_what_is_no_cursor_is_refused(server: LocalServer):
    ana = make.patient()
    await server.given(ana)

    assert await refusal(server, APPOINTMENTS, ana, after="0" * 31) == "BAD_USER_INPUT"


async def test_an_ended_session_hears_nothing_more(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    async with (
        server.listening(APPOINTMENTS, ana) as of_ana,
        server.listening(APPOINTMENTS, doctor) as of_doctor,
    ):
        await server.fetch("UPDATE session SET ended_at = now() WHERE id = $1", ana.session.id)
        assert not of_ana.over
        await request(server, ana, slot)  # her access token still lives for some minutes

        assert (await of_doctor.next())["kind"] == "REQUESTED"
        assert await of_ana.silent()
        assert isinstance(of_ana.finished, Unauthenticated)
        assert not of_doctor.over


async def test_an_ended_session_is_replayed_nothing(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    before = await read_up(server)
    await request(server, ana, slot)
    await read_up(server)
    await server.fetch("UPDATE session SET ended_at = now() WHERE id = $1", ana.session.id)

    async with server.listening(APPOINTMENTS, ana, after=before) as of_ana:
        assert await of_ana.silent(0.1)
        assert isinstance(of_ana.finished, Unauthenticated)


async def test_a_suspended_doctors_own_feed_ends_and_his_patients_goes_on(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    id = await request(server, ana, slot)
    await read_up(server)

    async with (
        server.listening(APPOINTMENTS, doctor) as of_doctor,
        server.listening(APPOINTMENTS, ana) as of_ana,
    ):
        await server.fetch("UPDATE doctor SET status = 'SUSPENDED' WHERE id = $1", doctor.id)
        await do(server, CANCEL, ana, id=id)

        assert (await of_ana.next())["kind"] == "CANCELLED"
        assert await of_doctor.silent()
        assert isinstance(of_doctor.finished, Unauthenticated)
