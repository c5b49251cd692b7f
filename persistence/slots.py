"""Rows of slots. The database guards what must hold even between two transactions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from domain.ids import DoctorId, PatientId, SlotId
from domain.slots import Period, Slot, SlotStatus
from persistence.columns import moment, one_of, text
from persistence.database import any_of
from persistence.table import Row, Table

OPEN = "(slot.status = 'OPEN' OR slot.lapses_at <= {at})"  # with the number of an argument


class SlotRow(Row, table=True):
    __table_args__ = (
        ExcludeConstraint(
            ("doctor_id", "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("status <> 'WITHDRAWN'"),
            using="gist",
            name="slots_of_a_doctor_never_overlap",
        ),
        one_of("status", SlotStatus, name="slot_status"),
        sa.CheckConstraint("starts_at < ends_at", name="slot_takes_time"),
        sa.CheckConstraint("(status = 'HELD') = (held_by IS NOT NULL)", name="slot_held_by_one"),
        sa.CheckConstraint("lapses_at IS NULL OR status IN ('HELD', 'BOOKED')", name="slot_lapses"),
        sa.Index("ix_slot_doctor_id_starts_at", "doctor_id", "starts_at"),
        sa.Index(
            "ix_slot_starts_at_doctor_id",
            "starts_at",
            "doctor_id",
            postgresql_where=sa.text("status = 'OPEN' OR lapses_at IS NOT NULL"),  # as OPEN may be
        ),
        sa.Index(
            "ix_slot_lapses_at", "lapses_at", postgresql_where=sa.text("lapses_at IS NOT NULL")
        ),
        sa.Index("ix_slot_held_by", "held_by", postgresql_where=sa.text("held_by IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    doctor_id: UUID = Field(foreign_key="doctor.id")
    starts_at: datetime = moment()
    ends_at: datetime = moment()
    status: str = text()
    held_by: UUID | None = Field(foreign_key="patient.id")
    lapses_at: datetime | None = moment(nullable=True)


def open_near(*, doctor: str, starts_at: str, at: str, limit: str, but: str) -> str:
    """A query for other slots of a doctor that are OPEN and start later than `at`, nearest first.

    Looks at the nearest few on either side, which the index gives in order.
    """
    wanted = f"doctor_id = {doctor} AND starts_at > {at} AND {OPEN.format(at=at)} AND id <> {but}"
    return (
        "SELECT * FROM ("
        f"(SELECT * FROM slot WHERE {wanted} AND starts_at >= {starts_at}"
        f" ORDER BY starts_at LIMIT {limit})"
        " UNION ALL "
        f"(SELECT * FROM slot WHERE {wanted} AND starts_at < {starts_at}"
        f" ORDER BY starts_at DESC LIMIT {limit})"
        f") AS near ORDER BY abs(extract(epoch FROM starts_at - {starts_at})), starts_at"
        f" LIMIT {limit}"
    )


class SlotTable(Table[Slot]):
    row, entity = SlotRow, Slot

    async def lock(self, ids: Collection[SlotId], /) -> list[Slot]:
        return await self.where(f"id = {any_of(1)} ORDER BY id FOR UPDATE", list(ids))

    async def overlapping(
        self, doctor_id: DoctorId, periods: Sequence[Period], /
    ) -> list[tuple[int, Slot]]:
        records = await self._connection.fetch(
            f"SELECT wanted.number - 1 AS number, {self.shape.of('slot')}"
            " FROM unnest($2::timestamptz[], $3::timestamptz[])"
            " WITH ORDINALITY AS wanted (starts_at, ends_at, number)"
            " JOIN slot ON slot.doctor_id = $1 AND slot.status <> 'WITHDRAWN'"
            " AND tstzrange(slot.starts_at, slot.ends_at)"
            " && tstzrange(wanted.starts_at, wanted.ends_at)"
            " ORDER BY number",
            doctor_id,
            [period.starts_at for period in periods],
            [period.ends_at for period in periods],
        )
        return [(r["number"], self.shape.entity(r, self._vault)) for r in records]

    async def open_near(self, slot: Slot, /, *, at: datetime, limit: int) -> list[Slot]:
        near = open_near(doctor="$1", starts_at="$2", at="$3", limit="$4", but="$5")
        records = await self._connection.fetch(
            near, slot.doctor_id, slot.starts_at, at, limit, slot.id
        )
        return [self.shape.entity(record, self._vault).as_of(at) for record in records]

    async def held_by(self, patient_id: PatientId, /, *, at: datetime) -> list[Slot]:
        return await self.where("held_by = $1 AND lapses_at > $2", patient_id, at)

    async def lapsed(self, /, *, at: datetime, limit: int) -> list[SlotId]:
        slots = await self.where(
            "lapses_at <= $1 ORDER BY lapses_at LIMIT $2 FOR UPDATE SKIP LOCKED", at, limit
        )
        return [slot.id for slot in slots]
