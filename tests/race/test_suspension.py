"""Whoever books a doctor as he is being suspended is refused, or told."""

import asyncio
from uuid import uuid4

import pytest

from domain.mail import MailKind
from tests import make
from tests.mailbox import Mailbox
from tests.make import Person
from tests.race.acts import ACCEPT, DONE, REQUEST, outcome
from tests.resolvers.test_standings import REASON, SUSPEND
from tests.server import LocalServer, gid

PATIENTS = 12


async def book(server: LocalServer, patient: Person, slot: str) -> str:
    answer = await server.answer(REQUEST, patient, id=slot, key=uuid4())
    if "errors" in answer:
        return answer["errors"][0]["extensions"]["code"]
    return outcome(answer["data"]["requestAppointment"])


@pytest.mark.parametrize("before", range(6))
async def test_nobody_is_booked_and_not_told(server: LocalServer, before: int):
    doctor, administrator = make.doctor(), make.administrator()
    patients = [make.patient() for _ in range(PATIENTS)]
    slots = make.slots(doctor, PATIENTS)
    await server.given(doctor, administrator, *patients, *slots)

    async def suspend() -> None:
        await asyncio.sleep(before / 200)
        assert await server.ask(SUSPEND, administrator, id=gid(doctor), reason=REASON)

    booked = [book(server, who, gid(slot)) for who, slot in zip(patients, slots, strict=True)]
    outcomes, _ = await asyncio.gather(asyncio.gather(*booked), suspend())

    mailbox = Mailbox()
    await mailbox.fetch(server)
    told = [bool(mailbox.of(p.account.email, MailKind.VISITS_IN_DOUBT)) for p in patients]
    assert told == [each == DONE for each in outcomes]
    assert set(outcomes) <= {DONE, "NOT_FOUND"}


async def test_who_accepts_as_he_is_being_suspended_does_so_before_or_not_at_all(
    server: LocalServer,
):
    for _ in range(10):
        doctor, administrator, ana = make.doctor(), make.administrator(), make.patient()
        slot, visit = make.visit(doctor, ana)
        await server.given(doctor, administrator, ana, slot, visit)

        accepted, _ = await asyncio.gather(
            server.answer(ACCEPT, doctor, id=gid(visit), seen=None),
            server.ask(SUSPEND, administrator, id=gid(doctor), reason=REASON),
        )

        entries = await server.fetch(
            "SELECT action FROM audit_entry WHERE user_id = ANY($1)"
            " AND action IN ('AcceptAppointment', 'SuspendDoctor') ORDER BY at",
            [doctor.id, administrator.id],
        )
        status = (await server.appointment(visit.id)).status
        if "errors" in accepted:
            assert accepted["errors"][0]["extensions"]["code"] == "FORBIDDEN"
            assert (status, len(entries)) == ("REQUESTED", 1)
        else:
            assert (status, len(entries)) == ("CONFIRMED", 2)
