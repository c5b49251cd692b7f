import logging
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from tests.transport.conftest import BRIEF
from tests.transport.world import World

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
CPF = "529.982.247-25"


@pytest.fixture
async def http(address: str) -> AsyncGenerator[httpx.AsyncClient]:
    base = f"http://{address}"
    async with httpx.AsyncClient(base_url=base, headers={"accept": MODERN}) as client:
        yield client


async def post(http: httpx.AsyncClient, query: str, accept: str = MODERN, **more: Any):
    body = {"query": query, **more}
    return await http.post("/graphql", json=body, headers={"accept": accept})


def only(response: httpx.Response) -> Any:
    [error] = response.json()["errors"]
    return error


async def test_a_query_is_answered_through_resolvers_loaders_and_the_callers_context(http):
    response = await http.post(
        "/graphql",
        json={
            "query": "query ($n: String!) { hello(name: $n) who words { length } }",
            "variables": {"n": "Ana"},
        },
        headers={"authorization": "Bearer ana"},
    )

    assert response.status_code == 200
    assert response.json() == {
        "data": {"hello": "Hello Ana", "who": "ana", "words": [{"length": 1}, {"length": 2}]},
        "extensions": {"cost": {"requested": 12, "budget": 10_000}},
    }
    assert response.headers["content-type"] == f"{MODERN}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_context_knows_every_field_that_is_selected(http):
    response = await post(http, "{ selected ...F } fragment F on Query { words { l: length } }")

    assert response.json()["data"]["selected"] == ["length", "selected", "words"]


async def test_a_mutation_goes_by_post_and_never_by_get(http):
    mutation = 'mutation { shout(word: "a") }'

    posted = await post(http, mutation)
    got = await http.get("/graphql", params={"query": mutation})

    assert posted.json()["data"] == {"shout": "A"}
    assert got.status_code == 405
    assert got.headers["allow"] == "POST"


async def test_a_query_may_come_by_get(http):
    query = "query A($n: String!) { hello(name: $n) } query B { who }"
    parameters = {"query": query, "operationName": "A", "variables": '{"n": "Ana"}'}

    got = await http.get("/graphql", params=parameters)
    assert got.json()["data"] == {"hello": "Hello Ana"}
    for bad in ({"variables": "{"}, {"variables": "[1]"}, {"extensions": "7"}):
        assert (await http.get("/graphql", params=parameters | bad)).status_code == 400
    assert (await http.get("/graphql")).status_code == 400
    unnamed = await http.get("/graphql", params={"query": "{ who }", "operationName": ""})
    assert unnamed.status_code == 200


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (MODERN, MODERN),
        (LEGACY, LEGACY),
        ("*/*", LEGACY),
        (f"{MODERN}, {LEGACY};q=0.9", MODERN),
        (f"{LEGACY}, {MODERN}", LEGACY),
        (f"{LEGACY};q=0.5, */*", MODERN),
        (f"{MODERN}; charset=utf-8", MODERN),
        ("text/html", None),
        (f"{LEGACY};q=0", None),
        (f"{LEGACY};q=wrong", None),
        (f"{LEGACY}; charset=latin-1", None),
    ],
)
async def test_the_answer_is_of_the_type_that_the_client_prefers(http, accept, answered):
    response = await post(http, "{ hello }", accept)

    assert response.status_code == (200 if answered else 406)
    assert response.headers["content-type"].split(";")[0] == (answered or LEGACY)


@pytest.mark.parametrize(
    ("request_", "legacy", "modern"),
    [
        ({"query": "{"}, 200, 400),
        ({"query": "{ nothing }"}, 200, 400),
        ({"query": "query A { who } query B { who }"}, 200, 400),
        ({"query": "{ who }", "operationName": "B"}, 200, 400),
        ({"query": "query ($t: Int!) { who }", "variables": {"t": "x"}}, 200, 400),
        ({"query": "{ strict }"}, 200, 200),
        ({"query": "{ hello }", "variables": [7]}, 400, 400),
        ({"query": "{ hello }", "operationName": 7}, 400, 400),
        ({"query": "{ hello }", "extensions": "x"}, 400, 400),
        ({"query": 7}, 400, 400),
        ({"qeury": "{ hello }"}, 400, 400),
        ([{"query": "{ hello }"}], 400, 400),
        ("text", 400, 400),
        (7, 400, 400),
        (None, 400, 400),
        ({"query": "subscription { count(to: 1) }"}, 400, 400),
    ],
)
async def test_the_status_says_what_the_draft_has_it_say(http, request_, legacy, modern):
    for accept, status in ((LEGACY, legacy), (MODERN, modern)):
        content = httpx.Request("POST", "http://x", json=request_).content or b"null"
        headers = {"accept": accept, "content-type": LEGACY}
        response = await http.post("/graphql", content=content, headers=headers)

        assert response.status_code == status, response.text
        error = only(response) if status == 400 else response.json()["errors"][0]
        assert error["extensions"]["code"] in {"BAD_USER_INPUT", "INTERNAL"}
        assert ("data" in response.json()) == (request_ == {"query": "{ strict }"})


