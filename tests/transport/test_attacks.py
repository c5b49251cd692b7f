"""What is sent to GraphQL servers to hurt them: after GraphQL Armor's rules, OWASP's cheat sheet
and graphql-cop's list. Against the clinic's own schema, through the door that everybody uses.
"""

import gc
import json
import time
from collections.abc import AsyncGenerator, Generator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from schema import paging
from schema.sizes import SIZES
from tests.server import LocalServer
from transport.execution import core_schema
from transport.server import GraphQLServer
from transport.sizes import Sizes
from wiring.schema import graphql_schema

CPU_SECONDS = 0.25  # of one core, until it is refused
MODERN = "application/graphql-response+json"


@pytest.fixture(autouse=True, scope="module")
def frozen() -> Generator[None]:
    """As app.py does when it has started."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
async def http(running_server: LocalServer) -> AsyncGenerator[httpx.AsyncClient]:
    """A new server each time, which has seen nothing yet."""
    app = running_server.app
    server = GraphQLServer(
        graphql_schema,
        authenticate=app.authenticate,
        make_context=app.make_context,
        sizes=Sizes(core_schema(graphql_schema), SIZES, most_first=paging.MOST),
    )
    transport = httpx.ASGITransport(Starlette(routes=list(server.routes())))
    headers = {"accept": MODERN}
    async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=headers) as http:
        yield http


def many(count: int, each: str, between: str = " ") -> str:
    """`each` with # replaced by 0, 1, …"""
    return between.join(each.replace("#", str(n)) for n in range(count))


def nested(count: int, before: str, inside: str, after: str = "}") -> str:
    return before * count + inside + after * count


NODES = "query ($v: [ID!]!) { nodes(ids: $v) { id } }"
SEARCH = "query ($v: DoctorFilter) { doctors(filter: $v) { nodes { id } } }"
FIRST = "query ($v: Int) { doctors(first: $v) { nodes { id } } }"

