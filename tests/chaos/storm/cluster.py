"""Two servers, each with its own way to one Postgres and S3, and who sends clients there."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from embedded import database, seaweed
from embedded.postgres import Postgres
from embedded.seaweed import Seaweed
from integrations import keys
from migrations import migrate
from tests.chaos.storm.way import Way
from tests.embedded.processes import ROOT, WITHOUT_STORE, descendants, workers_of
from tests.served import free_port

LOOK_EVERY = 0.5  # seconds: as balancers ask, in small
PATIENCE = 2.0  # seconds that an answer to that may take
FAILURES = 2  # one after the other, then nobody is sent there
PUBLIC = "http://127.0.0.1:8000"  # who issues the tokens, at whichever server


@dataclass
class Server:
    """One task of the service: a supervisor and its worker, on a port that it keeps."""

    name: str
    way: Way
    environment: Mapping[str, str]
    folder: Path
    port: int = 0
    failed: int = FAILURES  # answers to a balancer, one after the other
    process: subprocess.Popen[bytes] | None = None

    def __str__(self) -> str:
        """For whoever reads why a test has failed."""
        said = (self.folder / "said").read_text(errors="replace")
        return f"{self.name}, healthy: {self.healthy}, said: {said[-1500:]}"

    @property
    def healthy(self) -> bool:
        return self.failed < FAILURES

    def start(self) -> None:
        """Does not wait: whether it is ready the balancer sees."""
        self.folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "embedded.run", "--empty", "--data", str(self.folder)]
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                cwd=ROOT,
                env={**WITHOUT_STORE, **self.environment},
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def workers(self) -> set[int]:
        assert self.process is not None
        return workers_of(self.process.pid)

    def kill(self) -> None:
        """The supervisor and all that it started, at once."""
        assert self.process is not None
        for pid in (self.process.pid, *descendants(self.process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
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
    servers: list[Server] = field(default_factory=list)
    _turn: int = 0

    @classmethod
    @asynccontextmanager
    async def up(cls, folder: Path, postgres: Postgres) -> AsyncGenerator[Self]:
        with seaweed.scratch() as store:
            store.wait()
            await asyncio.to_thread(migrate.upgrade, postgres.url())
            await database.let_servers_in(postgres.url())
            keys.create(folder / "keys.json", wraps=True)
            cluster = cls(postgres, store)
            async with AsyncExitStack() as stack:
                for number in range(2):
                    way = Way(postgres._sockets, folder / f"way{number}")
                    await stack.enter_async_context(way.led())
                    there, here = str(postgres._sockets), str(way.here)
                    url = postgres.url(user=database.SERVERS).replace(there, here)
                    environment = {
                        **store.settings(),
                        "HEALTHMED_DATABASE_URL": url,
                        "HEALTHMED_KEYS_FILE": str(folder / "keys.json"),
                        "HEALTHMED_PUBLIC_URL": PUBLIC,
                        "HEALTHMED_TRANSPORT__DRAIN_SECONDS": "3",
                        "HEALTHMED_TRANSPORT__DRAIN_NOTICE_SECONDS": "1",
                    }
                    place = folder / f"server{number}"
                    server = Server(f"server {number}", way, environment, place, free_port())
                    server.start()
                    cluster.servers.append(server)
                looking = asyncio.create_task(cluster._look())
                try:
                    await cluster.whole()
                    yield cluster
                finally:
                    looking.cancel()
                    for server in cluster.servers:
                        server.kill()

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
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            while True:
                await asyncio.gather(*(self._ask(client, server) for server in self.servers))
                await asyncio.sleep(LOOK_EVERY)

    @staticmethod
    async def _ask(client: httpx.AsyncClient, server: Server) -> None:
        try:
            answer = await client.get(f"http://127.0.0.1:{server.port}/readyz")
            well = answer.status_code == httpx.codes.OK
        except httpx.HTTPError:
            well = False
        server.failed = 0 if well else server.failed + 1
