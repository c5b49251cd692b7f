"""Documents of a patient's record: announced, uploaded past us, looked into, and opened by links.

What is AVAILABLE has the size, the checksum and the type that were announced. Nobody deletes a
document: a patient hides it (Lei 13.787/2018).
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.accesses import AccessAction, deny, log
from domain.auth import (
    CompleteUpload,
    HideDocument,
    ListDocuments,
    OpenDocument,
    RenameDocument,
    RequestUpload,
    Viewer,
    as_doctor,
    as_party,
    as_patient,
    permit,
)
from domain.content import ContentType
from domain.errors import (
    Invalid,
    LimitReached,
    NotFound,
    Refusal,
    TooLarge,
    UnsupportedType,
    WrongStatus,
    refuse_any,
)
from domain.ids import DoctorId, DocumentId, PatientId, new_id
from domain.limits import Limits
from domain.unit_of_work import UnitOfWork

_SLACK = timedelta(hours=1)  # when a form is good no more, for what was sent with it
NAME_LONGEST, PURPOSE_LONGEST = 255, 500
_SHA256 = re.compile(r"[0-9a-f]{64}")


class DocumentStatus(StrEnum):
    UPLOADING = "UPLOADING"
    AVAILABLE = "AVAILABLE"
    REJECTED = "REJECTED"
    HIDDEN = "HIDDEN"


class DocumentKind(StrEnum):
    UPLOADED = "UPLOADED"
    CERTIFICATE = "CERTIFICATE"
    PRESCRIPTION = "PRESCRIPTION"


class Signature(StrEnum):
    UNSIGNED = "UNSIGNED"
    SIGNED = "SIGNED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`name` is the patient's and never part of an address; `object_key` is ours and says nothing.

    `size` in bytes, `sha256` in lower-case hexadecimal, as announced. `version`: of the object that
    was looked into; nothing that is stored later under its key is ever handed out. `removed`: of
    what was rejected, that nothing lies there any more. `issuer_id`: of the doctor who issued it,
    and `signature` whether he has signed it; of what was uploaded nobody has looked.
    """

    id: DocumentId
    patient_id: PatientId
    name: str
    content_type: ContentType
    size: int
    sha256: str
    object_key: str
    requested_at: datetime
    status: DocumentStatus = DocumentStatus.UPLOADING
    version: str | None = None
    removed: bool = False
    uploaded_at: datetime | None = None
    kind: DocumentKind = DocumentKind.UPLOADED
    issuer_id: DoctorId | None = None
    signature: Signature | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A file that is to be uploaded, as its patient describes it."""

    name: str
    content_type: str
    size: int
    sha256: str

    def faults(self, limits: Limits) -> Iterator[Refusal]:
        yield from name_faults(self.name)
        if self.content_type not in list(ContentType):
            types = ", ".join(ContentType)
            yield UnsupportedType(f"A document is one of: {types}.", "contentType")
        if self.size < 1:
            yield Invalid("An empty file is no document.", "size")
        if self.size > limits.document_largest:
            mebibytes = limits.document_largest >> 20
            yield TooLarge(f"A document has at most {mebibytes} MiB.", "size")
        if not _SHA256.fullmatch(self.sha256):
            yield Invalid("A SHA-256 has 64 digits of lower-case hexadecimal.", "sha256")


def name_faults(name: str) -> Iterator[Refusal]:
    """Of a document, trimmed."""
    if not 1 <= len(name) <= NAME_LONGEST or not name.isprintable():
        yield Invalid(f"A name has 1 to {NAME_LONGEST} characters.", "name")


class Documents(Protocol):
    async def get(self, id: DocumentId, /) -> Document | None: ...
    async def lock(self, id: DocumentId, /) -> Document | None:
        """As it stands; nobody else changes it before this work ends."""
        ...

    async def patient_of(self, id: DocumentId, /) -> PatientId | None:
        """Whose it is, though it may not be the viewer's to see."""
        ...

    async def add(self, document: Document, /) -> bool: ...
    async def save(self, document: Document, /) -> None: ...
    async def kept_bytes(self, patient_id: PatientId, /, *, since: datetime) -> int:
        """Of all that is kept, and of what was announced since then and is not here yet."""
        ...

    async def available(self, ids: Sequence[DocumentId], patient_id: PatientId, /) -> int:
        """How many of these are this patient's and AVAILABLE."""
        ...

    async def shared_with(self, doctor_id: DoctorId, id: DocumentId, /) -> Document | None:
        """If it is shared with him, who is verified, at this moment of the database."""
        ...

    async def issued_by(self, doctor_id: DoctorId, id: DocumentId, /) -> Document | None:
        """If he issued it, is verified, and its patient has not hidden it."""
        ...

    async def page_issued_by(
        self,
        doctor_id: DoctorId,
        /,
        *,
        signature: Signature | None,
        after: DocumentId | None,
        limit: int,
    ) -> Sequence[Document]:
        """All of those, the latest first; only what stands so."""
        ...

    async def lets_see(self, patient_id: PatientId, doctor_id: DoctorId, /) -> bool:
        """Whether he would see something of this patient's now if there were anything."""
        ...

    async def page_shared_with(
        self,
        doctor_id: DoctorId,
        /,
        *,
        patient_id: PatientId | None,
        after: DocumentId | None,
        limit: int,
    ) -> Sequence[Document]:
        """All that is shared with him at this moment, or this patient's, the latest first."""
        ...

    async def reject_unfinished(self, before: datetime, /) -> None:
        """All that was announced before then and is not here yet."""
        ...

    async def to_be_removed(self, /, *, before: datetime, limit: int) -> Sequence[Document]:
        """Rejected, announced before then, and bytes may still lie there; the oldest first."""
        ...

    async def removed(self, ids: Sequence[DocumentId], /) -> None:
        """Nothing lies under their keys any more."""
        ...


