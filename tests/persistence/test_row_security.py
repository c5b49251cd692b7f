"""Going around the code: what the servers' role finds in the tables of records, whoever it says
that it is.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain import records
from domain.accesses import AccessAction, log
from domain.auth import SYSTEM, Viewer
from domain.doctors import DoctorStatus
from domain.ids import new_id
from domain.records import Announced, Document, DocumentStatus
from domain.shares import Share
from tests import make
from tests.make import Person
from tests.server import LocalServer

DAY = timedelta(days=1)
DENIED = asyncpg.InsufficientPrivilegeError  # row level security's error, too
ALL = {
    "document": "SELECT id FROM document",
    "share": "SELECT id FROM share",
    "share_document": "SELECT document_id FROM share_document",
    "record_access": "SELECT patient_id FROM record_access",
}


@dataclass(frozen=True, kw_only=True)
class World:
    """Ana has shared the first of her documents with the doctor; Bruno has one, of nobody else."""

    doctor: Person
    ana: Person
    bruno: Person
    first: Document
    second: Document
    his: Document
    share: Share


@pytest.fixture
async def world(server: LocalServer) -> World:
    server.now = datetime.now(UTC)
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    first, second, his = make.document(ana), make.document(ana), make.document(bruno)
    share = make.share(ana, doctor, includes_future=False)
    await server.given(doctor, ana, bruno, first, second, his, share)
    async with server.app.works.begin(ana.viewer) as work:
        await work.shares.add_documents(share.id, [first.id])
        log(work, ana.viewer, ana.id, AccessAction.SHARED, share_id=share.id)
    async with server.app.works.begin(bruno.viewer) as work:
        log(work, bruno.viewer, bruno.id, AccessAction.UPLOADED, document_id=his.id)
    return World(
        doctor=doctor, ana=ana, bruno=bruno, first=first, second=second, his=his, share=share
    )


@asynccontextmanager
async def entered(
    server: LocalServer, who: Viewer | Person | None
) -> AsyncGenerator[asyncpg.Connection]:
    """As the servers do, by their role; it is undone at the end."""
    connection = await asyncpg.connect(server.url)
    try:
        assert await connection.fetchval("SELECT current_user") == "healthmed_app"
        transaction = connection.transaction()
        await transaction.start()
        if who is not None:
            viewer = who.viewer if isinstance(who, Person) else who
            await connection.execute(
                "SELECT set_config('healthmed.viewer', $1, true)", str(viewer.user_id)
            )
        yield connection
        await transaction.rollback()
    finally:
        await connection.close()  # a test that fails keeps no locks


async def seen(server: LocalServer, who: Viewer | Person | None) -> dict[str, set[UUID]]:
    """Of each table, with no predicate at all."""
    async with entered(server, who) as connection:
        return {
            table: {row[0] for row in await connection.fetch(statement)}
            for table, statement in ALL.items()
        }


# ------------------------------------------------------------------------ what is seen


@pytest.mark.usefixtures("world")
async def test_who_has_not_said_who_he_is_sees_nothing(server: LocalServer):
    assert await seen(server, None) == {table: set() for table in ALL}
    async with entered(server, None) as connection:  # as a transaction leaves it to the next one
        await connection.execute("SELECT set_config('healthmed.viewer', '', true)")
        assert await connection.fetch("SELECT FROM document") == []


async def test_whoever_forgets_the_predicate_sees_his_own_alone(server: LocalServer, world: World):
    assert await seen(server, world.ana) == {
        "document": {world.first.id, world.second.id},
        "share": {world.share.id},
        "share_document": {world.first.id},
        "record_access": {world.ana.id},
    }
    assert await seen(server, world.bruno) == {
        "document": {world.his.id},
        "share": set(),
        "share_document": set(),
        "record_access": {world.bruno.id},
    }


async def test_a_doctor_sees_what_is_shared_with_him_and_no_log(server: LocalServer, world: World):
    await server.given(other := make.doctor())

    assert await seen(server, world.doctor) == {
        "document": {world.first.id},
        "share": {world.share.id},
        "share_document": {world.first.id},
        "record_access": set(),
    }
    assert await seen(server, other) == {table: set() for table in ALL}


@pytest.mark.parametrize(
    "given",
    [
        {"valid_from": datetime.now(UTC) - DAY, "valid_until": datetime.now(UTC)},
        {"valid_from": datetime.now(UTC) + DAY},
        {"revoked_at": datetime.now(UTC)},
    ],
    ids=["has ended", "has not begun", "was revoked"],
)
@pytest.mark.parametrize("whole", [True, False])
async def test_by_a_share_that_does_not_hold_now_nothing_is_seen(
    server: LocalServer, world: World, given: dict[str, Any], whole: bool
):
    await server.given(other := make.doctor())
    document = make.document(world.bruno)
    share = make.share(world.bruno, other, includes_future=whole, **given)
    await server.given(document, share)
    async with server.app.works.begin(world.bruno.viewer) as work:
        await work.shares.add_documents(share.id, [document.id])

    assert (await seen(server, other))["document"] == set()


@pytest.mark.parametrize("status", [s for s in DocumentStatus if s is not DocumentStatus.AVAILABLE])
async def test_of_a_whole_record_only_what_is_available_is_seen(
    server: LocalServer, world: World, status: DocumentStatus
):
    document = make.document(world.bruno, status=status)
    await server.given(document, make.share(world.bruno, world.doctor))

    documents = (await seen(server, world.doctor))["document"]

    assert documents == {world.first.id, world.his.id}


async def test_a_doctor_who_is_suspended_sees_nothing(server: LocalServer, world: World):
    suspended = replace(world.doctor.who, status=DoctorStatus.SUSPENDED)
    async with server.app.works.begin() as work:
        await work.doctors.save(suspended)

    assert (await seen(server, world.doctor))["document"] == set()


@pytest.mark.usefixtures("world")
async def test_who_is_neither_sees_nothing(server: LocalServer):
    for who in (make.administrator(), Viewer(user_id=new_id(), role=make.partner().viewer.role)):
        assert await seen(server, who) == {table: set() for table in ALL}


async def test_the_system_sees_what_is_not_here_and_rejects_it(server: LocalServer, world: World):
    coming = make.document(world.ana, status=DocumentStatus.UPLOADING)
    await server.given(coming)

    theirs = await seen(server, SYSTEM)

    assert coming.id in theirs["document"]
    assert not theirs["document"] & {world.first.id, world.second.id, world.his.id}
    assert (theirs["share"], theirs["record_access"]) == (set(), set())
    change = "UPDATE document SET status = '{}' WHERE id = $1"
    async with entered(server, SYSTEM) as connection:
        assert await connection.execute(change.format("REJECTED"), coming.id) == "UPDATE 1"
        assert await connection.execute(change.format("HIDDEN"), world.first.id) == "UPDATE 0"
        with pytest.raises(DENIED, match="row-level security"):
            await connection.execute(
                "UPDATE document SET status = 'AVAILABLE', version = '1', uploaded_at = now()"
                " WHERE id = $1",
                coming.id,
            )


# --------------------------------------------------------------------- what is changed


async def test_nobody_changes_what_is_somebody_elses(server: LocalServer, world: World):
    for who in (world.bruno, world.doctor, None):
        async with entered(server, who) as connection:
            for change in (
                "UPDATE document SET status = 'HIDDEN' WHERE patient_id = $1",
                "UPDATE share SET revoked_at = now() WHERE patient_id = $1",
                "UPDATE share SET valid_until = now() + interval '9 years' WHERE patient_id = $1",
            ):
                assert await connection.execute(change, world.ana.id) == "UPDATE 0"
            locked = "SELECT FROM document WHERE patient_id = $1 FOR NO KEY UPDATE"
            assert await connection.fetch(locked, world.ana.id) == []


async def test_nobody_gives_his_own_away_or_takes_it_from_another(
    server: LocalServer, world: World
):
    for table in ("document", "share"):
        async with entered(server, world.ana) as connection:
            with pytest.raises(DENIED, match="row-level security"):
                await connection.execute(f"UPDATE {table} SET patient_id = $1", world.bruno.id)


async def test_nobody_adds_to_what_is_somebody_elses(server: LocalServer, world: World):
    documents = (
        "INSERT INTO document SELECT (jsonb_populate_record(document, jsonb_build_object("
        "'id', gen_random_uuid(), 'patient_id', $1::uuid, 'object_key', gen_random_uuid()))).*"
        " FROM document LIMIT 1"
    )
    shares = (
        "INSERT INTO share (id, patient_id, doctor_id, includes_future, valid_from, valid_until)"
        " SELECT gen_random_uuid(), $1, $2, true, now(), now() + interval '1 day'"
    )
    for who in (world.bruno, world.doctor):
        for statement, given in ((documents, ()), (shares, (world.doctor.id,))):
            async with entered(server, who) as connection:
                with pytest.raises(DENIED, match="row-level security"):
                    await connection.execute(statement, world.ana.id, *given)
    async with entered(server, world.bruno) as connection:  # by the same statements
        assert await connection.execute(documents, world.bruno.id) == "INSERT 0 1"
        assert await connection.execute(shares, world.bruno.id, world.doctor.id) == "INSERT 0 1"


async def test_a_share_lists_documents_of_its_own_patient_alone(server: LocalServer, world: World):
    add = "INSERT INTO share_document (share_id, document_id) VALUES ($1, $2)"
    for who, document in (
        (world.ana, world.his),  # somebody else's document
        (world.bruno, world.his),  # in somebody else's share
        (world.doctor, world.second),  # a share that he sees
        (None, world.second),
    ):
        async with entered(server, who) as connection:
            with pytest.raises(DENIED, match="row-level security"):
                await connection.execute(add, world.share.id, document.id)
    async with entered(server, world.ana) as connection:
        assert await connection.execute(add, world.share.id, world.second.id) == "INSERT 0 1"


@pytest.mark.parametrize("table", ALL)
async def test_nobody_deletes_or_empties(server: LocalServer, world: World, table: str):
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        async with entered(server, world.ana) as connection:
            with pytest.raises(DENIED, match="permission denied"):
                await connection.execute(statement)


async def test_a_key_that_is_taken_by_what_one_does_not_see_is_taken_still(
    server: LocalServer, world: World
):
    """ON CONFLICT and constraints look behind the wall; foreign keys hold in front of it."""
    taken = make.document(world.bruno, id=world.first.id)
    async with server.app.works.begin(world.bruno.viewer) as work:
        assert not await work.documents.add(taken)
    of_nobody = make.document(make.patient())
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await server.given(of_nobody)
    gone = make.share(world.ana, make.doctor())
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await server.given(gone)


# --------------------------------------------------------------------------- the log


async def test_an_entry_bears_the_name_of_him_who_writes_it(server: LocalServer, world: World):
    add = (
        "INSERT INTO record_access (id, patient_id, number, at, actor_id, actor_role, action, tx,"
        " row, hash) VALUES (gen_random_uuid(), $1, 99, now(), $2, 'DOCTOR', 'DENIED', 1, 1, '')"
    )
    for who, actor in ((world.bruno, world.doctor), (None, world.doctor), (SYSTEM, world.doctor)):
        async with entered(server, who) as connection:
            with pytest.raises(DENIED, match="row-level security"):
                await connection.execute(add, world.ana.id, actor.id)
    async with entered(server, world.bruno) as connection:  # in the log of him whom it concerns
        assert await connection.execute(add, world.ana.id, world.bruno.id) == "INSERT 0 1"
        assert await connection.fetch("SELECT FROM record_access WHERE number = 99") == []


async def test_of_somebody_elses_chain_only_its_end_is_known(server: LocalServer, world: World):
    async with entered(server, world.bruno) as connection:
        end = await connection.fetch("SELECT * FROM record_access_head($1)", world.ana.id)
        whose = await connection.fetchval("SELECT owner_of_document($1)", world.first.id)
        nobodys = await connection.fetchval("SELECT owner_of_document($1)", new_id())

    [last] = await server.fetch("SELECT * FROM record_access WHERE patient_id = $1", world.ana.id)
    assert [tuple(row) for row in end] == [(last["number"], last["hash"])]
    assert (whose, nobodys) == (world.ana.id, None)


@pytest.mark.parametrize(
    "change",
    [
        *(f"UPDATE record_access SET {column} = {column}" for column in ("number", "purpose")),
        "DELETE FROM record_access",
        "TRUNCATE record_access",
        "UPDATE audit_entry SET action = 'Nothing'",
        "DELETE FROM audit_entry",
        "UPDATE standing SET status = 'VERIFIED'",
        "DELETE FROM standing",
        "UPDATE data_key SET wrapped = ''",
        "DELETE FROM data_key",
        "UPDATE alembic_version SET version_num = ''",
    ],
)
async def test_servers_change_nothing_that_stays_as_it_is(server: LocalServer, change: str):
    async with entered(server, SYSTEM) as connection:
        with pytest.raises(DENIED, match="permission denied"):
            await connection.execute(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE record_access SET number = number + 100 WHERE patient_id = $1",
        "UPDATE record_access SET hash = '', purpose = NULL WHERE patient_id = $1",
        "DELETE FROM record_access WHERE patient_id = $1",
        "TRUNCATE record_access",
    ],
)
async def test_not_even_the_owner_changes_the_log(server: LocalServer, world: World, change: str):
    given = [world.ana.id] if "$1" in change else []

    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await server.fetch(change, *given)

    assert await server.fetch("SELECT FROM record_access WHERE patient_id = $1", world.ana.id)


# ------------------------------------------------------------------- a unit of work


async def test_a_work_of_nobody_finds_no_records(server: LocalServer, world: World):
    async with server.app.works.begin() as work:
        assert await work.documents.get(world.first.id) is None
        assert await work.shares.get(world.share.id) is None
        assert await work.documents.kept_bytes(world.ana.id, since=make.NOW) == 0


async def test_an_upload_is_announced_and_completed_before_the_wall(
    server: LocalServer, world: World
):
    file = Announced(name="a.pdf", content_type="application/pdf", size=9, sha256="0" * 64)
    act, ana = server.app.works.act, world.ana.viewer

    coming = await act(
        lambda work: records.request_upload(work, ana, file, at=server.now), viewer=ana
    )
    done = await act(
        lambda work: records.complete(work, ana, coming.id, "1", at=server.now), viewer=ana
    )

    assert done.status is DocumentStatus.AVAILABLE
    assert (await seen(server, world.ana))["document"] > {done.id}
    assert done.id not in (await seen(server, world.doctor))["document"]


async def test_the_sweep_rejects_what_never_came_and_knows_what_to_remove(
    server: LocalServer, world: World
):
    long_ago = make.document(
        world.ana, status=DocumentStatus.UPLOADING, requested_at=make.NOW - 9000 * DAY
    )
    await server.given(long_ago)

    gone = await server.app.works.act(
        lambda work: records.give_up(work, at=server.now, limit=1), viewer=SYSTEM
    )
    assert [each.id for each in gone] == [long_ago.id]
    await server.app.works.act(lambda work: work.documents.removed([long_ago.id]), viewer=SYSTEM)

    async with server.app.works.begin(world.ana.viewer) as work:
        left = await work.documents.get(long_ago.id)
    assert (left.status, left.removed) == (DocumentStatus.REJECTED, True)


async def test_a_savepoint_that_is_undone_takes_nothing_along(server: LocalServer, world: World):
    async with server.app.works.begin(world.ana.viewer) as work:
        with suppress(ZeroDivisionError):
            async with work.savepoint():
                assert await work.documents.get(world.first.id) == world.first
                raise ZeroDivisionError
        assert await work.documents.get(world.first.id) == world.first


async def test_what_is_said_ends_with_its_transaction(server: LocalServer, world: World):
    async with server.app._pool.acquire() as connection:
        async with connection.transaction():
            said = "SELECT set_config('healthmed.viewer', $1, true)"
            await connection.fetchval(said, str(world.ana.id))
            assert len(await connection.fetch("SELECT FROM document")) == 2
        assert await connection.fetch("SELECT FROM document") == []
    records = server.app.services.records
    found = await records.documents([world.first.id, world.his.id], world.ana.id)
    assert set(found) == {world.first.id}
    assert await server.app._pool.fetch("SELECT FROM document") == []
