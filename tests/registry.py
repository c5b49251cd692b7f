"""Somebody outside, on the loopback, who answers as a test wants (RFC 9112, the least of it)."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

SILENCE, HANGS_UP = "silence", "hangs up"


@dataclass
class RegistryServer:
    """`usual`: what it answers; `next`: what it answers first, each once. A text is sent as it is,
    a number is a status without a body, and a pair is both.
    """

    usual: Any
    next: list[Any] = field(default_factory=list)
    slow: float = 0.0
    port: int = 0
    heads: list[str] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/look-up"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            self.heads.append(head)
            length = max(
                int(line.split(":")[1]) if line.lower().startswith("content-length:") else 0
                for line in head.splitlines()
            )
            self.asked.append(json.loads(await reader.readexactly(length) or b"null"))
            answer = self.next.pop(0) if self.next else self.usual
            if answer == HANGS_UP:
                return
            if answer == SILENCE:
                await asyncio.Event().wait()
            await asyncio.sleep(self.slow)
            if isinstance(answer, int):
                answer = (answer, {})
            status, content = answer if isinstance(answer, tuple) else (200, answer)
            body = content if isinstance(content, str) else json.dumps(content)
            writer.write(
                f"HTTP/1.1 {status} said\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
            )


async def _head(reader: asyncio.StreamReader) -> str:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    return ""


@asynccontextmanager
async def serving(server: RegistryServer) -> AsyncGenerator[RegistryServer]:
    """At the same port as before, if it had one."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await server._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the streams of Python 3.11 would log it
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", server.port)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
