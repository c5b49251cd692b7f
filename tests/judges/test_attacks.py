"""The lists of others, row by row: GraphQL Armor's rules, OWASP's GraphQL cheat sheet and what
graphql-cop looks for. What a running server answers in both profiles; what it costs is in
tests/transport/test_attacks.py, with many more of each kind.
"""

from typing import Any, NamedTuple

import httpx
import pytest

from tests.judges.conftest import PROFILES, Servers
from tests.transport.test_attacks import MODERN, many, nested

ALIASES = "{ " + many(101, "alias#: __typename") + " }"
BATCH = [{"query": "query cop { __typename }"}] * 10
CIRCLE = (
    "query cop { __schema { types { fields { type { fields { type { fields { type { fields {"
    " type { name } } } } } } } } } } }"
)
SCHEMA = "query cop { __schema { types { name fields { name } } } }"
MUTATION = "mutation cop { __typename }"
SIGN_IN = (
    'a#: signInPatient(input: {email: "a@example.com", cpf: "1", password: "#"}) { __typename }'
)


class Answer(NamedTuple):
    """Of a request that is refused, by code; with data instead, if there is none."""

    status: int
    code: str | None = None


class Row(NamedTuple):
    """`production`: what is answered there, where it is another answer."""

    request: dict[str, Any]
    open: Answer
    production: Answer | None = None


def asked(query: str, **more: Any) -> dict[str, Any]:
    return {"method": "POST", "json": {"query": query, **more}}


def by_url(query: str) -> dict[str, Any]:
    return {"method": "GET", "params": {"query": query}}


def by_form(query: str) -> dict[str, Any]:
    return {"method": "POST", "data": {"query": query}}


OK = Answer(200)
BAD = Answer(400, "BAD_USER_INPUT")
UNDONE = Answer(200, "BAD_USER_INPUT")  # by its resolver
COMPLEX = Answer(400, "TOO_COMPLEX")
SECRET = Answer(400, "FORBIDDEN")
NO_FORM = Answer(415, "BAD_USER_INPUT")
NO_MUTATION = Answer(405, "BAD_USER_INPUT")

ROWS = {
    # graphql-cop
    "cop: alias overloading": Row(asked(ALIASES), COMPLEX),
    "cop: array-based query batching": Row({"method": "POST", "json": BATCH}, BAD),
    "cop: circular introspection": Row(asked(CIRCLE), BAD),
    "cop: directive overloading": Row(asked("query cop { __typename " + "@aa" * 10 + " }"), BAD),
    "cop: field duplication": Row(asked("query cop { " + "__typename " * 500 + "}"), COMPLEX),
    "cop: introspection": Row(asked(SCHEMA), OK, SECRET),
    "cop: introspection of a type": Row(asked('{ __type(name: "Query") { name } }'), OK, SECRET),
    "cop: field suggestions": Row(asked("query cop { __schema { directive } }"), BAD),
    "cop: mutation over GET": Row(by_url(MUTATION), NO_MUTATION),
    "cop: query over GET": Row(by_url("query cop { __typename }"), OK),
    "cop: urlencoded POST (CSRF)": Row(by_form("query cop { __typename }"), NO_FORM),
    "cop: urlencoded mutation (CSRF)": Row(by_form(MUTATION), NO_FORM),
    "cop: trace mode": Row(asked("query cop { __typename }"), OK),
    "cop: unhandled errors": Row(asked("query cop { abc }"), BAD),
    # GraphQL Armor
    "Armor: max aliases": Row(asked("{ " + many(51, "a#: viewer { __typename }") + " }"), COMPLEX),
    "Armor: max depth": Row(
        asked("{ doctors { nodes { " + nested(6, "nextSlots { doctor { ", "id", "} }") + "} } }"),
        COMPLEX,
    ),
    "Armor: max directives": Row(
        asked("{ __typename " + "@include(if: true) " * 51 + "}"), COMPLEX
    ),
    "Armor: max tokens": Row(asked("{ " + "a " * 2_000 + "}"), COMPLEX),
    "Armor: character limit": Row(asked("{ __typename }" + " " * 65_536), COMPLEX),
    "Armor: cost limit": Row(
        asked("{ doctors(first: 100) { nodes { nextSlots(first: 50) { doctor { id } } } } }"),
        COMPLEX,
    ),
    "Armor: block field suggestions": Row(asked("{ doctorz { nodes { id } } }"), BAD),
    # OWASP
    "OWASP: a deep query by fragments": Row(
        asked("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"), BAD
    ),
    "OWASP: an amount": Row(asked("{ doctors(first: 100000000) { nodes { id } } }"), UNDONE),
    "OWASP: brute force by aliases": Row(asked("mutation { " + many(51, SIGN_IN) + " }"), COMPLEX),
    "OWASP: a batch of sign-ins": Row({"method": "POST", "json": BATCH * 10}, BAD),
    "OWASP: injection": Row(asked('{ node(id: "doctor_1\' OR 1=1 --") { id } }'), OK),
    "OWASP: a value of the wrong type": Row(
        asked("query ($n: Int!) { doctors(first: $n) { nodes { id } } }", variables={"n": "1; --"}),
        BAD,
    ),
    "OWASP: somebody else's things": Row(
        asked('{ node(id: "patient_00000000-0000-7000-8000-000000000000") { id } }'),
        Answer(200, "UNAUTHENTICATED"),
    ),
}


def ask(url: str, request: dict[str, Any], **headers: str) -> httpx.Response:
    return httpx.request(
        **request, url=url, headers={"accept": MODERN, **headers}, trust_env=False, timeout=20
    )


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_an_attack_of_the_lists(servers: Servers, row: Row, profile: str):
    expected = row.production if profile == "production" and row.production else row.open

    answer = ask(servers(profile).url, row.request)

    assert answer.status_code == expected.status, answer.text
    errors = answer.json().get("errors", [])
    assert {error["extensions"]["code"] for error in errors} == {expected.code} - {None}
    assert set(answer.json().get("extensions", {})) <= {"cost"}, "a trace, or tracing"
    for error in errors:
        assert set(error) <= {"message", "locations", "path", "extensions"}
        assert "Did you mean" not in error["message"]
    assert "Traceback" not in answer.text
    assert 'File "' not in answer.text


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "path", ["/graphql", "/graphiql", "/playground", "/altair", "/console", "/graphql/stream"]
)
def test_there_is_no_page_for_trying_things(servers: Servers, profile: str, path: str):
    """cop: GraphiQL and Playground. OWASP: turn them off."""
    url = servers(profile).url.replace("/graphql", path)

    answer = ask(url, {"method": "GET"}, accept="text/html")

    assert answer.status_code >= 400
    assert "<html" not in answer.text.lower()


@pytest.mark.parametrize("profile", PROFILES)
def test_another_pages_browser_is_not_told_that_it_may_read(servers: Servers, profile: str):
    answer = ask(servers(profile).url, asked("{ __typename }"), origin="https://elsewhere.example")

    assert not [name for name in answer.headers if name.startswith("access-control-")]
