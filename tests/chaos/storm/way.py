"""The way from a server to its Postgres, which can be slow, dead, or cut."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from embedded.postgres import PORT

_SOCKET = f".s.PGSQL.{PORT}"


class Way:
    """Between two folders of sockets. `delay`: seconds that each piece of bytes takes.

    While `open` is not set nothing arrives and nobody is told, as when a cable is pulled.
    """

    def __init__(self, there: Path, here: Path) -> None:
        self.here = here
        self.delay = 0.0
        self.open = asyncio.Event()
        self.open.set()
        self._there = there / _SOCKET
        self._carriers: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def led(self) -> AsyncGenerator[None]:
        self.here.mkdir()
        server = await asyncio.start_unix_server(self._lead, self.here / _SOCKET)
        try:
            yield
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """Ends all connections at once, as a network does that has lost them meanwhile."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_unix_connection(self._there)
        except OSError:  # it is away
            writer.transport.abort()
            return
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._carry(source, target))
            self._carriers.add(task)
            task.add_done_callback(self._carriers.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError):
                while came := await reader.read(65_536):
                    if self.delay:
                        await asyncio.sleep(self.delay)
                    await self.open.wait()
                    writer.write(came)
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()
