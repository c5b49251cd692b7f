"""The whole server but for its doors: what tests of resolvers and subscriptions talk to."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from unittest import mock

import asyncpg

from app import App, Caller
from domain.access_requests import AccessRequest
from domain.appointments import Appointment
from domain.auth import Role, Viewer
from domain.calendar_feeds import CalendarFeed
from domain.consultations import Consultation
from domain.device_checks import DeviceCheck
from domain.doctors import Doctor
from domain.emergencies import EmergencyAccess
from domain.events import Event, Position
from domain.exports import RecordExport
from domain.ids import AppointmentId, SessionId, SlotId, UserId
from domain.in_person_requests import InPersonRequest
from domain.papers import Paper
from domain.passkeys import Passkey
from domain.patients import Patient
from domain.records import Document
from domain.reviews import Review
from domain.shares import Share
from domain.signals import Signal
from domain.slots import Slot
from domain.visit_notes import VisitNote
from embedded import database, postgres
from persistence import event_log
from persistence.tables import ROWS
from tests.make import NOW, Person, Program
from transport.documents import Documents
from transport.errors import Unfit
from transport.execution import Operations, core_schema
from wiring.schema import graphql_schema
from wiring.settings import Settings

NEVER = 10.0**6  # seconds: tests sweep, remind, and write down use, when they want to
_EVERY = ("sweep_every", "usage_every", "export_every", "remind_every")
# What the hub, the wake-ups, waiting rooms, ended sessions, the clock and the replica are read with
# is no operation's.
_OF_ITS_OWN = ("event_log", "pg_notify", "FROM data_key", "FROM edge", "WHERE ended_at")
_OF_ITS_OWN += ("DELETE FROM presence", "SELECT clock_timestamp()", "_wal_")
_KINDS = frozenset(event_log._kinds(Event).values())
_ALL_OF = (
    " UNION ALL ".join(
        f"SELECT '{table}' AS kind, to_jsonb(it)::text AS row FROM {table} it WHERE {whose}"
        for table, whose in {
            "doctor": "id = ANY($1)",
            "slot": "doctor_id = ANY($1) OR held_by = ANY($1)",
            "appointment": "doctor_id = ANY($1) OR patient_id = ANY($1)",
            "consultation": "appointment_id IN (SELECT id FROM appointment"
            " WHERE doctor_id = ANY($1) OR patient_id = ANY($1))",
            "device_check": "appointment_id IN (SELECT id FROM appointment"
            " WHERE doctor_id = ANY($1) OR patient_id = ANY($1))",
            "review": "doctor_id = ANY($1)",
            "event": "doctor_id = ANY($1) OR patient_id = ANY($1)",
            "audit_entry": "user_id = ANY($1)",
            "document": "patient_id = ANY($1)",
            "paper": "patient_id = ANY($1) OR doctor_id = ANY($1)",
            "share": "patient_id = ANY($1) OR doctor_id = ANY($1)",
            "in_person_request": "patient_id = ANY($1) OR doctor_id = ANY($1)",
            "access_request": "patient_id = ANY($1) OR doctor_id = ANY($1)",
            "emergency_access": "patient_id = ANY($1) OR doctor_id = ANY($1)",
            "record_export": "patient_id = ANY($1)",
            "visit_note": "patient_id = ANY($1)",
            "record_access": "patient_id = ANY($1)",
        }.items()
    )
    + " ORDER BY kind, row"
)

_COLLECTIONS = {
    AccessRequest: "access_requests",
    Appointment: "appointments",
    CalendarFeed: "calendar_feeds",
    Consultation: "consultations",
    DeviceCheck: "device_checks",
    Document: "documents",
    EmergencyAccess: "emergencies",
    InPersonRequest: "in_person_requests",
    Paper: "papers",
    Passkey: "passkeys",
    RecordExport: "exports",
    Share: "shares",
    Signal: "signals",
    VisitNote: "visit_notes",
}
_WALLED = {Document, Paper, Share, VisitNote}


class LocalServer:
    """`now` is the server's clock, which stands still unless a test sets it."""

    _owner: asyncpg.Pool

    def __init__(self, database_url: str, keys_file: Path, **given: Any) -> None:
        self.now: datetime = NOW
        self.ended: list[SessionId] = []  # sessions, as the doors would be told
        self.url, self.owner_url = database_url, owner_url(database_url)
        settings = Settings(
            database_url=database_url,
            keys_file=keys_file,
            **{"database_connections": 40, **dict.fromkeys(_EVERY, NEVER), **given},
        )
        self.app = App(settings, now=lambda: self.now)
        self.documents = Documents(core_schema(graphql_schema))
        self.operations = Operations(
            graphql_schema,
            authenticate=self.app.authenticate,
            make_context=self.app.make_context,
            ran=self.app.ran,
            quick=self.app.quick,
        )
        self.reference = Operations(  # which reads without plans
            graphql_schema,
            authenticate=self.app.authenticate,
            make_context=self.app.make_context,
        )

    @classmethod
    @asynccontextmanager
    async def run(cls, database_url: str, keys_file: Path, **given: Any) -> AsyncGenerator[Self]:
        """`given`: settings that are not the usual ones."""
        server = cls(database_url, keys_file, **given)
        owner = asyncpg.create_pool(
            server.owner_url, min_size=0, max_size=10, statement_cache_size=0
        )
        async with server.app.run(server.ended.append), owner as server._owner:
            yield server

    async def given(self, *things: Any) -> None:
        """Put them into the database as they are: people, slots, appointments, reviews."""
        async with self.app.works.begin() as work:
            for thing in (each for each in things if type(each) not in _WALLED):
                match thing:
                    case Person():
                        await work.accounts.add(thing.account)
                        await work.sessions.add(thing.session)
                        if isinstance(thing.who, Doctor):
                            assert await work.doctors.add(thing.who)
                        elif isinstance(thing.who, Patient):
                            assert await work.patients.add(thing.who)
                    case Program():
                        assert await work.partners.add(thing.who)
                        await work.partner_tokens.add(thing.token)
                    case Slot():
                        assert await work.slots.add_all([thing]) == 1
                    case Review():
                        assert await work.reviews.add(thing)
                        await work.doctors.rate(thing.doctor_id, thing.stars)
                    case list():
                        assert await work.slots.add_all(thing) == len(thing)
                    case _:
                        assert await getattr(work, _COLLECTIONS[type(thing)]).add(thing)
        for thing in (each for each in things if type(each) in _WALLED):
            async with self.app.works.begin(_writer(thing)) as work:
                assert await getattr(work, _COLLECTIONS[type(thing)]).add(thing)

    async def answer(
        self, query: str, person: Person | Program | None = None, /, **variables: Any
    ) -> dict[str, Any]:
        """The whole answer, errors and all, as a client would get it."""
        caller = Caller(viewer=person.viewer if person else None)
        try:
            operation = self.documents.prepare(query)
            answer = await self.operations.answer(operation, plain(variables), caller)
        except Unfit as unfit:
            return {"errors": unfit.errors}
        return json.loads(answer)

    async def ask(
        self, query: str, person: Person | Program | None = None, /, **variables: Any
    ) -> Any:
        """The data; any error fails the test. Of a single root field, its value."""
        answer = await self.answer(query, person, **variables)
        assert "errors" not in answer, answer["errors"]
        data = answer["data"]
        return next(iter(data.values())) if len(data) == 1 else data

    async def refuse(
        self, query: str, person: Person | Program | None = None, /, **variables: Any
    ) -> str:
        """The code of the one error with which the operation is refused."""
        answer = await self.answer(query, person, **variables)
        [error] = answer["errors"]
        return error["extensions"]["code"]

    async def slot(self, id: SlotId) -> Slot:
        """As its row says."""
        async with self.app.works.begin() as work:
            found = await work.slots.get(id)
        assert found is not None
        return found

    async def appointment(self, id: AppointmentId) -> Appointment:
        """As its row says."""
        async with self.app.works.begin() as work:
            found = await work.appointments.get(id)
        assert found is not None
        return found

    async def events(self, person: Person) -> list[Event]:
        """All that was ever told about this doctor or patient, in order."""
        log = self.app.log
        start, now = event_log.Position(0, 0), await self.settled()
        told = await log.replay(start, now, frozenset({person.id}), _KINDS, limit=10_000)
        return [each.event for each in told]

    async def told(self, person: Person) -> list[str]:
        """The names of the events that this doctor or patient could hear, in order."""
        return [type(event).__name__ for event in await self.events(person)]

    async def audited(self, person: Person | Program) -> list[str]:
        """The names of what this person did, as the audit log has them, in order."""
        entries = await self.fetch(
            "SELECT action FROM audit_entry WHERE user_id = $1 ORDER BY at, id", person.id
        )
        return [entry["action"] for entry in entries]

    @asynccontextmanager
    async def unchanged(self, *people: Person) -> AsyncGenerator[None]:
        """Fails the test if anything of these people changes inside: rows, events, audit."""
        before = await self.fetch(_ALL_OF, [person.id for person in people])
        yield
        assert await self.fetch(_ALL_OF, [person.id for person in people]) == before

    async def settled(self) -> event_log.Position:
        """How far the log reaches, once nothing is left that cannot be read yet."""
        position = await self.app.log.now()
        while True:
            page = await self.app.log.read(position, limit=10_000)
            position = page.position
            if not page.unsettled:
                return position
            await asyncio.sleep(0.005)

    async def counts(self) -> dict[str, int]:
        """How many rows each table has: as before, after an act that was refused."""
        tables = [row.__tablename__ for row in ROWS]
        counted = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in tables)
        [record] = await self.fetch(f"SELECT {counted}")
        return dict(record)

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        """By the owner of the tables, whom no wall holds."""
        return await self._owner.fetch(statement, *arguments)

    @contextmanager
    def statements(self) -> Generator[list[str]]:
        """The SQL statements that are run inside, but for BEGIN and COMMIT."""
        seen: list[str] = []
        run = asyncpg.Connection._execute

        async def noting(connection: Any, query: str, *arguments: Any, **options: Any) -> Any:
            if not any(word in query for word in _OF_ITS_OWN):
                seen.append(query)
            return await run(connection, query, *arguments, **options)

        with mock.patch.object(asyncpg.Connection, "_execute", noting):
            yield seen

    @asynccontextmanager
    async def listening(
        self, subscription: str, person: Person | Program | None = None, /, **variables: Any
    ) -> AsyncGenerator["Listening"]:
        """Hears a subscription as a socket would.

        What was told before is settled first. Else a test of another worker, whose transactions
        are of the same Postgres, could keep it back until after the subscription.
        """
        with suppress(TimeoutError):  # a test may hold a transaction open itself
            async with asyncio.timeout(0.5):
                await self.settled()
        caller = Caller(viewer=person.viewer if person else None)
        operation = self.documents.prepare(subscription)
        granted = await self.operations.subscribe(operation, plain(variables), caller)
        listening = Listening()
        following = await granted.source.follow(granted.key, granted.render, listening)
        listening.following = following
        await asyncio.wait([following._task], timeout=5)  # until it has found its place in the log
        try:
            yield listening
        finally:
            following.leave()


