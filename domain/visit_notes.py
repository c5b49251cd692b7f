"""Visit notes: what a doctor writes of a visit, into the patient's record.

A note is never changed. Who amends it writes the whole of it anew, as the next version, which names
the one before; that one stays (Lei 13.787/2018; CFM 1.638/2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain import doctors, scheduling
from domain.accesses import AccessAction, deny, log
from domain.appointments import Appointment, AppointmentStatus
from domain.auth import ReadVisitNotes, Viewer, WriteVisitNote, as_doctor, permit
from domain.errors import LimitReached, NotFound, TooLate, WrongStatus, said
from domain.ids import AppointmentId, DoctorId, PatientId, VisitNoteId, new_id
from domain.limits import Limits
from domain.unit_of_work import UnitOfWork

_SEEN = (AppointmentStatus.IN_PROGRESS, AppointmentStatus.COMPLETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNote:
    """`version`: from 1, of the appointment's note. `amends`: the version before."""

    id: VisitNoteId
    appointment_id: AppointmentId
    patient_id: PatientId
    doctor_id: DoctorId
    version: int
    amends: VisitNoteId | None
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVisitNote:
    """`amended`: whether a later version was there when it was looked at."""

    note: VisitNote
    amended: bool


class VisitNotes(Protocol):
    async def get(self, id: VisitNoteId, /) -> VisitNote | None: ...
    async def add(self, note: VisitNote, /) -> bool: ...
    async def last(self, appointment_id: AppointmentId, /) -> VisitNote | None:
        """The latest version."""
        ...

    async def lets_see(self, patient_id: PatientId, doctor_id: DoctorId, /) -> bool:
        """Whether he would see what others have written of this patient if there were anything."""
        ...

    async def page_shared_with(
        self,
        doctor_id: DoctorId,
        /,
        *,
        patient_id: PatientId,
        after: VisitNoteId | None,
        limit: int,
    ) -> Sequence[SeenVisitNote]:
        """What other doctors have written, if the whole record is his to see at this moment; the
        latest first.
        """
        ...


async def write(
    work: UnitOfWork, viewer: Viewer, appointment_id: AppointmentId, text: str, *, at: datetime
) -> VisitNote:
    """The next version, by the doctor of a visit that goes on or has taken place; that he wrote it
    is in the access log. Raises Forbidden, NotFound or Refusal.
    """
    doctor_id = as_doctor(viewer)
    await scheduling.find(work, viewer, appointment_id)
    await work.lock(appointment_id)
    visit = await scheduling.find(work, viewer, appointment_id)
    verified = await doctors.is_verified(work, doctor_id)
    action = WriteVisitNote(doctor_id=doctor_id, verified=verified, appointment_id=appointment_id)
    permit(work, viewer, action)
    limits = work.limits
    text = said(text, "A note", "text", shortest=1, longest=limits.note_longest)
    _may_be_written(visit, limits, at)
    before = await work.visit_notes.last(appointment_id)
    if before and before.version >= limits.note_versions:
        raise LimitReached(f"A note has at most {limits.note_versions} versions.", "appointmentId")
    note = VisitNote(
        id=VisitNoteId(new_id()),
        appointment_id=appointment_id,
        patient_id=visit.patient_id,
        doctor_id=doctor_id,
        version=before.version + 1 if before else 1,
        amends=before.id if before else None,
        text=text,
        written_at=at,
    )
    await work.visit_notes.add(note)
    log(work, viewer, visit.patient_id, AccessAction.UPLOADED, note_id=note.id)
    return note


async def find(work: UnitOfWork, viewer: Viewer, id: VisitNoteId) -> VisitNote:
    """One that the viewer has written. Raises NotFound."""
    note = await work.visit_notes.get(id)
    if note is None or note.doctor_id != viewer.doctor_id:
        raise NotFound("There is no such note.")
    return note


async def list_shared(
    work: UnitOfWork,
    viewer: Viewer,
    patient_id: PatientId,
    *,
    after: VisitNoteId | None,
    first: int,
) -> Sequence[SeenVisitNote]:
    """What other doctors have written of a patient who lets this one see the whole record now, the
    latest first; one more than `first` if there is more. That he reads each of them is on record
    when this work commits, and that he may read nothing. Raises Forbidden.
    """
    doctor_id = as_doctor(viewer)
    found = await work.visit_notes.page_shared_with(
        doctor_id, patient_id=patient_id, after=after, limit=first + 1
    )
    if not found and not await work.visit_notes.lets_see(patient_id, doctor_id):
        await deny(work, viewer, patient_id)
        return found
    permit(work, viewer, ReadVisitNotes(patient_id=patient_id, shared=True))
    if not found:
        log(work, viewer, patient_id, AccessAction.LISTED)
    for seen in found[:first]:
        log(work, viewer, patient_id, AccessAction.OPENED, note_id=seen.note.id)
    return found


def _may_be_written(visit: Appointment, limits: Limits, at: datetime) -> None:
    if visit.status not in _SEEN:
        raise WrongStatus("There is a note only of a visit that takes place.", "appointmentId")
    if at > visit.ends_at + limits.note_within:
        days = limits.note_within.days
        raise TooLate(f"A note is written, or amended, within {days} days.", "appointmentId")
