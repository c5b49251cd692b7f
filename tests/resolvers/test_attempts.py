"""Whoever guesses passwords has to wait, and nobody else has to."""

import asyncio
import json
import logging
import secrets
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest

from app import App
from domain.limits import Limits
from integrations.passwords import Argon2Passwords
from tests import make
from tests.server import LocalServer, plain
from transport.registry import network_of
from transport.requests import Client
from wiring.settings import Settings

RIGHT = "quatro palavras"
REGISTER = """
mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) { patient { id } problems { code } }
}
"""
SIGN_IN = """
mutation ($input: SignInPatientInput!) {
  signInPatient(input: $input) {
    session { accessToken } problems { code message path __typename }
  }
}
"""
SIGN_IN_DOCTOR = """
mutation ($input: SignInDoctorInput!) {
  signInDoctor(input: $input) { session { accessToken } problems { code message } }
}
"""
SECOND = timedelta(seconds=1)
WRONG, THROTTLED = "INVALID_CREDENTIALS", "TOO_MANY_ATTEMPTS"


def credentials(**given: str) -> dict[str, str]:
    """Of nobody, until they are registered."""
    return {"email": f"{uuid4()}@example.com", "cpf": make.cpf(), "password": RIGHT, **given}


async def patient(server: LocalServer) -> dict[str, str]:
    who = credentials()
    payload = await server.ask(REGISTER, input={"name": "Lia Bastos", **who})
    assert payload["problems"] == []
    return who


def digits(cpf: str) -> str:
    return "".join(filter(str.isdigit, cpf))


async def sign_in(
    server: LocalServer, who: dict[str, str], address: str, mutation: str = SIGN_IN
) -> Any:
    caller = server.app.authenticate(None, Client(address))
    operation = server.documents.prepare(mutation)
    answer = json.loads(await server.operations.answer(operation, plain({"input": who}), caller))
    assert "errors" not in answer, answer["errors"]
    return next(iter(answer["data"].values()))


def outcome(payload: Any) -> str:
    """The code of the problem, or IN."""
    return payload["problems"][0]["code"] if payload["problems"] else "IN"


async def outcomes(
    server: LocalServer, who: dict[str, str], address: str, times: int = 1
) -> list[str]:
    return [outcome(await sign_in(server, who, address)) for _ in range(times)]


@pytest.fixture
def address() -> str:
    """Of no other test."""
    return f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"


