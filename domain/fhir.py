"""The record in FHIR R4 (4.0.1), for other systems: one Bundle, a collection.

What FHIR has no word for is left out; belongings.py has all of it. Resources go by our ids, as
`urn:uuid:`. A file's address is relative to the root of the archive, its `hash` is the SHA-1 that
FHIR asks for; nobody's integrity rests on it.
"""

import base64
import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from domain.accesses import AccessAction, LoggedAccess
from domain.appointments import Appointment, AppointmentStatus
from domain.auth import Role
from domain.belongings import Belongings
from domain.consent_texts import ConsentText, with_hash
from domain.doctors import Doctor
from domain.ids import DocumentId
from domain.records import Document, DocumentKind, Signature
from domain.visit_notes import VisitNote

CPF_SYSTEM = "http://rnds.saude.gov.br/fhir/r4/NamingSystem/cpf"
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_LOINC = "http://loinc.org"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_LAWS = "https://www.planalto.gov.br"
_LAW_ON_TELEMEDICINE = f"{_LAWS}/ccivil_03/_ato2019-2022/2022/lei/L14510.htm"
Resource = dict[str, Any]

_STATUS: Mapping[AppointmentStatus, str] = {
    AppointmentStatus.REQUESTED: "pending",
    AppointmentStatus.CONFIRMED: "booked",
    AppointmentStatus.DECLINED: "cancelled",
    AppointmentStatus.CANCELLED: "cancelled",
    AppointmentStatus.EXPIRED: "cancelled",
    AppointmentStatus.IN_PROGRESS: "arrived",
    AppointmentStatus.COMPLETED: "fulfilled",
    AppointmentStatus.NO_SHOW: "noshow",
}
_DOCTORS_ANSWER = {
    AppointmentStatus.REQUESTED: "needs-action",
    AppointmentStatus.EXPIRED: "needs-action",
    AppointmentStatus.DECLINED: "declined",
}
_ENDED_BEFORE_ITS_TIME = {"cancelled", "noshow"}  # invariant app-4
# As audit-event-action has it, and as an interaction with a FHIR server, which is the nearest.
_DONE: Mapping[AccessAction, tuple[str, str]] = {
    AccessAction.LISTED: ("R", "search-type"),
    AccessAction.OPENED: ("R", "read"),
    AccessAction.DENIED: ("R", "read"),
    AccessAction.EXPORTED: ("R", "read"),
    AccessAction.UPLOADED: ("C", "create"),
    AccessAction.SHARED: ("U", "update"),
    AccessAction.REVOKED: ("U", "update"),
    AccessAction.HIDDEN: ("U", "update"),
}
_DOC_STATUS = {Signature.UNSIGNED: "preliminary", Signature.SIGNED: "final"}
_TYPE: Mapping[DocumentKind, Resource] = {
    DocumentKind.CERTIFICATE: {"text": "Atestado médico"},
    DocumentKind.PRESCRIPTION: {
        "coding": [{"system": "http://loinc.org", "code": "57833-6"}],
        "text": "Receita médica",
    },
}
_SUCCESS, _MINOR_FAILURE = "0", "4"  # audit-event-outcome


def bundle_head(at: datetime) -> str:
    """Of the Bundle as text, to which its entries are added, and `]}`."""
    return f'{{"resourceType": "Bundle", "type": "collection", "timestamp": "{_instant(at)}",'


def entry(id: UUID, resource: Resource) -> Resource:
    return {"fullUrl": _urn(id), "resource": resource}


def resources(
    found: Belongings, files: Mapping[DocumentId, tuple[str, bytes]]
) -> Iterator[tuple[UUID, Resource]]:
    """All but the log. `files`: the name in the archive and the SHA-1 of each that is there."""
    yield found.patient.id, _patient(found)
    for doctor in found.doctors.values():
        yield doctor.id, _practitioner(doctor)
    for appointment in found.appointments:
        yield appointment.id, _appointment(appointment)
        text = with_hash(appointment.consent_sha256 or "")
        if text is not None:
            id = uuid5(appointment.id, "consent")
            yield id, _consent(id, appointment, text)
    for document in found.documents:
        if document.id in files:
            yield document.id, _document(found, document, *files[document.id])
    amended = {note.amends for note in found.notes}
    for note in found.notes:
        yield note.id, _note(note, amended=note.id in amended)


def _patient(found: Belongings) -> Resource:
    patient = found.patient
    resource: Resource = {
        "resourceType": "Patient",
        "id": str(patient.id),
        "identifier": [{"use": "official", "system": CPF_SYSTEM, "value": patient.cpf}],
        "active": True,
        "name": [{"use": "official", "text": patient.name}],
        "telecom": [{"system": "email", "value": found.account.email}],
    }
    if patient.birth_date is not None:
        resource["birthDate"] = patient.birth_date.isoformat()
    return resource


def _practitioner(doctor: Doctor) -> Resource:
    council = f"Conselho Regional de Medicina ({doctor.uf.value})"
    crm = {
        "use": "official",
        "type": {"text": "CRM"},
        "value": f"{doctor.crm}/{doctor.uf.value}",
        "assigner": {"display": council},
    }
    return {
        "resourceType": "Practitioner",
        "id": str(doctor.id),
        "identifier": [crm],
        "name": [{"use": "official", "text": doctor.name}],
    }


