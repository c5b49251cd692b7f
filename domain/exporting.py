"""Exporting: how an archive is made, by whichever process takes it up.

It goes into the object store as it is read, so that none of it is held. Whoever makes it renews his
lease; when he dies another begins anew, and what he had sent is nothing. No transaction is open.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from domain import belongings, exports, fhir
from domain.archives import Archive, safe_name
from domain.belongings import Belongings, Holder
from domain.content import ContentType
from domain.exports import CONTENT_TYPE, RecordExport
from domain.ids import AuditEntryId, DocumentId
from domain.objects import Objects, StoredObject, StoreUnreachable
from domain.records import Document, DocumentStatus
from domain.unit_of_work import Act

log = logging.getLogger(__name__)

BEAT = 1.0  # seconds, after which progress is written down
_PAGE = 500  # entries of a log, read at once
_SWEPT_AT_ONCE = 100
_Files: TypeAlias = dict[DocumentId, tuple[str, bytes]]  # its name in the archive, and its SHA-1
_KEPT = (DocumentStatus.AVAILABLE, DocumentStatus.HIDDEN)
_SUFFIX: Mapping[ContentType, str] = {
    ContentType.PDF: ".pdf",
    ContentType.JPEG: ".jpg",
    ContentType.PNG: ".png",
    ContentType.DICOM: ".dcm",
}
_READ_ME = """\
Health&Med: seus dados / your data

leia-me.txt       este arquivo / this file
dados.json        sua conta, consultas e o que os médicos anotaram delas, avaliações,
                  compartilhamentos e sessões
                  your account, appointments and what doctors have noted of them, reviews,
                  shares and sessions
atos.json         o que você fez no Health&Med
                  what you have done at Health&Med
acessos.json      quem viu, abriu ou compartilhou o quê no seu prontuário; cada entrada tem o hash
                  dela e de todas as anteriores, com o qual a clínica prova que nada foi mudado
                  who saw, opened or shared what in your record; each entry has the hash of it and
                  of all before it, by which the clinic proves that nothing was changed
documentos/       seus arquivos, como foram enviados ou emitidos, também os que você escondeu
                  your files as they were uploaded or issued, hidden ones too
fhir/bundle.json  o mesmo para outros sistemas de saúde (HL7 FHIR R4)
                  the same for other health systems (HL7 FHIR R4)

