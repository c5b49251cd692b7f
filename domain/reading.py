"""Reading files that come in pieces: what the readers of each type share.

A reader is a generator over a Source and yields when it needs bytes that have not come yet. What it
holds is bounded, however large the file. It raises Unfit, or comes to the end of the file.
"""

import re
from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Steps: TypeAlias = Generator[None, None, T]

PIECE = 1 << 16
LONGEST_SIDE = 20_000  # pixels
MOST_PIXELS = 100_000_000  # of one picture
MOST_OF_ALL_FRAMES = 1_000_000_000


class Unfit(Exception):
    """The message says what is wrong with the file, and what to mend."""


class Source:
    """What has come and was not read yet. `at`: how many bytes were read."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ended = False
        self.at = 0

    def add(self, piece: bytes) -> None:
        self._bytes += piece

    def end(self) -> None:
        self._ended = True

    def is_over(self) -> Steps[bool]:
        while not self._bytes:
            if self._ended:
                return True
            yield
        return False

    def some(self, most: int = PIECE) -> Steps[bytes]:
        """At least one byte, or none at the end of the file."""
        yield from self.is_over()
        return self._cut(most)

    def take(self, count: int) -> Steps[bytes]:
        """Exactly so many, which are few."""
        while len(self._bytes) < count:
            if self._ended:
                raise Unfit("The file ends too early; upload the whole of it.")
            yield
        return self._cut(count)

    def skip(self, count: int) -> Steps[None]:
        while count:
            count -= len((yield from self.take(min(count, PIECE))))

    def find(self, pattern: re.Pattern[bytes]) -> Steps[None]:
        """Read up to the next match. `pattern` is of one byte or two."""
        while True:
            match = pattern.search(self._bytes)
            self._cut(match.start() if match else len(self._bytes) - 1)
            if match:
                return
            before = len(self._bytes)
            while len(self._bytes) == before:
                if self._ended:
                    raise Unfit("The file ends too early; upload the whole of it.")
                yield

    def _cut(self, count: int) -> bytes:
        taken = bytes(self._bytes[: max(count, 0)])
        del self._bytes[: len(taken)]
        self.at += len(taken)
        return taken


class Reading:
    """A reader at work on what it is given. `add` and `end` raise Unfit."""

    def __init__(self, reader: Callable[[Source], Steps[None]]) -> None:
        self._source = Source()
        self._steps = reader(self._source)

    def add(self, piece: bytes) -> None:
        self._source.add(piece)
        next(self._steps, None)

    def end(self) -> None:
        self._source.end()
        next(self._steps, None)


def require_end(source: Source, of: str) -> Steps[None]:
    if not (yield from source.is_over()):
        raise Unfit(f"Something follows the end of the {of}; save it anew.")


def require_dimensions(width: int, height: int, frames: int = 1) -> None:
    """By what is declared: whoever decodes a small file may have to make room for so much."""
    if min(width, height, frames) < 1:
        raise Unfit("The picture has no width, no height or no frame.")
    if (
        max(width, height) > LONGEST_SIDE
        or width * height > MOST_PIXELS
        or width * height * frames > MOST_OF_ALL_FRAMES
    ):
        raise Unfit(
            f"The picture is too large: {LONGEST_SIDE} pixels a side and "
            f"{MOST_PIXELS // 1_000_000} megapixels, {MOST_OF_ALL_FRAMES // 1_000_000} in all "
            "frames, are the most."
        )
