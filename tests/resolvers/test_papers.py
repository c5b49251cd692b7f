"""A doctor issues certificates and prescriptions for a visit, which are part of the record."""

import asyncio
import hashlib
from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest

from domain.doctors import DoctorStatus
from domain.objects import StoreUnreachable
from integrations.papers import UNSIGNED
from persistence.object_folder import FolderObjects
from persistence.objects import S3Objects
from tests import make
from tests.make import Person
from tests.resolvers.consultations import END, both_in
from tests.resolvers.papers import (
    CERTIFICATE,
    PRESCRIPTION,
    certificate,
    issued,
    pages_of,
    prescription,
    seen,
    stored,
)
from tests.resolvers.test_accesses import OPEN, actions, entries
from tests.resolvers.test_shares import NODE, shared
from tests.server import LocalServer, gid

DRUG = {"drug": "Dipirona", "dose": "500 mg", "posology": "se doer", "quantity": "10"}
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
HIDE = """
mutation ($id: ID!) { hideDocument(input: {documentId: $id}) { problems { code } } }
"""
COMPLETE = """
mutation ($id: ID!) { completeUpload(input: {documentId: $id}) { problems { code } } }
"""
ISSUED = """
query ($signature: DocumentSignature, $first: Int, $after: String) {
  viewer { ... on DoctorViewer {
    issuedDocuments(signature: $signature, first: $first, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor }
    }
  } }
}
"""
MINE = """
{ viewer { ... on PatientViewer {
  documents { nodes { id kind signature issuedBy { id name } } }
} } }
"""


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    doctor = make.doctor(name="Helena Prado", specialist_in=("cardiologia",), rqes=("1234",))
    ana = make.patient(name="Ana Moreira")
    await server.given(doctor, ana)
    return doctor, ana


def problem(payload) -> tuple[str, list[str]]:
    assert payload["document"] is None
    [found] = payload["problems"]
    return found["code"], found["path"]


# -------------------------------------------------------------------- the way


async def test_a_certificate_is_part_of_the_record_and_is_what_the_doctor_said(server, people):
    doctor, ana = people
    visit = await seen(server, doctor, ana)

    document = await issued(server, doctor, visit, cid="j11.1", cidConsent=True)

    assert document["status"] == "AVAILABLE"
    assert (document["kind"], document["signature"]) == ("CERTIFICATE", "UNSIGNED")
    assert (document["issuedBy"], document["patient"]) == ({"id": gid(doctor)}, {"id": gid(ana)})
    assert document["name"] == "Atestado 07-01-2030.pdf"
    pdf = await stored(server, document["id"])
    assert document["size"] == len(pdf)
    assert document["sha256"] == hashlib.sha256(pdf).hexdigest()
    [page] = pages_of(pdf)
    for said in (
        *("Helena Prado", f"CRM {doctor.who.crm}/SP", "Cardiologia — RQE 1234", "Ana Moreira"),
        *("Emitido em 7 de janeiro de 2030, às 09:15 (UTC-03:00)", "CID: J11.1"),
        *("Atesto que a paciente esteve em consulta.", "Rua das Acácias, 10", UNSIGNED),
    ):
        assert said in page
    assert await server.audited(doctor) == ["IssuePaper"]


async def test_a_prescription_is_part_of_the_record_too(server, people):
    doctor, ana = people
    visit = await seen(server, doctor, ana, status="COMPLETED")

    payload = await server.ask(PRESCRIPTION, doctor, input=prescription(visit, text=" Repouso. "))

    assert payload["problems"] == []
    document = payload["document"]
    assert (document["kind"], document["name"]) == ("PRESCRIPTION", "Receita 07-01-2030.pdf")
    [page] = pages_of(await stored(server, document["id"]))
    assert "1. Losartana potássica — comprimido de 50 mg" in page
    assert "Observações: Repouso." in page


