"""A receipt says exactly what the doctor sees, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import make
from tests.make import Person
from tests.resolvers.test_shares import HIDE, REVOKE, share
from tests.resolvers.test_visit_notes import shared as read_notes
from tests.server import LocalServer, gid

RECEIPT = """
query ($id: ID!) {
  node(id: $id) { ... on RecordShare { receipt {
    doctorName doctorCrm doctorUf documentCount documentNames noteCount includesFuture from until
    text english: text(language: ENGLISH)
  } } }
}
"""
NAMES = """
query ($first: Int, $after: String) {
  viewer { ... on DoctorViewer { sharedDocuments(first: $first, after: $after) {
    nodes { name } pageInfo { hasNextPage endCursor }
  } } }
}
"""
DAY = timedelta(days=1)


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """By the real time, which the database knows."""
    server.now = datetime.now(UTC)
    doctor, ana = make.doctor(name="Helena Prado"), make.patient()
    await server.given(doctor, ana)
    return doctor, ana


async def receipt(server: LocalServer, ana: Person, share_id: str) -> dict:
    return (await server.ask(RECEIPT, ana, id=share_id))["receipt"]


async def names(server: LocalServer, doctor: Person) -> list[str]:
    """Of all that he sees, page by page."""
    found, after, more = [], None, True
    while more:
        page = (await server.ask(NAMES, doctor, first=50, after=after))["sharedDocuments"]
        found += [node["name"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


@pytest.mark.parametrize("whole", [True, False])
async def test_it_names_what_the_doctor_sees_and_nothing_else(server, people, whole):
    doctor, ana = people
    bruno, other = make.patient(), make.doctor()
    documents = [make.document(ana, name=f"Exame {n}.pdf") for n in range(4)]
    await server.given(bruno, other, *documents)
    await server.given(make.document(bruno), make.document(ana, status="REJECTED"))
    named = [] if whole else documents[:3]
    given = (await share(server, ana, doctor, *named))["share"]
    await server.ask(HIDE, ana, id=gid(documents[1]))

    said = await receipt(server, ana, given["id"])

    seen = await names(server, doctor)
    assert said["documentNames"] == seen
    assert said["documentCount"] == len(seen) == (3 if whole else 2)
    assert said["includesFuture"] == whole
    assert (said["from"], said["until"]) == (given["validFrom"], given["validUntil"])
    who = (said["doctorName"], said["doctorCrm"], said["doctorUf"])
    assert who == ("Helena Prado", doctor.who.crm, "SP")


async def test_of_many_it_names_the_latest_hundred_and_counts_all(server, people):
    doctor, ana = people
    documents = [make.document(ana, name=f"Exame {n}.pdf") for n in range(103)]
    await server.given(*documents)
    given = (await share(server, ana, doctor))["share"]

    said = await receipt(server, ana, given["id"])

    assert said["documentCount"] == 103
    assert said["documentNames"] == (await names(server, doctor))[:100]
    assert "103 documentos seus: Exame 102.pdf," in said["text"]
    assert "Exame 3.pdf e mais 3." in said["text"]


async def test_it_says_in_words_what_is_seen_when_and_how_it_is_ended(server, people):
    doctor, ana = people
    await server.given(make.document(ana, name="Hemograma.pdf"))
    until = datetime(server.now.year + 1, 3, 2, 17, 5, tzinfo=UTC)
    until = min(until, server.now + 364 * DAY)
    given = (await share(server, ana, doctor, until=until))["share"]

    said = await receipt(server, ana, given["id"])

    local = until - timedelta(hours=3)  # in São Paulo, which has no summer time
    first, second, notes, third, *_, last = said["text"].split("\n")
    assert first == (f"Helena Prado (CRM {doctor.who.crm}/SP) vê 1 documento seu: Hemograma.pdf.")
    assert second == "Também verá tudo o que você enviar até lá."
    assert notes == "Também lê o que outros médicos anotam das suas consultas (0 até agora)."
    assert third.endswith(f"até {local:%d/%m/%Y %H:%M} (America/Sao_Paulo).")
    assert "revogue" in last
    assert f"to {local:%Y-%m-%d %H:%M} (America/Sao_Paulo)." in said["english"]
    assert "consulta marcada" not in said["text"]


@pytest.mark.parametrize("whole", [True, False])
async def test_it_counts_the_notes_that_the_doctor_reads(server, people, whole):
    doctor, ana = people
    bruno, other, document = make.patient(), make.doctor(), make.document(ana)
    await server.given(bruno, other, document)
    visits = [
        make.visit(of, patient, status="COMPLETED", starts_at=make.TOMORROW + n * DAY)
        for n, (of, patient) in enumerate(
            [(other, ana), (other, ana), (doctor, ana), (other, bruno)]
        )
    ]
    notes = [make.note(visit) for _, visit in visits]
    amended = make.note(visits[0][1], version=2, amends=notes[0].id)
    await server.given(*(thing for visit in visits for thing in visit), *notes, amended)
    given = (await share(server, ana, doctor, *([] if whole else [document])))["share"]

    said = await receipt(server, ana, given["id"])

    read = await read_notes(server, doctor, ana)
    assert said["noteCount"] == len(read) == (3 if whole else 0)
    assert ("(3 até agora)" in said["text"]) is ("(3 so far)" in said["english"]) is whole


async def test_with_nothing_to_see_it_says_so(server, people):
    doctor, ana = people
    given = (await share(server, ana, doctor))["share"]

    said = await receipt(server, ana, given["id"])

    assert said["documentCount"] == 0
    assert "vê nenhum documento seu por enquanto." in said["text"]


async def test_of_an_ended_one_it_says_that_nothing_is_seen(server, people):
    doctor, ana = people
    await server.given(make.document(ana))
    given = (await share(server, ana, doctor))["share"]
    await server.ask(REVOKE, ana, id=given["id"])

    said = await receipt(server, ana, given["id"])

    assert said["text"].endswith("não vê mais nada.")
    assert said["english"].endswith("sees nothing any more.")


async def test_for_an_appointment_it_has_the_times_that_follow_from_it(server, people):
    doctor, ana = people
    document, starts_at = make.document(ana), server.now + 3 * DAY
    times = {"starts_at": starts_at, "respond_by": starts_at, "status": "CONFIRMED"}
    slot, visit = make.visit(doctor, ana, **times)
    bound = {"appointment_id": visit.id, "opens_before": DAY, "lasts_after": 7 * DAY}
    made = make.share(ana, doctor, valid_until=server.now + 30 * DAY, **bound)
    await server.given(document, slot, visit, made)

    said = await receipt(server, ana, gid(made))

    assert datetime.fromisoformat(said["from"]) == starts_at - DAY
    assert datetime.fromisoformat(said["until"]) == visit.ends_at + 7 * DAY
    assert said["documentNames"] == ["Hemograma.pdf"]
    assert "se a consulta mudar de data" in said["text"]
    await server.fetch(
        "UPDATE appointment SET starts_at = $2, respond_by = $2 WHERE id = $1",
        *(visit.id, starts_at - 2 * DAY - timedelta(minutes=1)),
    )
    assert await names(server, doctor) == said["documentNames"]  # as it was told
