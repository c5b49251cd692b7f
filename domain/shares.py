"""Shares: a patient lets a doctor see documents, for as long as he says.

A share is evaluated at every read, with the database's time: nothing has to run for one to end. If
it is for an appointment, then with the appointment as it stands at that moment: it moves with it,
and ends when that is called off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain import doctors
from domain.accesses import AccessAction, log
from domain.appointments import NOT_CALLED_OFF
from domain.auth import RevokeShare, ShareRecord, Viewer, as_patient, permit
from domain.errors import Invalid, NotFound, Refusal, TooLate, WrongStatus, refuse_any
from domain.ids import AppointmentId, DoctorId, DocumentId, PatientId, ShareId, new_id
from domain.limits import Limits
from domain.unit_of_work import UnitOfWork


class ShareStatus(StrEnum):
    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`includes_future`: the whole record, as it is and as it will be, and no list of documents.

    For an appointment it is good from `opens_before` its start to `lasts_after` its end, within
    `valid_from` and `valid_until`. Both are kept, so that it remains what the patient was told.
    """

    id: ShareId
    patient_id: PatientId
    doctor_id: DoctorId
    includes_future: bool
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None
    appointment_id: AppointmentId | None = None
    opens_before: timedelta | None = None
    lasts_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenShare:
    """As it stood when it was looked at, by the database's time: its doctor sees the documents in
    [opens_at, closes_at), as long as it is ACTIVE.
    """

    share: Share
    status: ShareStatus
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be shared, with whom and until when: documents, or the whole record. For an
    appointment, `valid_until` is the latest end.
    """

    doctor_id: DoctorId
    document_ids: Sequence[DocumentId] | None
    includes_future: bool
    valid_until: datetime
    appointment_id: AppointmentId | None = None

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
    async def seen(self, id: ShareId, /) -> SeenShare | None: ...
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
    if wanted.appointment_id is not None:
        made = await _bound(work, made, wanted.appointment_id, at)
    await work.shares.add(made)
    await work.shares.add_documents(made.id, document_ids)
    log(work, viewer, patient_id, AccessAction.SHARED, share_id=made.id)
    return await _seen(work, made.id)


async def revoke(work: UnitOfWork, viewer: Viewer, id: ShareId) -> SeenShare:
    """At once. One that has ended stays as it is. Raises Forbidden or NotFound."""
    patient_id = as_patient(viewer)
    found = await work.shares.lock(id)
    if found is None or found.patient_id != patient_id:
        raise NotFound("There is no such share.")
    seen = await _seen(work, id)
    if seen.status is not ShareStatus.ACTIVE:
        return seen
    permit(work, viewer, RevokeShare(patient_id=patient_id, share_id=id))
    await work.shares.save(replace(found, revoked_at=await work.shares.now()))
    log(work, viewer, patient_id, AccessAction.REVOKED, share_id=id)
    return await _seen(work, id)


async def _bound(work: UnitOfWork, share: Share, id: AppointmentId, at: datetime) -> Share:
    """To an appointment of these two that may still take place, or is not long over."""
    visit = await work.appointments.get(id)
    if visit is None or visit.patient_id != share.patient_id:
        raise NotFound("There is no such appointment.")
    if visit.doctor_id != share.doctor_id:
        raise Invalid("This appointment is with another doctor.", "appointmentId")
    if visit.as_of(at).status not in NOT_CALLED_OFF:
        raise WrongStatus("This appointment does not take place.", "appointmentId")
    opens_before, lasts_after = work.limits.share_opens_before, work.limits.share_lasts_after
    if visit.ends_at + lasts_after <= at:
        raise TooLate("This appointment is long over.", "appointmentId")
    if share.valid_until <= visit.starts_at - opens_before:
        hours = opens_before // timedelta(hours=1)
        raise Invalid(f"It opens {hours} hours before the appointment; end later.", "validUntil")
    return replace(share, appointment_id=id, opens_before=opens_before, lasts_after=lasts_after)


async def _seen(work: UnitOfWork, id: ShareId) -> SeenShare:
    if seen := await work.shares.seen(id):
        return seen
    raise NotFound("There is no such share.")
