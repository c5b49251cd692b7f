"""A partner sees what its scopes are for, and of the rest what the wrong kind of user does."""

import asyncio
import itertools
from typing import Any

import pytest

from domain.auth import Role, Scope, Viewer, as_reader
from domain.errors import Forbidden, Unauthenticated
from domain.ids import UserId, new_id
from tests import make
from tests.make import NOW, Person, Program
from tests.schema.test_access import LIVE, OPEN_QUERIES, SCHEMA
from tests.server import LocalServer, gid
from transport.errors import Unfit

DOCTORS, SLOTS = Scope.DOCTORS, Scope.SLOTS
RANGE = '(from: "2030-01-07T00:00:00Z", to: "2030-02-01T00:00:00Z")'
# Of each root field a partner's document, and the scopes without which it is FORBIDDEN.
ASKED = {
    "specialties": ("{ specialties { code } }", {DOCTORS}),
    "consentText": ("{ consentText { version } }", {DOCTORS}),
    "doctors": ("{ doctors(first: 1) { nodes { id } } }", {DOCTORS}),
    "doctor": ('{ doctor(crm: "1", uf: SP) { id } }', {DOCTORS}),
    "eventCursor": ("{ eventCursor }", {SLOTS}),
    "viewer": ("{ viewer { __typename } }", set()),
    "node": ('{ node(id: "slot_x") { id } }', set()),
    "nodes": ('{ nodes(ids: ["slot_x"]) { id } }', set()),
}
HEARD = {
    "slotChanges": ('subscription { slotChanges(doctorIds: ["%s"]) { kind } }', {SLOTS}),
    "appointmentChanges": ("subscription { appointmentChanges { kind } }", None),
    "consultationSignals": (
        'subscription { consultationSignals(appointmentId: "appointment_x") { payload } }',
        None,
    ),
    "consultationPresence": (
        'subscription { consultationPresence(appointmentId: "appointment_x") { at } }',
        None,
    ),
    "recordAccessed": ("subscription { recordAccessed { action } }", None),
}
PUBLISH = """mutation ($input: PublishSlotsInput!) {
  publishSlots(input: $input) { problems { code } }
}"""
ONE = {"times": [{"startsAt": "2030-01-08T12:00:00Z", "endsAt": "2030-01-08T12:30:00Z"}]}
every_set = pytest.mark.parametrize(
    "scopes",
    [chosen for n in range(1, 4) for chosen in itertools.combinations(Scope, n)],
    ids="+".join,
)


def codes(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (".".join(map(str, error["path"])), error["extensions"]["code"])
        for error in answer.get("errors", [])
    ]


def test_of_every_root_field_it_is_said_which_scope_it_needs():
    assert set(ASKED) == set(SCHEMA.query_type.fields) == OPEN_QUERIES
    assert set(HEARD) == set(SCHEMA.subscription_type.fields) == set(LIVE)


@every_set
@pytest.mark.parametrize("name", ASKED)
async def test_without_the_scope_a_field_is_as_if_it_were_not_theirs(
    server: LocalServer, name: str, scopes: tuple[Scope, ...]
):
    partner = make.partner(*scopes)
    await server.given(partner)
    query, needed = ASKED[name]

    answer = await server.answer(query, partner)

    if needed <= set(scopes):
        assert codes(answer) == []
    else:
        assert answer["data"] == {name: None}
        assert codes(answer) == [(name, "FORBIDDEN")]


@every_set
async def test_live_slots_need_their_scope_and_appointments_are_nobodys(
    server: LocalServer, scopes: tuple[Scope, ...]
):
    partner, doctor = make.partner(*scopes), make.doctor()
    await server.given(partner, doctor)
    for name, (document, needed) in HEARD.items():
        query = document.replace("%s", gid(doctor))
        if needed is not None and needed <= set(scopes):
            async with server.listening(query, partner):
                continue
        with pytest.raises(Unfit) as refusal:
            async with server.listening(query, partner):
                pass
        [error] = refusal.value.errors
        assert error["extensions"]["code"] == "FORBIDDEN", name


async def people(server: LocalServer) -> tuple[Person, Person, Any, Any]:
    doctor, ana = make.doctor(), make.patient()
    asked = make.visit(doctor, ana)
    free = make.slot(doctor, starts_at=make.TOMORROW + make.HALF_AN_HOUR)
    await server.given(doctor, ana, *asked, free)
    return doctor, ana, asked, free


async def test_what_is_nested_needs_its_own_scope(server: LocalServer):
    doctor, _, _, free = await people(server)
    of_doctors, of_slots = make.partner(DOCTORS), make.partner(SLOTS)
    both = make.partner(DOCTORS, SLOTS)
    await server.given(of_doctors, of_slots, both)
    fields = [f"nextSlots {{ id }} slots{RANGE} {{ id }}", "nextSlots { id }"]
    node = "query ($id: ID!) { node(id: $id) { id %s } }"

    for selection, path in ((fields[1], "nextSlots"), (f"slots{RANGE} {{ id }}", "slots")):
        query = node % f"... on Doctor {{ {selection} }}"
        answer = await server.answer(query, of_doctors, id=gid(doctor))
        assert answer["data"] == {"node": None}
        assert codes(answer) == [(f"node.{path}", "FORBIDDEN")]
    owner = node % "... on Slot { doctor { id } holdExpiresAt }"
    answer = await server.answer(owner, of_slots, id=gid(free))
    assert codes(answer) == [("node.doctor", "FORBIDDEN")]

    told = await server.ask(node % f"... on Doctor {{ {fields[0]} }}", both, id=gid(doctor))
    assert (
        [slot["id"] for slot in told["slots"]]
        == [gid(free)]
        == [slot["id"] for slot in told["nextSlots"]]
    )
    told = await server.ask(owner, both, id=gid(free))
    assert told["doctor"] == {"id": gid(doctor)}


