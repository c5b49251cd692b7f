"""Papers behind the wall: what the servers' role finds and does by SQL of its own."""

from dataclasses import dataclass

import asyncpg
import pytest

from domain.appointments import Appointment, AppointmentStatus
from domain.papers import Paper
from domain.records import Document
from tests import make
from tests.make import Person
from tests.persistence.test_row_security import DENIED, entered
from tests.server import LocalServer

PAPERS = "SELECT id FROM paper"
DOCUMENTS = "SELECT id FROM document"
ADD_DOCUMENT = (
    "INSERT INTO document (id, patient_id, name, content_type, size, sha256, object_key,"
    " requested_at, status, kind, issuer_id, signature, version, uploaded_at)"
    " SELECT gen_random_uuid(), $1, '', 'application/pdf', 1, '', gen_random_uuid(), now(), $3,"
    " 'CERTIFICATE', $2, 'UNSIGNED', '1', now()"
)
ADD_PAPER = (
    "INSERT INTO paper (id, patient_id, doctor_id, appointment_id, key, code, content, issued_at)"
    " SELECT $1, $2, $3, $4, gen_random_uuid(), gen_random_uuid(), '', now()"
)


@dataclass(frozen=True, kw_only=True)
class World:
    doctor: Person
    other: Person
    ana: Person
    bruno: Person
    visit: Appointment
    document: Document
    paper: Paper


@pytest.fixture
async def world(server: LocalServer) -> World:
    """The doctor sees Ana and has issued her a certificate; Bruno has only asked for a visit."""
    doctor, other, ana, bruno = make.doctor(), make.doctor(), make.patient(), make.patient()
    slot, visit = make.visit(doctor, ana, status=AppointmentStatus.IN_PROGRESS)
    asked = make.visit(other, bruno)
    document, paper = make.paper(doctor, ana, visit)
    await server.given(doctor, other, ana, bruno, slot, visit, *asked, document, paper)
    return World(
        doctor=doctor,
        other=other,
        ana=ana,
        bruno=bruno,
        visit=visit,
        document=document,
        paper=paper,
    )


async def test_its_doctor_and_its_patient_see_it_and_nobody_else(server: LocalServer, world: World):
    for who, sees in (
        *((person, True) for person in (world.doctor, world.ana)),
        *((person, False) for person in (world.other, world.bruno, make.administrator(), None)),
    ):
        async with entered(server, who) as connection:
            for statement in (PAPERS, DOCUMENTS):
                found = {row["id"] for row in await connection.fetch(statement)}
                assert (world.paper.id in found) == sees, (who, statement)


async def test_what_is_hidden_its_doctor_sees_no_more(server: LocalServer, world: World):
    await server.fetch("UPDATE document SET status = 'HIDDEN' WHERE id = $1", world.paper.id)

    async with entered(server, world.doctor) as connection:
        assert await connection.fetch(DOCUMENTS) == []


async def test_a_doctor_adds_papers_of_those_alone_whom_he_sees(server: LocalServer, world: World):
    for who, patient, issuer, status in (
        (world.doctor, world.bruno, world.doctor, "UPLOADING"),  # never seen
        (world.other, world.bruno, world.other, "UPLOADING"),  # only asked
        (world.other, world.ana, world.doctor, "UPLOADING"),  # in another's name
        (world.doctor, world.ana, world.other, "UPLOADING"),
        (world.doctor, world.ana, world.doctor, "AVAILABLE"),  # before it is stored
        (world.bruno, world.ana, world.doctor, "UPLOADING"),
        (None, world.ana, world.doctor, "UPLOADING"),
    ):
        async with entered(server, who) as connection:
            with pytest.raises(DENIED, match="row-level security"):
                await connection.execute(ADD_DOCUMENT, patient.id, issuer.id, status)
    async with entered(server, world.doctor) as connection:  # by the same statement
        added = await connection.execute(ADD_DOCUMENT, world.ana.id, world.doctor.id, "UPLOADING")
        assert added == "INSERT 0 1"


async def test_what_a_paper_says_is_added_by_its_doctor_alone(server: LocalServer, world: World):
    for who, patient, doctor in (
        (world.other, world.ana, world.doctor),
        (world.other, world.ana, world.other),
        (world.ana, world.ana, world.doctor),
        (world.doctor, world.bruno, world.doctor),  # not the patient of that visit
        (None, world.ana, world.doctor),
    ):
        async with entered(server, who) as connection:
            with pytest.raises(DENIED, match="row-level security"):
                await connection.execute(
                    ADD_PAPER, world.document.id, patient.id, doctor.id, world.visit.id
                )


async def test_nobody_changes_what_a_paper_says(server: LocalServer, world: World):
    for statement in ("UPDATE paper SET content = ''", "DELETE FROM paper", "TRUNCATE paper"):
        async with entered(server, world.doctor) as connection:
            with pytest.raises(DENIED, match="permission denied"):
                await connection.execute(statement)


async def test_its_doctor_neither_hides_it_nor_gives_it_away(server: LocalServer, world: World):
    for change in (
        "status = 'HIDDEN'",
        "status = 'REJECTED'",
        f"issuer_id = '{world.other.id}'",
    ):
        async with entered(server, world.doctor) as connection:
            with pytest.raises(DENIED, match="row-level security"):
                await connection.execute(f"UPDATE document SET {change}")
    async with entered(server, world.doctor) as connection:
        changed = await connection.execute("UPDATE document SET signature = 'SIGNED'")
        assert changed == "UPDATE 1"


async def test_what_is_issued_is_by_somebody_and_what_is_uploaded_by_nobody(
    server: LocalServer, world: World
):
    for change in ("kind = 'UPLOADED'", "issuer_id = NULL", "signature = NULL", "kind = 'X'"):
        with pytest.raises(asyncpg.CheckViolationError):
            await server.fetch(f"UPDATE document SET {change} WHERE id = $1", world.document.id)


async def test_whoever_has_its_code_learns_who_issued_it_and_no_more(
    server: LocalServer, world: World
):
    async with entered(server, None) as connection:
        [found] = await connection.fetch("SELECT * FROM paper_of_code($1)", world.paper.code)
        assert await connection.fetch("SELECT * FROM paper_of_code('')") == []

    assert dict(found) == {
        "kind": "CERTIFICATE",
        "signature": "UNSIGNED",
        "sha256": world.document.sha256,
        "issued_at": world.paper.issued_at,
        "doctor_id": world.doctor.id,
    }


async def test_a_role_that_is_admitted_later_is_given_no_more(server: LocalServer):
    connection = await asyncpg.connect(server.owner_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("CREATE ROLE later")
    await connection.execute("SELECT admit_servers('later')")
    may = "SELECT has_table_privilege('later', 'paper', $1)"
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE")
    granted = [kind for kind in kinds if await connection.fetchval(may, kind)]
    runs = "SELECT has_function_privilege('later', 'paper_of_code(text)', 'EXECUTE')"

    assert granted == ["SELECT", "INSERT"]
    assert await connection.fetchval(runs)
    await transaction.rollback()
    await connection.close()
