"""Device checks: before a visit each side tries camera, microphone, speaker and network.

The browser does it and tells what it found; the latest of each side is kept with the appointment,
for both to see.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain import scheduling
from domain.appointments import ACTIVE, Appointment, AppointmentParty
from domain.auth import RecordDeviceCheck, Viewer, as_party, permit
from domain.errors import Invalid, Refusal, WrongStatus, refuse_any
from domain.ids import AppointmentId, DeviceCheckId, PatientId, new_id
from domain.unit_of_work import UnitOfWork

_ROUND_TRIP_MOST = 60_000  # milliseconds
_SPEED_MOST = 10_000_000  # kbit/s
_BROWSER_LONGEST = 100


class DeviceCheckOutcome(StrEnum):
    OK = "OK"
    FAILED = "FAILED"
    NOT_TESTED = "NOT_TESTED"


class NetworkQuality(StrEnum):
    GOOD = "GOOD"
    FAIR = "FAIR"
    POOR = "POOR"
    NOT_TESTED = "NOT_TESTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a browser tells. None: it has not measured that."""

    camera: DeviceCheckOutcome
    microphone: DeviceCheckOutcome
    speaker: DeviceCheckOutcome
    network: NetworkQuality
    round_trip_ms: int | None = None
    up_kbps: int | None = None
    down_kbps: int | None = None
    browser: str | None = None

    def faults(self) -> Iterator[Refusal]:
        for value, most, name in (
            (self.round_trip_ms, _ROUND_TRIP_MOST, "roundTripMs"),
            (self.up_kbps, _SPEED_MOST, "upKbps"),
            (self.down_kbps, _SPEED_MOST, "downKbps"),
        ):
            if value is not None and not 0 <= value <= most:
                yield Invalid(f"This lies between 0 and {most}.", name)
        if self.browser is not None and len(self.browser) > _BROWSER_LONGEST:
            yield Invalid(
                f"The name of a browser has at most {_BROWSER_LONGEST} characters.", "browser"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCheck:
    id: DeviceCheckId
    appointment_id: AppointmentId
    party: AppointmentParty
    camera: DeviceCheckOutcome
    microphone: DeviceCheckOutcome
    speaker: DeviceCheckOutcome
    network: NetworkQuality
    round_trip_ms: int | None = None
    up_kbps: int | None = None
    down_kbps: int | None = None
    browser: str | None = None
    checked_at: datetime


class DeviceChecks(Protocol):
    async def of(self, ids: Sequence[AppointmentId], /) -> Mapping[UUID, Sequence[DeviceCheck]]:
        """By appointment, the doctor's first."""
        ...

    async def add(self, check: DeviceCheck, /) -> bool: ...
    async def save(self, check: DeviceCheck, /) -> None: ...
    async def remove_all(self, patient_id: PatientId, /) -> int:
        """What the patient's own browsers have told. Returns how many there were."""
        ...


async def record(
    work: UnitOfWork,
    viewer: Viewer,
    appointment_id: AppointmentId,
    findings: Findings,
    *,
    at: datetime,
) -> Appointment:
    """By either side, in place of its last one. Raises Forbidden, NotFound or Refusal."""
    as_party(viewer)
    await work.lock(appointment_id)
    appointment = (await scheduling.find(work, viewer, appointment_id)).as_of(at)
    action = RecordDeviceCheck(
        appointment_id=appointment_id,
        doctor_id=appointment.doctor_id,
        patient_id=appointment.patient_id,
    )
    permit(work, viewer, action)
    if appointment.status not in ACTIVE:
        raise WrongStatus(
            f"It is {appointment.status}; there is nothing to check for.", "appointmentId"
        )
    refuse_any(findings.faults())
    party = AppointmentParty(viewer.role.value)
    kept = (await work.device_checks.of([appointment_id])).get(appointment_id, ())
    last = next((each for each in kept if each.party is party), None)
    check = DeviceCheck(
        id=last.id if last else DeviceCheckId(new_id()),
        appointment_id=appointment_id,
        party=party,
        checked_at=at,
        **asdict(replace(findings, browser=_plain(findings.browser))),
    )
    if last is None:
        await work.device_checks.add(check)
    else:
        await work.device_checks.save(check)
    return appointment


def _plain(text: str | None) -> str | None:
    """Without what cannot be seen, and with single spaces; None if nothing is left."""
    words = "".join(each if each.isprintable() else " " for each in text or "").split()
    return " ".join(words) or None
