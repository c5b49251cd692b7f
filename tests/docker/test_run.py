"""The image that HEALTHMED_IMAGE names, run for real: servers of it do the main job, one leaves.

Beside it run a PostgreSQL, a Valkey and an S3 of this machine. With docker, podman or buildah.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from embedded import database, postgres
from integrations.key_wrapping import FileWrapping
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
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).is_success:
                        break
                except httpx.TransportError:
                    pass
                assert server.poll() is None
                time.sleep(0.25)
            yield server
        finally:
            leave(port)
            server.wait(40)


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
