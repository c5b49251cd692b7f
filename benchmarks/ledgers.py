"""Many who listen, in processes of their own, and write down what they hear and when.

A process may open 20,000 files in many places, so that no one of them holds the whole crowd. All
clocks are one: `time.perf_counter` is the machine's.
"""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeAlias

import orjson

from benchmarks.listeners import FIRST_SOURCE, Crowd, Member, text_frame

PROCESSES = 2
HUNG_UP = "hung up"
_PONG = text_frame({"type": "pong"})
_SHORT, _LONG = 126, 127  # RFC 6455, 5.2: how the length of a frame is told
_SOURCES_EACH = 10


class Heard(NamedTuple):
    """`member`: his number. `what`: see `Member`. `at`: as `time.perf_counter` has it."""

    member: int
    what: str
    at: float


# By what was said: when it was to happen, and who is to hear it.
Told: TypeAlias = Mapping[str, tuple[float, Sequence[int]]]


@dataclass(frozen=True, kw_only=True)
class Balance:
    """`delays`: seconds, sorted, of all that was heard. `hung_up`: how many have been. `others`:
    what was heard besides, as of appointments that expire.
    """

    delays: Sequence[float]
    lost: int
    doubled: int
    hung_up: int
    others: int

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.hung_up)

    def __str__(self) -> str:
        return (
            f"{len(self.delays):,} deliveries, {self.lost} lost, {self.doubled} doubled,"
            f" {self.hung_up} hung up on, {self.others} of others;"
            f" p50 {ms(self.delays, 0.5)}, p99 {ms(self.delays, 0.99)},"
            f" the latest {ms(self.delays, 1)}"
        )


def balance(told: Told, heard: Sequence[Heard]) -> Balance:
    """What was heard against what was told."""
    counts = Counter((each.member, each.what) for each in heard)
    due = {(member, what) for what, (_, members) in told.items() for member in members}
    times = ((told[each.what][0], each) for each in heard if each.what in told)
    return Balance(
        delays=sorted(each.at - began for began, each in times if (each.member, each.what) in due),
        lost=len(due - counts.keys()),
        doubled=sum(count - 1 for count in counts.values()),
        hung_up=sum(what == HUNG_UP for _, what in counts),
        others=sum(what != HUNG_UP for _, what in counts.keys() - due),
    )


def ms(seconds: Sequence[float], part: float) -> str:
    """A quantile of what is sorted."""
    if not seconds:
        return "-"
    return f"{1e3 * seconds[min(int(part * len(seconds)), len(seconds) - 1)]:,.1f} ms"


class Audience:
    """`seconds`: that it took to open all of them."""

    def __init__(self, pipes: Sequence[Connection], seconds: float) -> None:
        self._pipes, self.seconds = pipes, seconds

    def heard(self) -> list[Heard]:
        """All of it; nobody listens any longer."""
        for pipe in self._pipes:
            pipe.send(None)
        return [Heard(*each) for pipe in self._pipes for each in pipe.recv()]


