"""The command that seals everything anew: killed, followed by another, and with servers about."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from domain.ids import SessionId, UserId, new_id
from integrations.key_wrapping import FileWrapping
from persistence import data_keys, database
from persistence.crypto import head
from persistence.data_keys import FRESH_FOR, Keyring
from persistence.database import Pool
from persistence.resealing import Resealing, changing_keys
from tests import make
from tests.conftest import TEMPLATE, create_database, url_of
from tests.embedded.processes import ENVIRONMENT, ROOT
from tests.server import LocalServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="has a terminal, and kills")

MANY = 30_000
LONG_AGO = -2 * FRESH_FOR
UNDER = (
    "SELECT count(*) FILTER (WHERE substring(address FROM 1 FOR 3) = $1) AS old,"
    " count(*) FILTER (WHERE substring(address FROM 1 FOR 3) = $2) AS new FROM session"
)


@pytest.fixture
async def server(worker_id: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """Over a database of its own."""
    name = f"reseal_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    async with LocalServer.run(url_of(name), keys_file) as server:
        yield server


@pytest.fixture
async def pool(server: LocalServer) -> AsyncGenerator[Pool]:
    pool = await database.connect(server.owner_url, size=2)
    yield pool
    pool.terminate()


@contextmanager
def resealing(
    url: str, keys_file: Path, *, out: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "embedded.reseal"],
        cwd=ROOT,
        env={**ENVIRONMENT, "HEALTHMED_DATABASE_URL": url, "HEALTHMED_KEYS_FILE": str(keys_file)},
        stdout=out,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def kill_half_way(url: str, keys_file: Path) -> int:
    with resealing(url, keys_file) as process:
        for line in process.stdout:
            done, of, total, *_ = line.replace(",", "").split()
            assert of == "of", line
            if int(done) > int(total) / 5:
                os.kill(process.pid, signal.SIGKILL)
                return process.wait(10)
    raise AssertionError("it has said nothing")


def finish(url: str, keys_file: Path) -> tuple[str, int]:
    with resealing(url, keys_file) as process:
        said, _ = process.communicate(timeout=60)
    return said, process.returncode


async def given_sessions(server: LocalServer) -> UserId:
    """Of one account, with one address, a tenth of them at a time."""
    ana = make.patient()
    await server.given(ana)
    for _ in range(10):
        sessions = [
            replace(ana.session, id=SessionId(new_id()), refresh_hash=secrets.token_bytes(32))
            for _ in range(MANY // 10)
        ]
        async with server.app.works.begin() as work:
            assert await work.sessions.add_all(sessions) == len(sessions)
    return ana.account.id


async def under(pool: Pool) -> tuple[int, int]:
    """How many addresses of sessions lie under the old key, and how many under the new one."""
    record = await pool.fetchrow(UNDER, head(2), head(3))
    return record["old"], record["new"]


async def test_killed_in_the_midst_of_it_it_goes_on_where_it_was(
    server: LocalServer, pool: Pool, keys_file: Path
):
    ana = await given_sessions(server)
    wrapping = FileWrapping(keys_file)
    await data_keys.add(pool, wrapping, in_force_after=LONG_AGO)

    assert await asyncio.to_thread(kill_half_way, server.owner_url, keys_file) == -signal.SIGKILL
    old, new = await under(pool)
    assert min(old, new) > 0
    left = await Resealing(pool, await Keyring.open(pool, wrapping)).left()
    said, status = await asyncio.to_thread(finish, server.owner_url, keys_file)

    assert status == 0, said
    assert said.startswith(f"0 of {left:,} values\n")
    assert said.endswith(f"{left:,} of {left:,} values\nall is sealed under key 3; retired: [2]\n")
    assert await under(pool) == (0, MANY + 1)
    await server.app.keyring.look()
    async with server.app.works.begin() as work:
        found = await work.sessions.where("user_id = $1", ana)
    assert [each.address for each in found] == ["192.0.2.1"] * (MANY + 1)


async def test_on_a_terminal_it_draws_a_bar(server: LocalServer, pool: Pool, keys_file: Path):
    await server.given(make.patient())
    await data_keys.add(pool, FileWrapping(keys_file), in_force_after=LONG_AGO)
    ours, its = os.openpty()

    with resealing(server.owner_url, keys_file, out=its) as process:
        os.close(its)
        assert await asyncio.to_thread(process.wait, 60) == 0
    said = os.read(ours, 10_000).decode()
    os.close(ours)

    assert f"\r{'░' * 40} 0 of 3 values" in said
    assert f"\r{'█' * 40} 3 of 3 values\r\nall is sealed" in said


async def test_what_does_not_open_is_told_and_nothing_is_retired(
    server: LocalServer, pool: Pool, keys_file: Path
):
    ana = make.patient()
    await server.given(ana)
    await pool.execute("UPDATE patient SET cpf = cpf || '\\x00'")
    await data_keys.add(pool, FileWrapping(keys_file), in_force_after=LONG_AGO)

    said, status = await asyncio.to_thread(finish, server.owner_url, keys_file)

    assert status == 1
    assert said.endswith(f"1 values do not open: patient.cpf:{ana.who.id}; older keys are kept\n")
    assert await pool.fetchval("SELECT count(*) FROM data_key WHERE retired_at IS NULL") == 3


async def test_while_somebody_changes_keys_it_does_nothing(
    server: LocalServer, pool: Pool, keys_file: Path
):
    await server.given(make.patient())

    async with changing_keys(pool):
        said, status = await asyncio.to_thread(finish, server.owner_url, keys_file)

    assert (said, status) == ("Nothing is sealed anew: somebody else is changing keys.\n", 1)
    assert await pool.fetchval("SELECT count(*) FROM data_key") == 2
