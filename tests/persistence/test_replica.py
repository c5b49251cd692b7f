"""Searches by a replica that really follows: while it is near, and never about one's own acts."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from app import Caller
from domain.events import SlotOpened
from domain.ids import SlotId, new_id
from embedded import database, postgres
from embedded.postgres import Postgres
from migrations import migrate
from tests import make
from tests.make import Person
from tests.server import LocalServer

BEHIND = 2.0  # seconds
OWN = "acupuntura"  # the specialty of these doctors
PLANNED = f'{{ doctors(filter: {{specialty: "{OWN}"}}, first: 100) {{ nodes {{ name }} }} }}'
BY_NAME = "query ($name: String!) { doctors(filter: {search: $name}) { nodes { name } } }"
RENAME = "mutation ($name: String!) { updateDoctor(input: {name: $name}) { problems { code } } }"


@pytest.fixture(scope="module")
def primary() -> Iterator[Postgres]:
    with postgres.scratch() as server:
        migrate.upgrade(server.url())
        migrate.apart(lambda: asyncio.run(database.let_servers_in(server.url())))
        yield server


@pytest.fixture(scope="module")
def standby(primary: Postgres) -> Iterator[Postgres]:
    with primary.standby(primary.data.with_name("standby")) as replica:
        yield replica


@dataclass
class Clinic:
    server: LocalServer
    primary: Postgres
    standby: Postgres

    async def doctor(self) -> Person:
        """Who is in the replica, too."""
        doctor = make.doctor(name=f"{uuid4().hex} before", specialties=(OWN,))
        await self.server.given(doctor)
        await on(self.primary, "SELECT pg_switch_wal()")
        there = "SELECT count(*) FROM doctor WHERE id = $1"
        await eventually(lambda: on(self.standby, there, doctor.id))
        await eventually(self.near)
        return doctor

    async def near(self) -> bool:
        replica = self.server.app.replica
        assert replica is not None
        return replica.near

    async def far(self) -> bool:
        return not await self.near()

    async def found(self, doctor: Person, reader: Person | None = None) -> str:
        """His second name, by a search that is planned and by one that is not."""
        own = doctor.who.name.split()[0]
        planned = await self.server.ask(PLANNED, reader)
        by_name = await self.server.ask(BY_NAME, reader, name=own)
        names = {
            n["name"] for page in (planned, by_name) for n in page["nodes"] if own in n["name"]
        }
        if len(names) > 1:
            return "the one, then the other"
        return names.pop().removeprefix(f"{own} ")

    async def rename(self, doctor: Person) -> None:
        """By somebody, somewhere else."""
        own = doctor.who.name.split()[0]
        change = "UPDATE doctor SET name = $1 WHERE id = $2"
        await on(self.primary, change, f"{own} after", doctor.id)

    @asynccontextmanager
    async def standing_still(self) -> AsyncGenerator[None]:
        """The replica hears everything, and does nothing with it."""
        await on(self.standby, "SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            await on(self.standby, "SELECT pg_wal_replay_resume()")


@pytest.fixture
async def clinic(primary: Postgres, standby: Postgres, keys_file: Path) -> AsyncGenerator[Clinic]:
    url = standby.url(user=database.SERVERS)
    async with running(primary, keys_file, url) as server:
        yield Clinic(server, primary, standby)


@asynccontextmanager
async def running(primary: Postgres, keys_file: Path, replica: str) -> AsyncGenerator[LocalServer]:
    given = {"replica_url": replica, "replica_behind": BEHIND}
    url = primary.url(user=database.SERVERS)
    async with LocalServer.run(url, keys_file, **given) as server:
        yield server


async def on(server: Postgres, statement: str, *arguments: object) -> object:
    connection = await asyncpg.connect(server.url())
    try:
        return await connection.fetchval(statement, *arguments)
    finally:
        await connection.close()


async def eventually(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.05)


# ------------------------------------------------------------------------- while it is near


async def test_searches_are_answered_by_the_replica(clinic: Clinic):
    doctor = await clinic.doctor()
    async with clinic.standing_still():
        await clinic.rename(doctor)

        assert await clinic.found(doctor) == "before"

    await eventually(lambda: found_is(clinic, doctor, "after"))


async def found_is(clinic: Clinic, doctor: Person, name: str) -> bool:
    return await clinic.found(doctor) == name


async def test_all_else_is_answered_by_the_primary(clinic: Clinic):
    doctor = await clinic.doctor()
    one = "query ($crm: String!) { doctor(crm: $crm, uf: SP) { name } }"
    two = f"query ($crm: String!) {{ a: doctor(crm: $crm, uf: SP) {{ name }} {PLANNED[1:]}"
    async with clinic.standing_still():
        await clinic.rename(doctor)

        assert (await clinic.server.ask(one, crm=doctor.who.crm))["name"].endswith("after")
        both = await clinic.server.ask(two, crm=doctor.who.crm)
        assert both["a"]["name"] in {node["name"] for node in both["doctors"]["nodes"]}


async def test_who_changes_something_finds_it_changed(clinic: Clinic):
    doctor, server = await clinic.doctor(), clinic.server
    own = doctor.who.name.split()[0]
    async with clinic.standing_still():
        caller, operation = Caller(viewer=doctor.viewer), server.documents.prepare(RENAME)
        await server.app.admit(caller, operation, 1)  # as whatever brings it does
        assert await server.ask(RENAME, doctor, name=f"{own} after") == {"problems": []}

        assert await clinic.found(doctor, reader=doctor) == "after"
        assert await clinic.found(doctor) == "before"


async def test_who_is_told_of_something_finds_it_so(clinic: Clinic):
    """What another process has done, in this one."""
    doctor, patient = await clinic.doctor(), make.patient()
    async with clinic.standing_still():
        await clinic.rename(doctor)
        event = SlotOpened(doctor_id=doctor.who.id, slot_id=SlotId(new_id()))
        async with clinic.server.app.works.begin() as work:
            work.publish(event)
        reached = await clinic.server.settled()
        await eventually(lambda: as_far(clinic, reached))

        assert await clinic.found(doctor, reader=doctor) == "after"
        assert await clinic.found(doctor, reader=patient) == "before"


async def as_far(clinic: Clinic, reached: object) -> bool:
    return clinic.server.app.hub.position >= reached


# -------------------------------------------------------------------- when it is not


async def test_one_that_falls_behind_is_asked_no_more_until_it_has_caught_up(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
):
    doctor = await clinic.doctor()
    caplog.set_level(logging.INFO, "persistence.replica")
    async with clinic.standing_still():
        await clinic.rename(doctor)
        began = asyncio.get_running_loop().time()
        await eventually(lambda: found_is(clinic, doctor, "after"))
        took = asyncio.get_running_loop().time() - began

        assert 0.5 < took < BEHIND + 5
        assert not await clinic.near()
        await eventually(lambda: logged(caplog, "searches are asked of the primary"))
    await eventually(clinic.near)
    await eventually(lambda: logged(caplog, "searches are asked of it"))


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return words in caplog.text


async def test_one_that_hears_nothing_any_more_is_not_taken_for_one_that_has_heard_all(
    clinic: Clinic,
):
    doctor = await clinic.doctor()
    follows = await on(clinic.standby, "SHOW primary_conninfo")
    await on(clinic.standby, "ALTER SYSTEM SET primary_conninfo = ''")
    await on(clinic.standby, "SELECT pg_reload_conf()")
    gone = "SELECT count(*) = 0 FROM pg_stat_wal_receiver"
    await eventually(lambda: on(clinic.standby, gone))
    try:
        await clinic.rename(doctor)

        await eventually(lambda: found_is(clinic, doctor, "after"))
        all_heard = "SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()"
        await eventually(lambda: on(clinic.standby, all_heard))
    finally:
        await on(clinic.standby, f"ALTER SYSTEM SET primary_conninfo = $${follows}$$")
        await on(clinic.standby, "SELECT pg_reload_conf()")
    await eventually(clinic.near)


async def test_when_it_dies_nobody_notices(clinic: Clinic):
    doctor = await clinic.doctor()
    stop, asked = asyncio.Event(), 0

    async def ask() -> None:
        nonlocal asked
        while not stop.is_set():
            assert await clinic.found(doctor) == "before"
            asked += 1

    asking = [asyncio.create_task(ask()) for _ in range(6)]
    await asyncio.sleep(0.3)
    clinic.standby.stop()
    await eventually(clinic.far)
    before = asked
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*asking)

    assert asked > before > 6
    clinic.standby.start()
    await eventually(clinic.near)


@pytest.mark.parametrize("kind", ["nowhere", "the primary itself"])
async def test_what_is_no_replica_is_never_asked(
    primary: Postgres, keys_file: Path, kind: str, tmp_path: Path
):
    urls = {
        "nowhere": f"postgresql://app@/postgres?host={tmp_path}",
        "the primary itself": primary.url(user=database.SERVERS),
    }
    async with running(primary, keys_file, urls[kind]) as server:
        doctor = make.doctor(name=f"{uuid4().hex} before", specialties=(OWN,))
        await server.given(doctor)
        await asyncio.sleep(1.2)
        clinic = Clinic(server, primary, primary)

        assert await clinic.found(doctor) == "before"
        assert not await clinic.near()
