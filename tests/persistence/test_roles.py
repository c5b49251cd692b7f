"""What the servers' role may do with each table, decided one by one; and mere owners."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from embedded import database, postgres
from integrations.key_wrapping import FileWrapping
from migrations import migrate
from persistence import data_keys
from persistence.data_keys import Keyring
from persistence.database import connect
from persistence.resealing import Resealing
from persistence.tables import ROWS
from tests import make
from tests.conftest import url_of
from tests.resolvers.test_shares import shared
from tests.server import LocalServer, gid, owner_url

READ, ADD, CHANGE, REMOVE = "SELECT", "INSERT", "UPDATE", "DELETE"
# A new table is theirs to read and write, until its migration takes that back. Decide here.
AS_THEY_LIKE = {
    *("account", "appointment", "attempt", "doctor", "event", "event_log_edge"),
    *("idempotency_key", "link", "mail", "partner", "partner_token", "partner_usage", "passkey"),
    *("patient", "rate", "recovery_code", "review", "second_factor", "session", "slot"),
    *("consultation", "device_check", "enrolment", "in_person_request", "presence"),
    *("record_export", "signal", "spent_challenge", "unchecked_number"),
    *("calendar_feed", "reminder"),
}
KEPT = {"access_request", "document", "emergency_access", "share"}
STAYS = {
    *("audit_entry", "data_key", "paper", "record_access", "share_document", "standing"),
    "visit_note",
}
MAY = {
    **{table: {READ, ADD, CHANGE, REMOVE} for table in AS_THEY_LIKE},
    **{table: {READ, ADD, CHANGE} for table in KEPT},
    **{table: {READ, ADD} for table in STAYS},
    **{table: {READ} for table in ("alembic_version", "doctor_specialty")},
}
WALLED = {"document", "paper", "share", "share_document", "record_access", "visit_note"}


async def test_of_every_table_it_is_decided_what_servers_may_do(server: LocalServer):
    assert set(MAY) == {row.__tablename__ for row in ROWS} | {"alembic_version"}

    for table, may in MAY.items():
        [granted] = await server.fetch(
            "SELECT array_agg(kind) FILTER (WHERE has_table_privilege($1, $2, kind)) FROM"
            " unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS kind",
            database.SERVERS,
            table,
        )
        assert set(granted[0]) == may, table


async def test_what_bears_a_document_or_a_patient_of_a_record_is_walled(server: LocalServer):
    rows = await server.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r' AND relrowsecurity"
    )

    assert {row["relname"] for row in rows} == WALLED


async def test_the_servers_role_owns_nothing_and_makes_nothing(server: LocalServer):
    connection = await asyncpg.connect(server.url)
    role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = current_user")
    owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"

    assert role["rolname"] == database.SERVERS
    powers = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolbypassrls", "rolreplication")
    assert not any(role[power] for power in powers)
    assert await connection.fetchval(owned) == 0
    for statement in ("CREATE TABLE mine ()", "ALTER TABLE document DISABLE ROW LEVEL SECURITY"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_functions_that_look_behind_the_wall_are_for_servers_alone(server: LocalServer):
    for function in (
        *("owner_of_document(uuid)", "record_access_head(uuid)", "paper_of_code(text)"),
    ):
        [[acl]] = await server.fetch(
            "SELECT proacl::text FROM pg_proc WHERE oid = $1::text::regprocedure", function
        )
        assert database.SERVERS in acl
        assert "{=X/" not in acl  # PUBLIC
        assert ",=X/" not in acl


# ------------------------------------------------------------ an owner who is no superuser


@pytest.fixture
async def modest(worker_id: str) -> AsyncGenerator[str]:
    """The name of an owner who may not even make roles, and of a database that he has migrated."""
    name = f"modest_{worker_id}_{uuid4().hex[:8]}"
    root = await asyncpg.connect(owner_url(url_of("postgres")))
    await root.execute(f"CREATE ROLE {name} LOGIN")
    await root.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0")
    within = await asyncpg.connect(owner_url(url_of(name)))
    await within.execute("CREATE EXTENSION earthdistance CASCADE")  # not for a mere owner to make
    await within.close()
    migrate.upgrade(by_itself(name))
    yield name
    await root.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await root.execute(f"DROP ROLE {name}")
    await root.close()


def by_itself(name: str) -> str:
    return owner_url(url_of(name)).replace(f"//{postgres.USER}@", f"//{name}@")


async def test_servers_work_on_a_database_of_a_modest_owner(
    modest: str, keys_file: Path, caplog: pytest.LogCaptureFixture
):
    async with LocalServer.run(url_of(modest), keys_file) as server:
        doctor, ana = make.doctor(), make.patient()
        document = make.document(ana)
        await server.given(doctor, ana, document, make.share(ana, doctor))
        assert await shared(server, doctor) == [gid(document)]  # with an entry in the log
        assert "nothing stands behind our own code" not in caplog.text

    async with LocalServer.run(by_itself(modest), keys_file):
        assert "nothing stands behind our own code" in caplog.text


async def test_whose_sessions_cannot_be_looked_into_may_still_seal(modest: str, keys_file: Path):
    """Else an owner who does not see the servers' transactions would retire a key too early."""
    wrapping = FileWrapping(keys_file)
    root = await asyncpg.connect(owner_url(url_of(modest)))
    owner = await connect(by_itself(modest), size=2)
    await Keyring.open(owner, wrapping)
    await data_keys.add(owner, wrapping, in_force_after=timedelta(0))
    work = Resealing(owner, await Keyring.open(owner, wrapping), settles_after=-timedelta(hours=1))
    assert await work.settled()

    server = await connect(url_of(modest), size=1)
    assert not await work.settled()

    await root.execute(f"GRANT pg_read_all_stats TO {modest}")
    assert await work.settled()
    for pool in (owner, server):
        pool.terminate()
    await root.close()
