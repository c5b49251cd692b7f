"""Rows of consultations, of what is sent in them, and of who is there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.appointments import AppointmentParty
from domain.consultations import Consultation
from domain.ids import AppointmentId, ConsultationId, PatientId
from domain.presences import Seat
from domain.signals import Signal
from persistence.columns import moment, one_of, sealed, text
from persistence.database import Connection, Pool, Record
from persistence.table import Row, Table

_SIDES = (AppointmentParty.DOCTOR, AppointmentParty.PATIENT)


class ConsultationRow(Row, table=True):
    __table_args__ = (
        sa.Index(
            "an_appointment_has_one_open_consultation",
            "appointment_id",
            unique=True,
            postgresql_where=sa.text("NOT over"),
        ),
        sa.Index("ix_consultation_closes_at", "closes_at", postgresql_where=sa.text("NOT over")),
        sa.Index(
            "ix_consultation_with_meeting",
            "id",
            postgresql_where=sa.text("over AND meeting IS NOT NULL"),
        ),
        sa.Index("ix_consultation_appointment_id", "appointment_id"),
    )

    id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id")
    closes_at: datetime = moment()
    meeting: bytes | None = sealed(nullable=True)
    doctor_joined_at: datetime | None = moment(nullable=True)
    patient_joined_at: datetime | None = moment(nullable=True)
    over: bool


class SignalRow(Row, table=True):
    __table_args__ = (
        one_of("sender", _SIDES, name="signal_sender"),
        sa.Index("ix_signal_consultation_id", "consultation_id", "sender", "sent_at"),
    )

    id: UUID = Field(primary_key=True)
    consultation_id: UUID = Field(foreign_key="consultation.id")
    sender: str = text()
    payload: bytes = sealed()
    sent_at: datetime = moment()


class PresenceRow(Row, table=True):
    """A lease, by the database's time, of one process for those who listen there."""

    __table_args__ = (one_of("party", _SIDES, name="presence_party"),)

    appointment_id: UUID = Field(primary_key=True)
    party: str = Field(primary_key=True, sa_type=sa.Text)
    process: UUID = Field(primary_key=True)
    patient_id: UUID
    held_until: datetime = moment()


class ConsultationTable(Table[Consultation]):
    row, entity = ConsultationRow, Consultation
    sealed = frozenset({"meeting"})

    async def open_of(self, appointment_id: AppointmentId, /) -> Consultation | None:
        return await self.first("appointment_id = $1 AND NOT over FOR SHARE", appointment_id)

    async def keep_meeting(self, id: ConsultationId, meeting: str | None, /) -> None:
        found = await self.first("id = $1 FOR UPDATE", id)
        if found is not None:
            await self.save(replace(found, meeting=meeting))

    async def end_of(self, appointment_id: AppointmentId, /) -> None:
        await self._connection.execute(
            "WITH ended AS (UPDATE consultation SET over = true"
            " WHERE appointment_id = $1 AND NOT over RETURNING id)"
            " DELETE FROM signal USING ended WHERE signal.consultation_id = ended.id",
            appointment_id,
        )

    async def due(self, /, *, at: datetime, limit: int) -> Sequence[AppointmentId]:
        records = await self._connection.fetch(
            "SELECT appointment_id FROM consultation WHERE NOT over AND closes_at <= $1"
            " ORDER BY closes_at LIMIT $2",
            at,
            limit,
        )
        return [AppointmentId(record["appointment_id"]) for record in records]

    async def with_meeting(self, /, *, limit: int) -> Sequence[Consultation]:
        return await self.where("over AND meeting IS NOT NULL ORDER BY id LIMIT $1", limit)


class SignalTable(Table[Signal]):
    row, entity = SignalRow, Signal
    sealed = frozenset({"payload"})

    async def count(
        self, consultation_id: ConsultationId, sender: AppointmentParty, since: datetime, /
    ) -> tuple[int, int]:
        [record] = await self._connection.fetch(
            "SELECT count(*) AS in_all, count(*) FILTER (WHERE sent_at > $3) AS lately"
            " FROM signal WHERE consultation_id = $1 AND sender = $2",
            consultation_id,
            sender.value,
            since,
        )
        return record["in_all"], record["lately"]


class PresenceTable:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def hold(
        self, process: UUID, seats: Collection[Seat], lasts: timedelta, /
    ) -> Sequence[Seat]:
        records = await self._connection.fetch(
            "INSERT INTO presence (appointment_id, party, patient_id, process, held_until)"
            " SELECT seat.*, $4, now() + $5::interval"
            " FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS seat"
            " ON CONFLICT (appointment_id, party, process) DO UPDATE"
            " SET held_until = excluded.held_until"
            " RETURNING appointment_id, party, patient_id, xmax = 0 AS new",
            *_columns(seats),
            process,
            lasts,
        )
        return [_seat(record) for record in records if record["new"]]

    async def let_go(self, process: UUID, seats: Collection[Seat], /) -> Sequence[Seat]:
        records = await self._connection.fetch(
            "DELETE FROM presence"
            " USING unnest($1::uuid[], $2::text[], $3::uuid[]) AS seat (id, party, patient)"
            " WHERE appointment_id = seat.id AND presence.party = seat.party AND process = $4"
            " RETURNING appointment_id, presence.party, patient_id",
            *_columns(seats),
            process,
        )
        return [_seat(record) for record in records]

    async def expire(self) -> Sequence[Seat]:
        records = await self._connection.fetch(
            "DELETE FROM presence WHERE ctid = ANY(ARRAY(SELECT ctid FROM presence"
            " WHERE held_until < now() FOR UPDATE SKIP LOCKED))"
            " RETURNING appointment_id, party, patient_id"
        )
        return [_seat(record) for record in records]


async def present(
    pool: Pool, ids: Sequence[AppointmentId]
) -> Mapping[UUID, frozenset[AppointmentParty]]:
    """Of each appointment, which sides are there."""
    records = await pool.fetch(
        "SELECT appointment_id, array_agg(DISTINCT party) AS parties FROM presence"
        " WHERE appointment_id = ANY($1) AND held_until >= now() GROUP BY appointment_id",
        list(ids),
    )
    return {
        record["appointment_id"]: frozenset(map(AppointmentParty, record["parties"]))
        for record in records
    }


def _columns(seats: Collection[Seat]) -> tuple[list[UUID], list[str], list[UUID]]:
    return (
        [seat.appointment_id for seat in seats],
        [seat.party.value for seat in seats],
        [seat.patient_id for seat in seats],
    )


def _seat(record: Record) -> Seat:
    return Seat(
        appointment_id=AppointmentId(record["appointment_id"]),
        patient_id=PatientId(record["patient_id"]),
        party=AppointmentParty(record["party"]),
    )
