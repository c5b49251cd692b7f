"""Going around the code: what the servers' role finds in, and puts into, the notes of visits."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.appointments import Appointment, AppointmentStatus
from domain.auth import SYSTEM, Viewer
from domain.doctors import DoctorStatus
from domain.ids import new_id
from domain.visit_notes import VisitNote
from embedded import database
from tests import make
from tests.make import Person
from tests.persistence.test_row_security import DENIED, entered
from tests.server import LocalServer

DAY = timedelta(days=1)
ADD = (
    "INSERT INTO visit_note (id, appointment_id, patient_id, doctor_id, version, amends, text,"
    " written_at) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, '', now())"
)


@dataclass(frozen=True, kw_only=True)
class World:
    """The doctor has seen Ana and Bruno, and has written a note of each visit."""

    doctor: Person
    ana: Person
    bruno: Person
    visit: Appointment
    of_bruno: Appointment
    note: VisitNote
    his: VisitNote


@pytest.fixture
async def world(server: LocalServer) -> World:
    server.now = datetime.now(UTC)
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, visit = make.visit(doctor, ana, status="COMPLETED")
    later, of_bruno = make.visit(
        doctor, bruno, status="IN_PROGRESS", starts_at=make.TOMORROW + timedelta(hours=1)
    )
    note, his = make.note(visit), make.note(of_bruno)
    await server.given(doctor, ana, bruno, slot, visit, later, of_bruno, note, his)
    return World(
        doctor=doctor, ana=ana, bruno=bruno, visit=visit, of_bruno=of_bruno, note=note, his=his
    )


async def seen(server: LocalServer, who: Viewer | Person | None) -> set[UUID]:
    """With no predicate at all."""
    async with entered(server, who) as connection:
        return {row["id"] for row in await connection.fetch("SELECT id FROM visit_note")}


async def add(
    server: LocalServer, who: Viewer | Person | None, visit: Appointment, **given: Any
) -> str | type[Exception]:
    """What Postgres says to it, or the kind of its refusal."""
    values = {
        "patient_id": visit.patient_id,
        "doctor_id": visit.doctor_id,
        "version": 2,
        "amends": new_id(),
    } | given
    async with entered(server, who) as connection:
        try:
            return await connection.execute(ADD, visit.id, *values.values())
        except asyncpg.PostgresError as refusal:
            return type(refusal)


# ------------------------------------------------------------------------ what is seen


async def test_whoever_forgets_the_predicate_sees_his_own_alone(server: LocalServer, world: World):
    assert await seen(server, world.ana) == {world.note.id}
    assert await seen(server, world.bruno) == {world.his.id}
    assert await seen(server, world.doctor) == {world.note.id, world.his.id}


async def test_who_is_nobodys_doctor_or_has_not_said_who_he_is_sees_nothing(
    server: LocalServer, world: World
):
    await server.given(other := make.doctor())
    partner = Viewer(user_id=new_id(), role=make.partner().viewer.role)

    for who in (None, other, make.administrator(), SYSTEM, partner):
        assert await seen(server, who) == set()
    assert await seen(server, world.ana)  # there is something to see


async def test_by_the_whole_record_another_doctor_sees_that_patients_alone(
    server: LocalServer, world: World
):
    await server.given(other := make.doctor())
    await server.given(make.share(world.ana, other))

    assert await seen(server, other) == {world.note.id}


async def test_in_an_emergency_another_doctor_sees_that_patients_alone(
    server: LocalServer, world: World
):
    await server.given(other := make.doctor())
    slot, today = make.visit(other, world.bruno, status="CONFIRMED")
    await server.given(slot, today, make.emergency(today))

    assert await seen(server, other) == {world.his.id}


@pytest.mark.parametrize(
    "given",
    [
        {"valid_from": datetime.now(UTC) - DAY, "valid_until": datetime.now(UTC)},
        {"valid_from": datetime.now(UTC) + DAY},
        {"revoked_at": datetime.now(UTC)},
        {"includes_future": False},
    ],
    ids=["has ended", "has not begun", "was revoked", "is of listed documents"],
)
async def test_by_any_other_share_nothing_is_seen(
    server: LocalServer, world: World, given: dict[str, Any]
):
    await server.given(other := make.doctor())
    await server.given(make.share(world.ana, other, **given))

    assert await seen(server, other) == set()


@pytest.mark.parametrize(
    ("status", "holds"),
    [(it, it in {"CONFIRMED", "IN_PROGRESS", "COMPLETED"}) for it in AppointmentStatus],
)
async def test_by_a_share_for_an_appointment_it_is_seen_while_that_takes_place(
    server: LocalServer, world: World, status: AppointmentStatus, holds: bool
):
    """A REQUESTED one of these has lapsed."""
    await server.given(other := make.doctor())
    starts_at = server.now - timedelta(hours=1)
    times = {"starts_at": starts_at, "respond_by": starts_at}
    slot, visit = make.visit(other, world.ana, status=status, **times)
    bound = {"appointment_id": visit.id, "opens_before": DAY, "lasts_after": 7 * DAY}
    await server.given(slot, visit, make.share(world.ana, other, **bound))

    assert (await seen(server, other) == {world.note.id}) is holds


async def test_who_is_suspended_sees_what_he_wrote_and_nothing_of_others(
    server: LocalServer, world: World
):
    await server.given(other := make.doctor())
    await server.given(make.share(world.ana, other), make.share(world.bruno, other))
    for each in (other, world.doctor):
        async with server.app.works.begin() as work:
            await work.doctors.save(replace(each.who, status=DoctorStatus.SUSPENDED))

    assert await seen(server, other) == set()
    assert await seen(server, world.doctor) == {world.note.id, world.his.id}


# ---------------------------------------------------------------------- what is added


async def test_only_the_visits_doctor_adds_in_his_own_name(server: LocalServer, world: World):
    await server.given(other := make.doctor())
    await server.given(make.share(world.ana, other))
    amends = {"amends": world.note.id}
    for who, given in (
        (None, {}),
        (SYSTEM, {}),
        (world.ana, {}),
        (world.ana, {"doctor_id": world.ana.id}),
        (other, {}),
        (other, {"doctor_id": other.id}),  # somebody else's visit
        (world.doctor, {"doctor_id": other.id}),  # somebody else's name
        (world.doctor, {"patient_id": world.bruno.id}),  # somebody else's record
    ):
        assert await add(server, who, world.visit, **amends | given) is DENIED

    assert await add(server, world.doctor, world.visit, **amends) == "INSERT 0 1"


async def test_who_is_suspended_adds_nothing(server: LocalServer, world: World):
    async with server.app.works.begin() as work:
        await work.doctors.save(replace(world.doctor.who, status=DoctorStatus.SUSPENDED))

    assert await add(server, world.doctor, world.visit, amends=world.note.id) is DENIED


@pytest.mark.parametrize("status", [*AppointmentStatus])
async def test_of_a_visit_that_does_not_take_place_nothing_is_added(
    server: LocalServer, world: World, status: AppointmentStatus
):
    slot, visit = make.visit(
        world.doctor, world.ana, status=status, starts_at=make.TOMORROW + timedelta(hours=3)
    )
    await server.given(slot, visit)
    first = {"version": 1, "amends": None}

    seen = status in {"IN_PROGRESS", "COMPLETED"}
    assert await add(server, world.doctor, visit, **first) == ("INSERT 0 1" if seen else DENIED)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"version": 1, "amends": None}, asyncpg.UniqueViolationError),
        ({"version": 2, "amends": None}, asyncpg.CheckViolationError),
        ({"version": 0, "amends": new_id()}, asyncpg.CheckViolationError),
        ({"version": 2, "amends": new_id()}, asyncpg.ForeignKeyViolationError),
    ],
    ids=["another first one", "amends none", "before the first", "amends what is not there"],
)
async def test_versions_follow_one_another(
    server: LocalServer, world: World, given: dict[str, Any], error: type[Exception]
):
    assert await add(server, world.doctor, world.visit, **given) is error


async def test_a_version_is_amended_once(server: LocalServer, world: World):
    amended = make.note(world.visit, version=2, amends=world.note.id)
    await server.given(amended)

    again = await add(server, world.doctor, world.visit, version=3, amends=world.note.id)

    assert again is asyncpg.UniqueViolationError


# -------------------------------------------------------------------- what stays


@pytest.mark.parametrize(
    "change",
    ["UPDATE visit_note SET text = ''", "DELETE FROM visit_note", "TRUNCATE visit_note"],
)
async def test_servers_change_and_remove_nothing(server: LocalServer, world: World, change: str):
    for who in (world.doctor, world.ana):
        async with entered(server, who) as connection:
            with pytest.raises(DENIED, match="permission denied"):
                await connection.execute(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE visit_note SET version = 9, amends = id WHERE id = $1",
        "UPDATE visit_note SET text = '', written_at = now() WHERE id = $1",
        "UPDATE visit_note SET doctor_id = doctor_id, patient_id = gen_random_uuid() WHERE id = $1",
        "DELETE FROM visit_note WHERE id = $1",
        "TRUNCATE visit_note",
    ],
)
async def test_not_even_the_owner_changes_what_was_written(
    server: LocalServer, world: World, change: str
):
    given = [world.note.id] if "$1" in change else []

    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await server.fetch(change, *given)


async def test_whoever_lets_servers_in_later_gives_them_no_more(server: LocalServer):
    """As somebody does whose servers go by another role; it is undone at the end."""
    connection = await asyncpg.connect(server.owner_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SELECT admit_servers($1::text::regrole)", database.SERVERS)
    may = [
        await connection.fetchval("SELECT has_table_privilege($1, 'visit_note', $2)", *asked)
        for asked in ((database.SERVERS, kind) for kind in ("SELECT", "INSERT", "UPDATE", "DELETE"))
    ]
    await transaction.rollback()
    await connection.close()

    assert may == [True, True, False, False]
