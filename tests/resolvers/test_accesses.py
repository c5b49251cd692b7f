"""A patient reads, and hears, who did what with his record; nobody can write it anew."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import get_named_type, is_interface_type

from domain.ids import new_id
from tests import make
from tests.make import Person
from tests.resolvers.test_shares import HIDE, NODE, REVOKE, SHARED, share, shared
from tests.server import LocalServer, gid
from transport.errors import Unfit
from wiring.schema import graphql_schema

OPEN = """
mutation ($id: ID!, $purpose: String) {
  openDocument(input: {documentId: $id, purpose: $purpose}) {
    url problems { code path }
  }
}
"""
_ENTRY = """
  cursor at action actorName actorCrm actorUf purpose document { id name } share { id }
"""
LOG = f"""
query ($first: Int, $after: String) {{
  viewer {{ ... on PatientViewer {{
    recordAccesses(first: $first, after: $after) {{
      nodes {{ {_ENTRY} }} pageInfo {{ hasNextPage endCursor }}
    }}
  }} }}
}}
"""
LIVE = f"subscription ($after: EventCursor) {{ recordAccessed(after: $after) {{ {_ENTRY} }} }}"


async def entries(server: LocalServer, patient: Person) -> list[dict]:
    """The latest first."""
    return (await server.ask(LOG, patient, first=100))["recordAccesses"]["nodes"]


async def actions(server: LocalServer, patient: Person) -> list[str]:
    return [entry["action"] for entry in await entries(server, patient)]


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """By the real time, which the database knows."""
    server.now = datetime.now(UTC)
    doctor, ana = make.doctor(name="Helena Prado"), make.patient(name="Ana Moreira")
    await server.given(doctor, ana)
    return doctor, ana


async def test_a_listing_is_on_record_with_who_it_was(server, people):
    doctor, ana = people
    bruno = make.patient()
    await server.given(bruno, make.document(ana), make.share(ana, doctor))

    await shared(server, doctor)

    [entry] = await entries(server, ana)
    assert entry["action"] == "LISTED"
    who = (entry["actorName"], entry["actorCrm"], entry["actorUf"])
    assert who == ("Helena Prado", doctor.who.crm, "SP")
    assert (entry["document"], entry["share"]) == (None, None)
    assert await entries(server, bruno) == []


async def test_only_those_whose_documents_were_on_the_page_are_told(server, people):
    doctor, ana = people
    bruno = make.patient()
    await server.given(bruno, make.document(bruno), make.document(ana))
    await server.given(make.share(ana, doctor), make.share(bruno, doctor))
    query = "{ viewer { ... on DoctorViewer { sharedDocuments(first: 1) { nodes { id } } } } }"

    await server.ask(query, doctor)

    assert await actions(server, ana) == ["LISTED"]
    assert await actions(server, bruno) == []


async def test_each_page_is_a_listing_and_an_empty_record_is_one(server, people):
    doctor, ana = people
    bruno = make.patient()
    await server.given(bruno, make.document(ana), make.document(ana))
    await server.given(make.share(ana, doctor), make.share(bruno, doctor))

    first = (await server.ask(SHARED, doctor, patient=gid(ana), first=1))["sharedDocuments"]
    after = first["pageInfo"]["endCursor"]
    await server.ask(SHARED, doctor, patient=gid(ana), first=1, after=after)
    assert await shared(server, doctor, bruno) == []

    assert await actions(server, ana) == ["LISTED", "LISTED"]
    assert await actions(server, bruno) == ["LISTED"]


async def test_to_look_at_one_by_its_id_is_a_listing_too(server, people):
    doctor, ana = people
    document = make.document(ana)
    await server.given(document, make.share(ana, doctor))

    await server.ask(NODE, doctor, id=gid(document))
    await server.ask(NODE, ana, id=gid(document))

    [entry] = await entries(server, ana)
    assert (entry["action"], entry["document"]["id"]) == ("LISTED", gid(document))


async def test_what_a_patient_does_is_on_record_as_his(server, people):
    doctor, ana = people
    document = make.document(ana)
    await server.given(document)
    made = (await share(server, ana, doctor))["share"]
    await server.ask(REVOKE, ana, id=made["id"])
    await server.ask(HIDE, ana, id=gid(document))

    hidden, revoked, given = await entries(server, ana)

    told = [entry["action"] for entry in (hidden, revoked, given)]
    assert told == ["HIDDEN", "REVOKED", "SHARED"]
    assert {e["actorName"] for e in (hidden, revoked, given)} == {"Ana Moreira"}
    assert hidden["document"]["id"] == gid(document)
    assert revoked["share"] == given["share"] == {"id": made["id"]}
    assert {entry["actorCrm"] for entry in (hidden, revoked, given)} == {None}


async def test_a_refusal_is_on_record_though_nothing_else_happens(server, people):
    doctor, ana = people
    bruno, document = make.patient(), make.document(ana)
    await server.given(bruno, document)

    for who in (doctor, bruno):
        assert await server.refuse(OPEN, who, id=gid(document), purpose=" ver ") == "NOT_FOUND"
    assert await server.refuse(OPEN, doctor, id=f"document_{new_id()}") == "NOT_FOUND"
    assert await server.refuse(OPEN, None, id=gid(document)) == "UNAUTHENTICATED"
    assert await server.refuse(OPEN, make.administrator(), id=gid(document)) == "FORBIDDEN"
    assert await shared(server, doctor, ana) == []
    assert await server.ask(NODE, doctor, id=gid(document)) is None

    looked, asked, of_bruno, of_doctor = await entries(server, ana)
    assert {e["action"] for e in (looked, asked, of_bruno, of_doctor)} == {"DENIED"}
    assert (of_doctor["actorCrm"], of_doctor["purpose"]) == (doctor.who.crm, "ver")
    assert (of_bruno["actorName"], of_bruno["actorCrm"]) == ("Health&Med", None)
    assert (asked["actorCrm"], asked["document"]) == (doctor.who.crm, None)
    assert (looked["actorCrm"], looked["document"]["id"]) == (doctor.who.crm, gid(document))
    assert await server.audited(doctor) == []


async def test_what_is_refused_for_its_form_leaves_no_trace(server, people):
    doctor, ana = people
    document = make.document(ana)
    await server.given(document, make.share(ana, doctor))

    payload = await server.ask(OPEN, doctor, id=gid(document), purpose="x" * 501)

    assert payload["problems"] == [{"code": "INVALID", "path": ["purpose"]}]
    assert await entries(server, ana) == []


async def test_the_log_comes_in_pages_the_latest_first(server, people):
    doctor, ana = people
    await server.given(make.document(ana), make.share(ana, doctor))
    for _ in range(5):
        await shared(server, doctor)
    whole = await entries(server, ana)

    met, after = [], None
    while True:
        page = (await server.ask(LOG, ana, first=2, after=after))["recordAccesses"]
        met += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert met == whole
    cursors = [entry["cursor"] for entry in whole]
    assert cursors == sorted(cursors, reverse=True)


async def test_nobody_else_reads_it(server, people):
    doctor, ana = people
    await server.given(make.document(ana), make.share(ana, doctor))
    await shared(server, doctor)
    bruno = make.patient()
    await server.given(bruno)

    assert await entries(server, bruno) == []
    answer = await server.answer(LOG, doctor)
    assert answer["data"] == {"viewer": {}}


# ----------------------------------------------------------------------- live


async def test_a_patient_hears_at_once_what_is_done_with_his_record(server, people):
    doctor, ana = people
    bruno, document = make.patient(), make.document(ana)
    await server.given(bruno, document, make.document(bruno), make.share(bruno, doctor))

    async with server.listening(LIVE, ana) as hers, server.listening(LIVE, bruno) as his:
        made = (await share(server, ana, doctor))["share"]
        given = await hers.next()
        await server.ask(NODE, doctor, id=gid(document))
        listed = await hers.next()

        assert (given["action"], given["share"]) == ("SHARED", {"id": made["id"]})
        assert (listed["action"], listed["actorName"]) == ("LISTED", "Helena Prado")
        assert listed["document"] == {"id": gid(document), "name": "Hemograma.pdf"}
        assert [listed, given] == await entries(server, ana)
        await server.ask(REVOKE, ana, id=made["id"])
        revoked = await hers.next()
        assert (revoked["action"], revoked["share"]) == ("REVOKED", {"id": made["id"]})
        assert await server.ask(NODE, doctor, id=gid(document)) is None
        assert await his.silent()


async def test_from_any_entry_on_nothing_is_heard_twice_and_nothing_left_out(server, people):
    doctor, ana = people
    bruno = make.patient()
    await server.given(bruno, make.document(ana), make.document(bruno))
    await server.given(make.share(ana, doctor), make.share(bruno, doctor))
    for _ in range(4):
        await shared(server, doctor)  # each tells two patients in one transaction
    whole = list(reversed(await entries(server, ana)))

    async with server.listening(LIVE, ana, after=whole[1]["cursor"]) as again:
        assert [await again.next() for _ in range(2)] == whole[2:]
        await shared(server, doctor)
        assert (await again.next())["action"] == "LISTED"
        assert await again.silent()


async def test_only_patients_listen_to_a_record(server, people):
    doctor, _ = people
    answers = [await refused(server, who) for who in (doctor, None)]

    assert answers == ["FORBIDDEN", "UNAUTHENTICATED"]


async def refused(server: LocalServer, who: Person | None) -> str:
    try:
        async with server.listening(LIVE, who):
            return "heard"
    except Unfit as unfit:
        [error] = unfit.errors
        return error["extensions"]["code"]


def test_what_a_record_holds_is_told_by_its_patients_feed_alone():
    """So there is no feed of a doctor's that a revocation would have to end."""
    record = {"Document", "RecordShare", "RecordAccess"}
    feeds = graphql_schema._schema.subscription_type.fields

    telling = {name for name, feed in feeds.items() if record & named_within(feed.type)}

    assert telling == {"recordAccessed"}


