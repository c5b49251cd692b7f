"""Scheduling: a patient requests a slot, the doctor answers, either may call it off.

`version_seen`, where given, is checked before anything else: whoever decides on an old picture is
shown the new one.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from domain import doctors, holds, lapses, patients
from domain.appointments import (
    Appointment,
    AppointmentParty,
    AppointmentStatus,
    PatientBusy,
    VersionConflict,
)
from domain.auth import (
    AcceptAppointment,
    CancelAppointment,
    DeclineAppointment,
    RequestAppointment,
    RescheduleAppointment,
    Viewer,
    as_doctor,
    as_party,
    as_patient,
    permit,
)
from domain.consent_texts import Acceptance
from domain.errors import (
    Invalid,
    LimitReached,
    NotFound,
    Refusal,
    TooLate,
    WrongStatus,
    refuse_any,
    said,
)
from domain.events import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentDeclined,
    AppointmentRequested,
    AppointmentRescheduled,
    SlotBooked,
    SlotReleased,
)
from domain.ids import AppointmentId, PatientId, SlotId, new_id
from domain.limits import Limits
from domain.slots import Slot
from domain.turns import tell, turn
from domain.unit_of_work import UnitOfWork

_NO_SUCH = "There is no such appointment."
REQUESTED, CONFIRMED = AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED


async def request(
    work: UnitOfWork,
    viewer: Viewer,
    slot_id: SlotId,
    *,
    reason: str | None,
    acceptance: Acceptance,
    at: datetime,
) -> Appointment:
    """Take the slot and ask its doctor. Raises Forbidden, NotFound or Refusal."""
    patient_id = as_patient(viewer)
    permit(work, viewer, RequestAppointment(patient_id=patient_id, slot_id=slot_id))
    refuse_any(faults_of(reason, acceptance, work.limits))
    reason = reason.strip() if reason else None
    await work.lock(patient_id)
    await patients.require_cpf(work, patient_id)
    others = await _active(work, patient_id, slot_id, at)
    slot = await holds.bookable(work, slot_id, at=at)
    if not slot.is_free_for(patient_id):
        raise await holds.taken(work, slot, at=at)
    _one_more(others, slot, work.limits)
    accepted = acceptance.text
    appointment = Appointment(
        id=AppointmentId(new_id()),
        doctor_id=slot.doctor_id,
        patient_id=patient_id,
        slot_id=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        reason=reason or None,
        respond_by=_respond_by(slot, work.limits, at),
        consented_at=at,
        consent_version=accepted.version,
        consent_language=accepted.language,
        consent_sha256=accepted.sha256,
        requested_at=at,
    )
    if not await work.appointments.add(appointment):
        raise await holds.taken(work, slot, at=at)
    await work.slots.save(slot.booked(appointment.respond_by))
    work.publish(SlotBooked(doctor_id=slot.doctor_id, slot_id=slot.id))
    await tell(work, AppointmentRequested, appointment, at=at)
    return appointment


def faults_of(reason: str | None, acceptance: Acceptance, limits: Limits) -> Sequence[Refusal]:
    """What is wrong with a request, whatever slot it is for."""
    return [*acceptance.faults(), *_reason_faults(reason, limits)]


async def accept(
    work: UnitOfWork,
    viewer: Viewer,
    appointment_id: AppointmentId,
    *,
    version_seen: int | None,
    at: datetime,
) -> Appointment:
    """The doctor will see this patient. Raises Forbidden, NotFound or Refusal."""
    as_doctor(viewer)
    appointment, slot = await _at_hand(work, viewer, appointment_id, version_seen, at)
    doctor_id = appointment.doctor_id
    verified = await doctors.is_verified(work, doctor_id)
    action = AcceptAppointment(
        doctor_id=doctor_id, verified=verified, appointment_id=appointment_id
    )
    permit(work, viewer, action)
    _require(appointment, REQUESTED)
    await work.slots.save(slot.booked())
    confirmed = appointment.now(CONFIRMED)
    return await turn(work, appointment, confirmed, AppointmentConfirmed, at=at)


async def decline(
    work: UnitOfWork,
    viewer: Viewer,
    appointment_id: AppointmentId,
    *,
    justification: str,
    version_seen: int | None,
    at: datetime,
) -> Appointment:
    """The doctor will not; the slot is open again. Raises Forbidden, NotFound or Refusal."""
    as_doctor(viewer)
    appointment, slot = await _at_hand(work, viewer, appointment_id, version_seen, at)
    doctor_id = appointment.doctor_id
    permit(work, viewer, DeclineAppointment(doctor_id=doctor_id, appointment_id=appointment_id))
    _require(appointment, REQUESTED)
    declined = appointment.ended(
        AppointmentStatus.DECLINED,
        by=AppointmentParty.DOCTOR,
        at=at,
        justification=_justified(justification, work.limits),
    )
    declined = await turn(work, appointment, declined, AppointmentDeclined, at=at)
    await _reopen(work, slot, at)
    return declined


async def cancel(
    work: UnitOfWork,
    viewer: Viewer,
    appointment_id: AppointmentId,
    *,
    justification: str,
    version_seen: int | None,
    at: datetime,
) -> Appointment:
    """By either side; by the patient until the start. Raises Forbidden, NotFound or Refusal."""
    as_party(viewer)
    appointment, slot = await _at_hand(work, viewer, appointment_id, version_seen, at)
    action = CancelAppointment(
        appointment_id=appointment_id,
        doctor_id=appointment.doctor_id,
        patient_id=appointment.patient_id,
    )
    permit(work, viewer, action)
    _require(appointment, REQUESTED, CONFIRMED)
    party = side_of(appointment, viewer)
    if party is AppointmentParty.PATIENT:
        _before_start(appointment, at)
    cancelled = appointment.ended(
        AppointmentStatus.CANCELLED,
        by=party,
        at=at,
        justification=_justified(justification, work.limits),
    )
    await turn(work, appointment, cancelled, AppointmentCancelled, at=at)
    await _reopen(work, slot, at)
    return cancelled


async def reschedule(
    work: UnitOfWork,
    viewer: Viewer,
    appointment_id: AppointmentId,
    *,
    slot_id: SlotId,
    version_seen: int | None,
    at: datetime,
) -> Appointment:
    """To another slot of the same doctor, who is asked again.

    Raises Forbidden, NotFound or Refusal.
    """
    patient_id = as_patient(viewer)
    await work.lock(patient_id)
    appointment, old = await _at_hand(work, viewer, appointment_id, version_seen, at, slot_id)
    action = RescheduleAppointment(
        patient_id=patient_id, appointment_id=appointment_id, slot_id=slot_id
    )
    permit(work, viewer, action)
    _require(appointment, REQUESTED, CONFIRMED)
    _before_start(appointment, at)
    active = await _active(work, patient_id, slot_id, at)
    slot = await holds.bookable(work, slot_id, at=at)
    if slot.doctor_id != appointment.doctor_id:
        raise Invalid("Choose a slot of the same doctor.", "slotId")
    if not slot.is_free_for(patient_id):
        raise await holds.taken(work, slot, at=at)
    _one_more([other for other in active if other.id != appointment.id], slot, work.limits)
    moved = appointment.moved(slot, respond_by=_respond_by(slot, work.limits, at))
    await work.slots.save(slot.booked(moved.respond_by))
    work.publish(SlotBooked(doctor_id=slot.doctor_id, slot_id=slot.id))
    await turn(work, appointment, moved, AppointmentRescheduled, at=at)
    await _reopen(work, old, at)
    return moved


async def find(work: UnitOfWork, viewer: Viewer, appointment_id: AppointmentId) -> Appointment:
    """As its row says. A stranger's is not there: raises NotFound."""
    appointment = await work.appointments.get(appointment_id)
    if appointment is None:
        raise NotFound(_NO_SUCH)
    side_of(appointment, viewer)
    return appointment


