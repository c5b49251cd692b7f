"""Rows of exports. Leases go by the database's time, so that no process's clock ends another's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.exports import ExportStatus, RecordExport
from domain.ids import ExportId, PatientId
from persistence.columns import moment, one_of, text
from persistence.database import Pool
from persistence.table import Row, Table

_KEPT = timedelta(days=90)
_IN_NO_HAND = (
    "status IN ('REQUESTED', 'RUNNING') AND (leased_until IS NULL OR leased_until < now())"
)
# Whoever is late takes the next one, and waits for nobody.
_CLAIM = (
    "UPDATE record_export SET status = 'RUNNING', claim = $1, leased_until = now() + $2::interval,"
    " tries = tries + 1, progress = 0 WHERE id = (SELECT id FROM record_export"
    f" WHERE {_IN_NO_HAND} ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING "
)


class RecordExportRow(Row, table=True):
    __table_args__ = (
        one_of("status", ExportStatus, name="record_export_status"),
        sa.CheckConstraint(
            "status <> 'READY' OR version IS NOT NULL AND size IS NOT NULL"
            " AND expires_at IS NOT NULL",
            name="what_is_ready_is_there",
        ),
        sa.Index("ix_record_export_patient_id_id", "patient_id", "id"),
        sa.Index(
            "ix_record_export_requested_at",
            "requested_at",
            postgresql_where=sa.text("status IN ('REQUESTED', 'RUNNING')"),
        ),
        sa.Index(
            "ix_record_export_expires_at",
            "expires_at",
            postgresql_where=sa.text("NOT removed"),
        ),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    requested_at: datetime = moment()
    status: str = text()
    progress: float
    size: int | None = Field(sa_type=sa.BigInteger, nullable=True)
    object_key: str = text(unique=True)
    version: str | None = text(nullable=True)
    expires_at: datetime | None = moment(nullable=True)
    claim: UUID | None
    leased_until: datetime | None = moment(nullable=True)
    tries: int
    removed: bool


class RecordExportTable(Table[RecordExport]):
    row, entity = RecordExportRow, RecordExport

    async def lock(self, id: ExportId, /) -> RecordExport | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def of(self, patient_id: PatientId, /) -> Sequence[RecordExport]:
        return await self.where("patient_id = $1 ORDER BY id DESC", patient_id)

    async def give_up(self, *, tries: int, before: datetime) -> Sequence[ExportId]:
        records = await self._connection.fetch(
            "UPDATE record_export SET status = 'FAILED', claim = NULL, leased_until = NULL"
            " WHERE id IN (SELECT id FROM record_export"
            f" WHERE {_IN_NO_HAND} AND (tries >= $1 OR requested_at < $2) FOR UPDATE SKIP LOCKED)"
            " RETURNING id",
            tries,
            before,
        )
        return [ExportId(record["id"]) for record in records]

    async def claim(self, claim: UUID, lease: timedelta, /) -> RecordExport | None:
        record = await self._connection.fetchrow(_CLAIM + self.shape.columns, claim, lease)
        return None if record is None else self.shape.entity(record, self._vault)

    async def renew(self, export: RecordExport, lease: timedelta, /) -> bool:
        status = await self._connection.execute(
            "UPDATE record_export SET leased_until = now() + $3::interval, progress = $4"
            " WHERE id = $1 AND claim = $2",
            export.id,
            export.claim,
            lease,
            export.progress,
        )
        return status == "UPDATE 1"

    async def release(self, export: RecordExport, pause: timedelta, /) -> None:
        await self._connection.execute(
            "UPDATE record_export SET status = 'REQUESTED', claim = NULL, progress = 0,"
            " tries = tries - 1, leased_until = now() + $3::interval WHERE id = $1 AND claim = $2",
            export.id,
            export.claim,
            pause,
        )

    async def to_be_removed(self, /, *, at: datetime, limit: int) -> Sequence[RecordExport]:
        return await self.where(
            "NOT removed AND (status IN ('EXPIRED', 'FAILED') OR expires_at <= $1)"
            " AND (leased_until IS NULL OR leased_until < now()) ORDER BY id LIMIT $2",
            at,
            limit,
        )


async def purge(pool: Pool, at: datetime) -> None:
    """Forget that there was one, long after its archive is gone."""
    await pool.execute("DELETE FROM record_export WHERE removed AND requested_at < $1", at - _KEPT)
