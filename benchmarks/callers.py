"""Whoever asks over HTTP, on connections that are kept, each for one request at a time.

A bare client on purpose, as that of `listeners.py`.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

CONNECTIONS = 32
QUIET_MOST = 3.0  # seconds: uvicorn hangs up on who has been quiet for five


class Callers:
    """For whoever waits for his answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: asyncio.LifoQueue[tuple[Line, float]] = asyncio.LifoQueue()  # and since when
        self._open = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int) -> AsyncGenerator["Callers"]:
        it = cls(port)
        try:
            yield it
        finally:
            while not it._free.empty():
                (_, writer), _ = it._free.get_nowait()
                writer.close()

    async def ask(self, query: str, token: str | None = None, /, **variables: Any) -> Any:
        """The value of the only root field. Raises AssertionError for an answer with errors, or
        with problems.
        """
        line = await self._line()
        answer = json.loads(await asked(line, request(query, token, **variables)))
        self._free.put_nowait((line, time.monotonic()))
        if "errors" in answer:
            raise AssertionError(answer["errors"])
        [value] = answer["data"].values()
        if isinstance(value, dict) and value.get("problems"):
            raise AssertionError(value["problems"])
        return value

    async def _line(self) -> "Line":
        if self._free.empty() and self._open < CONNECTIONS:
            self._open += 1
            return await self._new()
        line, since = await self._free.get()
        if time.monotonic() - since <= QUIET_MOST:
            return line
        line[1].close()
        return await self._new()

    async def _new(self) -> "Line":
        return await asyncio.open_connection("127.0.0.1", self._port)


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def request(query: str, token: str | None, **variables: Any) -> bytes:
    body = json.dumps({"query": query, "variables": variables}).encode()
    return posted(body, {"authorization": f"Bearer {token}"} if token else {})


def posted(body: bytes, headers: Mapping[str, str]) -> bytes:
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    return (
        b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        b"%scontent-length: %d\r\n\r\n%s" % (more, len(body), body)
    )


async def asked(line: Line, request: bytes) -> bytes:
    """What the answer carries."""
    reader, writer = line
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    return await reader.readexactly(_length(head))


async def closed_loop(
    port: int, requests: Iterable[bytes], heard: Callable[[bytes, float], None], *, connections: int
) -> None:
    """Each of the connections asks as soon as it is answered, until there is no request left.
    `heard` is told what an answer carries, and the seconds that it took.
    """
    loop, waiting = asyncio.get_running_loop(), deque(requests)
    askers = []
    for _ in range(connections):
        _, asker = await loop.create_connection(lambda: _Asker(waiting, heard), "127.0.0.1", port)
        askers.append(asker)
    for asker in askers:
        asker.ask()
    await asyncio.gather(*(asker.done for asker in askers))


class _Asker(asyncio.Protocol):
    """Costs a third of what a stream does: it is not to be what is measured."""

    def __init__(self, waiting: deque[bytes], heard: Callable[[bytes, float], None]) -> None:
        self._waiting, self._heard, self._content = waiting, heard, b""
        self._began = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self) -> None:
        if self._waiting:
            self._began = time.perf_counter()
            self._transport.write(self._waiting.popleft())
        else:
            self.done.set_result(None)
            self._transport.close()

    def data_received(self, content: bytes) -> None:
        self._content += content
        head, end, body = self._content.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._content = b""
        try:
            self._heard(body, time.perf_counter() - self._began)
        except Exception as error:  # noqa: BLE001  # for whoever waits for all of it
            self._end(error)
        else:
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionResetError())

    def _end(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0])
