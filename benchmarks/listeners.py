"""Many who listen over WebSockets, in one process that keeps next to nothing of each.

A bare client on purpose: a library's buffers and tasks would be most of what it measures.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import cast

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
FIRST_SOURCE = 2  # 127.0.0.2
AT_ONCE = 200  # that are being opened
PATIENCE = 60.0  # seconds
_SOURCES = 20_000  # connections from one address: there are 28,000 ports


def text_frame(message: object) -> bytes:
    """Masked with nothing but zeros, which is as good as any mask here."""
    body = json.dumps(message).encode()
    size = len(body)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2)  # noqa: PLR2004
    return head + bytes(4) + body


class Crowd:
    """`mark`: what is in every event, once. `first_at`, `last_at`: when an event was first heard,
    and by all.
    """

    def __init__(self, mark: bytes) -> None:
        self.mark = mark
        self.first_at = self.last_at = 0.0
        self.members: list[Member] = []
        self.left = 0
        self.all_heard = asyncio.Event()

    def expect(self) -> None:
        """That everybody hears something."""
        self.left = len(self.members)
        self.all_heard.clear()

    def hears(self, times: int) -> None:
        if self.left == len(self.members):
            self.first_at = time.perf_counter()
        self.left -= times
        if self.left <= 0:
            self.last_at = time.perf_counter()
            self.all_heard.set()

    async def open(self, port: int, count: int, *messages: object) -> float:
        """Seconds that it took. `messages` are what each of them says first."""
        said = [*map(text_frame, messages)]
        return await self.open_each(port, [said] * count)

    async def open_each(
        self, port: int, said: Sequence[Sequence[bytes]], *, source: int = FIRST_SOURCE
    ) -> float:
        """Seconds that it took. `said`: of each, the frames of what he says first. `source`: the
        last number of the address that the first of them come from.
        """
        gate, loop = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop()

        async def one(number: int) -> None:
            address = f"127.0.0.{source + number // _SOURCES}"
            async with gate, asyncio.timeout(PATIENCE):
                opened = loop.create_future()
                _, member = await loop.create_connection(
                    lambda: self.member(number, said[number], opened),
                    *("127.0.0.1", port),
                    local_addr=(address, 0),
                )
                await opened
                self.members.append(member)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(len(said)):
                group.create_task(one(number))
        return time.perf_counter() - began

    def member(
        self, _number: int, said: Sequence[bytes], opened: "asyncio.Future[None]"
    ) -> "Member":
        return Member(self, said, opened)

    async def heard_by_all(self) -> float:
        """When the last of them had it."""
        async with asyncio.timeout(PATIENCE):
            await self.all_heard.wait()
        return self.last_at

    def close(self) -> None:
        for member in self.members:
            member.transport.abort()


class Member(asyncio.Protocol):
    """`opened` is done when the server has acknowledged the first thing that was `said`; until then
    nothing else may be (graphql-transport-ws).
    """

    __slots__ = ("_crowd", "_opened", "_said", "transport")

    def __init__(self, crowd: Crowd, said: Sequence[bytes], opened: "asyncio.Future[None]") -> None:
        self._crowd, self._said = crowd, said
        self._opened: asyncio.Future[None] | None = opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(HANDSHAKE)

    def data_received(self, content: bytes) -> None:
        if self._opened is None:
            self._crowd.hears(content.count(self._crowd.mark))
        elif b" 101 " in content:
            self.transport.write(self._said[0])
        else:
            self.transport.write(b"".join(self._said[1:]))
            self._open()

    def _open(self) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_result(None)
        self._opened = None

    def connection_lost(self, error: Exception | None) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_exception(error or ConnectionResetError())


class PlainCrowd(Crowd):
    """Who say nothing, and hear what `floor.c` says."""

    def __init__(self) -> None:
        super().__init__(b" ")

    def member(self, _: int, __: Sequence[bytes], opened: "asyncio.Future[None]") -> Member:
        return PlainMember(self, (), opened)


class PlainMember(Member):
    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._open()
