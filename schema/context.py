"""What every GraphQL field can reach. Made anew for each operation, and for each event told."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from domain.access_requests import SeenAccessRequest
from domain.accesses import LoggedAccess
from domain.accounts import Account, Passwords, Tokens
from domain.appointments import Appointment, AppointmentParty, AppointmentStatus
from domain.attempts import Turns
from domain.auth import Role, Viewer
from domain.calendar_feeds import CalendarFeed
from domain.calendars import Calendars
from domain.consultations import Meetings
from domain.device_checks import DeviceCheck
from domain.doctors import CrmRegistry, Doctor, DoctorStatus
from domain.errors import Unauthenticated
from domain.events import EventLog
from domain.exports import RecordExport
from domain.identity import IdentityProvider
from domain.ids import (
    AccessId,
    AccessRequestId,
    AppointmentId,
    DoctorId,
    DocumentId,
    ExportId,
    InPersonRequestId,
    PartnerId,
    PatientId,
    ReviewId,
    ShareId,
    SignalId,
    SlotId,
    UserId,
    VisitNoteId,
)
from domain.in_person_requests import InPersonRequest
from domain.issuing import Issuing
from domain.limits import Limits
from domain.objects import Objects
from domain.papers import IssuedPaper
from domain.partners import Partner, Usage
from domain.passkeys import Ceremonies, Passkey
from domain.patients import CpfRegistry, Patient
from domain.presences import WaitingRooms
from domain.records import Document, DocumentStatus
from domain.registrations import CRM
from domain.reviews import Review
from domain.search import DoctorSearch, FoundDoctor
from domain.second_factor import OneTimeCodes, Protection
from domain.sessions import Session, Whence
from domain.shares import SeenShare
from domain.signals import Signal
from domain.signatures import Signing
from domain.slots import Slot, SlotStatus
from domain.standings import Standing
from domain.statistics import DoctorStatistics, StatisticsStep
from domain.unit_of_work import Act, UnitOfWork
from domain.uploads import Uploads
from domain.visit_notes import SeenVisitNote

T = TypeVar("T")
Range = tuple[DoctorId, datetime, datetime]


class Reads(Protocol):
    """What queries read; see persistence/reads.py for what each answers."""

    async def doctors(self, ids: Sequence[DoctorId]) -> Mapping[UUID, Doctor]: ...
    async def doctor_by_crm(self, crm: CRM) -> Doctor | None: ...
    async def registrations(
        self,
        *,
        statuses: Sequence[DoctorStatus] | None,
        search: str | None,
        after: DoctorId | None,
        limit: int,
    ) -> Sequence[Doctor]: ...
    async def standings(self, ids: Sequence[DoctorId]) -> Mapping[DoctorId, Sequence[Standing]]: ...
    async def search(
        self,
        wanted: DoctorSearch,
        *,
        after: Sequence[Any] | None,
        limit: int,
        at: datetime,
        reader: UserId | None,
    ) -> Sequence[FoundDoctor]: ...
    async def reviews(
        self, doctor_ids: Sequence[DoctorId], *, after: ReviewId | None, limit: int
    ) -> Mapping[UUID, Sequence[Review]]: ...
    async def slots(self, ids: Sequence[SlotId], *, at: datetime) -> Mapping[UUID, Slot]: ...
    async def next_slots(
        self, doctor_ids: Sequence[DoctorId], *, first: int, at: datetime
    ) -> Mapping[UUID, Sequence[Slot]]: ...
    async def open_slots(
        self, asked: Sequence[Range], *, at: datetime
    ) -> Sequence[Sequence[Slot]]: ...
    async def agenda(
        self,
        doctor_id: DoctorId,
        *,
        earliest: datetime,
        latest: datetime,
        statuses: Sequence[SlotStatus] | None,
        at: datetime,
    ) -> Sequence[Slot]: ...
    async def appointments(
        self, ids: Sequence[AppointmentId], viewer: Viewer, *, at: datetime
    ) -> Mapping[UUID, Appointment]: ...
    async def appointments_page(
        self,
        viewer: Viewer,
        *,
        statuses: Sequence[AppointmentStatus] | None,
        after: tuple[datetime, AppointmentId] | None,
        limit: int,
        at: datetime,
    ) -> Sequence[Appointment]: ...
    async def present(
        self, ids: Sequence[AppointmentId]
    ) -> Mapping[UUID, frozenset[AppointmentParty]]: ...
    async def signals(self, ids: Sequence[SignalId], viewer: Viewer) -> Mapping[UUID, Signal]: ...
    async def device_checks(
        self, ids: Sequence[AppointmentId]
    ) -> Mapping[UUID, Sequence[DeviceCheck]]: ...
    async def in_person_requests(
        self, viewer: Viewer, *, after: InPersonRequestId | None, limit: int
    ) -> Sequence[InPersonRequest]: ...
    async def reviews_of(self, ids: Sequence[AppointmentId]) -> Mapping[UUID, Review]: ...
    async def statistics(
        self,
        doctor_id: DoctorId,
        *,
        from_: datetime,
        to: datetime,
        step: StatisticsStep,
        at: datetime,
    ) -> DoctorStatistics: ...
    async def patients(self, ids: Sequence[PatientId]) -> Mapping[UUID, Patient]: ...
    async def patients_seen(
        self, ids: Sequence[PatientId], viewer: Viewer
    ) -> Mapping[UUID, Patient]: ...
    async def account(self, id: UserId) -> Account | None: ...
    async def calendar_feed(self, user_id: UserId) -> CalendarFeed | None: ...
    async def account_of_doctor(self, crm: CRM) -> Account | None: ...
    async def account_of_administrator(self, email: str) -> Account | None: ...
    async def account_of_patient(self, email: str, cpf: str) -> Account | None: ...
    async def sessions(self, user_id: UserId, *, at: datetime, limit: int) -> Sequence[Session]: ...
    async def protection(self, id: UserId) -> Protection | None: ...
    async def passkeys(self, user_id: UserId) -> Sequence[Passkey]: ...
    async def partners(self, *, after: PartnerId | None, limit: int) -> Sequence[Partner]: ...
    async def partner(self, id: PartnerId) -> Partner | None: ...
    async def usage(self, asked: Sequence[tuple[PartnerId, date]]) -> Sequence[Sequence[Usage]]: ...


class RecordReads(Protocol):
    """What queries read of records, within the viewer's rights; see persistence/record_reads.py."""

    async def documents(
        self, ids: Sequence[DocumentId], patient_id: PatientId
    ) -> Mapping[UUID, Document]: ...
    async def documents_page(
        self,
        patient_id: PatientId,
        *,
        statuses: Sequence[DocumentStatus],
        after: DocumentId | None,
        limit: int,
    ) -> Sequence[Document]: ...
    async def documents_of_share(
        self, id: ShareId, patient_id: PatientId, *, after: DocumentId | None, limit: int
    ) -> Sequence[Document]: ...
    async def count_of_share(self, id: ShareId, patient_id: PatientId) -> int: ...
    async def shares(
        self, ids: Sequence[ShareId], patient_id: PatientId
    ) -> Mapping[UUID, SeenShare]: ...
    async def shares_page(
        self, patient_id: PatientId, *, active: bool | None, after: ShareId | None, limit: int
    ) -> Sequence[SeenShare]: ...
    async def count_of_notes(self, id: ShareId, patient_id: PatientId) -> int: ...
    async def notes(
        self, ids: Sequence[VisitNoteId], user_id: UserId
    ) -> Mapping[UUID, SeenVisitNote]: ...
    async def notes_of(
        self, ids: Sequence[AppointmentId], user_id: UserId
    ) -> Mapping[UUID, Sequence[SeenVisitNote]]: ...
    async def access_requests_page(
        self, viewer: Viewer, *, after: AccessRequestId | None, limit: int
    ) -> Sequence[SeenAccessRequest]: ...
    async def accesses(
        self, ids: Sequence[AccessId], patient_id: PatientId
    ) -> Mapping[UUID, LoggedAccess]: ...
    async def accesses_page(
        self, patient_id: PatientId, *, after: int | None, limit: int
    ) -> Sequence[LoggedAccess]: ...
    async def issued_paper(self, code: str) -> IssuedPaper | None: ...
    async def export(self, id: ExportId, patient_id: PatientId) -> RecordExport | None: ...
    async def exports_of(self, patient_id: PatientId, *, limit: int) -> Sequence[RecordExport]: ...


