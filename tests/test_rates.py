"""Rates and attempts of the whole server, as its profile has them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from app import create_app
from domain.limits import Limits
from tests import make
from tests.conftest import TEMPLATE, create_database, url_of
from tests.server import owner_url
from transport.limits import Limits as TransportLimits
from wiring.settings import Settings

REGISTER = """
mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) { problems { code } }
}
"""
SIGN_IN = """
mutation ($input: SignInPatientInput!) {
  signInPatient(input: $input) { session { accessToken } problems { code } }
}
"""
VIEWER = "{ viewer { ... on PatientViewer { email } } }"


@pytest.fixture
async def database() -> str:
    """Its buckets are full."""
    name = f"rates_{uuid4().hex}"
    await create_database(name, TEMPLATE)
    return url_of(name)


class Servers:
    """Processes over one database; a client of one of them, from some address."""

    def __init__(self, database: str, keys_file: Path) -> None:
        self.given: dict[str, Any] = {"database_url": database, "keys_file": keys_file}

    @asynccontextmanager
    async def start(self, **given: Any) -> AsyncGenerator[Any]:
        app = create_app(Settings(database_connections=4, **self.given, **given))
        async with app.router.lifespan_context(app):

            async def post(
                query: str, *, address: str = "192.0.2.1", token: str = "", **input: Any
            ):
                transport = httpx.ASGITransport(app, client=(address, 1))
                headers = {"authorization": f"Bearer {token}"} if token else {}
                variables = {"input": input} if input else {}
                async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
                    body = {"query": query, "variables": variables}
                    return await client.post("/graphql", json=body, headers=headers)

            yield post


@pytest.fixture
def servers(database: str, keys_file: Path) -> Servers:
    return Servers(database, keys_file)


def form() -> dict[str, str]:
    return {"email": f"{uuid4()}@example.com", "cpf": make.cpf(), "password": "quatro palavras"}


async def test_two_processes_share_what_an_address_may_ask_for(servers: Servers):
    transport = TransportLimits(operations_per_address=6)
    async with (
        servers.start(profile="production", transport=transport) as one,
        servers.start(profile="production", transport=transport) as two,
    ):
        answers = [await post(VIEWER) for _ in range(4) for post in (one, two)]
        elsewhere = await two(VIEWER, address="192.0.2.2")

    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert elsewhere.status_code == 200


async def test_an_account_is_limited_from_wherever_it_asks(servers: Servers):
    transport = TransportLimits(operations_per_account=3)
    async with servers.start(profile="production", transport=transport) as post:
        who = form()
        await post(REGISTER, name="Lia Bastos", **who)
        signed_in = (await post(SIGN_IN, **who)).json()["data"]["signInPatient"]
        token = signed_in["session"]["accessToken"]
        answers = [await post(VIEWER, address=f"192.0.2.{n}", token=token) for n in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 3 + [429]


async def test_in_production_an_address_makes_thirty_accounts(servers: Servers, database: str):
    async with servers.start(profile="production") as post:
        answers = [
            await post(REGISTER, name="Lia Bastos", **form() | {"password": "short"})
            for _ in range(31)
        ]
        elsewhere = await post(REGISTER, address="192.0.2.2", name="Lia Bastos", **form())

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert 100 < int(answers[-1].headers["retry-after"]) <= 120
    assert elsewhere.json()["data"]["registerPatient"] == {"problems": []}
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT count(*) FROM account") == 1
    await connection.close()


async def test_in_open_nobody_is_limited_and_no_bucket_is_asked_for(
    servers: Servers, database: str
):
    async with servers.start(profile="open") as post:
        statuses = {(await post(VIEWER)).status_code for _ in range(300)}

    assert statuses == {200}
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT count(*) FROM rate") == 0
    await connection.close()


async def test_where_there_is_no_bucket_to_look_at_reads_go_on(
    servers: Servers, database: str, caplog
):
    connection = await asyncpg.connect(owner_url(database))
    await connection.execute("ALTER TABLE rate RENAME TO elsewhere")
    await connection.close()

    transport = TransportLimits(operations_per_address=1)
    async with servers.start(profile="production", transport=transport) as post:
        answers = [await post(VIEWER) for _ in range(3)]

    assert [answer.json()["data"] for answer in answers] == [{"viewer": None}] * 3
    assert "rates cannot be looked up (UndefinedTableError)" in caplog.text
    assert "192.0.2.1" not in caplog.text


@pytest.mark.parametrize("profile", ["open", "production"])
async def test_guessing_is_held_back_by_the_address_that_guesses(servers: Servers, profile: str):
    async with servers.start(profile=profile, limits=Limits(attempts=1)) as post:
        who = form()
        answers = [await post(SIGN_IN, **who) for _ in range(3)]
        answers.append(await post(SIGN_IN, address="192.0.2.2", **who))

    problems = [answer.json()["data"]["signInPatient"]["problems"] for answer in answers]
    wrong, throttled = [{"code": "INVALID_CREDENTIALS"}], [{"code": "TOO_MANY_ATTEMPTS"}]
    assert problems == [wrong, wrong, throttled, wrong]
    assert {answer.status_code for answer in answers} == {200}


def _rates(limits: TransportLimits) -> tuple[int | None, ...]:
    return (
        limits.operations_per_address,
        limits.operations_per_account,
        limits.points_per_address,
        limits.points_per_account,
        limits.accounts_per_address,
    )


@pytest.mark.parametrize(
    ("profile", "given", "rates"),
    [
        ("open", {}, (None, None, None, None, None)),
        ("open", {"points_per_account": 5}, (None, None, None, 5, None)),
        ("production", {}, (6_000, 600, 600_000, 60_000, 30)),
        ("production", {"accounts_per_address": 300}, (6_000, 600, 600_000, 60_000, 300)),
    ],
)
def test_the_profile_has_numbers_and_each_is_a_setting(keys_file, profile, given, rates):
    settings = Settings(
        profile=profile,
        database_url="postgresql://nowhere/x",
        keys_file=keys_file,
        transport=TransportLimits(**given),
    )

    assert _rates(settings.transport_limits) == rates
