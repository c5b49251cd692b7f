"""A server as it is run, and how it is asked: the process that the judges sit over."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.embedded.processes import ENVIRONMENT, descendants
from tests.paths import ROOT

PATIENCE = 60  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Running:
    """One worker; whatever it and its parent say goes to the log."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int
    worker: int  # its process id

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def ask(self, query: str, token: str | None = None, /, **variables: Any) -> Any:
        """The value of the one root field."""
        answer = httpx.post(
            self.url,
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {token}"} if token else {},
            trust_env=False,
            timeout=20,
        ).json()
        assert "errors" not in answer, answer["errors"]
        [value] = answer["data"].values()
        return value

    def cpu(self) -> float:
        """Seconds of one core that the worker has used. Raises if it is no more."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def faults(self) -> list[str]:
        """The lines of the log by which the server says that it failed, or was started again."""
        words = ("Traceback", "unexpected error", "ERROR", "CRITICAL", "started again")
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in words)]


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    """Without demo data, on a free port, ready."""
    command = [sys.executable, "-m", "embedded.run", "--empty", "--port", "0", "--data"]
    log = folder / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*command, str(folder / "run")],
            cwd=ROOT,
            env={**ENVIRONMENT, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Running(process, log, _port(process, log), _worker(process.pid))
        finally:
            process.terminate()
            process.wait(30)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """As it says once it is ready."""
    deadline = time.monotonic() + PATIENCE
    while "\nreadiness" not in (said := log.read_text()):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
    return int(said.partition("readiness")[2].partition("/readyz")[0].rpartition(":")[2])


def _worker(parent: int) -> int:
    [pid] = [pid for pid, line in descendants(parent).items() if "embedded.worker" in line]
    return pid
