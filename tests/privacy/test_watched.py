"""Marks go through every field of the schema, right and wrong, by every carrier and in every role;
none is in the log, in a span, in a number or in what an error says.

What is sent is made from the schema, so that a field that is added is part of this.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)

from domain.registrations import CPF
from tests import make
from tests.conftest import TEMPLATE, create_database, url_of
from tests.judges import people
from tests.judges.running import Running, running
from tests.privacy.receiver import Receiver, receiving
from wiring.schema import graphql_schema

SCHEMA = graphql_schema._schema
ROOTS = {
    "query": SCHEMA.query_type,
    "mutation": SCHEMA.mutation_type,
    "subscription": SCHEMA.subscription_type,
}
FIELDS = [(type, name) for type, root in ROOTS.items() for name in root.fields]
SUBPROTOCOL: Any = ["graphql-transport-ws"]
PLAUSIBLE: dict[str, Any] = {
    "timeZone": "America/Sao_Paulo",
    "specialties": ["cardiologia"],
    "specialty": "cardiologia",
    "uf": "SP",
    "crm": "123456",
    "startsAt": "2030-01-08T12:00:00Z",
    "endsAt": "2030-01-08T12:30:00Z",
    "birthDate": "1980-05-17",
}


@dataclass
class Marks:
    """`said`: what came back of errors and problems."""

    mark: str = field(default_factory=lambda: f"zyx{secrets.token_hex(6)}")
    cpf: str = field(default_factory=make.cpf)
    said: list[Any] = field(default_factory=list)
    answers: int = 0

    def hear(self, answer: dict[str, Any]) -> None:
        self.answers += 1
        self.said += answer.get("errors", [])
        for payload in (answer.get("data") or {}).values():
            if isinstance(payload, dict):
                self.said += payload.get("problems", [])

    def found_in(self, text: str) -> list[str]:
        forms = [self.mark, self.mark.upper(), self.cpf, str(CPF(self.cpf))]
        return [form for form in forms if form in text]

    def right(self, kind: Any, name: str = "") -> Any:  # noqa: PLR0911  # one for each kind
        """A value that passes for one of this type, marked wherever a person may type."""
        if isinstance(kind, GraphQLNonNull):
            return self.right(kind.of_type, name)
        if name in PLAUSIBLE:
            return PLAUSIBLE[name]
        if isinstance(kind, GraphQLList):
            return [self.right(kind.of_type, name)]
        if isinstance(kind, GraphQLInputObjectType):
            return {name: self.right(field.type, name) for name, field in kind.fields.items()}
        if isinstance(kind, GraphQLEnumType):
            return next(iter(kind.values))
        if name == "email":
            return f"{self.mark}@example.com"
        of_scalars = {
            "CPF": self.cpf,
            "ID": f"{name.removesuffix('s').removesuffix('Id')}_{self.mark}",
            "Int": 3,
            "Float": 1.5,
            "Boolean": True,
            "Date": "2030-01-08",
            "LocalTime": "09:00",
            "DateTime": "2030-01-08T12:00:00Z",
            "EventCursor": "0" * 32,
        }
        return of_scalars.get(kind.name, f"{self.mark} dor no peito")

    def wrong(self, kind: Any) -> Any:
        """Of the right shape, with the mark for every value."""
        if isinstance(kind, GraphQLNonNull):
            return self.wrong(kind.of_type)
        if isinstance(kind, GraphQLList):
            return [self.wrong(kind.of_type)]
        if isinstance(kind, GraphQLInputObjectType):
            return {name: self.wrong(field.type) for name, field in kind.fields.items()}
        return f"{self.mark}-{self.cpf}"

    def requests(self, type: str, name: str) -> Iterator[dict[str, Any]]:
        field = ROOTS[type].fields[name]
        declared = of(", ".join(f"${n}: {a.type}" for n, a in field.args.items()))
        given = of(", ".join(f"{n}: ${n}" for n in field.args))
        query = f"{type} {declared} {{ {name}{given} {selection(field)} }}"
        yield {
            "query": query,
            "variables": {n: self.right(a.type, n) for n, a in field.args.items()},
        }
        yield {"query": query, "variables": {n: self.wrong(a.type) for n, a in field.args.items()}}
        yield {"query": query, "variables": {n: {self.mark: self.cpf} for n in field.args}}
        literals = of(", ".join(f"{n}: {json.dumps(self.wrong(''))}" for n in field.args))
        yield {"query": f"{type} {{ {name}{literals} {selection(field)} }}"}
        yield {"query": f'{type} {{ {name}(x: "{self.mark}" }}'}


def of(arguments: str) -> str:
    return f"({arguments})" if arguments else ""


def selection(field: GraphQLField) -> str:
    kind = get_named_type(field.type)
    if not hasattr(kind, "fields") and not hasattr(kind, "types"):
        return ""
    problems = "problems { code message path }" if "problems" in getattr(kind, "fields", {}) else ""
    return f"{{ __typename {problems} }}"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as received:
        yield received


@pytest.fixture(scope="module")
async def watched(
    receiver: Receiver, keys_file: Path, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    name = f"watched_{worker_id}_{secrets.token_hex(4)}"
    await create_database(name, TEMPLATE)
    environment = {
        "HEALTHMED_DATABASE_URL": url_of(name),
        "HEALTHMED_KEYS_FILE": str(keys_file),
        "HEALTHMED_LOG": "json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{receiver.port}",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    with running(tmp_path_factory.mktemp("watched"), environment) as server:
        yield server


async def through_http(server: Running, token: str, asked: list[dict[str, Any]], marks: Marks):
    headers = {"cookie": f"session={marks.mark}"}
    headers |= {"authorization": f"Bearer {token}", "x-note": marks.mark} if token else {}
    async with httpx.AsyncClient(trust_env=False, timeout=20, headers=headers) as http:
        for request in asked:
            marks.hear((await http.post(server.url, json=request)).json())
            query_string = {**request, "variables": json.dumps(request.get("variables", {}))}
            marks.hear((await http.get(server.url, params=query_string)).json())
        for body in (marks.mark, json.dumps([marks.mark]), json.dumps({"query": [marks.mark]})):
            marks.hear((await http.post(server.url, content=body)).json())
            typed = {"content-type": "application/json"}
            marks.hear((await http.post(server.url, content=body, headers=typed)).json())
        await http.get(f"{server.url}/{marks.mark}", params={"q": marks.cpf})
        for path in ("token", "revoke", "introspect"):
            url = server.url.replace("/graphql", f"/oauth/{path}")
            names = ("client_id", "client_secret", "grant_type", "scope", "token", marks.cpf)
            marks.said.append((await http.post(url, data=dict.fromkeys(names, marks.mark))).text)
            basic = (marks.mark, marks.cpf)
            marks.said.append((await http.post(url, content=marks.mark, auth=basic)).text)


async def through_a_socket(server: Running, token: str, asked: list[dict[str, Any]], marks: Marks):
    address = f"ws://127.0.0.1:{server.port}/graphql?{marks.mark}"
    payload = {"authorization": f"Bearer {token}"} if token else {}
    async with websockets.connect(address, subprotocols=SUBPROTOCOL, proxy=None) as wire:
        await wire.send(json.dumps({"type": "connection_init", "payload": payload}))
        await wire.recv()
        for number, request in enumerate(asked):
            id = f"{marks.mark}-{number}"
            await wire.send(json.dumps({"id": id, "type": "subscribe", "payload": request}))
            try:
                async with asyncio.timeout(5 if "subscription" not in request["query"] else 0.2):
                    while (message := json.loads(await wire.recv()))["type"] != "complete":
                        errors = {"errors": message["payload"]}
                        marks.hear(errors if message["type"] == "error" else message["payload"])
                        if message["type"] == "error":
                            break
            except TimeoutError:  # it listens
                marks.answers += 1
                await wire.send(json.dumps({"id": id, "type": "complete"}))
        await wire.send(json.dumps({"type": marks.mark, "payload": marks.cpf}))
        await wire.wait_closed()
        marks.said.append(wire.close_reason)


async def through_events(server: Running, token: str, asked: list[dict[str, Any]], marks: Marks):
    headers = {"accept": "text/event-stream", "last-event-id": marks.mark}
    headers |= {"cookie": f"session={marks.mark}"}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(trust_env=False, timeout=20, headers=headers) as http:
        for request in asked:
            async with http.stream("POST", f"{server.url}/stream", json=request) as answer:
                try:
                    async with asyncio.timeout(
                        5 if "subscription" not in request["query"] else 0.2
                    ):
                        async for line in answer.aiter_lines():
                            if line.startswith("data: {"):
                                marks.hear(json.loads(line.removeprefix("data: ")))
                except TimeoutError:  # it listens
                    marks.answers += 1


CARRIERS = {"http": through_http, "socket": through_a_socket, "events": through_events}


@pytest.mark.parametrize(
    ("role", "carrier"),
    [
        *(("anonymous", "http"), ("doctor", "socket"), ("patient", "events")),
        *(("patient", "http"), ("forger", "events"), ("forger", "http")),
    ],
)
async def test_no_mark_leaves_by_the_back_door(
    watched: Running, receiver: Receiver, carrier: str, role: str
):
    marks = Marks()
    token = {"anonymous": "", "forger": f"{marks.mark}.x.y"}.get(role)
    if token is None:
        token = await asyncio.to_thread(signed_in, watched, role, marks)
    asked = [r for type, name in FIELDS if name != "signOut" for r in marks.requests(type, name)]

    sent = len(receiver.bodies)
    await CARRIERS[carrier](watched, token, asked, marks)

    async with asyncio.timeout(10):
        while len(receiver.bodies) == sent:  # noqa: ASYNC110  # the exporter tells nobody
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.3)
    numbers = (await asyncio.to_thread(httpx.get, metrics_of(watched), trust_env=False)).text
    spans = b"".join(receiver.bodies).decode("latin-1")
    log = watched.log.read_text()

    assert marks.answers >= len(asked)
    codes = {
        error.get("code") or error["extensions"]["code"]
        for error in marks.said
        if isinstance(error, dict)
    }
    assert {"BAD_USER_INPUT"} < codes
    assert "healthmed_operations_total" in numbers
    assert {"POST /graphql", "mutation", "query", "SELECT"} & set(receiver.names())
    for text in (json.dumps(marks.said, ensure_ascii=False), log, numbers, spans):
        assert marks.found_in(text) == []
    assert token == "" or token not in log + numbers + spans


def test_what_is_searched_would_be_found(receiver: Receiver, watched: Running):
    """The spans are not compressed, the log is in JSON, and both are there."""
    assert b"registerPatient" not in b"".join(receiver.bodies)  # no text of a query
    assert b"INSERT INTO" in b"".join(receiver.bodies)
    lines = [line for line in watched.log.read_text().splitlines() if line.startswith("{")]
    assert all(json.loads(line)["level"] for line in lines)


def metrics_of(server: Running) -> str:
    return server.log.read_text().partition("metrics")[2].split()[0]


def signed_in(server: Running, role: str, marks: Marks) -> str:
    """Who bears the marks himself."""
    name, password = f"Maria {marks.mark}", f"{marks.mark}-password"
    email = f"{marks.mark}-own@example.com"
    if role == "patient":
        by = {"email": email, "cpf": marks.cpf, "password": password}
        server.ask(people.REGISTER_PATIENT, input={"name": name, **by})
        signed_in = server.ask(people.SIGN_IN_PATIENT, input=by)
    else:
        by = {"crm": str(secrets.randbelow(10**9) + 1), "uf": "SP", "password": password}
        more = {"specialties": ["cardiologia"], "timeZone": "America/Sao_Paulo"}
        server.ask(people.REGISTER_DOCTOR, input={"name": name, "email": email, **by, **more})
        signed_in = server.ask(people.SIGN_IN_DOCTOR, input=by)
    token: str = signed_in["session"]["accessToken"]
    return token
