"""Where addresses have to be confirmed, nobody gets in before, nor learns what is taken."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.mail import MailKind
from tests.mailbox import Mailbox, tokens
from tests.resolvers.test_accounts import (
    REGISTER_DOCTOR,
    REGISTER_PATIENT,
    doctor_form,
    patient_form,
    registered_doctor,
    registered_patient,
    sign_in_doctor,
    sign_in_patient,
)
from tests.resolvers.test_recovery import CONFIRM, DONE, EXPIRED, NEW, request, reset
from tests.server import LocalServer
from wiring.settings import Settings

RESEND = """
mutation ($email: String!) { resendConfirmation(input: {email: $email}) { problems { code } } }
"""
CONFIRM_MAIL, TAKEN = MailKind.CONFIRM_EMAIL, MailKind.ALREADY_REGISTERED


@pytest.fixture
async def strict(database_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """Another process over the same database, where addresses have to be confirmed."""
    async with LocalServer.run(database_url, keys_file, confirm_email=True) as server:
        yield server


async def register(server: LocalServer, form: dict[str, Any]) -> dict[str, Any]:
    return await server.ask(REGISTER_DOCTOR if "crm" in form else REGISTER_PATIENT, input=form)


async def sign_in(server: LocalServer, form: dict[str, Any], **other: str) -> str:
    """The code of the problem, or IN."""
    by = sign_in_doctor if "crm" in form else sign_in_patient
    answer = await by(server, form, **other)
    return answer["problems"][0]["code"] if answer["problems"] else "IN"


async def mail_of(server: LocalServer, *emails: str) -> list[MailKind]:
    mailbox = Mailbox()
    await mailbox.fetch(server)
    return [mail.kind for mail in mailbox.kept if mail.to in emails]


@pytest.mark.parametrize(("form", "thing"), [(patient_form, "patient"), (doctor_form, "doctor")])
async def test_one_gets_in_once_the_address_is_confirmed(strict: LocalServer, form, thing):
    mine = form()

    assert await register(strict, mine) == {thing: None, "problems": []}
    assert await sign_in(strict, mine) == "INVALID_CREDENTIALS"
    [token] = await tokens(strict, mine["email"], CONFIRM_MAIL)
    assert await strict.ask(CONFIRM, token=token) == DONE

    assert await sign_in(strict, mine) == "IN"
    assert await strict.ask(CONFIRM, token=token) == EXPIRED


async def test_a_link_is_good_for_a_day(strict: LocalServer):
    mine = patient_form()
    await register(strict, mine)
    [token] = await tokens(strict, mine["email"], CONFIRM_MAIL)

    strict.now += timedelta(hours=24)
    assert await strict.ask(CONFIRM, token=token) == EXPIRED

    strict.now -= timedelta(seconds=1)
    assert await strict.ask(CONFIRM, token=token) == DONE


async def test_a_confirmation_is_in_the_audit_log(strict: LocalServer):
    mine = patient_form()
    await register(strict, mine)
    [token] = await tokens(strict, mine["email"], CONFIRM_MAIL)
    before = await strict.fetch("SELECT id FROM audit_entry WHERE action = 'ConfirmEmail'")

    await strict.ask(CONFIRM, token=token)

    after = await strict.fetch("SELECT id FROM audit_entry WHERE action = 'ConfirmEmail'")
    assert len(after) == len(before) + 1


async def test_whether_it_is_confirmed_is_told_to_nobody(strict: LocalServer):
    """Who has just tried to register would learn from it whether the address was free."""
    mine, nobodys = patient_form(), patient_form()
    await register(strict, mine)

    answers = [await sign_in_patient(strict, form) for form in (mine, nobodys)]
    answers.append(await sign_in_patient(strict, mine, password=NEW))

    assert answers[0] == answers[1] == answers[2]


async def test_a_taken_email_is_answered_like_a_free_one_and_its_owner_is_told(
    strict: LocalServer, server: LocalServer
):
    owner, _ = await registered_patient(server)
    await _confirmed(strict, owner)
    again = patient_form(email=owner["email"])
    before = await strict.fetch("SELECT count(*) FROM account")

    assert await register(strict, again) == {"patient": None, "problems": []}

    assert await strict.fetch("SELECT count(*) FROM account") == before
    assert await mail_of(strict, owner["email"]) == [TAKEN]
    assert await sign_in(strict, again) == "INVALID_CREDENTIALS"
    assert await sign_in(strict, owner) == "IN"


async def test_of_a_taken_cpf_its_owner_is_told_and_not_who_typed_it(
    strict: LocalServer, server: LocalServer
):
    owner, _ = await registered_patient(server)
    await _confirmed(strict, owner)
    again = patient_form(cpf=owner["cpf"])

    assert await register(strict, again) == {"patient": None, "problems": []}

    mailbox = Mailbox()
    await mailbox.fetch(strict)
    assert [mail.kind for mail in mailbox.of(owner["email"])] == [TAKEN]
    assert mailbox.of(again["email"]) == []
    assert await sign_in(strict, again) == "INVALID_CREDENTIALS"


async def test_both_owners_are_told_when_email_and_cpf_are_of_two(
    strict: LocalServer, server: LocalServer
):
    one, other = [(await registered_patient(server))[0] for _ in range(2)]
    for owner in (one, other):
        await _confirmed(strict, owner)

    answer = await register(strict, patient_form(email=one["email"], cpf=other["cpf"]))

    assert answer == {"patient": None, "problems": []}
    assert await mail_of(strict, one["email"], other["email"]) == [TAKEN, TAKEN]


async def test_of_a_taken_crm_its_owner_is_told(strict: LocalServer, server: LocalServer):
    owner, _ = await registered_doctor(server)
    await _confirmed(strict, owner)
    again = doctor_form(crm=owner["crm"], uf=owner["uf"])

    assert await register(strict, again) == {"doctor": None, "problems": []}

    mailbox = Mailbox()
    await mailbox.fetch(strict)
    [mail] = mailbox.of(owner["email"])
    assert (mail.kind, mail.accounts[0].crm) == (TAKEN, f"{owner['crm']}/{owner['uf']}")
    assert mailbox.of(again["email"]) == []


async def test_who_has_lost_the_mail_registers_again_or_asks_for_it(strict: LocalServer):
    mine = patient_form()
    await register(strict, mine)
    await mail_of(strict)  # lost

    await register(strict, mine)
    assert await mail_of(strict, mine["email"]) == [CONFIRM_MAIL]

    assert await strict.ask(RESEND, email=mine["email"]) == DONE
    [token] = await tokens(strict, mine["email"], CONFIRM_MAIL)
    assert await strict.ask(CONFIRM, token=token) == DONE


async def test_nothing_is_sent_again_to_who_is_confirmed_or_unknown(strict: LocalServer):
    mine, nobodys = patient_form(), f"{uuid4()}@example.com"
    await register(strict, mine)
    await mail_of(strict)
    await _confirmed(strict, mine)

    for email in (mine["email"], nobodys):
        assert await strict.ask(RESEND, email=email) == DONE

    assert await mail_of(strict, mine["email"], nobodys) == []


async def test_a_new_password_by_mail_confirms_the_address_too(strict: LocalServer):
    mine = patient_form()
    await register(strict, mine)
    await mail_of(strict)
    await request(strict, mine["email"])
    [token] = await tokens(strict, mine["email"], MailKind.RESET_PASSWORD)

    assert await reset(strict, token) == DONE

    assert await sign_in(strict, mine, password=NEW) == "IN"


async def test_where_nothing_is_to_be_confirmed_nothing_is_sent(server: LocalServer):
    mine, _ = await registered_patient(server)
    theirs, _ = await registered_doctor(server)

    assert await mail_of(server, mine["email"], theirs["email"]) == []
    assert await sign_in(server, mine) == "IN"


@pytest.mark.parametrize(
    ("given", "confirms"),
    [
        ({}, False),
        ({"profile": "open"}, False),
        ({"environment": "production"}, True),
        ({"environment": "production", "confirm_email": False}, False),
        ({"confirm_email": True}, True),
    ],
)
def test_production_has_addresses_confirmed(given: dict[str, Any], confirms: bool):
    settings = Settings(database_url="postgresql://", keys_file=Path("keys.json"), **given)

    assert settings.confirms_email is confirms


async def _confirmed(server: LocalServer, form: dict[str, Any]) -> None:
    await server.ask(RESEND, email=form["email"])
    for token in await tokens(server, form["email"], CONFIRM_MAIL):
        assert await server.ask(CONFIRM, token=token) == DONE
