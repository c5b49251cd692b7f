"""What waits to be sent on one connection: bounded, in order, taken by one writer.

Events are offered, and refused when there is no room. Everything else is added, and so may go
beyond the bounds; who adds waits for `room` first where he can, and nothing more is read from a
client while there is none, so that one who does not read cannot make this grow.
"""

import asyncio
from collections import deque
from typing import NamedTuple, Protocol


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
    """`head + payload + tail`, held apart: the payload is one text for all who wait for it."""

    head: str
    payload: str = ""
    tail: str = ""
    owner: Owner | None = None

    @property
    def size(self) -> int:
        return len(self.head) + len(self.payload) + len(self.tail)


class Outbox:
    def __init__(self, *, messages: int, size: int) -> None:
        self._most_messages, self._most_size = messages, size
        self._frames: deque[Frame] = deque()
        self._messages = self._size = 0  # with the one that is being sent
        self._sending: Frame | None = None
        self._refused: dict[Owner, None] = {}  # in the order of their refusals
        self._some, self._room, self._none = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._room.set()
        self._none.set()
        self._seen: Frame | None = None  # being sent when one last asked

    def offer(self, frame: Frame, owner: Owner) -> bool:
        """False: no room, nothing taken; the owner hears of it when there is."""
        # A frame that is larger than the bound goes when it is alone.
        too_large = self._messages > 0 and self._size + frame.size > self._most_size
        if self._messages >= self._most_messages or too_large:
            self._refused[owner] = None
            return False
        self.add(frame)
        return True

    def add(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._count(frame, 1)
        self._some.set()

    async def room(self) -> None:
        while not self._room.is_set():
            await self._room.wait()

    @property
    def is_empty(self) -> bool:
        """All has been sent."""
        return self._messages == 0

    async def flushed(self) -> None:
        """Until all has been sent."""
        while self._messages:
            await self._none.wait()

    def stuck(self) -> bool:
        """Whether what was being sent when this was last asked is being sent still."""
        seen, self._seen = self._seen, self._sending
        return seen is not None and seen is self._sending

    async def take(self) -> str:
        """The next text to be sent. The one taken before it counts as sent from here on."""
        self._sent()
        while True:
            while not self._frames:
                self._some.clear()
                await self._some.wait()
            frame = self._frames.popleft()
            self._sending = frame
            if frame.owner is None or not frame.owner.stopped:
                return f"{frame.head}{frame.payload}{frame.tail}"
            self._sent()

    def _sent(self) -> None:
        if self._sending is not None:
            frame, self._sending = self._sending, None
            self._count(frame, -1)
            self._tell()

    def _tell(self) -> None:
        # Half empty, so that one event does not bring the next RESYNC.
        if (
            self._refused
            and self._messages <= self._most_messages // 2
            and self._size <= self._most_size // 2
        ):
            refused, self._refused = self._refused, {}
            for owner in refused:
                owner.drained()

    def _count(self, frame: Frame, sign: int) -> None:
        self._messages += sign
        self._size += sign * frame.size
        if self._messages:
            self._none.clear()
        else:
            self._none.set()
        if self._messages < self._most_messages and self._size < self._most_size:
            self._room.set()
        else:
            self._room.clear()
