"""Availability: a doctor publishes slots, moves and withdraws them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from domain import doctors, lapses, weekly
from domain.auth import MoveSlot, PublishSlots, Viewer, WithdrawSlots, as_doctor, permit
from domain.errors import Invalid, LimitReached, Missing, NotFound, Refusal, WrongStatus, refuse_any
from domain.events import SlotMoved, SlotOpened, SlotWithdrawn
from domain.ids import DoctorId, SlotId, new_id
from domain.limits import Limits
from domain.slots import Period, Slot, SlotInPast, SlotOverlaps, SlotStatus
from domain.unit_of_work import UnitOfWork


async def publish(
    work: UnitOfWork, viewer: Viewer, times: Sequence[Period], *, at: datetime
) -> list[Slot]:
    """All of these times as OPEN slots, in their order, or none. Raises Forbidden or Refusal."""
    doctor_id = await _may_publish(work, viewer, len(times))
    if not 1 <= len(times) <= work.limits.slots_at_once:
        raise Invalid(f"Publish 1 to {work.limits.slots_at_once} times at once.", "times")
    await work.lock(doctor_id)
    faults = {
        number: list(_faults(period, work.limits, at, "times", number))
        for number, period in enumerate(times)
    }
    sound = {number: times[number] for number, found in faults.items() if not found}
    overlaps = await _overlaps(work, doctor_id, sound)
    refuse_any(
        [
            *(fault for found in faults.values() for fault in found),
            *(SlotOverlaps(why, "times", number, "startsAt") for number, why in overlaps.items()),
        ]
    )
    return await _open(work, doctor_id, times)


async def publish_weekly(
    work: UnitOfWork, viewer: Viewer, pattern: weekly.Pattern, *, at: datetime
) -> list[Slot]:
    """The pattern's slots, in order of time, all or none. Raises Forbidden or Refusal."""
    doctor_id = as_doctor(viewer)
    refuse_any(pattern.faults(work.limits))
    zone = ZoneInfo((await doctors.find(work, doctor_id)).time_zone)
    ends = at + work.limits.slot_ahead
    if pattern.to_date < at.astimezone(zone).date():
        raise SlotInPast("These days have passed.", "fromDate")
    if pattern.from_date > ends.astimezone(zone).date():
        raise Invalid(f"At most {work.limits.slot_ahead.days} days ahead.", "toDate")
    times = weekly.periods(pattern, zone)
    await _may_publish(work, viewer, len(times))
    most = work.limits.weekly_slots_at_once
    if not times:
        raise Invalid("This pattern makes no slot on any of these days.", "startTime")
    if len(times) > most:
        raise LimitReached(f"This pattern makes {len(times)} slots; at most {most} go at once.")
    past = [period for period in times if period.starts_at <= at]
    refuse_any(SlotInPast(f"{_show(period)} lies in the past.", "fromDate") for period in past)
    if times[-1].starts_at > ends:
        raise Invalid(f"At most {work.limits.slot_ahead.days} days ahead.", "toDate")
    await work.lock(doctor_id)
    overlaps = await _overlaps(work, doctor_id, dict(enumerate(times)))
    refuse_any(SlotOverlaps(why) for why in overlaps.values())
    return await _open(work, doctor_id, times)


async def move(
    work: UnitOfWork, viewer: Viewer, slot_id: SlotId, period: Period, *, at: datetime
) -> Slot:
    """An OPEN slot to another time. Raises Forbidden, NotFound or Refusal."""
    doctor_id = as_doctor(viewer)
    await work.lock(doctor_id)
    slot = await _own(work, doctor_id, slot_id, at)
    verified = await doctors.is_verified(work, doctor_id)
    permit(work, viewer, MoveSlot(doctor_id=doctor_id, verified=verified, slot_id=slot_id))
    if slot.status is not SlotStatus.OPEN:
        raise WrongStatus("Only an open slot can be moved.", "slotId")
    refuse_any(_faults(period, work.limits, at))
    for _, other in await work.slots.overlapping(doctor_id, [period]):
        if other.id != slot.id:
            raise SlotOverlaps(f"You have a slot at {_show(other)} already.", "startsAt")
    moved = Slot(
        id=slot.id, doctor_id=doctor_id, starts_at=period.starts_at, ends_at=period.ends_at
    )
    await work.slots.save(moved)
    work.publish(SlotMoved(doctor_id=doctor_id, slot_id=slot.id))
    return moved


