"""Fifty who send the worst documents that we know of, without a pause, and one who only asks."""

import asyncio
import itertools
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.judges import people
from tests.judges.running import Running
from tests.transport.test_attacks import BODIES, TEXTS, VARIABLES

ATTACKERS = 50
SECONDS = 2.5
TIMES = 3  # that a question may take longer than alone
TRIES = 5  # for a machine that others use, too
QUESTION = """{
  doctors(first: 20) { nodes { id name rating { average } nextSlots(first: 5) { id startsAt } } }
}"""


def attacks() -> list[bytes]:
    """Texts of every kind; # is for a number, so that no two are the same."""
    texts = [{"query": text + "\n#{}"} for text in TEXTS.values()]
    valued = [{"query": text, "variables": {"v": value}} for text, value in VARIABLES.values()]
    return [json.dumps(each).encode() for each in texts + valued] + list(BODIES.values())


def http(body: bytes) -> bytes:
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + body


class Line:
    """One connection, opened again when the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Head and body of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(size)
        if b"connection: close" in head:
            self.close()
        return head, body

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


async def attack(port: int, first: int, answered: list[int]) -> None:
    line, numbers = Line(port), itertools.count(first * 1_000_000)
    try:
        for body in itertools.cycle(attacks()[first:] + attacks()[:first]):
            own = body.replace(b"#{}", b"#%d" % next(numbers))
            try:
                head, _ = await line.ask(http(own))
            except (OSError, asyncio.IncompleteReadError):
                line.close()
                continue
            assert b" 5" not in head[:13], head
            answered.append(len(own))
    finally:
        line.close()


@asynccontextmanager
async def besieged(port: int) -> AsyncIterator[list[int]]:
    answered: list[int] = []
    async with asyncio.TaskGroup() as group:
        crowd = [group.create_task(attack(port, n, answered)) for n in range(ATTACKERS)]
        await asyncio.sleep(0.5)
        yield answered
        for attacker in crowd:
            attacker.cancel()


async def median(port: int, seconds: float) -> float:
    """Of the time that the question takes, asked ten times a second at most."""
    line, request, took = Line(port), http(json.dumps({"query": QUESTION}).encode()), []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        head, body = await line.ask(request)
        took.append(time.perf_counter() - began)
        assert b" 200 " in head, body
        assert (json.loads(body)["data"] or {}).get("doctors"), body
        await asyncio.sleep(0.1)
    line.close()
    return statistics.median(took)


async def test_a_question_is_answered_among_fifty_attackers(server: Running):
    for _ in range(5):
        people.publish(server, people.doctor(server), 5)

    figures = []
    for _ in range(TRIES):
        alone = await median(server.port, 1.0)
        async with besieged(server.port) as answered:
            among = await median(server.port, SECONDS)
        figures.append(f"{alone:.3f} s alone, {among:.3f} s among, {len(answered)} attacks")
        if among <= TIMES * alone:
            break
    else:
        raise AssertionError(figures)
    assert answered, "nobody attacked"
