"""The processes of a test: those it starts itself, and what those have started in turn."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import store_settings

ROOT = Path(__file__).parents[2]
WITHOUT_STORE = {name: it for name, it in os.environ.items() if not name.startswith("HEALTHMED_")}
ENVIRONMENT = {**WITHOUT_STORE, **store_settings()}  # or each run would start one


@dataclass(frozen=True)
class Started:
    """A `python -m embedded.run` that answers."""

    process: subprocess.Popen[str]
    said: str
    port: int

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)


@contextmanager
def running(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    beneath: Mapping[str, str] = ENVIRONMENT,
) -> Iterator[Started]:
    """Without demo data, on a free port; returns when it says that it is ready."""
    command = [sys.executable, "-m", "embedded.run", "--empty", "--port", "0", "--data"]
    with subprocess.Popen(
        [*command, str(folder), *arguments],
        cwd=ROOT,
        env={**beneath, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said = "".join(_until_ready(process))
            yield Started(process, said, port=int(said.rsplit(":", 1)[1].split("/")[0]))
        finally:
            process.terminate()
            process.wait(30)


def _until_ready(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        yield line
        if line.startswith("readiness"):
            return
    raise AssertionError(said)


def refused(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run that is meant to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "embedded.run", "--empty", "--data", folder, *arguments],
        cwd=ROOT,
        env=ENVIRONMENT | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def descendants(pid: int) -> dict[int, str]:
    """The command lines of a process's children and theirs, by pid."""
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").glob("[0-9]*")}
    found = {child for child, parent in parents.items() if parent == pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {child: _command(child) for child in found}


def workers_of(pid: int) -> set[int]:
    """Those of the `embedded.run` that has this pid."""
    return {child for child, command in descendants(pid).items() if "embedded.worker" in command}


def alive(pids: set[int]) -> set[int]:
    """Zombies do not count: whether somebody collects them is not ours to say."""
    return {pid for pid in pids if _parent(Path(f"/proc/{pid}")) is not None}


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it has not come true in time"
        time.sleep(0.05)


def _parent(process: Path) -> int | None:
    try:
        state, parent, *_ = (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else int(parent)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""
