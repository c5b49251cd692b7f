"""Passwords are hashed as OWASP says, beside the event loop, and nobody is told apart by time."""

import asyncio
from collections.abc import Generator

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from integrations.passwords import Argon2Passwords

PASSWORD = "correct horse battery staple"  # noqa: S105


@pytest.fixture(scope="module")
def passwords() -> Generator[Argon2Passwords]:
    made = Argon2Passwords()
    yield made
    made.close()


async def test_the_parameters_are_owasps_first_choice(passwords: Argon2Passwords):
    found = extract_parameters(await passwords.hash(PASSWORD))

    assert found.type is Type.ID
    assert (found.memory_cost, found.time_cost, found.parallelism) == (19 * 1024, 2, 1)
    assert (found.salt_len, found.hash_len) == (16, 32)


async def test_somebody_unknown_is_looked_for_with_the_same_work(passwords: Argon2Passwords):
    assert extract_parameters(passwords._nobody) == extract_parameters(
        await passwords.hash(PASSWORD)
    )
    verified = []
    passwords._matches, matches = (
        lambda password, hashed: verified.append(hashed) or matches(password, hashed),
        passwords._matches,
    )

    assert not await passwords.verify(PASSWORD, None)

    assert verified == [passwords._nobody]
    del passwords._matches


async def test_the_right_password_alone_matches(passwords: Argon2Passwords):
    hashed = await passwords.hash(PASSWORD)

    assert await passwords.verify(PASSWORD, hashed)
    for wrong in (PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], "", hashed):
        assert not await passwords.verify(wrong, hashed)


@pytest.mark.parametrize("hashed", ["", "none", PASSWORD])
async def test_what_is_no_hash_matches_nothing(passwords: Argon2Passwords, hashed: str):
    assert not await passwords.verify(PASSWORD, hashed)


async def test_the_same_password_is_never_hashed_the_same(passwords: Argon2Passwords):
    assert await passwords.hash(PASSWORD) != await passwords.hash(PASSWORD)


async def test_the_event_loop_goes_on_meanwhile(passwords: Argon2Passwords):
    hashing = asyncio.create_task(passwords.hash(PASSWORD))
    turns = 0

    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1

    assert turns > 1


@pytest.mark.parametrize(
    "common",
    ["password", "12345678", "Password1", "SENHA123", "mudar123", "flamengo", "qwertyuiop"],
)
def test_what_guessers_try_first_is_common_in_whatever_case(
    passwords: Argon2Passwords, common: str
):
    assert passwords.is_common(common)


def test_what_nobody_else_has_is_not(passwords: Argon2Passwords):
    for rare in (PASSWORD, "quatro palavras ao acaso", "", "a" * 128, "saude-demo-2026"):
        assert not passwords.is_common(rare)


async def test_a_hash_of_other_parameters_is_outdated(passwords: Argon2Passwords):
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)

    assert passwords.is_outdated(weaker)
    assert not passwords.is_outdated(await passwords.hash(PASSWORD))
    assert await passwords.verify(PASSWORD, weaker)
