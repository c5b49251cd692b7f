"""Appointments, as their doctor and their patient see them."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Self

import strawberry

from domain import appointments, idempotency
from domain.appointments import AppointmentParty, AppointmentStatus
from domain.calendars import Entry
from domain.consent_texts import Acceptance
from domain.ids import AppointmentId, DoctorId, PatientId, SlotId
from schema import ids
from schema.consent_texts import AppointmentConsent
from schema.consultations import Consultation
from schema.context import Info
from schema.device_checks import DeviceCheck
from schema.doctors import Doctor, Review
from schema.languages import Language
from schema.nodes import Node, must
from schema.patients import Patient
from schema.problems import Problem, plain, problems, type_of
from schema.scalars import EventCursor
from schema.slots import Slot
from schema.visit_notes import VisitNote

strawberry.enum(AppointmentStatus, description="Where an appointment stands.")


@strawberry.type(description="An appointment, from the request to its end.")
class Appointment(Node):
    version: int = strawberry.field(
        description="Grows by one at every change; give it back as expectedVersion."
    )
    status: AppointmentStatus = strawberry.field(description="Where it stands.")
    starts_at: datetime = strawberry.field(description="When the visit begins.")
    ends_at: datetime = strawberry.field(description="When the visit is over.")
    reason: str | None = strawberry.field(description="Why the patient asked, in his words.")
    justification: str | None = strawberry.field(
        description="Why it was declined or cancelled; endedBy says by whom."
    )
    ended_by: AppointmentParty | None = strawberry.field(description="Who ended it.")
    respond_by: datetime = strawberry.field(description="When an unanswered request expires.")
    consent: AppointmentConsent = strawberry.field(
        description="To be seen by telemedicine; both sides see what was accepted."
    )
    number: strawberry.Private[AppointmentId]
    doctor_id: strawberry.Private[DoctorId]
    patient_id: strawberry.Private[PatientId]
    slot_id: strawberry.Private[SlotId]
    entity: strawberry.Private[appointments.Appointment]

    @classmethod
    def of(cls, appointment: appointments.Appointment) -> Self:
        return cls(
            id=ids.show(AppointmentId, appointment.id),
            version=appointment.version,
            status=appointment.status,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            reason=appointment.reason,
            justification=appointment.justification,
            ended_by=appointment.ended_by,
            respond_by=appointment.respond_by,
            consent=AppointmentConsent.of(appointment),
            number=appointment.id,
            doctor_id=appointment.doctor_id,
            patient_id=appointment.patient_id,
            slot_id=appointment.slot_id,
            entity=appointment,
        )

    @strawberry.field(
        description="Where its two sides meet. Null before the doctor has accepted, and when it"
        " does not take place."
    )
    def consultation(self, info: Info) -> Consultation | None:
        services = info.context.services
        return Consultation.of(self.entity, services.rooms_at, services.limits)

    @strawberry.field(description="Who sees the patient.")
    async def doctor(self, info: Info) -> Doctor:
        return Doctor.of(must(await info.context.loaders.doctors.load(self.doctor_id)))

    @strawberry.field(description="Who is seen.")
    async def patient(self, info: Info) -> Patient:
        patient = must(await info.context.loaders.patients.load(self.patient_id))
        return Patient.of(patient, info.context.viewer)

    @strawberry.field(description="The time it takes up, or took up last.")
    async def slot(self, info: Info) -> Slot:
        return Slot.of(must(await info.context.loaders.slots.load(self.slot_id)))

    @strawberry.field(description="The latest of each side; none of one that has made none.")
    async def device_checks(self, info: Info) -> list[DeviceCheck]:
        found = await info.context.loaders.device_checks.load(self.number)
        return [DeviceCheck.of(check) for check in found or ()]

    @strawberry.field(description="What the patient said of it.")
    async def review(self, info: Info) -> Review | None:
        review = await info.context.loaders.reviews_of.load(self.number)
        return None if review is None else Review.of(review)

    @strawberry.field(
        description="What its doctor has written of it: all versions, at most 50, the latest first."
    )
    async def notes(self, info: Info) -> list[VisitNote]:
        found = await info.context.loaders.notes_of.load(self.number)
        return [VisitNote.of(seen) for seen in found or ()]

    @strawberry.field(
        description=(
            "A file for one's own calendar, text/calendar (RFC 5545): when it is, but neither with"
            " whom nor why."
        )
    )
    def calendar_file(
        self,
        info: Info,
        language: Annotated[
            Language, strawberry.argument(description="In which it is written.")
        ] = Language.PORTUGUESE,
    ) -> str:
        calendars = info.context.services.calendars
        return calendars.publish([Entry.of(self.entity)], language, at=info.context.at)


@strawberry.type(description="Someone changed it first; current is how it stands.")
class VersionConflict(Problem):
    current: Appointment = strawberry.field(description="How it stands.")

    @classmethod
    def of(cls, refusal: appointments.VersionConflict) -> Self:
        return cls(**plain(refusal), current=Appointment.of(refusal.current))


type_of[appointments.VersionConflict] = VersionConflict.of


@strawberry.enum(description="What happened to an appointment. RESYNC: read the page again.")
class AppointmentChangeKind(Enum):
    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    RESCHEDULED = "RESCHEDULED"
    EXPIRED = "EXPIRED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    NO_SHOW = "NO_SHOW"
    RESYNC = "RESYNC"


@strawberry.type(description="Something happened to an appointment.")
class AppointmentChange:
    cursor: EventCursor = strawberry.field(description="Give it as `after` to go on from here.")
    at: datetime = strawberry.field(description="When it happened.")
    kind: AppointmentChangeKind = strawberry.field(description="What happened.")
    appointment_id: strawberry.Private[AppointmentId | None]

    @strawberry.field(description="As it stands when this is delivered. Null only with RESYNC.")
    async def appointment(self, info: Info) -> Appointment | None:
        if self.appointment_id is None:
            return None
        return Appointment.of(
            must(await info.context.loaders.appointments.load(self.appointment_id))
        )


@strawberry.type(description="What came of an act on an appointment.")
class AppointmentPayload:
    appointment: Appointment | None = strawberry.field(
        default=None, description="Null when refused."
    )
    problems: list[Problem] = problems()


@strawberry.input(description="A request for a slot.")
class RequestAppointmentInput:
    slot_id: strawberry.ID = strawberry.field(description="An OPEN slot, or one that you hold.")
    reason: str | None = strawberry.field(
        default=None, description="What the visit is about, at most 1000 characters."
    )
    consent: bool = strawberry.field(
        description=(
            "To telemedicine, as consentText has it; without it no request, but"
            " requestInPersonVisit."
        )
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description=(
            "A UUID made by the client: the same key with the same input by the same user gives"
            " the first answer again, refusals too, for 24 hours."
        )
    )
    consent_version: str | None = strawberry.field(
        default=None,
        description=(
            "Of the text that the patient has read; CONSENT_REQUIRED if another is in force now."
            " Null for the one in force."
        ),
    )
    consent_language: str | None = strawberry.field(
        default=None, description="In which he has read it; null for pt-BR."
    )

    def acceptance(self) -> Acceptance:
        return Acceptance(
            given=self.consent, version=self.consent_version, language=self.consent_language
        )

    def fingerprint(self) -> bytes:
        text = (self.consent_version, self.consent_language)
        named = text if text != (None, None) else ()  # else keys of older clients were others
        return idempotency.fingerprint_of(self.slot_id, self.reason, self.consent, *named)


_EXPECTED = "The version that was looked at; VERSION_CONFLICT if it is old."


@strawberry.input(description="The doctor will see the patient.")
class AcceptAppointmentInput:
    appointment_id: strawberry.ID = strawberry.field(description="A REQUESTED one.")
    expected_version: int | None = strawberry.field(default=None, description=_EXPECTED)


@strawberry.input(description="The doctor will not see the patient.")
class DeclineAppointmentInput:
    appointment_id: strawberry.ID = strawberry.field(description="A REQUESTED one.")
    justification: str = strawberry.field(description="10 to 500 characters.")
    expected_version: int | None = strawberry.field(default=None, description=_EXPECTED)


@strawberry.input(description="Either side calls it off.")
class CancelAppointmentInput:
    appointment_id: strawberry.ID = strawberry.field(description="A REQUESTED or CONFIRMED one.")
    justification: str = strawberry.field(description="10 to 500 characters.")
    expected_version: int | None = strawberry.field(default=None, description=_EXPECTED)


@strawberry.input(description="Another time with the same doctor.")
class RescheduleAppointmentInput:
    appointment_id: strawberry.ID = strawberry.field(description="A REQUESTED or CONFIRMED one.")
    slot_id: strawberry.ID = strawberry.field(description="An OPEN slot of the same doctor.")
    expected_version: int | None = strawberry.field(default=None, description=_EXPECTED)


@strawberry.input(description="What the patient thinks of the visit.")
class ReviewAppointmentInput:
    appointment_id: strawberry.ID = strawberry.field(description="A COMPLETED one.")
    stars: int = strawberry.field(description="1 to 5.")
    comment: str | None = strawberry.field(
        default=None, description="Shown to everybody, at most 2000 characters."
    )


@strawberry.type(description="What came of reviewAppointment.")
class ReviewAppointmentPayload:
    appointment: Appointment | None = strawberry.field(
        default=None, description="Null when refused."
    )
    problems: list[Problem] = problems()
