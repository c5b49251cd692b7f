"""A row's columns bear the names of its entity's fields, and give back what was put in."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import get_type_hints
from uuid import UUID

import pytest
import sqlalchemy as sa

import persistence.unit_of_work  # noqa: F401  # loads every table
from domain.appointments import AppointmentParty, AppointmentStatus
from domain.auth import Role, Viewer
from domain.enrolments import Enrolment
from domain.exports import ExportStatus
from domain.ids import UserId
from domain.patients import CpfStanding
from domain.records import DocumentStatus
from domain.registries import UncheckedNumber
from domain.second_factor import SecondFactor
from domain.slots import SlotStatus
from persistence.table import Row, Table
from persistence.tables import ROWS
from tests import make
from tests.make import NOW
from tests.server import LocalServer

TABLES = Table.__subclasses__()
every_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)


def columns(table):
    """Those that are written to; the database itself makes the others."""
    return {c.name: c for c in table.row.__table__.columns if c.computed is None}


@every_table
def test_a_row_has_the_shape_of_its_entity(table):
    names = {field.name for field in fields(table.entity)}

    assert set(columns(table)) == names | set(table.lookups)
    assert names.isdisjoint(table.lookups)
    assert table.__name__ == f"{table.entity.__name__}Table"
    assert table.row.__name__ == f"{table.entity.__name__}Row"


@every_table
def test_a_column_may_be_null_where_its_field_may_be_none(table):
    hints = get_type_hints(table.entity)

    may_be_null = {name for name, column in columns(table).items() if column.nullable}

    assert may_be_null == {name for name, hint in hints.items() if _optional(hint)}


def _optional(hint):
    return type(None) in getattr(hint, "__args__", ())


@every_table
def test_what_is_sealed_or_looked_up_is_kept_as_bytes(table):
    kept_as_bytes = {n for n, c in columns(table).items() if isinstance(c.type, sa.LargeBinary)}
    hints = get_type_hints(table.entity)
    bytes_already = {name for name, hint in hints.items() if hint in (bytes, bytes | None)}

    assert kept_as_bytes - bytes_already == table.sealed | set(table.lookups)


def test_every_row_is_among_the_tables_that_migrations_make():
    assert set(ROWS) == set(Row.__subclasses__())
    assert {table.row for table in TABLES} < set(ROWS)


def _one_of_each():
    doctor, ana = make.doctor(latitude=-0.1, longitude=1e-9), make.patient(birth_date=NOW.date())
    other = make.patient(cpf_standing=CpfStanding.VOID)
    bare = make.doctor(city=None, latitude=None, longitude=None, specialties=())
    slot, held = make.slots(doctor, 2)
    held = held.held(ana.id, until=NOW)
    appointment = make.appointment(
        slot,
        ana,
        version=7,
        status=AppointmentStatus.CANCELLED,
        reason="dor no peito 🫀",
        justification="",
        ended_by=AppointmentParty.PATIENT,
    )
    plain = make.appointment(slot, ana)
    seen = make.appointment(held, ana, status=AppointmentStatus.COMPLETED)
    met = make.consultation(seen, meeting="a meeting")
    waiting = {"doctor_joined_at": None, "patient_joined_at": None, "over": True}
    note = make.note(seen, text="Alta 🫀\n\tretorna em um mês")
    begun = SecondFactor(id=doctor.account.id, secret="ABCD", begun_at=NOW)  # noqa: S106  # of nobody
    fresh = make.passkey(ana, transports=(), backed_up=False, sign_count=2**32 - 1)
    program = make.partner()
    rotated = make.partner(previous_hash=b"before", previous_until=NOW, suspended_at=NOW)
    issued, paper = make.paper(doctor, ana, seen)
    document = make.document(ana, version=None, uploaded_at=None, status=DocumentStatus.UPLOADING)
    bound = {"opens_before": timedelta(hours=24), "lasts_after": timedelta(days=7)}
    shares = [
        make.share(ana, doctor, revoked_at=NOW),
        make.share(ana, doctor, appointment_id=plain.id, **bound),
    ]
    asked = make.access_request(doctor, ana)
    answered = make.access_request(bare, ana, answered_at=NOW, share_id=shares[0].id)
    emergency = make.emergency(plain)
    reviewed = {"reviewed_at": NOW, "reviewed_by": UserId(bare.id), "note": "Foi como devia ser."}
    ready = make.export(
        ana,
        status=ExportStatus.READY,
        progress=1.0,
        size=2**40,
        version="7",
        expires_at=NOW,
        claim=UUID(int=7),
        leased_until=NOW,
        tries=3,
        removed=True,
    )
    return {
        "partners": [program.who, rotated.who],
        "partner_tokens": [program.token, replace(rotated.token, ended_at=NOW)],
        "accounts": [doctor.account, bare.account, ana.account, other.account],
        "sessions": [
            doctor.session,
            replace(ana.session, pool_grant="of a pool", cookie_key=UUID(int=7)),
        ],
        "enrolments": [Enrolment(id=doctor.account.id, begun_at=NOW, abandoned_at=NOW)],
        "second_factors": [begun, replace(begun, id=ana.account.id, enabled_at=NOW, last_step=7)],
        "passkeys": [make.passkey(doctor, used_at=NOW), fresh],
        "doctors": [doctor.who, bare.who],
        "standings": [make.standing(doctor)],
        "patients": [ana.who, replace(other.who, erased_at=NOW)],
        "slots": [slot, held],
        "appointments": [appointment, plain, seen],
        "consultations": [met, make.consultation(plain, **waiting)],
        "signals": [make.signal(met)],
        "documents": [
            document,
            make.document(ana, removed=True, status=DocumentStatus.REJECTED),
            issued,
        ],
        "papers": [paper],
        "shares": shares,
        "access_requests": [asked, answered],
        "emergencies": [
            emergency,
            make.emergency(plain, opened_at=NOW, ends_at=NOW + timedelta(hours=1), **reviewed),
        ],
        "exports": [make.export(ana), ready],
        "device_checks": [
            make.device_check(plain, round_trip_ms=40, up_kbps=2000, down_kbps=10_000_000),
            make.device_check(plain, party=AppointmentParty.DOCTOR, browser=None),
        ],
        "in_person_requests": [
            make.in_person_request(ana, doctor, withdrawn_at=NOW),
            make.in_person_request(
                ana, bare, answered_at=NOW, accepted=False, answer="Não atendo em consultório."
            ),
        ],
        "calendar_feeds": [make.calendar_feed(ana)],
        "links": [make.link(ana), make.link(doctor, spent_at=NOW)],
        "unchecked_numbers": [UncheckedNumber(id=ana.account.id, added_at=NOW, due_at=NOW)],
        "visit_notes": [note, make.note(seen, version=2, amends=note.id)],
        "reviews": [make.review(appointment, comment="ótima"), make.review(plain)],
    }


BY_DOCTORS = {"papers", "visit_notes"}  # who alone add them


async def test_an_entity_comes_back_as_it_was_put_in(server: LocalServer):
    given = _one_of_each()
    ana, _ = given["patients"]
    viewer = Viewer(user_id=UserId(ana.id), role=Role.PATIENT)

    writer = Viewer(user_id=UserId(given["doctors"][0].id), role=Role.DOCTOR)
    for name, entities in given.items():
        async with server.app.works.begin(writer if name in BY_DOCTORS else viewer) as work:
            for entity in entities:
                assert await getattr(work, name).add(entity)
    async with server.app.works.begin(viewer) as work:
        for name, entities in given.items():
            found = [await getattr(work, name).get(entity.id) for entity in entities]

            assert found == entities
            for one, other in zip(found, entities, strict=True):  # "OPEN" equals SlotStatus.OPEN
                for field in fields(one):
                    kind = type(getattr(other, field.name))
                    assert isinstance(getattr(one, field.name), kind)
    assert {type(entity) for kind in given.values() for entity in kind} == {
        table.entity for table in TABLES
    }


async def test_saving_writes_every_field_and_adding_twice_adds_nothing(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    held = slot.held(ana.id, until=NOW)

    async with server.app.works.begin() as work:
        await work.slots.save(held)
        again = await work.slots.add_all([slot, make.slot(doctor)])

    assert again == 0
    assert await server.slot(slot.id) == held
    assert held.status is SlotStatus.HELD
