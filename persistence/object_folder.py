"""The object store as a folder, for whoever works alone on a machine that no S3 runs on.

Forms and links are signed (HMAC-SHA-256) and expire. They lead to two routes of our own, see
embedded/object_routes.py, which hold what comes against what was promised, as an S3 does.
"""

import asyncio
import hashlib
import hmac
import json
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlencode

from domain.ids import new_id
from domain.limits import Limits
from domain.objects import CHUNK, StoredObject, StoreUnreachable, UploadForm
from persistence.disposition import attachment

_SIGNATURE = "signature"
_UPLOAD, _DOWNLOAD = "upload", "download"


class NotAsPromised(Exception):
    """A form or link was changed, is no longer good, or brings something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    path: Path
    disposition: str
    content_type: str


class FolderObjects:
    """A folder for each key, by its hash, and a file for each version, with its own hash in its
    name. `url`: of the routes. `now`: the clock by which forms and links expire.
    """

    def __init__(self, folder: Path, url: str, limits: Limits, now: Callable[[], datetime]) -> None:
        self._folder, self._url, self._limits, self._now = folder, url, limits, now
        self._unfinished = folder / "unfinished"
        self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._secret = _secret(folder / "secret")

    async def upload_form(
        self, key: str, /, *, content_type: str, size: int, sha256: str, at: datetime
    ) -> UploadForm:
        lasts = self._limits.upload_for
        promised = {"key": key, "Content-Type": content_type, "size": str(size), "sha256": sha256}
        fields = self._sign(_UPLOAD, promised, at=at, lasts=lasts)
        return UploadForm(url=self._url, fields=tuple(fields.items()), expires_at=at + lasts)

    async def accept(self, fields: Mapping[str, str], chunks: AsyncIterator[bytes]) -> None:
        """What was posted with a form. Raises NotAsPromised, and then nothing is stored."""
        self._prove(_UPLOAD, fields)
        size, sha256 = int(fields["size"]), fields["sha256"]
        await self._store(fields["key"], chunks, most=size, promised=(size, sha256))

    async def look_up(self, key: str, /) -> StoredObject | None:
        with _failures():
            versions = sorted(await asyncio.to_thread(self._versions, key))
            if not versions:
                return None
            version, _, sha256 = versions[-1].name.partition("-")
            size = (await asyncio.to_thread(versions[-1].stat)).st_size
        return StoredObject(version=version, size=size, sha256=sha256)

    async def read(
        self, key: str, version: str, /, *, first: int | None = None
    ) -> AsyncIterator[bytes]:
        path, left = self._path(key, version), first
        with _failures(), await asyncio.to_thread(path.open, "rb") as file:
            while left is None or left > 0:
                wanted = CHUNK if left is None else min(left, CHUNK)
                chunk = await asyncio.to_thread(file.read, wanted)
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk

    async def link(
        self, key: str, version: str, /, *, name: str, content_type: str, at: datetime
    ) -> tuple[str, datetime]:
        lasts = self._limits.link_for
        promised = {"key": key, "version": version, "name": name, "type": content_type}
        fields = self._sign(_DOWNLOAD, promised, at=at, lasts=lasts)
        return f"{self._url}?{urlencode(fields)}", at + lasts

    def download(self, fields: Mapping[str, str]) -> Download:
        """What a link leads to. Raises NotAsPromised, and LookupError if it is there no longer."""
        self._prove(_DOWNLOAD, fields)
        return Download(
            path=self._path(fields["key"], fields["version"]),
            disposition=attachment(fields["name"]),
            content_type=fields["type"],
        )

    async def put(
        self,
        key: str,
        chunks: AsyncIterator[bytes],
        /,
        *,
        content_type: str,  # noqa: ARG002  # whoever makes a link names it
    ) -> StoredObject:
        return await self._store(key, chunks)

    async def remove(self, key: str, /) -> None:
        with _failures():
            folder = self._of(key)
            if await asyncio.to_thread(folder.exists):
                await asyncio.to_thread(shutil.rmtree, folder)

    async def reachable(self) -> bool:
        return await asyncio.to_thread(os.access, self._unfinished, os.W_OK)

    async def _store(
        self,
        key: str,
        chunks: AsyncIterator[bytes],
        *,
        most: int | None = None,
        promised: tuple[int, str] | None = None,
    ) -> StoredObject:
        version, reckoned, size = new_id().hex, hashlib.sha256(), 0
        unfinished = self._unfinished / version
        with _failures():
            try:
                with open(unfinished, "xb", opener=_for_us_alone) as file:  # noqa: ASYNC230
                    async for chunk in chunks:
                        size += len(chunk)
                        if most is not None and size > most:
                            raise NotAsPromised
                        reckoned.update(chunk)
                        await asyncio.to_thread(file.write, chunk)
                    await asyncio.to_thread(_keep, file)
                if promised not in {None, (size, reckoned.hexdigest())}:
                    raise NotAsPromised
                folder = self._of(key)
                folder.mkdir(mode=0o700, exist_ok=True)
                unfinished.rename(folder / f"{version}-{reckoned.hexdigest()}")
            finally:
                unfinished.unlink(missing_ok=True)
        return StoredObject(version=version, size=size, sha256=reckoned.hexdigest())

    def _of(self, key: str) -> Path:
        return self._folder / hashlib.sha256(key.encode()).hexdigest()

    def _versions(self, key: str, version: str = "") -> list[Path]:
        """They sort as they were stored: versions are UUIDv7."""
        folder = self._of(key)
        if not folder.exists():
            return []
        return [path for path in folder.iterdir() if path.name.startswith(f"{version}")]

    def _path(self, key: str, version: str) -> Path:
        found = self._versions(key, f"{version}-")
        if not found:
            raise LookupError("there is no such object")
        return found[0]

    def _sign(
        self, what: str, promised: dict[str, str], *, at: datetime, lasts: timedelta
    ) -> dict[str, str]:
        fields = {**promised, "expires": str(int((at + lasts).timestamp()))}
        return {**fields, _SIGNATURE: self._signature(what, fields)}

    def _prove(self, what: str, fields: Mapping[str, str]) -> None:
        given = {name: value for name, value in fields.items() if name != _SIGNATURE}
        ours = self._signature(what, given)
        if not hmac.compare_digest(ours.encode(), fields.get(_SIGNATURE, "").encode()):
            raise NotAsPromised
        if self._now().timestamp() >= int(given["expires"]):
            raise NotAsPromised

    def _signature(self, what: str, fields: Mapping[str, str]) -> str:
        text = json.dumps([what, sorted(fields.items())])
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise StoreUnreachable(type(fault).__name__) from None


def _secret(path: Path) -> bytes:
    """Of all processes: made by the first, and never replaced."""
    if not path.exists():
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with open(made, "xb", opener=_for_us_alone) as file:  # Path.open has none
            file.write(secrets.token_bytes(32))
            _keep(file)
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()


def _keep(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
