"""Uploads: what has been sent past us is looked into before anybody may have it.

No transaction is open meanwhile. What is found wanting is rejected, and removed from the store;
what cannot be looked into, since the store or the scanner is not there, stays as it was.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from domain import records
from domain.auth import SYSTEM, Viewer
from domain.content import Inspection
from domain.errors import ChecksumMismatch, Infected, NotUploaded, Refusal
from domain.ids import DocumentId
from domain.objects import Objects, StoredObject, StoreUnreachable
from domain.records import Document, DocumentStatus
from domain.scanning import Scanner, ScannerUnreachable
from domain.unit_of_work import Act

log = logging.getLogger(__name__)

_AT_ONCE = 4  # looked into; each holds one chunk
_SWEPT_AT_ONCE = 100


class Uploads:
    def __init__(
        self, act: Act, objects: Objects, scanner: Scanner, now: Callable[[], datetime]
    ) -> None:
        self._act, self._objects, self._scanner, self._now = act, objects, scanner, now
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def complete(self, viewer: Viewer, id: DocumentId) -> Document:
        """AVAILABLE, if all of it is as announced. Raises Forbidden, NotFound or Refusal."""
        document = await self._act(lambda work: records.own(work, viewer, id), viewer=viewer)
        version = document.version
        if document.status is DocumentStatus.UPLOADING:
            version = await self._look_into(viewer, document)
        return await self._act(
            lambda work: records.complete(work, viewer, id, version or "", at=self._now()),
            viewer=viewer,
        )

    async def _look_into(self, viewer: Viewer, document: Document) -> str:
        """The version of what lies there, in which nothing is wrong."""
        try:
            found = await self._objects.look_up(document.object_key)
            if found is None:
                raise NotUploaded("The file has not come; send it, then complete.", "documentId")
            async with self._turns:
                fault = await self._fault(document, found)
        except StoreUnreachable:
            raise NotUploaded(
                "The file cannot be looked at now; complete again in a minute.", "documentId"
            ) from None
        except ScannerUnreachable:
            raise NotUploaded(
                "The file cannot be scanned now; complete again in a minute.", "documentId"
            ) from None
        if fault is None:
            return found.version
        await self._act(lambda work: records.reject(work, viewer, document.id), viewer=viewer)
        await self._remove(document)
        raise fault

    async def _fault(self, document: Document, found: StoredObject) -> Refusal | None:
        mismatch = ChecksumMismatch("These are not the bytes that were announced.", "documentId")
        if found.size != document.size:
            return mismatch
        inspection = Inspection(document.content_type)
        sha256 = hashlib.sha256()

        async def seen() -> AsyncIterator[bytes]:
            async for chunk in self._objects.read(document.object_key, found.version):
                sha256.update(chunk)
                inspection.feed(chunk)
                yield chunk

        finding = await self._scanner.scan(seen())
        if sha256.hexdigest() != document.sha256:
            return mismatch
        if finding is not None:
            log.warning("document %s is infected", document.id)
            return Infected("The file is infected; clean the device it comes from.", "documentId")
        return inspection.verdict()

    async def sweep(self) -> int:
        """Reject what never came, and remove what was rejected. Returns how many were removed."""
        gone = await self._act(
            lambda work: records.give_up(work, at=self._now(), limit=_SWEPT_AT_ONCE), viewer=SYSTEM
        )
        removed = [document.id for document in gone if await self._remove(document)]
        await self._act(lambda work: work.documents.removed(removed), viewer=SYSTEM)
        return len(removed)

    async def _remove(self, document: Document) -> bool:
        """Whether nothing lies there any more; else the next sweep tries again."""
        try:
            await self._objects.remove(document.object_key)
        except StoreUnreachable:
            log.warning("document %s could not be removed and will be later", document.id)
            return False
        return True
