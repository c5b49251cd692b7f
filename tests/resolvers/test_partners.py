"""Administrators register partners, give them new secrets, and shut them out; and see their use."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain import partners
from domain.auth import ManagePartner, Role, Scope, Viewer
from domain.ids import PartnerId, UserId, new_id
from domain.limits import Limits
from domain.opaque_tokens import hash_of
from domain.partners import Partner
from persistence.unit_of_work import PostgresWork
from tests import make
from tests.make import NOW, SECRET, Person, Program
from tests.server import LocalServer, gid
from transport.errors import Unfit

PARTNER = "partner { id clientId name scopes createdAt previousSecretUntil suspendedAt }"
PROBLEMS = "problems { code path }"
REGISTER = f"""mutation ($input: RegisterPartnerInput!) {{
  registerPartner(input: $input) {{ {PARTNER} clientId clientSecret {PROBLEMS} }}
}}"""
UPDATE = f"""mutation ($input: UpdatePartnerInput!) {{
  updatePartner(input: $input) {{ {PARTNER} {PROBLEMS} }}
}}"""
ROTATE = f"""mutation ($input: RotatePartnerSecretInput!) {{
  rotatePartnerSecret(input: $input) {{ {PARTNER} clientSecret {PROBLEMS} }}
}}"""
SUSPEND = f"""mutation ($input: SuspendPartnerInput!) {{
  suspendPartner(input: $input) {{ {PARTNER} {PROBLEMS} }}
}}"""
REINSTATE = f"""mutation ($input: ReinstatePartnerInput!) {{
  reinstatePartner(input: $input) {{ {PARTNER} {PROBLEMS} }}
}}"""
USAGE = "usage { day operations points errors }"
OWN_USAGE = f"{{ viewer {{ ... on PartnerViewer {{ {USAGE} }} }} }}"
OVERLAP = Limits().secret_overlap


@pytest.fixture
async def admin(server: LocalServer) -> Person:
    made = make.administrator()
    await server.given(made)
    return made


@pytest.fixture
async def partner(server: LocalServer) -> Program:
    made = make.partner()
    await server.given(made)
    return made


async def proved(server: LocalServer, id: Any, secret: str) -> Partner | None:
    """As whom this secret is known now."""
    found: Partner | None = await server.app.works.act(
        lambda work: partners.prove(work, id, secret, at=server.now)
    )
    return found


def shut_out(server: LocalServer, program: Program) -> bool:
    return program.token.id in server.ended and program.token.id in server.app.ended


# ------------------------------------------------------------------------- acts


async def test_a_partner_is_registered_and_its_secret_is_told_once(
    server: LocalServer, admin: Person
):
    scopes = ["slots:read", "doctors:read", "slots:read"]
    payload = await server.ask(REGISTER, admin, input={"name": " Drogaria Sol ", "scopes": scopes})

    assert payload["problems"] == []
    told, secret = payload["partner"], payload["clientSecret"]
    assert told == {
        "id": f"partner_{payload['clientId']}",
        "clientId": payload["clientId"],
        "name": "Drogaria Sol",
        "scopes": ["doctors:read", "slots:read"],
        "createdAt": "2030-01-07T12:15:00Z",
        "previousSecretUntil": None,
        "suspendedAt": None,
    }
    assert len(secret) == 43  # 256 bits in base 64
    [row] = await server.fetch("SELECT * FROM partner WHERE id = $1", payload["clientId"])
    assert row["secret_hash"] == hash_of(secret)
    assert secret not in str(dict(row))
    assert await proved(server, row["id"], secret)
    assert await server.audited(admin) == ["RegisterPartner"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": "A"}, ["name"]),
        ({"name": "A" * 121}, ["name"]),
        ({"name": "So\tl"}, ["name"]),
        ({"scopes": []}, ["scopes"]),
        ({"scopes": ["slots:read", "all"]}, ["scopes", "1"]),
        ({"scopes": ["slots:write"]}, ["scopes", "0"]),
        ({"scopes": ["SLOTS"]}, ["scopes", "0"]),
    ],
    ids=str,
)
async def test_what_is_no_name_or_no_scope_is_refused(
    server: LocalServer, admin: Person, given: dict[str, Any], path: list[str]
):
    before = await server.counts()
    input = {"name": "Drogaria Sol", "scopes": ["slots:read"], **given}

    payload = await server.ask(REGISTER, admin, input=input)

    assert payload["problems"] == [{"code": "INVALID", "path": path}]
    assert payload["partner"] is payload["clientId"] is payload["clientSecret"] is None
    assert await server.counts() == before


async def test_a_partner_is_renamed_and_gains_a_scope_and_its_tokens_live_on(
    server: LocalServer, admin: Person, partner: Program
):
    input = {"partnerId": gid(partner), "name": "Drogaria Lua", "scopes": list(Scope)}

    told = (await server.ask(UPDATE, admin, input=input))["partner"]

    assert (told["name"], told["scopes"]) == ("Drogaria Lua", list(Scope))
    assert not shut_out(server, partner)
    same = (await server.ask(UPDATE, admin, input={"partnerId": gid(partner)}))["partner"]
    assert same == told


async def test_if_a_scope_is_taken_away_tokens_end_that_may_have_it(
    server: LocalServer, admin: Person, partner: Program
):
    input = {"partnerId": gid(partner), "scopes": ["slots:read"]}

    told = (await server.ask(UPDATE, admin, input=input))["partner"]

    assert told["scopes"] == ["slots:read"]
    assert shut_out(server, partner)


async def test_after_a_rotation_both_secrets_are_good_for_a_week_and_after_two_the_oldest_is_void(
    server: LocalServer, admin: Person, partner: Program
):
    input = {"partnerId": gid(partner)}
    first = await server.ask(ROTATE, admin, input=input)

    assert first["partner"]["previousSecretUntil"] == "2030-01-14T12:15:00Z"
    assert await proved(server, partner.id, SECRET)
    assert await proved(server, partner.id, first["clientSecret"])
    assert not shut_out(server, partner)
    server.now = NOW + OVERLAP - timedelta(seconds=1)
    assert await proved(server, partner.id, SECRET)
    server.now = NOW + OVERLAP
    assert await proved(server, partner.id, SECRET) is None
    assert await proved(server, partner.id, first["clientSecret"])

    server.now = NOW
    second = await server.ask(ROTATE, admin, input=input)
    assert await proved(server, partner.id, SECRET) is None
    assert await proved(server, partner.id, first["clientSecret"])
    assert await proved(server, partner.id, second["clientSecret"])


async def test_a_suspended_partner_is_shut_out_at_once_until_it_is_reinstated(
    server: LocalServer, admin: Person, partner: Program
):
    input, other = {"partnerId": gid(partner)}, make.partner()
    await server.given(other)
    token = server.app.services.tokens.issue(partner.viewer, at=NOW)[0]
    assert server.app.authenticate(f"Bearer {token}").viewer == partner.viewer

    told = (await server.ask(SUSPEND, admin, input=input))["partner"]

    assert told["suspendedAt"] == "2030-01-07T12:15:00Z"
    assert server.app.authenticate(f"Bearer {token}").dead
    assert shut_out(server, partner)
    assert not shut_out(server, other)
    assert await proved(server, partner.id, SECRET) is None
    again = await server.ask(SUSPEND, admin, input=input)
    assert [problem["code"] for problem in again["problems"]] == ["WRONG_STATUS"]

    told = (await server.ask(REINSTATE, admin, input=input))["partner"]
    assert told["suspendedAt"] is None
    assert await proved(server, partner.id, SECRET)
    assert server.app.authenticate(f"Bearer {token}").dead
    again = await server.ask(REINSTATE, admin, input=input)
    assert [problem["code"] for problem in again["problems"]] == ["WRONG_STATUS"]


async def test_no_token_escapes_a_suspension_that_comes_at_the_same_time(
    server: LocalServer, admin: Person, partner: Program
):
    """It is being issued while the partner is suspended: the one waits for the other."""
    issued = asyncio.Event()

    async def issue(work: PostgresWork) -> Any:
        proved = await partners.prove(work, partner.id, SECRET, at=NOW)
        assert proved is not None
        issued.set()
        await asyncio.sleep(0.2)
        return await partners.issue(work, proved, frozenset({Scope.SLOTS}), at=NOW)

    async def suspend() -> None:
        await issued.wait()
        await server.ask(SUSPEND, admin, input={"partnerId": gid(partner)})

    viewer, _ = await asyncio.gather(server.app.works.act(issue), suspend())

    assert viewer.session_id in server.app.ended


async def test_nobody_else_learns_what_is_wrong_or_whether_a_partner_is_there(
    server: LocalServer, partner: Program
):
    doctor = make.doctor()
    await server.given(doctor)
    for id in (gid(partner), gid(make.partner()), "x"):
        for mutation in (UPDATE, ROTATE, SUSPEND, REINSTATE):
            assert await server.refuse(mutation, doctor, input={"partnerId": id}) == "FORBIDDEN"
    input = {"name": "", "scopes": ["nonsense"]}
    assert await server.refuse(REGISTER, doctor, input=input) == "FORBIDDEN"


@pytest.mark.parametrize("role", Role)
def test_partners_are_managed_by_administrators_alone(role: Role):
    viewer = Viewer(user_id=UserId(new_id()), role=role)

    for action in ManagePartner.__subclasses__():
        may = action(partner_id=PartnerId(viewer.user_id)).allows(viewer)
        assert may is (role is Role.ADMINISTRATOR)


@pytest.mark.parametrize("mutation", [UPDATE, ROTATE, SUSPEND, REINSTATE])
async def test_a_partner_that_is_not_there_is_not_found(
    server: LocalServer, admin: Person, mutation: str
):
    before = await server.counts()

    for id in (gid(make.partner()), gid(make.doctor()), "x"):
        assert await server.refuse(mutation, admin, input={"partnerId": id}) == "NOT_FOUND"
    assert await server.counts() == before


async def test_tokens_that_have_long_expired_are_forgotten(server: LocalServer, partner: Program):
    old = make.partner()
    long_ago = replace(old.token, expires_at=NOW - timedelta(hours=2))
    await server.given(replace(old, token=long_ago))

    await server.app.purge()

    left = await server.fetch(
        "SELECT id FROM partner_token WHERE id = ANY($1::uuid[])", [partner.token.id, old.token.id]
    )
    assert [record["id"] for record in left] == [partner.token.id]


# ---------------------------------------------------------------------- the list


async def test_an_administrator_sees_all_partners_the_newest_first(
    server: LocalServer, admin: Person
):
    made = [make.partner() for _ in range(3)]
    await server.given(*made)
    query = """query ($after: String) { viewer { ... on AdministratorViewer {
      partners(first: 2, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } }
    } } }"""

    first = (await server.ask(query, admin))["partners"]
    second = (await server.ask(query, admin, after=first["pageInfo"]["endCursor"]))["partners"]

    assert first["pageInfo"]["hasNextPage"]
    seen = [node["id"] for node in first["nodes"] + second["nodes"]]
    assert seen[:3] == sorted(map(gid, made), reverse=True)


# --------------------------------------------------------------------- what is used


@pytest.fixture
async def counting(server: LocalServer) -> AsyncGenerator[LocalServer]:
    await server.app.usage.write()
    yield server
    await server.app.usage.write()


async def usage(server: LocalServer, partner: Program) -> list[dict[str, Any]]:
    """As its row has it, without being counted itself."""
    await server.app.usage.write()
    [found] = await server.app.services.reads.usage([(partner.id, date(2000, 1, 1))])
    return [
        {"day": str(each.day), "used": (each.operations, each.points, each.errors)}
        for each in found
    ]


async def test_operations_of_a_partner_are_counted_with_their_points_and_errors(
    counting: LocalServer, partner: Program
):
    of_slots = make.partner(Scope.SLOTS)
    await counting.given(of_slots)
    cheap, dear = "{ eventCursor }", "{ doctors(first: 7) { nodes { id } } }"

    await counting.ask(cheap, partner)
    await counting.ask(dear, partner)
    await counting.answer(dear, of_slots)
    await counting.ask(dear)

    assert await usage(counting, partner) == [{"day": "2030-01-07", "used": (2, 1 + 8, 0)}]
    assert await usage(counting, of_slots) == [{"day": "2030-01-07", "used": (1, 8, 1)}]


async def test_a_subscription_counts_once_and_as_an_error_if_it_is_refused(
    counting: LocalServer, partner: Program
):
    doctor = make.doctor()
    await counting.given(doctor)
    listen = "subscription ($id: ID!) { slotChanges(doctorIds: [$id]) { kind } }"

    async with counting.listening(listen, partner, id=gid(doctor)):
        pass
    with pytest.raises(Unfit):
        async with counting.listening(listen, partner, id=gid(make.doctor())):
            pass

    [told] = await usage(counting, partner)
    operations, _, errors = told["used"]
    assert (operations, errors) == (2, 1)


async def test_use_is_added_up_by_the_day_over_all_processes(
    counting: LocalServer, partner: Program, database_url: str, keys_file: Any
):
    for day in (0, 0, 1):
        counting.now = NOW + timedelta(days=day)
        await counting.ask("{ eventCursor }", partner)
        await counting.app.usage.write()
    async with LocalServer.run(database_url, keys_file) as other:
        await other.ask("{ eventCursor }", partner)

    found = await usage(counting, partner)

    days = [(each["day"], each["used"][0]) for each in found]
    assert days == [("2030-01-08", 1), ("2030-01-07", 3)]


async def test_what_could_not_be_written_is_written_later(counting: LocalServer, partner: Program):
    await counting.ask("{ eventCursor }", partner)
    pool, counting.app.usage._pool = counting.app.usage._pool, None
    with pytest.raises(AttributeError):
        await counting.app.usage.write()
    counting.app.usage._pool = pool
    await counting.ask("{ eventCursor }", partner)

    [told] = await usage(counting, partner)

    assert told["used"][0] == 2


async def test_a_partner_and_an_administrator_see_the_last_days(
    counting: LocalServer, admin: Person, partner: Program
):
    for day in (0, 5):
        counting.now = NOW + timedelta(days=day)
        await counting.ask("{ eventCursor }", partner)
    await counting.app.usage.write()
    query = """query ($days: Int) { viewer {
      ... on PartnerViewer { usage(days: $days) { day operations } }
      ... on AdministratorViewer { partners(first: 1) { nodes { usage(days: $days) { day operations } } } }
    } }"""  # noqa: E501
    both = [{"day": "2030-01-12", "operations": 1}, {"day": "2030-01-07", "operations": 1}]

    for days, expected in ((5, both[:1]), (6, both), (None, both)):
        own = await counting.ask(query, partner, days=days)
        seen = await counting.ask(query, admin, days=days)
        assert own["usage"] == expected
        assert seen["partners"]["nodes"][0]["usage"] == expected
    for days in (0, -1, 367):
        assert await counting.refuse(query, partner, days=days) == "BAD_USER_INPUT"
