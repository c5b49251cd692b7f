"""Slots, as clients see them."""

from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from domain import slots, weekly
from domain.auth import Scope, as_reader
from domain.ids import DoctorId, PatientId, SlotId
from domain.slots import SlotStatus
from schema import ids
from schema.context import Info
from schema.nodes import Node, must
from schema.problems import Problem, plain, problems, type_of
from schema.scalars import EventCursor

if TYPE_CHECKING:
    from schema.doctors import Doctor

strawberry.enum(
    SlotStatus,
    description=(
        "OPEN: anyone may request it. HELD: one patient has it for a few minutes. BOOKED:"
        " requested or confirmed. WITHDRAWN: taken back by the doctor."
    ),
)


@strawberry.type(description="A time in which a doctor can see one patient, [startsAt, endsAt).")
class Slot(Node):
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it is over; the next may begin then.")
    status: SlotStatus = strawberry.field(description="Whether it can be had.")
    doctor_id: strawberry.Private[DoctorId]
    held_by: strawberry.Private[PatientId | None]
    lapses_at: strawberry.Private[datetime | None]

    @classmethod
    def of(cls, slot: slots.Slot) -> Self:
        return cls(
            id=ids.show(SlotId, slot.id),
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            status=slot.status,
            doctor_id=slot.doctor_id,
            held_by=slot.held_by,
            lapses_at=slot.lapses_at,
        )

    @strawberry.field(description="Whose time it is.")
    async def doctor(self, info: Info) -> Annotated["Doctor", strawberry.lazy("schema.doctors")]:
        from schema.doctors import Doctor  # noqa: PLC0415  # slots and doctors know each other

        as_reader(info.context.caller, Scope.DOCTORS)
        return Doctor.of(must(await info.context.loaders.doctors.load(self.doctor_id)))

    @strawberry.field(
        description="Until when the viewer's own hold lasts; null for everybody else."
    )
    def hold_expires_at(self, info: Info) -> datetime | None:
        caller = info.context.caller
        own = caller is not None and self.held_by is not None and caller.patient_id == self.held_by
        return self.lapses_at if own else None


@strawberry.type(
    description=(
        "The slot is not there to be had; up to three open ones of the same doctor near that time."
    )
)
class SlotTaken(Problem):
    alternatives: list[Slot] = strawberry.field(description="The nearest in time first.")

    @classmethod
    def of(cls, refusal: slots.SlotTaken) -> Self:
        return cls(**plain(refusal), alternatives=[Slot.of(slot) for slot in refusal.alternatives])


type_of[slots.SlotTaken] = SlotTaken.of


@strawberry.enum(description="What happened to a slot. RESYNC: read the page again.")
class SlotChangeKind(Enum):
    OPENED = "OPENED"
    MOVED = "MOVED"
    HELD = "HELD"
    RELEASED = "RELEASED"
    BOOKED = "BOOKED"
    WITHDRAWN = "WITHDRAWN"
    RESYNC = "RESYNC"


@strawberry.type(description="Something happened to a slot.")
class SlotChange:
    cursor: EventCursor = strawberry.field(description="Give it as `after` to go on from here.")
    at: datetime = strawberry.field(description="When it happened.")
    kind: SlotChangeKind = strawberry.field(
        description="OPENED when published, RELEASED when one is free again."
    )
    slot_id: strawberry.Private[SlotId | None]

    @strawberry.field(description="As it stands when this is delivered. Null only with RESYNC.")
    async def slot(self, info: Info) -> Slot | None:
        if self.slot_id is None:
            return None
        return Slot.of(must(await info.context.loaders.slots.load(self.slot_id)))


@strawberry.input(description="[startsAt, endsAt), 5 minutes to 8 hours, at most 365 days ahead.")
class SlotTimeInput:
    starts_at: datetime = strawberry.field(description="In the future.")
    ends_at: datetime = strawberry.field(description="Not included.")

    def period(self) -> slots.Period:
        return slots.Period(self.starts_at, self.ends_at)


@strawberry.input(description="Times to be published.")
class PublishSlotsInput:
    times: list[SlotTimeInput] = strawberry.field(description="1 to 500.")


@strawberry.enum(description="A day of the week.")
class Weekday(Enum):
    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@strawberry.input(description="A weekly pattern, in the doctor's own wall-clock time.")
class PublishWeeklySlotsInput:
    weekdays: list[Weekday] = strawberry.field(description="At least one.")
    start_time: time = strawberry.field(description="When the first slot of a day begins.")
    end_time: time = strawberry.field(description="When the day's last slot is over at the latest.")
    minutes: int = strawberry.field(description="How long a slot takes, 5 to 480.")
    buffer_minutes: int | None = strawberry.field(default=0, description="Between two slots.")
    from_date: date = strawberry.field(description="The first day, included.")
    to_date: date = strawberry.field(description="The last day, included.")

    def pattern(self) -> weekly.Pattern:
        return weekly.Pattern(
            weekdays=frozenset(day.value for day in self.weekdays),
            start_time=self.start_time,
            end_time=self.end_time,
            minutes=self.minutes,
            buffer_minutes=self.buffer_minutes or 0,
            from_date=self.from_date,
            to_date=self.to_date,
        )


@strawberry.type(description="What came of publishing.")
class PublishSlotsPayload:
    slots: list[Slot] | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()


@strawberry.input(description="Another time for an OPEN slot.")
class UpdateSlotInput:
    slot_id: strawberry.ID = strawberry.field(description="Which slot.")
    starts_at: datetime = strawberry.field(description="In the future.")
    ends_at: datetime = strawberry.field(description="Not included.")


@strawberry.type(description="What came of updateSlot.")
class UpdateSlotPayload:
    slot: Slot | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()


@strawberry.input(description="OPEN slots to be taken back.")
class WithdrawSlotsInput:
    slot_ids: list[strawberry.ID] = strawberry.field(description="1 to 500.")


@strawberry.type(description="What came of withdrawSlots.")
class WithdrawSlotsPayload:
    slots: list[Slot] | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()


@strawberry.input(description="A slot to be kept for a few minutes.")
class HoldSlotInput:
    slot_id: strawberry.ID = strawberry.field(description="Which slot.")


@strawberry.type(description="What came of holdSlot.")
class HoldSlotPayload:
    slot: Slot | None = strawberry.field(default=None, description="Null when refused.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="When the hold ends by itself; null when refused."
    )
    problems: list[Problem] = problems()


@strawberry.input(description="A slot that one holds, to be given back.")
class ReleaseSlotInput:
    slot_id: strawberry.ID = strawberry.field(description="Which slot.")


@strawberry.type(description="What came of releaseSlot.")
class ReleaseSlotPayload:
    slot: Slot | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()