class Listening:
    """A sink that keeps what it is offered. With `room`, it refuses after so many."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.bursts: list[int] = []  # how many events were offered at once
        self.finished: Exception | None = None
        self.over = False
        self.room: int | None = None
        self.following: Any = None

    def offer(self, payload: bytes, _: object = None, /) -> bool:
        if self.room is not None:
            if self.room == 0:
                return False
            self.room -= 1
        self.heard.put_nowait(json.loads(payload))
        return True

    def offer_all(self, told: Sequence[tuple[object, bytes]], /) -> int:
        self.bursts.append(len(told))
        for taken, (position, payload) in enumerate(told):
            if not self.offer(payload, position):
                return taken
        return len(told)

    def starts(self, position: object, /) -> None:
        pass

    def finish(self, error: Exception | None = None, /) -> None:
        self.finished, self.over = error, True

    async def next(self, seconds: float = 5) -> Any:
        """The next event's root value; fails the test if there is none in time."""
        answer = await asyncio.wait_for(self.heard.get(), seconds)
        assert "errors" not in answer, answer["errors"]
        return next(iter(answer["data"].values()))

    async def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing more comes within this time."""
        await asyncio.sleep(seconds)
        return self.heard.empty()


def owner_url(url: str) -> str:
    """Of the same database, for what the servers' role may not do."""
    return url.replace(f"//{database.SERVERS}@", f"//{postgres.USER}@")


def plain(variables: dict[str, Any]) -> dict[str, Any]:
    """Variables as JSON would carry them: a position is its cursor, and not the tuple it is."""
    shown = {key: str(it) if isinstance(it, Position) else it for key, it in variables.items()}
    return json.loads(json.dumps(shown, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _writer(thing: Any) -> Viewer:
    """Who adds it to a record."""
    if isinstance(thing, Paper | VisitNote):
        return Viewer(user_id=UserId(thing.doctor_id), role=Role.DOCTOR)
    return Viewer(user_id=UserId(thing.patient_id), role=Role.PATIENT)


def gid(thing: Any) -> str:
    """The public id of an entity."""
    who = thing.who if isinstance(thing, Person | Program) else thing
    if isinstance(who, VisitNote):
        return f"note_{who.id}"
    return f"{type(who).__name__.lower()}_{who.id}"
