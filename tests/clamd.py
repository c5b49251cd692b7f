"""ClamAV's daemon for tests: the real one, and one that does what a test wants."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.paths import ROOT

UNPACKED = ROOT / ".tools/clamav"  # by ./dev test
STREAM_MOST = 1 << 20
# In two, that no scanner takes this file for it. See eicar.org.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def program() -> str | None:
    """Where the real one is."""
    unpacked = UNPACKED / "usr/sbin/clamd"
    if unpacked.exists():
        return str(unpacked)
    return shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


@contextmanager
def running(program: str, folder: Path) -> Iterator[Path]:
    """Its socket. It knows one signature, which is ours."""
    socket, said = folder / "clamd.sock", folder / "said"
    (folder / "signatures").mkdir()
    (folder / "signatures/ours.ndb").write_text(f"Ours.Eicar:0:*:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"LocalSocket {socket}\nDatabaseDirectory {folder / 'signatures'}\nForeground yes\n"
        f"StreamMaxLength {STREAM_MOST}\n"
    )
    libraries = [str(path.parent) for path in UNPACKED.rglob("libclamav.so.*")]
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)} if libraries else None
    with said.open("wb") as output:
        command = [program, "-c", str(folder / "clamd.conf")]
        daemon = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while not socket.exists():
            assert daemon.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.05)
        yield socket
    finally:
        daemon.kill()
        daemon.wait()


@contextmanager
def at_hand() -> Iterator[str]:
    """The address of the real one; skips the test where it is not to be had."""
    clamd = program()
    if clamd is None:
        pytest.skip("there is no clamd here, and ./dev test could not fetch it")
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder, running(clamd, Path(folder)) as it:
        yield f"unix:{it}"


@asynccontextmanager
async def pretending(talk: Talk) -> AsyncGenerator[str]:
    """The address of a server that talks so."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        except (asyncio.CancelledError, ConnectionError, EOFError):
            pass  # the streams of Python 3.11 would log it
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
