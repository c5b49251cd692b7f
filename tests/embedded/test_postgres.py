import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from embedded.postgres import Postgres, PostgresFailed, scratch
from tests.embedded.processes import ROOT, alive, descendants, wait_until

OWNER = """
import signal, sys
from pathlib import Path
from embedded.postgres import Postgres
with Postgres(Path(sys.argv[1])) as postgres:
    print(postgres.url(), flush=True)
    signal.pause()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with scratch() as postgres:
        yield postgres


async def ask(url: str, *statements: str) -> Any:
    """The value that the last statement gives."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


def own(data: Path) -> tuple[subprocess.Popen[str], str]:
    """Another process that has the server, and the server's URL."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, data], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    return owner, owner.stdout.readline().strip()


async def test_what_was_committed_is_there_after_a_restart(folder: Path):
    with Postgres(folder / "postgres") as postgres:
        await ask(postgres.url(), "CREATE TABLE kept AS SELECT 7 AS number", "SELECT 1")

    with Postgres(folder / "postgres") as postgres:
        assert await ask(postgres.url(), "SELECT number FROM kept") == 7


async def test_it_is_version_18_and_listens_on_its_socket_alone(server: Postgres):
    assert (await ask(server.url(), "SHOW server_version")).startswith("18.")
    assert await ask(server.url(), "SHOW listen_addresses") == ""
    assert await ask(server.url(), "SHOW max_connections") == "300"


async def test_servers_live_side_by_side_in_folders_of_any_name(folder: Path):
    awkward, long = folder / 'a b, 100 % ção & "c"', folder / ("long" * 40)

    with Postgres(awkward) as one, Postgres(long) as other:
        await ask(one.url(), "CREATE DATABASE only_here", "SELECT 1")

        assert await ask(one.url("only_here"), "SELECT 1") == 1
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await ask(other.url("only_here"), "SELECT 1")


async def test_after_its_owner_was_killed_it_ends_and_starts_again(folder: Path):
    owner, url = own(folder / "postgres")
    with owner:
        await ask(url, "CREATE TABLE kept AS SELECT 7 AS number", "SELECT 1")
        servers = set(descendants(owner.pid))
        assert servers

        owner.kill()

    with Postgres(folder / "postgres") as postgres:
        assert await ask(postgres.url(), "SELECT number FROM kept") == 7
        wait_until(lambda: not alive(servers))


async def test_an_interrupted_first_start_is_begun_anew(folder: Path):
    unfinished = folder / "postgres.init"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")

    with Postgres(folder / "postgres") as postgres:
        assert await ask(postgres.url(), "SELECT 1") == 1
    assert not unfinished.exists()


async def test_who_did_not_start_it_may_find_it(server: Postgres, folder: Path):
    visitor = Postgres(server.data)

    assert visitor.attach()
    assert await ask(visitor.url(), "SELECT 1") == 1
    assert not Postgres(folder / "postgres").attach()


def test_a_wrong_setting_is_told(folder: Path):
    postgres = Postgres(folder / "postgres", {"max_connections": "many"})

    with pytest.raises(PostgresFailed, match="max_connections"):
        postgres.start()


async def test_its_log_keeps_no_value_of_a_statement(server: Postgres):
    await ask(server.url(), "CREATE TABLE person (cpf text PRIMARY KEY)", "SELECT 1")
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(server.url(), "INSERT INTO person VALUES ('canary'), ('canary')")
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await ask(server.url(), "SELECT 'canary'::integer")

    assert "ready to accept connections" in server.log.read_text()
    assert "canary" not in server.log.read_text()
    assert server.log.stat().st_mode & 0o077 == 0
