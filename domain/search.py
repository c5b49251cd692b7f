"""What a search for doctors may ask for."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.doctors import Doctor, Place
from domain.errors import BadInput
from domain.registrations import UF

_FARTHEST_KM = 20_100  # half of the earth's girth: nowhere is farther
_BEST = 5
_TEXT_LONGEST = 200


class DoctorOrder(StrEnum):
    RATING = "RATING"
    DISTANCE = "DISTANCE"
    SOONEST = "SOONEST"
    NAME = "NAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorSearch:
    """Every condition that is given must hold. `order` None: the nearest first, else the best."""

    specialty: str | None = None
    name: str | None = None
    near: Place | None = None
    within_km: float | None = None
    minimum_rating: float | None = None
    available_from: datetime | None = None
    available_to: datetime | None = None
    uf: UF | None = None
    order: DoctorOrder | None = None

    @property
    def order_by(self) -> DoctorOrder:
        return self.order or (DoctorOrder.DISTANCE if self.near else DoctorOrder.RATING)

    @property
    def tells_of_slots(self) -> bool:
        """Whether from who is found, or comes first, one learns who is free when."""
        asked = self.available_from or self.available_to
        return asked is not None or self.order is DoctorOrder.SOONEST

    def check(self) -> None:
        """Raises BadInput for what makes no sense."""
        for fault in self._faults():
            raise BadInput(fault)

    def _faults(self) -> Iterator[str]:
        for text in (self.specialty, self.name):
            if text is not None and len(text) > _TEXT_LONGEST:
                yield f"A text to be found has 0 to {_TEXT_LONGEST} characters."
        if self.near is not None:
            yield from (str(fault) for fault in self.near.faults())
        elif self.within_km is not None:
            yield "withinKm needs near."
        elif self.order is DoctorOrder.DISTANCE:
            yield "The order DISTANCE needs near."
        if self.within_km is not None and not 0 < self.within_km <= _FARTHEST_KM:
            yield f"withinKm is more than 0 and at most {_FARTHEST_KM}."
        if self.minimum_rating is not None and not 0 <= self.minimum_rating <= _BEST:
            yield f"minimumRating lies between 0 and {_BEST}."
        if (
            self.available_from is not None
            and self.available_to is not None
            and self.available_to <= self.available_from
        ):
            yield "availableTo lies after availableFrom."


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDoctor:
    """`distance_km` is from `near`; `sort_key`, with the id, is his place in the order."""

    doctor: Doctor
    distance_km: float | None
    sort_key: float | str

    @property
    def key(self) -> Sequence[float | str]:
        return (self.sort_key, str(self.doctor.id))


def is_sort_key(order: DoctorOrder, key: object) -> bool:
    """Whether a cursor's key can be one of this order."""
    if order is DoctorOrder.NAME:
        return isinstance(key, str) and key.isprintable()  # as names are
    return isinstance(key, float) and math.isfinite(key)
