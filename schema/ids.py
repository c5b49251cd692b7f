"""Global ids: opaque to clients, `type_uuid` to us."""

from typing import TypeVar
from uuid import UUID

import strawberry

from domain.errors import NotFound
from domain.ids import (
    AccessRequestId,
    AppointmentId,
    AuditEntryId,
    DoctorId,
    DocumentId,
    EmergencyAccessId,
    ExportId,
    InPersonRequestId,
    PartnerId,
    PasskeyId,
    PatientId,
    SessionId,
    ShareId,
    SlotId,
    UserId,
    VisitNoteId,
)

Id = TypeVar("Id", DoctorId, PatientId, SlotId, AppointmentId)

_KINDS: dict[object, str] = {
    DoctorId: "doctor",
    PatientId: "patient",
    SlotId: "slot",
    AppointmentId: "appointment",
    SessionId: "session",
    UserId: "administrator",  # doctors and patients go by what they are
    DocumentId: "document",
    ShareId: "share",
    VisitNoteId: "note",
    AccessRequestId: "request",
    EmergencyAccessId: "emergency",
    InPersonRequestId: "inperson",
    ExportId: "export",
    AuditEntryId: "entry",
    PasskeyId: "passkey",
    PartnerId: "partner",
}


def show(kind: object, id: UUID) -> strawberry.ID:
    """`kind` is the id's type: DoctorId, SlotId …"""
    return strawberry.ID(f"{_KINDS[kind]}_{id}")


def kind_of(text: str) -> tuple[object, UUID] | None:
    """What a client's id points to; None if it cannot be one of ours."""
    name, _, number = text.partition("_")
    for kind, known in _KINDS.items():
        if known == name:
            try:
                id = UUID(number)
            except ValueError:
                return None
            return (kind, id) if str(id) == number else None
    return None


def find(kind: type[Id] | object, text: str) -> UUID | None:
    """The id, if it is one of this kind."""
    found = kind_of(text)
    return found[1] if found is not None and found[0] is kind else None


def read_doctor(text: str) -> DoctorId:
    return DoctorId(_read(DoctorId, text, "There is no such doctor."))


def read_slot(text: str) -> SlotId:
    return SlotId(_read(SlotId, text, "There is no such slot."))


def read_appointment(text: str) -> AppointmentId:
    return AppointmentId(_read(AppointmentId, text, "There is no such appointment."))


def read_document(text: str) -> DocumentId:
    return DocumentId(_read(DocumentId, text, "There is no such document."))


def read_share(text: str) -> ShareId:
    return ShareId(_read(ShareId, text, "There is no such share."))


def read_patient(text: str) -> PatientId:
    return PatientId(_read(PatientId, text, "There is no such patient of yours."))


def read_access_request(text: str) -> AccessRequestId:
    return AccessRequestId(_read(AccessRequestId, text, "There is no such request."))


def read_in_person_request(text: str) -> InPersonRequestId:
    return InPersonRequestId(_read(InPersonRequestId, text, "There is no such request."))


def read_emergency(text: str) -> EmergencyAccessId:
    return EmergencyAccessId(_read(EmergencyAccessId, text, "There is no such access."))


def read_export(text: str) -> ExportId:
    return ExportId(_read(ExportId, text, "There is no such export."))


def read_session(text: str) -> SessionId:
    return SessionId(_read(SessionId, text, "There is no such session of yours."))


def read_passkey(text: str) -> PasskeyId:
    return PasskeyId(_read(PasskeyId, text, "There is no such passkey of yours."))


def read_partner(text: str) -> PartnerId:
    return PartnerId(_read(PartnerId, text, "There is no such partner."))


def _read(kind: object, text: str, message: str) -> UUID:
    """Raises NotFound: what cannot be an id is not there either."""
    found = find(kind, text)
    if found is None:
        raise NotFound(message)
    return found
