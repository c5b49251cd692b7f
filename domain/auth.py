"""Who may do what. The only file with that knowledge: each action carries its own rule."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.errors import Forbidden
from domain.ids import AppointmentId, DoctorId, PatientId, SessionId, SlotId, UserId

log = logging.getLogger(__name__)


class Role(StrEnum):
    DOCTOR = "DOCTOR"
    PATIENT = "PATIENT"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The person asking, as proved by a session. Doctors and patients go by their user id."""

    user_id: UserId
    role: Role
    session_id: SessionId | None = None

    @property
    def doctor_id(self) -> DoctorId | None:
        return DoctorId(self.user_id) if self.role is Role.DOCTOR else None

    @property
    def patient_id(self) -> PatientId | None:
        return PatientId(self.user_id) if self.role is Role.PATIENT else None


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
class EndSession(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSecondFactor(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSecondFactor(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendRecoveryCode(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRecoveryCodes(SignIn): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSecondFactor(SignIn): ...


class ResetPassword(SignIn): ...


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
class CancelAppointment(Action):
    appointment_id: AppointmentId
    doctor_id: DoctorId
    patient_id: PatientId

    def allows(self, viewer: Viewer) -> bool:
        return self.doctor_id == viewer.doctor_id or self.patient_id == viewer.patient_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LetLapse(Action):
    """Write down what time alone has ended: a hold, or a request without an answer."""

    slot_id: SlotId
    appointment_id: AppointmentId | None = None

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
    if not action.allows(viewer):
        log.warning("forbidden: %s by %s", type(action).__name__, viewer.user_id)
        raise Forbidden("You may not do this.")
    work.audit(viewer, action)


def as_doctor(viewer: Viewer) -> DoctorId:
    """Raises Forbidden for any other kind of user."""
    if viewer.doctor_id is None:
        raise Forbidden("Only doctors may do this.")
    return viewer.doctor_id


def as_patient(viewer: Viewer) -> PatientId:
    """Raises Forbidden for any other kind of user."""
    if viewer.patient_id is None:
        raise Forbidden("Only patients may do this.")
    return viewer.patient_id