def named_within(kind: Any, seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """The types that a selection on this one may come to."""
    kind = get_named_type(kind)
    if kind.name in seen:
        return seen
    seen |= {kind.name}
    parts = [*getattr(kind, "types", ()), *getattr(kind, "fields", {}).values()]
    if is_interface_type(kind):
        parts += graphql_schema._schema.get_possible_types(kind)
    for part in parts:
        seen = named_within(getattr(part, "type", part), seen)
    return seen


async def test_who_signs_out_hears_no_more(server, people):
    doctor, ana = people
    await server.given(make.document(ana), make.share(ana, doctor))

    async with server.listening(LIVE, ana) as listening:
        await server.ask("mutation { signOut { problems { code } } }", ana)
        await shared(server, doctor)
        assert await listening.silent()


# ---------------------------------------------------------------------- order


async def test_of_many_at_once_each_entry_has_a_place_of_its_own(server, people):
    doctor, ana = people
    bruno = make.patient()
    await server.given(bruno, make.document(ana), make.document(bruno))
    await server.given(make.share(ana, doctor), make.share(bruno, doctor))

    await asyncio.gather(*(shared(server, doctor) for _ in range(30)))

    rows = await server.fetch(
        "SELECT number, tx, row, at FROM record_access WHERE patient_id = $1 ORDER BY number",
        ana.id,
    )
    assert [row["number"] for row in rows] == list(range(1, 31))
    assert len({(row["tx"], row["row"]) for row in rows}) == 30
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