@pytest.fixture
async def strict(database_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """Another process over the same database, where an address has ten failures."""
    limits = Limits(attempts_per_address=10)
    async with LocalServer.run(
        database_url, keys_file, profile="production", limits=limits
    ) as server:
        yield server


async def test_the_seventh_wrong_password_has_to_wait_and_the_right_one_too(
    server: LocalServer, address: str
):
    who = await patient(server)
    wrong = who | {"password": "cinco palavras"}

    assert await outcomes(server, wrong, address, 7) == [WRONG] * 6 + [THROTTLED]
    assert await outcomes(server, who, address) == [THROTTLED]

    server.now += SECOND - timedelta(microseconds=1)
    assert await outcomes(server, who, address) == [THROTTLED]
    server.now += timedelta(microseconds=1)
    assert await outcomes(server, who, address) == ["IN"]


async def test_who_is_overtaken_by_another_of_his_address_is_let_in(
    server: LocalServer, address: str
):
    """As a clinic's people are who sign in at once."""
    one, other = await patient(server), await patient(server)

    server.now += timedelta(milliseconds=10)
    assert await outcomes(server, other, address) == ["IN"]
    server.now -= timedelta(milliseconds=10)
    assert await outcomes(server, one, address) == ["IN"]


async def test_it_waits_longer_each_time_and_is_told_how_long(server: LocalServer, address: str):
    who = credentials()
    await outcomes(server, who, address, 6)
    told = []
    for _ in range(9):
        payload = await sign_in(server, who, address)
        [problem] = payload["problems"]
        told.append(problem["message"].partition("try again in ")[2])
        told_in = (problem["code"], problem["path"], problem["__typename"])
        assert told_in == (THROTTLED, [], "Refused")
        seconds = int(told[-1].split()[0]) * (60 if "minutes" in told[-1] else 1)
        server.now += seconds * SECOND
        assert await outcomes(server, who, address) == [WRONG]

    assert told[:7] == ["1 s.", "2 s.", "4 s.", "8 s.", "16 s.", "32 s.", "64 s."]
    assert told[7:] == ["3 minutes.", "5 minutes."]


async def test_while_it_waits_no_password_is_looked_at(server: LocalServer, address: str):
    who = credentials()
    await outcomes(server, who, address, 6)

    with mock.patch.object(Argon2Passwords, "verify") as verify:
        assert await outcomes(server, who, address, 3) == [THROTTLED] * 3

    assert verify.call_count == 0


async def test_a_stranger_locks_out_himself_and_not_his_victim(server: LocalServer, address: str):
    who = await patient(server)
    stranger = f"198.51.100.{secrets.randbelow(256)}"
    await outcomes(server, who | {"password": "cinco palavras"}, stranger, 7)

    assert await outcomes(server, who, address) == ["IN"]
    assert await outcomes(server, who, stranger) == [THROTTLED]
    assert await outcomes(server, credentials(), stranger) == [WRONG]


async def test_whoever_has_one_ipv6_address_has_his_whole_network(
    server: LocalServer, address: str
):
    who = credentials()
    await outcomes(server, who, address, 6)

    assert await outcomes(server, who, f"{address}2") == [THROTTLED]


async def test_whether_an_account_exists_cannot_be_told_from_the_delay(
    server: LocalServer, address: str
):
    somebody, nobody = await patient(server), credentials()
    tries = [
        [await sign_in(server, who | {"password": "cinco palavras"}, address) for _ in range(8)]
        for who in (somebody, nobody)
    ]

    assert tries[0] == tries[1]
    assert outcome(tries[0][-1]) == THROTTLED


async def test_a_number_written_in_another_way_is_no_other_account(
    server: LocalServer, address: str
):
    who = credentials()
    await outcomes(server, who, address, 3)
    same = who | {"cpf": digits(who["cpf"]), "email": f" {who['email'].upper()}"}
    await outcomes(server, same, address, 3)

    assert await outcomes(server, who, address) == [THROTTLED]


async def test_a_doctor_has_to_wait_too(server: LocalServer, address: str):
    number = str(uuid4().int % 10**8 + 10**8)
    tries = []
    for crm in [number, f"{number}/SP", f"CRM {number} SP"] * 2 + [number]:
        who = {"crm": crm, "uf": "SP", "password": "cinco palavras"}
        tries.append(outcome(await sign_in(server, who, address, SIGN_IN_DOCTOR)))

    assert tries == [WRONG] * 6 + [THROTTLED]


async def test_a_success_forgives_what_was_mistyped_before(server: LocalServer, address: str):
    who = await patient(server)
    wrong = who | {"password": "cinco palavras"}
    for _ in range(3):
        assert await outcomes(server, wrong, address, 5) == [WRONG] * 5
        assert await outcomes(server, who, address) == ["IN"]


async def test_many_may_sign_in_rightly_at_once_from_one_address(strict: LocalServer, address: str):
    people = [await patient(strict) for _ in range(4)]

    with mock.patch.object(Argon2Passwords, "verify", return_value=True):
        tries = await asyncio.gather(
            *(outcomes(strict, who, address, 3) for who in people for _ in range(10))
        )

    assert {outcome for each in tries for outcome in each} == {"IN"}


async def test_an_address_has_a_wider_bound_of_its_own(strict: LocalServer, address: str):
    for _ in range(11):
        assert await outcomes(strict, credentials(), address) == [WRONG]

    who = await patient(strict)
    assert await outcomes(strict, credentials(), address) == [THROTTLED]
    assert await outcomes(strict, who, address) == [THROTTLED]
    assert await outcomes(strict, who, "203.0.113.9") == ["IN"]
    strict.now += SECOND
    assert await outcomes(strict, who, address) == ["IN"]


async def test_where_suites_run_wrong_passwords_of_many_accounts_are_no_matter(
    server: LocalServer, address: str
):
    with mock.patch.object(Argon2Passwords, "verify", return_value=False):
        tries = [await outcomes(server, credentials(), address, 2) for _ in range(150)]

    assert tries == [[WRONG, WRONG]] * 150


@pytest.mark.parametrize(
    ("profile", "given", "most"),
    [("open", 100, 10_000), ("open", 20_000, 20_000), ("production", 100, 100)],
)
def test_the_profile_says_how_much_an_address_may_mistype(keys_file, profile, given, most):
    limits = Limits(attempts_per_address=given)
    settings = Settings(
        profile=profile, database_url="postgresql://nowhere/x", keys_file=keys_file, limits=limits
    )

    assert App(settings)._limits == replace(limits, attempts_per_address=most)


async def test_of_fifty_guesses_at_once_in_two_processes_no_more_than_the_free_are_looked_at(
    server: LocalServer, database_url: str, keys_file: Path, address: str
):
    who = credentials()
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(LocalServer.run(database_url, keys_file))
        verify = stack.enter_context(
            mock.patch.object(Argon2Passwords, "verify", side_effect=_slowly)
        )
        tries = await asyncio.gather(
            *(outcomes(each, who, address) for _ in range(25) for each in (server, other))
        )

    assert verify.call_count == 6
    assert Counter(each for [each] in tries) == {WRONG: 6, THROTTLED: 44}


async def _slowly(*_: object) -> bool:
    await asyncio.sleep(0.02)
    return False


async def test_a_failure_counts_though_nothing_else_of_it_is_kept(
    server: LocalServer, address: str
):
    who = credentials()
    with mock.patch.object(Argon2Passwords, "verify", side_effect=RuntimeError("no memory")):
        for _ in range(6):
            caller = server.app.authenticate(None, Client(address))
            operation = server.documents.prepare(SIGN_IN)
            answer = await server.operations.answer(operation, {"input": who}, caller)
            assert b"INTERNAL" in answer

    assert await outcomes(server, who, address) == [THROTTLED]


async def test_no_row_and_no_log_tells_who_was_guessed_at_or_from_where(
    server: LocalServer, caplog
):
    who, address = credentials(), "198.51.100.77"
    with caplog.at_level(logging.DEBUG):
        await outcomes(server, who, address, 7)

    assert "attempts at an account are held back for 0:00:01" in caplog.text
    rows = await server.fetch("SELECT attempt::text AS kept FROM attempt")
    kept = caplog.text + "".join(row["kept"] for row in rows)
    for mark in (who["email"], who["cpf"], digits(who["cpf"]), address):
        assert mark not in kept
        assert mark.encode().hex() not in kept


async def test_what_is_forgiven_is_forgotten_and_else_kept(server: LocalServer, address: str):
    vault, kept = server.app.keyring.vault, []
    for minutes in (0, 16):
        server.now = make.NOW + timedelta(minutes=minutes)
        who = credentials()
        await outcomes(server, who, address)
        subject = f"patient {digits(who['cpf'])} {who['email']}"
        network = network_of(address)
        kept.append(vault.fingerprint(f"attempt:{network}\n{subject}"))

    server.now = make.NOW + timedelta(minutes=27, seconds=1)
    await server.app.purge()

    left = {row["key"] for row in await server.fetch("SELECT key FROM attempt")}
    assert [each in left for each in kept] == [False, True]
