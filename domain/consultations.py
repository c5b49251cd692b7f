"""Consultations: doctor and patient meet by video, within the window of their appointment.

The meeting is made at the first join, by a provider behind the port of `domain/meetings.py`. When
the second of the two joins for the first time, the visit has begun. It is over when the doctor
ends it, or at the end of its window, whoever is in. Each join is checked; so is each signal.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol, Self
from zoneinfo import ZoneInfo

from domain import doctors, scheduling
from domain.appointments import (
    OPEN_TO_BOTH,
    Appointment,
    AppointmentParty,
    AppointmentStatus,
)
from domain.auth import (
    SYSTEM,
    CloseConsultation,
    EndConsultation,
    JoinConsultation,
    MarkNoShow,
    UndoNoShow,
    Viewer,
    as_doctor,
    as_party,
    permit,
)
from domain.errors import OutsideWindow, TooLate, WrongStatus
from domain.events import (
    AppointmentCompleted,
    AppointmentConfirmed,
    AppointmentNoShow,
    AppointmentStarted,
    ConsultationClosed,
)
from domain.ids import AppointmentId, ConsultationId, new_id
from domain.limits import Limits
from domain.meetings import ConsultationProvider, Entrance, MeetingProvider, MeetingUnreachable
from domain.slots import Period
from domain.turns import turn
from domain.unit_of_work import Act, UnitOfWork

log = logging.getLogger(__name__)

_ENDED_AT_ONCE = 20  # meetings


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """From the first join on. `meeting`: as its provider knows it. `over`: nobody is let in any
    more; if the same appointment opens again, it has another.
    """

    id: ConsultationId
    appointment_id: AppointmentId
    closes_at: datetime
    meeting: str | None = None
    doctor_joined_at: datetime | None = None
    patient_joined_at: datetime | None = None
    over: bool = False

    def joined_at(self, party: AppointmentParty) -> datetime | None:
        if party is AppointmentParty.DOCTOR:
            return self.doctor_joined_at
        return self.patient_joined_at

    def joined(self, party: AppointmentParty, at: datetime) -> Self:
        """The first time counts."""
        if self.joined_at(party) is not None:
            return self
        if party is AppointmentParty.DOCTOR:
            return replace(self, doctor_joined_at=at)
        return replace(self, patient_joined_at=at)

    @property
    def both_joined(self) -> bool:
        return self.doctor_joined_at is not None and self.patient_joined_at is not None


class Consultations(Protocol):
    async def open_of(self, appointment_id: AppointmentId, /) -> Consultation | None:
        """The one that is not over; it will not be, before this work ends."""
        ...

    async def add(self, consultation: Consultation, /) -> bool:
        """False, and nothing added, if the appointment has one that is not over."""
        ...

    async def save(self, consultation: Consultation, /) -> None: ...
    async def keep_meeting(self, id: ConsultationId, meeting: str | None, /) -> None: ...
    async def end_of(self, appointment_id: AppointmentId, /) -> None:
        """It is over, and what was sent in it is gone."""
        ...

    async def due(self, /, *, at: datetime, limit: int) -> Sequence[AppointmentId]:
        """Of those whose window has ended, though they are not over."""
        ...

    async def with_meeting(self, /, *, limit: int) -> Sequence[Consultation]:
        """Some that are over, though their provider has not been told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    appointment_id: AppointmentId
    provider: ConsultationProvider
    entrance: Entrance


