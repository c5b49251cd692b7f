"""A browser keeps what renews a session, for all of its tabs."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain import opaque_tokens
from tests.make import NOW
from tests.resolvers import passkeys
from tests.resolvers.browsers import RENEW, SESSION, SIGN_IN, Browser, signed_in
from tests.resolvers.test_accounts import registered_doctor, registered_patient
from tests.resolvers.test_administrators import PASSWORD, Administrator
from tests.resolvers.test_sessions import REFRESH, is_dead
from tests.resolvers.test_sessions import REFUSED as SPENT
from tests.resolvers.test_sessions import signed_in as program
from tests.server import LocalServer

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
REFUSED = {"session": None, "problems": [{"code": "TOKEN_EXPIRED", "path": []}]}
SIGN_OUT = "mutation { signOut { problems { code } } }"
WITH = {
    "doctor": ("signInDoctor", "SignInDoctorInput"),
    "patient": ("signInPatient", "SignInPatientInput"),
    "administrator": ("signInAdministrator", "SignInAdministratorInput"),
    "passkey": ("signInWithPasskey", "SignInWithPasskeyInput"),
}


async def proof(server: LocalServer, who: str) -> dict[str, Any]:
    """With what somebody signs in."""
    if who == "doctor":
        form, _ = await registered_doctor(server)
        return {name: form[name] for name in ("crm", "uf", "password")}
    if who == "patient":
        form, _ = await registered_patient(server)
        return {name: form[name] for name in ("email", "cpf", "password")}
    if who == "administrator":
        made = Administrator(server)
        await made.make()
        return {"email": made.email, "password": PASSWORD, "otp": made.code}
    _, phone = await passkeys.holder(server)
    return {"credential": phone.get(await passkeys.asked(server))}


async def kept_of(server: LocalServer, token: str) -> Any:
    """The row of its session."""
    [row] = await server.fetch("SELECT * FROM session WHERE id = $1", opaque_tokens.id_of(token))
    return row


# ------------------------------------------------------------------ signing in


@pytest.mark.parametrize("who", WITH)
async def test_whoever_signs_in_may_have_the_browser_keep_what_renews(
    server: LocalServer, who: str
):
    field, kind = WITH[who]
    query = f"mutation ($input: {kind}!) {{ {field}(input: $input) {{ {SESSION} }} }}"
    browser = Browser(server)

    payload = await browser.ask(query, input={**await proof(server, who), "cookie": True})

    assert payload["problems"] == []
    assert payload["session"]["refreshToken"] == ""
    server.now += MINUTE
    first = browser.token
    renewed = (await browser.renew())["session"]
    assert renewed["refreshToken"] == ""
    assert renewed["viewer"] == payload["session"]["viewer"]
    assert not await is_dead(server, renewed)
    assert browser.token not in (None, "", first)


async def test_who_does_not_ask_for_it_has_nothing_kept(server: LocalServer):
    browser = Browser(server)

    payload = await browser.ask(SIGN_IN, input=await proof(server, "patient"))

    assert payload["session"]["refreshToken"]
    assert browser.token is None


@pytest.mark.parametrize("who", WITH)
async def test_where_nothing_can_be_kept_nobody_is_signed_in_with_it(server: LocalServer, who: str):
    """`ask` goes the way of sockets and streams, on which there is no header for a cookie."""
    field, kind = WITH[who]
    query = f"mutation ($input: {kind}!) {{ {field}(input: $input) {{ {SESSION} }} }}"
    given = {**await proof(server, who), "cookie": True}
    before = await server.counts()

    payload = await server.ask(query, input=given)

    assert payload == {"session": None, "problems": [{"code": "INVALID", "path": ["cookie"]}]}
    assert await server.counts() == before


async def test_nor_is_anything_renewed_there(server: LocalServer):
    payload = await server.ask(RENEW)

    assert payload == {"session": None, "problems": [{"code": "INVALID", "path": []}]}


# -------------------------------------------------------------------- renewing


async def test_a_cookie_is_spent_by_a_renewal_and_the_next_one_is_kept(server: LocalServer):
    browser, session = await signed_in(server)
    seen = [browser.token]
    for _ in range(3):
        server.now += timedelta(minutes=20)
        assert await is_dead(server, session)
        session = (await browser.renew())["session"]
        assert not await is_dead(server, session)
        seen.append(browser.token)

    assert len(set(seen)) == 4


async def test_tabs_that_renew_at_once_all_go_on(server: LocalServer):
    browser, _ = await signed_in(server)
    server.now += timedelta(minutes=9)
    sent = browser.token
    tabs = [Browser(server, sent) for _ in range(6)]

    payloads = await asyncio.gather(*(tab.ask(RENEW) for tab in tabs))

    for payload in payloads:
        assert not await is_dead(server, payload["session"])
    [kept] = {tab.token for tab in tabs}
    assert kept != sent
    server.now += timedelta(minutes=9)
    assert (await browser.renew(kept))["problems"] == []


async def test_a_page_that_is_loaded_again_before_it_was_answered_goes_on(server: LocalServer):
    browser, _ = await signed_in(server)
    server.now += timedelta(minutes=9)
    lost = Browser(server, browser.token)
    await lost.renew()

    server.now += MINUTE - SECOND
    again = (await browser.renew())["session"]

    assert not await is_dead(server, again)
    assert browser.token == lost.token


async def test_within_a_minute_it_is_renewed_once_so_that_no_tab_is_two_behind(server: LocalServer):
    browser, _ = await signed_in(server)
    server.now += timedelta(minutes=9)
    slow = browser.token
    await browser.renew()
    kept = browser.token

    server.now += timedelta(seconds=30)
    assert (await browser.renew())["problems"] == []
    assert browser.token == kept
    server.now += timedelta(seconds=29)
    assert (await browser.renew(slow))["problems"] == []

    server.now += SECOND
    assert (await browser.renew())["problems"] == []
    assert browser.token != kept


async def test_a_spent_cookie_that_comes_a_minute_later_ends_the_session_for_everybody(
    server: LocalServer,
):
    """RFC 9700, 4.14.2: one of the two who have it has stolen it."""
    browser, _ = await signed_in(server)
    server.now += timedelta(minutes=9)
    copied = Browser(server, browser.token)
    session = (await browser.renew())["session"]

    server.now += MINUTE
    assert await copied.renew() == REFUSED

    assert copied.token is None
    assert await is_dead(server, session)
    assert await browser.renew() == REFUSED
    assert browser.token is None


async def test_a_cookie_that_is_two_behind_ends_it_at_once(server: LocalServer):
    browser, _ = await signed_in(server)
    copied = browser.token
    for _ in range(2):
        server.now += MINUTE
        session = (await browser.renew())["session"]

    assert await browser.renew(copied) == REFUSED

    assert await is_dead(server, session)


async def test_nobody_can_tell_from_a_cookie_which_one_follows(server: LocalServer):
    """Not even by all that the session's row says until then."""
    browser, _ = await signed_in(server)
    spent = browser.token
    before = (await kept_of(server, spent))["cookie_key"]
    assert isinstance(before, UUID)

    server.now += MINUTE
    await browser.renew()

    assert browser.token != opaque_tokens.after(spent, before)
    assert (await kept_of(server, spent))["cookie_key"] != before


