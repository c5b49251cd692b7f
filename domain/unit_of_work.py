"""One transaction, as the use cases see it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from domain.auth import Audited, Viewer
from domain.events import Event
from domain.ids import SessionId
from domain.limits import Limits

if TYPE_CHECKING:  # the collections' modules hold use cases too, which need this one
    from domain.access_requests import AccessRequests
    from domain.accesses import Access
    from domain.accounts import Accounts
    from domain.appointments import Appointments
    from domain.attempts import Attempts
    from domain.audit import AuditLog
    from domain.calendar_feeds import CalendarFeeds
    from domain.consultations import Consultations
    from domain.device_checks import DeviceChecks
    from domain.doctors import Doctors
    from domain.emergencies import Emergencies
    from domain.enrolments import Enrolments
    from domain.exports import Exports
    from domain.idempotency import Answers
    from domain.in_person_requests import InPersonRequests
    from domain.links import Links
    from domain.mail import Outbox, Readers
    from domain.papers import Papers
    from domain.partners import Partners, PartnerTokens
    from domain.passkeys import Challenges, Passkeys
    from domain.patients import Patients
    from domain.presences import Presences
    from domain.records import Documents
    from domain.registries import UncheckedNumbers
    from domain.reminders import Reminders
    from domain.reviews import Reviews
    from domain.second_factor import SecondFactors
    from domain.sessions import Sessions
    from domain.shares import Shares
    from domain.signals import Signals
    from domain.slots import Slots
    from domain.standings import Standings
    from domain.visit_notes import VisitNotes

T = TypeVar("T")


class UnitOfWork(Audited, Protocol):
    """All of it happens when its block ends, nothing if the block raises.

    Locks are taken in this order, so that nobody waits in a circle: a doctor, a patient, an
    appointment (each by `lock`), then slots (by `slots.lock`), then the row of a doctor (by
    `doctors.lock` or `doctors.share`), then a consultation; of several the lowest id first.
    """

    limits: Limits
    accounts: "Accounts"
    sessions: "Sessions"
    second_factors: "SecondFactors"
    passkeys: "Passkeys"
    challenges: "Challenges"
    doctors: "Doctors"
    patients: "Patients"
    standings: "Standings"
    slots: "Slots"
    appointments: "Appointments"
    consultations: "Consultations"
    signals: "Signals"
    presences: "Presences"
    reviews: "Reviews"
    device_checks: "DeviceChecks"
    in_person_requests: "InPersonRequests"
    answers: "Answers"
    attempts: "Attempts"
    links: "Links"
    readers: "Readers"
    outbox: "Outbox"
    audit_log: "AuditLog"
    partners: "Partners"
    partner_tokens: "PartnerTokens"
    documents: "Documents"
    papers: "Papers"
    shares: "Shares"
    visit_notes: "VisitNotes"
    enrolments: "Enrolments"
    unchecked_numbers: "UncheckedNumbers"
    access_requests: "AccessRequests"
    emergencies: "Emergencies"
    exports: "Exports"
    calendar_feeds: "CalendarFeeds"
    reminders: "Reminders"

    def publish(self, event: Event) -> None:
        """Tell `event` if, and only if, this work commits."""
        ...

    def log_access(self, access: "Access", /) -> None:
        """Enter it in the record's access log, and tell its patient, if this work commits."""
        ...

    def shut_out(self, session: SessionId) -> None:
        """Have this session, which has ended, refused everywhere if this work commits."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """A part that is undone, with its events and audit entries, if its block raises."""
        ...

    async def lock(self, id: UUID, /) -> None:
        """Wait until no other work holds the lock on this doctor, patient or appointment."""
        ...


class Act(Protocol):
    """Runs a use case as one act, in one transaction.

    Of records it finds what `viewer` may see, whatever it asks for; of nobody, none.
    """

    async def __call__(
        self, use_case: Callable[[UnitOfWork], Awaitable[T]], /, *, viewer: Viewer | None = None
    ) -> T: ...
