"""Loaders: what is asked for one by one, read together. They live as long as one moment does."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from strawberry.dataloader import DataLoader

from domain.auth import as_patient
from domain.ids import DoctorId, ReviewId
from domain.reviews import Review
from domain.slots import Slot
from schema.context import Context, Loaders, Range

NextKey = tuple[DoctorId, int]
ReviewsKey = tuple[DoctorId, ReviewId | None, int]
A = TypeVar("A")
K = TypeVar("K")
V = TypeVar("V")


class _Loader(DataLoader[K, V]):
    """Fields that ask for the same wait for one future: where one of them is called off, for
    another beside it has failed, the rest go on. What is being read is read to its end.
    """

    def load(self, key: K) -> Awaitable[V]:
        found = cast("asyncio.Future[V]", super().load(key))
        found.add_done_callback(_look_at)
        return asyncio.shield(found)


def _look_at(found: "asyncio.Future[Any]") -> None:
    """Else asyncio complains of an error for which nobody is left."""
    if not found.cancelled():
        found.exception()


def load_with(context: Context) -> Loaders:
    reads, records, at = context.reads, context.records, context.at

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

    return Loaders(
        doctors=_by_id(reads.doctors),
        patients=_by_id(reads.patients),
        patients_seen=_by_id(lambda ids: reads.patients_seen(ids, context.viewer)),
        slots=_by_id(lambda ids: reads.slots(ids, at=at)),
        appointments=_by_id(lambda ids: reads.appointments(ids, context.viewer, at=at)),
        present=_by_id(reads.present),
        signals=_by_id(lambda ids: reads.signals(ids, context.viewer)),
        next_slots=_Loader(load_fn=next_slots),
        open_slots=_Loader(load_fn=open_slots),
        reviews=_Loader(load_fn=reviews),
        reviews_of=_by_id(reads.reviews_of),
        device_checks=_by_id(reads.device_checks),
        standings=_by_id(reads.standings),
        usage=_Loader(load_fn=reads.usage),
        documents=_by_id(lambda ids: records.documents(ids, as_patient(context.viewer))),
        shares=_by_id(lambda ids: records.shares(ids, as_patient(context.viewer))),
        accesses=_by_id(lambda ids: records.accesses(ids, as_patient(context.viewer))),
        notes=_by_id(lambda ids: records.notes(ids, context.viewer.user_id)),
        notes_of=_by_id(lambda ids: records.notes_of(ids, context.viewer.user_id)),
    )


def _by_id(read: Callable[[list[K]], Awaitable[Mapping[Any, V]]]) -> DataLoader[K, V | None]:
    """None for what is not found."""

    async def load(ids: list[K]) -> list[V | None]:
        found = await read(ids)
        return [found.get(id) for id in ids]

    return _Loader(load_fn=load)


def _grouped(pairs: Sequence[tuple[A, DoctorId]]) -> dict[A, list[DoctorId]]:
    """One statement for all doctors of whom the same is asked."""
    groups: dict[A, list[DoctorId]] = defaultdict(list)
    for asked, doctor_id in pairs:
        groups[asked].append(doctor_id)
    return groups