def _appointment(appointment: Appointment) -> Resource:
    status = _STATUS[appointment.status]
    resource: Resource = {
        "resourceType": "Appointment",
        "id": str(appointment.id),
        "status": status,
        "start": _instant(appointment.starts_at),
        "end": _instant(appointment.ends_at),
        "created": _instant(appointment.requested_at),
        "participant": [
            {"actor": _reference("Patient", appointment.patient_id), "status": "accepted"},
            {
                "actor": _reference("Practitioner", appointment.doctor_id),
                "status": _DOCTORS_ANSWER.get(appointment.status, "accepted"),
            },
        ],
    }
    if appointment.reason:
        resource["reasonCode"] = [{"text": appointment.reason}]
    if appointment.justification and status in _ENDED_BEFORE_ITS_TIME:
        resource["cancelationReason"] = {"text": appointment.justification}
    return resource


def _consent(id: UUID, appointment: Appointment, text: ConsentText) -> Resource:
    content = text.text.encode()
    sha1 = hashlib.sha1(content, usedforsecurity=False).digest()
    return {
        "resourceType": "Consent",
        "id": str(id),
        "status": "active",
        "scope": {"coding": [{"system": f"{_TERMINOLOGY}/consentscope", "code": "treatment"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": _reference("Patient", appointment.patient_id),
        "dateTime": _instant(appointment.consented_at),
        "sourceAttachment": {
            "contentType": "text/plain; charset=utf-8",
            "language": text.language,
            "data": base64.b64encode(content).decode(),
            "hash": base64.b64encode(sha1).decode(),
            "title": f"Telemedicina, {text.version}",
        },
        "policy": [{"authority": _LAWS, "uri": _LAW_ON_TELEMEDICINE}],
        "provision": {
            "type": "permit",
            "data": [
                {"meaning": "instance", "reference": _reference("Appointment", appointment.id)}
            ],
        },
    }


def _document(found: Belongings, document: Document, name: str, sha1: bytes) -> Resource:
    resource: Resource = {
        "resourceType": "DocumentReference",
        "id": str(document.id),
        "status": "current",
        "subject": _reference("Patient", document.patient_id),
        "date": _instant(document.uploaded_at or document.requested_at),
        "content": [
            {
                "attachment": {
                    "contentType": document.content_type.value,
                    "url": quote(name),
                    "size": document.size,
                    "hash": base64.b64encode(sha1).decode(),
                    "title": document.name,
                }
            }
        ],
    }
    if document.issuer_id is not None and document.issuer_id in found.doctors:
        resource["author"] = [_reference("Practitioner", document.issuer_id)]
    if document.signature is not None:
        resource["docStatus"] = _DOC_STATUS[document.signature]
        resource["type"] = _TYPE[document.kind]
    return resource


def _note(note: VisitNote, *, amended: bool) -> Resource:
    """Each version is a document of its own, which replaces the one before."""
    content = note.text.encode()
    sha1 = hashlib.sha1(content, usedforsecurity=False).digest()
    resource: Resource = {
        "resourceType": "DocumentReference",
        "id": str(note.id),
        "status": "superseded" if amended else "current",
        "docStatus": "amended" if note.amends else "final",
        "type": {
            "coding": [{"system": _LOINC, "code": "11488-4", "display": "Consult note"}],
        },
        "subject": _reference("Patient", note.patient_id),
        "date": _instant(note.written_at),
        "author": [_reference("Practitioner", note.doctor_id)],
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "data": base64.b64encode(content).decode(),
                    "size": len(content),
                    "hash": base64.b64encode(sha1).decode(),
                }
            }
        ],
        "context": {"related": [_reference("Appointment", note.appointment_id)]},
    }
    if note.amends is not None:
        before = _reference("DocumentReference", note.amends)
        resource["relatesTo"] = [{"code": "replaces", "target": before}]
    return resource


def audit_event(logged: LoggedAccess, known: Collection[UUID]) -> Resource:
    """An entry of the access log. `known`: the ids that the Bundle has."""
    access = logged.access
    denied = access.action is AccessAction.DENIED
    action, interaction = _DONE[access.action]
    resource: Resource = {
        "resourceType": "AuditEvent",
        "id": str(access.id),
        "type": {"system": _DCM, "code": "110110", "display": "Patient Record"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": interaction}],
        "action": action,
        "recorded": _instant(logged.at),
        "outcome": _MINOR_FAILURE if denied else _SUCCESS,
        "agent": [_agent(logged, known)],
        "source": {"observer": {"display": "Health&Med"}},
        "entity": [
            {
                "what": _reference("Patient", access.patient_id),
                "detail": [{"type": "action", "valueString": access.action.value}],
            }
        ],
    }
    for id in (access.document_id, access.note_id):
        if id is not None:
            what = (
                _reference("DocumentReference", id)
                if id in known
                else {"identifier": {"system": "urn:ietf:rfc:3986", "value": _urn(id)}}
            )
            resource["entity"].append({"what": what})
    if access.purpose:
        resource["purposeOfEvent"] = [{"text": access.purpose}]
    return resource


def _agent(logged: LoggedAccess, known: Collection[UUID]) -> Resource:
    """Who is neither the patient nor a doctor is not told by name."""
    access = logged.access
    agent: Resource = {"requestor": True, "role": [{"text": access.actor_role.value}]}
    if access.actor_id == access.patient_id:
        agent["who"] = _reference("Patient", access.actor_id)
    elif access.actor_role is Role.DOCTOR and access.actor_id in known:
        agent["who"] = _reference("Practitioner", access.actor_id)
    else:
        agent["who"] = {"display": logged.actor_name or "Health&Med"}
    return agent


def _reference(type: str, id: UUID) -> Resource:
    return {"reference": _urn(id), "type": type}


def _urn(id: UUID) -> str:
    return f"urn:uuid:{id}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
