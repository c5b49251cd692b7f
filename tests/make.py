"""Makers of valid entities: name only what the test is about."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.access_requests import AccessRequest
from domain.accounts import Account
from domain.appointments import Appointment, AppointmentParty, AppointmentStatus
from domain.auth import Role, Scope, Viewer
from domain.calendar_feeds import CalendarFeed
from domain.consultations import Consultation
from domain.content import ContentType
from domain.device_checks import DeviceCheck, DeviceCheckOutcome, NetworkQuality
from domain.doctors import Doctor, DoctorStatus
from domain.emergencies import EmergencyAccess
from domain.exports import RecordExport
from domain.ids import (
    AccessRequestId,
    AppointmentId,
    CalendarFeedId,
    ConsultationId,
    DeviceCheckId,
    DoctorId,
    DocumentId,
    EmergencyAccessId,
    ExportId,
    InPersonRequestId,
    LinkId,
    PartnerId,
    PasskeyId,
    PatientId,
    ReviewId,
    SessionId,
    ShareId,
    SignalId,
    SlotId,
    StandingId,
    UserId,
    VisitNoteId,
    new_id,
)
from domain.in_person_requests import InPersonRequest
from domain.links import Link, Purpose
from domain.opaque_tokens import hash_of
from domain.papers import Certificate, Content, Letterhead, Paper, write
from domain.partners import Partner, PartnerToken
from domain.passkeys import Passkey
from domain.patients import Patient
from domain.records import Document, DocumentKind, DocumentStatus, Signature
from domain.registrations import UF, _check_digit
from domain.reviews import Review
from domain.sessions import Session
from domain.shares import Share
from domain.signals import Signal
from domain.slots import Slot
from domain.standings import Standing
from domain.visit_notes import VisitNote

NOW = datetime(2030, 1, 7, 12, 15, tzinfo=UTC)  # a Monday, 9:15 in São Paulo
TOMORROW = datetime(2030, 1, 8, 12, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
OPENS_AGAIN = (
    AppointmentStatus.DECLINED,
    AppointmentStatus.CANCELLED,
    AppointmentStatus.EXPIRED,
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """An account and a session; `who` is the doctor or patient, of an administrator the account."""

    account: Account
    session: Session
    who: Any

    @property
    def id(self) -> Any:
        return self.who.id

    @property
    def viewer(self) -> Viewer:
        return Viewer(user_id=self.account.id, role=self.account.role, session_id=self.session.id)


def doctor(**given: Any) -> Person:
    plain = {
        "name": "Helena Prado",
        "crm": f"{secrets.randbelow(10**9) + 1}",
        "uf": UF.SP,
        "status": DoctorStatus.VERIFIED,
        "specialties": ("cardiologia",),
        "time_zone": "America/Sao_Paulo",
        "city": "São Paulo",
        "latitude": -23.5505,
        "longitude": -46.6333,
        "created_at": NOW,
    }
    account, session = _account(Role.DOCTOR)
    who = Doctor(**({"id": DoctorId(account.id)} | plain | given))
    return Person(account=account, session=session, who=who)


def patient(**given: Any) -> Person:
    plain = {"name": "Ana Moreira", "cpf": cpf(), "birth_date": None, "created_at": NOW}
    account, session = _account(Role.PATIENT)
    who = Patient(**({"id": PatientId(account.id)} | plain | given))
    return Person(account=account, session=session, who=who)


def administrator() -> Person:
    """He has no second factor: it is asked for at the sign-in, which this is after."""
    account, session = _account(Role.ADMINISTRATOR)
    return Person(account=account, session=session, who=account)


SECRET = "a secret that only tests know"  # noqa: S105  # of partners who live for one test run


@dataclass(frozen=True, kw_only=True)
class Program:
    """A partner's, with a token that has all its scopes."""

    who: Partner
    token: PartnerToken

    @property
    def id(self) -> Any:
        return self.who.id

    @property
    def viewer(self) -> Viewer:
        return Viewer(
            user_id=UserId(self.who.id),
            role=Role.PARTNER,
            session_id=self.token.id,
            scopes=frozenset(self.token.scopes),
        )


def partner(*scopes: Scope, **given: Any) -> Program:
    """With SECRET. Without scopes it has those of reading."""
    scopes = scopes or (Scope.DOCTORS, Scope.SLOTS)
    plain = {
        "id": PartnerId(new_id()),
        "name": "Farmácia Popular",
        "scopes": scopes,
        "secret_hash": hash_of(SECRET),
        "created_at": NOW,
    }
    who = Partner(**(plain | given))
    token = PartnerToken(
        id=SessionId(new_id()),
        partner_id=who.id,
        scopes=scopes,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )
    return Program(who=who, token=token)


def slot(doctor: Person, **given: Any) -> Slot:
    """Tomorrow at nine in São Paulo, for half an hour; give `starts_at` to have it elsewhere."""
    starts_at = given.get("starts_at", TOMORROW)
    plain = {
        "id": SlotId(new_id()),
        "doctor_id": doctor.id,
        "starts_at": starts_at,
        "ends_at": starts_at + HALF_AN_HOUR,
    }
    return Slot(**(plain | given))


