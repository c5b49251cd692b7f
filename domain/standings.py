"""Standings: what administrators decide of a doctor's registration, and what follows from it.

The registry's word comes first; from an administrator's on it is his that counts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from domain import doctors, links, sessions
from domain.auth import (
    DecideOnDoctor,
    ReinstateDoctor,
    SuspendDoctor,
    VerifyDoctor,
    Viewer,
    permit,
)
from domain.doctors import Doctor, DoctorStatus
from domain.errors import WrongStatus, said
from domain.ids import DoctorId, StandingId, UserId, new_id
from domain.mail import MailKind, mail
from domain.unit_of_work import UnitOfWork

PENDING, VERIFIED = DoctorStatus.PENDING, DoctorStatus.VERIFIED
SUSPENDED = DoctorStatus.SUSPENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was decided, why, by whom and when. It is never changed."""

    id: StandingId
    doctor_id: DoctorId
    status: DoctorStatus
    reason: str
    decided_by: UserId
    decided_at: datetime


class Standings(Protocol):
    async def add(self, standing: Standing, /) -> bool: ...


async def verify(
    work: UnitOfWork, viewer: Viewer, doctor_id: DoctorId, *, reason: str, at: datetime
) -> Doctor:
    """One of whom the registry has not spoken. Raises Forbidden, NotFound or Refusal."""
    return await _decide(work, viewer, VerifyDoctor(doctor_id=doctor_id), reason, at)


async def reinstate(
    work: UnitOfWork, viewer: Viewer, doctor_id: DoctorId, *, reason: str, at: datetime
) -> Doctor:
    """One who was suspended. Raises Forbidden, NotFound or Refusal."""
    return await _decide(work, viewer, ReinstateDoctor(doctor_id=doctor_id), reason, at)


async def suspend(
    work: UnitOfWork, viewer: Viewer, doctor_id: DoctorId, *, reason: str, at: datetime
) -> Doctor:
    """End his sessions and tell whoever was to see him. Raises Forbidden, NotFound or Refusal.

    His appointments stand: they may go on when he is reinstated, or are cancelled by either side.
    """
    doctor = await _decide(work, viewer, SuspendDoctor(doctor_id=doctor_id), reason, at)
    await sessions.end_all(work, UserId(doctor_id), at=at)
    for patient in await work.accounts.of_patients_expected(doctor_id, at=at):
        letter = mail(MailKind.VISITS_IN_DOUBT, patient.email, language=patient.language)
        await work.outbox.add(letter, at=at)
    return doctor


# From which statuses each leads, and to which.
_LEADS: Mapping[type[DecideOnDoctor], tuple[Collection[DoctorStatus], DoctorStatus]] = {
    VerifyDoctor: ({PENDING}, VERIFIED),
    SuspendDoctor: ({PENDING, VERIFIED}, SUSPENDED),
    ReinstateDoctor: ({SUSPENDED}, VERIFIED),
}
_TOLD = {
    VERIFIED: MailKind.REGISTRATION_VERIFIED,
    SUSPENDED: MailKind.REGISTRATION_SUSPENDED,
}


async def _decide(
    work: UnitOfWork, viewer: Viewer, action: DecideOnDoctor, reason: str, at: datetime
) -> Doctor:
    permit(work, viewer, action)
    doctor_id = action.doctor_id
    before, after = _LEADS[type(action)]
    # Whoever is signing him in, or booking him, has finished, or will find him as he is then.
    await work.lock(doctor_id)
    doctor = await doctors.lock(work, doctor_id)
    limits = work.limits
    reason = said(
        reason,
        "A reason",
        "reason",
        shortest=limits.justification_shortest,
        longest=limits.justification_longest,
    )
    if doctor.status not in before:
        raise WrongStatus(f"This doctor is {doctor.status.value}.", "doctorId")
    standing = Standing(
        id=StandingId(new_id()),
        doctor_id=doctor_id,
        status=after,
        reason=reason,
        decided_by=viewer.user_id,
        decided_at=at,
    )
    await work.standings.add(standing)
    decided = replace(doctor, status=after)
    await work.doctors.save(decided)
    await links.tell(work, UserId(doctor_id), _TOLD[after], at=at)
    return decided
