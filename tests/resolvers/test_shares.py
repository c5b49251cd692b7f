"""A patient lets a doctor see documents, for as long as he says; nobody else sees them."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.doctors import DoctorStatus
from domain.records import DocumentStatus
from tests import make
from tests.make import Person
from tests.server import LocalServer, gid

SHARE = """
mutation ($doctor: ID!, $ids: [ID!], $future: Boolean, $until: DateTime!) {
  shareRecord(input: {
    doctorId: $doctor, documentIds: $ids, includeFuture: $future, validUntil: $until
  }) {
    share {
      id status includesFuture validFrom validUntil revokedAt doctor { id }
      documents { nodes { id } }
    }
    problems { code path message }
  }
}
"""
REVOKE = """
mutation ($id: ID!) {
  revokeShare(input: {shareId: $id}) {
    share { id status revokedAt documents { nodes { id } } } problems { code path }
  }
}
"""
HIDE = """
mutation ($id: ID!) {
  hideDocument(input: {documentId: $id}) { document { id status } problems { code path } }
}
"""
SHARED = """
query ($patient: ID, $first: Int, $after: String) {
  viewer { ... on DoctorViewer {
    sharedDocuments(patientId: $patient, first: $first, after: $after) {
      nodes { id name contentType size sha256 status uploadedAt patient { name cpf } }
      pageInfo { hasNextPage endCursor }
    }
  } }
}
"""
SHARES = """
query ($active: Boolean) {
  viewer { ... on PatientViewer { shares(active: $active) { nodes { id status } } } }
}
"""
DOCUMENTS = """
query ($status: [DocumentStatus!]) {
  viewer { ... on PatientViewer { documents(status: $status) { nodes { id status } } } }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { id __typename } }"
DAY = timedelta(days=1)


def ids(nodes: list[dict]) -> list[str]:
    return [node["id"] for node in nodes]


async def shared(server: LocalServer, doctor: Person, patient: Person | None = None) -> list[str]:
    given = {} if patient is None else {"patient": gid(patient)}
    return ids((await server.ask(SHARED, doctor, **given))["sharedDocuments"]["nodes"])


async def share(server: LocalServer, patient: Person, doctor: Person, *documents, **given):
    plain = {"until": datetime.now(UTC) + DAY, "doctor": gid(doctor)}
    what = {"ids": [gid(document) for document in documents]} if documents else {"future": True}
    return await server.ask(SHARE, patient, **(plain | what | given))


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """By the real time, which the database knows."""
    server.now = datetime.now(UTC)
    doctor, ana = make.doctor(), make.patient(name="Ana Moreira")
    await server.given(doctor, ana)
    return doctor, ana


# ------------------------------------------------------------------- sharing


async def test_a_doctor_sees_what_is_shared_with_him_and_nothing_else(server, people):
    doctor, ana = people
    other, bruno = make.doctor(), make.patient()
    first, second = make.document(ana), make.document(ana)
    await server.given(other, bruno, first, second, make.document(bruno))
    assert await shared(server, doctor) == []

    payload = await share(server, ana, doctor, first)

    assert payload["problems"] == []
    assert payload["share"]["status"] == "ACTIVE"
    assert payload["share"]["doctor"] == {"id": gid(doctor)}
    assert ids(payload["share"]["documents"]["nodes"]) == [gid(first)]
    [seen] = (await server.ask(SHARED, doctor))["sharedDocuments"]["nodes"]
    assert seen["id"] == gid(first)
    assert seen["name"] == "Hemograma.pdf"
    assert seen["patient"]["name"] == "Ana Moreira"
    assert seen["patient"]["cpf"].startswith("***.")
    assert await shared(server, other) == []
    assert (await server.ask(NODE, doctor, id=gid(first)))["id"] == gid(first)
    for who, what in ((doctor, second), (other, first), (bruno, first), (other, ana)):
        assert await server.ask(NODE, who, id=gid(what)) is None


async def test_the_whole_record_is_what_there_is_and_what_comes(server, people):
    doctor, ana = people
    first = make.document(ana)
    await server.given(first)

    await share(server, ana, doctor)
    assert await shared(server, doctor) == [gid(first)]

    later = make.document(ana)
    await server.given(later)
    assert await shared(server, doctor) == [gid(later), gid(first)]