@contextmanager
def audience(
    ports: Sequence[int], said: Sequence[Sequence[bytes]], *, size: int = 0
) -> Iterator[Audience]:
    """`said`: of each, the frames of what he says first. `ports`: one for each process, or one for
    all. `size`: of messages that are no frames, where no WebSocket is spoken.
    """
    context = multiprocessing.get_context("spawn")
    share = -(-len(said) // PROCESSES)
    pipes, running = [], []
    try:
        for number, start in enumerate(range(0, len(said), share)):
            ours, theirs = context.Pipe()
            mine = _Share(
                port=ports[number % len(ports)],
                first=start,
                said=said[start : start + share],
                source=FIRST_SOURCE + _SOURCES_EACH * number,
                size=size,
            )
            process = context.Process(target=_listen, args=(theirs, mine), daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)
            running.append(process)
        yield Audience(pipes, max(pipe.recv() for pipe in pipes))
    finally:
        for process in running:
            process.terminate()
            process.join(10)


class _Share(NamedTuple):
    """Of the crowd, for one process. `source`: see `Crowd.open_each`."""

    port: int
    first: int
    said: Sequence[Sequence[bytes]]
    source: int
    size: int


def _listen(pipe: Connection, share: _Share) -> None:
    asyncio.run(_write_down(pipe, share))


async def _write_down(pipe: Connection, share: _Share) -> None:
    crowd = _Writing(share.first, share.size)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    pipe.send(await crowd.open_each(share.port, share.said, source=share.source))
    loop.add_reader(pipe.fileno(), stop.set)
    await stop.wait()
    loop.remove_reader(pipe.fileno())
    pipe.send([tuple(each) for each in crowd.heard])
    crowd.close()


class _Writing(Crowd):
    """`first`: the number of its first member."""

    def __init__(self, first: int, size: int) -> None:
        super().__init__(b"")
        self._first, self._size = first, size
        self.heard: list[Heard] = []

    def member(self, number: int, said: Sequence[bytes], opened: "asyncio.Future[None]") -> Member:
        if self._size:
            return _Plain(self, self._first + number, self._size, opened)
        return _Reader(self, self._first + number, said, opened)


class _Reader(Member):
    """Writes down, of each event, `kind id`."""

    __slots__ = ("_ledger", "_number", "_rest")

    def __init__(
        self,
        ledger: _Writing,
        number: int,
        said: Sequence[bytes],
        opened: "asyncio.Future[None]",
    ) -> None:
        super().__init__(ledger, said, opened)
        self._ledger, self._number, self._rest = ledger, number, b""

    def data_received(self, content: bytes) -> None:
        if self._opened is not None:
            super().data_received(content)
            return
        at = time.perf_counter()
        self._rest += content
        while (found := _frame(self._rest)) is not None:
            message, self._rest = found
            self._read(message, at)

    def _read(self, message: bytes, at: float) -> None:
        told = orjson.loads(message) if message else {}
        if told.get("type") == "ping":
            self.transport.write(_PONG)
        elif told.get("type") == "next":
            self._ledger.heard.append(Heard(self._number, _what(told["payload"]), at))

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._ledger.heard.append(Heard(self._number, HUNG_UP, time.perf_counter()))


class _Plain(Member):
    """Writes down what a message begins with, up to its first space."""

    __slots__ = ("_ledger", "_number", "_rest", "_size")

    def __init__(
        self, ledger: _Writing, number: int, size: int, opened: "asyncio.Future[None]"
    ) -> None:
        super().__init__(ledger, (), opened)
        self._ledger, self._number, self._size, self._rest = ledger, number, size, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._open()

    def data_received(self, content: bytes) -> None:
        at = time.perf_counter()
        self._rest += content
        while len(self._rest) >= self._size:
            what = self._rest.partition(b" ")[0].decode()
            self._ledger.heard.append(Heard(self._number, what, at))
            self._rest = self._rest[self._size :]


def _frame(content: bytes) -> tuple[bytes, bytes] | None:
    """What the first frame carries, and all behind it; nothing of a control frame."""
    if len(content) < 2:  # noqa: PLR2004
        return None
    size, start = content[1], 2
    if size == _SHORT:
        size, start = int.from_bytes(content[2:4]), 4
    elif size == _LONG:
        size, start = int.from_bytes(content[2:10]), 10
    if len(content) < start + size:
        return None
    is_text = content[0] & 0x0F == 1
    return (content[start : start + size] if is_text else b""), content[start + size :]


def _what(payload: dict[str, Any]) -> str:
    [change] = (payload.get("data") or {"": None}).values()
    if change is None:
        return f"errors {payload.get('errors')}"
    thing = change.get("slot") or change.get("appointment") or {}
    return f"{change['kind']} {thing.get('id')}"