def side_of(appointment: Appointment, viewer: Viewer) -> AppointmentParty:
    """Raises NotFound for a stranger."""
    party = appointment.party(viewer)
    if party is None:
        raise NotFound(_NO_SUCH)
    return party


async def recall(work: UnitOfWork, viewer: Viewer, id: UUID, *, at: datetime) -> Appointment:
    """As it stands now. Raises NotFound."""
    return (await find(work, viewer, AppointmentId(id))).as_of(at)


async def _at_hand(
    work: UnitOfWork,
    viewer: Viewer,
    appointment_id: AppointmentId,
    version_seen: int | None,
    at: datetime,
    *more_slots: SlotId,
) -> tuple[Appointment, Slot]:
    """The viewer's appointment and its slot, locked and settled, as old as the viewer thinks."""
    await find(work, viewer, appointment_id)
    await work.lock(appointment_id)
    slot_id = (await find(work, viewer, appointment_id)).slot_id
    slots = await lapses.settled(work, {slot_id, *more_slots}, at=at)
    appointment = await find(work, viewer, appointment_id)
    if version_seen not in (None, appointment.version):
        raise VersionConflict(appointment)
    return appointment, slots[slot_id]


async def _active(
    work: UnitOfWork, patient_id: PatientId, slot_id: SlotId, at: datetime
) -> list[Appointment]:
    """The patient's appointments that have not ended; requests that expired are written down.

    Their slots are locked together with the one wanted, for the order of locks.
    """
    active = await work.appointments.active(patient_id)
    expired = {each.slot_id for each in active if each.lapsed(at)}
    if expired:
        await lapses.settled(work, {slot_id, *expired}, at=at)
    return [each for each in active if not each.lapsed(at)]


async def _reopen(work: UnitOfWork, slot: Slot, at: datetime) -> None:
    """After its appointment has ended; a slot in the past remains with it."""
    if slot.starts_at > at:
        await work.slots.save(slot.opened())
        work.publish(SlotReleased(doctor_id=slot.doctor_id, slot_id=slot.id))


def _require(appointment: Appointment, *statuses: AppointmentStatus) -> None:
    if appointment.status not in statuses:
        raise WrongStatus(
            f"It is {appointment.status.value}; this can be done no more.", "appointmentId"
        )


def _before_start(appointment: Appointment, at: datetime) -> None:
    if appointment.starts_at <= at:
        raise TooLate("The appointment has begun.", "appointmentId")


def _one_more(others: Sequence[Appointment], slot: Slot, limits: Limits) -> None:
    """Whether the patient may ask for it besides these. Raises PatientBusy or LimitReached."""
    if any(each.overlaps(slot) for each in others):
        raise PatientBusy
    if sum(each.status is REQUESTED for each in others) >= limits.requests:
        raise LimitReached(
            f"You have {limits.requests} requests without an answer; wait for one, or cancel one."
        )


def _respond_by(slot: Slot, limits: Limits, at: datetime) -> datetime:
    return min(at + limits.respond_within, slot.starts_at)


def _justified(justification: str, limits: Limits) -> str:
    shortest, longest = limits.justification_shortest, limits.justification_longest
    return said(
        justification, "A justification", "justification", shortest=shortest, longest=longest
    )


def _reason_faults(reason: str | None, limits: Limits) -> Iterator[Refusal]:
    if reason and len(reason.strip()) > limits.reason_longest:
        yield Invalid(f"A reason has at most {limits.reason_longest} characters.", "reason")