def slots(doctor: Person, count: int, **given: Any) -> list[Slot]:
    """One after the other, from tomorrow at nine on."""
    return [slot(doctor, starts_at=TOMORROW + n * HALF_AN_HOUR, **given) for n in range(count)]


def appointment(slot: Slot, patient: Person, **given: Any) -> Appointment:
    plain = {
        "id": AppointmentId(new_id()),
        "doctor_id": slot.doctor_id,
        "patient_id": patient.id,
        "slot_id": slot.id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "respond_by": min(slot.starts_at, NOW + timedelta(hours=24)),
        "consented_at": NOW,
        "requested_at": NOW,
    }
    return Appointment(**(plain | given))


def visit(doctor: Person, patient: Person, **given: Any) -> tuple[Slot, Appointment]:
    """A slot and the appointment for which it was taken, as the two rows stand."""
    status = AppointmentStatus(given.pop("status", AppointmentStatus.REQUESTED))
    times = {name: given.pop(name) for name in ("starts_at", "ends_at") if name in given}
    free = slot(doctor, **times)
    taken = appointment(free, patient, status=status, **given)
    if status is AppointmentStatus.REQUESTED:
        return free.booked(taken.respond_by), taken
    return free if status in OPENS_AGAIN else free.booked(), taken


def consultation(appointment: Appointment, **given: Any) -> Consultation:
    """One that both have joined."""
    plain = {
        "id": ConsultationId(new_id()),
        "appointment_id": appointment.id,
        "closes_at": appointment.ends_at + HALF_AN_HOUR,
        "doctor_joined_at": NOW,
        "patient_joined_at": NOW,
    }
    return Consultation(**(plain | given))


def signal(consultation: Consultation, **given: Any) -> Signal:
    plain = {
        "id": SignalId(new_id()),
        "consultation_id": consultation.id,
        "sender": AppointmentParty.DOCTOR,
        "payload": '{"description": {}}',
        "sent_at": NOW,
    }
    return Signal(**(plain | given))


def document(patient: Person, **given: Any) -> Document:
    """One that has been looked into; its bytes lie nowhere."""
    plain = {
        "id": DocumentId(new_id()),
        "patient_id": patient.id,
        "name": "Hemograma.pdf",
        "content_type": ContentType.PDF,
        "size": 1000,
        "sha256": secrets.token_hex(32),
        "object_key": f"documents/{secrets.token_hex(16)}",
        "requested_at": NOW,
        "status": DocumentStatus.AVAILABLE,
        "version": "1",
        "uploaded_at": NOW,
    }
    return Document(**(plain | given))


def paper(doctor: Person, patient: Person, visit: Appointment) -> tuple[Document, Paper]:
    """A certificate as its two rows have it, which are his to add; its bytes lie nowhere."""
    said = Certificate(text="Esteve em consulta.", starts_on=NOW.date(), days=3, cid=None)
    content = Content(
        doctor=Letterhead(
            name=doctor.who.name,
            crm=doctor.who.crm,
            uf=doctor.who.uf.value,
            qualifications=(),
            address="Rua das Acácias, 10",
            contact="(11) 5555-0100",
        ),
        patient_name=patient.who.name,
        patient_cpf=patient.who.cpf,
        issued_at=NOW,
        time_zone=doctor.who.time_zone,
        code=secrets.token_hex(10).upper(),
        said=said,
    )
    given = {"kind": DocumentKind.CERTIFICATE, "signature": Signature.UNSIGNED}
    issued = document(patient, issuer_id=doctor.id, **given)
    row = Paper(
        id=issued.id,
        patient_id=patient.id,
        doctor_id=doctor.id,
        appointment_id=visit.id,
        key=new_id(),
        code=content.code,
        content=write(content),
        issued_at=NOW,
    )
    return issued, row


def export(patient: Person, **given: Any) -> RecordExport:
    """One that has just been asked for."""
    plain = {
        "id": ExportId(new_id()),
        "patient_id": patient.id,
        "requested_at": NOW,
        "object_key": f"exports/{secrets.token_hex(16)}",
    }
    return RecordExport(**(plain | given))


def share(patient: Person, doctor: Person, **given: Any) -> Share:
    """Of the whole record, by the real time, as the database sees it."""
    plain = {
        "id": ShareId(new_id()),
        "patient_id": patient.id,
        "doctor_id": doctor.id,
        "includes_future": True,
        "valid_from": datetime.now(UTC) - timedelta(minutes=1),
        "valid_until": datetime.now(UTC) + timedelta(days=7),
    }
    return Share(**(plain | given))


