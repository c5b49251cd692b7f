"""The event log: what happened, in an order in which nobody can miss anything.

A bare sequence is no such order: a reader may pass an event that commits later with a smaller
number. So an event bears the id of its transaction, and is told only when every transaction with
a smaller id has ended; then none can appear before it any more. Positions are (transaction, row).

A position is always that of an event, never merely how far transactions have come: a crash may
give ids of transactions that left nothing behind to later ones, and an event among those would lie
before a position beyond it, heard by nobody.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain import events
from domain.events import Event, Page, Position, Recorded, Signalled
from domain.ids import AppointmentId, PatientId
from persistence.columns import UTC_TIME, text
from persistence.database import Pool, Record
from persistence.table import Row

_NO_ROW = 0  # rows are numbered from 1: (tx, 0) lies before all of a transaction


class EventRow(Row, table=True):
    __table_args__ = (
        sa.Index("ix_event_doctor_id", "doctor_id", "tx", "row"),
        sa.Index("ix_event_patient_id", "patient_id", "tx", "row"),
        sa.Index("ix_event_at", "at", postgresql_using="brin"),
    )

    tx: int = Field(
        sa_column=sa.Column(
            sa.BigInteger,
            primary_key=True,
            autoincrement=False,
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
        )
    )
    row: int = Field(sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True))
    at: datetime = Field(
        sa_column=sa.Column(UTC_TIME, nullable=False, server_default=sa.func.now())
    )
    name: str = text()
    doctor_id: UUID | None
    patient_id: UUID | None
    slot_id: UUID | None
    appointment_id: UUID | None
    access_id: UUID | None
    signal_id: UUID | None


class EventLogEdgeRow(Row, table=True):
    """One row: no event of a transaction before `tx` is kept."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    tx: int = Field(sa_type=sa.BigInteger)


_IDS = ("doctor_id", "patient_id", "slot_id", "appointment_id", "access_id", "signal_id")
_COLUMNS = ", ".join(f"event.{name}" for name in ("tx", "row", "at", "name", *_IDS))
_HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
STORE = (  # of persistence/closing.py, as are the types of its columns
    f"INSERT INTO event (name, {', '.join(_IDS)}) SELECT name, {', '.join(_IDS)} FROM {{}}"
    f" WITH ORDINALITY AS told (name, {', '.join(_IDS)}, number) ORDER BY number"
    " RETURNING tx, row"
)
TYPES = ("text", *("uuid" for _ in _IDS))
_NOW = (
    f"(SELECT tx, row FROM event WHERE tx < (SELECT {_HORIZON}) ORDER BY tx DESC, row DESC LIMIT 1)"
    f" UNION ALL SELECT tx, {_NO_ROW} FROM event_log_edge ORDER BY tx DESC, row DESC LIMIT 1"
)
_READ = (
    f"WITH edge AS (SELECT {_HORIZON} AS tx)"
    " SELECT EXISTS (SELECT FROM event WHERE event.tx >= edge.tx) AS unsettled, told.*"
    " FROM edge LEFT JOIN LATERAL ("
    f"SELECT {_COLUMNS} FROM event WHERE (event.tx, event.row) > ($1, $2) AND event.tx < edge.tx"
    " ORDER BY event.tx, event.row LIMIT $3) AS told ON true ORDER BY told.tx, told.row"
)
_REPLAY = (
    f"SELECT {_COLUMNS} FROM event"
    " WHERE (tx, row) > ($1, $2) AND (tx, row) <= ($3, $4)"
    f" AND tx < (SELECT {_HORIZON}) AND (doctor_id = ANY($5) OR patient_id = ANY($5))"
    " AND name = ANY($6) ORDER BY tx, row LIMIT $7"
)
_FIRST = (
    "SELECT tx, row - 1 AS row FROM event WHERE patient_id = $1 AND appointment_id = $2"
    " AND name = $3 ORDER BY tx, row LIMIT 1"
)
# From the edge on, so that nobody goes through what was deleted before; of two servers that do it
# at once one finds no edge, and so nothing to do.
_PURGE = (
    "WITH edge AS (SELECT tx FROM event_log_edge FOR UPDATE SKIP LOCKED),"
    " first AS (SELECT it.* FROM edge, LATERAL (SELECT tx, at FROM event WHERE event.tx >= edge.tx"
    " ORDER BY event.tx, event.row LIMIT $2) AS it),"
    " old AS (SELECT max(tx) + 1 AS tx FROM first WHERE at < now() - $1::interval),"
    " moved AS (UPDATE event_log_edge SET tx = old.tx FROM old WHERE old.tx > event_log_edge.tx)"
    " DELETE FROM event USING edge, old WHERE event.tx >= edge.tx AND event.tx < old.tx"
)
PURGED_AT_ONCE = 5_000  # events, or as many more as the last transaction among them has


