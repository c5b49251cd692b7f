"""Signals: what the two browsers of a consultation tell each other to get connected.

Nobody else hears them, we do not read them, and they are gone when the consultation is over.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain import consultations, doctors, scheduling
from domain.appointments import AppointmentParty
from domain.auth import JoinConsultation, Viewer, as_party, demand
from domain.errors import Invalid, LimitReached, TooLarge, WrongStatus
from domain.events import DoctorSignalled, PatientSignalled, Signalled
from domain.ids import AppointmentId, ConsultationId, SignalId, new_id
from domain.unit_of_work import UnitOfWork

_A_WHILE = timedelta(seconds=10)
SENT_BY: dict[AppointmentParty, type[Signalled]] = {
    AppointmentParty.DOCTOR: DoctorSignalled,
    AppointmentParty.PATIENT: PatientSignalled,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    id: SignalId
    consultation_id: ConsultationId
    sender: AppointmentParty
    payload: str
    sent_at: datetime


class Signals(Protocol):
    async def add(self, signal: Signal, /) -> bool: ...
    async def count(
        self, consultation_id: ConsultationId, sender: AppointmentParty, since: datetime, /
    ) -> tuple[int, int]:
        """In all, and since then."""
        ...


async def send(
    work: UnitOfWork, viewer: Viewer, id: AppointmentId, payload: str, *, at: datetime
) -> None:
    """To the other side, by one who has joined. Raises Forbidden, NotFound or Refusal."""
    as_party(viewer)
    limits = work.limits
    appointment = await scheduling.find(work, viewer, id)
    party = scheduling.side_of(appointment, viewer)
    action = JoinConsultation(
        appointment_id=id,
        doctor_id=appointment.doctor_id,
        patient_id=appointment.patient_id,
        verified=await doctors.is_verified(work, appointment.doctor_id),
    )
    demand(viewer, action)  # of which the audit log has the join, and not each word after it
    consultations.require_open(appointment, limits, at)
    consultation = await work.consultations.open_of(id)
    if consultation is None or consultation.joined_at(party) is None:
        raise WrongStatus("Join the consultation first.", "appointmentId")
    if len(payload.encode()) > limits.signal_largest:
        raise TooLarge(f"A signal has at most {limits.signal_largest} bytes.", "payload")
    if not _is_json(payload):
        raise Invalid("A signal is one JSON message.", "payload")
    in_all, lately = await work.signals.count(consultation.id, party, at - _A_WHILE)
    if lately >= limits.signals_at_once:
        raise LimitReached("Too many signals at once; wait ten seconds.", "payload")
    if in_all >= limits.signals:
        raise LimitReached("Too many signals in one consultation.", "payload")
    signal = Signal(
        id=SignalId(new_id()),
        consultation_id=consultation.id,
        sender=party,
        payload=payload,
        sent_at=at,
    )
    await work.signals.add(signal)
    work.publish(
        SENT_BY[party](patient_id=appointment.patient_id, appointment_id=id, signal_id=signal.id)
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
