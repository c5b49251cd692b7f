"""A host that is gone says nothing: who waits for it over TCP gives it up by himself.

That the kernel does as it is told is seen in tests/chaos/test_network.py, where a cable is pulled.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from persistence import database

MOST = 15  # seconds


@asynccontextmanager
async def by_tcp(url: str) -> AsyncGenerator[str]:
    """The same database, whose sockets are Unix's alone."""
    parts = urlsplit(url)
    [folder], [port] = (parse_qs(parts.query)[name] for name in ("host", "port"))

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while came := await reader.read(65_536):
            writer.write(came)
        writer.close()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        await asyncio.gather(carry(reader, back), carry(there, writer))

    server = await asyncio.start_server(lead, "127.0.0.1", 0)
    host, at = server.sockets[0].getsockname()
    yield parts._replace(netloc=f"{parts.username}@{host}:{at}", query="").geturl()
    server.close()


async def test_a_host_that_says_nothing_is_given_up(own_url: str):
    async with by_tcp(own_url) as url:
        pool = await database.connect(url, size=1)
        async with pool.acquire() as connection:
            line = connection._con._transport.get_extra_info("socket")
            assert line.family == socket.AF_INET
            told = {
                name: line.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                for name in ("TCP_USER_TIMEOUT", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
            }
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        pool.terminate()

    assert told["TCP_USER_TIMEOUT"] == MOST * 1_000
    assert told["TCP_KEEPIDLE"] + told["TCP_KEEPINTVL"] * told["TCP_KEEPCNT"] == MOST
