"""Data keys are wrapped anew while the server goes on, in the file or by KMS."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

import pytest

from domain.keys import CannotUnwrap
from embedded import at_hand, rewrap
from integrations import keys
from integrations.key_wrapping import FileWrapping, NothingWraps
from persistence import data_keys, database
from tests import make
from tests.conftest import TEMPLATE, create_database, url_of
from tests.kms import kms, make_key
from tests.make import Person
from tests.server import LocalServer, owner_url

__all__ = ["kms"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    keys.create(path)
    return path


@pytest.fixture
async def server(
    worker_id: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[LocalServer]:
    """Over a database of its own, where commands find it, too."""
    name = f"rewrap_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    monkeypatch.setenv("HEALTHMED_DATABASE_URL", owner_url(url_of(name)))
    monkeypatch.setenv("HEALTHMED_KEYS_FILE", str(file))
    async with LocalServer.run(url_of(name), file) as server:
        yield server


async def run() -> None:
    await asyncio.to_thread(rewrap.main, [])


async def reads(server: LocalServer, ana: Person) -> bool:
    async with server.app.works.begin() as work:
        return await work.patients.get(ana.id) == ana.who


async def test_a_new_key_of_the_file_takes_the_place_of_the_old_one(
    server: LocalServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    ana = make.patient()
    await server.given(ana)
    before = shutil.copy(file, tmp_path / "before.json")

    await run()

    assert f"2 data keys are wrapped by a new key of {file}" in capsys.readouterr().out
    [old], [new] = keys.load(Path(before)).wrapping, keys.load(file).wrapping
    assert old != new
    await server.app.keyring.look()
    assert await reads(server, ana)
    async with LocalServer.run(server.url, file) as another:
        assert await reads(another, ana)
    with pytest.raises(CannotUnwrap):
        async with LocalServer.run(server.url, Path(before)):
            pytest.fail("the old key opens them still")


@pytest.mark.parametrize("killed", ["before the database is told", "before the file is told"])
async def test_interrupted_it_leaves_a_file_that_unwraps_and_may_be_run_again(
    server: LocalServer, file: Path, killed: str
):
    ana, before = make.patient(), keys.load(file).wrapping
    await server.given(ana)
    keys.begin_rewrap(file)
    if killed == "before the file is told":
        pool = await database.connect(server.owner_url, size=1)
        await data_keys.rewrap(pool, FileWrapping(file), FileWrapping(file))
        pool.terminate()
    async with LocalServer.run(server.url, file) as another:
        assert await reads(another, ana)

    await run()

    assert len(keys.load(file).wrapping) == 1
    assert keys.load(file).wrapping != before
    async with LocalServer.run(server.url, file) as another:
        assert await reads(another, ana)


@pytest.mark.usefixtures("kms")
async def test_by_kms_the_file_has_no_key_any_more_that_opens_anything(
    server: LocalServer,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    ana, key_id = make.patient(), await make_key()
    await server.given(ana)
    monkeypatch.setenv(at_hand.KMS_KEY, key_id)

    await run()
    await run()

    assert "wrapped by the key of KMS" in capsys.readouterr().out
    assert keys.load(file).wrapping == ()
    await server.app.keyring.look()
    assert await reads(server, ana)
    async with LocalServer.run(server.url, file, kms_key_id=key_id) as another:
        assert await reads(another, ana)
        await another.given(bia := make.patient())
    assert await reads(server, bia)
    monkeypatch.delenv(at_hand.KMS_KEY)
    with pytest.raises(NothingWraps):
        LocalServer(server.url, file)


@pytest.mark.usefixtures("kms")
async def test_a_server_begins_with_kms_alone(tmp_path: Path, worker_id: str):
    name = f"kms_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    path = tmp_path / "keys.json"
    keys.create(path, wraps=False)
    ana, key_id = make.patient(), await make_key()

    async with LocalServer.run(url_of(name), path, kms_key_id=key_id) as first:
        await first.given(ana)
        assert await reads(first, ana)


async def test_what_was_wrapped_elsewhere_is_not_wrapped_anew(server: LocalServer, file: Path):
    await server.given(make.patient())
    keys.create(elsewhere := file.with_name("elsewhere.json"))
    shutil.move(elsewhere, file)
    before = await server.fetch("SELECT * FROM data_key ORDER BY id")

    with pytest.raises(SystemExit, match="Nothing is wrapped anew: a data key was wrapped by"):
        await run()

    assert await server.fetch("SELECT * FROM data_key ORDER BY id") == before
    assert len(keys.load(file).wrapping) == 2  # the next run finishes, or says the same
