"""The real pgbouncer for tests, set up as docs/operations.md has it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embedded import database, launch, postgres
from embedded.postgres import PORT
from tests.paths import ROOT

UNPACKED = ROOT / ".tools/pgbouncer"  # by ./dev test
CONNECTIONS = 3  # to Postgres: few, so that whoever asks twice hardly ever has the same one


def program() -> Path:
    """Where it is; skips the test where it is not to be had."""
    unpacked = UNPACKED / "usr/sbin/pgbouncer"
    if unpacked.exists():
        return unpacked
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("there is no pgbouncer here, and ./dev test could not fetch it")
    return Path(found)


def documented() -> str:
    """The settings that a clinic is told to take over."""
    told = (ROOT / "docs/operations.md").read_text()
    return told.partition("```ini\n; pgbouncer.ini\n")[2].partition("```")[0]


@contextmanager
def running(program: Path, folder: Path, sockets: Path) -> Iterator[Path]:
    """The folder of its socket, which is as Postgres' own, in `sockets`, would be."""
    folder.mkdir(0o711)
    said, here = folder / "said", folder / "pgbouncer.ini"
    (folder / "users.txt").write_text(f'"{database.SERVERS}" ""\n')
    here.write_text(
        documented().replace("host=db.internal", f"host={sockets}")
        + f"listen_port = {PORT}\nunix_socket_dir = {folder}\n"
        f"auth_type = trust\nauth_file = {folder / 'users.txt'}\n"
        f"default_pool_size = {CONNECTIONS}\n"
    )
    libraries = {str(path.parent) for path in UNPACKED.rglob("*.so.*")}
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
    identity = postgres._identity()  # it refuses to be root, as Postgres does
    if identity == launch.AS_NOBODY:
        shutil.chown(folder, "nobody")
    with said.open("wb") as output:
        bouncer = subprocess.Popen(
            [*launch.command(identity, signal.SIGKILL), str(program), str(here)],
            env=environment if libraries else None,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 30
        while not (folder / f".s.PGSQL.{PORT}").exists():
            assert bouncer.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.05)
        yield folder
    finally:
        bouncer.kill()
        bouncer.wait()
