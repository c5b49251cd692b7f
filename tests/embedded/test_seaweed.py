import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from domain.clock import now
from domain.limits import Limits
from embedded import object_store, seaweed
from embedded.folder import Folder
from embedded.seaweed import Seaweed, SeaweedFailed
from persistence.objects import S3Objects
from tests.embedded.processes import (
    ROOT,
    WITHOUT_STORE,
    Started,
    alive,
    descendants,
    running,
    wait_until,
)
from tests.persistence.stores import CONTENT, PDF, chunks
from wiring.parts import bucket
from wiring.settings import Settings

pytestmark = pytest.mark.skipif(seaweed.find() is None, reason="there is no wheel for us")
OWNER = """
import signal, sys
from pathlib import Path
from embedded.seaweed import Seaweed
with Seaweed(Path(sys.argv[1])) as store:
    print(store.url, flush=True)
    signal.pause()
"""


@pytest.fixture(scope="module")
def store() -> Iterator[Seaweed]:
    with seaweed.scratch() as begun:
        begun.wait()
        yield begun


@asynccontextmanager
async def objects_of(store: Seaweed) -> AsyncGenerator[S3Objects]:
    given = {name.removeprefix("HEALTHMED_").lower(): it for name, it in store.settings().items()}
    place = bucket(Settings(database_url="", keys_file=Path("none"), **given))
    assert place is not None
    async with S3Objects.open(place, Limits()) as objects:
        await objects.prepare(pages="http://127.0.0.1:8000")
        yield objects


async def keep(store: Seaweed) -> str:
    """An object, of the key `kept`; its version."""
    async with objects_of(store) as objects:
        return (await objects.put("kept", chunks(CONTENT), content_type=PDF)).version


async def kept(store: Seaweed, version: str) -> bytes:
    async with objects_of(store) as objects:
        return b"".join([chunk async for chunk in objects.read("kept", version)])


async def test_what_was_stored_is_there_after_a_restart(folder: Path):
    with Seaweed(folder / "s3") as store:
        version, secret = await keep(store), store.secret

    with Seaweed(folder / "s3") as store:
        assert await kept(store, version) == CONTENT
        assert store.secret == secret


def test_after_its_owner_was_killed_it_ends_and_starts_again(folder: Path):
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, folder / "s3"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline().startswith("http://127.0.0.1:")
        [(server, command)] = descendants(owner.pid).items()
        ports = re.findall(r"port[.\w]*=(\d+)", command)
        assert len(ports) > 9

        owner.kill()

    with Seaweed(folder / "s3") as store:
        asyncio.run(keep(store))
        wait_until(lambda: not alive({server}))
    left = Path("/tmp").glob("seaweedfs-*.sock")  # noqa: S108  # that is where it makes them
    assert not {it.stem.rpartition("-")[2] for it in left} & set(ports)


async def test_one_that_was_killed_rises_under_the_same_address(folder: Path):
    with Seaweed(folder / "s3") as store:
        version, url = await keep(store), store.url
        assert store.revive() is None

        os.kill(store.pid, 9)

        wait_until(lambda: store.revive() == -9)
        store.wait()
        assert store.url == url
        assert await kept(store, version) == CONTENT


async def test_it_lives_in_a_folder_of_any_name(folder: Path):
    with Seaweed(folder / 'a b, 100 % ção & "c"' / ("long" * 40)) as store:
        assert await kept(store, await keep(store)) == CONTENT