TEXTS = {
    # alias overloading
    "100 aliases": "{ " + many(100, "a#: __typename") + " }",
    "aliased reads": "{ " + many(51, 'a#: node(id: "x") { id }') + " }",
    "aliases in fragments": "{ " + "...F " * 20 + "} fragment F on Query { a: viewer { __typename"
    " } b: viewer { __typename } c: viewer { __typename } }",
    "brute force": "mutation { "
    + many(51, 'a#: holdSlot(input: {slotId: "#"}) { __typename }')
    + "}",
    "500 introspections": "{ " + many(500, "a#: __schema { types { name } }") + " }",
    # directive overloading
    "10 unknown directives": "{ __typename " + "@aa" * 10 + " }",
    "900 unknown directives": "{ __typename " + "@a" * 900 + " }",
    "directives everywhere": "{ " + "__typename @include(if: true) " * 250 + "}",
    "directives on variables": "query (" + many(200, "$v#: Int @a @b") + ") { __typename }",
    # circular and exploding fragments
    "a circle of one": "{ ...A } fragment A on Query { ...A }",
    "a circle of 49": "{ ...F0 } " + many(48, "fragment F# on Query { ...F@ }") + "",
    "a bomb": "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...C ...C }"
    " fragment C on Query { ...D ...D } fragment D on Query { ...E ...E } fragment E on Query"
    " { ...F ...F } fragment F on Query { ...G ...G } fragment G on Query { ...H ...H }"
    " fragment H on Query { ...I ...I } fragment I on Query { ...J ...J } fragment J on Query"
    " { ...K ...K } fragment K on Query { __typename }",
    "many fragments": "{ ...F0 } " + many(200, "fragment F# on Query { __typename }"),
    "unused fragments": "{ __typename } " + many(50, "fragment F# on Query { a b c d }"),
    "unknown fragments": "{ " + many(900, "...F#") + " }",
    # field duplication, and conflicts that validation looks at one by one
    "500 times one field": "{ " + "__typename " * 500 + "}",
    "1990 times one field": "{ " + "__typename " * 1990 + "}",
    "in an unused fragment": "{ __typename } fragment A on Query { " + "__typename " * 1980 + "}",
    "conflicting arguments": "{ " + many(240, 'node(id: "#") { id }') + " }",
    "nested conflicts": "{ " + many(90, "doctors { nodes { id node: name } }") + " }",
    "500 conflicting fields": "{ " + many(500, "a: f#") + " }",
    "conflicts by fragments": "{ " + many(40, "...F#") + " }"
    + many(40, "fragment F# on Query { a: f# b: g# c: h# }"),
    "unknown fields": "{ " + many(1_900, "f#") + " }",
    # the schema as a weapon
    "deep introspection": "{ __schema { " + nested(8, "types { fields { type { ", "name", "} } } ")
    + " } }",
    "circular introspection": "{ __schema { types { fields { type { fields { type { fields { type {"
    " name } } } } } } } } }",
    "introspection in chains of ofType": "{ __schema { types { "
    + nested(19, "ofType { ", "name")
    + " } } }",
    "introspection by aliases": "{ " + many(20, "a#: __schema { types { fields { args { type {"
    " name } } } } }") + " }",
    # depth
    "deep query": "{ viewer { ... on DoctorViewer { doctor { "
    + nested(7, "nextSlots { doctor { ", "id", "} }")
    + " } } } }",
    "deeper than can be read": nested(900, "{ a", "", "}"),
    "deep inline fragments": "{ " + nested(600, "... { ", "__typename") + " }",
    "deep list": "{ nodes(ids: " + nested(900, "[", "1", "]") + ") { id } }",
    "deep but readable list": "{ nodes(ids: " + nested(90, "[", "1", "]") + ") { id } }",
    "deep object": "{ doctors(filter: " + nested(900, "{near: ", "1") + ") { nodes { id } } }",
    "deep but readable object": "{ doctors(filter: " + nested(60, "{near: ", "1")
    + ") { nodes { id } } }",
    "deep type": "query ($v: " + nested(900, "[", "Int", "]") + ") { __typename }",
    # too much of everything
    "10,000 operations": many(10_000, "query Q# { __typename }"),
    "11 operations": many(11, "query Q# { __typename }"),
    "operations without names": many(400, "{ __typename }"),
    "65 KiB": "{ __typename }" + " " * 65_536,
    "65 KiB of comments": "#\n" * 32_000 + "{ a }",
    "a long field name": "{ " + "a" * 65_000 + " }",
    "a long alias": "{ " + "a" * 65_000 + ": nothing }",
    "a long string": '{ nothing(a: "' + "a" * 65_000 + '") }',
    "a long block string": '{ nothing(a: """' + "a\n" * 32_000 + '""") }',
    "escapes": '{ nothing(a: "' + "\\u0041" * 10_000 + '") }',
    "tokens": "{ " + "a " * 30_000 + "}",
    "punctuation": "{" * 65_000,
    "arguments": "{ node(" + many(600, "a#: 1") + ") { id } }",
    "variables": "query (" + many(490, "$v#: Int") + ") { __typename }",
    "defaults": "query (" + many(300, "$v#: Int = 1") + ") { __typename }",
    "a list of 1900": "{ nodes(ids: [" + "1.5 " * 1_900 + "]) { id } }",
    "a literal object of many fields": "{ doctors(filter: {"
    + many(480, "f#: 1")
    + "}) { nodes { id } } }",
    # large pages
    "a dear page": "{ doctors(first: 100) { nodes { nextSlots(first: 50) { doctor { id } } } } }",
    "dear pages": "{ "
    + many(20, "a#: doctors(first: 100) { nodes { reviews { nodes { stars } } } }")
    + " }",
    "a page beyond its bound": "{ doctors(first: 1000000000) { nodes { id } } }",
    "a negative page": "{ doctors(first: -1) { nodes { id } } }",
    "long ranges": '{ doctors { nodes { slots(from: "2030-01-01T00:00:00Z",'
    ' to: "2030-03-01T00:00:00Z") { id } } } }',
    # odd numbers and letters
    "a big integer": "{ doctors(first: 2147483648) { nodes { id } } }",
    "an integer of 60,000 digits": "{ doctors(first: " + "9" * 60_000 + ") { nodes { id } } }",
    "a float beyond all": "{ doctors(filter: {near: {latitude: 1e999, longitude: 0}}) { nodes { id"
    " } } }",
    "an escaped null": '{ doctors(filter: {search: "\\u0000"}) { nodes { id } } }',
    "a null": '{ doctors(filter: {search: "\0"}) { nodes { id } } }',
    "a null among the tokens": "{ __type\0name }",
    "half a surrogate pair": '{ node(id: "\\ud800") { id } }',
    "a mark in the middle": "{ __type\ufeffname }",
    "control characters": "{ \x01\x02\x7f }",
    "right to left": "{ \u202e__typename }",
    "a type system": "type Query { a: Int } extend type Query { b: Int }",
}  # fmt: skip
TEXTS["a circle of 49"] = (
    "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ ...F{(n + 1) % 49} }}" for n in range(49))
)  # fmt: skip

