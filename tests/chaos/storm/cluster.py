"""Two servers, each with its own way to one Postgres, and who sends clients to them."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from embedded import database, launch, seaweed
from embedded.postgres import Postgres
from embedded.seaweed import Seaweed
from integrations import keys
from tests.chaos.storm.way import Way
from tests.embedded.processes import WITHOUT_STORE
from tests.paths import ROOT
from tests.served import kept_port
from tests.valkey import Valkey

LOOK_EVERY = 0.5  # seconds: as balancers ask, in small
PATIENCE = 2.0  # seconds that an answer to that may take
FAILURES = 2  # one after the other, then nobody is sent there
PUBLIC = "http://127.0.0.1:8000"  # who issues the tokens, at whichever server
ALONE = httpx.Limits(max_keepalive_connections=0)  # each request goes by a connection of its own


@dataclass
class Server:
    """One task of the service, as its container runs it, on a port that it keeps."""

    name: str
    way: Way
    environment: Mapping[str, str]
    folder: Path
    code: Path = ROOT  # of which release
    port: int = field(default_factory=kept_port)
    failed: int = FAILURES  # answers to a balancer, one after the other
    process: subprocess.Popen[bytes] | None = None

    def __str__(self) -> str:
        """For whoever reads why a test has failed."""
        return f"{self.name}, healthy: {self.healthy}, said: {self.said[-1500:]}"

    @property
    def healthy(self) -> bool:
        return self.failed < FAILURES

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text(errors="replace")

    def start(self) -> None:
        """Does not wait: whether it is ready the balancer sees."""
        self.folder.mkdir(exist_ok=True)
        serve = (sys.executable, "-m", "embedded.serve", "--port", str(self.port))
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [*launch.command(launch.AS_US, signal.SIGKILL), *serve],
                cwd=self.code,
                env={**WITHOUT_STORE, **self.environment},
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    async def stop(self) -> None:
        """As a deploy does."""
        assert self.process is not None
        self.process.terminate()
        await asyncio.to_thread(self.process.wait, 40)


@dataclass
class Cluster:
    """What a clinic has: two servers, a database, a store; and a balancer that asks /readyz."""

    postgres: Postgres
    store: Seaweed
    client: httpx.AsyncClient  # of whoever asks anything of a server
    valkey: Valkey | None = None  # without one Postgres wakes the servers
    lasts: float = 1.5  # seconds, of faults that last
    servers: list[Server] = field(default_factory=list)
    _turn: int = 0

    @classmethod
    @asynccontextmanager
    async def up(
        cls,
        folder: Path,
        postgres: Postgres,
        *,
        valkey: Valkey | None = None,
        sockets: Path | None = None,
        urls: Sequence[str] = (),
        code: Path = ROOT,
        settings: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Self]:
        """Over a database that is migrated. `sockets`: where servers find it, if not Postgres' own
        folder. `urls`: by which each finds it, if not by a way of its own. `code`: of which
        release. `settings`: more of them.
        """
        await database.let_servers_in(postgres.url())
        keys.create(folder / "keys.json", wraps=True)
        async with AsyncExitStack() as stack:
            store = stack.enter_context(seaweed.scratch())
            client = httpx.AsyncClient(trust_env=False, limits=ALONE)
            cluster = cls(postgres, store, await stack.enter_async_context(client), valkey)
            store.wait()
            for number in range(2):
                way = Way(sockets or postgres._sockets, folder / f"way{number}")
                await stack.enter_async_context(way.led())
                url = postgres.url(user=database.SERVERS)
                url = url.replace(str(postgres._sockets), str(way.here))
                environment = {
                    **store.settings(),
                    **({"HEALTHMED_VALKEY_URL": valkey.url} if valkey else {}),
                    "HEALTHMED_DATABASE_URL": urls[number] if urls else url,
                    "HEALTHMED_KEYS_FILE": str(folder / "keys.json"),
                    "HEALTHMED_PUBLIC_URL": PUBLIC,
                    "HEALTHMED_MAIL_FOLDER": str(folder / "mail"),
                    "HEALTHMED_TRANSPORT__DRAIN_SECONDS": "3",
                    "HEALTHMED_TRANSPORT__DRAIN_NOTICE_SECONDS": "1",
                    **(settings or {}),
                }
                place = folder / f"server{number}"
                server = Server(f"server {number}", way, environment, place, code)
                server.start()
                stack.callback(server.kill)
                cluster.servers.append(server)
            looking = asyncio.create_task(cluster._look())
            try:
                await cluster.whole()
                yield cluster
            finally:
                looking.cancel()
                await asyncio.wait([looking])

    async def whole(self, seconds: float = 240) -> None:
        """Return when all servers are ready; fails the test if that takes too long."""
        deadline = time.monotonic() + seconds
        while not all(server.healthy for server in self.servers):
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(map(str, self.servers)))
            await asyncio.sleep(0.05)

    def somewhere(self) -> Server | None:
        """A server that was ready when it was last asked; the next one each time."""
        ready = [server for server in self.servers if server.healthy]
        self._turn += 1
        return ready[self._turn % len(ready)] if ready else None

    async def _look(self) -> None:
        while True:
            await asyncio.gather(*(self._ask(server) for server in self.servers))
            await asyncio.sleep(LOOK_EVERY)

    async def _ask(self, server: Server) -> None:
        url = f"http://127.0.0.1:{server.port}/readyz"
        try:
            answer = await self.client.get(url, timeout=PATIENCE)
            well = answer.status_code == httpx.codes.OK
        except httpx.HTTPError:
            well = False
        server.failed = 0 if well else server.failed + 1