class Meetings:
    """What is done with a provider, outside of any transaction."""

    def __init__(self, act: Act, provider: MeetingProvider, now: Callable[[], datetime]) -> None:
        self._act, self._provider, self._now = act, provider, now

    async def join(self, viewer: Viewer, id: AppointmentId) -> Grant:
        """Raises Forbidden, NotFound, Refusal or MeetingUnreachable."""
        found = await self._act(lambda work: prepare(work, viewer, id, at=self._now()))
        meeting = await self._provider.open(found.id, found.meeting)
        if meeting != found.meeting:  # on record at once, so that it is ended whatever comes
            await self._act(lambda work: work.consultations.keep_meeting(found.id, meeting))
        party = await self._act(lambda work: enter(work, viewer, id, at=self._now()))
        at = self._now()
        entrance = await self._provider.admit(
            found.id, meeting, party, at=at, until=found.closes_at
        )
        return Grant(appointment_id=id, provider=self._provider.kind, entrance=entrance)

    async def end_due(self) -> int:
        """Tell the provider of what is over. Returns how many meetings were to be ended."""
        due = await self._act(lambda work: work.consultations.with_meeting(limit=_ENDED_AT_ONCE))
        try:
            for each in due:
                await self._provider.end(each.id, each.meeting or "")
                await self._act(partial(_forget_meeting, each.id))
        except MeetingUnreachable:
            log.warning("meetings could not be ended and will be later")
        return len(due)


def window(appointment: Appointment, limits: Limits) -> Period:
    """In which its two sides are let in."""
    return Period(
        starts_at=appointment.starts_at - limits.visit_opens_before,
        ends_at=appointment.ends_at + limits.visit_closes_after,
    )


def require_open(appointment: Appointment, limits: Limits, at: datetime) -> None:
    """Raises Refusal."""
    if appointment.status not in OPEN_TO_BOTH:
        raise WrongStatus(
            f"It is {appointment.status.value}; only a confirmed one can be joined.",
            "appointmentId",
        )
    open_in = window(appointment, limits)
    if not open_in.starts_at <= at < open_in.ends_at:
        raise OutsideWindow(open_in.starts_at, open_in.ends_at, at=at)


async def prepare(
    work: UnitOfWork, viewer: Viewer, id: AppointmentId, *, at: datetime
) -> Consultation:
    """The consultation, made now if this is the first join. Raises Forbidden, NotFound, Refusal."""
    appointment = await _joinable(work, viewer, id, at)
    if found := await work.consultations.open_of(id):
        return found
    made = Consultation(
        id=ConsultationId(new_id()),
        appointment_id=id,
        closes_at=window(appointment, work.limits).ends_at,
    )
    await work.consultations.add(made)
    return made


async def enter(
    work: UnitOfWork, viewer: Viewer, id: AppointmentId, *, at: datetime
) -> AppointmentParty:
    """The viewer's side of it. Raises Forbidden, NotFound or Refusal."""
    appointment = await _joinable(work, viewer, id, at)
    consultation = await work.consultations.open_of(id)
    if consultation is None:
        raise WrongStatus("It has changed meanwhile; join again.", "appointmentId")
    party = scheduling.side_of(appointment, viewer)
    joined = consultation.joined(party, at)
    if joined != consultation:
        await work.consultations.save(joined)
    if joined.both_joined and appointment.status is AppointmentStatus.CONFIRMED:
        begun = appointment.begun(joined.closes_at)
        await turn(work, appointment, begun, AppointmentStarted, at=at)
    return party


async def end(work: UnitOfWork, viewer: Viewer, id: AppointmentId, *, at: datetime) -> Appointment:
    """By its doctor. Raises Forbidden, NotFound or Refusal."""
    as_doctor(viewer)
    appointment = await _locked(work, viewer, id)
    permit(work, viewer, EndConsultation(doctor_id=appointment.doctor_id, appointment_id=id))
    if appointment.as_of(at).status is not AppointmentStatus.IN_PROGRESS:
        raise WrongStatus("Only a visit that is in progress can be ended.", "appointmentId")
    completed = appointment.ended(AppointmentStatus.COMPLETED, by=AppointmentParty.DOCTOR, at=at)
    return await turn(work, appointment, completed, AppointmentCompleted, at=at)


