"""Every table of the server, loaded: for migrations, and for whoever looks at them all."""

from persistence.access_requests import AccessRequestRow
from persistence.accesses import RecordAccessRow
from persistence.accounts import AccountRow
from persistence.answers import IdempotencyKeyRow
from persistence.appointments import AppointmentRow
from persistence.attempts import AttemptRow
from persistence.audit import AuditEntryRow
from persistence.calendar_feeds import CalendarFeedRow
from persistence.consultations import ConsultationRow, PresenceRow, SignalRow
from persistence.data_keys import DataKeyRow
from persistence.device_checks import DeviceCheckRow
from persistence.doctors import DoctorRow, DoctorSpecialtyRow, ReviewRow
from persistence.emergencies import EmergencyAccessRow
from persistence.enrolments import EnrolmentRow
from persistence.event_log import EventLogEdgeRow, EventRow
from persistence.exports import RecordExportRow
from persistence.in_person_requests import InPersonRequestRow
from persistence.links import LinkRow
from persistence.mail import MailRow
from persistence.papers import PaperRow
from persistence.partner_usage import PartnerUsageRow
from persistence.partners import PartnerRow, PartnerTokenRow
from persistence.passkeys import PasskeyRow, SpentChallengeRow
from persistence.patients import PatientRow
from persistence.rates import RateRow
from persistence.records import DocumentRow
from persistence.registries import UncheckedNumberRow
from persistence.reminders import ReminderRow
from persistence.second_factor import RecoveryCodeRow, SecondFactorRow
from persistence.sessions import SessionRow
from persistence.shares import ShareDocumentRow, ShareRow
from persistence.slots import SlotRow
from persistence.standings import StandingRow
from persistence.table import Row
from persistence.visit_notes import VisitNoteRow

ROWS: tuple[type[Row], ...] = (
    AccountRow,
    SessionRow,
    SecondFactorRow,
    RecoveryCodeRow,
    PasskeyRow,
    SpentChallengeRow,
    DoctorRow,
    DoctorSpecialtyRow,
    StandingRow,
    PatientRow,
    SlotRow,
    AppointmentRow,
    ConsultationRow,
    SignalRow,
    PresenceRow,
    ReviewRow,
    DeviceCheckRow,
    InPersonRequestRow,
    IdempotencyKeyRow,
    AttemptRow,
    RateRow,
    LinkRow,
    MailRow,
    CalendarFeedRow,
    ReminderRow,
    PartnerRow,
    PartnerTokenRow,
    PartnerUsageRow,
    UncheckedNumberRow,
    EnrolmentRow,
    AuditEntryRow,
    DocumentRow,
    PaperRow,
    ShareRow,
    ShareDocumentRow,
    VisitNoteRow,
    AccessRequestRow,
    EmergencyAccessRow,
    RecordAccessRow,
    RecordExportRow,
    EventRow,
    DataKeyRow,
    EventLogEdgeRow,
)
metadata = Row.metadata
