"""A partner gives its token back to one process: within a second it is good for nothing in all."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from tests import make
from tests.judges import people
from tests.judges.conftest import PROFILES, Servers
from tests.judges.running import Running
from tests.judges.test_sessions import WITHIN, socket, stream
from tests.make import SECRET, Program

VIEWER = "{ viewer { ... on PartnerViewer { name } } }"


@pytest.fixture
async def partner(own_database: str) -> Program:
    made = make.partner(created_at=datetime.now(UTC))
    connection = await asyncpg.connect(own_database)
    try:
        await connection.execute(
            "INSERT INTO partner (id, name, scopes, secret_hash, created_at)"
            " VALUES ($1, $2, $3, $4, $5)",
            *(made.id, made.who.name, list(made.who.scopes), made.who.secret_hash),
            made.who.created_at,
        )
    finally:
        await connection.close()
    return made


@pytest.fixture
async def http() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        yield client


def at(server: Running, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


async def post(http: httpx.AsyncClient, url: str, partner: Program, **form: str) -> Any:
    answer = await http.post(url, data=form, auth=(str(partner.id), SECRET))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def codes(http: httpx.AsyncClient, server: Running, token: str, query: str) -> list[str]:
    headers = {"authorization": f"Bearer {token}"}
    answer = (await http.post(server.url, json={"query": query}, headers=headers)).json()
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


async def test_a_token_that_is_given_back_closes_what_is_open_within_a_second(
    servers: Servers, http: httpx.AsyncClient, partner: Program
):
    here, there = (servers(profile) for profile in PROFILES)
    doctor = await asyncio.to_thread(people.doctor, here)
    listen = f'subscription {{ slotChanges(doctorIds: ["{doctor.id}"]) {{ kind }} }}'
    form = {"grant_type": "client_credentials"}
    token = (await post(http, at(here, "/oauth/token"), partner, **form))["access_token"]
    assert await codes(http, there, token, VIEWER) == []

    ready = [asyncio.Event() for _ in range(4)]
    carried = [(carry, server) for carry in (socket, stream) for server in (here, there)]
    open_ = [
        asyncio.create_task(carry(server, token, on, listen))
        for (carry, server), on in zip(carried, ready, strict=True)
    ]
    async with asyncio.timeout(10):
        await asyncio.gather(*(on.wait() for on in ready))

    await post(http, at(here, "/oauth/revoke"), partner, token=token)
    ended = time.monotonic()

    async with asyncio.timeout(5):
        socket_here, socket_there, *streams = await asyncio.gather(*open_)
    assert [code for code, _ in (socket_here, socket_there)] == [4403, 4403]
    assert all("event: complete" in said for said, _ in streams)
    took = [at - ended for _, at in (socket_here, socket_there, *streams)]
    assert max(took) < WITHIN, took
    for server in (here, there):
        assert await codes(http, server, token, VIEWER) == ["UNAUTHENTICATED"]
        told = await post(http, at(server, "/oauth/introspect"), partner, token=token)
        assert told == {"active": False}


async def test_what_the_metadata_name_is_there(servers: Servers, http: httpx.AsyncClient):
    server = servers("production")

    for document in ("oauth-authorization-server", "openid-configuration"):
        told = (await http.get(at(server, f"/.well-known/{document}"))).json()
        keys = await http.get(told["jwks_uri"].replace(told["issuer"], at(server, "")))
        assert json.loads(keys.text)["keys"]
