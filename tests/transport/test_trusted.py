"""Trusted documents, and callers who may run no others."""

import hashlib
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from app import App, create_app
from tests.transport.conftest import LIMITS, Connect
from tests.transport.world import World, schema
from transport import trusted
from transport.documents import Documents
from transport.execution import core_schema
from transport.trusted import BrokenManifest
from wiring.settings import Settings

MODERN = "application/graphql-response+json"
GREET = "query Greet($name: String!) { hello(name: $name) }"
SHOUT = 'mutation { shout(word: "a") }'
COUNT = "subscription { count(to: 1) }"
SCHEMA = "{ __schema { queryType { name } } }"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(text: str, **more: object) -> dict[str, object]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text), **more}}


MANIFEST = {sha256(text): text for text in (GREET, SHOUT, COUNT, SCHEMA)}


@pytest.fixture
def world() -> World:
    return World(LIMITS, trusted=MANIFEST)


@pytest.fixture
async def http(address: str) -> AsyncGenerator[httpx.AsyncClient]:
    headers = {"accept": MODERN, "authorization": "Bearer closed"}
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    "asked",
    [
        {"extensions": persisted(GREET)},
        {"documentId": f"sha256:{sha256(GREET)}"},
        {"documentId": f"sha256:{sha256(GREET)}", "extensions": persisted(GREET)},
        {"query": GREET, "extensions": persisted(GREET)},
        {"query": GREET, "documentId": f"sha256:{sha256(GREET)}"},
        {"query": GREET},
        {"query": None, "extensions": persisted(GREET), "operationName": "Greet"},
    ],
)
async def test_a_trusted_document_is_run_for_everybody_by_hash_or_by_text(http, asked):
    variables = {"name": "Ana"}
    in_url = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in (asked | {"variables": variables}).items()
        if value is not None
    }

    posted = await http.post("/graphql", json=asked | {"variables": variables})
    got = await http.get("/graphql", params=in_url)

    assert posted.status_code == got.status_code == 200, posted.text
    assert posted.json()["data"] == got.json()["data"] == {"hello": "Hello Ana"}


@pytest.mark.parametrize(
    ("asked", "code", "reason"),
    [
        ({"extensions": persisted("{ who }")}, "BAD_USER_INPUT", "PersistedQueryNotFound: "),
        ({"documentId": "sha256:" + "0" * 64}, "BAD_USER_INPUT", "PersistedQueryNotFound: "),
        ({"documentId": "7"}, "BAD_USER_INPUT", "PersistedQueryNotFound: "),
        ({"documentId": ""}, "BAD_USER_INPUT", "PersistedQueryNotFound: "),
        ({"documentId": f"sha512:{sha256(GREET)}"}, "BAD_USER_INPUT", "PersistedQueryNotFound: "),
        (
            {"query": "{ who }", "extensions": persisted(GREET)},
            "BAD_USER_INPUT",
            "does not have the hash",
        ),
        ({"query": "{ who }", "extensions": persisted("{ who }")}, "FORBIDDEN", "Only trusted"),
        ({"query": "{ who }"}, "FORBIDDEN", "Only trusted"),
        ({"query": "{ nothing_of_the_kind }"}, "FORBIDDEN", "Only trusted"),
        ({"query": "{"}, "FORBIDDEN", "Only trusted"),
        ({"query": GREET + " "}, "FORBIDDEN", "Only trusted"),
        ({"query": None}, "BAD_USER_INPUT", "query must be"),
        ({"documentId": 7}, "BAD_USER_INPUT", "documentId must be"),
        ({"extensions": {"persistedQuery": 7}}, "BAD_USER_INPUT", "must have version 1"),
        ({"extensions": persisted(GREET, version=2)}, "BAD_USER_INPUT", "must have version 1"),
        ({"extensions": persisted(GREET, sha256Hash=7)}, "BAD_USER_INPUT", "must have version 1"),
        (
            {"documentId": f"sha256:{sha256(SHOUT)}", "extensions": persisted(GREET)},
            "BAD_USER_INPUT",
            "two documents",
        ),
    ],
)
async def test_nothing_else_is_run_for_callers_without_open_documents(
    http, world, asked, code, reason
):
    response = await http.post("/graphql", json=asked)

    [error] = response.json()["errors"]
    assert response.status_code == 400
    assert error["extensions"] == {"code": code}
    assert reason in error["message"]
    assert not world.contexts


async def test_clients_do_not_add_documents(http):
    """Apollo's clients would send text and hash together, after PersistedQueryNotFound."""
    headers = {"authorization": "Bearer ana"}
    asked = {"query": "{ who }", "extensions": persisted("{ who }")}

    open_ = await http.post("/graphql", json=asked, headers=headers)
    again = await http.post("/graphql", json={"extensions": asked["extensions"]}, headers=headers)

    assert open_.json()["data"] == {"who": "ana"}
    assert again.json()["errors"][0]["message"].startswith("PersistedQueryNotFound")


async def test_a_trusted_document_may_ask_for_the_schema_and_no_mutation_goes_by_get(http):
    schema = await http.post("/graphql", json={"extensions": persisted(SCHEMA)})
    shouted = await http.get("/graphql", params={"documentId": f"sha256:{sha256(SHOUT)}"})

    assert schema.json()["data"]["__schema"]["queryType"] == {"name": "Query"}
    assert shouted.status_code == 405


