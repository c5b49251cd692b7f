"""Holds: a patient keeps a slot to himself for some minutes, while he makes up his mind."""

from datetime import datetime

from domain import doctors, lapses, patients
from domain.auth import HoldSlot, ReleaseSlot, Viewer, as_patient, permit
from domain.errors import LimitReached, NotFound, WrongStatus
from domain.events import SlotHeld, SlotReleased
from domain.ids import SlotId
from domain.slots import Slot, SlotInPast, SlotTaken
from domain.unit_of_work import UnitOfWork


async def hold(work: UnitOfWork, viewer: Viewer, slot_id: SlotId, *, at: datetime) -> Slot:
    """Holding what one holds changes nothing, nor does it last longer.

    Raises Forbidden, NotFound, WrongStatus, SlotInPast, SlotTaken or LimitReached.
    """
    patient_id = as_patient(viewer)
    permit(work, viewer, HoldSlot(patient_id=patient_id, slot_id=slot_id))
    await work.lock(patient_id)
    await patients.require_cpf(work, patient_id)
    slot = await bookable(work, slot_id, at=at)
    if slot.is_held_by(patient_id):
        return slot
    if not slot.is_free_for(patient_id):
        raise await taken(work, slot, at=at)
    holds = await work.slots.held_by(patient_id, at=at)
    limits = work.limits
    if sum(other.doctor_id == slot.doctor_id for other in holds) >= limits.holds_per_doctor:
        raise LimitReached("You hold a time of this doctor already; release it first.", "slotId")
    if len(holds) >= limits.holds:
        raise LimitReached(f"You hold {limits.holds} times already; release one first.", "slotId")
    held = slot.held(patient_id, until=min(at + limits.hold_for, slot.starts_at))
    await work.slots.save(held)
    work.publish(SlotHeld(doctor_id=slot.doctor_id, slot_id=slot.id))
    return held


async def release(work: UnitOfWork, viewer: Viewer, slot_id: SlotId, *, at: datetime) -> Slot:
    """Raises Forbidden, NotFound or WrongStatus."""
    patient_id = as_patient(viewer)
    permit(work, viewer, ReleaseSlot(patient_id=patient_id, slot_id=slot_id))
    await work.lock(patient_id)
    slot = (await lapses.settled(work, [slot_id], at=at)).get(slot_id)
    if slot is None:
        raise NotFound("There is no such slot.")
    if not slot.is_held_by(patient_id):
        raise WrongStatus("You do not hold this slot.", "slotId")
    released = slot.opened()
    await work.slots.save(released)
    work.publish(SlotReleased(doctor_id=slot.doctor_id, slot_id=slot.id))
    return released


async def bookable(work: UnitOfWork, slot_id: SlotId, *, at: datetime) -> Slot:
    """The slot, locked and settled, if it is of a verified doctor and in the future.

    Raises NotFound or SlotInPast.
    """
    slot = (await lapses.settled(work, [slot_id], at=at)).get(slot_id)
    if slot is None or not await doctors.is_verified(work, slot.doctor_id):
        raise NotFound("There is no such slot.")
    if slot.starts_at <= at:
        raise SlotInPast("This time has passed; choose another.", "slotId")
    return slot


async def taken(work: UnitOfWork, slot: Slot, *, at: datetime) -> SlotTaken:
    """The refusal, with other times of that doctor."""
    near = await work.slots.open_near(slot, at=at, limit=work.limits.alternatives)
    return SlotTaken(slot.id, near)
