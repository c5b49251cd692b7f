"""Loaders: what is asked for one by one, read together. They live as long as one moment does."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from strawberry.dataloader import DataLoader

from domain.appointments import Appointment
from domain.doctors import Doctor
from domain.ids import AppointmentId, DoctorId, PatientId, ReviewId, SlotId
from domain.patients import Patient
from domain.reviews import Review
from domain.slots import Slot
from schema.context import Context, Loaders, Range

NextKey = tuple[DoctorId, int]
ReviewsKey = tuple[DoctorId, ReviewId | None, int]
A = TypeVar("A")


def load_with(context: Context) -> Loaders:
    reads, at = context.reads, context.at

    async def doctors(ids: list[DoctorId]) -> list[Doctor | None]:
        found = await reads.doctors(ids)
        return [found.get(id) for id in ids]

    async def patients(ids: list[PatientId]) -> list[Patient | None]:
        found = await reads.patients(ids)
        return [found.get(id) for id in ids]

    async def patients_seen(ids: list[PatientId]) -> list[Patient | None]:
        found = await reads.patients_seen(ids, context.viewer)
        return [found.get(id) for id in ids]

    async def slots(ids: list[SlotId]) -> list[Slot | None]:
        found = await reads.slots(ids, at=at)
        return [found.get(id) for id in ids]

    async def appointments(ids: list[AppointmentId]) -> list[Appointment | None]:
        found = await reads.appointments(ids, context.viewer, at=at)
        return [found.get(id) for id in ids]

    async def next_slots(keys: list[NextKey]) -> list[Sequence[Slot]]:
        found = {
            (doctor_id, first): slots
            for first, doctor_ids in _grouped([(first, id) for id, first in keys]).items()
            for doctor_id, slots in (await reads.next_slots(doctor_ids, first=first, at=at)).items()
        }
        return [found[key] for key in keys]

    async def open_slots(keys: list[Range]) -> list[Sequence[Slot]]:
        return list(await reads.open_slots(keys, at=at))

    async def reviews(keys: list[ReviewsKey]) -> list[Sequence[Review]]:
        pages = _grouped([((after, limit), id) for id, after, limit in keys])
        found = {
            (doctor_id, after, limit): said
            for (after, limit), doctor_ids in pages.items()
            for doctor_id, said in (
                await reads.reviews(doctor_ids, after=after, limit=limit)
            ).items()
        }
        return [found[key] for key in keys]

    async def reviews_of(ids: list[AppointmentId]) -> list[Review | None]:
        found = await reads.reviews_of(ids)
        return [found.get(id) for id in ids]

    return Loaders(
        doctors=DataLoader(load_fn=doctors),
        patients=DataLoader(load_fn=patients),
        patients_seen=DataLoader(load_fn=patients_seen),
        slots=DataLoader(load_fn=slots),
        appointments=DataLoader(load_fn=appointments),
        next_slots=DataLoader(load_fn=next_slots),
        open_slots=DataLoader(load_fn=open_slots),
        reviews=DataLoader(load_fn=reviews),
        reviews_of=DataLoader(load_fn=reviews_of),
        usage=DataLoader(load_fn=reads.usage),
    )


def _grouped(pairs: Sequence[tuple[A, DoctorId]]) -> dict[A, list[DoctorId]]:
    """One statement for all doctors of whom the same is asked."""
    groups: dict[A, list[DoctorId]] = defaultdict(list)
    for asked, doctor_id in pairs:
        groups[asked].append(doctor_id)
    return groups
