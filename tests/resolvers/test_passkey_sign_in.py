"""Whoever has a passkey signs in with it alone, and nobody does with less than it."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.mail import MailKind
from integrations.passwords import Argon2Passwords
from tests.authenticator import BACKED_UP, PRESENT, VERIFIED, Authenticator, new_key, read, show
from tests.make import NOW
from tests.resolvers.passkeys import (
    ORIGIN,
    add,
    asked,
    begun,
    changed,
    confirm,
    holder,
    passkeys,
    sign_in,
)
from tests.resolvers.test_attempts import THROTTLED, WRONG, outcome
from tests.resolvers.test_recovery import request, reset, tokens
from tests.resolvers.test_second_factor import STEP, both, owner, problem, protected, somewhere
from tests.resolvers.test_sessions import REFRESH, is_dead
from tests.server import LocalServer

REFUSED = {
    "session": None,
    "problems": [
        {
            "code": WRONG,
            "message": "These credentials do not match an account.",
            "path": [],
        }
    ],
}


@pytest.fixture
async def other(database_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """Another process over the same database."""
    async with LocalServer.run(database_url, keys_file) as server:
        yield server


# -------------------------------------------------------------------- signing in


@both
async def test_who_has_a_passkey_needs_nothing_else(server: LocalServer, role: str):
    ana, phone = await holder(server, role)
    server.now += timedelta(minutes=1)

    signed_in = await sign_in(ana, phone.get(await asked(server)))

    assert signed_in["problems"] == []
    viewer = signed_in["session"]["viewer"]
    assert viewer["__typename"] == f"{role.title()}Viewer"
    assert viewer[role]["id"] == f"{role}_{ana.id}"
    assert not await is_dead(server, signed_in["session"])
    renewed = await server.ask(REFRESH, token=signed_in["session"]["refreshToken"])
    assert renewed["problems"] == []
    [passkey] = await passkeys(ana)
    assert passkey["usedAt"] == "2030-01-07T12:16:00Z"


async def test_a_session_that_a_passkey_began_is_among_the_others(server: LocalServer):
    ana, phone = await holder(server)
    server.now += timedelta(minutes=1)

    await sign_in(ana, phone.get(await asked(server)))

    query = "{ viewer { ... on PatientViewer { sessions { address startedAt } } } }"
    [latest, first] = (await ana.ask(query))["sessions"]
    assert latest["startedAt"] == "2030-01-07T12:16:00Z"
    assert latest["address"] == first["address"]


async def test_it_stands_for_both_factors(server: LocalServer):
    ana, phone = await protected(server), Authenticator(ORIGIN)
    await confirm(ana, phone.create(await begun(ana, otp=ana.code())))
    server.now += STEP

    assert outcome(await sign_in(ana, phone.get(await asked(server)))) == "IN"
    assert await ana.tries(None, ana.code()) == ["MFA_REQUIRED", "IN"]


async def test_the_question_is_the_same_for_everybody(server: LocalServer):
    ana, _ = await holder(server)
    before, after = json.loads(await asked(server)), json.loads(await asked(server))
    assert before.pop("challenge") != after.pop("challenge")

    known = {"rpId": "localhost", "timeout": 300_000, "userVerification": "required"}
    assert before == after == known | {"allowCredentials": []}
    assert ana.id not in str(before)


async def test_a_passkey_survives_a_new_password(server: LocalServer):
    ana, phone = await holder(server)
    await request(server, ana.who["email"])
    [token] = await tokens(server, ana.who["email"], MailKind.RESET_PASSWORD)

    assert (await reset(server, token))["problems"] == []

    assert await is_dead(server, ana.session)
    assert outcome(await sign_in(ana, phone.get(await asked(server)))) == "IN"


async def test_of_several_each_is_good(server: LocalServer):
    ana, phone = await holder(server)
    tablet = Authenticator(ORIGIN)
    await add(ana, tablet, "iPad")

    for device in (tablet, phone, tablet):
        assert outcome(await sign_in(ana, device.get(await asked(server)))) == "IN"
    phone_, _ = await passkeys(ana)
    assert phone_["name"] == "iPhone"


async def test_that_there_are_copies_by_now_is_told(server: LocalServer):
    ana, phone = await holder(server)
    flags = PRESENT | VERIFIED | BACKED_UP

    assert outcome(await sign_in(ana, phone.get(await asked(server), flags=flags))) == "IN"

    [passkey] = await passkeys(ana)
    assert passkey["backedUp"] is True


# ------------------------------------------------------------ what is not genuine


@pytest.mark.parametrize(
    "told",
    [
        {"origin": "https://healthmed.example"},
        {"origin": f"{ORIGIN}0"},
        {"rp_id": "healthmed.example"},
        {"type": "webauthn.create"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"key": new_key()},
        {"user_handle": bytes(16)},
        {"user_handle": b""},
        {"cross_origin": True},
    ],
    ids="".join,
)
async def test_what_is_not_genuine_is_refused_in_the_same_words(
    server: LocalServer, told: dict[str, Any]
):
    ana, phone = await holder(server)
    options = await asked(server)

    assert await sign_in(ana, phone.get(options, **told)) == REFUSED

    [passkey] = await passkeys(ana)
    assert passkey["usedAt"] is None
    assert outcome(await sign_in(ana, phone.get(options))) == "IN"


async def test_an_authenticator_of_nobody_is_refused_in_the_same_words(server: LocalServer):
    ana, stranger = await owner(server), Authenticator(ORIGIN)
    stranger.create(await begun(ana))  # and never confirmed

    assert await sign_in(ana, stranger.get(await asked(server))) == REFUSED


@pytest.mark.parametrize(
    "credential", ["", "{}", "null", "\ud800", "[" * 9_000, " " * 20_000, '{"id": "x"}']
)
async def test_what_is_no_answer_is_refused_in_the_same_words(server: LocalServer, credential: str):
    ana = await owner(server)

    assert await sign_in(ana, credential) == REFUSED


async def test_what_was_changed_after_it_was_signed_is_refused(server: LocalServer):
    ana, phone = await holder(server)
    options = await asked(server)
    credential = phone.get(options)
    response = json.loads(credential)["response"]

    for name in ("clientDataJSON", "authenticatorData", "signature"):
        content = read(response[name])
        longer = changed(credential, **{name: show(content + b" ")})
        assert await sign_in(ana, longer) == REFUSED, name
    about = bytearray(read(response["authenticatorData"]))
    about[36] += 1  # it counts
    forged = changed(credential, authenticatorData=show(bytes(about)))
    assert await sign_in(ana, forged) == REFUSED
    assert outcome(await sign_in(ana, credential)) == "IN"


async def test_without_a_user_handle_nobody_is_meant(server: LocalServer):
    ana, phone = await holder(server)
    credential = json.loads(phone.get(await asked(server)))
    del credential["response"]["userHandle"]

    assert await sign_in(ana, json.dumps(credential)) == REFUSED


# -------------------------------------------------------------------- challenges


async def test_an_answer_signs_in_once_by_any_process(server: LocalServer, other: LocalServer):
    ana, phone = await holder(server)
    credential = phone.get(await asked(other))
    assert outcome(await sign_in(ana, credential)) == "IN"

    for each in (server, other):
        assert await sign_in(ana, credential, each) == REFUSED


async def test_of_many_who_sign_in_at_once_with_one_answer_one_wins(
    server: LocalServer, other: LocalServer
):
    ana, phone = await holder(server)
    credential = phone.get(await asked(server))

    payloads = await asyncio.gather(
        *(
            sign_in(replace(ana, address=somewhere()), credential, each)
            for _ in range(4)
            for each in (server, other)
        )
    )

    assert Counter(map(outcome, payloads)) == {"IN": 1, WRONG: 7}


async def test_two_answers_to_one_question_sign_in_once(server: LocalServer):
    (ana, phone), (bruno, tablet) = await holder(server), await holder(server)
    options = await asked(server)

    assert outcome(await sign_in(ana, phone.get(options))) == "IN"
    assert await sign_in(bruno, tablet.get(options)) == REFUSED


@pytest.mark.parametrize("late", [False, True])
async def test_a_question_is_good_for_five_minutes(server: LocalServer, late: bool):
    ana, phone = await holder(server)
    credential = phone.get(await asked(server))
    server.now = NOW + timedelta(minutes=5) - timedelta(microseconds=0 if late else 1)

    assert outcome(await sign_in(ana, credential)) == (WRONG if late else "IN")


async def test_a_question_that_is_not_ours_is_not_answered(server: LocalServer):
    ana, phone = await holder(server)
    options = json.loads(await asked(server))
    challenge = read(options["challenge"])
    adding = json.loads(await begun(ana))["challenge"]
    made_up = [adding, show(bytes(72)), show(challenge[:-1]), show(b"x" + challenge), ""]

    for each in made_up:
        answer = phone.get(json.dumps(options | {"challenge": each}))
        assert await sign_in(ana, answer) == REFUSED


# ---------------------------------------------------------------------- counting


async def test_who_counts_goes_on_counting(server: LocalServer):
    ana, key = await holder(server, counts=True)

    for _ in range(3):
        assert outcome(await sign_in(ana, key.get(await asked(server)))) == "IN"


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_who_counts_less_than_before_may_be_a_copy(
    server: LocalServer, count: int, caplog: pytest.LogCaptureFixture
):
    ana, key = await holder(server, counts=True)
    for _ in range(2):
        await sign_in(ana, key.get(await asked(server)))
    options = await asked(server)
    caplog.set_level(logging.INFO)

    assert await sign_in(ana, key.get(options, count=count)) == REFUSED

    [passkey] = await passkeys(ana)
    id = passkey["id"].removeprefix("passkey_")
    [record] = [record for record in caplog.records if record.name == "domain.passkeys"]
    told = f"passkey {id} counts less than it did: there may be a copy of it"
    assert (record.levelname, record.getMessage()) == ("WARNING", told)
    assert outcome(await sign_in(ana, key.get(options))) == "IN"


# ------------------------------------------------------------------ who may not


async def test_an_address_that_is_not_confirmed_does_not_sign_in(
    server: LocalServer, database_url: str, keys_file: Path
):
    ana, phone = await holder(server)
    async with LocalServer.run(database_url, keys_file, confirm_email=True) as strict:
        refused = await sign_in(ana, phone.get(await asked(strict)), strict)
        forged = await sign_in(ana, phone.get(await asked(strict), key=new_key()), strict)
        nobody = await sign_in(ana, "{}", strict)
        assert refused == forged == nobody
        assert problem(refused) == (WRONG, "")

        await server.fetch("UPDATE account SET confirmed_at = $2 WHERE id = $1", ana.id, NOW)
        assert outcome(await sign_in(ana, phone.get(await asked(strict)), strict)) == "IN"


async def test_a_page_of_another_clinic_is_told_by_the_setting(
    server: LocalServer, database_url: str, keys_file: Path
):
    ana, phone = await holder(server)
    public_url = "https://clinica.example/entrar"
    async with LocalServer.run(database_url, keys_file, public_url=public_url) as clinic:
        options = await asked(clinic)
        assert json.loads(options)["rpId"] == "clinica.example"
        there = Authenticator("https://clinica.example")
        theirs = await owner(clinic)  # tokens are good for one clinic as well
        await add(theirs, there)

        assert outcome(await sign_in(theirs, there.get(options), clinic)) == "IN"
        assert await sign_in(ana, phone.get(await asked(server)), clinic) == REFUSED


async def test_who_fails_often_has_to_wait_and_nobody_else_does(server: LocalServer):
    (ana, phone), (bruno, tablet) = await holder(server), await holder(server)
    bruno.address = ana.address

    told = [
        outcome(await sign_in(ana, phone.get(await asked(server), key=new_key()))) for _ in range(7)
    ]

    assert told == [WRONG] * 6 + [THROTTLED]
    assert outcome(await sign_in(ana, phone.get(await asked(server)))) == THROTTLED
    assert outcome(await sign_in(bruno, tablet.get(await asked(server)))) == "IN"
    elsewhere = replace(ana, address=somewhere())
    assert outcome(await sign_in(elsewhere, phone.get(await asked(server)))) == "IN"


async def test_failures_count_for_the_address_whatever_they_are(database_url: str, keys_file: Path):
    limits = {"attempts_per_address": 5}
    async with LocalServer.run(
        database_url, keys_file, profile="production", limits=limits
    ) as strict:
        ana, phone = await holder(strict)
        for _ in range(6):
            stranger = Authenticator(ORIGIN)
            stranger.create(await begun(ana))
            assert await sign_in(ana, stranger.get(await asked(strict))) == REFUSED

        assert outcome(await sign_in(ana, phone.get(await asked(strict)))) == THROTTLED


async def test_no_password_is_hashed_for_a_passkey(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
):
    ana, phone = await holder(server)
    monkeypatch.delattr(Argon2Passwords, "verify")

    assert outcome(await sign_in(ana, phone.get(await asked(server)))) == "IN"
