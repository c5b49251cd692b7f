"""An appointment of a patient with a doctor, from the request to its end.

REQUESTED   → CONFIRMED | DECLINED | CANCELLED | EXPIRED
CONFIRMED   → IN_PROGRESS | CANCELLED | NO_SHOW
IN_PROGRESS → COMPLETED
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from domain.auth import Viewer
from domain.errors import Refusal
from domain.ids import AppointmentId, DoctorId, PatientId, SlotId
from domain.slots import Period, Slot


class AppointmentStatus(StrEnum):
    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    NO_SHOW = "NO_SHOW"


ACTIVE = (
    AppointmentStatus.REQUESTED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.IN_PROGRESS,
)


_ANSWERS = (AppointmentStatus.CONFIRMED, AppointmentStatus.DECLINED)
OPEN_TO_BOTH = (AppointmentStatus.CONFIRMED, AppointmentStatus.IN_PROGRESS)  # within its window
NOT_CALLED_OFF = (*ACTIVE, AppointmentStatus.COMPLETED)  # it takes place, or has


class AppointmentParty(StrEnum):
    DOCTOR = "DOCTOR"
    PATIENT = "PATIENT"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """`respond_by`: when an unanswered request expires, whether or not its row says so.
    `closes_at`: of a visit that has begun, when it is over, whether or not its row says so.
    `consent_…`: which text was accepted at `consented_at`; None for what was requested before there
    were texts.
    `answered_at`: when its doctor first accepted or declined; None for what was answered before
    that was noted.
    """

    id: AppointmentId
    version: int = 1
    status: AppointmentStatus = AppointmentStatus.REQUESTED
    doctor_id: DoctorId
    patient_id: PatientId
    slot_id: SlotId
    starts_at: datetime
    ends_at: datetime
    reason: str | None = None
    justification: str | None = None
    ended_by: AppointmentParty | None = None
    respond_by: datetime
    consented_at: datetime
    consent_version: str | None = None
    consent_language: str | None = None
    consent_sha256: str | None = None
    requested_at: datetime
    closes_at: datetime | None = None
    ended_at: datetime | None = None
    answered_at: datetime | None = None

    def overlaps(self, slot: Slot) -> bool:
        """Half-open intervals: one that ends as the other begins is in nobody's way."""
        return self.starts_at < slot.ends_at and slot.starts_at < self.ends_at

    def lapsed(self, at: datetime) -> bool:
        return self.status is AppointmentStatus.REQUESTED and self.respond_by <= at

    def outlasted(self, at: datetime) -> bool:
        if self.status is not AppointmentStatus.IN_PROGRESS or self.closes_at is None:
            return False
        return self.closes_at <= at

    def as_of(self, at: datetime) -> Self:
        if self.lapsed(at):
            return self.expired()
        return self.closed() if self.outlasted(at) else self

    def expired(self) -> Self:
        return self.ended(AppointmentStatus.EXPIRED, by=AppointmentParty.SYSTEM, at=self.respond_by)

    def closed(self) -> Self:
        """A visit that nobody has ended, at the end of its window."""
        return self.ended(
            AppointmentStatus.COMPLETED, by=AppointmentParty.SYSTEM, at=self.closes_at
        )

    def ended(
        self,
        status: AppointmentStatus,
        *,
        by: AppointmentParty,
        at: datetime | None,
        justification: str | None = None,
    ) -> Self:
        return replace(self.now(status), ended_by=by, ended_at=at, justification=justification)

    def answered(self, before: Self, *, at: datetime) -> Self:
        """What `before` became by the doctor's answer, if it did; the first answer counts."""
        asked = before.status is AppointmentStatus.REQUESTED and before.answered_at is None
        return replace(self, answered_at=at) if asked and self.status in _ANSWERS else self

    def begun(self, closes_at: datetime) -> Self:
        return replace(self.now(AppointmentStatus.IN_PROGRESS), closes_at=closes_at)

    def now(self, status: AppointmentStatus) -> Self:
        """One that has not ended, or has no more."""
        return replace(
            self,
            version=self.version + 1,
            status=status,
            ended_by=None,
            ended_at=None,
            justification=None,
        )

    def moved(self, slot: Slot, *, respond_by: datetime) -> Self:
        return replace(
            self.now(AppointmentStatus.REQUESTED),
            slot_id=slot.id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            respond_by=respond_by,
        )

    def party(self, viewer: Viewer) -> AppointmentParty | None:
        """Which side the viewer is on; None for a stranger."""
        if viewer.doctor_id == self.doctor_id:
            return AppointmentParty.DOCTOR
        if viewer.patient_id == self.patient_id:
            return AppointmentParty.PATIENT
        return None


class VersionConflict(Refusal):
    code = "VERSION_CONFLICT"

    def __init__(self, current: Appointment) -> None:
        super().__init__("It has changed meanwhile; look at how it stands.", "expectedVersion")
        self.current = current


class PatientBusy(Refusal):
    code = "PATIENT_BUSY"

    def __init__(self) -> None:
        super().__init__("You have another appointment at this time.", "slotId")


class Appointments(Protocol):
    async def get(self, id: AppointmentId, /) -> Appointment | None: ...
    async def active(self, patient_id: PatientId, /) -> list[Appointment]:
        """The patient's appointments whose row says that they have not ended."""
        ...

    async def overdue(self, slot_ids: Collection[SlotId], /, *, at: datetime) -> list[Appointment]:
        """Requests on these slots that expired, though their row says REQUESTED."""
        ...

    async def overdue_slots(self, /, *, at: datetime, limit: int) -> list[SlotId]:
        """Slots of such requests, whichever doctor's."""
        ...

    async def ever(self, doctor_id: DoctorId, patient_id: PatientId, /) -> bool:
        """Whether these two have, or had, an appointment, whatever came of it."""
        ...

    async def expected(
        self, doctor_id: DoctorId, patient_id: PatientId, within: Period, /
    ) -> Appointment | None:
        """One of these two, CONFIRMED or IN_PROGRESS, of which a part lies within this time."""
        ...

    async def add(self, appointment: Appointment, /) -> bool:
        """False, and nothing added, if an active one of doctor, patient or slot is in the way."""
        ...

    async def change(self, before: Appointment, after: Appointment, /) -> bool:
        """False, and nothing changed, if its status or version is no more that of `before`."""
        ...
