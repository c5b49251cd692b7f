"""What time alone ends: a hold after its minutes, a request that nobody answered.

Each is over at its moment, whether or not anything runs: reads and acts reckon with it. An act
that meets it writes it down first; the sweeper does so where nobody acts, so that others hear.
"""

from collections.abc import Collection
from datetime import datetime

from domain.appointments import Appointment
from domain.auth import SYSTEM, LetLapse, permit
from domain.events import AppointmentExpired, SlotReleased
from domain.ids import SlotId
from domain.slots import Slot, SlotStatus
from domain.turns import tell
from domain.unit_of_work import UnitOfWork


async def settled(
    work: UnitOfWork, slot_ids: Collection[SlotId], *, at: datetime
) -> dict[SlotId, Slot]:
    """Those of the slots that there are, locked, with what time has ended written down."""
    slots = {slot.id: slot for slot in await work.slots.lock(slot_ids)}
    booked = [slot.id for slot in slots.values() if slot.status is SlotStatus.BOOKED]
    if booked:  # no other has a request
        for appointment in await work.appointments.overdue(booked, at=at):
            await _expire(work, appointment, at)
    for slot in slots.values():
        if slot.lapsed(at):
            permit(work, SYSTEM, LetLapse(slot_id=slot.id))
            slots[slot.id] = slot.opened()
            await work.slots.save(slots[slot.id])
            work.publish(SlotReleased(doctor_id=slot.doctor_id, slot_id=slot.id))
    return slots


async def sweep(work: UnitOfWork, *, at: datetime, limit: int) -> int:
    """Write down the oldest lapses, at most `limit` of each kind. Returns on how many slots."""
    slot_ids = {
        *await work.slots.lapsed(at=at, limit=limit),
        *await work.appointments.overdue_slots(at=at, limit=limit),
    }
    if slot_ids:
        await settled(work, slot_ids, at=at)
    return len(slot_ids)


async def _expire(work: UnitOfWork, appointment: Appointment, at: datetime) -> None:
    permit(work, SYSTEM, LetLapse(slot_id=appointment.slot_id, appointment_id=appointment.id))
    expired = appointment.expired()
    if await work.appointments.change(appointment, expired):
        await tell(work, AppointmentExpired, expired, at=at)
