"""Patients: who they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from domain import accounts, links
from domain.auth import Role, UpdatePatient, Viewer, as_patient, permit
from domain.errors import AlreadyRegistered, Invalid, NotFound, Refusal, refuse_any
from domain.ids import PatientId, UserId
from domain.mail import MailKind
from domain.registrations import CPF
from domain.unit_of_work import UnitOfWork

_OLDEST_YEARS = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """`cpf` is the eleven digits. Of an erased one nothing is left but what is of the record."""

    id: PatientId
    name: str
    cpf: str
    birth_date: date | None
    created_at: datetime
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a patient says of himself, trimmed."""

    name: str
    email: str
    birth_date: date | None

    def faults(self, *, today: date) -> Iterator[Refusal]:
        yield from accounts.name_faults(self.name, "name")
        yield from accounts.email_faults(self.email, "email")
        if self.birth_date is not None and not (
            today.year - _OLDEST_YEARS <= self.birth_date.year and self.birth_date <= today
        ):
            yield Invalid("A date of birth lies in the past, within a lifetime.", "birthDate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much there is of a patient's record. `last_entry_at`: None of an empty one."""

    appointments: int
    documents: int
    reviews: int
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


async def register(
    work: UnitOfWork, person: Person, cpf: CPF, *, password_hash: str, at: datetime
) -> Patient:
    """Raises AlreadyRegistered, for the e-mail and the CPF each."""
    account = accounts.new_account(
        work, Role.PATIENT, email=person.email, password_hash=password_hash, at=at
    )
    patient = Patient(
        id=PatientId(account.id),
        name=person.name,
        cpf=cpf.digits,
        birth_date=person.birth_date,
        created_at=at,
    )
    taken = []
    if await work.accounts.patient_with(person.email) or not await work.accounts.add(account):
        taken.append(_email_taken())
    if await work.patients.with_cpf(cpf.digits):
        taken.append(_cpf_taken())
    refuse_any(taken)
    if not await work.patients.add(patient):  # by somebody in this very moment
        raise _cpf_taken()
    return patient


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
    changed = replace(patient, name=person.name, birth_date=person.birth_date)
    await work.patients.save(changed)
    if person.email != account.email:
        await links.tell(work, account.id, MailKind.EMAIL_CHANGED, at=at)
        await work.accounts.save(replace(account, email=person.email))
    return changed


async def find(work: UnitOfWork, patient_id: PatientId) -> tuple[Patient, accounts.Account]:
    """Raises NotFound."""
    patient = await work.patients.get(patient_id)
    account = await work.accounts.get(UserId(patient_id))
    if patient is None or account is None:
        raise NotFound("There is no such patient.")
    return patient, account


def as_viewer(patient: Patient) -> Viewer:
    """The patient himself, without a session."""
    return Viewer(user_id=UserId(patient.id), role=Role.PATIENT)


def _email_taken() -> AlreadyRegistered:
    return AlreadyRegistered("This e-mail address is registered already; sign in.", "email")


def _cpf_taken() -> AlreadyRegistered:
    return AlreadyRegistered("This CPF is registered already; sign in.", "cpf")