def access_request(doctor: Person, patient: Person, **given: Any) -> AccessRequest:
    """One that waits, by the real time, as the database sees it."""
    plain = {
        "id": AccessRequestId(new_id()),
        "doctor_id": doctor.id,
        "patient_id": patient.id,
        "message": "Preciso ver os exames.",
        "requested_at": datetime.now(UTC) - timedelta(minutes=1),
        "expires_at": datetime.now(UTC) + timedelta(days=14),
    }
    return AccessRequest(**(plain | given))


def device_check(appointment: Appointment, **given: Any) -> DeviceCheck:
    """The patient's, with nothing amiss."""
    fine = DeviceCheckOutcome.OK
    plain = {
        "id": DeviceCheckId(new_id()),
        "appointment_id": appointment.id,
        "party": AppointmentParty.PATIENT,
        **dict.fromkeys(("camera", "microphone", "speaker"), fine),
        "network": NetworkQuality.GOOD,
        "browser": "Chrome 130 on Android",
        "checked_at": NOW,
    }
    return DeviceCheck(**(plain | given))


def in_person_request(patient: Person, doctor: Person, **given: Any) -> InPersonRequest:
    """One that waits."""
    plain = {
        "id": InPersonRequestId(new_id()),
        "doctor_id": doctor.id,
        "patient_id": patient.id,
        "message": "Prefiro ir ao consultório.",
        "asked_at": NOW,
    }
    return InPersonRequest(**(plain | given))


def emergency(appointment: Appointment, **given: Any) -> EmergencyAccess:
    """One that is open, by the real time, as the database sees it."""
    plain = {
        "id": EmergencyAccessId(new_id()),
        "doctor_id": appointment.doctor_id,
        "patient_id": appointment.patient_id,
        "appointment_id": appointment.id,
        "reason": "Desmaiou durante a consulta.",
        "opened_at": datetime.now(UTC) - timedelta(minutes=1),
        "ends_at": datetime.now(UTC) + timedelta(minutes=59),
    }
    return EmergencyAccess(**(plain | given))


def note(appointment: Appointment, **given: Any) -> VisitNote:
    """The first version."""
    plain = {
        "id": VisitNoteId(new_id()),
        "appointment_id": appointment.id,
        "patient_id": appointment.patient_id,
        "doctor_id": appointment.doctor_id,
        "version": 1,
        "amends": None,
        "text": "Pressão 12 por 8; retorna em um mês.",
        "written_at": NOW,
    }
    return VisitNote(**(plain | given))


def review(appointment: Appointment, **given: Any) -> Review:
    plain = {
        "id": ReviewId(new_id()),
        "appointment_id": appointment.id,
        "doctor_id": appointment.doctor_id,
        "stars": 4,
        "comment": None,
        "reviewed_on": appointment.starts_at.date(),
    }
    return Review(**(plain | given))


def standing(doctor: Person, **given: Any) -> Standing:
    plain = {
        "id": StandingId(new_id()),
        "doctor_id": doctor.id,
        "status": DoctorStatus.SUSPENDED,
        "reason": "O conselho cassou o registro.",
        "decided_by": UserId(new_id()),
        "decided_at": NOW,
    }
    return Standing(**(plain | given))


def link(person: Person, **given: Any) -> Link:
    plain = {
        "id": LinkId(new_id()),
        "account_id": person.account.id,
        "purpose": Purpose.RESET_PASSWORD,
        "email": person.account.email,
        "token_hash": secrets.token_bytes(32),
        "created_at": NOW,
        "expires_at": NOW + HALF_AN_HOUR,
    }
    return Link(**(plain | given))


def calendar_feed(person: Person, **given: Any) -> CalendarFeed:
    plain = {
        "id": CalendarFeedId(new_id()),
        "user_id": person.account.id,
        "token_hash": secrets.token_bytes(32),
        "created_at": NOW,
    }
    return CalendarFeed(**(plain | given))


def passkey(person: Person, **given: Any) -> Passkey:
    plain = {
        "id": PasskeyId(new_id()),
        "user_id": person.account.id,
        "credential_id": secrets.token_bytes(20),
        "public_key": b"none",
        "sign_count": 0,
        "transports": ("internal",),
        "backed_up": True,
        "name": "iPhone",
        "created_at": NOW,
    }
    return Passkey(**(plain | given))


def cpf() -> str:
    """Eleven digits that check, of nobody in particular."""
    digits = f"{secrets.randbelow(10**9 - 1) + 1:09}"
    if len(set(digits)) == 1:
        return cpf()
    first = _check_digit(digits)
    return digits + first + _check_digit(digits + first)


def _account(role: Role) -> tuple[Account, Session]:
    id = UserId(new_id())
    account = Account(
        id=id,
        role=role,
        email=f"{id}@example.com",
        password_hash="none",  # noqa: S106  # nobody signs in with it
        created_at=NOW,
    )
    session = Session(
        id=SessionId(new_id()),
        user_id=id,
        refresh_hash=secrets.token_bytes(32),
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
        device=None,
        address="192.0.2.1",
        seen_at=NOW,
    )
    return account, session
