"""The unit of work over one Postgres transaction, and the acts that run in it."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from asyncpg.exceptions import (
    DeadlockDetectedError,
    ExclusionViolationError,
    LockNotAvailableError,
    SerializationError,
    UniqueViolationError,
)

from domain import (
    access_requests,
    accounts,
    appointments,
    attempts,
    calendar_feeds,
    consultations,
    device_checks,
    doctors,
    emergencies,
    enrolments,
    exports,
    idempotency,
    in_person_requests,
    links,
    mail,
    papers,
    partners,
    passkeys,
    patients,
    presences,
    records,
    registries,
    reminders,
    reviews,
    second_factor,
    sessions,
    shares,
    signals,
    slots,
    standings,
    visit_notes,
)
from domain.accesses import Access
from domain.audit import AuditLog
from domain.auth import Action, Viewer
from domain.errors import WrongStatus
from domain.events import Event, RecordAccessed
from domain.ids import SessionId
from domain.limits import Limits
from persistence import accesses, closing
from persistence.access_requests import AccessRequestTable
from persistence.accounts import AccountTable
from persistence.answers import AnswerTable, Given
from persistence.appointments import AppointmentTable
from persistence.attempts import AttemptTable
from persistence.audit import AuditEntryTable
from persistence.calendar_feeds import CalendarFeedTable
from persistence.consultations import ConsultationTable, PresenceTable, SignalTable
from persistence.crypto import Vault
from persistence.database import Connection, Pool
from persistence.device_checks import DeviceCheckTable
from persistence.doctors import DoctorTable, ReviewTable
from persistence.emergencies import EmergencyAccessTable
from persistence.enrolments import EnrolmentTable
from persistence.exports import RecordExportTable
from persistence.in_person_requests import InPersonRequestTable
from persistence.invitations import ReaderTable
from persistence.links import LinkTable
from persistence.mail import OutboxTable
from persistence.papers import PaperTable
from persistence.partners import PartnerTable, PartnerTokenTable
from persistence.passkeys import ChallengeTable, PasskeyTable
from persistence.patients import PatientTable
from persistence.records import DocumentTable
from persistence.registries import UncheckedNumberTable
from persistence.reminders import ReminderTable
from persistence.row_security import SaidWhose
from persistence.second_factor import SecondFactorTable
from persistence.sessions import SessionTable
from persistence.shares import ShareTable
from persistence.slots import SlotTable
from persistence.standings import StandingTable
from persistence.visit_notes import VisitNoteTable

log = logging.getLogger(__name__)
T = TypeVar("T")
CONTENTION = (
    DeadlockDetectedError,
    ExclusionViolationError,
    LockNotAvailableError,
    SerializationError,
    UniqueViolationError,
)
_LOCK_BITS = 63  # of an id; advisory locks go by a signed 64-bit number


class PostgresWork:
    """One collection per entity; what else an act leaves waits for the end of the work."""

    def __init__(
        self, connection: Connection, vault: Vault, limits: Limits, viewer: Viewer | None
    ) -> None:
        self._connection, self.limits = connection, limits
        self._savepoints = 0
        self.records = SaidWhose(connection, viewer)
        self.told: list[Event] = []
        self.entries: list[tuple[Viewer, Action]] = []
        self.ended: list[SessionId] = []
        self.given: list[Given] = []
        self.accounts: accounts.Accounts = AccountTable(connection, vault)
        self.sessions: sessions.Sessions = SessionTable(connection, vault)
        self.second_factors: second_factor.SecondFactors = SecondFactorTable(connection, vault)
        self.passkeys: passkeys.Passkeys = PasskeyTable(connection, vault)
        self.challenges: passkeys.Challenges = ChallengeTable(connection, vault)
        self.doctors: doctors.Doctors = DoctorTable(connection, vault)
        self.patients: patients.Patients = PatientTable(connection, vault, self.records)
        self.standings: standings.Standings = StandingTable(connection, vault)
        self.slots: slots.Slots = SlotTable(connection, vault)
        self.appointments: appointments.Appointments = AppointmentTable(connection, vault)
        self.consultations: consultations.Consultations = ConsultationTable(connection, vault)
        self.signals: signals.Signals = SignalTable(connection, vault)
        self.presences: presences.Presences = PresenceTable(connection)
        self.reviews: reviews.Reviews = ReviewTable(connection, vault)
        self.device_checks: device_checks.DeviceChecks = DeviceCheckTable(connection, vault)
        self.in_person_requests: in_person_requests.InPersonRequests = InPersonRequestTable(
            connection, vault
        )
        self.answers: idempotency.Answers = AnswerTable(connection, self.given)
        self.attempts: attempts.Attempts = AttemptTable(connection, vault)
        self.links: links.Links = LinkTable(connection, vault)
        self.readers: mail.Readers = ReaderTable(connection, vault)
        self.outbox: mail.Outbox = OutboxTable(connection, vault)
        self.accesses: list[Access] = []
        self.documents: records.Documents = DocumentTable(self.records, vault)
        self.papers: papers.Papers = PaperTable(self.records, vault)
        self.shares: shares.Shares = ShareTable(self.records, vault)
        self.visit_notes: visit_notes.VisitNotes = VisitNoteTable(self.records, vault)
        self.access_requests: access_requests.AccessRequests = AccessRequestTable(connection, vault)
        self.emergencies: emergencies.Emergencies = EmergencyAccessTable(connection, vault)
        self.exports: exports.Exports = RecordExportTable(connection, vault)
        self.calendar_feeds: calendar_feeds.CalendarFeeds = CalendarFeedTable(connection, vault)
        self.reminders: reminders.Reminders = ReminderTable(connection)
        self.audit_log: AuditLog = AuditEntryTable(connection)
        self.partners: partners.Partners = PartnerTable(connection, vault)
        self.partner_tokens: partners.PartnerTokens = PartnerTokenTable(connection, vault)
        self.enrolments: enrolments.Enrolments = EnrolmentTable(connection, vault)
        self.unchecked_numbers: registries.UncheckedNumbers = UncheckedNumberTable(
            connection, vault
        )

    def publish(self, event: Event) -> None:
        self.told.append(event)

    def audit(self, viewer: Viewer, action: Action) -> None:
        self.entries.append((viewer, action))

    def log_access(self, access: Access, /) -> None:
        self.accesses.append(access)

    def shut_out(self, session: SessionId) -> None:
        self.ended.append(session)

    @property
    def _waiting(self) -> tuple[list[Any], ...]:
        """What the end of the work will write and tell."""
        return self.told, self.entries, self.ended, self.accesses, self.given

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        self._savepoints += 1
        name = f"part_{self._savepoints}"
        kept = [(kind, len(kind)) for kind in self._waiting]
        # It goes with the transaction: to release it would be one more way there and back.
        await self._connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            await self._connection.execute(f"ROLLBACK TO SAVEPOINT {name}")
            for kind, length in kept:
                del kind[length:]
            self.records.say_again()
            raise

    async def lock(self, id: UUID, /) -> None:
        number = id.int & ((1 << _LOCK_BITS) - 1)
        await self._connection.execute("SELECT pg_advisory_xact_lock($1)", number)


class Works:
    """Begins units of work on a pool.

    When one has committed, `told` is called if it had events, and `ended` if it ended sessions.
    """

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        limits: Limits,
        *,
        told: Callable[[], None],
        ended: Callable[[Collection[SessionId]], None],
    ) -> None:
        self._pool, self._vault, self._limits = pool, vault, limits
        self._told, self._ended = told, ended

    @asynccontextmanager
    async def begin(self, viewer: Viewer | None = None) -> AsyncGenerator[PostgresWork]:
        """A unit of work that commits, with its events and entries, when its block ends.

        Of records it finds what `viewer` sees; of nobody, none.
        """
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                work = PostgresWork(connection, self._vault, self._limits, viewer)
                yield work
                await _close(connection, self._vault, work)
            if work.told or work.accesses:
                self._told()
            if work.ended:
                self._ended(work.ended)

    async def act(
        self, use_case: Callable[[PostgresWork], Awaitable[T]], *, viewer: Viewer | None = None
    ) -> T:
        """One act, one transaction.

        Whom the database sends away in a rush tries once more; the second time it is refused.
        """
        try:
            async with self.begin(viewer) as work:
                return await use_case(work)
        except CONTENTION as error:
            log.warning("an act met another one (%s) and is tried again", type(error).__name__)
        try:
            async with self.begin(viewer) as work:
                return await use_case(work)
        except CONTENTION as error:
            log.warning("an act met another one (%s) again", type(error).__name__)
            raise WrongStatus("Somebody else is changing this right now; look again.") from error


async def _close(connection: Connection, vault: Vault, work: PostgresWork) -> None:
    """An entry of an access log has the place of its own event."""
    seen = [RecordAccessed(patient_id=a.patient_id, access_id=a.id) for a in work.accesses]
    positions = await closing.store(
        connection, given=work.given, entries=work.entries, told=[*work.told, *seen]
    )
    await accesses.store(work.records, vault, work.accesses, positions[len(work.told) :])