async def mark_no_show(
    work: UnitOfWork, viewer: Viewer, id: AppointmentId, *, at: datetime
) -> Appointment:
    """By its doctor, for a patient who has never joined. Raises Forbidden, NotFound or Refusal."""
    as_doctor(viewer)
    appointment = await _locked(work, viewer, id)
    permit(work, viewer, MarkNoShow(doctor_id=appointment.doctor_id, appointment_id=id))
    if appointment.status is not AppointmentStatus.CONFIRMED:
        raise WrongStatus(
            f"It is {appointment.status.value}; only of a confirmed one this can be said.",
            "appointmentId",
        )
    earliest = appointment.starts_at + work.limits.no_show_after
    if at < earliest:
        raise OutsideWindow(earliest, None, at=at)
    consultation = await work.consultations.open_of(id)
    if consultation is not None and consultation.patient_joined_at is not None:
        raise WrongStatus("The patient has been there; a dropped call is no no-show.")
    missed = appointment.ended(AppointmentStatus.NO_SHOW, by=AppointmentParty.DOCTOR, at=at)
    return await turn(work, appointment, missed, AppointmentNoShow, at=at)


async def undo_no_show(
    work: UnitOfWork, viewer: Viewer, id: AppointmentId, *, at: datetime
) -> Appointment:
    """By its doctor, on the day of his own zone on which he marked it.

    Raises Forbidden, NotFound or Refusal.
    """
    doctor_id = as_doctor(viewer)
    patient_id = (await scheduling.find(work, viewer, id)).patient_id
    await work.lock(patient_id)
    appointment = await _locked(work, viewer, id)
    permit(work, viewer, UndoNoShow(doctor_id=doctor_id, appointment_id=id))
    if appointment.status is not AppointmentStatus.NO_SHOW or appointment.ended_at is None:
        raise WrongStatus("It is not marked as a no-show.", "appointmentId")
    zone = ZoneInfo((await doctors.find(work, doctor_id)).time_zone)
    if appointment.ended_at.astimezone(zone).date() != at.astimezone(zone).date():
        raise TooLate("This can be undone on the same day only.", "appointmentId")
    [slot] = await work.slots.lock([appointment.slot_id])
    active = await work.appointments.active(patient_id)
    if any(each.overlaps(slot) for each in active if each.id != id):
        raise WrongStatus("The patient has another appointment at this time.", "appointmentId")
    confirmed = appointment.now(AppointmentStatus.CONFIRMED)
    return await turn(work, appointment, confirmed, AppointmentConfirmed, at=at)


async def close_due(work: UnitOfWork, *, at: datetime, limit: int) -> int:
    """At the end of a window, whoever is in. Returns of how many appointments."""
    due = await work.consultations.due(at=at, limit=limit)
    for id in sorted(due):
        await work.lock(id)
        appointment = await work.appointments.get(id)
        if appointment is None:
            continue
        if appointment.outlasted(at):
            permit(work, SYSTEM, CloseConsultation(appointment_id=id))
            await turn(work, appointment, appointment.closed(), AppointmentCompleted, at=at)
        elif (found := await work.consultations.open_of(id)) and found.closes_at <= at:
            permit(work, SYSTEM, CloseConsultation(appointment_id=id))
            await work.consultations.end_of(id)
            work.publish(ConsultationClosed(patient_id=appointment.patient_id, appointment_id=id))
    return len(due)


async def _forget_meeting(id: ConsultationId, work: UnitOfWork) -> None:
    await work.consultations.keep_meeting(id, None)


async def _joinable(
    work: UnitOfWork, viewer: Viewer, id: AppointmentId, at: datetime
) -> Appointment:
    as_party(viewer)
    appointment = await _locked(work, viewer, id)
    verified = await doctors.is_verified(work, appointment.doctor_id)
    action = JoinConsultation(
        appointment_id=id,
        doctor_id=appointment.doctor_id,
        patient_id=appointment.patient_id,
        verified=verified,
    )
    permit(work, viewer, action)
    require_open(appointment, work.limits, at)
    return appointment


async def _locked(work: UnitOfWork, viewer: Viewer, id: AppointmentId) -> Appointment:
    """Strangers do not get to lock it."""
    await scheduling.find(work, viewer, id)
    await work.lock(id)
    return await scheduling.find(work, viewer, id)
