"""What waits to be sent on one connection: bounded, and in order.

Events are offered, and refused when there is no room. Everything else is added, and so may go
beyond the bounds; who adds waits for `room` first where he can, and nothing more is read from a
client while there is none, so that one who does not read cannot make this grow.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from transport.frames import shared_frame, text_frame
from transport.line import Line


class Owner(Protocol):
    """Whose frame it is."""

    @property
    def stopped(self) -> bool:
        """Nothing of his is to be sent any more, not even what waits already."""
        ...

    def drained(self) -> None:
        """There is room again, after an offer of his was refused. It may be refused again."""
        ...


class Frame(NamedTuple):
    """`head + payload + tail`, held apart: the payload is the same for all who wait for it."""

    head: bytes
    payload: bytes = b""
    tail: bytes = b""
    owner: Owner | None = None

    @property
    def size(self) -> int:
        return len(self.head) + len(self.payload) + len(self.tail)


class Outbox:
    __slots__ = (
        "_change",
        "_frames",
        "_messages",
        "_most_messages",
        "_most_size",
        "_refused",
        "_size",
    )

    def __init__(self, *, messages: int, size: int) -> None:
        self._most_messages, self._most_size = messages, size
        # Nobody has any of these who is up to date, and most are: most of the time.
        self._frames: deque[Frame] | None = None
        self._refused: dict[Owner, None] | None = None  # in the order of their refusals
        self._change: asyncio.Future[None] | None = None
        self._messages = self._size = 0  # with the one that is being sent

    def offer(self, head: bytes, payload: bytes, tail: bytes, owner: Owner) -> bool:
        """A frame of these. False: no room, nothing taken; the owner hears of it when there is."""
        return self._take(Frame(head, payload, tail, owner), owner)

    def _take(self, frame: Frame, owner: Owner) -> bool:
        # A frame that is larger than the bound goes when it is alone.
        too_large = self._messages > 0 and self._size + frame.size > self._most_size
        if self._messages >= self._most_messages or too_large:
            if self._refused is None:
                self._refused = {}
            self._refused[owner] = None
            return False
        self.add(frame)
        return True

    def offer_all(self, frames: Sequence[Frame], owner: Owner) -> int:
        """How many of them were taken: from the first on, until there was no room."""
        for taken, frame in enumerate(frames):
            if not self._take(frame, owner):
                return taken
        return len(frames)

    def add(self, frame: Frame) -> None:
        if self._frames is None:
            self._frames = deque()
        self._frames.append(frame)
        self._messages += 1
        self._size += frame.size

    @property
    def has_room(self) -> bool:
        return self._messages < self._most_messages and self._size < self._most_size

    @property
    def is_empty(self) -> bool:
        """All has been sent."""
        return self._messages == 0

    async def room(self) -> None:
        while not self.has_room:
            await self._changes()

    async def flushed(self) -> None:
        """Until all has been sent."""
        while self._messages:
            await self._changes()

    async def _changes(self) -> None:
        if self._change is None:
            self._change = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._change)

    def _next(self) -> Frame | None:
        if self._frames is None:
            return None
        frame = self._frames.popleft()
        if not self._frames:
            self._frames = None
        return frame

    def _went(self, frame: Frame) -> None:
        self._messages -= 1
        self._size -= frame.size
        if self._change is not None:
            self._change.set_result(None)
            self._change = None
        # Half empty, so that one event does not bring the next RESYNC.
        if (
            self._refused
            and self._messages <= self._most_messages // 2
            and self._size <= self._most_size // 2
        ):
            refused, self._refused = self._refused, None
            for owner in refused:
                owner.drained()


class TakenOutbox(Outbox):
    """For one writer, who takes."""

    def __init__(self, *, messages: int, size: int) -> None:
        super().__init__(messages=messages, size=size)
        self._some = asyncio.Event()
        self._sending: Frame | None = None
        self._seen: Frame | None = None  # being sent when one last asked

    def add(self, frame: Frame) -> None:
        super().add(frame)
        self._some.set()

    def stuck(self) -> bool:
        """Whether what was being sent when this was last asked is being sent still."""
        seen, self._seen = self._seen, self._sending
        return seen is not None and seen is self._sending

    async def take(self) -> bytes:
        """The next to be sent. The one taken before it counts as sent from here on."""
        self._sent()
        while True:
            while (frame := self._next()) is None:
                self._some.clear()
                await self._some.wait()
            self._sending = frame
            if frame.owner is None or not frame.owner.stopped:
                return b"".join(frame[:3])
            self._sent()

    def _sent(self) -> None:
        if self._sending is not None:
            frame, self._sending = self._sending, None
            self._went(frame)


class LineOutbox(Outbox):
    """For a line, to which all goes at once while it takes it."""

    __slots__ = ("_line",)

    def __init__(self, line: Line, *, messages: int, size: int) -> None:
        super().__init__(messages=messages, size=size)
        self._line = line

    def offer(self, head: bytes, payload: bytes, tail: bytes, owner: Owner) -> bool:
        # Once for each listener of each event, so that nothing is made that is not sent.
        if self._line.writable and not self._messages:
            self._line.send(shared_frame(head, payload, tail))
            return True
        return super().offer(head, payload, tail, owner)

    def offer_all(self, frames: Sequence[Frame], owner: Owner) -> int:
        size = sum(frame.size for frame in frames)
        if self._line.writable and not self._messages and size <= self._most_size:
            self._line.send(b"".join(shared_frame(*frame[:3]) for frame in frames))
            return len(frames)
        return super().offer_all(frames, owner)

    def add(self, frame: Frame) -> None:
        if self._line.writable and not self._messages:
            self._line.send(text_frame(frame.head, frame.payload, frame.tail))
        else:
            super().add(frame)

    def flow(self) -> None:
        """The line takes something again."""
        while self._line.writable and (frame := self._next()) is not None:
            if frame.owner is None or not frame.owner.stopped:
                self._line.send(text_frame(frame.head, frame.payload, frame.tail))
            self._went(frame)
