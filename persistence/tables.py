"""Every table of the server, loaded: for migrations, and for whoever looks at them all."""

from persistence.accesses import RecordAccessRow
from persistence.accounts import AccountRow
from persistence.answers import IdempotencyKeyRow
from persistence.appointments import AppointmentRow
from persistence.attempts import AttemptRow
from persistence.audit import AuditEntryRow
from persistence.doctors import DoctorRow, ReviewRow
from persistence.event_log import EventLogEdgeRow, EventRow
from persistence.links import LinkRow
from persistence.mail import MailRow
from persistence.patients import PatientRow
from persistence.rates import RateRow
from persistence.records import DocumentRow
from persistence.second_factor import RecoveryCodeRow, SecondFactorRow
from persistence.sessions import SessionRow
from persistence.shares import ShareDocumentRow, ShareRow
from persistence.slots import SlotRow
from persistence.standings import StandingRow
from persistence.table import Row

ROWS: tuple[type[Row], ...] = (
    AccountRow,
    SessionRow,
    SecondFactorRow,
    RecoveryCodeRow,
    DoctorRow,
    StandingRow,
    PatientRow,
    SlotRow,
    AppointmentRow,
    ReviewRow,
    IdempotencyKeyRow,
    AttemptRow,
    RateRow,
    LinkRow,
    MailRow,
    AuditEntryRow,
    DocumentRow,
    ShareRow,
    ShareDocumentRow,
    RecordAccessRow,
    EventRow,
    EventLogEdgeRow,
)
metadata = Row.metadata
