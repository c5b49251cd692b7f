"""Belongings: all that is kept of a patient, as he is given it, in JSON.

Times are of ISO 8601, in UTC; names are as clients of the API know them. What is kept to prove
somebody (hashes, secrets, keys) and where files lie in the store is given to nobody.
"""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from domain.access_requests import AccessRequest
from domain.accesses import LoggedAccess
from domain.accounts import Account
from domain.appointments import Appointment
from domain.audit import AuditEntry
from domain.auth import Role
from domain.calendar_feeds import CalendarFeed
from domain.consent_texts import ConsentText, with_hash
from domain.consultations import Consultation
from domain.device_checks import DeviceCheck
from domain.doctors import Doctor
from domain.emergencies import EmergencyAccess
from domain.exports import RecordExport
from domain.ids import AppointmentId, AuditEntryId, DoctorId, DocumentId, PatientId, ShareId, UserId
from domain.in_person_requests import InPersonRequest
from domain.papers import Paper
from domain.passkeys import Passkey
from domain.patients import Patient
from domain.records import Document
from domain.reviews import Review
from domain.second_factor import Protection
from domain.sessions import Session
from domain.shares import Share
from domain.slots import Slot
from domain.visit_notes import VisitNote

# Fields that prove somebody, or lead into the store. Bytes are never told at all.
GIVEN_TO_NOBODY: Mapping[type, frozenset[str]] = {
    Account: frozenset({"password_hash"}),
    Session: frozenset({"refresh_hash"}),
    CalendarFeed: frozenset({"token_hash"}),
    Passkey: frozenset({"credential_id", "public_key", "sign_count"}),
    EmergencyAccess: frozenset({"reviewed_by"}),
    Consultation: frozenset({"meeting"}),
    Document: frozenset({"object_key", "version", "removed"}),
    Paper: frozenset({"key"}),
    RecordExport: frozenset({"object_key", "version", "removed", "claim", "leased_until", "tries"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedAccess:
    """`hash`: of the entry and all before it, by which its chain is proved."""

    logged: LoggedAccess
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """All of it as it stood at one moment, `at`. `accesses`: how many the log had by then."""

    at: datetime
    patient: Patient
    account: Account
    sessions: Sequence[Session]
    protection: Protection | None
    passkeys: Sequence[Passkey]
    calendar_feed: CalendarFeed | None
    appointments: Sequence[Appointment]
    consultations: Mapping[AppointmentId, Sequence[Consultation]]
    reviews: Mapping[AppointmentId, Review]
    device_checks: Mapping[UUID, Sequence[DeviceCheck]]
    doctors: Mapping[DoctorId, Doctor]
    held: Sequence[Slot]
    documents: Sequence[Document]
    papers: Sequence[Paper]
    notes: Sequence[VisitNote]
    shares: Sequence[Share]
    shared: Mapping[ShareId, Sequence[DocumentId]]
    access_requests: Sequence[AccessRequest]
    in_person_requests: Sequence[InPersonRequest]
    emergencies: Sequence[EmergencyAccess]
    exports: Sequence[RecordExport]
    accesses: int


class Holder(Protocol):
    """Reads them; see persistence/belongings.py."""

    async def all_of(self, patient_id: PatientId, /) -> Belongings: ...
    async def accesses(
        self, patient_id: PatientId, /, *, after: int, until: int, limit: int
    ) -> Sequence[HashedAccess]:
        """By number, the oldest first."""
        ...

    async def acts(
        self, user_id: UserId, /, *, after: AuditEntryId | None, until: datetime, limit: int
    ) -> Sequence[AuditEntry]:
        """What he has done, as the audit log has it, the oldest first."""
        ...


def in_json(found: Belongings) -> dict[str, Any]:
    """But for the access log and his own acts, which may be long."""
    return {
        "exportedAt": found.at.isoformat(),
        "account": told(found.account),
        "patient": told(found.patient),
        "secondFactor": told(found.protection) if found.protection else None,
        "passkeys": [told(each) for each in found.passkeys],
        "calendarFeed": told(found.calendar_feed) if found.calendar_feed else None,
        "sessions": [told(each) for each in found.sessions],
        "appointments": [_appointment(found, each) for each in found.appointments],
        "consentTexts": [{**told(each), "sha256": each.sha256} for each in accepted(found)],
        "heldSlots": [told(each) for each in found.held],
        "documents": [told(each) for each in found.documents],
        "papers": [{**told(each), "content": json.loads(each.content)} for each in found.papers],
        "visitNotes": [told(each) for each in found.notes],
        "shares": [
            {**told(each), "documentIds": [str(id) for id in found.shared.get(each.id, ())]}
            for each in found.shares
        ],
        "accessRequests": [told(each) for each in found.access_requests],
        "inPersonRequests": [
            {**told(each), "doctor": _doctor(found.doctors[each.doctor_id])}
            for each in found.in_person_requests
        ],
        "emergencyAccesses": [told(each) for each in found.emergencies],
        "exports": [told(each) for each in found.exports],
    }


def accepted(found: Belongings) -> Sequence[ConsentText]:
    """The texts to which she has consented, each once."""
    hashes = dict.fromkeys(each.consent_sha256 for each in found.appointments)
    return [text for sha256 in hashes if sha256 and (text := with_hash(sha256))]


def _appointment(found: Belongings, appointment: Appointment) -> dict[str, Any]:
    review = found.reviews.get(appointment.id)
    return {
        **told(appointment),
        "consultations": [told(each) for each in found.consultations.get(appointment.id, ())],
        "doctor": _doctor(found.doctors[appointment.doctor_id]),
        "review": told(review) if review else None,
        "deviceChecks": [told(each) for each in found.device_checks.get(appointment.id, ())],
    }


def _doctor(doctor: Doctor) -> dict[str, str]:
    return {"name": doctor.name, "crm": doctor.crm, "uf": doctor.uf.value}


def access_in_json(access: HashedAccess) -> dict[str, Any]:
    logged = access.logged
    mine = logged.access.actor_role in {Role.PATIENT, Role.DOCTOR}
    return {
        "number": logged.number,
        "at": logged.at.isoformat(),
        **told(logged.access),
        "actorName": logged.actor_name if mine else None,
        "actorCrm": logged.actor_crm,
        "actorUf": logged.actor_uf,
        "hash": access.hash.hex(),
    }


def told(entity: Any) -> dict[str, Any]:
    """The fields of a dataclass, but for those that are given to nobody."""
    kept_back = GIVEN_TO_NOBODY.get(type(entity), frozenset())
    return {
        _camel(field.name): _plain(getattr(entity, field.name))
        for field in fields(entity)
        if field.name not in kept_back
    }


def _plain(value: Any) -> Any:
    """Raises TypeError for bytes, which are nobody's to read: secrets, as a rule."""
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case date() | UUID() | timedelta():  # a datetime is a date
            return _written(value)
    raise TypeError(f"{type(value).__name__} is not told")


def _written(value: date | UUID | timedelta) -> str:
    if isinstance(value, timedelta):
        return f"PT{int(value.total_seconds())}S"
    return str(value) if isinstance(value, UUID) else value.isoformat()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


async def listed(
    before: str, pages: AsyncGenerator[Sequence[Any]], after: str
) -> AsyncGenerator[bytes]:
    """A JSON text with a list in it, page by page."""
    yield before.encode()
    begun = False
    async for page in pages:
        text = ",\n".join(json.dumps(each, ensure_ascii=False) for each in page)
        if text:
            yield ((",\n" if begun else "") + text).encode()
            begun = True
    yield after.encode()