@pytest.mark.parametrize("body", [b"", b"NONSENSE", b'{"query":', b"\xff\xfe", b"NaN", b"[" * 3000])
async def test_what_is_not_json_is_refused(http, body):
    response = await http.post("/graphql", content=body, headers={"content-type": LEGACY})

    assert response.status_code == 400
    assert only(response)["message"] == "This is not valid JSON."


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json; charset=UTF-8"}, 200),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
        ({}, 415),
    ],
)
async def test_only_plain_json_in_utf_8_is_read(http, headers, status):
    response = await http.post("/graphql", content=b'{"query":"{ who }"}', headers=headers)

    assert response.status_code == status


async def test_a_body_beyond_the_limit_is_not_read_on_whether_it_says_its_length_or_not(
    http, world
):
    read, sent = [], []

    async def receive():
        read.append(1000)
        return {"type": "http.request", "body": b" " * 1000, "more_body": True}

    async def send(message):
        sent.append(message)

    headers = {"content-type": LEGACY}
    declared = await http.post("/graphql", content=b" " * 5000, headers=headers)
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", LEGACY.encode())]}
    await world.server.routes()[0].app(scope, receive, send)

    assert declared.status_code == 413
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]
    assert sum(read) == 5000


async def test_other_methods_are_told_which_there_are(http):
    response = await http.put("/graphql", json={})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_what_the_domain_says_is_told_and_what_fails_is_masked(http, caplog):
    response = await post(http, "{ hello missing broken b: broken overflow }")

    missing, broken, again, overflow = response.json()["errors"]
    assert response.json()["data"]["hello"] == "Hello you"
    assert missing == {
        "message": "There is no such thing.",
        "locations": [{"line": 1, "column": 9}],
        "path": ["missing"],
        "extensions": {"code": "NOT_FOUND"},
    }
    for error in (broken, again, overflow):
        assert error["message"] == "Something went wrong."
        assert error["extensions"]["code"] == "INTERNAL"
        [record] = [r for r in caplog.records if error["extensions"]["reference"] in r.message]
    assert "hunter2" not in response.text
    assert broken["extensions"]["reference"] in caplog.text
    assert "hunter2" in caplog.text  # the log has it
    assert "{ hello" not in caplog.text
    assert str(2**40) not in caplog.text
    assert record.levelno == logging.ERROR


@pytest.mark.parametrize("limits", [BRIEF])
async def test_an_operation_that_takes_too_long_is_given_up(http, caplog):
    response = await post(http, "{ slow }")

    assert response.status_code == 200
    assert response.json()["data"] is None
    assert only(response)["extensions"]["code"] == "INTERNAL"
    assert only(response)["extensions"]["reference"] in caplog.text


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        ("$i: PersonInput!", {"name": CPF}, "expected PersonInput! with its required field 'cpf'"),
        ("$i: PersonInput!", {"name": "a", "cpf": CPF}, " at cpf: An even number is needed."),
        ("$i: PersonInput!", {"name": [CPF], "cpf": 2}, " at name: expected String!."),
        (
            "$i: PersonInput!",
            {"name": "a", "cpf": 2, "tags": [1, CPF]},
            "Variable '$i' has a wrong value at tags[1]: expected Int!.",
        ),
        ("$i: PersonInput!", {"name": "a", "cpf": 2, CPF: 1}, "with no fields but its own"),
        ("$i: PersonInput!", {"name": "a", "cpf": None}, " at cpf: expected Even!."),
        ("$i: PersonInput!", CPF, "expected PersonInput!"),
        ("$i: PersonInput!", None, "expected PersonInput!"),
    ],
)
async def test_a_wrong_variable_is_named_but_not_quoted(http, caplog, declared, value, message):
    query = f"query ({declared}) {{ person(input: $i) }}"
    response = await post(http, query, variables={"i": value})

    assert response.status_code == 400
    assert message in only(response)["message"]
    assert only(response)["extensions"] == {"code": "BAD_USER_INPUT"}
    assert CPF not in response.text + caplog.text


async def test_a_scalar_of_ours_says_what_it_needs_in_a_literal_too(http):
    response = await post(http, '{ person(input: {name: "a", cpf: 3}) }')

    assert only(response)["message"] == "Wrong value at cpf: An even number is needed."


@pytest.mark.parametrize(
    "query",
    [
        f'{{ person(input: {{name: "a", cpf: "{CPF}"}}) }}',
        f'{{ person(input: {{name: "a", cpf: 2, tags: ["{CPF}"]}}) }}',
        f'{{ person(input: {{name: "a", cpf: 2}}, times: "{CPF}") }}',
        f'{{ "{CPF}" }}',
        f'{{ """{CPF}""" }}',
    ],
)
async def test_a_wrong_literal_is_placed_but_not_quoted(http, query):
    response = await post(http, query)

    assert response.status_code == 400
    assert only(response)["locations"]
    assert CPF not in response.text


async def test_a_null_in_a_variable_with_a_default_is_the_clients_fault(http):
    query = 'query ($t: Int = 2) { person(input: {name: "a", cpf: 2}, times: $t) }'
    response = await post(http, query, variables={"t": None})

    assert response.status_code == 200
    assert only(response)["message"] == "Argument 'times' has a wrong value."
    assert only(response)["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_a_dead_token_is_carried_on_to_the_fields(http, world: World):
    await http.post("/graphql", json={"query": "{ who }"}, headers={"authorization": "Bearer dead"})

    assert world.contexts[-1].caller.dead