def _kinds(base: type[Event]) -> dict[str, type[Event]]:
    found = {base.__name__: base}
    for kind in base.__subclasses__():
        found |= _kinds(kind)
    return found


def columns(told: Sequence[Event]) -> Sequence[Sequence[Any]]:
    ids = ([getattr(event, name, None) for event in told] for name in _IDS)
    return [type(event).__name__ for event in told], *ids


def positions(records: Sequence[Record]) -> Sequence[Position]:
    """Of what has been written, in its order."""
    return sorted(Position(record["tx"], record["row"]) for record in records)


class PostgresEventLog:
    def __init__(self, pool: Pool) -> None:
        self._pool, self._kinds = pool, _kinds(events.Event)

    async def now(self) -> Position:
        [record] = await self._pool.fetch(_NOW)
        return Position(record["tx"], record["row"])

    async def read(self, after: Position, /, *, limit: int) -> Page:
        records = await self._pool.fetch(_READ, after.transaction, after.row, limit)
        there = [record for record in records if record["tx"] is not None]
        last = there[-1] if there else None
        return Page(
            events=self._told(there),
            position=Position(last["tx"], last["row"]) if last else after,
            unsettled=records[0]["unsettled"],
        )

    async def replay(
        self,
        after: Position,
        until: Position,
        audience: frozenset[UUID],
        kinds: Collection[type[Event]],
        /,
        *,
        limit: int,
    ) -> Sequence[Recorded]:
        bounds = (after.transaction, after.row, until.transaction, until.row)
        names = [kind.__name__ for kind in kinds]
        records = await self._pool.fetch(_REPLAY, *bounds, list(audience), names, limit)
        return self._told(records)

    async def before_first(
        self, kind: type[Signalled], patient_id: PatientId, appointment_id: AppointmentId, /
    ) -> Position:
        now = await self.now()  # what is not seen after this will come later than it
        names = (patient_id, appointment_id, kind.__name__)
        first = await self._pool.fetchrow(_FIRST, *names)
        return now if first is None else min(now, Position(first["tx"], first["row"]))

    async def keeps(self, position: Position, /) -> bool:
        edge: int = await self._pool.fetchval("SELECT tx FROM event_log_edge")
        return position >= Position(edge, _NO_ROW)

    async def purge(self, keep: timedelta) -> None:
        """Forget what is older. Whoever asks for it afterwards is told to read anew.

        Bit by bit: what has gathered while no server ran is no reason to hold anybody up.
        """
        while await self.purge_some(keep):
            pass

    async def purge_some(self, keep: timedelta) -> bool:
        """The oldest of those. Returns whether there may be more."""
        told = await self._pool.execute(_PURGE, keep, PURGED_AT_ONCE)
        return int(told.rpartition(" ")[2]) >= PURGED_AT_ONCE

    def _told(self, records: Sequence[Record]) -> list[Recorded]:
        """But for what a newer server has told, while it replaces this one."""
        return [self._recorded(record) for record in records if record["name"] in self._kinds]

    def _recorded(self, record: Record) -> Recorded:
        kind = self._kinds[record["name"]]
        ids: dict[str, Any] = {name: record[name] for name in _IDS if record[name] is not None}
        return Recorded(
            position=Position(record["tx"], record["row"]), at=record["at"], event=kind(**ids)
        )
