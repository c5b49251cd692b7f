"""The whole server as it is run: uvicorn in front, the application of `create_app` behind."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from pydantic import ValidationError

import app
from app import create_app
from domain.objects import StoreUnreachable
from persistence import revision
from persistence.reads import PostgresReads
from tests import make
from tests.chime import PlayedChime, serving
from tests.conftest import TEMPLATE, create_database, url_of
from tests.resolvers import consultations
from tests.served import served
from tests.server import LocalServer, owner_url
from wiring.settings import Settings

REGISTER = """
mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) { patient { id } problems { code path } }
}
"""
SIGN_IN = """
mutation ($input: SignInPatientInput!) {
  signInPatient(input: $input) { session { accessToken } problems { code } }
}
"""
NEWEST, KNOWN = revision.known()
OLDER = min(KNOWN - {NEWEST})
VIEWER = "{ viewer { ... on PatientViewer { email patient { id name } } } }"


@pytest.fixture(scope="module")
async def database() -> str:
    """Of these tests alone: they spoil it now and then."""
    name = f"app_{uuid4().hex}"
    await create_database(name, TEMPLATE)
    return url_of(name)


@pytest.fixture(scope="module")
async def client(
    database: str, keys_file: Path, object_store: dict[str, Any]
) -> AsyncGenerator[httpx.AsyncClient]:
    settings = Settings(
        database_url=database, keys_file=keys_file, database_connections=5, **object_store
    )
    async with (
        served(settings) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client,
    ):
        yield client


async def execute(database, statement):
    connection = await asyncpg.connect(owner_url(database))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def post(client, query, token=None, **variables):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = await client.post(
        "/graphql", json={"query": query, "variables": variables}, headers=headers
    )
    assert answer.status_code == 200
    return answer.json()


def test_pages_of_others_are_named_as_a_list_in_the_environment(
    keys_file: Path, monkeypatch: pytest.MonkeyPatch
):
    given = {"database_url": "postgresql://nowhere/x", "keys_file": keys_file}
    monkeypatch.setenv("HEALTHMED_TRANSPORT__ORIGINS", '["https://app.example"]')
    monkeypatch.setenv("HEALTHMED_TRANSPORT__DEPTH", "9")
    limits = Settings(**given).transport
    assert (limits.origins, limits.depth) == (("https://app.example",), 9)

    monkeypatch.setenv("HEALTHMED_TRANSPORT__ORIGINS", "https://app.example")
    with pytest.raises(ValidationError, match="transport"):
        Settings(**given)


async def test_it_lives(client):
    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_it_is_ready_once_every_part_works(client):
    answer = await client.get("/readyz")

    assert answer.status_code == 200
    parts = dict.fromkeys(("database", "migrations", "events", "keys", "clock"), True)
    assert answer.json() == {"ready": True, **parts, "documents": True}


async def test_it_is_ready_without_the_object_store(database: str, keys_file: Path):
    down = {
        "s3_bucket": "none",
        "s3_endpoint_url": "http://127.0.0.1:9",
        "s3_access_key_id": "none",
        "s3_secret_access_key": "none",
        "s3_prepare": True,
    }
    async with (
        LocalServer.run(database, keys_file, **down) as server,
        asyncio.timeout(10),
    ):
        while (answer := await server.app.readyz(None)).status_code != 200:  # noqa: ASYNC110  # no event
            await asyncio.sleep(0.05)

        assert json.loads(answer.body)["documents"] is False
        with pytest.raises(StoreUnreachable):
            await server.app.services.objects.look_up("anything")


async def test_without_any_there_are_no_documents(database: str, keys_file: Path, caplog):
    with caplog.at_level(logging.WARNING):
        async with LocalServer.run(database, keys_file) as server:
            objects = server.app.services.objects

            assert not await objects.reachable()
            with pytest.raises(StoreUnreachable):
                await objects.look_up("anything")
            with pytest.raises(StoreUnreachable):
                await anext(objects.read("anything", "1"))
    assert "HEALTHMED_S3_BUCKET is not set" in caplog.text


async def test_consultations_meet_by_chime_where_it_is_set(
    database: str, keys_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    async with serving(PlayedChime(region="ca-central-1")) as played:
        settings = played.settings | {"chime_media_region": "us-east-2"}
        async with LocalServer.run(database, keys_file, **settings) as server:
            doctor, ana, visit = await consultations.visit(server)
            granted = [await consultations.join(server, who, visit) for who in (doctor, ana)]

    assert [grant["provider"] for grant in granted] == ["CHIME", "CHIME"]
    told = [json.loads(grant["credentials"]) for grant in granted]
    assert [each["Meeting"]["MeetingId"] for each in told] == 2 * played.running
    assert len({each["Attendee"]["JoinToken"] for each in told}) == 2
    assert played.asked[0][1]["MediaRegion"] == "us-east-2"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"chime_region": "sa-east-1"}, "Chime is asked in .*us-east-1.*, not in 'sa-east-1'"),
        ({"chime_media_region": "Brazil"}, "'Brazil' is no region"),
        ({"chime_endpoint_url": "nowhere"}, "Invalid endpoint"),
    ],
    ids=["region", "media region", "endpoint"],
)
async def test_where_chime_cannot_be_asked_the_server_does_not_start(
    database: str, keys_file: Path, given: dict[str, str], told: str
):
    with pytest.raises(SystemExit, match=f"HEALTHMED_CHIME_.*{told}"):
        async with LocalServer.run(database, keys_file, meetings="chime", **given):
            pass


@pytest.mark.parametrize(("environment", "taken"), [("local", True), ("production", False)])
def test_a_folder_is_no_object_store_in_production(
    keys_file: Path, tmp_path: Path, environment: str, taken: bool
):
    settings = Settings(
        database_url="postgresql://",
        keys_file=keys_file,
        environment=environment,
        object_folder=tmp_path / "objects",
    )

    application = create_app(settings)

    assert (tmp_path / "objects").exists() == taken
    assert ("/dev/objects" in {route.path for route in application.routes}) == taken


@pytest.mark.parametrize(
    ("lasts", "taken"), [("PT10M", True), ("PT1M", True), ("PT10M1S", False), ("PT0S", False)]
)
def test_no_setting_has_access_tokens_last_longer_than_ten_minutes(
    monkeypatch: pytest.MonkeyPatch, keys_file: Path, lasts: str, taken: bool
):
    monkeypatch.setenv("HEALTHMED_LIMITS__TOKEN_FOR", lasts)

    with nullcontext() if taken else pytest.raises(ValidationError, match="ten minutes"):
        Settings(database_url="postgresql://", keys_file=keys_file)


@pytest.mark.parametrize(
    ("spoil", "mend"),
    [
        (
            f"UPDATE alembic_version SET version_num = '{OLDER}'",
            f"UPDATE alembic_version SET version_num = '{NEWEST}'",
        ),
        (
            "ALTER TABLE alembic_version RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO alembic_version",
        ),
    ],
    ids=["an older one", "never migrated"],
)
async def test_it_is_not_ready_over_a_database_without_its_migration(client, database, spoil, mend):
    await execute(database, spoil)
    try:
        answer = await client.get("/readyz")
        alive = await client.get("/healthz")
    finally:
        await execute(database, mend)

    assert answer.status_code == 503
    parts = {"database": True, "migrations": False, "events": True, "keys": True, "clock": True}
    assert answer.json() == {"ready": False, **parts, "documents": True}
    assert alive.status_code == 200
    assert (await client.get("/readyz")).status_code == 200


async def test_it_serves_over_a_database_that_a_later_release_has_migrated(client, database):
    await execute(database, "UPDATE alembic_version SET version_num = 'aa1f3bd2704e'")
    try:
        answer = await client.get("/readyz")
    finally:
        await execute(database, f"UPDATE alembic_version SET version_num = '{NEWEST}'")

    assert answer.status_code == 200


async def test_what_is_done_every_so_often_is_not_done_in_step(monkeypatch: pytest.MonkeyPatch):
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 200:
            raise asyncio.CancelledError

    async def look() -> None: ...

    with monkeypatch.context() as alone:
        alone.setattr(app.asyncio, "sleep", sleep)
        with pytest.raises(asyncio.CancelledError):
            await app._every(8.0, look)

    assert 6.0 <= min(pauses) < 7.0
    assert 9.0 < max(pauses) <= 10.0


async def test_everybody_may_know_by_which_keys_tokens_are_proved(client):
    answer = await client.get("/.well-known/jwks.json")

    assert answer.headers["cache-control"] == "public, max-age=300"
    assert {key["use"] for key in answer.json()["keys"]} == {"sig"}
    assert not any("d" in key for key in answer.json()["keys"])


async def test_a_patient_joins_signs_in_and_asks_who_he_is(client):
    form = {
        "name": "Lia Bastos",
        "email": f"{uuid4()}@example.com",
        "cpf": make.cpf(),
        "password": "quatro palavras",
    }
    registered = (await post(client, REGISTER, input=form))["data"]["registerPatient"]
    assert registered["problems"] == []

    credentials = {name: form[name] for name in ("email", "cpf", "password")}
    signed_in = (await post(client, SIGN_IN, input=credentials))["data"]["signInPatient"]
    token = signed_in["session"]["accessToken"]

    own = await post(client, VIEWER, token)
    patient = {"id": registered["patient"]["id"], "name": "Lia Bastos"}
    assert own["data"] == {"viewer": {"email": form["email"], "patient": patient}}
    assert (await post(client, VIEWER))["data"] == {"viewer": None}
    dead = await post(client, VIEWER, token[:-4] + "AAAA")
    assert dead["data"] == {"viewer": None}
    assert [error["extensions"]["code"] for error in dead["errors"]] == ["UNAUTHENTICATED"]


async def test_what_fails_inside_is_masked_and_found_in_the_log_by_its_reference(
    client, monkeypatch, caplog
):
    async def fail(*_, **__):
        raise RuntimeError("the disk at rack 7 is full")

    monkeypatch.setattr(PostgresReads, "search", fail)
    with caplog.at_level(logging.ERROR):
        answer = await post(client, "{ doctors { nodes { id } } specialties { code } }")

    [error] = answer["errors"]
    assert answer["data"]["doctors"] is None
    assert len(answer["data"]["specialties"]) == 55
    assert error["message"] == "Something went wrong."
    assert error["extensions"].keys() == {"code", "reference"}
    assert error["extensions"]["code"] == "INTERNAL"
    assert "rack 7" not in str(answer)
    [record] = [r for r in caplog.records if error["extensions"]["reference"] in r.getMessage()]
    assert "rack 7" in str(record.exc_info[1])


async def test_a_connection_that_was_lost_is_made_again(client, database):
    end_all = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND application_name = 'healthmed'"
    )
    await execute(database, end_all)

    answers = [await post(client, "{ doctors(first: 1) { nodes { id } } }") for _ in range(8)]

    assert "errors" not in answers[-1]
    assert (await client.get("/readyz")).status_code == 200