VARIABLES: dict[str, tuple[str, Any]] = {
    "100,000 ids": (NODES, ["x"] * 100_000),
    "10,000 ids": (NODES, ["x"] * 10_000),
    "101 ids": (NODES, ["x"] * 101),
    "a deep list": (NODES, json.loads(nested(200, "[", "1", "]"))),
    "a deep object": (SEARCH, json.loads(nested(200, '{"near":', "1"))),
    "many unknown fields": (SEARCH, {f"f{n}": 1 for n in range(9_000)}),
    "more unknown fields": (SEARCH, {f"f{n}": 1 for n in range(60_000)}),
    "lists in lists": (NODES, [[[[]] * 10] * 10] * 90),
    "an object for a list": (NODES, {"0": "x"}),
    "a big integer": (FIRST, 2**31),
    "a bigger integer": (FIRST, 2**64),
    "an integer of 300 digits": (FIRST, 10**300),
    "a negative number": (FIRST, -(2**31)),
    "a fraction": (FIRST, 1.5),
    "a null in a text": (SEARCH, {"search": "a\0b"}),
    "a long text of the wrong type": (FIRST, "9" * 900_000),
    "a long wrong date": (SEARCH, {"availableFrom": "2030-" * 150_000}),
    "a long wrong enum": (SEARCH, {"uf": "S" * 900_000}),
}

BODIES: dict[str, bytes] = {
    "a batch": json.dumps([{"query": "{ __typename }"}] * 10).encode(),
    "an empty batch": b"[]",
    "a deep body": b"[" * 100_000,
    "a deep object": b'{"a":' * 100_000,
    "a deep but closed body": b'{"query":"{ a }","variables":' + b'{"a":' * 900 + b"1" + b"}" * 901,
    "a body of 1 MiB and more": b'{"query":"{ __typename }","x":"' + b"a" * 1_048_576 + b'"}',
    "a mark before the body": b'\xef\xbb\xbf{"query":"{ __typename }"}',
    "UTF-16": '{"query":"{ __typename }"}'.encode("utf-16"),
    "broken UTF-8": b'{"query":"{ \xff\xfe }"}',
    "nulls": b"\0" * 1000,
    "half a surrogate pair": b'{"query":"{ a(b: \\"\\ud800\\") }"}',
    "half a surrogate pair in a variable": b'{"query":"{ a }","variables":{"a":"\\ud800"}}',
    "not a number": b'{"query":"{ a }","variables":{"a":NaN}}',
    "a number of 100,000 digits": b'{"query":"{ a }","variables":{"a":' + b"9" * 100_000 + b"}}",
    "many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(80_000)) + b"}",
    "no query": b'{"variables":{}}',
    "a query of numbers": b'{"query":[1,2]}',
    "a hash of numbers": b'{"extensions":{"persistedQuery":{"version":1,"sha256Hash":1}}}',
    "a long hash": b'{"documentId":"' + b"a" * 1_000_000 + b'"}',
    "a long name": b'{"query":"{ __typename }","operationName":"' + b"a" * 1_000_000 + b'"}',
}


async def refused(http: httpx.AsyncClient, content: bytes) -> Any:
    began = time.process_time()
    response = await http.post(
        "/graphql", content=content, headers={"content-type": "application/json"}
    )
    took = time.process_time() - began

    answer = response.json()
    assert answer["errors"]
    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert codes <= {"BAD_USER_INPUT", "TOO_COMPLEX"}
    if response.status_code == 200:  # refused by a resolver
        assert not any((answer["data"] or {}).values())
    else:
        assert 400 <= response.status_code < 500
    assert len(response.content) < 20_000, "an answer that is larger than its question"
    assert took < CPU_SECONDS
    return response


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_a_hostile_document_is_refused_at_once(http, text):
    await refused(http, json.dumps({"query": text}).encode())


@pytest.mark.parametrize("asked", VARIABLES.values(), ids=VARIABLES)
async def test_hostile_variables_are_refused_at_once(http, asked):
    text, value = asked
    await refused(http, json.dumps({"query": text, "variables": {"v": value}}).encode())


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_hostile_body_is_refused_at_once(http, body):
    assert (await refused(http, body)).status_code in {400, 413}


@pytest.mark.parametrize("name", ["query", "variables", "extensions", "operationName"])
async def test_hostile_urls_are_refused_at_once(http, name):
    for value in ("[" * 10_000, "\0", "%00", "{" * 10_000, "\udcff".encode(errors="surrogatepass")):
        response = await http.get("/graphql", params={"query": "{ a }", name: value})
        assert response.status_code == 400


async def test_graphql_cops_and_every_other_harmless_question_is_answered(http):
    """So that the table above is not empty for another reason."""
    for text in ("\ufeff{ __typename }", "query cop { __typename }", "{ viewer { __typename } }"):
        response = await http.post("/graphql", json={"query": text})
        assert response.status_code == 200
        assert "errors" not in response.json()


async def test_simple_requests_of_other_pages_are_not_heard(http):
    """CSRF: what a form can send."""
    body = b'{"query":"mutation { __typename }"}'
    for content_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
    ):
        answer = await http.post("/graphql", content=body, headers={"content-type": content_type})
        assert answer.status_code == 415
    assert (
        await http.get("/graphql", params={"query": "mutation { __typename }"})
    ).status_code == 405
