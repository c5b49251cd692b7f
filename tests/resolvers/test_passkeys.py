"""Whoever is signed in adds passkeys of his, sees them and removes them."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.limits import Limits
from domain.mail import MailKind
from tests.authenticator import BACKED_UP, PRESENT, VERIFIED, Authenticator, read, show
from tests.mailbox import Mailbox
from tests.make import NOW
from tests.resolvers.passkeys import (
    BEGIN,
    CONFIRM,
    ORIGIN,
    REMOVE,
    add,
    asked,
    begun,
    confirm,
    holder,
    passkeys,
    sign_in,
)
from tests.resolvers.test_accounts import PASSWORD, found_in_the_database, send
from tests.resolvers.test_attempts import THROTTLED, WRONG, outcome
from tests.resolvers.test_second_factor import (
    MFA,
    both,
    owner,
    problem,
    protected,
    somewhere,
    wrong,
)
from tests.resolvers.test_sessions import is_dead
from tests.server import LocalServer

NOT_OURS = ("INVALID", "credential")
EMAIL = "{ viewer { ... on DoctorViewer { email } ... on PatientViewer { email } } }"
ELSEWHERE = "https://healthmed.example"


@pytest.fixture
async def other(database_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """Another process over the same database."""
    async with LocalServer.run(database_url, keys_file) as server:
        yield server


# ------------------------------------------------------------------------ adding


@both
async def test_its_owner_is_told_by_mail_once_it_is_there(server: LocalServer, role: str):
    ana, phone = await owner(server, role), Authenticator(ORIGIN)
    credential, told = phone.create(await begun(ana)), Mailbox()
    email = (await ana.ask(EMAIL))["email"]
    await confirm(ana, "{}")
    await told.fetch(server)
    assert told.of(email) == []

    await confirm(ana, credential)

    await told.fetch(server)
    [mail] = told.of(email)
    assert mail.kind is MailKind.PASSKEY_ADDED
    crm = f"{ana.who['crm']}/SP" if role == "doctor" else None
    assert [(named.crm, named.token) for named in mail.accounts] == [(crm, None)]


@both
async def test_a_passkey_is_added_when_its_authenticator_has_answered(
    server: LocalServer, role: str
):
    ana, phone = await owner(server, role), Authenticator(ORIGIN)

    options = await begun(ana)

    assert await passkeys(ana) == []
    added = await confirm(ana, phone.create(options), "  iPhone da Ana ")

    assert added["problems"] == []
    assert added["passkey"] == {
        "id": added["passkey"]["id"],
        "name": "iPhone da Ana",
        "createdAt": "2030-01-07T12:15:00Z",
        "usedAt": None,
        "backedUp": False,
    }
    assert added["passkey"]["id"].startswith("passkey_")
    assert await passkeys(ana) == [added["passkey"]]


async def test_browsers_are_asked_for_a_key_that_finds_its_owner_and_verifies_him(
    server: LocalServer,
):
    ana = await owner(server)

    options = json.loads(await begun(ana))

    assert options["rp"] == {"id": "localhost", "name": "Health&Med"}
    assert read(options["user"]["id"]).hex() == ana.id.replace("-", "")
    assert options["user"]["name"] == ana.who["email"]
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"
    assert options["timeout"] == 300_000
    assert len(read(options["challenge"])) >= 32


async def test_a_doctor_tells_his_accounts_apart_by_his_crm(server: LocalServer):
    otavio = await owner(server, "doctor")

    label = json.loads(await begun(otavio))["user"]["name"]

    assert label.endswith(f" (CRM {otavio.who['crm']}/SP)")


async def test_an_authenticator_is_not_asked_for_a_second_one(server: LocalServer):
    ana, phone = await holder(server)

    [excluded] = json.loads(await begun(ana))["excludeCredentials"]

    assert read(excluded["id"]) == phone.held[0].id
    assert excluded["transports"] == ["hybrid", "internal"]
    with pytest.raises(AssertionError, match="it has one already"):
        phone.create(await begun(ana))


async def test_that_there_are_copies_is_told(server: LocalServer):
    ana, _ = await holder(server, flags=PRESENT | VERIFIED | BACKED_UP)

    [passkey] = await passkeys(ana)

    assert passkey["backedUp"] is True


@pytest.mark.parametrize(
    "told",
    [
        {"origin": ELSEWHERE},
        {"origin": f"{ORIGIN}0"},
        {"origin": "http://localhost"},
        {"origin": "https://localhost:8000"},
        {"origin": "http://127.0.0.1:8000"},
        {"rp_id": "healthmed.example"},
        {"type": "webauthn.get"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"cross_origin": True},
        {"credential_id": bytes(1_024)},
    ],
    ids=str,
)
async def test_what_is_not_genuine_is_not_added(server: LocalServer, told: dict[str, Any]):
    ana, phone = await owner(server), Authenticator(ORIGIN)

    refused = await confirm(ana, phone.create(await begun(ana), **told))

    assert (problem(refused), refused["passkey"]) == (NOT_OURS, None)
    assert await passkeys(ana) == []


@pytest.mark.parametrize(
    "credential", ["", "{}", "null", "[]", "\ud800", "{" * 9_000, " " * 20_000, '{"id": "x"}']
)
async def test_what_is_no_answer_is_refused(server: LocalServer, credential: str):
    ana = await owner(server)

    assert problem(await confirm(ana, credential)) == NOT_OURS


async def test_of_an_answer_that_is_too_long_nothing_is_looked_at(server: LocalServer):
    ana, phone = await owner(server), Authenticator(ORIGIN)
    credential = phone.create(await begun(ana))

    assert problem(await confirm(ana, credential + " " * 16_384)) == NOT_OURS
    assert (await confirm(ana, credential))["problems"] == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\nb", "\u202ea"])
async def test_a_name_is_one_line_of_at_most_sixty_characters(server: LocalServer, name: str):
    ana, phone = await owner(server), Authenticator(ORIGIN)
    credential = phone.create(await begun(ana))

    assert problem(await confirm(ana, credential, name)) == ("INVALID", "name")
    assert (await confirm(ana, credential, "é" * 60))["problems"] == []


# -------------------------------------------------------------------- challenges


async def test_an_answer_is_good_once(server: LocalServer, other: LocalServer):
    ana, phone = await owner(server), Authenticator(ORIGIN)
    options = await begun(ana)
    credential = phone.create(options)
    tablet = Authenticator(ORIGIN).create(options)

    payloads = await asyncio.gather(
        *(
            ana.ask(CONFIRM, each, credential=given, name="iPhone")
            for each in (server, other)
            for given in (credential, tablet)
        )
    )

    assert sorted(map(outcome, payloads)) == ["IN", *["INVALID"] * 3]
    assert len(await passkeys(ana)) == 1


@pytest.mark.parametrize("late", [False, True])
async def test_an_answer_is_good_for_five_minutes(server: LocalServer, late: bool):
    ana, phone = await owner(server), Authenticator(ORIGIN)
    credential = phone.create(await begun(ana))
    server.now = NOW + timedelta(minutes=5) - timedelta(microseconds=0 if late else 1)

    added = await confirm(ana, credential)

    assert [each["code"] for each in added["problems"]] == ["INVALID"] * late


async def test_an_answer_to_another_question_is_not_good(server: LocalServer):
    ana, bruno, phone = await owner(server), await owner(server), Authenticator(ORIGIN)
    elsewhere = (await ana.sign_in())["session"]
    own = json.loads(await begun(ana))
    challenge = read(own["challenge"])
    theirs = json.loads(await begun(bruno))
    for_signing_in = json.loads(await asked(server))
    made_up = {
        "of another account": theirs["challenge"],
        "of a sign-in": for_signing_in["challenge"],
        "one bit off": show(challenge[:-1] + bytes([challenge[-1] ^ 1])),
        "good for longer": show(challenge[:32] + b"\x7f" + challenge[33:]),
        "of nobody": show(bytes(len(challenge))),
        "empty": "",
    }

    for name, each in made_up.items():
        credential = phone.create(json.dumps(own | {"challenge": each}))
        assert problem(await confirm(ana, credential)) == NOT_OURS, name
    credential = phone.create(json.dumps(own))
    mine, ana.session = ana.session, elsewhere
    assert problem(await confirm(ana, credential)) == NOT_OURS
    ana.session = mine
    assert (await confirm(ana, credential))["problems"] == []


async def test_asking_writes_nothing_down(server: LocalServer):
    ana = await owner(server)
    before = await server.counts()

    for _ in range(3):
        await asked(server)
        await begun(ana)

    after = await server.counts()
    assert after == before | {"audit_entry": before["audit_entry"] + 3}


async def test_what_is_spent_is_forgotten_when_it_has_long_expired(server: LocalServer):
    await holder(server)
    spent = "SELECT count(*) FROM spent_challenge WHERE expires_at = $1"
    expires_at = NOW + timedelta(minutes=5)
    [[before]] = await server.fetch(spent, expires_at)
    server.now = expires_at + timedelta(hours=1)
    await server.app.purge()
    assert await server.fetch(spent, expires_at) == [(before,)]

    server.now += timedelta(microseconds=1)
    await server.app.purge()

    assert before > 0
    assert await server.fetch(spent, expires_at) == [(0,)]


# ------------------------------------------------------------------- who may add


async def test_it_takes_the_password_once_more(server: LocalServer):
    ana = await owner(server)

    told = [problem(await ana.ask(BEGIN, password="cinco palavras")) for _ in range(7)]  # noqa: S106

    assert told == [(WRONG, "")] * 6 + [(THROTTLED, "")]
    assert problem(await ana.ask(BEGIN, password=PASSWORD)) == (THROTTLED, "")


async def test_it_takes_a_code_too_where_there_is_a_second_factor(server: LocalServer):
    ana, phone = await protected(server), Authenticator(ORIGIN)
    none = wrong(ana.code(-1), ana.code(), ana.code(1))

    for otp in ("", "  "):
        assert problem(await ana.ask(BEGIN, password=PASSWORD, otp=otp)) == (MFA, "otp")
    assert problem(await ana.ask(BEGIN, password=PASSWORD, otp=none)) == (WRONG, "")
    options = await begun(ana, otp=ana.code())

    assert await ana.tries(ana.code()) == [WRONG]  # it is spent
    assert (await confirm(ana, phone.create(options)))["problems"] == []


async def test_being_asked_for_a_code_is_no_failure_and_wrong_codes_are(server: LocalServer):
    ana = await protected(server)
    none = wrong(ana.code(-1), ana.code(), ana.code(1))

    for _ in range(7):
        assert problem(await ana.ask(BEGIN, password=PASSWORD)) == (MFA, "otp")
    told = [problem(await ana.ask(BEGIN, password=PASSWORD, otp=none)) for _ in range(7)]

    assert told == [(WRONG, "")] * 6 + [(THROTTLED, "")]


async def test_codes_are_not_guessed_from_many_addresses_either(server: LocalServer):
    ana, told = await protected(server), []
    none = wrong(ana.code(-1), ana.code(), ana.code(1))

    for _ in range(22):
        ana.address = somewhere()
        told.append(problem(await ana.ask(BEGIN, password=PASSWORD, otp=none)))

    assert told == [(WRONG, "")] * 21 + [(THROTTLED, "")]


async def test_there_are_at_most_ten(server: LocalServer):
    ana = await owner(server)
    for n in range(9):
        await add(ana, Authenticator(ORIGIN), f"key {n}")
    last = [Authenticator(ORIGIN).create(await begun(ana)) for _ in range(3)]

    payloads = await asyncio.gather(*(confirm(ana, each) for each in last))

    assert sorted(map(outcome, payloads)) == ["IN", "LIMIT_REACHED", "LIMIT_REACHED"]
    assert len(await passkeys(ana)) == 10 == Limits().passkeys
    for _ in range(7):  # a right password is no failure
        assert problem(await ana.ask(BEGIN, password=PASSWORD)) == ("LIMIT_REACHED", "")
    await ana.ask(REMOVE, passkeyId=(await passkeys(ana))[4]["id"])
    await add(ana, Authenticator(ORIGIN))


async def test_a_credential_that_is_another_accounts_is_not_added(server: LocalServer):
    ana, phone = await holder(server)
    bruno, forged = await owner(server), Authenticator(ORIGIN)

    credential = forged.create(await begun(bruno), credential_id=phone.held[0].id)

    assert problem(await confirm(bruno, credential)) == NOT_OURS
    assert await passkeys(bruno) == []
    assert outcome(await sign_in(ana, phone.get(await asked(server)))) == "IN"
    assert outcome(await sign_in(ana, forged.get(await asked(server)))) == WRONG


# -------------------------------------------------------------------- afterwards


async def test_its_owner_alone_sees_and_removes_it(server: LocalServer):
    ana, phone = await holder(server)
    bruno, _ = await holder(server)
    [mine], [theirs] = await passkeys(ana), await passkeys(bruno)
    assert mine["id"] != theirs["id"]

    answer = await send(
        server,
        REMOVE,
        f"Bearer {bruno.session['accessToken']}",
        input={"passkeyId": mine["id"]},
    )

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert await passkeys(ana) == [mine]
    assert outcome(await sign_in(ana, phone.get(await asked(server)))) == "IN"


async def test_once_removed_it_signs_nobody_in_and_its_sessions_go_on(server: LocalServer):
    ana, phone = await holder(server)
    session = (await sign_in(ana, phone.get(await asked(server))))["session"]
    [passkey] = await passkeys(ana)

    removed = await ana.ask(REMOVE, passkeyId=passkey["id"])

    assert removed["problems"] == []
    assert await passkeys(ana) == []
    assert outcome(await sign_in(ana, phone.get(await asked(server)))) == WRONG
    assert not await is_dead(server, session)


async def test_every_step_is_in_the_audit_log(server: LocalServer):
    ana, phone = await holder(server)
    await sign_in(ana, phone.get(await asked(server)))
    [passkey] = await passkeys(ana)
    await ana.ask(REMOVE, passkeyId=passkey["id"])

    entries = await server.fetch(
        "SELECT action, subject->>'passkey_id' AS id FROM audit_entry"
        " WHERE user_id = $1 AND action LIKE '%Passkey' ORDER BY id",
        ana.id,
    )

    id = passkey["id"].removeprefix("passkey_")
    told = [("AddPasskey", id), ("BeginPasskey", None), ("RemovePasskey", id), ("UsePasskey", id)]
    assert sorted(map(tuple, entries), key=str) == told


async def test_its_name_is_kept_sealed(server: LocalServer):
    ana = await owner(server)
    name = f"Telefone {ana.id}"

    await add(ana, Authenticator(ORIGIN), name)

    assert not await found_in_the_database(server, name)
    assert [each["name"] for each in await passkeys(ana)] == [name]


async def test_a_passkey_is_no_node(server: LocalServer):
    ana, _ = await holder(server)
    [passkey] = await passkeys(ana)

    assert await server.ask(f'{{ node(id: "{passkey["id"]}") {{ id }} }}') is None
