"""Archives: a ZIP that is written from its beginning to its end, piece by piece, as it is sent.

No more of it is held than what is at hand. What is packed already is stored as it is.
"""

import unicodedata
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_NAME_LONGEST = 100  # characters, so that every system can unpack it


class _Sink:
    """Takes what is written, which nobody can go back in, and hands it on."""

    def __init__(self) -> None:
        self._taken = bytearray()

    def write(self, content: bytes) -> int:
        self._taken += content
        return len(content)

    def flush(self) -> None:
        pass

    def drain(self) -> bytes:
        drained = bytes(self._taken)
        self._taken.clear()
        return drained


class Archive:
    """`at`: the time that all of its files bear, in UTC, for a ZIP knows no zones."""

    def __init__(self, at: datetime) -> None:
        self._sink, self._time = _Sink(), at.timetuple()[:6]
        self._zip = ZipFile(cast("IO[bytes]", self._sink), "w")

    async def add(
        self, name: str, content: AsyncGenerator[bytes], *, packed: bool = False
    ) -> AsyncGenerator[bytes]:
        """What the archive has grown by, piece by piece."""
        info = ZipInfo(name, self._time)
        info.compress_type = ZIP_STORED if packed else ZIP_DEFLATED
        with self._zip.open(info, "w") as member:
            async with aclosing(content) as pieces:
                async for piece in pieces:
                    member.write(piece)
                    if grown := self._sink.drain():
                        yield grown
        yield self._sink.drain()

    def end(self) -> bytes:
        self._zip.close()
        return self._sink.drain()


def safe_name(name: str, suffix: str) -> str:
    """A name that a person gave, as one that leads nowhere and that every system takes; with this
    suffix, by which its content is known.
    """
    composed = unicodedata.normalize("NFC", name)
    stem = composed[: -len(suffix)] if composed.lower().endswith(suffix) else composed
    kept = "".join(letter if letter.isalnum() or letter in " ._-()" else "_" for letter in stem)
    return f"{kept[:_NAME_LONGEST].strip(' .') or 'documento'}{suffix}"
