"""Whoever knows his password chooses another one, and is alone with his account afterwards."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from domain.ids import UserId
from domain.mail import MailKind
from tests.mailbox import Mailbox, tokens
from tests.resolvers.test_accounts import PASSWORD, found_in_the_database
from tests.resolvers.test_attempts import THROTTLED, WRONG
from tests.resolvers.test_recovery import DONE, EXPIRED, NEW, request, reset
from tests.resolvers.test_second_factor import MFA, Owner, both, owner, problem, protected, wrong
from tests.resolvers.test_sessions import is_dead
from tests.server import LocalServer

CHANGE = """
mutation ($input: ChangePasswordInput!) {
  changePassword(input: $input) { problems { code path } }
}
"""
OTHER = "outra senha bem nova"


async def change(it: Owner, new: str = NEW, old: str = PASSWORD, **more: Any) -> Any:
    return await it.ask(CHANGE, currentPassword=old, newPassword=new, **more)


async def account_of(it: Owner) -> Any:
    return await it.server.app.services.reads.account(UserId(UUID(it.id)))


async def actions(it: Owner) -> list[str]:
    said = "SELECT action FROM audit_entry WHERE user_id::text = $1 ORDER BY at, id"
    return [entry["action"] for entry in await it.server.fetch(said, it.id)]


@both
async def test_a_password_is_changed_by_whoever_knows_it(server: LocalServer, role: str):
    ana = await owner(server, role)

    assert await change(ana) == DONE

    assert await ana.tries(None) == [WRONG]
    assert await ana.tries(None, password=NEW) == ["IN"]
    assert "ChangePassword" in await actions(ana)
    assert not await found_in_the_database(server, NEW)


async def test_the_session_that_asks_goes_on_and_all_others_end(server: LocalServer):
    ana, stranger = await owner(server), await owner(server)
    elsewhere = [(await ana.sign_in())["session"] for _ in range(2)]

    assert await change(ana) == DONE

    assert [await is_dead(server, each) for each in elsewhere] == [True, True]
    assert not await is_dead(server, ana.session)
    assert not await is_dead(server, stranger.session)


@both
async def test_its_owner_is_told_by_mail_that_it_was_changed(server: LocalServer, role: str):
    ana, mailbox = await owner(server, role), Mailbox()

    assert await change(ana) == DONE
    await mailbox.fetch(server)

    [mail] = mailbox.of((await account_of(ana)).email)
    assert mail.kind is MailKind.PASSWORD_CHANGED
    assert bool(mail.accounts[0].crm) == (role == "doctor")


async def test_a_link_that_was_sent_before_is_good_no_more(server: LocalServer):
    ana = await owner(server)
    email = (await account_of(ana)).email
    assert await request(server, email) == DONE
    [token] = await tokens(server, email, MailKind.RESET_PASSWORD)

    assert await change(ana) == DONE

    assert await reset(server, token, OTHER) == EXPIRED


async def test_who_does_not_know_it_changes_nothing_and_has_to_wait(server: LocalServer):
    ana, mailbox = await owner(server), Mailbox()
    before = await account_of(ana)
    elsewhere = (await ana.sign_in())["session"]

    refused = [problem(await change(ana, old=OTHER)) for _ in range(7)]

    assert refused == [(WRONG, "")] * 6 + [(THROTTLED, "")]
    assert problem(await change(ana)) == (THROTTLED, "")
    assert await account_of(ana) == before
    assert not await is_dead(server, elsewhere)
    assert "ChangePassword" not in await actions(ana)
    await mailbox.fetch(server)
    assert mailbox.of(before.email) == []


@pytest.mark.parametrize("new", ["curta12", "x" * 129, "12345678"])
async def test_what_is_no_password_is_said_before_the_old_one_is_looked_at(
    server: LocalServer, new: str
):
    ana = await owner(server)

    for old in (PASSWORD, OTHER):
        assert problem(await change(ana, new, old)) == ("INVALID", "newPassword")

    assert await ana.tries(None) == ["IN"]


async def test_with_a_second_factor_it_takes_a_code_which_is_good_once(server: LocalServer):
    ana = await protected(server)
    code = ana.code()

    assert problem(await change(ana)) == (MFA, "otp")
    assert problem(await change(ana, otp=wrong(code, ana.code(-1), ana.code(1)))) == (WRONG, "")
    assert await ana.tries(None) == [MFA]

    assert await change(ana, otp=code) == DONE
    assert problem(await change(ana, OTHER, NEW, otp=code)) == (WRONG, "")


async def test_a_recovery_code_will_do(server: LocalServer):
    ana = await protected(server)

    assert await change(ana, otp=ana.recovery_codes[0].lower()) == DONE

    assert (await ana.protection())["recoveryCodesLeft"] == 9


async def test_of_two_at_once_one_chooses(server: LocalServer):
    ana = await owner(server)

    answers = await asyncio.gather(change(ana), change(ana, OTHER))

    assert sorted(each["problems"] == [] for each in answers) == [False, True]
    entered = await ana.tries(None, password=NEW) + await ana.tries(None, password=OTHER)
    assert sorted(entered) == ["IN", WRONG]


async def test_who_chose_by_a_link_meanwhile_is_not_overruled(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
):
    """The old password was still good when it was verified."""
    ana = await owner(server)
    email = (await account_of(ana)).email
    assert await request(server, email) == DONE
    [token] = await tokens(server, email, MailKind.RESET_PASSWORD)
    verify = server.app.services.passwords.verify

    async def verify_and_dawdle(password: str, hashed: str | None, /) -> bool:
        matches = await verify(password, hashed)
        assert await reset(server, token, OTHER) == DONE
        return matches

    with monkeypatch.context() as patched:
        patched.setattr(server.app.services.passwords, "verify", verify_and_dawdle)
        assert problem(await change(ana)) == (WRONG, "")

    assert await ana.tries(None, password=OTHER) == ["IN"]
