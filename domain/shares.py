"""Shares: a patient lets a doctor see documents, for as long as he says.

A share is evaluated at every read, with the database's time: nothing has to run for one to end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain import doctors
from domain.accesses import AccessAction, log
from domain.auth import RevokeShare, ShareRecord, Viewer, as_patient, permit
from domain.errors import Invalid, NotFound, Refusal, refuse_any
from domain.ids import DoctorId, DocumentId, PatientId, ShareId, new_id
from domain.limits import Limits
from domain.unit_of_work import UnitOfWork


class ShareStatus(StrEnum):
    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`includes_future`: the whole record, as it is and as it will be, and no list of documents."""

    id: ShareId
    patient_id: PatientId
    doctor_id: DoctorId
    includes_future: bool
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None

    def status(self, at: datetime) -> ShareStatus:
        if self.revoked_at is not None:
            return ShareStatus.REVOKED
        return ShareStatus.ACTIVE if at < self.valid_until else ShareStatus.EXPIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenShare:
    """As it stood when it was looked at, by the database's time."""

    share: Share
    status: ShareStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be shared, with whom and until when: documents, or the whole record."""

    doctor_id: DoctorId
    document_ids: Sequence[DocumentId] | None
    includes_future: bool
    valid_until: datetime

    def faults(self, limits: Limits, at: datetime) -> Iterator[Refusal]:
        if (self.document_ids is not None) == self.includes_future:
            yield Invalid("Give either documentIds or includeFuture.", "documentIds")
        elif self.document_ids is not None and not (
            1 <= len(self.document_ids) <= limits.documents_shared
        ):
            yield Invalid(f"Name 1 to {limits.documents_shared} documents.", "documentIds")
        if self.valid_until <= at:
            yield Invalid("The end lies in the past.", "validUntil")
        if self.valid_until > at + limits.share_longest:
            days = limits.share_longest.days
            yield Invalid(f"A share lasts at most {days} days.", "validUntil")


class Shares(Protocol):
    async def now(self) -> datetime:
        """The database's time, by which shares are evaluated."""
        ...

    async def get(self, id: ShareId, /) -> Share | None: ...
    async def lock(self, id: ShareId, /) -> Share | None:
        """As it stands; nobody else changes it before this work ends."""
        ...

    async def active(self, patient_id: PatientId, /) -> Sequence[Share]: ...
    async def add(self, share: Share, /) -> bool: ...
    async def save(self, share: Share, /) -> None: ...
    async def add_documents(self, id: ShareId, documents: Sequence[DocumentId], /) -> None: ...


async def share(work: UnitOfWork, viewer: Viewer, wanted: Wanted) -> SeenShare:
    """Raises Forbidden, NotFound or Refusal."""
    patient_id = as_patient(viewer)
    permit(work, viewer, ShareRecord(patient_id=patient_id, doctor_id=wanted.doctor_id))
    at = await work.shares.now()
    refuse_any(wanted.faults(work.limits, at))
    document_ids = tuple(dict.fromkeys(wanted.document_ids or ()))
    if await work.documents.available(document_ids, patient_id) != len(document_ids):
        raise NotFound("There is no such document.")
    if not await doctors.is_verified(work, wanted.doctor_id):
        raise NotFound("There is no such doctor.")
    made = Share(
        id=ShareId(new_id()),
        patient_id=patient_id,
        doctor_id=wanted.doctor_id,
        includes_future=wanted.includes_future,
        valid_from=at,
        valid_until=wanted.valid_until,
    )
    await work.shares.add(made)
    await work.shares.add_documents(made.id, document_ids)
    log(work, viewer, patient_id, AccessAction.SHARED, share_id=made.id)
    return SeenShare(share=made, status=ShareStatus.ACTIVE)


async def revoke(work: UnitOfWork, viewer: Viewer, id: ShareId) -> SeenShare:
    """At once. One that has ended stays as it is. Raises Forbidden or NotFound."""
    patient_id = as_patient(viewer)
    found = await work.shares.lock(id)
    if found is None or found.patient_id != patient_id:
        raise NotFound("There is no such share.")
    at = await work.shares.now()
    status = found.status(at)
    if status is not ShareStatus.ACTIVE:
        return SeenShare(share=found, status=status)
    permit(work, viewer, RevokeShare(patient_id=patient_id, share_id=id))
    revoked = replace(found, revoked_at=at)
    await work.shares.save(revoked)
    log(work, viewer, patient_id, AccessAction.REVOKED, share_id=id)
    return SeenShare(share=revoked, status=ShareStatus.REVOKED)
