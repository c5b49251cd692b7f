"""Emergencies: a doctor who sees a patient today breaks the glass, and sees his record for an hour.

The patient is told at once and reads the reason in his access log; an administrator reviews it. All
that is read meanwhile is in the log as ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from domain import doctors, links
from domain.accesses import AccessAction, deny, log
from domain.auth import (
    BreakGlass,
    ReadEmergencyAccesses,
    ReviewEmergencyAccess,
    Viewer,
    as_doctor,
    permit,
)
from domain.errors import NotFound, WrongStatus, said
from domain.ids import AppointmentId, DoctorId, EmergencyAccessId, PatientId, UserId, new_id
from domain.mail import MailKind
from domain.slots import Period
from domain.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAccess:
    """[opened_at, ends_at), by the database's time. `note`: of whoever reviewed it."""

    id: EmergencyAccessId
    doctor_id: DoctorId
    patient_id: PatientId
    appointment_id: AppointmentId
    reason: str
    opened_at: datetime
    ends_at: datetime
    reviewed_at: datetime | None = None
    reviewed_by: UserId | None = None
    note: str | None = None


class Emergencies(Protocol):
    async def add(self, access: EmergencyAccess, /) -> bool:
        """False, and nothing added, if these two have one that is open."""
        ...

    async def save(self, access: EmergencyAccess, /) -> None: ...
    async def lock(self, id: EmergencyAccessId, /) -> EmergencyAccess | None:
        """As it stands; nobody else changes it before this work ends."""
        ...

    async def page(
        self, /, *, reviewed: bool | None, after: EmergencyAccessId | None, limit: int
    ) -> Sequence[EmergencyAccess]:
        """The latest first, older than `after`."""
        ...


def day_of(at: datetime, zone: ZoneInfo) -> Period:
    """The local day on which a moment lies. It may have 23 or 25 hours."""
    on = at.astimezone(zone).date()
    bounds = (datetime.combine(day, time(), zone) for day in (on, on + timedelta(days=1)))
    starts_at, ends_at = (bound.astimezone(UTC) for bound in bounds)
    return Period(starts_at=starts_at, ends_at=ends_at)


async def break_glass(
    work: UnitOfWork, viewer: Viewer, patient_id: PatientId, reason: str, *, at: datetime
) -> EmergencyAccess | None:
    """By a verified doctor who sees the patient on this day of his own zone. None for any other
    two; that it was tried, and why, is on record, so that nothing is raised.

    Raises Forbidden or Refusal.
    """
    doctor_id = as_doctor(viewer)
    limits = work.limits
    shortest, longest = limits.glass_reason_shortest, limits.justification_longest
    reason = said(reason, "A reason", "reason", shortest=shortest, longest=longest)
    await work.lock(doctor_id)
    verified = await doctors.is_verified(work, doctor_id)
    zone = ZoneInfo((await doctors.find(work, doctor_id)).time_zone)
    now = await work.shares.now()
    visit = await work.appointments.expected(doctor_id, patient_id, day_of(now, zone))
    if not verified or visit is None:
        await deny(work, viewer, patient_id, reason)
        return None
    action = BreakGlass(
        doctor_id=doctor_id, verified=verified, patient_id=patient_id, appointment_id=visit.id
    )
    permit(work, viewer, action)
    opened = EmergencyAccess(
        id=EmergencyAccessId(new_id()),
        doctor_id=doctor_id,
        patient_id=patient_id,
        appointment_id=visit.id,
        reason=reason,
        opened_at=now,
        ends_at=now + limits.glass_broken_for,
    )
    if not await work.emergencies.add(opened):
        raise WrongStatus("You see this record in an emergency already.", "patientId")
    log(work, viewer, patient_id, AccessAction.SHARED, purpose=reason)
    await links.tell(work, UserId(patient_id), MailKind.GLASS_BROKEN, at=at)
    return opened


async def read(
    work: UnitOfWork,
    viewer: Viewer,
    *,
    reviewed: bool | None,
    after: EmergencyAccessId | None,
    limit: int,
) -> Sequence[EmergencyAccess]:
    """A page of all doctors'; that it was read is in the audit log. Raises Forbidden."""
    permit(work, viewer, ReadEmergencyAccesses())
    return await work.emergencies.page(reviewed=reviewed, after=after, limit=limit)


async def review(
    work: UnitOfWork, viewer: Viewer, id: EmergencyAccessId, note: str, *, at: datetime
) -> EmergencyAccess:
    """Once, with what came of it. Raises Forbidden, NotFound or Refusal."""
    permit(work, viewer, ReviewEmergencyAccess(emergency_id=id))
    limits = work.limits
    shortest, longest = limits.justification_shortest, limits.justification_longest
    note = said(note, "A note", "note", shortest=shortest, longest=longest)
    found = await work.emergencies.lock(id)
    if found is None:
        raise NotFound("There is no such access.")
    if found.reviewed_at is not None:
        raise WrongStatus("It has been reviewed already.", "emergencyId")
    reviewed = replace(found, reviewed_at=at, reviewed_by=viewer.user_id, note=note)
    await work.emergencies.save(reviewed)
    return reviewed
