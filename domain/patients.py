"""Patients: who they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from domain import accounts, links
from domain.accounts import Language
from domain.auth import (
    SYSTEM,
    RecordCpfStanding,
    Role,
    UpdatePatient,
    Viewer,
    as_patient,
    permit,
)
from domain.errors import AlreadyRegistered, Invalid, NotFound, Refusal, WrongStatus, refuse_any
from domain.ids import PatientId, UserId
from domain.mail import MailKind
from domain.registrations import CPF
from domain.registries import UncheckedNumber
from domain.unit_of_work import UnitOfWork

_OLDEST_YEARS = 130
_NO_SUCH = "There is no such patient."
TIME_ZONE = "America/Sao_Paulo"  # of whoever says no other


class CpfStanding(StrEnum):
    """What the CPF registry says. One that is VOID is nobody's: never issued, cancelled, or of
    somebody who has died.
    """

    VALID = "VALID"
    VOID = "VOID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """`cpf` is the eleven digits; `cpf_standing` is None until the registry has answered.
    `time_zone`: an IANA name.

    Of an erased one nothing is left but what is of the record.
    """

    id: PatientId
    name: str
    cpf: str
    birth_date: date | None
    created_at: datetime
    cpf_standing: CpfStanding | None = None
    erased_at: datetime | None = None
    time_zone: str = TIME_ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a patient says of himself, trimmed."""

    name: str
    email: str
    birth_date: date | None
    language: Language = Language.PORTUGUESE
    time_zone: str = TIME_ZONE

    def faults(self, *, today: date) -> Iterator[Refusal]:
        yield from accounts.name_faults(self.name, "name")
        yield from accounts.email_faults(self.email, "email")
        if self.birth_date is not None and not (
            today.year - _OLDEST_YEARS <= self.birth_date.year and self.birth_date <= today
        ):
            yield Invalid("A date of birth lies in the past, within a lifetime.", "birthDate")
        yield from accounts.zone_faults(self.time_zone, "timeZone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much there is of a patient's record, and of who was to see it, those that have ended
    too. `last_entry_at`: None of an empty one.
    """

    appointments: int
    documents: int
    notes: int
    reviews: int
    shares: int
    access_requests: int
    emergencies: int
    last_entry_at: datetime | None


class Patients(Protocol):
    async def get(self, id: PatientId, /) -> Patient | None: ...
    async def with_cpf(self, digits: str, /) -> Patient | None:
        """Not one who is erased."""
        ...

    async def record_of(self, id: PatientId, /, *, at: datetime) -> Extent: ...
    async def add(self, patient: Patient, /) -> bool:
        """False, and nothing added, if this CPF is registered."""
        ...

    async def save(self, patient: Patient, /) -> None: ...


class CpfRegistry(Protocol):
    """The revenue service's word on a CPF."""

    async def look_up(self, cpf: CPF, /) -> CpfStanding:
        """Raises RegistryUnreachable."""
        ...


async def register(
    work: UnitOfWork,
    person: Person,
    cpf: CPF,
    *,
    id: UserId,
    password_hash: str,
    standing: CpfStanding | None,
    at: datetime,
) -> Patient:
    """`standing`: the registry's word; None, and it will be asked again, if it gave none.

    Raises Invalid, and AlreadyRegistered for the e-mail and the CPF each.
    """
    if standing is CpfStanding.VOID:
        raise Invalid("The CPF registry says that this number is nobody's.", "cpf")
    account = accounts.new_account(
        work,
        Role.PATIENT,
        id=id,
        email=person.email,
        password_hash=password_hash,
        language=person.language,
        at=at,
    )
    patient = Patient(
        id=PatientId(account.id),
        name=person.name,
        cpf=cpf.digits,
        birth_date=person.birth_date,
        created_at=at,
        cpf_standing=standing,
        time_zone=person.time_zone,
    )
    taken = []
    if await work.accounts.patient_with(person.email) or not await work.accounts.add(account):
        taken.append(_email_taken())
    if await work.patients.with_cpf(cpf.digits):
        taken.append(_cpf_taken())
    refuse_any(taken)
    if not await work.patients.add(patient):  # by somebody in this very moment
        raise _cpf_taken()
    if standing is None:
        await work.unchecked_numbers.add(UncheckedNumber.new(account.id, work.limits, at=at))
    return patient


async def check(work: UnitOfWork, *, id: PatientId, standing: CpfStanding) -> None:
    """The registry has answered after all."""
    permit(work, SYSTEM, RecordCpfStanding(patient_id=id))
    await work.lock(id)
    patient, account = await find(work, id)
    await work.patients.save(replace(patient, cpf_standing=standing))
    await work.unchecked_numbers.remove(account.id)


async def require_cpf(work: UnitOfWork, patient_id: PatientId) -> None:
    """Raises WrongStatus if the registry has said, after he joined, that his CPF is void."""
    patient = await work.patients.get(patient_id)
    if patient is None:
        raise NotFound(_NO_SUCH)
    if patient.cpf_standing is CpfStanding.VOID:
        raise WrongStatus(
            "The CPF registry says that your number is nobody's; ask the clinic to look into it."
        )


async def owners(work: UnitOfWork, person: Person, cpf: CPF) -> Sequence[accounts.Account]:
    """Of the e-mail, and of the CPF, as far as they are taken."""
    by_email = await work.accounts.patient_with(person.email)
    patient = await work.patients.with_cpf(cpf.digits)
    by_cpf = await work.accounts.get(UserId(patient.id)) if patient else None
    found = {account.id: account for account in (by_email, by_cpf) if account is not None}
    return tuple(found.values())


async def update(work: UnitOfWork, viewer: Viewer, person: Person, *, at: datetime) -> Patient:
    """Everything of the person is taken over; a former e-mail address is told of the new one.

    Raises Forbidden or Refusal.
    """
    patient_id = as_patient(viewer)
    permit(work, viewer, UpdatePatient(patient_id=patient_id))
    refuse_any(person.faults(today=at.date()))
    await work.lock(patient_id)
    patient, account = await find(work, patient_id)
    namesake = await work.accounts.patient_with(person.email)
    if namesake is not None and namesake.id != account.id:
        raise _email_taken()
    changed = replace(
        patient, name=person.name, birth_date=person.birth_date, time_zone=person.time_zone
    )
    await work.patients.save(changed)
    if person.email != account.email:
        await links.tell(work, account.id, MailKind.EMAIL_CHANGED, at=at)
    if (person.email, person.language) != (account.email, account.language):
        await work.accounts.save(replace(account, email=person.email, language=person.language))
    return changed


async def find(work: UnitOfWork, patient_id: PatientId) -> tuple[Patient, accounts.Account]:
    """Raises NotFound."""
    patient = await work.patients.get(patient_id)
    account = await work.accounts.get(UserId(patient_id))
    if patient is None or account is None:
        raise NotFound(_NO_SUCH)
    return patient, account


def as_viewer(patient: Patient) -> Viewer:
    """The patient himself, without a session."""
    return Viewer(user_id=UserId(patient.id), role=Role.PATIENT)


def _email_taken() -> AlreadyRegistered:
    return AlreadyRegistered("This e-mail address is registered already; sign in.", "email")


def _cpf_taken() -> AlreadyRegistered:
    return AlreadyRegistered("This CPF is registered already; sign in.", "cpf")