@pytest.mark.parametrize(
    "search",
    [
        'filter: {availableFrom: "2030-01-08T00:00:00Z"}',
        'filter: {availableTo: "2030-01-09T00:00:00Z"}',
        "orderBy: SOONEST",
    ],
)
async def test_who_is_free_is_not_learnt_from_a_search_without_the_scope_of_slots(
    server: LocalServer, search: str
):
    of_doctors, both = make.partner(DOCTORS), make.partner(DOCTORS, SLOTS)
    await server.given(of_doctors, both)
    query = f"{{ doctors({search}, first: 1) {{ nodes {{ id }} }} }}"

    assert codes(await server.answer(query, of_doctors)) == [("doctors", "FORBIDDEN")]
    assert codes(await server.answer(query, both)) == []


@every_set
async def test_a_node_that_is_not_theirs_is_not_there(
    server: LocalServer, scopes: tuple[Scope, ...]
):
    doctor, ana, (taken, asked), free = await people(server)
    partner = make.partner(*scopes)
    await server.given(partner)
    there = {
        gid(doctor): DOCTORS in scopes,
        gid(free): SLOTS in scopes,
        gid(taken): SLOTS in scopes,
    }
    never = [gid(ana), gid(asked), gid(partner), f"session_{partner.token.id}"]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    told = await server.ask(query, partner, ids=[*there, *never])

    assert [node is not None for node in told] == [*there.values(), *[False] * len(never)]


async def test_a_hold_is_nobodys_to_a_partner(server: LocalServer):
    doctor, ana, partner = make.doctor(), make.patient(), make.partner()
    held = make.slot(doctor).held(ana.id, until=NOW + make.HALF_AN_HOUR)
    await server.given(doctor, ana, partner, held)
    query = "query ($id: ID!) { node(id: $id) { ... on Slot { status holdExpiresAt } } }"

    told = await server.ask(query, partner, id=gid(held))

    assert told == {"status": "HELD", "holdExpiresAt": None}


@pytest.mark.parametrize("scopes", [(SLOTS,), (DOCTORS, SLOTS)], ids="+".join)
async def test_what_is_told_live_keeps_within_the_scopes_and_to_each_his_own(
    server: LocalServer, scopes: tuple[Scope, ...]
):
    doctor, partner = make.doctor(), make.partner(*scopes)
    await server.given(doctor, partner)
    listen = f'subscription {{ slotChanges(doctorIds: ["{gid(doctor)}"]) {{ slot {{ doctor {{ id }} }} }} }}'  # noqa: E501

    async with server.listening(listen, partner) as theirs, server.listening(listen) as anybodys:
        await server.ask(PUBLISH, doctor, input=ONE)

        seen = {"slot": {"doctor": {"id": gid(doctor)}}}
        assert await anybodys.next() == seen
        if DOCTORS in scopes:
            assert await theirs.next() == seen
        else:
            answer = await theirs.heard.get()
            assert codes(answer) == [("slotChanges.slot.doctor", "FORBIDDEN")]


async def test_with_its_token_a_partners_own_feed_ends(server: LocalServer):
    doctor, partner = make.doctor(), make.partner(SLOTS)
    await server.given(doctor, partner)
    listen = f'subscription {{ slotChanges(doctorIds: ["{gid(doctor)}"]) {{ kind }} }}'

    async with server.listening(listen, partner) as theirs:
        async with server.app.works.begin() as work:
            await work.partner_tokens.end(partner.token.id, at=NOW)
        await server.ask(PUBLISH, doctor, input=ONE)

        async with asyncio.timeout(5):
            while not theirs.over:  # noqa: ASYNC110  # a sink tells nobody
                await asyncio.sleep(0.01)
    assert isinstance(theirs.finished, Unauthenticated)
    assert theirs.heard.empty()


@pytest.mark.parametrize("role", [None, Role.DOCTOR, Role.PATIENT, Role.ADMINISTRATOR])
def test_people_need_no_scopes(role: Role | None):
    viewer = role and Viewer(user_id=UserId(new_id()), role=role)

    for scope in Scope:
        as_reader(viewer, scope)
        with pytest.raises(Forbidden):
            as_reader(Viewer(user_id=UserId(new_id()), role=Role.PARTNER), scope)


def _token(server: LocalServer, partner: Program) -> str:
    return server.app.services.tokens.issue(partner.viewer, at=NOW)[0]


async def test_with_its_scope_a_partner_may_send_any_document_where_others_may_not(
    database_url: str, keys_file: Any
):
    plain, free = make.partner(SLOTS), make.partner(SLOTS, Scope.DOCUMENTS)
    async with LocalServer.run(database_url, keys_file, profile="production") as server:
        await server.given(plain, free)
        allowed = {
            who: server.app.authenticate(f"Bearer {_token(server, who)}").open_documents
            for who in (plain, free)
        }

        assert not server.app.authenticate(None).open_documents
    assert allowed == {plain: False, free: True}
