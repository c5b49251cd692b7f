"""Whoever asks without waiting for answers: so many requests a second, whatever becomes of them."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

SEPARATOR = b"\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """`seconds`: from the moment when it was to be asked."""

    status: int
    retry_after: str | None
    seconds: float
    at: float


class Asking(asyncio.Protocol):
    """A connection that is kept alive: one request at a time."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._told = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, content: bytes) -> None:
        self._told += content
        head, found, body = self._told.partition(SEPARATOR)
        length = int(header(head, b"content-length") or 0)
        if found and len(body) >= length and self._answer and not self._answer.done():
            self._told = b""
            self._answer.set_result(head)

    def connection_lost(self, fault: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(fault or ConnectionResetError())

    async def ask(self, request: bytes) -> bytes:
        """The head of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


def header(head: bytes, name: bytes) -> str | None:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip().decode()
    return None


@dataclass
class Flood:
    """Requests to one server, over as many connections as it takes."""

    host: str
    port: int
    request: bytes
    answers: list[Answer] = field(default_factory=list)
    idle: deque[Asking] = field(default_factory=deque)
    made: list[Asking] = field(default_factory=list)

    async def once(self, due: float) -> Answer:
        if self.idle:
            line = self.idle.pop()
        else:
            loop = asyncio.get_running_loop()
            _, line = await loop.create_connection(Asking, self.host, self.port)
            self.made.append(line)
        head = await line.ask(self.request)
        self.idle.append(line)
        now = time.perf_counter()
        status = int(head.split(b" ", 2)[1])
        answer = Answer(status, header(head, b"retry-after"), now - due, now)
        self.answers.append(answer)
        return answer

    async def closed(self, connections: int, seconds: float) -> float:
        """Requests a second that are answered if so many clients ask, each again when answered."""
        end, count = time.perf_counter() + seconds, 0

        async def client() -> None:
            nonlocal count
            while (now := time.perf_counter()) < end:
                assert (await self.once(now)).status == 200
                count += 1

        await asyncio.gather(*(client() for _ in range(connections)))
        return count / seconds

    async def open(self, per_second: float, seconds: float) -> list[Answer]:
        """All answers to so many requests a second, in the order in which they came."""
        before, began, asked = len(self.answers), time.perf_counter(), 0
        asking = set()
        while (passed := time.perf_counter() - began) < seconds:
            while asked < passed * per_second:
                asking.add(asyncio.create_task(self.once(began + asked / per_second)))
                asked += 1
            await asyncio.sleep(0.005)
        await asyncio.gather(*asking)
        return self.answers[before:]

    def close(self) -> None:
        for line in self.made:
            line.transport.close()
