"""No time that an answer takes tells whether there is an account.

Of two kinds of requests, sent in turns, the medians are compared. A machine that is busy with other
things may spoil a comparison, wherefore it is made a few times before it fails.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests import make
from tests.resolvers.test_accounts import (
    REGISTER_DOCTOR,
    REGISTER_PATIENT,
    doctor_form,
    number,
    patient_form,
    registered_doctor,
    registered_patient,
)
from tests.resolvers.test_attempts import SIGN_IN, SIGN_IN_DOCTOR, WRONG, outcome, sign_in
from tests.resolvers.test_recovery import DONE, request
from tests.resolvers.test_second_factor import somewhere
from tests.server import LocalServer

Ask = Callable[[], Awaitable[Any]]
LEAST = 0.75
COMPARISONS = 5


async def ratio(one: Ask, other: Ask, rounds: int) -> float:
    """How many times as long `one` takes."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for ask, times in zip((one, other), took, strict=True):
            began = time.perf_counter()
            await ask()
            times.append(time.perf_counter() - began)
    return statistics.median(took[0]) / statistics.median(took[1])


async def alike(one: Ask, other: Ask, *, rounds: int) -> bool:
    for _ in range(COMPARISONS):
        if LEAST < await ratio(one, other, rounds) < 1 / LEAST:
            return True
    return False


@pytest.fixture
async def strict(database_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """Another process over the same database, where addresses have to be confirmed."""
    async with LocalServer.run(database_url, keys_file, confirm_email=True) as server:
        yield server


async def test_a_difference_would_be_seen():
    async def slow() -> None:
        await asyncio.sleep(0.01)

    async def slower() -> None:
        await asyncio.sleep(0.03)

    assert await alike(slow, slow, rounds=5)
    assert not await alike(slow, slower, rounds=5)
    assert not await alike(slower, slow, rounds=5)


@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_a_wrong_password_takes_as_long_as_an_account_that_there_is_not(
    server: LocalServer, role: str
):
    if role == "patient":
        form, _ = await registered_patient(server)
        known = {name: form[name] for name in ("email", "cpf")}
        mutation = SIGN_IN
    else:
        form, _ = await registered_doctor(server)
        known = {name: form[name] for name in ("crm", "uf")}
        mutation = SIGN_IN_DOCTOR

    async def try_known() -> None:
        await refused(known)

    async def try_unknown() -> None:
        who = {"email": f"{uuid4()}@example.com", "cpf": make.cpf()}
        await refused(who if role == "patient" else {"crm": number(), "uf": "SP"})

    async def refused(who: dict[str, str]) -> None:
        given = {**who, "password": "cinco palavras"}
        assert outcome(await sign_in(server, given, somewhere(), mutation)) == WRONG

    assert await alike(try_known, try_unknown, rounds=15)


async def test_a_wrong_cpf_takes_as_long_as_a_wrong_password(server: LocalServer):
    """Whoever knows an address does not learn from the time whether the CPF is its owner's."""
    form, _ = await registered_patient(server)

    async def refused(cpf: str) -> None:
        given = {"email": form["email"], "cpf": cpf, "password": "cinco palavras"}
        assert outcome(await sign_in(server, given, somewhere())) == WRONG

    assert await alike(lambda: refused(form["cpf"]), lambda: refused(make.cpf()), rounds=15)


async def test_asking_for_a_new_password_takes_as_long_whether_or_not_there_is_an_account(
    server: LocalServer,
):
    form, _ = await registered_patient(server)

    async def ask(email: str) -> None:
        assert await request(server, email) == DONE

    assert await alike(lambda: ask(form["email"]), lambda: ask(f"{uuid4()}@example.com"), rounds=60)


async def test_registering_takes_as_long_whether_or_not_it_is_taken(
    strict: LocalServer, server: LocalServer
):
    owner, _ = await registered_patient(server)

    async def register(email: str) -> None:
        form = patient_form(email=email)
        assert await strict.ask(REGISTER_PATIENT, input=form) == {"patient": None, "problems": []}

    assert await alike(
        lambda: register(owner["email"]), lambda: register(f"{uuid4()}@example.com"), rounds=25
    )


async def test_registering_a_doctor_takes_as_long_whether_or_not_the_number_is_taken(
    strict: LocalServer, server: LocalServer
):
    owner, _ = await registered_doctor(server)

    async def register(crm: str) -> None:
        form = doctor_form(crm=crm)
        assert await strict.ask(REGISTER_DOCTOR, input=form) == {"doctor": None, "problems": []}

    assert await alike(lambda: register(owner["crm"]), lambda: register(number()), rounds=25)
