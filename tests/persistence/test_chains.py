"""Whoever goes around the code and changes the access log is found, whatever he has changed."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import sqlalchemy as sa

from domain.accesses import AccessAction, log
from domain.auth import Role, Viewer
from domain.ids import DocumentId, UserId, VisitNoteId, new_id
from persistence import chains, database
from persistence.accesses import RecordAccessRow, hash_of, opened
from persistence.chains import BrokenLink, Fault, Head, NotHeads, Publication, Snapshot
from persistence.crypto import place
from persistence.database import Pool
from tests import make
from tests.make import Person
from tests.server import LocalServer

COLUMNS = [column.name for column in sa.inspect(RecordAccessRow).local_table.columns]


@pytest.fixture
async def pool(server: LocalServer) -> AsyncGenerator[Pool]:
    pool = await database.connect(server.owner_url, size=1)
    yield pool
    pool.terminate()


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """Ana's chain has five entries, the third with a purpose and a document, the fourth with a
    note; Bruno's has two.
    """
    ana, bruno = make.patient(), make.patient()
    await server.given(ana, bruno)
    for number in range(1, 6):
        given = {
            3: {"document_id": DocumentId(new_id()), "purpose": "ver"},
            4: {"note_id": VisitNoteId(new_id())},
        }
        await enter(server, ana, **given.get(number, {}))
    for _ in range(2):
        await enter(server, bruno)
    return ana, bruno


async def enter(server: LocalServer, patient: Person, **given: Any) -> None:
    viewer = Viewer(user_id=UserId(patient.id), role=Role.PATIENT)
    async with server.app.works.begin(viewer) as work:
        log(work, viewer, patient.id, AccessAction.OPENED, **given)


async def tamper(server: LocalServer, *statements: str, given: tuple[Any, ...] = ()) -> None:
    """As somebody who owns the database, and takes its guards away first."""
    connection = await asyncpg.connect(server.owner_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement, *given)
    finally:
        await connection.close()


@asynccontextmanager
async def undone(server: LocalServer, *statements: str) -> AsyncGenerator[Snapshot]:
    """What chains look like after that, which is undone at the end."""
    connection = await asyncpg.connect(server.owner_url)
    await connection.execute("BEGIN; SET LOCAL session_replication_role = replica")
    for statement in statements:
        await connection.execute(statement)
    yield Snapshot(connection, server.app.keyring.vault)
    await connection.execute("ROLLBACK")
    await connection.close()


Heads = dict[str, Head]


def own(server: LocalServer, people: Sequence[Person]) -> set[str | UUID]:
    """The chains of these people, by both of their names."""
    vault = server.app.keyring.vault
    ids = [person.id for person in people]
    return {*ids, *(vault.fingerprint(f"record_access head:{id}").hex() for id in ids)}


async def found(
    server: LocalServer, pool: Pool, people: Sequence[Person], published: Heads | None = None
) -> list[Head | BrokenLink]:
    """Of these people: other tests have left their own chains, whole and broken."""
    async with Snapshot.taken(pool, server.app.keyring.vault) as snapshot:
        told = [each async for _, some in snapshot.walk(published) for each in some]
    return [
        each
        for each in told
        if (each.fingerprint if isinstance(each, Head) else each.chain) in own(server, people)
    ]


async def broken(
    server: LocalServer, pool: Pool, people: Sequence[Person], published: Heads | None = None
) -> list[BrokenLink]:
    told = await found(server, pool, people, published)
    return [each for each in told if isinstance(each, BrokenLink)]


async def publish(server: LocalServer, pool: Pool, people: Sequence[Person]) -> Heads:
    heads = [each for each in await found(server, pool, people) if isinstance(each, Head)]
    return {head.fingerprint: head for head in heads}


def link(patient: Person, number: int, fault: Fault) -> BrokenLink:
    return BrokenLink(chain=patient.id, number=number, fault=fault)


# ---------------------------------------------------------------- a chain alone


async def test_of_whole_chains_the_heads_are_told(server, pool, people):
    rows = await server.fetch(
        "SELECT DISTINCT ON (patient_id) * FROM record_access WHERE patient_id = ANY($1)"
        " ORDER BY patient_id, number DESC",
        [person.id for person in people],
    )

    heads = await found(server, pool, people)

    assert [(head.number, head.hash) for head in heads] == [
        (row["number"], row["hash"].hex()) for row in rows
    ]
    assert sorted(head.number for head in heads) == [2, 5]
    assert not [person.id for person in people if str(person.id) in str(heads)]


async def test_without_entries_there_is_nothing_to_tell(server, people):
    ana, _ = people
    async with undone(server, "DELETE FROM record_access") as snapshot:
        assert [some async for _, some in snapshot.walk()] == [[]]
    assert await server.fetch("SELECT FROM record_access WHERE patient_id = $1", ana.id)


async def test_chains_go_on_from_batch_to_batch(server, pool, people, monkeypatch):
    monkeypatch.setattr(chains, "AT_ONCE", 2)

    assert sorted(head.number for head in await found(server, pool, people)) == [2, 5]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("number", [2, 3])  # what is sealed in the third is bound to its id
async def test_no_column_can_be_changed(server, pool, people, column, number):
    ana, _ = people
    [row] = await server.fetch(
        "SELECT * FROM record_access WHERE patient_id = $1 AND number = $2", ana.id, number
    )
    changed = another(server, row, column)
    assert changed != row[column]

    await tamper(
        server, f"UPDATE record_access SET {column} = $1 WHERE id = $2", given=(changed, row["id"])
    )

    links = await broken(server, pool, people)
    at_ana = {"number": Fault.MISSING, "patient_id": Fault.MISSING}.get(column, Fault.CHANGED)
    assert link(ana, number, at_ana) in links
    assert {each.chain for each in links} <= {ana.id, changed}


async def test_a_whole_chain_that_was_given_to_another_is_found(server, pool, people):
    ana, _ = people
    await server.given(clara := make.patient())

    await tamper(
        server,
        "UPDATE record_access SET patient_id = $2 WHERE patient_id = $1",
        given=(ana.id, clara.id),
    )

    assert await broken(server, pool, [ana, clara]) == [link(clara, 1, Fault.CHANGED)]


def another(server: LocalServer, row: Any, column: str) -> Any:
    """A value that would be believed. Of a sealed one, under our own key and for its own place."""
    value = row[column]
    if column == "purpose":
        return server.app.keyring.vault.seal("outro", place("record_access", column, row["id"]))
    others: dict[type, Any] = {
        UUID: new_id(),
        type(None): new_id(),
        str: "LISTED" if column == "action" else "DOCTOR",
        bytes: os.urandom(32),
    }
    for kind, other in others.items():
        if isinstance(value, kind):
            return other
    return value + (1000 if isinstance(value, int) else timedelta(microseconds=1))


@pytest.mark.parametrize("column", ["document_id", "share_id", "purpose"])
async def test_what_may_be_missing_cannot_be_taken_away(server, pool, people, column):
    ana, _ = people
    there = {"document_id": 3, "purpose": 3}.get(column)
    value = f"'{new_id()}'" if there is None else "NULL"

    await tamper(
        server,
        f"UPDATE record_access SET {column} = {value} WHERE patient_id = $1 AND number = 3",
        given=(ana.id,),
    )

    assert await broken(server, pool, people) == [link(ana, 3, Fault.CHANGED)]


async def test_a_note_cannot_be_taken_away(server, pool, people):
    ana, _ = people
    take = "UPDATE record_access SET note_id = NULL WHERE patient_id = $1 AND number = 4"

    await tamper(server, take, given=(ana.id,))

    assert await broken(server, pool, people) == [link(ana, 4, Fault.CHANGED)]


async def test_what_is_no_note_is_proved_as_before_there_were_notes(server, people):
    _, bruno = people
    columns = (
        *("id", "patient_id", "number", "at", "actor_id", "actor_role", "action", "document_id"),
        *("share_id", "purpose", "tx", "row"),
    )
    [first, *_] = await server.fetch(
        "SELECT * FROM record_access WHERE patient_id = $1 ORDER BY number", bruno.id
    )
    told = [first["at"].isoformat() if name == "at" else first[name] for name in columns]
    content = json.dumps(["", *told], default=str, separators=(",", ":"))

    assert server.app.keyring.vault.fingerprint(f"record_access:{content}") == first["hash"]


async def test_a_purpose_that_does_not_open_is_changed(server, pool, people):
    ana, _ = people
    await tamper(
        server,
        "UPDATE record_access SET purpose = '\\x00' WHERE patient_id = $1 AND number = 3",
        given=(ana.id,),
    )

    assert await broken(server, pool, people) == [link(ana, 3, Fault.CHANGED)]


@pytest.mark.parametrize("number", [1, 3])
async def test_an_entry_that_was_removed_is_missing(server, pool, people, number):
    ana, _ = people
    await tamper(
        server,
        f"DELETE FROM record_access WHERE patient_id = $1 AND number = {number}",
        given=(ana.id,),
    )

    assert await broken(server, pool, people) == [link(ana, number, Fault.MISSING)]


async def test_numbers_that_close_the_gap_do_not_hide_it(server, pool, people):
    ana, _ = people
    await tamper(
        server,
        "DELETE FROM record_access WHERE patient_id = $1 AND number = 3",
        "UPDATE record_access SET number = 3 WHERE patient_id = $1 AND number = 4",
        "UPDATE record_access SET number = 4 WHERE patient_id = $1 AND number = 5",
        given=(ana.id,),
    )

    assert await broken(server, pool, people) == [link(ana, 3, Fault.CHANGED)]


async def test_two_that_have_changed_places_are_found(server, pool, people):
    ana, _ = people
    await tamper(
        server,
        *(
            f"UPDATE record_access SET number = {new} WHERE patient_id = $1 AND number = {old}"
            for old, new in ((2, 99), (3, 2), (99, 3))
        ),
        given=(ana.id,),
    )

    assert await broken(server, pool, people) == [link(ana, 2, Fault.CHANGED)]


@pytest.mark.parametrize("number", [0, 6])
async def test_an_entry_that_was_slipped_in_is_found(server, pool, people, number):
    ana, _ = people
    columns = ", ".join(COLUMNS)
    copied = columns.replace("id,", "gen_random_uuid(),", 1).replace("number", str(number))
    await tamper(
        server,
        f"INSERT INTO record_access ({columns}) SELECT {copied}"
        " FROM record_access WHERE patient_id = $1 AND number = 5",
        given=(ana.id,),
    )

    [only] = await broken(server, pool, people)

    assert only == link(ana, number, Fault.CHANGED if number else Fault.OUT_OF_PLACE)


async def test_two_of_one_number_are_out_of_place(server, people):
    ana, _ = people
    columns = ", ".join(COLUMNS)
    copied = columns.replace("id,", "'ffffffff-ffff-ffff-ffff-ffffffffffff',", 1)
    async with undone(
        server,
        "ALTER TABLE record_access DROP CONSTRAINT an_entry_has_a_place_of_its_own",
        f"INSERT INTO record_access ({columns}) SELECT {copied}"
        f" FROM record_access WHERE patient_id = '{ana.id}' AND number = 5",
    ) as snapshot:
        told = [each async for _, some in snapshot.walk() for each in some]

    assert link(ana, 5, Fault.OUT_OF_PLACE) in told


async def test_of_each_chain_the_first_broken_link_is_told(server, pool, people):
    ana, bruno = people
    await tamper(
        server,
        "UPDATE record_access SET actor_id = gen_random_uuid()"
        " WHERE number IN (2, 4) AND patient_id = ANY($1)",
        given=([ana.id, bruno.id],),
    )

    links = await broken(server, pool, people)

    assert {each.chain: each for each in links} == {
        person.id: link(person, 2, Fault.CHANGED) for person in people
    }


# ----------------------------------------------------------- beside what was published


async def test_what_has_only_grown_is_whole(server, pool, people):
    ana, _ = people
    before = await publish(server, pool, people)
    await enter(server, ana)
    await server.given(clara := make.patient())
    await enter(server, clara)

    assert await broken(server, pool, people, before) == []


async def test_an_end_that_was_cut_off_shows_beside_what_was_published(server, pool, people):
    ana, _ = people
    before = await publish(server, pool, people)
    await tamper(
        server,
        "DELETE FROM record_access WHERE patient_id = $1 AND number > 3",
        given=(ana.id,),
    )

    assert await broken(server, pool, people) == []
    assert await broken(server, pool, people, before) == [link(ana, 4, Fault.CUT_OFF)]


async def test_a_chain_that_is_gone_shows_by_its_fingerprint(server, pool, people):
    ana, _ = people
    before = await publish(server, pool, people)
    await tamper(server, "DELETE FROM record_access WHERE patient_id = $1", given=(ana.id,))

    assert await broken(server, pool, people) == []
    [gone] = await broken(server, pool, people, before)
    assert (gone.number, gone.fault) == (5, Fault.GONE)
    assert gone.chain in before


async def test_who_has_our_key_and_writes_a_chain_anew_is_found(server, pool, people):
    _, bruno = people
    before = await publish(server, pool, people)
    vault = server.app.keyring.vault
    first, last = await server.fetch(
        "SELECT * FROM record_access WHERE patient_id = $1 ORDER BY number", bruno.id
    )
    forged = {**opened(last, vault), "action": "LISTED"}
    forged["hash"] = hash_of(vault, first["hash"], forged)
    await tamper(
        server,
        "UPDATE record_access SET action = 'LISTED', hash = $1 WHERE id = $2",
        given=(forged["hash"], last["id"]),
    )

    assert await broken(server, pool, people) == []
    assert await broken(server, pool, people, before) == [link(bruno, 2, Fault.REWRITTEN)]


def test_a_publication_is_read_as_it_was_written():
    heads = [Head(fingerprint=f"{n:064x}", number=n, hash=f"{n + 7:064x}") for n in (1, 2)]
    lines = written(*heads)

    assert chains.read(lines) == {head.fingerprint: head for head in heads}
    for number in range(len(lines)):
        with pytest.raises(NotHeads):
            chains.read(lines[:number] + lines[number + 1 :])
    with pytest.raises(NotHeads):
        chains.read([line.replace(" 2 ", " 3 ") for line in lines])
    with pytest.raises(NotHeads):
        chains.read([*lines, lines[-1]])


def written(*heads: Head) -> list[str]:
    publication = Publication()
    told = [publication.title(make.NOW), *(publication.head(head) for head in heads)]
    return [*told, publication.digest()]


# ------------------------------------------------------------------- meanwhile


async def test_who_writes_meanwhile_breaks_nothing(server, pool, people):
    ana, bruno = people
    met: list[Head | BrokenLink] = []

    async with Snapshot.taken(pool, server.app.keyring.vault) as snapshot:
        count = await snapshot.count()
        await asyncio.gather(*(enter(server, each) for each in (ana, bruno, ana)))
        async for walked, some in snapshot.walk():
            met += some
            count -= walked
        assert await snapshot.at() < (await server.fetch("SELECT now()"))[0][0]

    assert count == 0
    heads = [each for each in met if isinstance(each, Head)]
    hers = [head for head in heads if head.fingerprint in own(server, people)]
    assert sorted(head.number for head in hers) == [2, 5]
    assert await broken(server, pool, people) == []
