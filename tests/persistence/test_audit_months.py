"""The audit log lies in months: servers make them ahead of time, and else cannot reach them."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from alembic import command

from domain import clock
from domain.auth import Role, Viewer
from domain.ids import UserId, least_id, new_id
from migrations import migrate
from persistence import audit, closing, database
from persistence.database import Pool
from tests.conftest import TEMPLATE, create_database, url_of
from tests.server import owner_url

BEFORE = "7c41d09be352"  # the migration before there were months
WHERE = "SELECT tableoid::regclass::text FROM audit_entry WHERE id = $1"
MONTHS = (
    "SELECT inhrelid::regclass::text AS name, pg_get_expr(relpartbound, inhrelid) AS bound"
    " FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
    " WHERE inhparent = 'audit_entry'::regclass"
)
ENTRY = (
    "INSERT INTO audit_entry (id, user_id, role, action, subject)"
    " VALUES ($1, $2, 'PATIENT', 'Look', '{}')"
)


@pytest.fixture
async def name(worker_id: str) -> str:
    """Of a database of its own, for what is done here concerns all who write."""
    name = f"months_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    return name


@pytest.fixture
async def owner(name: str) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_url(url_of(name)))
    yield connection
    await connection.close()


@pytest.fixture
async def servers(name: str) -> AsyncGenerator[Pool]:
    pool = await database.connect(url_of(name), size=4)
    yield pool
    await pool.close()


def months() -> Iterator[datetime]:
    """The beginnings of the one after this, and those to follow."""
    today = clock.now()
    for ahead in range(1, 30):
        years, month = divmod(today.month - 1 + ahead, 12)
        yield datetime(today.year + years, month + 1, 1, tzinfo=UTC)


def table(month: datetime) -> str:
    return f"months.audit_entry_{month:%Y_%m}"


def id_in(month: datetime) -> UUID:
    return UUID(int=least_id(month + timedelta(days=3)).int | (new_id().int & (1 << 62) - 1))


async def neglected(owner: asyncpg.Connection) -> datetime:
    """No server has looked for months: one has all that comes, and says from when on."""
    made = {row["name"]: row["bound"] for row in await owner.fetch(MONTHS)}
    for name in made.keys() - {"months.audit_entry_before"}:
        await owner.execute(f"DROP TABLE {name}")
    [until] = made["months.audit_entry_before"].split("'")[1::2]
    await owner.execute(
        "CREATE TABLE months.audit_entry_later PARTITION OF audit_entry"
        f" FOR VALUES FROM ('{until}') TO (MAXVALUE)"
    )
    moment: datetime = await owner.fetchval("SELECT moment_of($1)", until)
    return moment


async def test_three_months_lie_ahead(owner: asyncpg.Connection):
    made = {row["name"] for row in await owner.fetch(MONTHS)}

    [_, second, third, *_] = months()
    assert {table(second), table(third), "months.audit_entry_later"} <= made
    assert await owner.fetchval("SELECT count(*) FROM months.audit_entry_later") == 0


async def test_an_entry_lies_in_the_month_of_its_id(owner: asyncpg.Connection):
    [_, second, third, *_, far] = months()
    ids = {
        table(second): UUID(int=least_id(third).int - 1),  # the last one that can be
        table(third): least_id(third),
        "months.audit_entry_later": id_in(far),
    }
    for id in ids.values():
        await owner.execute(ENTRY, id, uuid4())

    for where, id in ids.items():
        assert await owner.fetchval(WHERE, id) == where


async def test_where_months_are_made_nothing_is_done(owner: asyncpg.Connection, servers: Pool):
    before = await owner.fetch(MONTHS)

    await audit.make_months(servers)

    assert await owner.fetch(MONTHS) == before


async def test_servers_make_months_that_are_missing(owner: asyncpg.Connection, servers: Pool):
    await neglected(owner)

    await asyncio.gather(*(audit.make_months(servers) for _ in range(4)))

    await test_three_months_lie_ahead(owner)


async def test_what_came_while_nobody_made_months_is_in_one_of_its_own(
    owner: asyncpg.Connection, servers: Pool
):
    since = await neglected(owner)
    *_, month, following = (each for each in list(months())[:9] if each > since)
    ids = [id_in(since), id_in(month)]
    for id in ids:
        await servers.execute(ENTRY, id, uuid4())

    await audit.make_months(servers)

    assert [await owner.fetchval(WHERE, id) for id in ids] == [table(since)] * 2
    await servers.execute(ENTRY, least_id(following), uuid4())
    assert await owner.fetchval(WHERE, least_id(following)) == "months.audit_entry_later"
    await audit.make_months(servers)  # once more, and for good
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await owner.execute(f"DELETE FROM {table(since)}")


async def test_months_are_made_while_entries_are_written(owner: asyncpg.Connection, servers: Pool):
    await neglected(owner)
    viewer = Viewer(user_id=UserId(uuid4()), role=Role.PATIENT)
    written = 0

    async def write() -> None:
        nonlocal written
        while not made.done():
            async with servers.acquire() as connection, connection.transaction():
                await closing.store(connection, entries=[(viewer, Looked())])
            written += 1

    made = asyncio.ensure_future(audit.make_months(servers))
    await asyncio.gather(made, write(), write())

    assert written > 0
    entries = "SELECT count(*) FROM audit_entry WHERE user_id = $1"
    assert await owner.fetchval(entries, viewer.user_id) == written


async def test_servers_reach_months_by_the_whole_log_alone(servers: Pool):
    [_, month, *_] = months()
    for statement in (
        f"SELECT FROM {table(month)}",
        f"UPDATE {table(month)} SET action = 'Nothing'",
        f"DROP TABLE {table(month)}",
        "UPDATE audit_entry SET action = 'Nothing'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await servers.execute(statement)


@pytest.mark.parametrize(
    "change", ["UPDATE {} SET action = 'Nothing'", "DELETE FROM {}", "TRUNCATE {}"]
)
async def test_not_even_the_owner_changes_a_month(owner: asyncpg.Connection, change: str):
    [_, month, *_] = months()
    id = id_in(month)
    await owner.execute(ENTRY, id, uuid4())

    for name in (table(month), "audit_entry"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await owner.execute(change.format(name))

    assert await owner.fetchval(WHERE, id) == table(month)


# ------------------------------------------------------------------- the migration


class Looked:
    """An action, as far as the log goes."""

    __dataclass_fields__: dict[str, Any] = {}


@pytest.fixture
async def older(worker_id: str) -> str:
    """The URL of a database as the release before had it, for its owner."""
    name = f"older_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name)
    url = owner_url(url_of(name))
    migrate.apart(lambda: command.upgrade(migrate.configuration(url), BEFORE))
    return url


async def test_the_release_before_goes_on_writing_and_reading_through_the_migration(older: str):
    own, connection = await asyncpg.connect(older), await asyncpg.connect(older)
    user = uuid4()
    write = await connection.prepare(ENTRY)
    read = await connection.prepare(
        f"{audit.ENTRIES} WHERE user_id = $1 ORDER BY id DESC LIMIT 1000"
    )
    ids, stop = [], asyncio.Event()

    async def serve() -> None:
        while not stop.is_set():
            ids.append(id := new_id())
            await write.fetch(id, user)
            assert [row["id"] for row in await read.fetch(user)] == ids[:-1001:-1]
            await asyncio.sleep(0.002)

    serving = asyncio.create_task(serve())
    await asyncio.sleep(0.05)
    await asyncio.to_thread(migrate.upgrade, older)
    await asyncio.sleep(0.05)
    stop.set()
    await serving

    there = await own.fetch("SELECT id FROM audit_entry ORDER BY id")
    assert [row["id"] for row in there] == ids
    assert await own.fetchval(WHERE, ids[-1]) == "months.audit_entry_before"
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await own.execute("DELETE FROM audit_entry")
    for each in (own, connection):
        await each.close()


async def test_the_migration_is_undone_with_all_entries(older: str):
    migrate.upgrade(older)
    connection = await asyncpg.connect(older)
    [_, month, *_] = months()
    ids = sorted([new_id(), id_in(month)])
    for id in ids:
        await connection.execute(ENTRY, id, uuid4())
    grants = "SELECT relacl::text FROM pg_class WHERE oid = 'audit_entry'::regclass"
    granted = await connection.fetchval(grants)

    migrate.apart(lambda: command.downgrade(migrate.configuration(older), BEFORE))

    there = await connection.fetch("SELECT id FROM audit_entry ORDER BY id")
    assert [row["id"] for row in there] == ids
    assert await connection.fetchval(grants) == granted
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await connection.execute("DELETE FROM audit_entry")
    migrate.upgrade(older)  # and once more
    assert len(await connection.fetch("SELECT FROM audit_entry")) == len(ids)
    await connection.close()