@dataclass(frozen=True, kw_only=True)
class Loaders:
    """Many things asked for one by one, read in one statement. Good for one moment only."""

    doctors: DataLoader[DoctorId, Doctor | None]
    patients: DataLoader[PatientId, Patient | None]
    patients_seen: DataLoader[PatientId, Patient | None]
    slots: DataLoader[SlotId, Slot | None]
    appointments: DataLoader[AppointmentId, Appointment | None]
    present: DataLoader[AppointmentId, frozenset[AppointmentParty] | None]
    signals: DataLoader[SignalId, Signal | None]
    next_slots: DataLoader[tuple[DoctorId, int], Sequence[Slot]]
    open_slots: DataLoader[Range, Sequence[Slot]]
    reviews: DataLoader[tuple[DoctorId, ReviewId | None, int], Sequence[Review]]
    reviews_of: DataLoader[AppointmentId, Review | None]
    device_checks: DataLoader[AppointmentId, Sequence[DeviceCheck] | None]
    standings: DataLoader[DoctorId, Sequence[Standing] | None]
    usage: DataLoader[tuple[PartnerId, date], Sequence[Usage]]
    documents: DataLoader[DocumentId, Document | None]
    shares: DataLoader[ShareId, SeenShare | None]
    accesses: DataLoader[AccessId, LoggedAccess | None]
    notes: DataLoader[VisitNoteId, SeenVisitNote | None]
    notes_of: DataLoader[AppointmentId, Sequence[SeenVisitNote] | None]