async def withdraw(
    work: UnitOfWork, viewer: Viewer, slot_ids: Sequence[SlotId | None], *, at: datetime
) -> list[Slot]:
    """All of these OPEN slots, or none; a None among them is one that cannot be there."""
    doctor_id = as_doctor(viewer)
    if not 1 <= len(slot_ids) <= work.limits.slots_at_once:
        raise Invalid(f"Withdraw 1 to {work.limits.slots_at_once} slots at once.", "slotIds")
    known = tuple(dict.fromkeys(id for id in slot_ids if id is not None))
    permit(work, viewer, WithdrawSlots(doctor_id=doctor_id, slot_ids=known))
    await work.lock(doctor_id)
    found = await lapses.settled(work, known, at=at)
    own = {id: slot for id, slot in found.items() if slot.doctor_id == doctor_id}
    refuse_any(_not_withdrawable(slot_ids, own))
    withdrawn = [own[id].withdrawn() for id in known]
    for slot in withdrawn:
        await work.slots.save(slot)
        work.publish(SlotWithdrawn(doctor_id=doctor_id, slot_id=slot.id))
    return withdrawn


async def _may_publish(work: UnitOfWork, viewer: Viewer, count: int) -> DoctorId:
    doctor_id = as_doctor(viewer)
    verified = await doctors.is_verified(work, doctor_id)
    permit(work, viewer, PublishSlots(doctor_id=doctor_id, verified=verified, slots=count))
    return doctor_id


async def _overlaps(
    work: UnitOfWork, doctor_id: DoctorId, times: Mapping[int, Period]
) -> dict[int, str]:
    """By its number, why a time cannot be: another one of them, or a slot, is in its way."""
    numbers = list(times)
    why = dict.fromkeys(_among(times), "This time overlaps another one of these.")
    for place, slot in await work.slots.overlapping(doctor_id, list(times.values())):
        why[numbers[place]] = f"You have a slot at {_show(slot)} already."
    return why


async def _open(work: UnitOfWork, doctor_id: DoctorId, times: Sequence[Period]) -> list[Slot]:
    slots = [
        Slot(
            id=SlotId(new_id()),
            doctor_id=doctor_id,
            starts_at=period.starts_at,
            ends_at=period.ends_at,
        )
        for period in times
    ]
    if await work.slots.add_all(slots) < len(slots):
        raise SlotOverlaps("A slot at one of these times has just been made.")
    for slot in slots:
        work.publish(SlotOpened(doctor_id=doctor_id, slot_id=slot.id))
    return slots


async def _own(work: UnitOfWork, doctor_id: DoctorId, slot_id: SlotId, at: datetime) -> Slot:
    """Locked and settled; another doctor's is not there."""
    slot = (await lapses.settled(work, [slot_id], at=at)).get(slot_id)
    if slot is None or slot.doctor_id != doctor_id:
        raise NotFound("There is no such slot.")
    return slot


def _faults(period: Period, limits: Limits, at: datetime, *path: str | int) -> Iterator[Refusal]:
    if period.starts_at <= at:
        yield SlotInPast("A slot starts in the future.", *path, "startsAt")
    elif period.starts_at > at + limits.slot_ahead:
        days = limits.slot_ahead.days
        yield Invalid(f"A slot starts at most {days} days ahead.", *path, "startsAt")
    if not limits.slot_shortest <= period.ends_at - period.starts_at <= limits.slot_longest:
        shortest, longest = weekly.minutes_of_a_slot(limits)
        yield Invalid(f"A slot takes {shortest} to {longest} minutes.", *path, "endsAt")


def _among(times: Mapping[int, Period]) -> Iterator[int]:
    """The numbers of those that overlap an earlier one."""
    busy_until: datetime | None = None
    for number, period in sorted(times.items(), key=lambda numbered: numbered[1].starts_at):
        if busy_until is not None and period.starts_at < busy_until:
            yield number
        busy_until = max(busy_until or period.ends_at, period.ends_at)


def _not_withdrawable(
    slot_ids: Sequence[SlotId | None], own: dict[SlotId, Slot]
) -> Iterator[Refusal]:
    for number, id in enumerate(slot_ids):
        slot = own.get(id) if id is not None else None
        if slot is None:
            yield Missing("There is no such slot.", "slotIds", number)
        elif slot.status is not SlotStatus.OPEN:
            yield WrongStatus("Only an open slot can be withdrawn.", "slotIds", number)


def _show(period: Period | Slot) -> str:
    return f"{period.starts_at:%Y-%m-%dT%H:%MZ}"