async def test_the_patient_finds_opens_and_may_hide_it(server, people):
    doctor, ana = people
    document = await issued(server, doctor, await seen(server, doctor, ana))

    nodes = (await server.ask(MINE, ana))["documents"]["nodes"]
    payload = await server.ask(OPEN, ana, id=document["id"], purpose=None)

    assert nodes == [
        {
            "id": document["id"],
            "kind": "CERTIFICATE",
            "signature": "UNSIGNED",
            "issuedBy": {"id": gid(doctor), "name": "Helena Prado"},
        }
    ]
    assert payload["problems"] == []
    entry = (await entries(server, ana))[-1]
    assert (entry["action"], entry["actorCrm"]) == ("UPLOADED", doctor.who.crm)
    assert await actions(server, ana) == ["OPENED", "UPLOADED"]


async def test_its_doctor_sees_and_opens_it_and_no_other_does(server, people):
    doctor, ana = people
    other = make.doctor()
    await server.given(other)
    document = await issued(server, doctor, await seen(server, doctor, ana))
    id = document["id"]

    assert (await server.ask(NODE, doctor, id=id))["id"] == id
    assert (await server.ask(OPEN, doctor, id=id, purpose=None))["problems"] == []
    assert await server.ask(NODE, other, id=id) is None
    assert await server.refuse(OPEN, other, id=id, purpose=None) == "NOT_FOUND"

    assert await actions(server, ana) == ["DENIED", "DENIED", "OPENED", "LISTED", "UPLOADED"]
    assert await shared(server, doctor) == []  # it is issued, and not shared


async def test_its_doctor_finds_what_he_issued_and_what_is_to_be_signed(server, people):
    doctor, ana = people
    bia, other = make.patient(), make.doctor()
    await server.given(bia, other)
    visit = await seen(server, doctor, ana)
    first, second = [(await issued(server, doctor, visit))["id"] for _ in range(2)]
    later = await seen(
        server, doctor, bia, starts_at=server.now - 2 * DAY, ends_at=server.now - DAY
    )
    third = (await issued(server, doctor, later))["id"]
    await server.fetch("UPDATE document SET signature = 'SIGNED' WHERE id = $1", second[9:])

    async def listed(who: Person = doctor, **given) -> list[str]:
        page = (await server.ask(ISSUED, who, **given))["issuedDocuments"]
        return [node["id"] for node in page["nodes"]]

    assert await listed() == [third, second, first]
    assert await listed(signature="UNSIGNED") == [third, first]
    page = (await server.ask(ISSUED, doctor, first=1))["issuedDocuments"]["pageInfo"]
    assert page["hasNextPage"]
    assert await listed(after=page["endCursor"]) == [second, first]
    assert await listed(other) == []
    assert await actions(server, ana) == ["LISTED"] * 3 + ["UPLOADED"] * 2
    assert await actions(server, bia) == ["LISTED"] * 3 + ["UPLOADED"]
    await server.ask(HIDE, ana, id=first)
    assert await listed() == [third, second]


async def test_what_is_hidden_is_hidden_from_its_doctor_too(server, people):
    doctor, ana = people
    document = await issued(server, doctor, await seen(server, doctor, ana))

    assert (await server.ask(HIDE, ana, id=document["id"]))["problems"] == []

    assert await server.ask(NODE, doctor, id=document["id"]) is None
    assert await server.refuse(OPEN, doctor, id=document["id"], purpose=None) == "NOT_FOUND"


async def test_who_was_suspended_does_not_open_what_he_issued(server, people):
    doctor, ana = people
    document = await issued(server, doctor, await seen(server, doctor, ana))

    await server.fetch("UPDATE doctor SET status = 'SUSPENDED' WHERE id = $1", doctor.id)

    assert await server.refuse(OPEN, doctor, id=document["id"], purpose=None) == "NOT_FOUND"


