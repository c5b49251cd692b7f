"""Issuing: a doctor's paper is printed, stored, and then part of the patient's record.

Its row says UPLOADING until the file is stored: what ends in between is rejected and removed as
uploads are that never came.
"""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from domain import doctors, patients
from domain.accesses import AccessAction, log
from domain.appointments import Appointment, AppointmentStatus
from domain.auth import IssuePaper, ListDocuments, Viewer, as_doctor, demand, permit
from domain.content import ContentType
from domain.errors import (
    Invalid,
    KeyReused,
    LimitReached,
    NotFound,
    NotUploaded,
    TooLate,
    WrongStatus,
    refuse_any,
)
from domain.ids import AppointmentId, DocumentId, new_id
from domain.objects import CHUNK, Objects, StoredObject, StoreUnreachable
from domain.papers import Content, Letterhead, Paper, Wanted, new_code, read, write
from domain.qualifications import Qualification
from domain.records import Document, DocumentKind, DocumentStatus, Signature
from domain.specialties import SPECIALTIES
from domain.unit_of_work import Act, UnitOfWork

_AT_ONCE = 2  # printed, each in a thread
_TITLES = {DocumentKind.CERTIFICATE: "Atestado", DocumentKind.PRESCRIPTION: "Receita"}
_SEEN = (AppointmentStatus.IN_PROGRESS, AppointmentStatus.COMPLETED)


class Press(Protocol):
    def knows(self, text: str, /) -> bool:
        """Whether each letter of it can be printed."""
        ...

    async def print(self, content: Content, /, *, signed: bool) -> bytes:
        """As PDF/A, the same bytes whenever it is asked for. One that is not to be signed says on
        every page that it is not.
        """
        ...


class Issuing:
    def __init__(
        self,
        act: Act,
        objects: Objects,
        press: Press,
        now: Callable[[], datetime],
    ) -> None:
        self._act, self._objects, self._press, self._now = act, objects, press, now
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def issue(self, viewer: Viewer, wanted: Wanted) -> Document:
        """UNSIGNED, and part of the patient's record. Raises Forbidden, NotFound or Refusal."""
        paper, issued = await self._act(
            lambda work: draft(work, viewer, wanted, self._press, at=self._now()), viewer=viewer
        )
        if issued is not None:
            return issued
        async with self._turns:
            pdf = await self._press.print(read(paper.content), signed=False)
        document = await self._act(
            lambda work: announce(work, viewer, paper, pdf, at=self._now()), viewer=viewer
        )
        stored = await store(self._objects, document, pdf)
        return await self._act(
            lambda work: complete(work, viewer, document.id, stored, at=self._now()),
            viewer=viewer,
        )


async def store(objects: Objects, document: Document, pdf: bytes) -> StoredObject:
    """As another version of its object; the row is still to say so."""
    try:
        stored = await objects.put(document.object_key, _chunks(pdf), content_type=ContentType.PDF)
    except StoreUnreachable:
        raise NotUploaded("The paper cannot be stored now; try again later.") from None
    return replace(stored, size=len(pdf), sha256=hashlib.sha256(pdf).hexdigest())


def holding(document: Document, stored: StoredObject) -> Document:
    """The document with what is stored."""
    return replace(
        document, version=stored.version, size=stored.size, sha256=stored.sha256 or document.sha256
    )


async def draft(
    work: UnitOfWork, viewer: Viewer, wanted: Wanted, press: Press, *, at: datetime
) -> tuple[Paper, Document | None]:
    """What is to be printed; or what was issued under this key, and how it stands. Nothing is
    changed yet.
    """
    visit = await _visit(work, viewer, wanted.appointment_id, at)
    refuse_any(wanted.faults(work.limits, press.knows))
    if earlier := await work.papers.of_key(visit.doctor_id, wanted.key):
        if not earlier.answers(wanted):
            raise KeyReused
        issued = await _issued(work, earlier)
        return earlier, issued if issued.status is DocumentStatus.AVAILABLE else None
    await _require_room(work, visit)
    content = await _content(work, visit, wanted, at)
    names = f"{content.doctor.name}{content.patient_name}"
    if not press.knows(names):
        raise Invalid("A letter of the doctor's or the patient's name cannot be printed.")
    paper = Paper(
        id=DocumentId(new_id()),
        patient_id=visit.patient_id,
        doctor_id=visit.doctor_id,
        appointment_id=visit.id,
        key=wanted.key,
        code=content.code,
        content=write(content),
        issued_at=at,
    )
    return paper, None


