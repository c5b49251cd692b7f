"""Requests for access: a doctor asks a patient whom he knows to share, and the patient answers.

A request shows nothing. It waits for a while by the database's time, and is then EXPIRED whether or
not anything has run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain import doctors, links, shares
from domain.accesses import deny
from domain.auth import AnswerAccessRequest, RequestAccess, Viewer, as_doctor, as_patient, permit
from domain.errors import Invalid, LimitReached, NotFound, WrongStatus, said
from domain.ids import AccessRequestId, DoctorId, DocumentId, PatientId, ShareId, UserId, new_id
from domain.mail import MailKind
from domain.shares import Wanted
from domain.unit_of_work import UnitOfWork

_DAY = timedelta(hours=24)


class AccessRequestStatus(StrEnum):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """`share_id`: what it was answered with; without one, an answer has declined it."""

    id: AccessRequestId
    doctor_id: DoctorId
    patient_id: PatientId
    message: str
    requested_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    share_id: ShareId | None = None

    def status(self, at: datetime) -> AccessRequestStatus:
        """`at`: by the database's time."""
        if self.share_id is not None:
            return AccessRequestStatus.ACCEPTED
        if self.answered_at is not None:
            return AccessRequestStatus.DECLINED
        waits = at < self.expires_at
        return AccessRequestStatus.PENDING if waits else AccessRequestStatus.EXPIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAccessRequest:
    """As it stood when it was looked at."""

    request: AccessRequest
    status: AccessRequestStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a patient answers who accepts: the terms of a share with whoever has asked."""

    document_ids: Sequence[DocumentId] | None
    includes_future: bool
    valid_until: datetime | None


class AccessRequests(Protocol):
    async def lock(self, id: AccessRequestId, /) -> AccessRequest | None:
        """As it stands; nobody else changes it before this work ends."""
        ...

    async def add(self, request: AccessRequest, /) -> bool:
        """False, and nothing added, if one of these two waits already."""
        ...

    async def save(self, request: AccessRequest, /) -> None: ...
    async def made_since(self, doctor_id: DoctorId, since: datetime, /) -> int: ...


async def request(
    work: UnitOfWork, viewer: Viewer, patient_id: PatientId, message: str, *, at: datetime
) -> SeenAccessRequest | None:
    """By a verified doctor, of a patient with whom he has, or had, an appointment, who is told by
    mail. None for any other two; it is on record that it was tried, so that nothing is raised.

    Raises Forbidden or Refusal.
    """
    doctor_id = as_doctor(viewer)
    limits = work.limits
    shortest, longest = limits.justification_shortest, limits.justification_longest
    message = said(message, "A message", "message", shortest=shortest, longest=longest)
    await work.lock(doctor_id)
    verified = await doctors.is_verified(work, doctor_id)
    if not verified or not await work.appointments.ever(doctor_id, patient_id):
        await deny(work, viewer, patient_id, message)
        return None
    action = RequestAccess(doctor_id=doctor_id, verified=verified, patient_id=patient_id)
    permit(work, viewer, action)
    now = await work.shares.now()
    if await work.access_requests.made_since(doctor_id, now - _DAY) >= limits.access_requests:
        raise LimitReached(f"You may ask {limits.access_requests} times in 24 hours.")
    made = AccessRequest(
        id=AccessRequestId(new_id()),
        doctor_id=doctor_id,
        patient_id=patient_id,
        message=message,
        requested_at=now,
        expires_at=now + limits.access_request_for,
    )
    if not await work.access_requests.add(made):
        raise WrongStatus("You have asked already; wait for the answer.", "patientId")
    await links.tell(work, UserId(patient_id), MailKind.ACCESS_REQUESTED, at=at)
    return SeenAccessRequest(request=made, status=made.status(now))


async def accept(
    work: UnitOfWork, viewer: Viewer, id: AccessRequestId, granted: Granted
) -> SeenAccessRequest:
    """With a share, on his terms. Raises Forbidden, NotFound or Refusal."""
    asked, now = await _waiting(work, viewer, id, accepted=True)
    if granted.valid_until is None:
        raise Invalid("Say until when it is shared.", "validUntil")
    wanted = Wanted(
        doctor_id=asked.doctor_id,
        document_ids=granted.document_ids,
        includes_future=granted.includes_future,
        valid_until=granted.valid_until,
    )
    made = await shares.share(work, viewer, wanted)
    answered = replace(asked, answered_at=now, share_id=made.share.id)
    await work.access_requests.save(answered)
    return SeenAccessRequest(request=answered, status=answered.status(now))


async def decline(work: UnitOfWork, viewer: Viewer, id: AccessRequestId) -> SeenAccessRequest:
    """Raises Forbidden, NotFound or Refusal."""
    asked, now = await _waiting(work, viewer, id, accepted=False)
    answered = replace(asked, answered_at=now)
    await work.access_requests.save(answered)
    return SeenAccessRequest(request=answered, status=answered.status(now))


async def _waiting(
    work: UnitOfWork, viewer: Viewer, id: AccessRequestId, *, accepted: bool
) -> tuple[AccessRequest, datetime]:
    patient_id = as_patient(viewer)
    asked = await work.access_requests.lock(id)
    if asked is None or asked.patient_id != patient_id:
        raise NotFound("There is no such request.")
    now = await work.shares.now()
    if (status := asked.status(now)) is not AccessRequestStatus.PENDING:
        raise WrongStatus(f"It is {status.value}; it can be answered no more.", "requestId")
    action = AnswerAccessRequest(patient_id=patient_id, request_id=id, accepted=accepted)
    permit(work, viewer, action)
    return asked, now
