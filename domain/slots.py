"""A slot: a time for one patient with a doctor, the half-open interval [starts_at, ends_at)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from domain.errors import Refusal
from domain.ids import DoctorId, PatientId, SlotId


class SlotStatus(StrEnum):
    OPEN = "OPEN"
    HELD = "HELD"
    BOOKED = "BOOKED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """`lapses_at`: when a hold, or the request that books it, ends by itself and it is OPEN again.

    Until somebody writes that down the row still says HELD or BOOKED; `as_of` tells the truth.
    """

    id: SlotId
    doctor_id: DoctorId
    starts_at: datetime
    ends_at: datetime
    status: SlotStatus = SlotStatus.OPEN
    held_by: PatientId | None = None
    lapses_at: datetime | None = None

    def lapsed(self, at: datetime) -> bool:
        return self.lapses_at is not None and self.lapses_at <= at

    def as_of(self, at: datetime) -> Self:
        return self.opened() if self.lapsed(at) else self

    def opened(self) -> Self:
        return replace(self, status=SlotStatus.OPEN, held_by=None, lapses_at=None)

    def held(self, patient_id: PatientId, until: datetime) -> Self:
        return replace(self, status=SlotStatus.HELD, held_by=patient_id, lapses_at=until)

    def booked(self, respond_by: datetime | None = None) -> Self:
        """By a request if it names `respond_by`; one that lasts until the start never reopens."""
        lapses_at = respond_by if respond_by and respond_by < self.starts_at else None
        return replace(self, status=SlotStatus.BOOKED, held_by=None, lapses_at=lapses_at)

    def withdrawn(self) -> Self:
        return replace(self, status=SlotStatus.WITHDRAWN)

    def is_held_by(self, patient_id: PatientId | None) -> bool:
        return self.status is SlotStatus.HELD and self.held_by == patient_id

    def is_free_for(self, patient_id: PatientId) -> bool:
        return self.status is SlotStatus.OPEN or self.is_held_by(patient_id)


@dataclass(frozen=True, slots=True)
class Period:
    """[starts_at, ends_at), aware, in UTC."""

    starts_at: datetime
    ends_at: datetime


class SlotTaken(Refusal):
    """`alternatives`: up to three open slots of the same doctor, nearest in time first."""

    code = "SLOT_TAKEN"

    def __init__(self, slot_id: SlotId, alternatives: Sequence[Slot] = ()) -> None:
        super().__init__("This time is not to be had any more; choose another.", "slotId")
        self.slot_id, self.alternatives = slot_id, alternatives


class SlotOverlaps(Refusal):
    code = "SLOT_OVERLAPS"


class SlotInPast(Refusal):
    code = "SLOT_IN_PAST"


class Slots(Protocol):
    async def get(self, id: SlotId, /) -> Slot | None: ...
    async def lock(self, ids: Collection[SlotId], /) -> list[Slot]:
        """Those that there are, lowest id first; nobody else changes them before this work ends."""
        ...

    async def overlapping(
        self, doctor_id: DoctorId, periods: Sequence[Period], /
    ) -> list[tuple[int, Slot]]:
        """Slots of the doctor, not WITHDRAWN, that overlap a period; with the period's number."""
        ...

    async def open_near(self, slot: Slot, /, *, at: datetime, limit: int) -> list[Slot]:
        """The doctor's other slots that are OPEN and start later than `at`, nearest first."""
        ...

    async def held_by(self, patient_id: PatientId, /, *, at: datetime) -> list[Slot]: ...
    async def lapsed(self, /, *, at: datetime, limit: int) -> list[SlotId]:
        """Slots whose row still says what time has ended, which nobody has locked."""
        ...

    async def add_all(self, slots: Sequence[Slot], /) -> int:
        """How many were added: all, but for those that overlap what somebody else just added."""
        ...

    async def save(self, slot: Slot, /) -> None: ...