async def request_upload(
    work: UnitOfWork, viewer: Viewer, announced: Announced, *, at: datetime
) -> Document:
    """A document that is still to come. Raises Forbidden or Refusal."""
    patient_id = as_patient(viewer)
    permit(work, viewer, RequestUpload(patient_id=patient_id))
    limits = work.limits
    refuse_any(announced.faults(limits))
    await work.lock(patient_id)
    kept = await work.documents.kept_bytes(patient_id, since=at - limits.upload_for)
    if kept + announced.size > limits.record_largest:
        gibibytes = limits.record_largest >> 30
        raise LimitReached(f"A record holds at most {gibibytes} GiB.", "size")
    document = Document(
        id=DocumentId(new_id()),
        patient_id=patient_id,
        name=announced.name,
        content_type=ContentType(announced.content_type),
        size=announced.size,
        sha256=announced.sha256,
        object_key=f"documents/{secrets.token_hex(16)}",
        requested_at=at,
    )
    await work.documents.add(document)
    return document


async def own(work: UnitOfWork, viewer: Viewer, id: DocumentId) -> Document:
    """The viewer's own upload, whatever its status. Raises Forbidden or NotFound."""
    patient_id = as_patient(viewer)
    document = await work.documents.get(id)
    if (
        document is None
        or document.patient_id != patient_id
        or document.kind is not DocumentKind.UPLOADED  # a paper is its issuer's to complete
    ):
        raise NotFound("There is no such document.")
    return document


async def complete(
    work: UnitOfWork, viewer: Viewer, id: DocumentId, version: str, *, at: datetime
) -> Document:
    """What lies there in this version has been looked into. One that is here already stays so."""
    document = await _lock_own(work, viewer, id)
    if document.status is DocumentStatus.AVAILABLE:
        return document
    _require(document, DocumentStatus.UPLOADING)
    permit(work, viewer, CompleteUpload(patient_id=document.patient_id, document_id=id))
    done = replace(document, status=DocumentStatus.AVAILABLE, version=version, uploaded_at=at)
    await work.documents.save(done)
    log(work, viewer, document.patient_id, AccessAction.UPLOADED, document_id=id)
    return done


async def reject(work: UnitOfWork, viewer: Viewer, id: DocumentId) -> None:
    """What lies there is not what was announced, and is never handed out."""
    document = await _lock_own(work, viewer, id)
    if document.status is DocumentStatus.UPLOADING:
        await work.documents.save(replace(document, status=DocumentStatus.REJECTED))


async def give_up(work: UnitOfWork, *, at: datetime, limit: int) -> Sequence[Document]:
    """What never came is rejected. Returns what is to be removed from the store."""
    # As long as its form is good, what was rejected and removed could be sent once more.
    before = at - work.limits.upload_for - _SLACK
    await work.documents.reject_unfinished(before)
    return await work.documents.to_be_removed(before=before, limit=limit)


async def hide(work: UnitOfWork, viewer: Viewer, id: DocumentId) -> Document:
    """From every doctor, whatever is shared. Raises Forbidden, NotFound or WrongStatus."""
    document = await _lock_own(work, viewer, id)
    permit(work, viewer, HideDocument(patient_id=document.patient_id, document_id=id))
    if document.status is DocumentStatus.HIDDEN:
        return document
    _require(document, DocumentStatus.AVAILABLE)
    hidden = replace(document, status=DocumentStatus.HIDDEN)
    await work.documents.save(hidden)
    log(work, viewer, document.patient_id, AccessAction.HIDDEN, document_id=id)
    return hidden


