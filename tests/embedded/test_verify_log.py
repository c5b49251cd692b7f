"""The command that proves the access log, as a process beside a server."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest

from domain.accesses import AccessAction, log
from domain.limits import Limits
from embedded import verify_log
from persistence import chains
from persistence.objects import S3Objects
from tests import make
from tests.conftest import TEMPLATE, create_database, store_settings, url_of
from tests.embedded.processes import ENVIRONMENT, ROOT
from tests.make import Person
from tests.persistence.test_chains import tamper
from tests.server import LocalServer
from wiring.parts import bucket
from wiring.settings import Settings


@pytest.fixture
async def server(worker_id: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """Over a database of its own."""
    name = f"verify_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    async with LocalServer.run(url_of(name), keys_file) as server:
        yield server


@pytest.fixture
async def ana(server: LocalServer) -> Person:
    ana = make.patient()
    await server.given(ana)
    for _ in range(3):
        async with server.app.works.begin(ana.viewer) as work:
            log(work, ana.viewer, ana.id, AccessAction.LISTED)
    return ana


class Command:
    """`python -m embedded.verify_log`, to its end: what it returns, says, and complains of."""

    def __init__(self, url: str, keys_file: Path) -> None:
        self._named = {"HEALTHMED_DATABASE_URL": url, "HEALTHMED_KEYS_FILE": str(keys_file)}

    async def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """In this process, for another needs seconds to load all of it."""
        named = {**store_settings(), **self._named, **environment}
        with mock.patch.dict(os.environ, named), redirect_stdout(StringIO()) as said:
            try:
                await asyncio.to_thread(verify_log.main, list(arguments))
            except SystemExit as end:
                return 1, said.getvalue(), f"{end.code}\n"  # as Python does with a text
        return 0, said.getvalue(), ""

    async def run_alone(self) -> tuple[int, str, str]:
        """In a process of its own."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "embedded.verify_log"],
            cwd=ROOT,
            env={**ENVIRONMENT, **self._named},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def command(server: LocalServer, keys_file: Path) -> Command:
    return Command(server.owner_url, keys_file)


async def test_it_publishes_and_finds_against_that_what_was_cut_off(
    server: LocalServer, ana: Person, command: Command, tmp_path: Path
):
    file = tmp_path / "heads"
    status, said, _ = await command.run("--publish", str(file))
    assert (status, said.splitlines()[0]) == (0, "3 of 3 entries")
    assert "1 chains are whole, 0 are not; sha256 " in said
    assert said.splitlines()[-1].endswith(file.read_text().splitlines()[-1])
    assert str(ana.id) not in file.read_text()
    assert not file.with_name("heads.unfinished").exists()
    assert (await command.run("--against", str(file)))[0] == 0

    await tamper(server, "DELETE FROM record_access WHERE number = 3")

    assert (await command.run())[0] == 0
    status, said, complaint = await command.run("--against", str(file), "--publish", str(file))
    assert status == 1
    assert said.endswith(f"chain {ana.id}, entry 3: cut off\n")
    assert complaint == "The access log is broken. No heads.\n"
    assert (await command.run("--against", str(file)))[0] == 1  # it is as it was published first


async def test_it_names_the_first_broken_link(server: LocalServer, ana: Person, command: Command):
    await tamper(server, "UPDATE record_access SET actor_role = 'DOCTOR' WHERE number > 1")

    status, said, complaint = await command.run_alone()

    assert status == 1
    assert said.endswith(f"chain {ana.id}, entry 2: changed\n")
    assert complaint == "The access log is broken.\n"


async def test_it_says_in_a_sentence_what_it_cannot_do(command: Command, tmp_path: Path):
    missing, other = tmp_path / "missing", tmp_path / "other"
    other.write_text("heads\n")
    none = {name: "" for name in ENVIRONMENT if name.startswith("HEALTHMED_S3")}

    for arguments, complaint in {
        ("--against", str(missing)): f"{missing} cannot be read: No such file or directory.\n",
        ("--against", str(other)): f"{other} is not what was published.\n",
        (
            "--publish",
            f"{missing}/x",
        ): f"{missing}/x cannot be written: No such file or directory.\n",
    }.items():
        assert (await command.run(*arguments, **none))[::2] == (1, complaint)


async def test_it_publishes_to_the_bucket_under_the_day(
    ana: Person, command: Command, object_store: dict[str, Any]
):
    if "s3_bucket" not in object_store:
        pytest.skip("no S3 runs on this machine")
    told = Settings(database_url="", keys_file=Path("none"), **object_store)
    place = replace(bucket(told), name=f"heads-{uuid4().hex}", patience=30)
    async with S3Objects.open(place, Limits()) as objects:
        await objects.prepare(pages="http://127.0.0.1:8000")

        status, said, complaint = await command.run(
            "--publish", "s3", HEALTHMED_S3_BUCKET=place.name
        )

        assert (status, complaint) == (0, "")
        found = re.search(r"published as (heads/\d{4}-\d\d-\d\d), version (\S+)\n", said)
        chunks = [chunk async for chunk in objects.read(found[1], found[2])]
        [head] = chains.read(b"".join(chunks).decode().splitlines(keepends=True)).values()
    assert head.number == 3
    assert ana.id.hex not in said


def test_without_a_bucket_nothing_is_published_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HEALTHMED_S3_BUCKET", raising=False)

    with pytest.raises(SystemExit, match="HEALTHMED_S3_BUCKET is missing"):
        asyncio.run(verify_log._put("postgresql://", "heads/x", None))
