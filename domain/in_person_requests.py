"""Requests for a visit in person: whoever does not want telemedicine asks a doctor for one, and he
answers. The two agree on time and place by themselves; nothing is booked.

ASKED → ANSWERED | WITHDRAWN. Lei 14.510/2022, art. 26-B; CFM resolution 2.314/2022, art. 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain import doctors, links, patients
from domain.auth import (
    AnswerInPersonRequest,
    RequestInPersonVisit,
    Viewer,
    WithdrawInPersonRequest,
    as_doctor,
    as_patient,
    permit,
)
from domain.errors import LimitReached, NotFound, WrongStatus, said
from domain.ids import DoctorId, InPersonRequestId, PatientId, UserId, new_id
from domain.limits import Limits
from domain.mail import MailKind
from domain.unit_of_work import UnitOfWork

_DAY = timedelta(hours=24)


class InPersonStatus(StrEnum):
    ASKED = "ASKED"
    ANSWERED = "ANSWERED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class InPersonRequest:
    """`message`: the patient's words; `answer`: the doctor's, with whether he has `accepted`."""

    id: InPersonRequestId
    doctor_id: DoctorId
    patient_id: PatientId
    message: str
    asked_at: datetime
    answered_at: datetime | None = None
    accepted: bool | None = None
    answer: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def status(self) -> InPersonStatus:
        if self.withdrawn_at is not None:
            return InPersonStatus.WITHDRAWN
        answered = self.answered_at is not None
        return InPersonStatus.ANSWERED if answered else InPersonStatus.ASKED


class InPersonRequests(Protocol):
    async def get(self, id: InPersonRequestId, /) -> InPersonRequest | None: ...
    async def lock(self, id: InPersonRequestId, /) -> InPersonRequest | None:
        """As it stands; nobody else changes it before this work ends."""
        ...

    async def add(self, request: InPersonRequest, /) -> bool:
        """False, and nothing added, if one of these two waits already."""
        ...

    async def save(self, request: InPersonRequest, /) -> None: ...
    async def waiting(self, patient_id: PatientId, /) -> int: ...
    async def made_since(self, patient_id: PatientId, since: datetime, /) -> int: ...
    async def page(
        self, viewer: Viewer, /, *, after: InPersonRequestId | None, limit: int
    ) -> Sequence[InPersonRequest]:
        """Of a doctor those made to him, of a patient his own; the latest first."""
        ...

    async def remove_all(self, patient_id: PatientId, /) -> int:
        """Returns how many there were."""
        ...


async def request(
    work: UnitOfWork, viewer: Viewer, doctor_id: DoctorId, message: str, *, at: datetime
) -> InPersonRequest:
    """By a patient, of a verified doctor, who is told by mail.

    Raises Forbidden, NotFound or Refusal.
    """
    patient_id = as_patient(viewer)
    permit(work, viewer, RequestInPersonVisit(patient_id=patient_id, doctor_id=doctor_id))
    message = _said(message, work.limits)
    await work.lock(patient_id)
    await patients.require_cpf(work, patient_id)
    if not await doctors.is_verified(work, doctor_id):
        raise NotFound("There is no such doctor.")
    await _within_limits(work, patient_id, at)
    asked = InPersonRequest(
        id=InPersonRequestId(new_id()),
        doctor_id=doctor_id,
        patient_id=patient_id,
        message=message,
        asked_at=at,
    )
    if not await work.in_person_requests.add(asked):
        raise WrongStatus("You have asked this doctor already; wait for the answer.", "doctorId")
    await links.tell(work, UserId(doctor_id), MailKind.IN_PERSON_ASKED, at=at)
    return asked


async def answer(
    work: UnitOfWork,
    viewer: Viewer,
    id: InPersonRequestId,
    *,
    accepted: bool,
    message: str,
    at: datetime,
) -> InPersonRequest:
    """By the doctor who was asked, once; the patient is told by mail.

    Raises Forbidden, NotFound or Refusal.
    """
    doctor_id = as_doctor(viewer)
    verified = await doctors.is_verified(work, doctor_id)
    asked = await work.in_person_requests.lock(id)
    if asked is None or asked.doctor_id != doctor_id:
        raise NotFound("There is no such request.")
    action = AnswerInPersonRequest(
        doctor_id=doctor_id, verified=verified, in_person_request_id=id, accepted=accepted
    )
    permit(work, viewer, action)
    _require_asked(asked)
    message = _said(message, work.limits)
    answered = replace(asked, answered_at=at, accepted=accepted, answer=message)
    await work.in_person_requests.save(answered)
    await links.tell(work, UserId(asked.patient_id), MailKind.IN_PERSON_ANSWERED, at=at)
    return answered


async def withdraw(
    work: UnitOfWork, viewer: Viewer, id: InPersonRequestId, *, at: datetime
) -> InPersonRequest:
    """By its patient, while it has no answer. Raises Forbidden, NotFound or Refusal."""
    patient_id = as_patient(viewer)
    asked = await work.in_person_requests.lock(id)
    if asked is None or asked.patient_id != patient_id:
        raise NotFound("There is no such request.")
    permit(work, viewer, WithdrawInPersonRequest(patient_id=patient_id, in_person_request_id=id))
    _require_asked(asked)
    withdrawn = replace(asked, withdrawn_at=at)
    await work.in_person_requests.save(withdrawn)
    return withdrawn


async def recall(work: UnitOfWork, viewer: Viewer, id: UUID) -> InPersonRequest:
    """The patient's own, as it stands now. Raises NotFound."""
    found = await work.in_person_requests.get(InPersonRequestId(id))
    if found is None or found.patient_id != viewer.patient_id:
        raise NotFound("There is no such request.")
    return found


def _require_asked(request: InPersonRequest) -> None:
    if request.status is not InPersonStatus.ASKED:
        raise WrongStatus(f"It is {request.status}; this can be done no more.", "requestId")


async def _within_limits(work: UnitOfWork, patient_id: PatientId, at: datetime) -> None:
    """So that nobody has a mailbox filled, by withdrawing and asking anew."""
    limits = work.limits
    if await work.in_person_requests.waiting(patient_id) >= limits.in_person_requests:
        raise LimitReached(
            f"You have {limits.in_person_requests} requests without an answer; wait for one, or"
            " withdraw one."
        )
    most = limits.in_person_requests_a_day
    if await work.in_person_requests.made_since(patient_id, at - _DAY) >= most:
        raise LimitReached(f"You may ask {most} times in 24 hours.")


def _said(message: str, limits: Limits) -> str:
    shortest, longest = limits.justification_shortest, limits.justification_longest
    return said(message, "A message", "message", shortest=shortest, longest=longest)
