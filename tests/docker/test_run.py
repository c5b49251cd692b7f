"""The image that HEALTHMED_IMAGE names, run for real: servers of it do the main job and keep a
document, one leaves.

Beside it run a PostgreSQL, a Valkey and an S3 of this machine. With docker, podman or buildah.
"""

import asyncio
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from embedded import database, documents, postgres
from embedded.callers import Caller
from embedded.demo import PATIENT
from integrations.key_wrapping import FileWrapping
from tests import contents
from tests.chaos.test_uploads import COMPLETE, OPEN, REQUEST
from tests.conftest import store_settings
from tests.paths import ROOT
from tests.valkey import running as running_valkey

IMAGE = os.environ.get("HEALTHMED_IMAGE", "")
BUILDAH = "buildah"


def works(engine: str) -> bool:
    """A client without its daemon does not."""
    if shutil.which(engine) is None:
        return False
    return subprocess.run([engine, "info"], capture_output=True, check=False).returncode == 0


ENGINES = ("docker", "podman", BUILDAH) if IMAGE else ()
ENGINE = next(filter(works, ENGINES), None)
pytestmark = pytest.mark.skipif(
    not IMAGE or ENGINE is None, reason="HEALTHMED_IMAGE names no image, or nothing runs images"
)


def command(act: tuple[str, ...], environment: dict[str, str]) -> list[str]:
    """On the network of this machine, for that is where the rest is."""
    told = [part for name, value in environment.items() for part in ("--env", f"{name}={value}")]
    if ENGINE == BUILDAH:
        made = subprocess.run(
            [BUILDAH, "from", "--pull-never", IMAGE], capture_output=True, text=True, check=True
        )
        python = ("python", "-m", "embedded.container")
        return [BUILDAH, "run", *told, made.stdout.strip(), "--", *python, *act]
    hardened = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
    return [ENGINE, "run", "--rm", "--init", "--network", "host", *hardened, *told, IMAGE, *act]


def run(*act: str, **environment: str) -> str:
    ended = subprocess.run(
        command(act, environment), capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@contextmanager
def serving(port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    act = ("serve", "--port", str(port))
    with subprocess.Popen(command(act, environment), process_group=0) as server:
        try:
            for _ in range(240):
                if (told := readiness(port)).get("ready") and told["documents"]:
                    break
                assert server.poll() is None
                time.sleep(0.25)
            else:
                pytest.fail(f"it is not ready: {told}")
            yield server
        finally:
            leave(port)
            server.wait(40)


def readiness(port: int) -> dict[str, Any]:
    """What `/readyz` tells; nothing while nobody answers."""
    try:
        told = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).json()
    except httpx.TransportError:
        return {}
    return told


def leave(port: int) -> None:
    """Ask the server itself, as an engine would: buildah kills it if it is asked to end."""
    ours = ["-m", "embedded.container", "serve", "--port", str(port), ""]
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            program, *told = each.read_text().split("\0")
            if program.endswith("python") and told == ours:
                os.kill(int(each.parent.name), signal.SIGTERM)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def main_job(port: int) -> None:
    """A patient books, her doctor accepts, and both hear of it live."""
    told = ["--url", f"http://127.0.0.1:{port}", "--pace", "0"]
    ended = subprocess.run(
        [sys.executable, "-c", SHOW, *told], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


async def keep_a_document(port: int, other: int) -> None:
    """A patient uploads it by one server, and opens it by the other: the same bytes."""
    content = contents.pdf(contents.stream(secrets.token_bytes(4096)))
    announced = {
        "name": "exame.pdf",
        "contentType": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        one, two = (
            Caller(httpx.URL(f"http://127.0.0.1:{it}/graphql"), http) for it in (port, other)
        )
        session = await one.act(documents.SIGN_IN_PATIENT, **PATIENT)
        one.token = two.token = session.fields["session"]["accessToken"]
        ticket = (await one.act(REQUEST, **announced)).fields["ticket"]
        form = {field["name"]: field["value"] for field in ticket["fields"]}
        sent = await http.post(ticket["url"], data=form, files={"file": ("x", content)})
        assert sent.is_success, sent.text
        id = ticket["document"]["id"]
        done = (await one.ask(COMPLETE, id=id)).fields["completeUpload"]
        assert done["document"] == {"status": "AVAILABLE"}, done
        opened = (await two.ask(OPEN, id=id)).fields["openDocument"]
        assert (await http.get(opened["url"])).content == content


# With all the time that a busy machine wants: how fast it is, is measured elsewhere.
SHOW = "from embedded import demo; demo.WITHIN = 10.0; demo.main()"


def test_two_servers_of_it_do_the_main_job_and_one_may_leave(tmp_path: Path):
    keys_file = tmp_path / "keys.json"
    keys_file.write_text(run("new-keys"))
    with ExitStack() as stack:
        port = free_port()
        stack.enter_context(postgres.scratch({"listen_addresses": "127.0.0.1", "port": str(port)}))
        url = f"postgresql://{{}}@127.0.0.1:{port}/healthmed"
        owner, servers = url.format(postgres.USER), url.format(database.SERVERS)
        asyncio.run(database.ensure(owner.replace("/healthmed", "/postgres")))
        said = run("migrate", HEALTHMED_DATABASE_URL=owner, HEALTHMED_SERVERS_PASSWORD=url)
        assert "may sign in" in said
        asyncio.run(fill(owner, keys_file))
        valkey = stack.enter_context(running_valkey())
        given = {
            **store_settings(),
            "HEALTHMED_ENVIRONMENT": "local",
            "HEALTHMED_S3_BUCKET": "image",
            "HEALTHMED_S3_PREPARE": "true",
            "HEALTHMED_DATABASE_URL": servers,
            "HEALTHMED_VALKEY_URL": valkey.url,
            "HEALTHMED_KEYS": keys_file.read_text(),
        }
        one, two = free_port(), free_port()
        with serving(one, given) as leaving, serving(two, given):
            page = httpx.get(f"http://127.0.0.1:{one}/", trust_env=False)
            assert '<html lang="pt-BR"' in page.text
            main_job(one)
            asyncio.run(keep_a_document(one, two))

            leave(one)
            leaving.wait(40)
            main_job(two)
            verified = run(
                "verify-log", HEALTHMED_DATABASE_URL=owner, HEALTHMED_KEYS=keys_file.read_text()
            )
            assert "0 are not" in verified


async def fill(url: str, keys_file: Path) -> None:
    from embedded import seed  # noqa: PLC0415  # draws

    await seed.load(url, FileWrapping(keys_file))
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT count(*) FROM account") > 1000
    await connection.close()
