"""ClamAV's daemon over its socket: the INSTREAM and PING of clamd(8)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import urlsplit

from domain.scanning import Finding, ScannerUnreachable

_PORT = 3310
_STEP = 10.0  # seconds: to connect, or to take one piece
_VERDICT = 60.0  # seconds, after the last piece
_PIECE = 1 << 16
_FOUND, _CLEAN = b" FOUND", b"stream: OK"

_Connection: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ClamAv:
    """`address`: tcp://host:port, or unix:/path of its socket. Raises ValueError for any other."""

    def __init__(self, address: str, *, step: float = _STEP, verdict: float = _VERDICT) -> None:
        parts = urlsplit(address)
        self._path = parts.path if parts.scheme == "unix" else None
        self._host, self._port = parts.hostname, parts.port or _PORT
        if not (self._path or (parts.scheme == "tcp" and self._host)):
            raise ValueError("It is tcp://host:port or unix:/path.")
        self._step, self._verdict = step, verdict

    async def scan(self, chunks: AsyncIterator[bytes], /) -> Finding | None:
        async with self._connected() as (reader, writer):
            await self._send(writer, b"zINSTREAM\0")
            async for chunk in chunks:
                for start in range(0, len(chunk), _PIECE):
                    piece = chunk[start : start + _PIECE]
                    await self._send(writer, len(piece).to_bytes(4, "big") + piece)
            await self._send(writer, bytes(4))  # a piece of no length is the last
            reply = await self._reply(reader, self._verdict)
        if reply == _CLEAN:
            return None
        if reply.endswith(_FOUND):
            return Finding(_shown(reply.removeprefix(b"stream: ").removesuffix(_FOUND)))
        raise ScannerUnreachable(_shown(reply))

    async def reachable(self) -> bool:
        try:
            async with self._connected() as (reader, writer):
                await self._send(writer, b"zPING\0")
                return await self._reply(reader, self._step) == b"PONG"
        except ScannerUnreachable:
            return False

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[_Connection]:
        try:
            async with asyncio.timeout(self._step):
                if self._path:
                    reader, writer = await asyncio.open_unix_connection(self._path)
                else:
                    reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError as fault:  # TimeoutError is one
            raise ScannerUnreachable(type(fault).__name__) from fault
        try:
            yield reader, writer
        finally:
            writer.transport.abort()  # what waits to be sent is of no use to anybody

    async def _send(self, writer: asyncio.StreamWriter, content: bytes) -> None:
        try:
            async with asyncio.timeout(self._step):
                writer.write(content)
                await writer.drain()
        except OSError as fault:
            raise ScannerUnreachable(type(fault).__name__) from fault

    async def _reply(self, reader: asyncio.StreamReader, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                reply = await reader.readuntil(b"\0")
        except (OSError, EOFError, asyncio.LimitOverrunError) as fault:
            raise ScannerUnreachable(type(fault).__name__) from fault
        return reply.removesuffix(b"\0")


class NoScanner:
    """Where none is set up. `trusting`: what nobody has looked at is taken; else nothing is."""

    def __init__(self, *, trusting: bool) -> None:
        self._trusting = trusting

    async def scan(self, chunks: AsyncIterator[bytes], /) -> Finding | None:
        if not self._trusting:
            raise ScannerUnreachable("none is set up")
        async for _ in chunks:
            pass
        return None

    async def reachable(self) -> bool:
        return self._trusting


def _shown(reply: bytes) -> str:
    return reply[:100].decode(errors="replace")