async def announce(
    work: UnitOfWork, viewer: Viewer, paper: Paper, pdf: bytes, *, at: datetime
) -> Document:
    """The document that is still to come; the earlier one, if this key was used meanwhile."""
    await work.lock(paper.appointment_id)
    visit = await _visit(work, viewer, paper.appointment_id, at)
    permit(work, viewer, await _to_issue(work, visit))
    if earlier := await work.papers.of_key(paper.doctor_id, paper.key):
        return await _issued(work, earlier)
    await _require_room(work, visit)
    content = read(paper.content)
    kind = content.said.kind
    document = Document(
        id=paper.id,
        patient_id=paper.patient_id,
        name=f"{_TITLES[kind]} {content.issued_here:%d-%m-%Y}.pdf",
        content_type=ContentType.PDF,
        size=len(pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
        object_key=f"documents/{secrets.token_hex(16)}",
        requested_at=at,
        kind=kind,
        issuer_id=paper.doctor_id,
        signature=Signature.UNSIGNED,
    )
    await work.documents.add(document)
    if not await work.papers.add(paper):  # for another appointment, in this very moment
        raise KeyReused
    return document


async def complete(
    work: UnitOfWork, viewer: Viewer, id: DocumentId, stored: StoredObject, *, at: datetime
) -> Document:
    """Of two that were stored for one row the first stays."""
    document = await work.documents.lock(id)
    if document is None:
        raise NotUploaded("It took too long to store the paper; issue it again.")
    if document.status is DocumentStatus.AVAILABLE:
        return document
    done = holding(replace(document, status=DocumentStatus.AVAILABLE, uploaded_at=at), stored)
    await work.documents.save(done)
    log(work, viewer, done.patient_id, AccessAction.UPLOADED, document_id=id)
    return done


async def list_issued(
    work: UnitOfWork,
    viewer: Viewer,
    *,
    signature: Signature | None,
    after: DocumentId | None,
    first: int,
) -> Sequence[Document]:
    """What this doctor has issued and no patient hides, the latest first; one more than `first` if
    there is more. That he sees them is on record when this work commits. Raises Forbidden.
    """
    doctor_id = as_doctor(viewer)
    found = await work.documents.page_issued_by(
        doctor_id, signature=signature, after=after, limit=first + 1
    )
    for patient_id in sorted({document.patient_id for document in found[:first]}):
        permit(work, viewer, ListDocuments(patient_id=patient_id, shared=True))
        log(work, viewer, patient_id, AccessAction.LISTED)
    return found


async def _visit(work: UnitOfWork, viewer: Viewer, id: AppointmentId, at: datetime) -> Appointment:
    """The doctor's own, which goes on or is not long over, while he is VERIFIED."""
    doctor_id = as_doctor(viewer)
    visit = await work.appointments.get(id)
    if visit is None or visit.doctor_id != doctor_id:
        raise NotFound("There is no such appointment.")
    demand(viewer, await _to_issue(work, visit))
    if visit.status not in _SEEN:
        raise WrongStatus(
            f"It is {visit.status.value}; papers are issued in a visit and after it.",
            "appointmentId",
        )
    if visit.ends_at + work.limits.papers_within <= at:
        days = work.limits.papers_within.days
        raise TooLate(f"Papers are issued within {days} days of the visit.", "appointmentId")
    return visit


async def _to_issue(work: UnitOfWork, visit: Appointment) -> IssuePaper:
    return IssuePaper(
        doctor_id=visit.doctor_id,
        verified=await doctors.is_verified(work, visit.doctor_id),
        patient_id=visit.patient_id,
        appointment_id=visit.id,
    )


async def _issued(work: UnitOfWork, paper: Paper) -> Document:
    """Raises KeyReused for one that never came, or that its patient has hidden."""
    document = await work.documents.get(paper.id)
    if document is None:
        raise KeyReused
    return document


async def _require_room(work: UnitOfWork, visit: Appointment) -> None:
    if await work.papers.count(visit.id) >= work.limits.papers:
        raise LimitReached(f"An appointment has at most {work.limits.papers} papers.")


async def _content(work: UnitOfWork, visit: Appointment, wanted: Wanted, at: datetime) -> Content:
    doctor = await doctors.find(work, visit.doctor_id)
    patient, _ = await patients.find(work, visit.patient_id)
    held = [
        Qualification(specialty=SPECIALTIES[each.specialty], rqe=each.rqe)
        for each in doctor.qualifications
    ]
    return Content(
        doctor=Letterhead(
            name=doctor.name,
            crm=doctor.crm,
            uf=doctor.uf.value,
            qualifications=tuple(held),
            address=wanted.address,
            contact=wanted.contact,
        ),
        patient_name=patient.name,
        patient_cpf=patient.cpf,
        issued_at=at,
        time_zone=doctor.time_zone,
        code=new_code(),
        said=wanted.said,
    )


async def _chunks(pdf: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(pdf), CHUNK):
        yield pdf[start : start + CHUNK]
