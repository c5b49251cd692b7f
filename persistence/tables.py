"""Every table of the server, loaded: for migrations, and for whoever looks at them all."""

from persistence.accounts import AccountRow
from persistence.answers import IdempotencyKeyRow
from persistence.appointments import AppointmentRow
from persistence.attempts import AttemptRow
from persistence.audit import AuditEntryRow
from persistence.doctors import DoctorRow, ReviewRow
from persistence.enrolments import EnrolmentRow
from persistence.event_log import EventLogEdgeRow, EventRow
from persistence.links import LinkRow
from persistence.mail import MailRow
from persistence.patients import PatientRow
from persistence.rates import RateRow
from persistence.registries import UncheckedNumberRow
from persistence.second_factor import RecoveryCodeRow, SecondFactorRow
from persistence.sessions import SessionRow
from persistence.slots import SlotRow
from persistence.table import Row

ROWS: tuple[type[Row], ...] = (
    AccountRow,
    SessionRow,
    SecondFactorRow,
    RecoveryCodeRow,
    DoctorRow,
    PatientRow,
    SlotRow,
    AppointmentRow,
    ReviewRow,
    IdempotencyKeyRow,
    AttemptRow,
    RateRow,
    LinkRow,
    MailRow,
    UncheckedNumberRow,
    EnrolmentRow,
    AuditEntryRow,
    EventRow,
    EventLogEdgeRow,
)
metadata = Row.metadata
