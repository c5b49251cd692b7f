"""The object store: where files lie, while rows say whose they are. Bytes pass by the server.

Keys are ours and say nothing of what lies there. Whatever is stored under a key once more is
another version; the one before stays as it is, and is read by its name.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, Protocol

CHUNK = 65_536  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """What a browser posts to `url` as multipart/form-data: `fields` in this order, then `file`.

    It is good for one key, type, size and content; anything else is refused by the store.
    """

    url: str
    fields: tuple[tuple[str, str], ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """`sha256`: as the store reckoned it, lower-case hexadecimal; None where it did not."""

    version: str
    size: int  # bytes
    sha256: str | None


class StoreUnreachable(Exception):
    """The store is down, slow beyond its time, or failing. Nothing is known of what was asked."""


class Objects(Protocol):
    """Everything may raise StoreUnreachable, but for `reachable`."""

    async def upload_form(
        self, key: str, /, *, content_type: str, size: int, sha256: str, at: datetime
    ) -> UploadForm:
        """Good for limits.upload_for; asks nobody. `sha256`: lower-case hexadecimal."""
        ...

    async def look_up(self, key: str, /) -> StoredObject | None:
        """What was stored there last."""
        ...

    def read(self, key: str, version: str, /, *, first: int | None = None) -> AsyncIterator[bytes]:
        """In chunks of at most CHUNK; of `first`, only so many bytes. Raises LookupError."""
        ...

    async def link(
        self, key: str, version: str, /, *, name: str, content_type: str, at: datetime
    ) -> tuple[str, datetime]:
        """The URL and until when it is good, limits.link_for; asks nobody.

        It is saved as `name`, whatever letters that has, and never shown in the page.
        """
        ...

    async def put(
        self, key: str, chunks: AsyncIterator[bytes], /, *, content_type: str
    ) -> StoredObject:
        """Nothing is stored unless all of it is."""
        ...

    async def remove(self, key: str, /) -> None:
        """Every version of it. What is not there is removed already."""
        ...

    async def reachable(self) -> bool: ...


class NoObjects:
    """Where no store is configured: nobody reaches it."""

    async def upload_form(self, *_: object, **__: object) -> NoReturn:
        raise StoreUnreachable("no object store is configured")

    look_up = link = put = remove = upload_form

    async def read(self, *_: object, **__: object) -> AsyncIterator[bytes]:
        raise StoreUnreachable("no object store is configured")
        yield b""

    async def reachable(self) -> bool:
        return False