async def test_the_same_holds_on_a_socket(connect: Connect):
    async with connect() as client:
        await client.init("closed")
        for id, payload in {
            "greet": {"extensions": persisted(GREET), "variables": {"name": "Ana"}},
            "count": {"documentId": f"sha256:{sha256(COUNT)}"},
        }.items():
            await client.say(id=id, type="subscribe", payload=payload)
            heard = await client.hear()
            assert (heard["id"], heard["type"]) == (id, "next")
            assert set(heard["payload"]["data"].values()) <= {"Hello Ana", 0}
            assert (await client.hear())["type"] == "complete"

        for query, code in (("{ who }", "FORBIDDEN"), (None, "BAD_USER_INPUT")):
            payload = {"query": query, "extensions": persisted("{ who }")}
            await client.say(id="x", type="subscribe", payload=payload)
            heard = await client.hear()
            assert (heard["id"], heard["type"]) == ("x", "error")
            assert heard["payload"][0]["extensions"] == {"code": code}


async def test_a_payload_of_neither_query_nor_hash_is_none_of_the_protocol(connect: Connect):
    async with connect() as client:
        await client.init()
        await client.say(id="x", type="subscribe", payload={"extensions": {"persistedQuery": 1}})
        assert (await client.closed())[0] == 4400


class TestWithoutManifest:
    @pytest.fixture
    def world(self) -> World:
        return World(LIMITS)

    async def test_documents_are_open_but_for_the_schema(self, http):
        answers = [
            (await http.post("/graphql", json={"query": query})).json()
            for query in ("{ who __typename }", SCHEMA, '{ __type(name: "Query") { name } }')
        ]

        assert answers[0]["data"] == {"who": "closed", "__typename": "Query"}
        for answer in answers[1:]:
            [error] = answer["errors"]
            assert error == {
                "message": "The schema is not told here.",
                "extensions": {"code": "FORBIDDEN"},
            }

    async def test_who_may_send_open_documents_is_told_the_schema(self, http):
        headers = {"authorization": "Bearer ana"}
        answer = await http.post("/graphql", json={"query": SCHEMA}, headers=headers)

        assert answer.json()["data"]


def manifest(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "trusted.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_a_manifest_is_read_as_it_is(tmp_path):
    assert trusted.load(manifest(tmp_path, MANIFEST)) == MANIFEST


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff", "is not JSON"),
        ([GREET], "is not a JSON object"),
        ({"a" * 64: GREET}, f"{'a' * 64} is not the SHA-256 of its text"),
        ({sha256(GREET).upper(): GREET}, "is not the SHA-256 of its text"),
        ({sha256(GREET): 7}, f"what is under {sha256(GREET)} is not a text"),
    ],
)
def test_a_broken_manifest_is_refused_with_a_reason(tmp_path, content, reason):
    with pytest.raises(BrokenManifest, match=reason):
        trusted.load(manifest(tmp_path, content))


def test_a_manifest_that_is_not_there_is_refused_with_a_reason(tmp_path):
    with pytest.raises(BrokenManifest, match="cannot be read: No such file"):
        trusted.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ nothing }", "cannot be run: Cannot query field 'nothing'"),
        ("{", "cannot be run: Syntax Error"),
        ("{ a" * 13 + "}" * 13, "cannot be run: .*depth: 13, at most 12"),
        ("{ who }" + " " * 70_000, "has more than 65536 bytes"),
    ],
)
def test_a_trusted_document_that_cannot_be_run_stops_the_start(text, reason):
    with pytest.raises(BrokenManifest, match=f"{sha256(text)} .*{reason}"):
        Documents(core_schema(schema), trusted={sha256(text): text})


def settings(keys_file: Path, **given: object) -> Settings:
    return Settings(database_url="postgresql://nowhere/x", keys_file=keys_file, **given)


def test_a_start_with_a_broken_manifest_ends_with_a_sentence(tmp_path, keys_file):
    path = manifest(tmp_path, {sha256(GREET): GREET})  # not of the clinic's schema

    with pytest.raises(SystemExit) as ended:
        create_app(settings(keys_file, trusted_documents=path))

    assert str(ended.value).startswith("HEALTHMED_TRUSTED_DOCUMENTS: The trusted document ")
    assert "Cannot query field 'hello'" in str(ended.value)


@pytest.mark.parametrize(
    ("given", "open_documents"),
    [
        ({}, True),
        ({"profile": "production"}, False),
        ({"environment": "production"}, False),
        ({"environment": "production", "profile": "open"}, True),
        ({"profile": "open"}, True),
    ],
)
def test_the_profile_says_who_may_send_open_documents(keys_file, given, open_documents):
    app = App(settings(keys_file, **given))

    assert app.authenticate(None).open_documents is open_documents


def test_a_limit_of_the_transport_is_a_setting(monkeypatch, keys_file):
    monkeypatch.setenv("HEALTHMED_TRANSPORT__DEPTH", "7")
    monkeypatch.setenv("HEALTHMED_TRANSPORT__BUDGET", "800")

    limits = settings(keys_file).transport

    assert (limits.depth, limits.budget, limits.aliases) == (7, 800, 50)


def test_production_without_a_manifest_is_warned_of(caplog, keys_file):
    create_app(settings(keys_file, profile="production"))

    assert "HEALTHMED_TRUSTED_DOCUMENTS is not set" in caplog.text
