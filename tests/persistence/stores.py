"""An object store with a client that reaches it as browsers do."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from domain.clock import now
from domain.objects import StoredObject, UploadForm

PDF = "application/pdf"
CONTENT = b"%PDF-1.7 as small as they come"


@dataclass(frozen=True)
class Store:
    objects: Any
    browser: httpx.AsyncClient

    async def form(self, key: str, content: bytes = CONTENT) -> UploadForm:
        return await self.objects.upload_form(
            key, content_type=PDF, size=len(content), sha256=sha256(content), at=now()
        )

    async def post(
        self, form: UploadForm, content: bytes = CONTENT, fields: dict[str, str] | None = None
    ) -> int:
        """The status. `fields`: instead of the form's own."""
        answer = await self.browser.post(
            form.url,
            data=dict(form.fields) if fields is None else fields,
            files={"file": ("of no interest", content, "text/html")},
        )
        return answer.status_code

    async def stored(self, key: str, content: bytes = CONTENT) -> StoredObject:
        assert await self.post(await self.form(key, content), content) == 204
        found = await self.objects.look_up(key)
        assert found is not None
        return found

    async def bytes_of(self, key: str, version: str, first: int | None = None) -> bytes:
        return b"".join([chunk async for chunk in self.objects.read(key, version, first=first)])

    async def follow(self, key: str, version: str, name: str = "exame.pdf") -> httpx.Response:
        url, _ = await self.objects.link(key, version, name=name, content_type=PDF, at=now())
        return await self.browser.get(url)


def new_key() -> str:
    return uuid4().hex


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def of_zeros(count: int) -> AsyncIterator[bytes]:
    """So many MiB."""
    for _ in range(16 * count):
        yield bytes(65_536)
