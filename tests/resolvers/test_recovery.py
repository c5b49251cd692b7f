"""Whoever reads an account's mail may choose a new password, and nobody learns whose mail it is."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain import recovery
from domain.mail import MailKind
from tests.mailbox import Mailbox, tokens
from tests.resolvers.test_accounts import (
    found_in_the_database,
    registered_doctor,
    registered_patient,
    sign_in_doctor,
    sign_in_patient,
)
from tests.resolvers.test_sessions import is_dead
from tests.server import LocalServer, plain
from transport.requests import Client

REQUEST = """
mutation ($email: String!) {
  requestPasswordReset(input: {email: $email}) { problems { code message path } }
}
"""
RESET = """
mutation ($token: String!, $password: String!) {
  resetPassword(input: {token: $token, password: $password}) { problems { code path } }
}
"""
CONFIRM = """
mutation ($token: String!) { confirmEmail(input: {token: $token}) { problems { code path } } }
"""
CHANGE_EMAIL = """
mutation ($email: String!) { updatePatient(input: {email: $email}) { patient { id } } }
"""
NEW = "uma senha bem nova"
DONE: dict[str, Any] = {"problems": []}
EXPIRED = {"problems": [{"code": "TOKEN_EXPIRED", "path": ["token"]}]}
RESET_MAIL, CHANGED = MailKind.RESET_PASSWORD, MailKind.PASSWORD_CHANGED


async def request(server: LocalServer, email: str, address: str = "") -> dict[str, Any]:
    caller = server.app.authenticate(None, Client(address or str(uuid4())))
    operation = server.documents.prepare(REQUEST)
    answer = await server.operations.answer(operation, plain({"email": email}), caller)
    return json.loads(answer)["data"]["requestPasswordReset"]


async def token_for(server: LocalServer, email: str) -> str:
    assert await request(server, email) == DONE
    [token] = await tokens(server, email, RESET_MAIL)
    return token


async def reset(server: LocalServer, token: str, password: str = NEW) -> dict[str, Any]:
    return await server.ask(RESET, token=token, password=password)


# ------------------------------------------------------------------- the whole way


async def test_a_new_password_is_chosen_and_the_old_one_is_gone(server: LocalServer):
    form, _ = await registered_patient(server)
    token = await token_for(server, form["email"])

    assert await reset(server, token) == DONE

    assert (await sign_in_patient(server, form, password=NEW))["session"]
    old = await sign_in_patient(server, form)
    assert [problem["code"] for problem in old["problems"]] == ["INVALID_CREDENTIALS"]


async def test_all_sessions_end_and_the_owner_is_told(server: LocalServer):
    form, patient = await registered_patient(server)
    stranger, _ = await registered_patient(server)
    sessions = [(await sign_in_patient(server, form))["session"] for _ in range(2)]
    other = (await sign_in_patient(server, stranger))["session"]
    token = await token_for(server, form["email"])

    assert await reset(server, token) == DONE

    assert [await is_dead(server, session) for session in sessions] == [True, True]
    assert not await is_dead(server, other)
    told = Mailbox()
    await told.fetch(server)
    [mail] = told.of(form["email"])
    assert mail.kind is CHANGED
    assert [(named.crm, named.token) for named in mail.accounts] == [(None, None)]
    entries = await server.fetch(
        "SELECT action FROM audit_entry WHERE user_id::text = $1 ORDER BY at, id",
        patient["id"].removeprefix("patient_"),
    )
    actions = [entry["action"] for entry in entries]
    assert actions.count("ResetPassword") == 1
    assert actions.count("EndSession") == 2


async def test_a_session_that_opens_while_the_password_changes_does_not_outlive_it(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
):
    """Its password was verified when the old one was still good."""
    form, _ = await registered_patient(server)
    token = await token_for(server, form["email"])
    verify = server.app.services.passwords.verify

    async def verify_and_dawdle(password: str, hashed: str | None, /) -> bool:
        matches = await verify(password, hashed)
        assert await reset(server, token) == DONE
        return matches

    monkeypatch.setattr(server.app.services.passwords, "verify", verify_and_dawdle)
    answer = await sign_in_patient(server, form)

    assert answer["session"] is None
    assert [problem["code"] for problem in answer["problems"]] == ["INVALID_CREDENTIALS"]


async def test_one_address_of_several_accounts_gets_one_mail_with_a_link_for_each(
    server: LocalServer,
):
    email = f"{uuid4()}@Example.com"
    patient, _ = await registered_patient(server, email=email)
    one, _ = await registered_doctor(server, email=email.lower())
    other, _ = await registered_doctor(server, email=email)
    mailbox = Mailbox()

    await request(server, email.upper())
    await mailbox.fetch(server)

    [mail] = mailbox.of(email.upper())
    by_name = {named.crm: named.token for named in mail.accounts}
    names = {None, *(f"{doctor['crm']}/{doctor['uf']}" for doctor in (one, other))}
    assert set(by_name) == names
    assert await reset(server, by_name[f"{one['crm']}/{one['uf']}"]) == DONE
    assert (await sign_in_doctor(server, one, password=NEW))["session"]
    assert (await sign_in_doctor(server, other))["session"]
    assert (await sign_in_patient(server, patient))["session"]


# ------------------------------------------------------------------ a link's life


async def test_a_link_is_good_once_and_so_are_all_of_its_account(server: LocalServer):
    form, _ = await registered_patient(server)
    first, second = [await token_for(server, form["email"]) for _ in range(2)]

    assert await reset(server, second) == DONE

    for token in (second, first):
        assert await reset(server, token, "ainda outra senha") == EXPIRED
    assert (await sign_in_patient(server, form, password=NEW))["session"]


async def test_of_two_at_once_one_changes_the_password(server: LocalServer):
    form, _ = await registered_patient(server)
    links = [await token_for(server, form["email"]) for _ in range(2)]

    answers = await asyncio.gather(*(reset(server, token) for token in links * 2))

    assert sorted(answers, key=str) == sorted([DONE, EXPIRED, EXPIRED, EXPIRED], key=str)


async def test_who_comes_while_another_link_of_the_account_is_being_spent_is_too_late(
    server: LocalServer,
):
    form, _ = await registered_patient(server)
    first, second = [await token_for(server, form["email"]) for _ in range(2)]

    async with server.app.works.begin() as work:
        await recovery.reset(work, first, password_hash="none", at=server.now)  # noqa: S106
        late = asyncio.create_task(reset(server, second))
        await asyncio.sleep(0.5)
        assert not late.done()

    assert await late == EXPIRED


async def test_a_link_is_good_for_thirty_minutes_from_when_it_leaves(server: LocalServer):
    form, _ = await registered_patient(server)
    asked_at = server.now
    await request(server, form["email"])
    server.now = asked_at + timedelta(hours=2)
    [token] = await tokens(server, form["email"], RESET_MAIL)

    server.now += timedelta(minutes=30)
    late = await reset(server, token)
    server.now -= timedelta(seconds=1)

    assert late == EXPIRED
    assert await reset(server, token) == DONE


async def test_a_password_that_cannot_be_taken_leaves_the_link_as_it_is(server: LocalServer):
    form, _ = await registered_patient(server)
    token = await token_for(server, form["email"])

    answer = await reset(server, token, "curta")

    assert answer == {"problems": [{"code": "INVALID", "path": ["password"]}]}
    assert await reset(server, token) == DONE


@pytest.mark.parametrize("token", ["", "x", "\ud800", f"{'0' * 32}.x", f"{'0' * 32}.\ud800"])
async def test_what_is_no_link_of_ours_is_told_alike(server: LocalServer, token: str):
    assert await reset(server, token) == EXPIRED


async def test_the_id_of_a_link_does_not_do_for_the_whole(server: LocalServer):
    form, _ = await registered_patient(server)
    id, _, _ = (await token_for(server, form["email"])).partition(".")

    assert await reset(server, f"{id}.{'a' * 43}") == EXPIRED


async def test_a_link_is_of_no_use_for_another_purpose(server: LocalServer):
    form, _ = await registered_patient(server)
    token = await token_for(server, form["email"])

    answer = await server.ask(CONFIRM, token=token)

    assert answer == EXPIRED
    assert await reset(server, token) == DONE


async def test_a_link_to_an_address_that_the_account_has_left_is_good_no_more(server: LocalServer):
    form, _ = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]
    token = await token_for(server, form["email"])
    caller = server.app.authenticate(f"Bearer {session['accessToken']}")
    email = {"email": f"{uuid4()}@example.com"}
    await server.operations.answer(server.documents.prepare(CHANGE_EMAIL), email, caller)

    assert await reset(server, token) == EXPIRED


async def test_neither_the_address_nor_the_token_can_be_read_in_the_database(server: LocalServer):
    form, _ = await registered_patient(server)
    await request(server, form["email"])
    assert not await found_in_the_database(server, form["email"])

    [token] = await tokens(server, form["email"], RESET_MAIL)

    assert not await found_in_the_database(server, form["email"])
    assert not await found_in_the_database(server, token.partition(".")[2])


# --------------------------------------------------- whether there is an account


async def test_nobody_gets_mail_at_an_address_that_no_account_has(server: LocalServer):
    email, mailbox = f"{uuid4()}@example.com", Mailbox()

    assert await request(server, email) == DONE
    await mailbox.fetch(server)

    assert mailbox.of(email) == []
    waiting = "SELECT id FROM mail WHERE content IS NOT NULL AND added_at <= $1"
    assert await server.fetch(waiting, server.now) == []


async def test_the_same_statements_are_run_whether_or_not_there_is_an_account(server: LocalServer):
    form, _ = await registered_patient(server)
    run = []

    for email in (form["email"], f"{uuid4()}@example.com"):
        with server.statements() as statements:
            await request(server, email)
        run.append(list(statements))

    assert run[0] == run[1]


async def test_who_asks_too_often_has_to_wait_whoever_he_asks_for(server: LocalServer):
    form, _ = await registered_patient(server)

    for email in (form["email"], f"{uuid4()}@example.com"):
        address = str(uuid4())
        answers = [await request(server, email, address) for _ in range(7)]

        assert answers[:6] == [DONE] * 6
        assert [problem["code"] for problem in answers[6]["problems"]] == ["TOO_MANY_ATTEMPTS"]
        assert await request(server, email, str(uuid4())) == DONE


async def test_nobody_fills_a_strangers_mailbox_from_many_addresses(server: LocalServer):
    form, _ = await registered_patient(server)
    mailbox = Mailbox()
    for _ in range(8):
        assert await request(server, form["email"]) == DONE

    await mailbox.fetch(server)
    assert len(mailbox.of(form["email"])) == 5

    server.now += timedelta(hours=1, seconds=1)
    await request(server, form["email"])
    await mailbox.fetch(server)
    assert len(mailbox.of(form["email"])) == 6


async def test_what_is_no_address_is_told(server: LocalServer):
    answer = await request(server, "ana")

    assert [(p["code"], p["path"]) for p in answer["problems"]] == [("INVALID", ["email"])]