async def test_a_share_is_over_by_itself_by_the_databases_time(server, people):
    doctor, ana = people
    document = make.document(ana)
    await server.given(document)
    given = (await share(server, ana, doctor, document))["share"]
    assert await shared(server, doctor) == [gid(document)]

    statement = "UPDATE share SET valid_until = now() - interval '1 ms' WHERE patient_id = $1"
    await server.fetch(f"{statement} AND valid_from < now() - interval '1 ms'", ana.id)
    server.now -= 2 * DAY  # our own clock says nothing

    assert await shared(server, doctor) == []
    assert await server.ask(NODE, doctor, id=gid(document)) is None
    [node] = (await server.ask(SHARES, ana))["shares"]["nodes"]
    assert node == {"id": given["id"], "status": "EXPIRED"}


async def test_it_begins_and_is_revoked_by_the_databases_time(server, people):
    doctor, ana = people
    began = server.now
    server.now += 400 * DAY  # our own clock says nothing

    made = (await share(server, ana, doctor))["share"]
    revoked = (await server.ask(REVOKE, ana, id=made["id"]))["share"]

    assert (made["status"], revoked["status"]) == ("ACTIVE", "REVOKED")
    for moment in (made["validFrom"], revoked["revokedAt"]):
        assert began <= datetime.fromisoformat(moment) < began + DAY


async def test_revoked_it_is_over_at_once(server, people):
    doctor, ana = people
    document = make.document(ana)
    await server.given(document)
    made = (await share(server, ana, doctor))["share"]

    revoked = (await server.ask(REVOKE, ana, id=made["id"]))["share"]

    assert revoked["status"] == "REVOKED"
    assert revoked["revokedAt"] is not None
    assert await shared(server, doctor) == []
    again = (await server.ask(REVOKE, ana, id=made["id"]))["share"]
    assert again == revoked
    assert ids((await server.ask(SHARES, ana, active=True))["shares"]["nodes"]) == []
    assert ids((await server.ask(SHARES, ana, active=False))["shares"]["nodes"]) == [made["id"]]


async def test_of_two_shares_the_other_goes_on(server, people):
    doctor, ana = people
    document = make.document(ana)
    await server.given(document)
    one = (await share(server, ana, doctor, document))["share"]
    await share(server, ana, doctor)

    await server.ask(REVOKE, ana, id=one["id"])

    assert await shared(server, doctor) == [gid(document)]


async def test_what_is_hidden_no_doctor_sees(server, people):
    doctor, ana = people
    document, other = make.document(ana), make.document(ana)
    await server.given(document, other)
    await share(server, ana, doctor, document, other)

    payload = await server.ask(HIDE, ana, id=gid(document))

    assert payload["document"] == {"id": gid(document), "status": "HIDDEN"}
    assert await shared(server, doctor) == [gid(other)]
    assert ids((await server.ask(DOCUMENTS, ana))["documents"]["nodes"]) == [gid(other)]
    hidden = await server.ask(DOCUMENTS, ana, status=["HIDDEN"])
    assert ids(hidden["documents"]["nodes"]) == [gid(document)]
    assert (await server.ask(NODE, ana, id=gid(document)))["id"] == gid(document)


async def test_a_doctor_who_is_no_longer_verified_sees_nothing(server, people):
    doctor, ana = people
    await server.given(make.document(ana), make.share(ana, doctor))
    assert len(await shared(server, doctor)) == 1

    await server.fetch("UPDATE doctor SET status = 'SUSPENDED' WHERE id = $1", doctor.id)

    assert await shared(server, doctor) == []


async def test_a_listing_can_be_of_one_patient_and_comes_in_pages(server, people):
    doctor, ana = people
    bruno = make.patient()
    given = [make.document(ana) for _ in range(5)]
    await server.given(bruno, *given, make.document(bruno))
    await share(server, ana, doctor)
    await share(server, bruno, doctor)

    met, after = [], None
    while True:
        page = await server.ask(SHARED, doctor, patient=gid(ana), first=2, after=after)
        met += ids(page["sharedDocuments"]["nodes"])
        after = page["sharedDocuments"]["pageInfo"]["endCursor"]
        if not page["sharedDocuments"]["pageInfo"]["hasNextPage"]:
            break

    assert met == [gid(document) for document in reversed(given)]
    assert len(await shared(server, doctor)) == 6


