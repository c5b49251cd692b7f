"""Who may do what. The only file with that knowledge: each action carries its own rule."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.errors import Forbidden
from domain.ids import (
    AccessRequestId,
    AppointmentId,
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
)

log = logging.getLogger(__name__)


class Role(StrEnum):
    DOCTOR = "DOCTOR"
    PATIENT = "PATIENT"
    ADMINISTRATOR = "ADMINISTRATOR"
    PARTNER = "PARTNER"
    SYSTEM = "SYSTEM"


class Scope(StrEnum):
    """What a partner may do (RFC 6749, section 3.3). Whatever has none is not a partner's."""

    DOCTORS = "doctors:read"
    SLOTS = "slots:read"
    DOCUMENTS = "documents:any"  # send any GraphQL document, not trusted ones alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks, as proved by a session: a person, or the program of a partner within the scopes of
    its token. Everybody goes by his user id.
    """

    user_id: UserId
    role: Role
    session_id: SessionId | None = None
    scopes: frozenset[Scope] = frozenset()

    @property
    def doctor_id(self) -> DoctorId | None:
        return DoctorId(self.user_id) if self.role is Role.DOCTOR else None

    @property
    def patient_id(self) -> PatientId | None:
        return PatientId(self.user_id) if self.role is Role.PATIENT else None

    @property
    def partner_id(self) -> PartnerId | None:
        return PartnerId(self.user_id) if self.role is Role.PARTNER else None


SYSTEM = Viewer(user_id=UserId(UUID(int=0)), role=Role.SYSTEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a viewer wants to do: its name, its subject and its rule in one value."""

    def allows(self, viewer: Viewer) -> bool:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(Action):
    user_id: UserId

    def allows(self, viewer: Viewer) -> bool:
        return viewer.user_id == self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewSession(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession(SignIn):
    """By its owner; by the system, when he is shut out."""

    def allows(self, viewer: Viewer) -> bool:
        return viewer.user_id == self.user_id or viewer is SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSecondFactor(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSecondFactor(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendRecoveryCode(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRecoveryCodes(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSecondFactor(SignIn):
    """Administrators must have one."""

    def allows(self, viewer: Viewer) -> bool:
        return viewer.user_id == self.user_id and viewer.role is not Role.ADMINISTRATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPasskey(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WithPasskey(Action):
    """Of its owner, with one of his."""

    user_id: UserId
    passkey_id: PasskeyId

    def allows(self, viewer: Viewer) -> bool:
        return viewer.user_id == self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPasskey(WithPasskey): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePasskey(WithPasskey): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePasskey(WithPasskey): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCalendarFeed(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCalendarFeed(SignIn): ...


class ResetPassword(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEmail(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ByDoctor(Action):
    """Of a doctor, about what is his."""

    doctor_id: DoctorId

    def allows(self, viewer: Viewer) -> bool:
        return viewer.doctor_id == self.doctor_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDoctor(ByDoctor): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ByVerifiedDoctor(ByDoctor):
    """`verified`: whether the registry's word on the doctor is VERIFIED at this moment."""

    verified: bool

    def allows(self, viewer: Viewer) -> bool:
        return self.verified and viewer.doctor_id == self.doctor_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSlots(ByVerifiedDoctor):
    slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSlot(ByVerifiedDoctor):
    slot_id: SlotId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawSlots(ByDoctor):
    slot_ids: tuple[SlotId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptAppointment(ByVerifiedDoctor):
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineAppointment(ByDoctor):
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteVisitNote(ByVerifiedDoctor):
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInPersonRequest(ByVerifiedDoctor):
    in_person_request_id: InPersonRequestId
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAccess(ByVerifiedDoctor):
    patient_id: PatientId


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass(ByVerifiedDoctor):
    patient_id: PatientId
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePaper(ByVerifiedDoctor):
    patient_id: PatientId
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class SignPaper(ByVerifiedDoctor):
    document_id: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPatient(Action):
    """Of a patient, about what is his."""

    patient_id: PatientId

    def allows(self, viewer: Viewer) -> bool:
        return viewer.patient_id == self.patient_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePatient(ByPatient): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSlot(ByPatient):
    slot_id: SlotId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSlot(ByPatient):
    slot_id: SlotId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAppointment(ByPatient):
    slot_id: SlotId


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleAppointment(ByPatient):
    appointment_id: AppointmentId
    slot_id: SlotId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAppointment(ByPatient):
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInPersonVisit(ByPatient):
    doctor_id: DoctorId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawInPersonRequest(ByPatient):
    in_person_request_id: InPersonRequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestUpload(ByPatient): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteUpload(ByPatient):
    document_id: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class HideDocument(ByPatient):
    document_id: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameDocument(ByPatient):
    document_id: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExport(ByPatient): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenExport(ByPatient):
    export_id: ExportId


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAccount(ByPatient): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRecord(ByPatient):
    doctor_id: DoctorId


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeShare(ByPatient):
    share_id: ShareId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAccessRequest(ByPatient):
    request_id: AccessRequestId
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocuments(Action):
    """`shared`: whether the database says, at this moment, that the viewer may see them, since the
    patient shares them, in an emergency, or as their issuer.
    """

    patient_id: PatientId
    shared: bool

    def allows(self, viewer: Viewer) -> bool:
        shared_with = self.shared and viewer.doctor_id is not None
        return shared_with or viewer.patient_id == self.patient_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDocument(ListDocuments):
    document_id: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadVisitNotes(ListDocuments):
    """Those that other doctors have written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByEitherSide(Action):
    """Of an appointment: by its doctor, or its patient."""

    appointment_id: AppointmentId
    doctor_id: DoctorId
    patient_id: PatientId

    def allows(self, viewer: Viewer) -> bool:
        return self.doctor_id == viewer.doctor_id or self.patient_id == viewer.patient_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAppointment(ByEitherSide): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinConsultation(ByEitherSide):
    """`verified`: as of a doctor's other acts; it is asked of nobody but him."""

    verified: bool

    def allows(self, viewer: Viewer) -> bool:
        as_doctor = self.verified and self.doctor_id == viewer.doctor_id
        return as_doctor or self.patient_id == viewer.patient_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EndConsultation(ByDoctor):
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNoShow(ByDoctor):
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoNoShow(ByDoctor):
    appointment_id: AppointmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeviceCheck(ByEitherSide): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ByAdministrator(Action):
    def allows(self, viewer: Viewer) -> bool:
        return viewer.role is Role.ADMINISTRATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagePartner(ByAdministrator):
    partner_id: PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideOnDoctor(ByAdministrator):
    doctor_id: DoctorId


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDoctor(DecideOnDoctor): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendDoctor(DecideOnDoctor): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinstateDoctor(DecideOnDoctor): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAuditLog(ByAdministrator): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEmergencyAccesses(ByAdministrator): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEmergencyAccess(ByAdministrator):
    emergency_id: EmergencyAccessId


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAdministrator(Action):
    """By whoever runs the server: administrators are nobody's to make but his."""

    user_id: UserId

    def allows(self, viewer: Viewer) -> bool:
        return viewer is SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewAdministrator(OnAdministrator): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAdministrator(OnAdministrator): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPartner(ManagePartner): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePartner(ManagePartner): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatePartnerSecret(ManagePartner): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPartner(ManagePartner): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinstatePartner(ManagePartner): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPartner(Action):
    """Of a partner, about a token of its own."""

    partner_id: PartnerId
    token_id: SessionId

    def allows(self, viewer: Viewer) -> bool:
        return viewer.partner_id == self.partner_id


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken(ByPartner): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken(ByPartner): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LetLapse(Action):
    """Write down what time alone has ended: a hold, or a request without an answer."""

    slot_id: SlotId
    appointment_id: AppointmentId | None = None

    def allows(self, viewer: Viewer) -> bool:
        return viewer is SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseConsultation(Action):
    """At the end of its window."""

    appointment_id: AppointmentId

    def allows(self, viewer: Viewer) -> bool:
        return viewer is SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCpfStanding(Action):
    """As the registry has told it."""

    patient_id: PatientId

    def allows(self, viewer: Viewer) -> bool:
        return viewer is SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDoctorStatus(Action):
    """As the registry has told it."""

    doctor_id: DoctorId

    def allows(self, viewer: Viewer) -> bool:
        return viewer is SYSTEM


class Audited(Protocol):
    """Whatever keeps the audit log; every unit of work does."""

    def audit(self, viewer: Viewer, action: Action) -> None: ...


def permit(work: Audited, viewer: Viewer, action: Action) -> None:
    """Enter the action in the audit log, or raise Forbidden. Before anything is changed."""
    demand(viewer, action)
    work.audit(viewer, action)


def demand(viewer: Viewer, action: Action) -> None:
    """Raises Forbidden, for when it is to be known before there is a unit of work."""
    if not action.allows(viewer):
        log.warning("forbidden: %s by %s", type(action).__name__, viewer.user_id)
        raise Forbidden("You may not do this.")


def as_doctor(viewer: Viewer) -> DoctorId:
    """Raises Forbidden for any other kind of user."""
    if viewer.doctor_id is None:
        raise Forbidden("Only doctors may do this.")
    return viewer.doctor_id


def as_party(viewer: Viewer) -> UserId:
    """Of an appointment. Raises Forbidden for who can only be a third."""
    if viewer.doctor_id is None and viewer.patient_id is None:
        raise Forbidden("Only doctors and patients may do this.")
    return viewer.user_id


def as_administrator(viewer: Viewer) -> UserId:
    """Raises Forbidden for any other kind of user."""
    if viewer.role is not Role.ADMINISTRATOR:
        raise Forbidden("Only administrators may do this.")
    return viewer.user_id


def as_patient(viewer: Viewer) -> PatientId:
    """Raises Forbidden for any other kind of user."""
    if viewer.patient_id is None:
        raise Forbidden("Only patients may do this.")
    return viewer.patient_id


def as_reader(viewer: Viewer | None, scope: Scope) -> None:
    """Of what is open to everybody, a partner excepted who has not the scope: raises Forbidden."""
    if not may_read(viewer, scope):
        raise Forbidden("This token has not the scope for this.")


def may_read(viewer: Viewer | None, scope: Scope) -> bool:
    return viewer is None or viewer.role is not Role.PARTNER or scope in viewer.scopes


def as_person(viewer: Viewer | None) -> None:
    """Partners read, and change nothing. Raises Forbidden for one."""
    if viewer is not None and viewer.role is Role.PARTNER:
        raise Forbidden("Only people may do this.")


def sends_any_document(viewer: Viewer) -> bool:
    """Even where other people's clients send trusted ones alone."""
    return Scope.DOCUMENTS in viewer.scopes