Horários em UTC (ISO 8601). / Times are in UTC (ISO 8601).
Guarde bem: quem tem este arquivo lê o seu prontuário inteiro.
Keep it safe: whoever has this file reads the whole of your record.
"""


class Damaged(Exception):
    """A document is not what was uploaded. It is told by its id alone."""


class Void(Exception):
    """Somebody else has the export in hand, or nobody is to make it any more."""


@dataclass(slots=True)
class _Progress:
    total: int = 1
    done: int = 0

    @property
    def share(self) -> float:
        return min(self.done / self.total, 1.0)


class Exporting:
    def __init__(
        self, act: Act, objects: Objects, holder: Holder, now: Callable[[], datetime]
    ) -> None:
        self._act, self._objects, self._holder, self._now = act, objects, holder, now

    async def run_due(self) -> int:
        """Make all that wait, one after the other. Returns how many are ready."""
        ready = 0
        while True:
            lost, export = await self._act(lambda work: exports.claim(work, at=self._now()))
            for id in lost:
                log.error("export %s is given up", id)
            if export is None:
                return ready
            ready += await self._make(export)

    async def sweep(self) -> int:
        """Remove what has expired or failed. Returns how many were removed."""
        over = await self._act(
            lambda work: work.exports.to_be_removed(at=self._now(), limit=_SWEPT_AT_ONCE)
        )
        removed = 0
        for export in over:
            try:
                await self._objects.remove(export.object_key)
            except StoreUnreachable:
                log.warning("export %s could not be removed and will be later", export.id)
                continue
            await self._act(partial(exports.swept, export=export))
            removed += 1
        return removed

    async def _make(self, export: RecordExport) -> bool:
        try:
            stored = await self._put(export)
        except Damaged as damaged:
            log.error("export %s failed: %s", export.id, damaged)  # noqa: TRY400
            await self._act(partial(exports.fail, export=export))
        except Void:
            log.warning("export %s is somebody else's now, or nobody's", export.id)
        except StoreUnreachable as fault:
            log.warning("export %s waits for the object store: %s", export.id, fault)
            await self._act(partial(exports.postpone, export=export))
        except asyncio.CancelledError:
            await self._act(partial(exports.hand_on, export=export))
            raise
        else:
            finish = partial(exports.finish, export=export, stored=stored, at=self._now())
            return await self._act(finish)
        return False

    async def _put(self, export: RecordExport) -> StoredObject:
        """Raises Damaged, Void or StoreUnreachable, and then nothing is stored."""
        progress = _Progress()
        pieces = self._pieces(export, progress)
        beating = asyncio.create_task(self._beat(export, progress))
        putting = asyncio.create_task(
            self._objects.put(export.object_key, pieces, content_type=CONTENT_TYPE)
        )
        try:
            await asyncio.wait({beating, putting}, return_when=asyncio.FIRST_COMPLETED)
            if not putting.done():
                beating.result()  # raises what has stopped it
            return await putting
        finally:
            for task in (beating, putting):
                task.cancel()
            await asyncio.gather(beating, putting, return_exceptions=True)
            await pieces.aclose()

    async def _beat(self, export: RecordExport, progress: _Progress) -> None:
        while True:
            await asyncio.sleep(BEAT)
            renewed = await self._act(
                lambda work: exports.renew(work, export, progress=progress.share)
            )
            if not renewed:
                raise Void

    async def _pieces(self, export: RecordExport, progress: _Progress) -> AsyncGenerator[bytes]:
        found = await self._holder.all_of(export.patient_id)
        documents = [each for each in found.documents if each.status in _KEPT]
        progress.total = sum(document.size for document in documents) + 1
        archive, files = Archive(found.at), _Files()
        in_json = json.dumps(belongings.in_json(found), ensure_ascii=False, indent=1)
        parts: list[AsyncGenerator[bytes]] = [
            archive.add("leia-me.txt", _text(_READ_ME)),
            archive.add("dados.json", _text(in_json)),
            archive.add("atos.json", belongings.listed('{"acts": [\n', self._acts(found), "\n]}")),
            archive.add("acessos.json", belongings.listed(*self._log_of(found))),
            *self._documents(archive, documents, files, progress),
            archive.add("fhir/bundle.json", self._bundle(found, files)),
        ]
        for part in parts:
            async with aclosing(part) as pieces:
                async for piece in pieces:
                    yield piece
        yield archive.end()

    def _documents(
        self, archive: Archive, documents: Sequence[Document], files: _Files, progress: _Progress
    ) -> list[AsyncGenerator[bytes]]:
        digits = max(3, len(str(len(documents))))
        added = []
        for number, document in enumerate(documents, 1):
            name = safe_name(document.name, _SUFFIX[document.content_type])
            name = f"documentos/{number:0{digits}} {name}"
            content = self._content(document, name, files, progress)
            added.append(archive.add(name, content, packed=True))
        return added

    async def _content(
        self, document: Document, name: str, files: _Files, progress: _Progress
    ) -> AsyncGenerator[bytes]:
        """Raises Damaged at its end, if these are not the bytes that were looked into."""
        sha256, sha1 = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
        try:
            async for chunk in self._objects.read(document.object_key, document.version or ""):
                sha256.update(chunk)
                sha1.update(chunk)
                progress.done += len(chunk)
                yield chunk
        except LookupError:
            raise Damaged(f"document {document.id} is gone") from None
        if sha256.hexdigest() != document.sha256:
            raise Damaged(f"document {document.id} is not what was uploaded")
        files[document.id] = (name, sha1.digest())

    async def _acts(self, found: Belongings) -> AsyncGenerator[Sequence[dict[str, Any]]]:
        user_id, after = found.account.id, None
        while page := await self._holder.acts(user_id, after=after, until=found.at, limit=_PAGE):
            after = AuditEntryId(page[-1].id)
            yield [belongings.told(act) for act in page]

    def _log_of(self, found: Belongings) -> tuple[str, AsyncGenerator[Sequence[Any]], str]:
        async def pages() -> AsyncGenerator[Sequence[dict[str, Any]]]:
            async for page in self._accesses(found):
                yield [belongings.access_in_json(access) for access in page]

        return '{"accesses": [\n', pages(), "\n]}"

    async def _accesses(self, found: Belongings) -> AsyncIterator[Sequence[Any]]:
        after = 0
        while page := await self._holder.accesses(
            found.patient.id, after=after, until=found.accesses, limit=_PAGE
        ):
            after = page[-1].logged.number
            yield page

    def _bundle(self, found: Belongings, files: _Files) -> AsyncGenerator[bytes]:
        async def pages() -> AsyncGenerator[Sequence[fhir.Resource]]:
            told = list(fhir.resources(found, files))
            known = {id for id, _ in told}
            yield [fhir.entry(id, resource) for id, resource in told]
            async for page in self._accesses(found):
                yield [
                    fhir.entry(each.logged.access.id, fhir.audit_event(each.logged, known))
                    for each in page
                ]

        return belongings.listed(f'{fhir.bundle_head(found.at)} "entry": [\n', pages(), "\n]}")


async def _text(text: str) -> AsyncGenerator[bytes]:
    yield text.encode()