async def test_it_is_issued_while_both_are_in_the_consultation_and_after_its_end(server):
    doctor, ana, visit = await both_in(server)

    await issued(server, doctor, visit)
    assert (await server.ask(END, doctor, id=gid(visit)))["problems"] == []
    await issued(server, doctor, visit)

    kinds = [each["kind"] for each in (await server.ask(MINE, ana))["documents"]["nodes"]]
    assert kinds == ["CERTIFICATE"] * 2


# --------------------------------------------------------------- who may, and when


@pytest.mark.parametrize(
    ("status", "fits"),
    [
        *((status, False) for status in ("REQUESTED", "CONFIRMED", "CANCELLED", "DECLINED")),
        *((status, False) for status in ("EXPIRED", "NO_SHOW")),
        *((status, True) for status in ("IN_PROGRESS", "COMPLETED")),
    ],
)
async def test_it_is_issued_in_a_visit_and_after_it(server, people, status, fits):
    doctor, ana = people
    visit = await seen(server, doctor, ana, status=status)

    if fits:
        await issued(server, doctor, visit)
    else:
        payload = await server.ask(CERTIFICATE, doctor, input=certificate(visit))
        assert problem(payload) == ("WRONG_STATUS", ["appointmentId"])
    assert len((await server.ask(MINE, ana))["documents"]["nodes"]) == fits


@pytest.mark.parametrize(("ago", "fits"), [(7 * DAY - MINUTE, True), (7 * DAY, False)])
async def test_within_seven_days_of_its_end(server, people, ago, fits):
    doctor, ana = people
    ends = server.now - ago
    times = {"starts_at": ends - DAY / 24, "ends_at": ends}
    visit = await seen(server, doctor, ana, status="COMPLETED", **times)

    payload = await server.ask(CERTIFICATE, doctor, input=certificate(visit))

    if fits:
        assert payload["problems"] == []
    else:
        assert problem(payload) == ("TOO_LATE", ["appointmentId"])


async def test_by_the_doctor_of_the_appointment_alone(server, people):
    doctor, ana = people
    other = make.doctor()
    await server.given(other)
    visit = await seen(server, doctor, ana)

    async with server.unchanged(doctor, ana, other):
        for query, input in (
            (CERTIFICATE, certificate(visit)),
            (PRESCRIPTION, prescription(visit)),
        ):
            assert await server.refuse(query, other, input=input) == "NOT_FOUND"
            assert await server.refuse(query, ana, input=input) == "FORBIDDEN"


@pytest.mark.parametrize("status", [DoctorStatus.PENDING, DoctorStatus.SUSPENDED])
async def test_by_verified_doctors_alone(server, people, status):
    doctor, ana = people
    visit = await seen(server, doctor, ana)
    await server.fetch("UPDATE doctor SET status = $2 WHERE id = $1", doctor.id, status.value)

    async with server.unchanged(doctor, ana):
        refused = await server.refuse(CERTIFICATE, doctor, input=certificate(visit))
    assert refused == "FORBIDDEN"


async def test_who_is_suspended_while_it_is_printed_issues_nothing(server, people):
    doctor, ana = people
    visit = await seen(server, doctor, ana)
    press = server.app._press
    printed = press.print

    async def suspended(*given, **more):
        await server.fetch("UPDATE doctor SET status = 'SUSPENDED' WHERE id = $1", doctor.id)
        return await printed(*given, **more)

    with mock.patch.object(press, "print", suspended):
        refused = await server.refuse(CERTIFICATE, doctor, input=certificate(visit))

    assert refused == "FORBIDDEN"
    assert (await server.ask(MINE, ana))["documents"]["nodes"] == []


