"""Reviews: what patients say of a visit that has taken place."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from domain import doctors, scheduling
from domain.appointments import Appointment, AppointmentStatus
from domain.auth import ReviewAppointment, Viewer, as_patient, permit
from domain.errors import Invalid, LimitReached, Refusal, TooLate, WrongStatus, refuse_any
from domain.ids import AppointmentId, DoctorId, ReviewId, new_id
from domain.unit_of_work import UnitOfWork

SHOWN_FROM = 5  # an average of fewer reviews would tell who gave which
_STARS = range(1, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """`reviewed_on`: the date in the doctor's zone."""

    id: ReviewId
    appointment_id: AppointmentId
    doctor_id: DoctorId
    stars: int
    comment: str | None
    reviewed_on: date


class Reviews(Protocol):
    async def add(self, review: Review, /) -> bool:
        """False, and nothing added, if this appointment has one."""
        ...


async def review(
    work: UnitOfWork,
    viewer: Viewer,
    appointment_id: AppointmentId,
    *,
    stars: int,
    comment: str | None,
    at: datetime,
) -> Appointment:
    """One for each COMPLETED appointment. Raises Forbidden, NotFound or Refusal."""
    patient_id = as_patient(viewer)
    appointment = (await scheduling.find(work, viewer, appointment_id)).as_of(at)
    permit(work, viewer, ReviewAppointment(patient_id=patient_id, appointment_id=appointment_id))
    comment = comment.strip() if comment else None
    longest = work.limits.comment_longest
    faults: list[Refusal] = []
    if stars not in _STARS:
        faults.append(Invalid("Give 1 to 5 stars.", "stars"))
    if comment and len(comment) > longest:
        most = f"A comment has at most {longest} characters."
        faults.append(Invalid(most, "comment"))
    refuse_any(faults)
    if appointment.status is not AppointmentStatus.COMPLETED:
        raise WrongStatus("Only a visit that has taken place can be reviewed.", "appointmentId")
    if at > appointment.ends_at + work.limits.review_within:
        days = work.limits.review_within.days
        raise TooLate(f"A visit can be reviewed for {days} days.", "appointmentId")
    doctor = await doctors.find(work, appointment.doctor_id)
    given = Review(
        id=ReviewId(new_id()),
        appointment_id=appointment_id,
        doctor_id=doctor.id,
        stars=stars,
        comment=comment or None,
        reviewed_on=at.astimezone(ZoneInfo(doctor.time_zone)).date(),
    )
    if not await work.reviews.add(given):
        raise LimitReached("This visit has been reviewed already.", "appointmentId")
    await work.doctors.rate(doctor.id, stars)
    return appointment
