import asyncio
import os
import signal
import socket
from pathlib import Path

import asyncpg
import httpx

from embedded import database
from embedded.database import Demo
from embedded.folder import Folder
from embedded.postgres import Postgres, scratch
from embedded.run import embedded
from tests.embedded.processes import (
    alive,
    descendants,
    refused,
    running,
    wait_until,
    workers_of,
)


def url_of(folder: Path) -> str:
    postgres = Postgres(Folder(folder).postgres)
    assert postgres.attach()
    return postgres.url(database.NAME)


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def exists(url: str, table: str) -> bool:
    connection = await asyncpg.connect(url)
    found = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table)
    await connection.close()
    return bool(found)


def status(port: int, path: str) -> int:
    return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).status_code


async def test_a_run_leaves_no_process_behind_and_the_next_finds_everything_again(folder: Path):
    with running(folder) as run:
        assert status(run.port, "/healthz") == 200
        assert status(run.port, "/readyz") == 200
        assert "demo accounts" not in run.said
        await execute(url_of(folder), "CREATE TABLE kept ()")
        keys = Folder(folder).keys.read_bytes()
        family = descendants(run.process.pid)
        assert any("postgres" in command for command in family.values())

        assert run.end(signal.SIGTERM) == 0
        assert not alive(set(family))

    with running(folder) as run:
        assert await exists(url_of(folder), "kept")
        assert Folder(folder).keys.read_bytes() == keys
        assert Folder(folder).keys.stat().st_mode & 0o777 == 0o600
        family = descendants(run.process.pid)

        assert run.end(signal.SIGINT) == 0
        assert not alive(set(family))


async def test_servers_go_by_a_role_that_owns_nothing(begun: Path):
    with running(begun) as run:
        connection = await asyncpg.connect(url_of(begun))
        rows = await connection.fetch(
            "SELECT DISTINCT usename FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'healthmed%'"
        )
        await connection.close()

        assert [row["usename"] for row in rows] == [database.SERVERS]
        assert "nothing stands behind our own code" not in run.said
        assert run.end() == 0


async def test_a_fallen_worker_rises_and_a_killed_run_leaves_the_way_free(begun: Path):
    with running(begun, "--workers", "2") as run:
        await execute(url_of(begun), "CREATE TABLE kept ()")
        crashed = min(workers_of(run.process.pid))

        os.kill(crashed, signal.SIGKILL)

        wait_until(lambda: len(workers_of(run.process.pid) - {crashed}) == 2)
        assert status(run.port, "/readyz") == 200
        family = set(descendants(run.process.pid))

        run.end(signal.SIGKILL)

        wait_until(lambda: not alive(family))

    with running(begun):
        assert await exists(url_of(begun), "kept")


def test_a_folder_in_use_is_refused_before_anything_is_started(folder: Path):
    with Folder(folder).claim():
        second = refused(folder, "--port", "0")

    assert second.returncode == 1
    assert second.stderr == f"The folder {folder.resolve()} is in use by another run.\n"
    assert second.stdout == ""
    assert not Folder(folder).postgres.exists()


def test_a_port_in_use_is_refused_before_anything_is_started(folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        second = refused(folder, "--port", str(port))

    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} of 127.0.0.1 is in use by another program")
    assert second.stderr.count("\n") == 1
    assert second.stdout == ""
    assert not Folder(folder).postgres.exists()


async def test_with_a_database_of_ones_own_none_is_started(folder: Path):
    with scratch() as postgres:
        lent = {"HEALTHMED_DATABASE_URL": postgres.url()}
        with running(folder, environment=lent) as run:
            assert status(run.port, "/readyz") == 200
            assert await exists(postgres.url(), "alembic_version")
            assert not Folder(folder).postgres.exists()
            assert run.end() == 0
        assert postgres.is_running()


def test_a_database_out_of_reach_is_one_sentence(folder: Path):
    nowhere = f"postgresql://app:secret@/health?host={folder}"

    refusal = refused(folder, "--port", "0", HEALTHMED_DATABASE_URL=nowhere)

    assert refusal.returncode == 1
    assert refusal.stderr.startswith("The database of HEALTHMED_DATABASE_URL cannot be reached: ")
    assert refusal.stderr.count("\n") == 1
    assert "secret" not in refusal.stderr


def test_half_of_the_demo_data_is_not_taken_for_the_whole(folder: Path):
    with embedded(Folder(folder)) as (url, _):
        asyncio.run(execute(url, "CREATE TABLE half ()"))
        asyncio.run(database.note(url, Demo.LOADING))

    with embedded(Folder(folder)) as (url, _):
        assert not asyncio.run(exists(url, "half"))
        assert asyncio.run(database.demo(url)) is Demo.ABSENT


def test_a_folder_of_a_version_before_data_keys_is_refused_in_a_sentence(folder: Path):
    Folder(folder).keys.write_text('{"signing": {}, "sealing": "AAAA", "hashing": "AAAA"}')

    refusal = refused(folder)

    assert refusal.returncode == 1
    assert refusal.stderr.endswith("sealed with it. Begin anew with another folder.\n")
    assert refusal.stderr.count("\n") == 1
    assert not (Folder(folder).postgres / "postmaster.pid").exists()


def test_a_server_that_cannot_start_ends_the_run(begun: Path):
    refusal = refused(begun, "--port", "0", HEALTHMED_SWEEP_EVERY="often")

    assert refusal.returncode == 1
    assert refusal.stderr.endswith("as it started.\n")
    assert not (Folder(begun).postgres / "postmaster.pid").exists()
