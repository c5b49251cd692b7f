"""Rows of standings: what was decided of doctors. Append-only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.doctors import DoctorStatus
from domain.ids import DoctorId
from domain.standings import Standing
from persistence.columns import moment, one_of, sealed, text
from persistence.table import Row, Table


class StandingRow(Row, table=True):
    __table_args__ = (
        one_of("status", DoctorStatus, name="standing_status"),
        sa.Index("ix_standing_doctor_id_id", "doctor_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    doctor_id: UUID = Field(foreign_key="doctor.id")
    status: str = text()
    reason: bytes = sealed()
    decided_by: UUID  # an administrator, whose account may be gone
    decided_at: datetime = moment()


class StandingTable(Table[Standing]):
    row, entity = StandingRow, Standing
    sealed = frozenset({"reason"})

    async def of(self, doctor_ids: Sequence[DoctorId], /) -> Mapping[DoctorId, Sequence[Standing]]:
        found = defaultdict[DoctorId, list[Standing]](list)
        for standing in await self.where("doctor_id = ANY($1) ORDER BY id DESC", list(doctor_ids)):
            found[standing.doctor_id].append(standing)
        return found
