"""Identities: one type per entity, so that a DoctorId never passes for a PatientId."""

import secrets
import time
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
PartnerId = NewType("PartnerId", UUID)
LinkId = NewType("LinkId", UUID)
MailId = NewType("MailId", UUID)
DoctorId = NewType("DoctorId", UUID)
PatientId = NewType("PatientId", UUID)
SlotId = NewType("SlotId", UUID)
AppointmentId = NewType("AppointmentId", UUID)
ReviewId = NewType("ReviewId", UUID)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits.

    Ids sort by creation time, so index inserts stay local.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
