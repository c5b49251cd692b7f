"""`./dev run --watch`: the page from Vite, which shows each change at once, and workers that are
started anew when Python has changed.

Vite has an origin of its own and hands on what is the server's (web/vite.config.ts), so that a page
has one origin, as it has when it was built.
"""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from embedded.launch import AS_US, command
from embedded.workers import ROOT, Workers

HOST = "127.0.0.1"
VITE = Path("node_modules/vite/bin/vite.js")
PATIENCE = 5  # seconds until Vite is killed
BRIEFLY = 2  # seconds until workers are: whoever works on them does not wait for a drain
WATCHED = (
    *("app.py", "domain", "schema", "resolvers", "subscriptions", "plans", "persistence"),
    *("integrations", "transport", "wiring"),
)


class Vite:
    """Its server, on `port`, or a free one for 0. `api`: where what is not a page's is answered."""

    def __init__(self, port: int, api: str) -> None:
        self._command = [*command(AS_US), _node(), str(VITE), "--host", HOST, "--strictPort"]
        self._api = api
        self._port = port or _free()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def settings(self) -> Mapping[str, str]:
        """With which the server takes what Vite hands on for its own page's."""
        origins = json.dumps([self.origin])
        return {"HEALTHMED_PUBLIC_URL": self.origin, "HEALTHMED_TRANSPORT__ORIGINS": origins}

    def start(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [*self._command, "--port", str(self._port)],
            cwd=ROOT / "web",
            env={**environment, "HEALTHMED_URL": self._api},
            stdin=subprocess.DEVNULL,
            process_group=0,  # a Ctrl-C in the terminal is for us, who then end things in order
        )

    def require(self) -> None:
        if self._process is not None and (status := self._process.poll()) is not None:
            sys.exit(f"Vite has ended by itself, with status {status}.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Sources:
    """The files of Python that workers are made of, as they were when one last looked."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._seen = self._look()

    def changed(self) -> list[str]:
        """Those that have changed, come or gone since."""
        before, self._seen = self._seen, self._look()
        paths = before.keys() | self._seen.keys()
        changed = (path for path in paths if before.get(path) != self._seen.get(path))
        return sorted(str(path.relative_to(self._root)) for path in changed)

    def _look(self) -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in self._paths() if path.exists()}

    def _paths(self) -> Iterator[Path]:
        for name in WATCHED:
            path = self._root / name
            yield from path.rglob("*.py") if path.is_dir() else [path]


class Reloading:
    """Workers that are made of what is there now. Whoever falls waits for the next change."""

    def __init__(self, workers: Workers) -> None:
        self._workers, self._sources = workers, Sources()
        self._fallen = False

    def look(self) -> None:
        if changed := self._sources.changed():
            print(f"{', '.join(changed)}: the server is started anew", flush=True)
            self._workers.renew(BRIEFLY)
            self._fallen = False
        elif not self._fallen and self._workers.has_fallen:
            print("the server has ended; it is started anew with the next change", flush=True)
            self._fallen = True


def _node() -> str:
    """Itself: what a wheel puts on the PATH starts another process, and does not end it."""
    if (found := shutil.which("node")) is None:
        sys.exit("--watch needs node on the PATH; ./dev run --watch brings it.")
    return subprocess.check_output([found, "-p", "process.execPath"], text=True).strip()


def _free() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
