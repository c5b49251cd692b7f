"""Where the bytes of documents lie. They come and go past us: we sign who may send and fetch."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """What a browser posts: `fields` in this order, the file last as `file`."""

    url: str
    fields: tuple[tuple[str, str], ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """As it lies there now. `version`: of these bytes; what is stored later has another. `size` in
    bytes; `sha256` as the store reckoned it, in lower-case hexadecimal.
    """

    version: str
    size: int
    sha256: str | None


class StoreUnreachable(Exception):
    """It is down, slow beyond its time, or failing; nothing is known of what was asked."""


class Objects(Protocol):
    async def upload_form(
        self, key: str, /, *, content_type: str, size: int, sha256: str, at: datetime
    ) -> UploadForm: ...
    async def look_up(self, key: str, /) -> StoredObject | None: ...
    def read(
        self, key: str, version: str, /, *, first: int | None = None
    ) -> AsyncIterator[bytes]: ...
    async def link(
        self, key: str, version: str, /, *, name: str, content_type: str, at: datetime
    ) -> tuple[str, datetime]: ...
    async def put(
        self, key: str, chunks: AsyncIterator[bytes], /, *, content_type: str
    ) -> StoredObject: ...
    async def remove(self, key: str, /) -> None: ...
    async def reachable(self) -> bool: ...
