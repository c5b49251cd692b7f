"""A consultation, live: what the other side sent, and who is there."""

import asyncio
import json
from typing import Any

import pytest

from domain.ids import new_id
from tests import make
from tests.make import NOW
from tests.resolvers.consultations import (
    CANCEL,
    END,
    MINUTE,
    NO_SHOW,
    PRESENCE,
    SIGNALS,
    both_in,
    join,
    send,
    visit,
)
from tests.server import Listening, LocalServer, gid
from tests.subscriptions.acts import APPOINTMENTS
from transport.errors import Unfit


async def heard(listening: Listening, count: int) -> list[Any]:
    return [json.loads((await listening.next())["payload"]) for _ in range(count)]


async def until(holds: Any, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  # of what nobody tells
            await asyncio.sleep(0.01)


async def refusal(server: LocalServer, what: str, who: Any, appointment: Any) -> str:
    with pytest.raises(Unfit) as refused:
        async with server.listening(what, who, id=gid(appointment)):
            pass
    [error] = refused.value.errors
    return error["extensions"]["code"]


# ------------------------------------------------------------------- signals


async def test_each_hears_what_the_other_sent_and_not_his_own(server: LocalServer):
    doctor, ana, made = await both_in(server)

    async with (
        server.listening(SIGNALS, doctor, id=gid(made)) as of_doctor,
        server.listening(SIGNALS, ana, id=gid(made)) as of_ana,
    ):
        await send(server, doctor, made, "offer")
        told = await of_ana.next()
        assert (told["from"], json.loads(told["payload"])) == ("DOCTOR", "offer")
        await send(server, ana, made, "answer")
        assert await heard(of_doctor, 1) == ["answer"]
        assert await of_ana.silent(0.1)
        assert of_doctor.heard.empty()


async def test_who_comes_late_hears_all_of_it_in_order_and_once(server: LocalServer):
    doctor, ana, made = await visit(server)
    await join(server, doctor, made)
    await send(server, doctor, made, *range(20))
    await join(server, ana, made)
    await send(server, ana, made, "mine")

    async with server.listening(SIGNALS, ana, id=gid(made)) as of_ana:
        await send(server, doctor, made, *range(20, 25))
        assert await heard(of_ana, 25) == list(range(25))
        assert await of_ana.silent(0.1)


async def test_who_was_away_goes_on_from_his_cursor(server: LocalServer):
    doctor, ana, made = await both_in(server)
    async with server.listening(SIGNALS, ana, id=gid(made)) as of_ana:
        await send(server, doctor, made, "a", "b")
        cursor = (await of_ana.next())["cursor"]
    await send(server, doctor, made, "c")

    async with server.listening(SIGNALS, ana, id=gid(made), after=cursor) as of_ana:
        assert await heard(of_ana, 2) == ["b", "c"]


async def test_of_another_consultation_of_the_same_two_nothing_is_heard(server: LocalServer):
    doctor, ana, made = await both_in(server)
    later = NOW + 40 * MINUTE
    slot, other = make.visit(doctor, ana, status="CONFIRMED", starts_at=later)
    await server.given(slot, other)
    server.now = later - 10 * MINUTE
    await join(server, doctor, other)

    async with server.listening(SIGNALS, ana, id=gid(made)) as of_ana:
        await send(server, doctor, other, "elsewhere")
        await send(server, doctor, made, "here")
        assert await heard(of_ana, 1) == ["here"]
        assert await of_ana.silent(0.1)


@pytest.mark.parametrize("what", [SIGNALS, PRESENCE])
async def test_a_stranger_hears_nothing(server: LocalServer, what: str):
    _, _, made = await both_in(server)
    for stranger in (make.doctor(), make.patient()):
        await server.given(stranger)

        assert await refusal(server, what, stranger, made) == "NOT_FOUND"


@pytest.mark.parametrize("what", [SIGNALS, PRESENCE])
async def test_outside_its_window_there_is_nothing_to_hear(server: LocalServer, what: str):
    doctor, _, made = await visit(server, starts_at=NOW + 16 * MINUTE)

    assert await refusal(server, what, doctor, made) == "OUTSIDE_WINDOW"


@pytest.mark.parametrize("what", [SIGNALS, PRESENCE])
@pytest.mark.parametrize("ended_by", ["the doctor", "time", "time, alone", "its being called off"])
async def test_with_the_consultation_it_ends(server: LocalServer, what: str, ended_by: str):
    if ended_by in ("the doctor", "time"):
        doctor, ana, made = await both_in(server)
    else:
        doctor, ana, made = await visit(server, starts_at=NOW + 10 * MINUTE)
        await join(server, ana, made)

    async with server.listening(what, ana, id=gid(made)) as of_ana:
        if ended_by == "the doctor":
            await server.ask(END, doctor, id=gid(made))
        elif ended_by == "its being called off":
            await server.ask(CANCEL, doctor, id=gid(made))
        else:
            server.now = made.ends_at + 30 * MINUTE
            await server.app.close_visits()
        await until(lambda: of_ana.over)
        assert of_ana.finished is None


async def test_with_the_session_it_ends(server: LocalServer):
    doctor, ana, made = await both_in(server)
    async with server.listening(SIGNALS, ana, id=gid(made)) as of_ana:
        await server.fetch("UPDATE session SET ended_at = now() WHERE id = $1", ana.session.id)
        await send(server, doctor, made, "offer")
        await until(lambda: of_ana.over)

    assert of_ana.heard.empty()
    assert of_ana.finished.code == "UNAUTHENTICATED"


async def test_who_cannot_be_told_all_of_it_is_told_to_come_again(server: LocalServer):
    """There is no page that he could read anew."""
    _, ana, made = await both_in(server)
    async with server.listening(SIGNALS, ana, id=gid(made), after=2 * ("7" + "f" * 15)) as of_ana:
        await until(lambda: of_ana.over)

    assert of_ana.finished.code == "RATE_LIMITED"


async def test_both_hear_that_it_has_started_and_that_it_is_over(server: LocalServer):
    doctor, ana, made = await visit(server)

    async with (
        server.listening(APPOINTMENTS, doctor) as of_doctor,
        server.listening(APPOINTMENTS, ana) as of_ana,
    ):
        for who in (doctor, ana):
            await join(server, who, made)
        for listening in (of_doctor, of_ana):
            change = await listening.next()
            assert (change["kind"], change["appointment"]["status"]) == ("STARTED", "IN_PROGRESS")
        await server.ask(END, doctor, id=gid(made))
        for listening in (of_doctor, of_ana):
            change = await listening.next()
            assert (change["kind"], change["appointment"]["status"]) == ("COMPLETED", "COMPLETED")


async def test_both_hear_of_a_no_show_and_that_it_was_none(server: LocalServer):
    doctor, ana, made = await visit(server)
    server.now = NOW + 20 * MINUTE

    async with server.listening(APPOINTMENTS, ana) as of_ana:
        await server.ask(NO_SHOW, doctor, id=gid(made))
        await server.ask(NO_SHOW, doctor, id=gid(made), undo=True)
        assert [(await of_ana.next())["kind"] for _ in range(2)] == ["NO_SHOW", "CONFIRMED"]


# ------------------------------------------------------------------ presence


async def seen(listening: Listening, doctor: bool, patient: bool) -> None:
    """It is told before long."""
    told = None
    while told != (doctor, patient):
        event = await listening.next()
        told = (event["doctorPresent"], event["patientPresent"])


async def test_each_side_sees_whether_the_other_is_there(server: LocalServer):
    doctor, ana, made = await visit(server)

    async with server.listening(PRESENCE, ana, id=gid(made)) as of_ana:
        await seen(of_ana, doctor=False, patient=True)
        async with server.listening(PRESENCE, doctor, id=gid(made)) as of_doctor:
            await seen(of_doctor, doctor=True, patient=True)
            await seen(of_ana, doctor=True, patient=True)
        await seen(of_ana, doctor=False, patient=True)
    assert (await server.appointment(made.id)).status == "CONFIRMED"  # nobody has joined


async def test_who_has_two_lines_is_there_until_the_last_is_gone(server: LocalServer):
    doctor, ana, made = await visit(server)
    async with server.listening(PRESENCE, ana, id=gid(made)) as of_ana:
        async with server.listening(PRESENCE, doctor, id=gid(made)):
            await seen(of_ana, doctor=True, patient=True)
            async with server.listening(PRESENCE, doctor, id=gid(made)) as again:
                await seen(again, doctor=True, patient=True)  # though nobody has come
            assert (await present(server, made)) == {"DOCTOR", "PATIENT"}
            await server.app.waiting_rooms.keep()
            assert (await present(server, made)) == {"DOCTOR", "PATIENT"}
        await seen(of_ana, doctor=False, patient=True)


async def present(server: LocalServer, made: Any) -> set[str]:
    rows = await server.fetch("SELECT party FROM presence WHERE appointment_id = $1", made.id)
    return {row["party"] for row in rows}


async def test_who_listens_at_another_process_is_there_until_its_lease_has_ended(
    server: LocalServer, database_url: str, keys_file: Any
):
    doctor, ana, made = await visit(server)
    async with (
        LocalServer.run(database_url, keys_file) as other,
        server.listening(PRESENCE, ana, id=gid(made)) as of_ana,
    ):
        other.now = server.now
        async with other.listening(PRESENCE, doctor, id=gid(made)):
            await seen(of_ana, doctor=True, patient=True)
            await server.fetch(  # as if that process had died, and had said nothing for a while
                "UPDATE presence SET held_until = now() - interval '1 second', process = $2"
                " WHERE appointment_id = $1 AND party = 'DOCTOR'",
                made.id,
                new_id(),
            )
            await seen(of_ana, doctor=False, patient=True)
            await seen(of_ana, doctor=True, patient=True)  # which it has not
