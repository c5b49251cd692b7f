"""Identities: one type per entity, so that a DoctorId never passes for a PatientId."""

import secrets
import time
from datetime import datetime
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
PasskeyId = NewType("PasskeyId", UUID)
PartnerId = NewType("PartnerId", UUID)
LinkId = NewType("LinkId", UUID)
CalendarFeedId = NewType("CalendarFeedId", UUID)
DocumentId = NewType("DocumentId", UUID)
ShareId = NewType("ShareId", UUID)
ExportId = NewType("ExportId", UUID)
AccessId = NewType("AccessId", UUID)
AccessRequestId = NewType("AccessRequestId", UUID)
EmergencyAccessId = NewType("EmergencyAccessId", UUID)
StandingId = NewType("StandingId", UUID)
AuditEntryId = NewType("AuditEntryId", UUID)
MailId = NewType("MailId", UUID)
DoctorId = NewType("DoctorId", UUID)
PatientId = NewType("PatientId", UUID)
SlotId = NewType("SlotId", UUID)
AppointmentId = NewType("AppointmentId", UUID)
SignalId = NewType("SignalId", UUID)
ConsultationId = NewType("ConsultationId", UUID)
ReviewId = NewType("ReviewId", UUID)
VisitNoteId = NewType("VisitNoteId", UUID)
InPersonRequestId = NewType("InPersonRequestId", UUID)
DeviceCheckId = NewType("DeviceCheckId", UUID)


def least_id(moment: datetime) -> UUID:
    """No id that was made at this moment or later is less."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7): Unix milliseconds, 12 bits of what is left of the clock
    (section 6.2, method 3), then 62 random bits.

    Ids sort by creation time, so index inserts stay local.
    """
    milliseconds, left = divmod(time.time_ns(), 1_000_000)
    fraction = (left << 12) // 1_000_000
    random = secrets.randbits(62)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)
