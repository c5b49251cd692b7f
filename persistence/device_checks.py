"""Rows of device checks: the latest of each side of an appointment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.appointments import AppointmentParty
from domain.device_checks import DeviceCheck, DeviceCheckOutcome, NetworkQuality
from domain.ids import AppointmentId, PatientId
from persistence.columns import moment, one_of, sealed, text
from persistence.table import Row, Table

_PARTIES = (AppointmentParty.DOCTOR, AppointmentParty.PATIENT)


class DeviceCheckRow(Row, table=True):
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "party", name="a_side_has_one_device_check"),
        one_of("party", _PARTIES, name="device_check_party"),
        one_of("camera", DeviceCheckOutcome, name="device_check_camera"),
        one_of("microphone", DeviceCheckOutcome, name="device_check_microphone"),
        one_of("speaker", DeviceCheckOutcome, name="device_check_speaker"),
        one_of("network", NetworkQuality, name="device_check_network"),
    )

    id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id")
    party: str = text()
    camera: str = text()
    microphone: str = text()
    speaker: str = text()
    network: str = text()
    round_trip_ms: int | None
    up_kbps: int | None
    down_kbps: int | None
    browser: bytes | None = sealed(nullable=True)
    checked_at: datetime = moment()


class DeviceCheckTable(Table[DeviceCheck]):
    row, entity = DeviceCheckRow, DeviceCheck
    sealed = frozenset({"browser"})

    async def of(self, ids: Sequence[AppointmentId], /) -> Mapping[UUID, Sequence[DeviceCheck]]:
        found = defaultdict[UUID, list[DeviceCheck]](list)
        for check in await self.where("appointment_id = ANY($1) ORDER BY party", list(ids)):
            found[check.appointment_id].append(check)
        return found

    async def remove_all(self, patient_id: PatientId, /) -> int:
        status = await self._connection.execute(
            "DELETE FROM device_check USING appointment WHERE appointment.id = appointment_id"
            " AND appointment.patient_id = $1 AND party = 'PATIENT'",
            patient_id,
        )
        return int(status.rsplit(" ", 1)[1])
