"""Looking for malware in what is uploaded: a port."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Finding:
    """`signature`: as the scanner calls it."""

    signature: str


class ScannerUnreachable(Exception):
    """It is down, too slow, or could not look at all of it: nothing is known of the file."""


class Scanner(Protocol):
    async def scan(self, chunks: AsyncIterator[bytes], /) -> Finding | None:
        """Takes all chunks, whatever is in them. Raises ScannerUnreachable, or what `chunks` do."""
        ...

    async def reachable(self) -> bool: ...