async def rename(work: UnitOfWork, viewer: Viewer, id: DocumentId, name: str) -> Document:
    """As its patient calls it from now on. Raises Forbidden, NotFound or Refusal."""
    document = await _lock_own(work, viewer, id)
    permit(work, viewer, RenameDocument(patient_id=document.patient_id, document_id=id))
    refuse_any(name_faults(name))
    if document.status is DocumentStatus.REJECTED:
        raise WrongStatus("It was rejected, and is in no record.", "documentId")
    renamed = replace(document, name=name)
    await work.documents.save(renamed)
    return renamed


async def open(
    work: UnitOfWork, viewer: Viewer, id: DocumentId, purpose: str | None
) -> Document | None:
    """For its patient, and for a doctor who may see it now; it is on record when this work
    commits. None for anybody else, whose try is on record as well, so that nothing is raised.
    """
    as_party(viewer)
    purpose = purpose.strip() or None if purpose else None
    if purpose is not None and len(purpose) > PURPOSE_LONGEST:
        raise Invalid(f"A purpose has at most {PURPOSE_LONGEST} characters.", "purpose")
    allowed = await _allowed(work, viewer, id)
    if allowed is None:
        patient_id = await work.documents.patient_of(id)
        if patient_id is not None:
            log(work, viewer, patient_id, AccessAction.DENIED, document_id=id, purpose=purpose)
        return None
    if allowed.version is None:
        _require(allowed, DocumentStatus.AVAILABLE)
    patient_id = allowed.patient_id
    permit(work, viewer, OpenDocument(patient_id=patient_id, document_id=id, shared=True))
    log(work, viewer, patient_id, AccessAction.OPENED, document_id=id, purpose=purpose)
    return allowed


async def _allowed(work: UnitOfWork, viewer: Viewer, id: DocumentId) -> Document | None:
    """If it is the viewer's own, shared with him now, or issued by him."""
    if viewer.doctor_id is not None:
        return await _seen_by(work, viewer.doctor_id, id)
    document = await work.documents.get(id)
    own = document is not None and document.patient_id == viewer.patient_id
    return document if own else None


async def list_shared(
    work: UnitOfWork,
    viewer: Viewer,
    *,
    patient_id: PatientId | None,
    after: DocumentId | None,
    first: int,
) -> Sequence[Document]:
    """What patients, or this one, share with a doctor now, the latest first; one more than `first`
    if there is more. That he sees them is on record when this work commits, and that a patient whom
    he asked for lets him see nothing. Raises Forbidden.
    """
    doctor_id = as_doctor(viewer)
    found = await work.documents.page_shared_with(
        doctor_id, patient_id=patient_id, after=after, limit=first + 1
    )
    shown = {document.patient_id for document in found[:first]}
    if patient_id is not None and not found and after is None:
        if await work.documents.lets_see(patient_id, doctor_id):
            shown.add(patient_id)  # an empty record
        else:
            await deny(work, viewer, patient_id)
    for listed in sorted(shown):
        permit(work, viewer, ListDocuments(patient_id=listed, shared=True))
        log(work, viewer, listed, AccessAction.LISTED)
    return found


async def see(work: UnitOfWork, viewer: Viewer, id: DocumentId) -> Document | None:
    """All but its bytes, for a doctor who may see it now; that is on record, and that one was
    refused.
    """
    if viewer.doctor_id is None:
        return None
    shared = await _seen_by(work, viewer.doctor_id, id)
    if shared is None:
        patient_id = await work.documents.patient_of(id)
        if patient_id is not None:
            log(work, viewer, patient_id, AccessAction.DENIED, document_id=id)
        return None
    permit(work, viewer, ListDocuments(patient_id=shared.patient_id, shared=True))
    log(work, viewer, shared.patient_id, AccessAction.LISTED, document_id=id)
    return shared


async def _seen_by(work: UnitOfWork, doctor_id: DoctorId, id: DocumentId) -> Document | None:
    """If it is shared with him now, or issued by him."""
    shared = await work.documents.shared_with(doctor_id, id)
    return shared or await work.documents.issued_by(doctor_id, id)


async def _lock_own(work: UnitOfWork, viewer: Viewer, id: DocumentId) -> Document:
    patient_id = as_patient(viewer)
    document = await work.documents.lock(id)
    if document is None or document.patient_id != patient_id:
        raise NotFound("There is no such document.")
    return document


def _require(document: Document, *statuses: DocumentStatus) -> None:
    if document.status not in statuses:
        raise WrongStatus(f"It is {document.status.value}; this can be done no more.", "documentId")