async def test_an_appointment_has_twenty_papers_at_most(server, people):
    doctor, ana = people
    visit = await seen(server, doctor, ana)
    await issued(server, doctor, visit)
    await server.fetch(
        "WITH one AS (INSERT INTO document SELECT (jsonb_populate_record(it, jsonb_build_object("
        "'id', gen_random_uuid(), 'object_key', gen_random_uuid()))).* FROM document AS it,"
        " generate_series(1, 19) WHERE it.patient_id = $1 RETURNING id)"
        " INSERT INTO paper SELECT (jsonb_populate_record(it, jsonb_build_object('id', one.id,"
        "'key', gen_random_uuid(), 'code', gen_random_uuid()))).* FROM paper AS it, one"
        " WHERE it.patient_id = $1",
        ana.id,
    )

    payload = await server.ask(CERTIFICATE, doctor, input=certificate(visit))

    assert problem(payload) == ("LIMIT_REACHED", [])


# ----------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"text": "   "}, "INVALID", ["text"]),
        ({"text": "x" * 4001}, "INVALID", ["text"]),
        ({"text": "um\tdois"}, "INVALID", ["text"]),
        ({"text": "漢"}, "INVALID", ["text"]),
        ({"days": 0}, "INVALID", ["days"]),
        ({"days": 366}, "INVALID", ["days"]),
        ({"cid": "J11.1"}, "CONSENT_REQUIRED", ["cidConsent"]),
        ({"cid": "gripe forte", "cidConsent": True}, "INVALID", ["cid"]),
        ({"workAddress": " "}, "INVALID", ["workAddress"]),
        ({"workContact": "x" * 201}, "INVALID", ["workContact"]),
        ({"workContact": "a\nb"}, "INVALID", ["workContact"]),
        ({"idempotencyKey": "1"}, "INVALID", ["idempotencyKey"]),
    ],
)
async def test_a_certificate_that_cannot_be_printed_is_refused(server, people, given, code, path):
    doctor, ana = people
    visit = await seen(server, doctor, ana)

    async with server.unchanged(doctor, ana):
        payload = await server.ask(CERTIFICATE, doctor, input=certificate(visit, **given))

    assert problem(payload) == (code, path)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"items": []}, ["items"]),
        ({"items": [{"drug": "a", "dose": "b", "posology": "", "quantity": "d"}]}, "posology"),
        (
            {"items": [{"drug": "a", "dose": "b", "posology": "c", "quantity": "d" * 201}]},
            "quantity",
        ),
        ({"items": [dict.fromkeys(("drug", "dose", "posology", "quantity"), "a")] * 21}, ["items"]),
        ({"text": "x" * 4001}, ["text"]),
    ],
)
async def test_a_prescription_that_cannot_be_printed_is_refused(server, people, given, path):
    doctor, ana = people
    visit = await seen(server, doctor, ana)

    async with server.unchanged(doctor, ana):
        payload = await server.ask(PRESCRIPTION, doctor, input=prescription(visit, **given))

    path = ["items", "0", path] if isinstance(path, str) else path
    assert problem(payload) == ("INVALID", path)


async def test_all_that_is_wrong_is_told_at_once(server, people):
    doctor, ana = people
    wrong = certificate(await seen(server, doctor, ana), text="", days=0, workAddress="")

    payload = await server.ask(CERTIFICATE, doctor, input=wrong)

    assert [each["path"] for each in payload["problems"]] == [["text"], ["days"], ["workAddress"]]


async def test_a_name_that_cannot_be_printed_is_refused(server, people):
    doctor, _ = people
    lin = make.patient(name="Lin 林")
    await server.given(lin)

    payload = await server.ask(
        CERTIFICATE, doctor, input=certificate(await seen(server, doctor, lin))
    )

    assert problem(payload) == ("INVALID", [])


async def test_of_a_specialty_without_rqe_nothing_is_said(server):
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)

    document = await issued(server, doctor, await seen(server, doctor, ana))

    [page] = pages_of(await stored(server, document["id"]))
    assert "RQE" not in page
    assert "Cardiologia" not in page


# ------------------------------------------------------------- once, or not at all


