"""What queries read: straight from the tables, many things in one statement.

Statuses are told as of `at`, whatever the rows still say. What is not the viewer's is not there:
the condition is in the SQL.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.accounts import Account
from domain.appointments import Appointment, AppointmentParty, AppointmentStatus
from domain.auth import Viewer
from domain.calendar_feeds import CalendarFeed
from domain.device_checks import DeviceCheck
from domain.doctors import Doctor, DoctorStatus
from domain.ids import (
    AppointmentId,
    DoctorId,
    InPersonRequestId,
    PartnerId,
    PatientId,
    ReviewId,
    SessionId,
    SignalId,
    SlotId,
    UserId,
)
from domain.in_person_requests import InPersonRequest
from domain.partners import Partner, Usage
from domain.passkeys import Passkey
from domain.patients import Patient
from domain.registrations import CRM
from domain.reviews import Review
from domain.search import DoctorSearch, FoundDoctor
from domain.second_factor import Protection
from domain.sessions import Session
from domain.signals import Signal
from domain.slots import Slot, SlotStatus
from domain.standings import Standing
from domain.statistics import DoctorStatistics, StatisticsStep
from persistence import consultations, partner_usage, search, statistics
from persistence.accounts import AccountTable
from persistence.appointments import NOW, AppointmentTable
from persistence.calendar_feeds import CalendarFeedTable
from persistence.consultations import SignalTable
from persistence.crypto import Vault
from persistence.database import Pool, any_of, rows_of
from persistence.device_checks import DeviceCheckTable
from persistence.doctors import DoctorTable, ReviewTable
from persistence.in_person_requests import InPersonRequestTable
from persistence.partners import PartnerTable
from persistence.passkeys import PasskeyTable
from persistence.patients import PatientTable
from persistence.replica import Replica
from persistence.search import Sought
from persistence.sessions import SessionTable
from persistence.slots import OPEN, SlotTable
from persistence.standings import StandingTable
from persistence.table import E, Shape

_SLOT, _DOCTOR = SlotTable.shape, DoctorTable.shape
_APPOINTMENT, _REVIEW = AppointmentTable.shape, ReviewTable.shape
_SESSION, _PARTNER = SessionTable.shape, PartnerTable.shape
_SIGNAL = SignalTable.shape

_NEXT_SLOTS = (
    f"SELECT {_SLOT.of('next')} FROM doctor CROSS JOIN LATERAL ("
    f"SELECT * FROM slot WHERE slot.doctor_id = doctor.id AND slot.starts_at > $2"
    f" AND {OPEN.format(at='$2')} ORDER BY slot.starts_at LIMIT $3) AS next"
    f" WHERE doctor.id = {any_of(1)} AND doctor.status = 'VERIFIED'"
    " ORDER BY next.doctor_id, next.starts_at"
)
_OPEN_SLOTS = (
    f"SELECT asked.number - 1 AS number, {_SLOT.of('slot')}"
    f" FROM {rows_of(('uuid', 'timestamptz', 'timestamptz'))}"
    " WITH ORDINALITY AS asked (doctor_id, earliest, latest, number)"
    " JOIN doctor ON doctor.id = asked.doctor_id AND doctor.status = 'VERIFIED'"
    " JOIN slot ON slot.doctor_id = asked.doctor_id AND slot.starts_at >= asked.earliest"
    f" AND slot.starts_at < asked.latest AND slot.starts_at > $4 AND {OPEN.format(at='$4')}"
    " ORDER BY number, slot.starts_at"
)
_REVIEWS = (
    f"SELECT {_REVIEW.of('said')} FROM {rows_of(['uuid'])} AS asked (doctor_id)"
    f" CROSS JOIN LATERAL (SELECT * FROM review WHERE review.doctor_id = asked.doctor_id"
    " AND ($2::uuid IS NULL OR review.id < $2) ORDER BY review.id DESC LIMIT $3) AS said"
)
_NOW = NOW.format(at="$2")
_APPOINTMENTS = (
    f"SELECT {_APPOINTMENT.columns} FROM appointment WHERE {{side}} = $1"
    f" AND ($3::text[] IS NULL OR {_NOW} = ANY($3))"
    " AND ($4::timestamptz IS NULL OR (starts_at, id) < ($4, $5))"
    " ORDER BY starts_at DESC, id DESC LIMIT $6"
)
_MAY_HEAR = (
    "SELECT session.id FROM session LEFT JOIN doctor ON doctor.id = session.user_id"
    " WHERE session.id = ANY($1) AND session.ended_at IS NULL AND session.expires_at > now()"
    " AND coalesce(doctor.status = 'VERIFIED', true)"
    " UNION ALL SELECT id FROM partner_token"
    " WHERE id = ANY($1) AND ended_at IS NULL AND expires_at > now()"
)
_PROTECTION = (
    "SELECT enabled_at, (SELECT count(*) FROM recovery_code WHERE second_factor_id = id)"
    " AS recovery_codes_left FROM second_factor WHERE id = $1 AND enabled_at IS NOT NULL"
)


class PostgresReads:
    def __init__(self, pool: Pool, vault: Vault, replica: Replica | None = None) -> None:
        self._pool, self._vault, self._replica = pool, vault, replica

    # ------------------------------------------------------------ doctors

    async def doctors(self, ids: Sequence[DoctorId]) -> Mapping[UUID, Doctor]:
        """Whatever the registry says of them."""
        return await self._by_id(_DOCTOR, f"id = {any_of(1)}", ids)

    async def doctor_by_crm(self, crm: CRM) -> Doctor | None:
        """If verified."""
        found = await self._where(
            _DOCTOR, "crm = $1 AND uf = $2 AND status = 'VERIFIED'", crm.number, crm.uf
        )
        return found[0] if found else None

    async def search(
        self,
        wanted: DoctorSearch,
        *,
        after: Sequence[Any] | None,
        limit: int,
        at: datetime,
        reader: UserId | None,
    ) -> Sequence[FoundDoctor]:
        """Verified doctors, later in the order than the key `after`; by a replica, if `reader` may
        be told what was true a moment ago.
        """
        sought = Sought(wanted=wanted, after=after, limit=limit)
        replica = self._replica
        asked = self._pool if replica is None or not replica.serves(reader) else replica
        statement, arguments = search.statement(sought, at=at)
        return [
            FoundDoctor(
                doctor=_DOCTOR.entity(record, self._vault),
                distance_km=record["distance_km"],
                sort_key=record["sort_key"],
            )
            for record in await asked.fetch(statement, *arguments)
        ]

    async def registrations(
        self,
        *,
        statuses: Sequence[DoctorStatus] | None,
        search: str | None,
        after: DoctorId | None,
        limit: int,
    ) -> Sequence[Doctor]:
        """Of every status, the latest first. `search`: a part of the name, or the CRM's digits."""
        return await self._where(
            _DOCTOR,
            "($1::text[] IS NULL OR status = ANY($1)) AND ($2::uuid IS NULL OR id < $2)"
            " AND ($3::text IS NULL OR strpos(name_search, plain_text($3)) > 0 OR crm = $3)"
            " ORDER BY id DESC LIMIT $4",
            statuses,
            after,
            search,
            limit,
        )

    async def standings(self, ids: Sequence[DoctorId]) -> Mapping[DoctorId, Sequence[Standing]]:
        """What was decided of each, the latest first."""
        async with self._pool.acquire() as connection:
            return await StandingTable(connection, self._vault).of(ids)

    async def verified(self, ids: Collection[DoctorId]) -> frozenset[DoctorId]:
        """Those that are."""
        found = await self._pool.fetch(
            "SELECT id FROM doctor WHERE id = ANY($1) AND status = 'VERIFIED'", list(ids)
        )
        return frozenset(record["id"] for record in found)

    async def reviews(
        self, doctor_ids: Sequence[DoctorId], *, after: ReviewId | None, limit: int
    ) -> Mapping[UUID, Sequence[Review]]:
        """Of each doctor, the newest first, older than `after`."""
        found: dict[UUID, list[Review]] = {id: [] for id in doctor_ids}
        for review in await self._fetch(_REVIEW, _REVIEWS, list(doctor_ids), after, limit):
            found[review.doctor_id].append(review)
        return found

    # -------------------------------------------------------------- slots

    async def slots(self, ids: Sequence[SlotId], *, at: datetime) -> Mapping[UUID, Slot]:
        found = await self._by_id(_SLOT, f"id = {any_of(1)}", ids)
        return {id: slot.as_of(at) for id, slot in found.items()}

    async def next_slots(
        self, doctor_ids: Sequence[DoctorId], *, first: int, at: datetime
    ) -> Mapping[UUID, Sequence[Slot]]:
        """Of each verified doctor, the next open slots, soonest first."""
        found: dict[UUID, list[Slot]] = {id: [] for id in doctor_ids}
        for slot in await self._fetch(_SLOT, _NEXT_SLOTS, list(doctor_ids), at, first):
            found[slot.doctor_id].append(slot.as_of(at))
        return found

    async def open_slots(
        self, asked: Sequence[tuple[DoctorId, datetime, datetime]], *, at: datetime
    ) -> Sequence[Sequence[Slot]]:
        """For each (doctor, from, to): the open slots that start in [from, to), in order."""
        columns = zip(*asked, strict=True)
        found: list[list[Slot]] = [[] for _ in asked]
        for record in await self._pool.fetch(_OPEN_SLOTS, *columns, at):
            found[record["number"]].append(_SLOT.entity(record, self._vault).as_of(at))
        return found

    async def agenda(
        self,
        doctor_id: DoctorId,
        *,
        earliest: datetime,
        latest: datetime,
        statuses: Sequence[SlotStatus] | None,
        at: datetime,
    ) -> Sequence[Slot]:
        """The doctor's own slots that start in [earliest, latest), of every status."""
        found = await self._where(
            _SLOT,
            "doctor_id = $1 AND starts_at >= $2 AND starts_at < $3 ORDER BY starts_at, id",
            doctor_id,
            earliest,
            latest,
        )
        current = [slot.as_of(at) for slot in found]
        return [slot for slot in current if statuses is None or slot.status in statuses]

    # ------------------------------------------------------- appointments

    async def appointments(
        self, ids: Sequence[AppointmentId], viewer: Viewer, *, at: datetime
    ) -> Mapping[UUID, Appointment]:
        """Those of them that are the viewer's."""
        whose = f"id = {any_of(1)} AND (doctor_id = $2 OR patient_id = $3)"
        found = await self._where(
            _APPOINTMENT, whose, list(ids), viewer.doctor_id, viewer.patient_id
        )
        return {each.id: each.as_of(at) for each in found}

    async def appointments_page(
        self,
        viewer: Viewer,
        *,
        statuses: Sequence[AppointmentStatus] | None,
        after: tuple[datetime, AppointmentId] | None,
        limit: int,
        at: datetime,
    ) -> Sequence[Appointment]:
        """The viewer's own, the latest start first."""
        side = "doctor_id" if viewer.doctor_id else "patient_id"
        found = await self._fetch(
            _APPOINTMENT,
            _APPOINTMENTS.format(side=side),
            viewer.user_id,
            at,
            statuses,
            *(after or (None, None)),
            limit,
        )
        return [each.as_of(at) for each in found]

    async def present(
        self, ids: Sequence[AppointmentId]
    ) -> Mapping[UUID, frozenset[AppointmentParty]]:
        """Which sides are in the waiting room of each."""
        return await consultations.present(self._pool, ids)

    async def signals(self, ids: Sequence[SignalId], viewer: Viewer) -> Mapping[UUID, Signal]:
        """Those of them that were sent to the viewer."""
        records = await self._pool.fetch(
            f"SELECT {_SIGNAL.of('signal')} FROM signal"
            " JOIN consultation ON consultation.id = signal.consultation_id"
            " JOIN appointment ON appointment.id = consultation.appointment_id"
            " WHERE signal.id = ANY($1) AND ((doctor_id = $2 AND sender = 'PATIENT')"
            " OR (patient_id = $3 AND sender = 'DOCTOR'))",
            list(ids),
            viewer.doctor_id,
            viewer.patient_id,
        )
        found = (_SIGNAL.entity(record, self._vault) for record in records)
        return {signal.id: signal for signal in found}

    async def device_checks(
        self, ids: Sequence[AppointmentId]
    ) -> Mapping[UUID, Sequence[DeviceCheck]]:
        """By the appointment they were made for."""
        async with self._pool.acquire() as connection:
            return await DeviceCheckTable(connection, self._vault).of(ids)

    async def in_person_requests(
        self, viewer: Viewer, *, after: InPersonRequestId | None, limit: int
    ) -> Sequence[InPersonRequest]:
        async with self._pool.acquire() as connection:
            table = InPersonRequestTable(connection, self._vault)
            return await table.page(viewer, after=after, limit=limit)

    async def reviews_of(self, ids: Sequence[AppointmentId]) -> Mapping[UUID, Review]:
        """By the appointment they are about."""
        found = await self._where(_REVIEW, "appointment_id = ANY($1)", list(ids))
        return {review.appointment_id: review for review in found}

    async def statistics(
        self,
        doctor_id: DoctorId,
        *,
        from_: datetime,
        to: datetime,
        step: StatisticsStep,
        at: datetime,
    ) -> DoctorStatistics:
        return await statistics.read(self._pool, doctor_id, from_=from_, to=to, step=step, at=at)

    # ------------------------------------------------------------- people

    async def patients(self, ids: Sequence[PatientId]) -> Mapping[UUID, Patient]:
        return await self._by_id(PatientTable.shape, f"id = {any_of(1)}", ids)

    async def patients_seen(
        self, ids: Sequence[PatientId], viewer: Viewer
    ) -> Mapping[UUID, Patient]:
        """Those of them that the viewer is, or as a doctor has, or had, an appointment with, or was
        asked by for a visit in person.
        """
        whose = (
            "id = ANY($1) AND (id = $2 OR EXISTS (SELECT FROM appointment"
            " WHERE appointment.doctor_id = $3 AND appointment.patient_id = patient.id)"
            " OR EXISTS (SELECT FROM in_person_request AS asked"
            " WHERE asked.doctor_id = $3 AND asked.patient_id = patient.id))"
        )
        found = await self._where(
            PatientTable.shape, whose, list(ids), viewer.patient_id, viewer.doctor_id
        )
        return {patient.id: patient for patient in found}

    async def account(self, id: UserId) -> Account | None:
        found = await self._where(AccountTable.shape, "id = $1", id)
        return found[0] if found else None

    async def calendar_feed(self, user_id: UserId) -> CalendarFeed | None:
        found = await self._where(CalendarFeedTable.shape, "user_id = $1", user_id)
        return found[0] if found else None

    async def account_of_doctor(self, crm: CRM) -> Account | None:
        async with self._pool.acquire() as connection:
            return await AccountTable(connection, self._vault).of_doctor(crm.number, crm.uf)

    async def account_of_administrator(self, email: str) -> Account | None:
        async with self._pool.acquire() as connection:
            return await AccountTable(connection, self._vault).of_administrator(email)

    async def account_of_patient(self, email: str, cpf: str) -> Account | None:
        async with self._pool.acquire() as connection:
            return await AccountTable(connection, self._vault).of_patient(email, cpf)

    async def sessions(self, user_id: UserId, *, at: datetime, limit: int) -> Sequence[Session]:
        """The live ones of a user, the one seen last first."""
        return await self._where(
            _SESSION,
            "user_id = $1 AND ended_at IS NULL AND expires_at > $2"
            " ORDER BY coalesce(seen_at, created_at) DESC, id DESC LIMIT $3",
            user_id,
            at,
            limit,
        )

    async def protection(self, id: UserId) -> Protection | None:
        """None while the account's second factor is off."""
        found = await self._pool.fetchrow(_PROTECTION, id)
        return Protection(**found) if found else None

    async def passkeys(self, user_id: UserId) -> Sequence[Passkey]:
        async with self._pool.acquire() as connection:
            return await PasskeyTable(connection, self._vault).of(user_id)

    async def may_hear(self, ids: Collection[SessionId]) -> frozenset[SessionId]:
        """The sessions, and partners' tokens, that live, and whose doctor, if it is one's, is
        verified now.
        """
        found = await self._pool.fetch(_MAY_HEAR, list(ids))
        return frozenset(record["id"] for record in found)

    # ----------------------------------------------------------- partners

    async def partners(self, *, after: PartnerId | None, limit: int) -> Sequence[Partner]:
        """The newest first, older than `after`."""
        return await self._where(
            _PARTNER, "$1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2", after, limit
        )

    async def partner(self, id: PartnerId) -> Partner | None:
        found = await self._where(_PARTNER, "id = $1", id)
        return found[0] if found else None

    async def usage(self, asked: Sequence[tuple[PartnerId, date]]) -> Sequence[Sequence[Usage]]:
        """For each (partner, day): what it used after that day, the latest first."""
        return await partner_usage.read(self._pool, asked)

    # ----------------------------------------------------------- the way in

    async def _fetch(self, shape: Shape[E], statement: str, *arguments: Any) -> list[E]:
        records = await self._pool.fetch(statement, *arguments)
        return [shape.entity(record, self._vault) for record in records]

    async def _where(self, shape: Shape[E], condition: str, *arguments: Any) -> list[E]:
        statement = f"SELECT {shape.columns} FROM {shape.name} WHERE {condition}"
        return await self._fetch(shape, statement, *arguments)

    async def _by_id(
        self, shape: Shape[E], condition: str, ids: Sequence[UUID]
    ) -> Mapping[UUID, Any]:
        found: list[Any] = await self._where(shape, condition, list(ids))
        return {entity.id: entity for entity in found}
