"""Doctors: who they are, where, and what they practise."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain import accounts, qualifications
from domain.accounts import Language
from domain.auth import (
    SYSTEM,
    RecordDoctorStatus,
    Role,
    UpdateDoctor,
    Viewer,
    as_doctor,
    permit,
)
from domain.errors import AlreadyRegistered, Invalid, NotFound, Refusal, refuse_any
from domain.ids import DoctorId, UserId
from domain.mail import Named
from domain.qualifications import Qualification
from domain.registrations import CRM, UF
from domain.registries import UncheckedNumber
from domain.specialties import SPECIALTIES
from domain.unit_of_work import UnitOfWork

_CITY_LONGEST = 80
_SPECIALTIES_MOST = 10


class DoctorStatus(StrEnum):
    """What the CRM registry says. Only VERIFIED doctors are seen, booked, or may accept."""

    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    SUSPENDED = "SUSPENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float

    def faults(self, *path: str) -> Iterator[Refusal]:
        # A NaN fails both comparisons, as it should.
        if not math.fabs(self.latitude) <= 90:  # noqa: PLR2004
            yield Invalid("A latitude lies between -90 and 90 degrees.", *path, "latitude")
        if not math.fabs(self.longitude) <= 180:  # noqa: PLR2004
            yield Invalid("A longitude lies between -180 and 180 degrees.", *path, "longitude")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """`time_zone` is an IANA name; rating_sum the sum of the stars of all rating_count reviews.
    `rqes`: under which the specialties of specialist_in are registered, in the same order.
    """

    id: DoctorId
    name: str
    crm: str
    uf: UF
    status: DoctorStatus
    specialties: tuple[str, ...]
    time_zone: str
    city: str | None
    latitude: float | None
    longitude: float | None
    rating_count: int = 0
    rating_sum: int = 0
    created_at: datetime
    specialist_in: tuple[str, ...] = ()
    rqes: tuple[str, ...] = ()

    @property
    def qualifications(self) -> tuple[Qualification, ...]:
        """In what he practises still."""
        return tuple(
            Qualification(specialty=code, rqe=rqe)
            for code, rqe in zip(self.specialist_in, self.rqes, strict=True)
            if code in self.specialties
        )

    @property
    def verified(self) -> bool:
        return self.status is DoctorStatus.VERIFIED

    @property
    def place(self) -> Place | None:
        if self.latitude is None or self.longitude is None:
            return None
        return Place(latitude=self.latitude, longitude=self.longitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a doctor says of himself; trimmed, and without faults once `checked`."""

    name: str
    specialties: tuple[str, ...]
    time_zone: str
    city: str | None
    place: Place | None
    qualifications: tuple[Qualification, ...] = ()

    def faults(self) -> Iterator[Refusal]:
        yield from accounts.name_faults(self.name, "name")
        for number, code in enumerate(self.specialties):
            if code not in SPECIALTIES:
                yield Invalid(
                    "There is no such specialty; take a code from `specialties`.",
                    "specialties",
                    number,
                )
        if len(self.specialties) > _SPECIALTIES_MOST:
            yield Invalid(f"At most {_SPECIALTIES_MOST} specialties.", "specialties")
        yield from accounts.zone_faults(self.time_zone, "timeZone")
        if self.city is not None and not (
            1 <= len(self.city) <= _CITY_LONGEST and self.city.isprintable()
        ):
            yield Invalid(f"A city has 1 to {_CITY_LONGEST} characters.", "city")
        if self.place is not None:
            yield from self.place.faults("location")
        yield from qualifications.faults(self.qualifications, self.specialties)


class Doctors(Protocol):
    async def get(self, id: DoctorId, /) -> Doctor | None: ...
    async def lock(self, id: DoctorId, /) -> Doctor | None:
        """As it stands; nobody else changes it before this work ends."""
        ...

    async def share(self, id: DoctorId, /) -> Doctor | None:
        """As it stands; nobody changes it before this work ends, nor do we."""
        ...

    async def add(self, doctor: Doctor, /) -> bool:
        """False, and nothing added, if this CRM is registered."""
        ...

    async def save(self, doctor: Doctor, /) -> None: ...
    async def rate(self, id: DoctorId, stars: int, /) -> None: ...