async def test_the_same_key_gives_the_same_paper(server, people):
    doctor, ana = people
    visit = await seen(server, doctor, ana)
    input = certificate(visit)

    payloads = await asyncio.gather(
        *(server.ask(CERTIFICATE, doctor, input=input) for _ in range(5))
    )
    again = await server.ask(CERTIFICATE, doctor, input=input)

    assert {each["document"]["id"] for each in [*payloads, again]} == {again["document"]["id"]}
    assert len((await server.ask(MINE, ana))["documents"]["nodes"]) == 1
    assert await actions(server, ana) == ["UPLOADED"]
    pdf = await stored(server, again["document"]["id"])
    assert hashlib.sha256(pdf).hexdigest() == again["document"]["sha256"]


async def test_the_same_key_for_something_else_is_refused(server, people):
    doctor, ana = people
    visit, bia = await seen(server, doctor, ana), make.patient()
    await server.given(bia)
    other = await seen(
        server, doctor, bia, starts_at=server.now - 3 * DAY, ends_at=server.now - 2 * DAY
    )
    input = certificate(visit)
    assert (await server.ask(CERTIFICATE, doctor, input=input))["problems"] == []

    key = {"idempotencyKey": input["idempotencyKey"]}
    for query, reused in (
        (CERTIFICATE, input | {"text": "Outro texto."}),
        (CERTIFICATE, input | {"appointmentId": gid(other)}),
        (PRESCRIPTION, prescription(visit, **key)),
    ):
        payload = await server.ask(query, doctor, input=reused)
        assert problem(payload) == ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])


def unreachable(server: LocalServer):
    async def fail(*_, **__):
        raise StoreUnreachable("down")

    kind = S3Objects if isinstance(server.app.objects, S3Objects) else FolderObjects
    return mock.patch.object(kind, "put", fail)


async def test_without_the_store_it_is_not_issued_and_can_be_later(server, people):
    doctor, ana = people
    input = certificate(await seen(server, doctor, ana))
    with unreachable(server):
        payload = await server.ask(CERTIFICATE, doctor, input=input)
    assert problem(payload) == ("NOT_UPLOADED", [])
    assert await actions(server, ana) == []

    payload = await server.ask(CERTIFICATE, doctor, input=input)

    assert payload["document"]["status"] == "AVAILABLE"
    pdf = await stored(server, payload["document"]["id"])
    assert payload["document"]["sha256"] == hashlib.sha256(pdf).hexdigest()


async def test_what_was_never_stored_is_rejected_and_removed(server, people):
    doctor, ana = people
    input = certificate(await seen(server, doctor, ana))
    with unreachable(server):
        await server.ask(CERTIFICATE, doctor, input=input)
    [row] = await server.fetch("SELECT * FROM document WHERE patient_id = $1", ana.id)
    assert row["status"] == "UPLOADING"
    id = f"document_{row['id']}"
    assert await server.refuse(COMPLETE, ana, id=id) == "NOT_FOUND"  # it is no upload of hers
    assert await server.ask(NODE, doctor, id=id) is None

    server.now += 2 * DAY / 24
    await server.app.uploads.sweep()

    [row] = await server.fetch("SELECT * FROM document WHERE patient_id = $1", ana.id)
    assert (row["status"], row["removed"]) == ("REJECTED", True)
    payload = await server.ask(CERTIFICATE, doctor, input=input)
    assert problem(payload)[0] == "IDEMPOTENCY_KEY_REUSED"
    input["idempotencyKey"] = str(uuid4())
    assert (await server.ask(CERTIFICATE, doctor, input=input))["problems"] == []


async def test_a_full_record_takes_papers_still_and_they_count(server, people):
    """A doctor cannot make room in it, and the patient has a right to them."""
    doctor, ana = people
    await server.given(make.document(ana, size=server.app._limits.record_largest))

    document = await issued(server, doctor, await seen(server, doctor, ana))

    async with server.app.works.begin(ana.viewer) as work:
        kept = await work.documents.kept_bytes(ana.id, since=server.now)
    assert kept == server.app._limits.record_largest + document["size"]
