"""Consultations: where the two sides of an appointment meet."""

from datetime import datetime
from typing import Self

import strawberry

from domain import consultations, errors, meetings
from domain.appointments import Appointment, AppointmentParty, AppointmentStatus
from domain.ids import AppointmentId, SignalId
from domain.limits import Limits
from schema import ids
from schema.context import Info
from schema.nodes import must
from schema.problems import Problem, plain, problems, type_of
from schema.scalars import EventCursor

strawberry.enum(AppointmentParty, description="One of the two, or time itself.")
strawberry.enum(
    meetings.ConsultationProvider,
    description="PEER: between the two browsers. CHIME: by the Amazon Chime SDK.",
)

_ACCEPTED = (
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.IN_PROGRESS,
    AppointmentStatus.COMPLETED,
    AppointmentStatus.NO_SHOW,
)


@strawberry.type(description="The visit by video of an appointment that its doctor has accepted.")
class Consultation:
    url: str = strawberry.field(
        description=(
            "Page on which this viewer joins; its own credentials come from joinConsultation."
        )
    )
    opens_at: datetime = strawberry.field(description="From then on both sides may join.")
    closes_at: datetime = strawberry.field(description="Then it is over, whoever is in.")
    number: strawberry.Private[AppointmentId]

    @classmethod
    def of(cls, appointment: Appointment, page: str, limits: Limits) -> Self | None:
        """`page`: of all consultations. None before the doctor has accepted."""
        if appointment.status not in _ACCEPTED:
            return None
        window = consultations.window(appointment, limits)
        return cls(
            url=f"{page}/{ids.show(AppointmentId, appointment.id)}",
            opens_at=window.starts_at,
            closes_at=window.ends_at,
            number=appointment.id,
        )

    @strawberry.field(description="Whether the doctor is in the waiting room, or in the room, now.")
    async def doctor_present(self, info: Info) -> bool:
        return await is_present(info, self.number, AppointmentParty.DOCTOR)

    @strawberry.field(
        description="Whether the patient is in the waiting room, or in the room, now."
    )
    async def patient_present(self, info: Info) -> bool:
        return await is_present(info, self.number, AppointmentParty.PATIENT)


async def is_present(info: Info, id: AppointmentId, party: AppointmentParty) -> bool:
    return party in (await info.context.loaders.present.load(id) or ())


@strawberry.type(description="Who has come or gone. Whoever listens is there himself.")
class ConsultationPresence:
    cursor: EventCursor = strawberry.field(description="Give it as `after` to go on from here.")
    at: datetime = strawberry.field(description="When it happened.")
    number: strawberry.Private[AppointmentId]

    @strawberry.field(description="Whether the doctor is there, as this is delivered.")
    async def doctor_present(self, info: Info) -> bool:
        return await is_present(info, self.number, AppointmentParty.DOCTOR)

    @strawberry.field(description="Whether the patient is there, as this is delivered.")
    async def patient_present(self, info: Info) -> bool:
        return await is_present(info, self.number, AppointmentParty.PATIENT)


@strawberry.type(description="What the other side's browser has sent.")
class ConsultationSignal:
    cursor: EventCursor = strawberry.field(description="Give it as `after` to go on from here.")
    from_: AppointmentParty = strawberry.field(name="from", description="Which side sent it.")
    at: datetime = strawberry.field(description="When it was sent.")
    number: strawberry.Private[SignalId]

    @strawberry.field(description="One JSON message of the browsers' own.")
    async def payload(self, info: Info) -> str:
        return must(await info.context.loaders.signals.load(self.number)).payload


@strawberry.type(description="It can be done within a certain time only; the consultation's, say.")
class OutsideWindow(Problem):
    opens_at: datetime = strawberry.field(description="From then on.")
    closes_at: datetime | None = strawberry.field(description="Until then; null for ever.")

    @classmethod
    def of(cls, refusal: errors.OutsideWindow) -> Self:
        return cls(**plain(refusal), opens_at=refusal.opens_at, closes_at=refusal.closes_at)


type_of[errors.OutsideWindow] = OutsideWindow.of


@strawberry.type(description="What lets one side in, and nobody else.")
class ConsultationGrant:
    provider: meetings.ConsultationProvider = strawberry.field(description="Who carries the call.")
    credentials: str = strawberry.field(
        description=(
            "What the browser needs to connect: ICE servers for PEER, the meeting and attendee for"
            " CHIME. JSON."
        )
    )
    url: str = strawberry.field(description="Page on which this viewer joins.")
    expires_at: datetime = strawberry.field(description="Join again to have new ones.")

    @classmethod
    def of(cls, grant: consultations.Grant, page: str) -> Self:
        return cls(
            provider=grant.provider,
            credentials=grant.entrance.credentials,
            url=f"{page}/{ids.show(AppointmentId, grant.appointment_id)}",
            expires_at=grant.entrance.expires_at,
        )


@strawberry.input(description="One side comes in.")
class JoinConsultationInput:
    appointment_id: strawberry.ID = strawberry.field(description="A CONFIRMED or IN_PROGRESS one.")


@strawberry.type(description="What came of joinConsultation.")
class JoinConsultationPayload:
    grant: ConsultationGrant | None = strawberry.field(
        default=None, description="Null when refused."
    )
    problems: list[Problem] = problems()


@strawberry.input(description="A message for the other side's browser.")
class SendConsultationSignalInput:
    appointment_id: strawberry.ID = strawberry.field(description="One that you have joined.")
    payload: str = strawberry.field(
        description=(
            "One JSON message of the browsers' own (offer, answer, candidate), at most 16 KiB."
        )
    )


@strawberry.type(description="What came of sendConsultationSignal.")
class SendConsultationSignalPayload:
    problems: list[Problem] = problems()


@strawberry.input(description="The visit is over.")
class EndConsultationInput:
    appointment_id: strawberry.ID = strawberry.field(description="An IN_PROGRESS one.")


@strawberry.input(description="The patient did not come, or did after all.")
class MarkNoShowInput:
    appointment_id: strawberry.ID = strawberry.field(
        description="A CONFIRMED one that began 15 minutes ago; with undo, a NO_SHOW one."
    )
    undo: bool | None = strawberry.field(
        default=False, description="Only on the same day in the doctor's zone."
    )