async def test_a_port_that_was_taken_meanwhile_is_not_insisted_upon(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        free = seaweed.free_ports
        given = iter([[port, *free(9)]])
        monkeypatch.setattr(seaweed, "free_ports", lambda count: next(given, None) or free(count))
        monkeypatch.setattr(seaweed, "PATIENCE", 5.0)

        with Seaweed(folder / "s3") as store:
            assert not store.url.endswith(f":{port}")
            await keep(store)


def test_why_it_did_not_start_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(seaweed, "OPTIONS", (*seaweed.OPTIONS, "-volume.max=many"))

    with pytest.raises(SeaweedFailed, match="not a valid number many"), Seaweed(folder / "s3"):
        pass


async def test_its_inner_ports_give_nothing_away(store: Seaweed):
    await keep(store)
    async with httpx.AsyncClient(trust_env=False) as stranger:
        for part in ("filer", "volume"):
            at = f"http://127.0.0.1:{store._ports[f'{part}.port']}"
            for path in ("/", "/buckets/healthmed/", "/buckets/healthmed/kept", "/1,01"):
                answer = await stranger.get(at + path)
                assert answer.status_code in {400, 401, 404}, (part, path)
                assert "kept" not in answer.text
            written = await stranger.post(f"{at}/1,01", files={"file": b"other"})
            assert written.status_code in {400, 401}


async def test_all_of_it_is_for_its_owner_alone(store: Seaweed):
    await keep(store)

    assert store.data.stat().st_mode & 0o077 == 0
    assert store.log.stat().st_mode & 0o077 == 0
    for name in ("secrets.json", "s3.json"):
        assert (store.data / name).stat().st_mode & 0o777 == 0o600
    for told in store._ports.values():
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", told), timeout=1)


async def test_what_lies_there_cannot_be_read_off_the_disk(store: Seaweed):
    await keep(store)

    files = [path for path in store.data.rglob("*") if path.is_file()]

    assert len(files) > 5
    assert not [path for path in files if CONTENT in path.read_bytes()]


async def test_its_log_keeps_no_name_of_a_file(store: Seaweed):
    version = await keep(store)
    async with objects_of(store) as objects, httpx.AsyncClient(trust_env=False) as browser:
        for at in (version, "none"):
            url, _ = await objects.link("kept", at, name="canary.pdf", content_type=PDF, at=now())
            await browser.get(url)
            await browser.get(url.replace("canary", "canary2"))
            await browser.get(url.replace("X-Amz-Signature=", "X-Amz-Signature=0"))

    assert "canary" not in store.log.read_text()


# ------------------------------------------------------------------------- a run


def documents(run: Started) -> bool:
    answer = httpx.get(f"http://127.0.0.1:{run.port}/readyz", trust_env=False)
    assert answer.status_code == 200
    return answer.json()["documents"] is True


def weeds_of(run: Started) -> set[int]:
    return {pid for pid, it in descendants(run.process.pid).items() if "weed" in it}


def test_a_run_has_one_and_starts_it_again(begun: Path):
    with running(begun, beneath=WITHOUT_STORE) as run:
        assert "SeaweedFS ... started" in run.said
        assert documents(run)
        [killed] = weeds_of(run)

        os.kill(killed, 9)

        assert run.process.stdout is not None
        lines = iter(run.process.stdout.readline, "")
        assert any("SeaweedFS ended with status -9 and was started again" in it for it in lines)
        wait_until(lambda: documents(run))
        wait_until(lambda: len(weeds_of(run) - {killed}) == 1)
        family = set(descendants(run.process.pid))
        assert run.end() == 0
        assert not alive(family)


def test_a_store_that_is_named_is_taken_and_none_is_started(begun: Path):
    with running(begun) as run:
        assert "SeaweedFS" not in run.said
        assert not Folder(begun).s3.exists()
        assert documents(run)


def test_where_there_is_no_wheel_files_are_kept_in_a_folder_but_in_production(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(seaweed, "find", lambda: None)
    there = {"HEALTHMED_OBJECT_FOLDER": str(Folder(folder).objects)}

    with object_store.begun(Folder(folder), {}) as store:
        assert store is None
        assert object_store.settings(Folder(folder), {}, store) == there
        for environment in (
            {"HEALTHMED_ENVIRONMENT": "production"},
            {"HEALTHMED_S3_BUCKET": "mine"},
        ):
            assert object_store.settings(Folder(folder), environment, store) == {}
