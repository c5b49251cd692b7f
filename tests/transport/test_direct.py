"""The short way of a POST and the long one: nobody can tell which it was that he came by."""

import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from tests.transport.world import World
from transport import telemetry
from transport.server import MIDDLEWARE

LARGE = "{ " + " ".join(f'a{number}: hello(name: "{"x" * 40}")' for number in range(15)) + " }"
PLAIN = {"content-type": "application/json", "x-request-id": "one"}


def asking(query: str, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"content": json.dumps({"query": query}), "headers": {**PLAIN, **named}}


CASES = {
    "an answer": asking("{ who }"),
    "somebody's": asking("{ who }", authorization="Bearer ana"),
    "a large one": asking(LARGE),
    "in gzip": asking(LARGE, accept_encoding="gzip"),
    "in brotli": asking(LARGE, accept_encoding="gzip;q=0.5, br"),
    "in the other type": asking("{ who }", accept="application/graphql-response+json"),
    "in no type we have": asking("{ who }", accept="text/html"),
    "events": asking("{ who }", accept="text/event-stream"),
    "a mutation": asking('mutation { shout(word: "a") }'),
    "with errors": asking("{ missing }"),
    "of no such field": asking("{ nowhere }", accept="application/graphql-response+json"),
    "no JSON": {"content": b"{", "headers": PLAIN},
    "no content type": {"content": b"{}", "headers": {"x-request-id": "one"}},
    "compressed": asking("{ who }", content_encoding="gzip"),
    "too large": {"content": b" " * 5000, "headers": PLAIN},
}


class Ways:
    """The same server twice: `taken` are the requests that the application itself was given."""

    def __init__(self, world: World) -> None:
        self.server = world.server
        self.app = Starlette(routes=self.server.routes(), middleware=MIDDLEWARE)
        self.taken = 0

    async def long(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.taken += 1
        await self.app(scope, receive, send)

    async def ask(self, app: Any, method: str, base: str, **asked: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=base) as http:
            http.headers = httpx.Headers({"host": "x"})
            return await http.request(method, "/graphql", **asked)


@pytest.fixture
def ways(world: World) -> Ways:
    return Ways(world)


@pytest.mark.parametrize("base", ["http://x", "https://x"])
@pytest.mark.parametrize("case", CASES)
async def test_both_ways_lead_to_the_same_answer(ways: Ways, case: str, base: str):
    short = await ways.ask(ways.server.front(ways.long), "POST", base, **CASES[case])
    went_long = ways.taken
    long = await ways.ask(ways.long, "POST", base, **CASES[case])

    assert went_long == (case == "events")
    assert short.status_code == long.status_code
    assert short.content == long.content
    assert sorted(short.headers.multi_items()) == sorted(long.headers.multi_items())


async def test_what_is_no_plain_post_goes_the_long_way(ways: Ways):
    app = ways.server.front(ways.long)

    await ways.ask(app, "GET", "http://x", params={"query": "{ who }"})
    await ways.ask(app, "PUT", "http://x")

    assert ways.taken == 2


async def test_while_we_drain_nobody_slips_through(ways: Ways):
    ways.server.drain.refusing = True

    answer = await ways.ask(ways.server.front(ways.long), "POST", "http://x", **CASES["an answer"])

    assert answer.status_code == 503
    assert ways.taken == 1


async def test_while_spans_are_written_all_of_it_is_told(ways: Ways, monkeypatch):
    monkeypatch.setattr(telemetry, "traces", lambda: True)

    await ways.ask(ways.server.front(ways.long), "POST", "http://x", **CASES["an answer"])

    assert ways.taken == 1


async def test_it_is_counted_once_by_either_way(ways: Ways):
    def count() -> float:
        found = telemetry.RESPONSES.labels("/graphql", 200)._value.get()
        return float(found)

    before = count()
    await ways.ask(ways.server.front(ways.long), "POST", "http://x", **CASES["an answer"])
    by_short = count() - before
    await ways.ask(ways.long, "POST", "http://x", **CASES["an answer"])

    assert by_short == 1
    assert count() - before == 2
