from collections.abc import AsyncIterator
from typing import Protocol


class ScannerUnreachable(Exception): ...


class Scanner(Protocol):
    async def scan(self, chunks: AsyncIterator[bytes], /) -> str | None: ...
