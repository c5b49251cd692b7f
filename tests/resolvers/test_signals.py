"""What one browser of a consultation tells the other, and who may not."""

import json
from datetime import timedelta

import pytest

from domain.doctors import DoctorStatus
from domain.limits import Limits
from tests import make
from tests.make import NOW
from tests.resolvers.consultations import (
    END,
    SEND,
    both_in,
    join,
    problem,
    send,
    visit,
)
from tests.server import LocalServer, gid

LARGEST = Limits().signal_largest


async def test_who_has_not_joined_sends_nothing(server: LocalServer):
    doctor, ana, made = await visit(server)
    await join(server, doctor, made)

    refusal = await problem(server, SEND, ana, made, payload="{}")

    assert (refusal["code"], refusal["path"]) == ("WRONG_STATUS", ["appointmentId"])


async def test_a_stranger_sends_nothing(server: LocalServer):
    _, _, made = await both_in(server)
    for stranger in (make.doctor(), make.patient()):
        await server.given(stranger)

        assert await server.refuse(SEND, stranger, id=gid(made), payload="{}") == "NOT_FOUND"


async def test_it_is_checked_at_every_signal(server: LocalServer):
    doctor, ana, made = await both_in(server)
    await send(server, ana, made, "offer")
    server.now = made.ends_at + Limits().visit_closes_after
    assert (await problem(server, SEND, ana, made, payload="{}"))["code"] == "OUTSIDE_WINDOW"
    server.now = NOW
    await server.ask(END, doctor, id=gid(made))
    assert (await problem(server, SEND, ana, made, payload="{}"))["code"] == "WRONG_STATUS"


async def test_a_doctor_who_was_suspended_sends_nothing_more(server: LocalServer):
    doctor, _, made = await both_in(server)
    await server.fetch(
        "UPDATE doctor SET status = $2 WHERE id = $1", doctor.id, DoctorStatus.SUSPENDED.value
    )

    assert await server.refuse(SEND, doctor, id=gid(made), payload="{}") == "FORBIDDEN"


async def test_sixteen_kibibytes_are_the_most_counted_in_bytes(server: LocalServer):
    doctor, _, made = await both_in(server)
    just = json.dumps("é" * (LARGEST // 2 - 1), ensure_ascii=False)
    assert len(just.encode()) == LARGEST
    assert (await server.ask(SEND, doctor, id=gid(made), payload=just))["problems"] == []

    refusal = await problem(server, SEND, doctor, made, payload=f"{just} ")

    assert (refusal["code"], refusal["path"]) == ("TOO_LARGE", ["payload"])


@pytest.mark.parametrize("payload", ["", "offer", "{", "[" * 5000])
async def test_what_is_no_json_is_refused(server: LocalServer, payload: str):
    doctor, _, made = await both_in(server)

    refusal = await problem(server, SEND, doctor, made, payload=payload)

    assert (refusal["code"], refusal["path"]) == ("INVALID", ["payload"])


async def test_too_many_at_once_are_refused_to_that_side_alone(server: LocalServer):
    doctor, ana, made = await both_in(server)
    [row] = await server.fetch("SELECT id FROM consultation WHERE appointment_id = $1", made.id)
    met = make.consultation(made, id=row["id"])
    limits = Limits()
    await server.given(*(make.signal(met) for _ in range(limits.signals_at_once)))

    assert (await problem(server, SEND, doctor, made, payload="{}"))["code"] == "LIMIT_REACHED"
    await send(server, ana, made, "answer")
    server.now += timedelta(seconds=10)
    await send(server, doctor, made, "offer")

    more = limits.signals - limits.signals_at_once - 1
    await server.given(*(make.signal(met) for _ in range(more)))
    assert (await problem(server, SEND, doctor, made, payload="{}"))["code"] == "LIMIT_REACHED"