class CrmRegistry(Protocol):
    """The federal council's word on a registration."""

    async def look_up(self, crm: CRM, /) -> DoctorStatus:
        """PENDING: it has not decided yet. Raises RegistryUnreachable."""
        ...


async def register(
    work: UnitOfWork,
    profile: Profile,
    crm: CRM,
    *,
    id: UserId,
    email: str,
    password_hash: str,
    language: Language,
    status: DoctorStatus,
    at: datetime,
) -> Doctor:
    """A new doctor, with the registry's word on him. While that is PENDING, it is asked again.

    Raises AlreadyRegistered.
    """
    account = accounts.new_account(
        work,
        Role.DOCTOR,
        id=id,
        email=email,
        password_hash=password_hash,
        language=language,
        at=at,
    )
    place = profile.place
    doctor = Doctor(
        id=DoctorId(account.id),
        name=profile.name,
        crm=crm.number,
        uf=crm.uf,
        status=status,
        specialties=_once_each(profile.specialties),
        time_zone=profile.time_zone,
        city=profile.city,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        created_at=at,
        specialist_in=tuple(each.specialty for each in profile.qualifications),
        rqes=tuple(each.rqe for each in profile.qualifications),
    )
    await work.accounts.add(account)
    if not await work.doctors.add(doctor):
        raise AlreadyRegistered("This CRM number is registered already; sign in.", "crm")
    if status is DoctorStatus.PENDING:
        await work.unchecked_numbers.add(UncheckedNumber.new(account.id, work.limits, at=at))
    return doctor


async def check(work: UnitOfWork, *, id: DoctorId, status: DoctorStatus) -> None:
    """The registry has been asked once more. Whoever was decided on meanwhile stays so."""
    doctor = await lock(work, id)
    if doctor.status is DoctorStatus.PENDING:
        if status is DoctorStatus.PENDING:
            return
        permit(work, SYSTEM, RecordDoctorStatus(doctor_id=id))
        await work.doctors.save(replace(doctor, status=status))
    await work.unchecked_numbers.remove(UserId(id))


async def owners(work: UnitOfWork, crm: CRM) -> Sequence[accounts.Account]:
    """Of the CRM, if it is taken."""
    account = await work.accounts.of_doctor(crm.number, crm.uf)
    return () if account is None else (account,)


async def find(work: UnitOfWork, doctor_id: DoctorId) -> Doctor:
    """Raises NotFound."""
    if doctor := await work.doctors.get(doctor_id):
        return doctor
    raise NotFound("There is no such doctor.")


async def is_verified(work: UnitOfWork, doctor_id: DoctorId) -> bool:
    """Which he remains until this work ends: nobody is booked as he is being suspended."""
    doctor = await work.doctors.share(doctor_id)
    return doctor is not None and doctor.verified


async def lock(work: UnitOfWork, doctor_id: DoctorId) -> Doctor:
    """Nobody else changes him before this work ends. Raises NotFound."""
    if doctor := await work.doctors.lock(doctor_id):
        return doctor
    raise NotFound("There is no such doctor.")


async def update(
    work: UnitOfWork, viewer: Viewer, profile: Profile, language: Language | None = None
) -> Doctor:
    """Everything of the profile is taken over, and the language unless it is None.

    Raises Forbidden or Refusal.
    """
    doctor_id = as_doctor(viewer)
    permit(work, viewer, UpdateDoctor(doctor_id=doctor_id))
    refuse_any(profile.faults())
    doctor = await lock(work, doctor_id)
    place = profile.place
    changed = replace(
        doctor,
        name=profile.name,
        specialties=_once_each(profile.specialties),
        time_zone=profile.time_zone,
        city=profile.city,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        specialist_in=tuple(each.specialty for each in profile.qualifications),
        rqes=tuple(each.rqe for each in profile.qualifications),
    )
    await work.doctors.save(changed)
    account = await work.accounts.get(UserId(doctor_id))
    if account is not None and language not in (None, account.language):
        await work.accounts.save(replace(account, language=language))
    return changed


def named(doctor: Doctor) -> Named:
    """As mail speaks of his account."""
    return Named(crm=f"{doctor.crm}/{doctor.uf}")


def profile_of(doctor: Doctor) -> Profile:
    return Profile(
        name=doctor.name,
        specialties=doctor.specialties,
        time_zone=doctor.time_zone,
        city=doctor.city,
        place=doctor.place,
        qualifications=doctor.qualifications,
    )


def _once_each(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))
