"""The programs of docs/partners.md, run as they stand there against a server in production."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from domain.auth import Scope
from tests import make
from tests.judges import people
from tests.judges.conftest import Servers
from tests.judges.node import BIN, HERE
from tests.judges.running import Running
from tests.make import SECRET
from tests.paths import ROOT

GUIDE = (ROOT / "docs/partners.md").read_text()
RUN_BY = {
    "sh": (["/bin/sh", "-eu"], ".sh"),
    "python": ([sys.executable, "-u"], ".py"),
    "ts": ([str(BIN / "node")], ".mts"),
}
DOCTOR = "query ($id: ID!) { node(id: $id) { ... on Doctor { crm uf } } }"
WITHDRAW = """mutation ($id: ID!) {
  withdrawSlots(input: {slotIds: [$id]}) { problems { code } }
}"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture
async def client_id(own_database: str) -> str:
    made = make.partner(*Scope, created_at=datetime.now(UTC))
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
    return str(made.id)


@asynccontextmanager
async def program(
    language: str, folder: Path, environment: dict[str, str]
) -> AsyncGenerator[asyncio.StreamReader]:
    """What it prints, complaints too; it is ended at the end."""
    command, suffix = RUN_BY[language]
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    file = folder / f"guide{suffix}"
    file.write_text("\n".join(blocks(language)))
    process = await asyncio.create_subprocess_exec(
        *(*command, str(file)),
        env={**os.environ, "no_proxy": "*", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        os.killpg(process.pid, 9)
        await process.wait()


async def until(word: str, said: asyncio.StreamReader) -> str:
    heard = ""
    async with asyncio.timeout(20):
        while word not in heard:
            part = await said.read(4096)
            assert part, heard
            heard += part.decode()
    return heard


@pytest.mark.parametrize("language", RUN_BY)
async def test_what_the_guide_shows_is_what_the_server_does(
    language: str, servers: Servers, client_id: str, tmp_path: Path
):
    server: Running = servers("production")
    doctor = await asyncio.to_thread(people.doctor, server)
    of = await asyncio.to_thread(lambda: server.ask(DOCTOR, id=doctor.id))
    cursor = await asyncio.to_thread(server.ask, "{ eventCursor }")
    [missed] = await asyncio.to_thread(people.publish, server, doctor, 1)
    environment = {
        "URL": server.url.removesuffix("/graphql"),
        "CURSOR": cursor,
        "CLIENT_ID": client_id,
        "CLIENT_SECRET": SECRET,
        "CRM": of["crm"],
        "UF": of["uf"],
    }

    async with program(language, tmp_path, environment) as said:
        heard = await until(missed, said)
        withdraw = (
            "mutation ($id: ID!) { withdrawSlots(input: {slotIds: [$id]}) { problems { code } } }"
        )
        await asyncio.to_thread(lambda: server.ask(withdraw, doctor.token, id=missed))
        heard += await until("WITHDRAWN", said)

    assert "Helena Prado" in heard
    assert "requested" in heard
    assert heard.index("TOO_COMPLEX") < heard.index("OPENED")


def test_every_language_shows_all_of_it():
    assert [len(blocks(language)) for language in RUN_BY] == [4, 4, 4]
