"""uvicorn's HTTP/1.1, of which an answer leaves in one piece.

uvicorn writes the head of an answer, then its body: each a call into the system, a packet, and a
client who wakes up, for a tenth of what a small answer costs. Here what is written within one turn
of the loop is written together at the end of it.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST = 64 * 1024  # bytes that wait for the end of a turn: who writes more may never end his


class Gathered:
    """A transport, as uvicorn uses one."""

    __slots__ = ("_loop", "_parts", "_size", "bare")

    def __init__(self, bare: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.bare, self._loop = bare, loop
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, part: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(part)
        self._size += len(part)
        if self._size > MOST:
            self.flush()

    def close(self) -> None:
        self.flush()
        self.bare.close()

    def flush(self) -> None:
        if not self._parts:
            return
        whole = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        if not self.bare.is_closing():  # the client may have gone
            self.bare.write(whole)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)


class GatheringHttp(HttpToolsProtocol):
    """For uvicorn's `http`."""

    def connection_made(  # type: ignore[override]  # as uvicorn has it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self._gathered = Gathered(transport, self.loop)
        self.transport = cast("asyncio.Transport", self._gathered)

    def eof_received(self) -> None:
        """A client who has no more to say may still listen, but the transport closes itself."""
        self._gathered.flush()

    def handle_websocket_upgrade(self) -> None:
        """A line writes for itself."""
        self._gathered.flush()
        self.transport = self._gathered.bare
        super().handle_websocket_upgrade()