async def test_a_program_cannot_go_on_with_what_a_browser_keeps(server: LocalServer):
    """Somebody has taken it out of there."""
    browser, session = await signed_in(server)

    assert await server.ask(REFRESH, token=browser.token) == SPENT

    assert await is_dead(server, session)
    assert await browser.renew() == REFUSED


async def test_nor_a_browser_with_what_a_program_keeps(server: LocalServer):
    session = await program(server)
    browser = Browser(server, session["refreshToken"])

    assert await browser.renew() == REFUSED

    assert browser.token is None
    assert await is_dead(server, session)


@pytest.mark.parametrize("token", [None, "", "x", f"{0:032x}.", "é" * 5000])
async def test_what_is_no_cookie_of_a_session_is_refused(server: LocalServer, token: str | None):
    browser = Browser(server, token)

    assert await browser.renew() == REFUSED

    assert browser.token is None


async def test_a_session_in_a_cookie_ends_as_all_others_do(server: LocalServer):
    browser, _ = await signed_in(server)

    server.now = NOW + timedelta(days=30) - SECOND
    assert (await browser.renew())["problems"] == []
    server.now = NOW + timedelta(days=30)
    assert await browser.renew() == REFUSED


async def test_a_renewal_by_cookie_is_entered_in_the_audit_log(server: LocalServer):
    browser, _ = await signed_in(server)
    server.now += MINUTE
    await browser.renew()

    id = opaque_tokens.id_of(browser.token)
    rows = await server.fetch(
        "SELECT action FROM audit_entry WHERE session_id = $1 ORDER BY id", id
    )
    assert [row["action"] for row in rows] == ["SignIn", "RenewSession"]


# ----------------------------------------------------------------- signing out


async def test_who_signs_out_leaves_nothing_in_the_browser(server: LocalServer):
    browser, session = await signed_in(server)
    copied = browser.token

    assert await browser.ask(SIGN_OUT, session) == {"problems": []}

    assert browser.token is None
    assert await browser.renew(copied) == REFUSED
