"""Everything sealed is sealed anew, wherever it lies, and nobody who reads or writes notices."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain import mail
from domain.accesses import AccessAction, log
from domain.appointments import Appointment
from domain.auth import Role, Viewer
from domain.ids import UserId, new_id
from domain.mail import MailKind, Named
from domain.second_factor import SecondFactor
from integrations.key_wrapping import FileWrapping
from persistence import data_keys
from persistence.crypto import head
from persistence.data_keys import FRESH_FOR, Keyring
from persistence.database import Pool
from persistence.resealing import (
    _TAKE,
    AT_ONCE,
    AlreadyChanging,
    Resealing,
    changing_keys,
    sealed_columns,
)
from persistence.table import Table
from persistence.tables import metadata
from tests import make
from tests.make import HALF_AN_HOUR, NOW, TOMORROW
from tests.server import LocalServer

WITHOUT_DELAY = timedelta(0)
SOON = timedelta(seconds=0.2)


@pytest.fixture
async def alone(own_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """A server over a database of this test alone."""
    async with LocalServer.run(own_url, keys_file) as server:
        yield server


@pytest.fixture
def wrapping(keys_file: Path) -> FileWrapping:
    return FileWrapping(keys_file)


async def resealing(pool: Pool, wrapping: FileWrapping) -> Resealing:
    """Under a key that is in force already, as if it had been made long ago."""
    await data_keys.add(pool, wrapping, in_force_after=WITHOUT_DELAY)
    work = Resealing(pool, await Keyring.open(pool, wrapping), settles_after=WITHOUT_DELAY)
    assert await work.in_force()
    return work


async def walk(work: Resealing) -> int:
    return sum([count async for count in work.walk()])


async def sealed_under(pool: Pool, number: int) -> dict[tuple[str, str], bool]:
    """Of each sealed column: whether there are values, and all of them are under this key."""
    found = {}
    for table, column in sealed_columns():
        statement = f"SELECT bool_and(substring({column} FROM 1 FOR 3) = $1) FROM {table}"
        found[table, column] = bool(await pool.fetchval(statement, head(number)))
    return found


# ----------------------------------------------------------------- what is sealed


def test_every_column_that_a_table_seals_is_found_by_its_mark():
    sealing = {(it.shape.name, name) for it in Table.__subclasses__() for name in it.sealed}

    assert set(sealed_columns()) == sealing | {
        ("mail", "content"),
        ("record_access", "purpose"),
    }
    assert len(sealed_columns()) == len(set(sealed_columns()))
    assert {("patient", "cpf"), ("account", "email"), ("second_factor", "secret")} < sealing


def test_bytes_that_bear_no_mark_are_hashes_wrapped_keys_and_what_is_public():
    unsealed = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary) and not column.info.get("sealed")
    }

    assert unsealed == {
        *("account.email_hash", "patient.cpf_hash", "recovery_code.hash", "link.token_hash"),
        *("session.refresh_hash", "attempt.key", "rate.key", "data_key.wrapped"),
        *("idempotency_key.fingerprint", "passkey.credential_id", "passkey.public_key"),
        *("partner.secret_hash", "partner.previous_hash", "spent_challenge.random"),
        *("record_access.hash", "calendar_feed.token_hash"),
    }


def test_what_is_sealed_lies_in_tables_with_an_id_by_which_they_are_walked():
    for table, _ in sealed_columns():
        [key] = metadata.tables[table].primary_key.columns
        assert (key.name, key.type.python_type) == ("id", UUID)


async def given_one_of_each(server: LocalServer) -> tuple[Viewer, list[tuple[str, object]]]:
    """And who may see it."""
    doctor, ana = make.doctor(), make.patient()
    ana = replace(ana, session=replace(ana.session, pool_grant="of a pool"))
    said = {"reason": "dor no peito", "justification": "viagem"}
    slot, visit = make.visit(doctor, ana, status="COMPLETED", **said)
    factor = SecondFactor(id=doctor.account.id, secret="ABCD", begun_at=NOW)  # noqa: S106  # of nobody
    link, passkey, standing = make.link(ana), make.passkey(ana), make.standing(doctor)
    document, asked = make.document(ana), make.access_request(doctor, ana)
    admin = UserId(new_id())
    reviewed = {"reviewed_at": NOW, "reviewed_by": admin, "note": "Foi como devia ser."}
    emergency = make.emergency(visit, **reviewed)
    note = make.note(visit)
    met = make.consultation(visit, meeting="a meeting")
    signal = make.signal(met)
    await server.given(doctor, ana, slot, visit, passkey, document, asked, emergency, met, signal)
    await server.given(note)
    answered = {"answered_at": NOW, "accepted": True, "answer": "Venha na terça."}
    in_person = make.in_person_request(ana, doctor, **answered)
    await server.given(in_person)
    check = make.device_check(visit)
    await server.given(check)
    other, seen = make.visit(doctor, ana, status="COMPLETED", starts_at=TOMORROW + 4 * HALF_AN_HOUR)
    issued, paper = make.paper(doctor, ana, seen)
    await server.given(other, seen, issued, paper)
    viewer = Viewer(user_id=ana.account.id, role=Role.PATIENT)
    async with server.app.works.begin(viewer) as work:
        await work.second_factors.put(factor)
        await work.links.add(link)
        await work.standings.add(standing)
        log(work, viewer, ana.id, AccessAction.OPENED, document_id=document.id, purpose="ver")
        piece = mail.mail(MailKind.PASSWORD_CHANGED, "ana@example.com", Named(crm="123456/SP"))
        await work.outbox.add(piece, at=NOW)
    return viewer, [
        *(("accounts", each.account) for each in (doctor, ana)),
        *(("sessions", each.session) for each in (doctor, ana)),
        *(("patients", ana.who), ("appointments", visit), ("links", link)),
        *(("second_factors", factor), ("passkeys", passkey), ("standings", standing)),
        *(("consultations", met), ("signals", signal)),
        *(("documents", document), ("access_requests", asked), ("emergencies", emergency)),
        *(("documents", issued), ("papers", paper)),
        ("visit_notes", note),
        *(("in_person_requests", in_person), ("device_checks", check)),
    ]


async def test_everything_lies_under_the_new_key_and_is_what_it_was(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    viewer, given = await given_one_of_each(alone)
    assert set((await sealed_under(own_pool, 2)).values()) == {True}  # one value of each at least
    work = await resealing(own_pool, wrapping)
    left = await work.left()

    assert await walk(work) == left == 26
    assert (await work.left(), work.broken) == (0, set())
    assert await work.settled()
    assert await work.retire() == [2]

    assert set((await sealed_under(own_pool, 3)).values()) == {True}
    await alone.app.keyring.look()
    async with alone.app.works.begin(viewer) as unit:
        for name, entity in given:
            assert await getattr(unit, name).get(entity.id) == entity
        claimed = await unit.outbox.claim(at=NOW)
    assert claimed.mail.to == "ana@example.com"


async def test_many_are_sealed_anew_batch_by_batch(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    sessions = await given_sessions(alone, 2 * AT_ONCE + 1)
    work = await resealing(own_pool, wrapping)

    counts = [count async for count in work.walk()]

    assert max(counts) <= AT_ONCE
    assert sum(counts) == len(sessions) + 1 + 1 + 1  # her account, her CPF, her own session
    assert await work.left() == 0


async def given_sessions(server: LocalServer, count: int) -> list[object]:
    ana = make.patient()
    await server.given(ana)
    sessions = [
        replace(make.patient().session, user_id=ana.account.id, address=f"192.0.2.{number}")
        for number in range(count)
    ]
    async with server.app.works.begin() as work:
        assert await work.sessions.add_all(sessions) == count
    return sessions


# ------------------------------------------------------------ with others about


async def test_it_seals_on_for_longer_than_one_may_without_a_look(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    await alone.given(make.patient())
    work = await resealing(own_pool, wrapping)
    work._keyring.vault.hold(work._keyring.keys, until=0)

    assert await walk(work) == 3


async def test_what_somebody_has_locked_is_not_waited_for_and_sealed_by_the_next_walk(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    ana, bia = make.patient(), make.patient()
    await alone.given(ana, bia)
    work = await resealing(own_pool, wrapping)

    async with alone.app.works.begin() as unit, asyncio.timeout(10):
        await unit._connection.execute("SELECT FROM patient WHERE id = $1 FOR UPDATE", ana.id)
        assert await walk(work) == 5
        assert await work.left() == 1
    assert await walk(work) == 1
    assert await work.left() == 0


async def test_who_signs_in_does_not_wait_for_his_account_to_be_sealed_anew(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    """A session names its account, and so has a lock on it, but a weak one."""
    ana = make.patient()
    await alone.given(ana)
    await resealing(own_pool, wrapping)
    fresh = replace(make.patient().session, user_id=ana.account.id)

    async with own_pool.acquire() as connection, connection.transaction():
        take = _TAKE.format(table="account", column="email")
        assert len(await connection.fetch(take, UUID(int=0), ana.account.id, head(3))) == 1
        async with asyncio.timeout(10), alone.app.works.begin() as unit:
            assert await unit.sessions.add(fresh)


async def test_nobody_who_reads_or_writes_meanwhile_loses_anything(
    alone: LocalServer, own_url: str, own_pool: Pool, keys_file: Path, wrapping: FileWrapping
):
    """Two servers, three rotations: each value is the last one that was written."""
    visits = [await given_visit(alone) for _ in range(4)]
    await given_sessions(alone, 2 * AT_ONCE)
    async with LocalServer.run(own_url, keys_file) as other, asyncio.TaskGroup() as tasks:
        over = asyncio.Event()
        clients = [
            tasks.create_task(rewrite(server, visit, over))
            for visit, server in zip(visits, (alone, other, alone, other), strict=True)
        ]
        for number in (3, 4, 5):
            await data_keys.add(own_pool, wrapping, in_force_after=SOON)
            for server in (alone, other):
                await server.app.keyring.look()
            await asyncio.sleep(SOON.total_seconds())
            work = Resealing(
                own_pool, await Keyring.open(own_pool, wrapping), settles_after=WITHOUT_DELAY
            )
            assert await work.in_force()
            await walk(work)
            for server in (alone, other):
                await server.app.keyring.look()
            while not await work.settled():  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.01)
            while await work.left():
                await walk(work)
            assert work.broken == set()
            assert await work.retire() == [number - 1]
        over.set()
        counts = [await client for client in clients]

    assert min(counts) > 20


async def given_visit(server: LocalServer) -> Appointment:
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, reason="0")
    await server.given(doctor, ana, slot, visit)
    return visit


async def rewrite(server: LocalServer, visit: Appointment, over: asyncio.Event) -> int:
    """Write one value after the other, read each, and say how many there were."""
    count = 0
    while not over.is_set():
        async with server.app.works.begin() as work:
            found = await work.appointments.get(visit.id)
            assert found.reason == str(count)
            count += 1
            await work.appointments.save(replace(found, reason=str(count)))
        assert (await server.appointment(visit.id)).reason == str(count)
        await asyncio.sleep(0)
    return count


async def test_a_new_key_is_not_sealed_under_before_it_is_in_force(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    await alone.given(make.patient())
    await data_keys.add(own_pool, wrapping)
    work = Resealing(own_pool, await Keyring.open(own_pool, wrapping))

    assert work.newest == 3
    assert not await work.in_force()
    assert not await work.settled()


async def test_a_retired_key_opens_what_nobody_expects_and_is_forgotten_a_rotation_later(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    """A machine may have slept since before the first rotation, and write as it wakes up."""
    ana, bia = make.patient(), make.patient()
    await alone.given(ana)
    assert (await rotate(own_pool, wrapping), await numbers(own_pool)) == ([2], [2, 3])
    await alone.given(bia)  # it has not looked
    await alone.app.keyring.look()
    async with alone.app.works.begin() as work:
        assert await work.patients.get(bia.id) == bia.who
    assert not alone.app.keyring.rotating

    assert (await rotate(own_pool, wrapping), await numbers(own_pool)) == ([3], [2, 3, 4])
    await own_pool.execute("UPDATE data_key SET retired_at = retired_at - interval '25 hours'")
    assert (await rotate(own_pool, wrapping), await numbers(own_pool)) == ([4], [4, 5])

    await alone.app.keyring.look()
    async with alone.app.works.begin() as work:
        assert await work.patients.get(bia.id) == bia.who


async def rotate(pool: Pool, wrapping: FileWrapping) -> list[int]:
    """Which keys are retired."""
    work = await resealing(pool, wrapping)
    await walk(work)
    assert (await work.left(), await work.settled()) == (0, True)
    return await work.retire()


async def numbers(pool: Pool) -> list[int]:
    """Of the keys that seal or have sealed."""
    rows = await pool.fetch("SELECT id FROM data_key WHERE purpose = 'SEALING' ORDER BY id")
    return [row["id"] for row in rows]


async def test_nothing_is_settled_while_a_transaction_lives_that_may_have_sealed_before(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    ana = make.patient()
    await alone.given(ana)
    async with alone.app.works.begin() as unit:
        work = await resealing(own_pool, wrapping)
        await walk(work)
        await unit.sessions.add(replace(make.patient().session, user_id=ana.account.id))
        assert (await work.left(), await work.settled()) == (0, False)

    assert (await work.left(), await work.settled()) == (1, True)


async def test_until_all_who_have_not_looked_seal_no_more_nothing_is_settled(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    await alone.given(make.patient())
    soon = timedelta(seconds=1.5)
    await data_keys.add(own_pool, wrapping, in_force_after=-FRESH_FOR + soon)
    work = Resealing(own_pool, await Keyring.open(own_pool, wrapping))

    assert await work.in_force()
    assert not await work.settled()
    await asyncio.sleep(soon.total_seconds())

    assert await work.settled()


async def test_one_at_a_time_changes_keys(own_pool: Pool):
    async with changing_keys(own_pool):
        with pytest.raises(AlreadyChanging):
            async with changing_keys(own_pool):
                pytest.fail("two did")
    async with changing_keys(own_pool):
        pass


# ------------------------------------------------------------- what does not open


async def test_what_does_not_open_is_named_and_left_as_it_is(
    alone: LocalServer, own_pool: Pool, wrapping: FileWrapping
):
    ana, bia, eva = (make.patient() for _ in range(3))
    await alone.given(ana, bia, eva)
    await own_pool.execute(
        "UPDATE patient SET cpf = (SELECT cpf FROM patient WHERE id = $1) WHERE id = $2",
        *(ana.id, bia.id),
    )
    await own_pool.execute(
        "UPDATE patient SET cpf = overlay(cpf PLACING '\\x0063' FROM 2) WHERE id = $1", eva.id
    )
    before = await own_pool.fetch("SELECT cpf FROM patient WHERE id <> $1 ORDER BY id", ana.id)
    work = await resealing(own_pool, wrapping)

    assert await walk(work) == 9 - 2

    assert work.broken == {f"patient.cpf:{bia.id}", f"patient.cpf:{eva.id}"}
    assert await work.left() == 2
    after = await own_pool.fetch("SELECT cpf FROM patient WHERE id <> $1 ORDER BY id", ana.id)
    assert after == before
