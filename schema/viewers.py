"""Who is asking, and how they sign in."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain import sessions
from domain.appointments import AppointmentStatus
from domain.auth import Role, Viewer
from domain.ids import AppointmentId, SessionId
from domain.registrations import UF
from domain.slots import SlotStatus
from schema import ids, paging
from schema.access_requests import AccessRequests
from schema.appointments import Appointment
from schema.audit import AuditTrail
from schema.context import Info
from schema.doctors import Doctor, From, To, check_range
from schema.emergencies import Emergencies
from schema.exports import OwnExports
from schema.in_person_requests import InPersonRequests
from schema.languages import Language
from schema.nodes import must
from schema.paging import Connection
from schema.partners import AllPartners, PartnerViewer
from schema.passkeys import ANSWER, Passkey
from schema.patients import Patient
from schema.problems import Problem, problems
from schema.record_lists import OwnRecord, SharedRecords
from schema.scalars import CPF
from schema.second_factor import SecondFactor
from schema.slots import Slot
from schema.standings import DoctorRegistration, Registrations
from schema.statistics import OwnStatistics

SESSIONS_MOST = 100
_COOKIE = (
    "Keep the refresh token in a cookie that no script can read, instead of telling it: for a page"
    " of ours, over plain HTTP. By renewSession it is renewed."
)
_STATUS = "Only those that stand so; null for all."


@strawberry.type(description="A session that goes on, for its owner to know it by.")
class OpenSession:
    id: strawberry.ID = strawberry.field(description="For endSession.")
    device: str | None = strawberry.field(
        description="As its last request for tokens named itself: `Chrome on Android`, say."
    )
    address: str | None = strawberry.field(
        description="The IP address of that request; of IPv6, the network."
    )
    started_at: datetime = strawberry.field(description="When its owner signed in.")
    seen_at: datetime = strawberry.field(description="When it was last given tokens.")
    expires_at: datetime = strawberry.field(description="When it ends by itself.")
    current: bool = strawberry.field(description="Whether it is the one that asks.")

    @classmethod
    def of(cls, session: sessions.Session, viewer: Viewer) -> Self:
        return cls(
            id=ids.show(SessionId, session.id),
            device=session.device,
            address=session.address,
            started_at=session.created_at,
            seen_at=session.seen_at or session.created_at,
            expires_at=session.expires_at,
            current=session.id == viewer.session_id,
        )


@strawberry.type
class SignedIn:
    """What all who sign in have alike; not a type of its own for clients."""

    @strawberry.field(description="Own sessions that go on, at most 100, the latest seen first.")
    async def sessions(self, info: Info) -> list[OpenSession]:
        viewer = info.context.viewer
        found = await info.context.reads.sessions(
            viewer.user_id, at=info.context.at, limit=SESSIONS_MOST
        )
        return [OpenSession.of(session, viewer) for session in found]

    @strawberry.field(description="Where messages go; nobody else sees it.")
    async def email(self, info: Info) -> str:
        return must(await info.context.reads.account(info.context.viewer.user_id)).email

    @strawberry.field(
        description="What a sign-in needs besides the password; null while it is off."
    )
    async def second_factor(self, info: Info) -> SecondFactor | None:
        protection = await info.context.reads.protection(info.context.viewer.user_id)
        return SecondFactor.of(protection) if protection else None

    @strawberry.field(description="Own ones, the oldest first.")
    async def passkeys(self, info: Info) -> list[Passkey]:
        found = await info.context.reads.passkeys(info.context.viewer.user_id)
        return [Passkey.of(passkey) for passkey in found]


@strawberry.type
class WithAppointments(SignedIn):
    """What doctors and patients have alike; not a type of its own for clients."""

    @strawberry.field(description="In which mail comes.")
    async def language(self, info: Info) -> Language:
        return must(await info.context.reads.account(info.context.viewer.user_id)).language

    @strawberry.field(description="Since when there is a calendar feed; null if there is none.")
    async def calendar_feed_since(self, info: Info) -> datetime | None:
        feed = await info.context.reads.calendar_feed(info.context.viewer.user_id)
        return feed.created_at if feed else None

    @strawberry.field(description="Own ones, the latest start first.")
    async def appointments(
        self,
        info: Info,
        status: Annotated[
            list[AppointmentStatus] | None, strawberry.argument(description=_STATUS)
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[Appointment]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("appointments", after)
        found = await info.context.reads.appointments_page(
            info.context.viewer,
            statuses=status,
            after=None
            if key is None
            else (paging.key_moment(key, 0), AppointmentId(paging.key_id(key, 1))),
            limit=wanted + 1,
            at=info.context.at,
        )
        nodes = [
            (
                paging.show_cursor("appointments", each.starts_at.isoformat(), each.id),
                Appointment.of(each),
            )
            for each in found
        ]
        return paging.connection(nodes, first=wanted, after=after)


@strawberry.type(description="A doctor who is signed in.")
class DoctorViewer(
    WithAppointments, OwnStatistics, InPersonRequests, SharedRecords, AccessRequests
):
    @strawberry.field(description="As everybody sees him.")
    async def doctor(self, info: Info) -> Doctor:
        doctor_id = must(info.context.viewer.doctor_id)
        return Doctor.of(must(await info.context.loaders.doctors.load(doctor_id)))

    @strawberry.field(description="How his registration stands, and why.")
    async def registration(self, info: Info) -> DoctorRegistration:
        doctor_id = must(info.context.viewer.doctor_id)
        return DoctorRegistration.of(must(await info.context.loaders.doctors.load(doctor_id)))

    @strawberry.field(
        description=(
            "Own agenda, every status: slots that start in [from, to); the range is at most 62"
            " days."
        )
    )
    async def slots(
        self,
        info: Info,
        from_: From,
        to: To,
        status: Annotated[list[SlotStatus] | None, strawberry.argument(description=_STATUS)] = None,
    ) -> list[Slot]:
        check_range(info.context.services.limits.agenda, from_, to)
        found = await info.context.reads.agenda(
            must(info.context.viewer.doctor_id),
            earliest=from_,
            latest=to,
            statuses=status,
            at=info.context.at,
        )
        return [Slot.of(slot) for slot in found]


@strawberry.type(description="A patient who is signed in.")
class PatientViewer(WithAppointments, InPersonRequests, OwnRecord, OwnExports, AccessRequests):
    @strawberry.field(description="Himself.")
    async def patient(self, info: Info) -> Patient:
        patient_id = must(info.context.viewer.patient_id)
        patient = must(await info.context.loaders.patients.load(patient_id))
        return Patient.of(patient, info.context.viewer)

    @strawberry.field(description="IANA name; by it mail tells the hour.")
    async def time_zone(self, info: Info) -> str:
        patient_id = must(info.context.viewer.patient_id)
        return must(await info.context.loaders.patients.load(patient_id)).time_zone


@strawberry.type(description="An administrator who is signed in. He sees nothing of a record.")
class AdministratorViewer(SignedIn, Registrations, AllPartners, AuditTrail, Emergencies): ...


AnyViewer = Annotated[
    DoctorViewer | PatientViewer | AdministratorViewer | PartnerViewer,
    strawberry.union("Viewer", description="Who is asking."),
]


def viewer_of(
    viewer: Viewer,
) -> DoctorViewer | PatientViewer | AdministratorViewer | PartnerViewer:
    match viewer.role:
        case Role.DOCTOR:
            return DoctorViewer()
        case Role.PATIENT:
            return PatientViewer()
        case Role.ADMINISTRATOR:
            return AdministratorViewer()
        case Role.PARTNER:
            return PartnerViewer(number=must(viewer.partner_id))
    raise LookupError("nobody else signs in")


@strawberry.input(description="How an administrator signs in.")
class SignInAdministratorInput:
    email: str = strawberry.field(description="In any case.")
    password: str = strawberry.field(description="The password.")
    otp: str | None = strawberry.field(
        default=None, description="A one-time code; no administrator signs in without one."
    )
    cookie: bool = strawberry.field(default=False, description=_COOKIE)


@strawberry.type(description="From a sign-in to its end.")
class Session:
    access_token: str = strawberry.field(
        description="A JWT: send it as `Authorization: Bearer …`, or in connection_init."
    )
    expires_at: datetime = strawberry.field(description="When the access token expires.")
    refresh_token: str = strawberry.field(
        description="Renews the session, once. Keep it safe. Empty while a cookie has it."
    )
    viewer: AnyViewer = strawberry.field(description="Who has signed in.")


@strawberry.type(description="What came of signing in.")
class SignInPayload:
    session: Session | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()


@strawberry.type(description="What came of signing out.")
class SignOutPayload:
    problems: list[Problem] = problems()


@strawberry.type(description="What came of ending a session.")
class EndSessionPayload:
    session: OpenSession | None = strawberry.field(
        default=None, description="As it was; null when refused."
    )
    problems: list[Problem] = problems()


@strawberry.type(description="What came of ending all other sessions.")
class EndOtherSessionsPayload:
    problems: list[Problem] = problems()


@strawberry.input(description="Which session to end.")
class EndSessionInput:
    session_id: strawberry.ID = strawberry.field(description="One of the viewer's own.")


@strawberry.input(description="How a session is renewed.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="As the last answer of this session had it.")
    idempotency_key: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "A UUID made by the client, another one for each renewal: whoever has lost the answer"
            " sends the same again, and is not taken for a thief."
        ),
    )


@strawberry.input(description="How a doctor signs in.")
class SignInDoctorInput:
    crm: str = strawberry.field(description="`123456`, `123456/SP`, `CRM 123456 SP` …")
    uf: UF = strawberry.field(description="The state of the registration.")
    password: str = strawberry.field(description="The password.")
    otp: str | None = strawberry.field(
        default=None, description="A one-time code, for accounts with a second factor."
    )
    cookie: bool = strawberry.field(default=False, description=_COOKIE)


@strawberry.input(description="How a patient signs in.")
class SignInPatientInput:
    email: str = strawberry.field(description="As registered, in any case.")
    cpf: CPF = strawberry.field(description="With or without punctuation.")
    password: str = strawberry.field(description="The password.")
    otp: str | None = strawberry.field(
        default=None, description="A one-time code, for accounts with a second factor."
    )
    cookie: bool = strawberry.field(default=False, description=_COOKIE)


@strawberry.input(description="How somebody with a passkey signs in.")
class SignInWithPasskeyInput:
    credential: str = strawberry.field(description=ANSWER)
    cookie: bool = strawberry.field(default=False, description=_COOKIE)