# ------------------------------------------------------------------ refusals


async def problem(server: LocalServer, patient: Person, doctor: Person, **given) -> tuple:
    async with server.unchanged(patient, doctor):
        payload = await share(server, patient, doctor, **given)
    assert payload["share"] is None
    [found] = payload["problems"]
    return found["code"], found["path"]


async def test_either_documents_or_the_whole_record(server, people):
    doctor, ana = people
    document = make.document(ana)
    await server.given(document)
    wrong = ("INVALID", ["documentIds"])

    assert await problem(server, ana, doctor, ids=[gid(document)], future=True) == wrong
    assert await problem(server, ana, doctor, ids=None, future=False) == wrong
    assert await problem(server, ana, doctor, ids=None, future=None) == wrong
    assert await problem(server, ana, doctor, ids=[], future=False) == wrong
    many = [gid(document)] * 501
    assert await problem(server, ana, doctor, ids=many, future=False) == wrong


async def test_five_hundred_documents_are_not_too_many(server, people):
    doctor, ana = people
    documents = [make.document(ana) for _ in range(500)]
    await server.given(*documents)

    assert (await share(server, ana, doctor, *documents))["problems"] == []

    page = await server.ask(SHARED, doctor, first=100)
    assert len(page["sharedDocuments"]["nodes"]) == 100


async def test_an_end_lies_ahead_and_within_a_year(server, people):
    doctor, ana = people
    now = datetime.now(UTC)

    for until in (now - DAY, now - timedelta(seconds=1), now + 365 * DAY + timedelta(minutes=1)):
        assert await problem(server, ana, doctor, until=until) == ("INVALID", ["validUntil"])
    within = await share(server, ana, doctor, until=now + 365 * DAY - timedelta(minutes=1))
    assert within["problems"] == []


@pytest.mark.parametrize("status", [DoctorStatus.SUSPENDED, DoctorStatus.PENDING])
async def test_nothing_is_shared_with_who_is_not_verified(server, people, status):
    _, ana = people
    doctor = make.doctor(status=status)
    await server.given(doctor)

    given = {"doctor": gid(doctor), "future": True, "until": datetime.now(UTC) + DAY}
    assert await server.refuse(SHARE, ana, **given) == "NOT_FOUND"


@pytest.mark.parametrize(
    "status", [DocumentStatus.UPLOADING, DocumentStatus.REJECTED, DocumentStatus.HIDDEN]
)
async def test_only_what_is_available_is_shared_or_hidden(server, people, status):
    doctor, ana = people
    document = make.document(ana, status=status)
    await server.given(document)

    given = {"doctor": gid(doctor), "ids": [gid(document)], "until": datetime.now(UTC) + DAY}
    assert await server.refuse(SHARE, ana, **given) == "NOT_FOUND"
    if status is not DocumentStatus.HIDDEN:
        payload = await server.ask(HIDE, ana, id=gid(document))
        assert [p["code"] for p in payload["problems"]] == ["WRONG_STATUS"]


async def test_nobody_shares_revokes_or_hides_what_is_anothers(server, people):
    doctor, ana = people
    bruno, document, made = make.patient(), make.document(ana), make.share(ana, doctor)
    await server.given(bruno, document, made)

    async with server.unchanged(ana, bruno, doctor):
        given = {"doctor": gid(doctor), "ids": [gid(document)], "until": datetime.now(UTC) + DAY}
        assert await server.refuse(SHARE, bruno, **given) == "NOT_FOUND"
        for text, thing in ((REVOKE, made), (HIDE, document)):
            assert await server.refuse(text, bruno, id=gid(thing)) == "NOT_FOUND"
            assert await server.refuse(text, doctor, id=gid(thing)) == "FORBIDDEN"
            assert await server.refuse(text, None, id=gid(thing)) == "UNAUTHENTICATED"
        assert await server.ask(NODE, bruno, id=gid(made)) is None
        assert await server.ask(NODE, doctor, id=gid(made)) is None