class CookieJar(Protocol):
    """A browser's, for what its page cannot read: the token that renews a session."""

    @property
    def came(self) -> str | None:
        """What the request brought, whoever put it there."""
        ...

    def keep(self, token: str, /) -> None: ...
    def drop(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """What lives as long as the server."""

    now: Callable[[], datetime]
    act: Act
    reads: Reads
    records: RecordReads
    objects: Objects
    uploads: Uploads
    issuing: Issuing
    signing: Signing
    meetings: Meetings
    waiting_rooms: WaitingRooms
    rooms_at: str  # the page under which consultations are
    log: EventLog
    hub: Any  # the subscriptions' own; nobody else looks at it
    tokens: Tokens
    passwords: Passwords
    identity: IdentityProvider
    own_identity: IdentityProvider  # whose passwords are in our own rows, wherever others' are
    one_time_codes: OneTimeCodes
    ceremonies: Ceremonies
    calendars: Calendars
    cpf_registry: CpfRegistry
    crm_registry: CrmRegistry
    name_device: Callable[[str], str | None]
    limits: Limits
    public_url: str  # where our pages are found, without a slash at its end
    confirm_email: bool  # before one may sign in
    turns: Turns = field(default_factory=Turns)

    def identity_of(self, role: Role) -> IdentityProvider:
        """Administrators are made on the server's own machine, and depend on no pool."""
        return self.own_identity if role is Role.ADMINISTRATOR else self.identity


@dataclass(kw_only=True)
class Context:
    """`at` is the moment that the operation sees; `fields` the names of all that it selects.

    `caller` is None for somebody without a session; with `dead`, for somebody whose token is not,
    or no longer, good. `address` is the client's network and `agent` what its User-Agent says.
    `jar` is None where no cookie can be kept.
    """

    services: Services
    caller: Viewer | None
    dead: bool
    address: str = ""
    agent: str = ""
    fields: frozenset[str]
    load_with: Callable[["Context"], Loaders]
    jar: CookieJar | None = None
    at: datetime = field(init=False)
    _loaders: Loaders | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._look_anew()

    @property
    def loaders(self) -> Loaders:
        """Made when the first of them is asked for: many operations need none."""
        if self._loaders is None:
            self._loaders = self.load_with(self)
        return self._loaders

    @property
    def viewer(self) -> Viewer:
        """Raises Unauthenticated."""
        if self.caller is None:
            raise Unauthenticated
        return self.caller

    @property
    def whence(self) -> Whence:
        return Whence(device=self.services.name_device(self.agent), address=self.address)

    @property
    def reads(self) -> Reads:
        return self.services.reads

    @property
    def records(self) -> RecordReads:
        return self.services.records

    async def act(self, use_case: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """One act, one transaction; what is read after it is read anew."""
        self._look_anew()
        try:
            return await self.services.act(use_case, viewer=self.caller)
        finally:
            self._look_anew()

    def _look_anew(self) -> None:
        self.at, self._loaders = self.services.now(), None


Info = strawberry.Info[Context, None]
