"""What is told of operations: spans in their order, numbers, and ids; never what was typed."""

import re
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from transport import telemetry
from transport.trusted import hash_of

MARK = "zyx-dor-no-peito"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    telemetry.trace_with(provider.get_tracer("test"))
    yield kept
    telemetry.trace_with(None)


@pytest.fixture
async def http(address: str):
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
        yield client


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def number(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {k: str(v) for k, v in labels.items()}) or 0.0


class Rise:
    """By how much a number has risen since."""

    def __init__(self, name: str, **labels: str) -> None:
        self._of = (name, labels)
        self._before = number(name, **labels)

    def __call__(self) -> float:
        name, labels = self._of
        return number(name, **labels) - self._before


# ------------------------------------------------------------------------- spans


async def test_an_operation_is_a_span_beneath_its_request(http, exporter):
    query = "query Greet($n: String!) { hello(name: $n) }"

    for _ in range(2):
        await http.post("/graphql", json={"query": query, "variables": {"n": MARK}})

    first, again = exporter.get_finished_spans()[:3], exporter.get_finished_spans()[3:]
    named = {span.name: span for span in first}
    request, operation = named["POST /graphql"], named["query Greet"]
    assert request.parent is None
    assert named["graphql.study"].parent.span_id == request.context.span_id
    assert operation.parent.span_id == request.context.span_id
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
    }
    assert dict(operation.attributes) == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Greet",
        "graphql.document.hash": hash_of(query),
        "healthmed.outcome": "ok",
        "healthmed.cost": 1,
    }
    assert {span.name for span in again} == {"POST /graphql", "query Greet"}  # it is remembered


async def test_a_span_goes_on_where_the_traceparent_says(http, exporter):
    header = {"traceparent": f"00-{TRACE}-{PARENT}-01"}

    await http.post("/graphql", json={"query": "{ who }"}, headers=header)

    request = by_name(exporter)["POST /graphql"]
    assert format(request.context.trace_id, "032x") == TRACE
    assert format(request.parent.span_id, "016x") == PARENT


async def test_operations_of_a_socket_are_spans_of_their_own(connect, exporter):
    async with connect() as client:
        await client.init()
        await client.subscribe("1", "query Who { who }")
        while (await client.hear())["type"] != "complete":
            pass

    assert "query Who" in by_name(exporter)


async def test_an_event_stream_is_told_of_as_soon_as_it_begins(http, exporter):
    asked = {
        "json": {"query": 'subscription { mine(topic: "a") { word } }'},
        "headers": {"accept": "text/event-stream"},
    }
    async with http.stream("POST", "/graphql", **asked) as answer:
        assert answer.status_code == 200
        assert "POST /graphql" in by_name(exporter)


@pytest.mark.parametrize(
    ("query", "outcome"),
    [("{ broken }", "errors"), ('{ hello(name: "%s", n: 1) }', None), ("{ who(n: 100000) }", None)],
)
async def test_of_what_fails_only_the_kind_is_told(http, exporter, query, outcome):
    asked = {"query": query.replace("%s", MARK), "variables": {"secret": MARK}}

    await http.post("/graphql", json=asked, headers={"authorization": f"Bearer {MARK}"})

    spans = exporter.get_finished_spans()
    assert spans
    assert MARK not in "".join(span.to_json() for span in spans)
    assert not any(span.events for span in spans)  # an exception's message would be one
    if outcome:
        assert by_name(exporter)["query"].attributes["healthmed.outcome"] == outcome


async def test_the_path_and_the_query_string_are_not_told(http, exporter):
    await http.get("/graphql", params={"query": "{ who }", "x": MARK})
    await http.get(f"/graphql/{MARK}")

    assert MARK not in "".join(span.to_json() for span in exporter.get_finished_spans())


async def test_a_long_name_is_cut(http, exporter):
    await http.post("/graphql", json={"query": f"query {'a' * 100} {{ who }}"})

    assert f"query {'a' * 64}" in by_name(exporter)


async def test_nothing_is_traced_unless_somebody_wants_it(http, exporter):
    telemetry.trace_with(None)

    await http.post("/graphql", json={"query": "{ who }"})

    assert exporter.get_finished_spans() == ()


# ----------------------------------------------------------------------- numbers


async def test_operations_are_counted_by_what_became_of_them(http):
    ok, errors, refused, unknown = (
        Rise("healthmed_operations_total", type=type, outcome=outcome)
        for type, outcome in (
            ("query", "ok"),
            ("query", "errors"),
            ("query", "refused"),
            ("unknown", "refused"),
        )
    )
    bad, internal = (Rise("healthmed_errors_total", code=c) for c in ("BAD_USER_INPUT", "INTERNAL"))
    seconds, cost = (
        Rise(f"healthmed_operation_{of}_count", type="query") for of in ("seconds", "cost")
    )

    for query in (
        "{ who }",
        "{ who }",
        "{ broken }",
        "{ nothing }",
        "{",
        "query ($n: Int!) { who }",
    ):
        await http.post("/graphql", json={"query": query})
    await http.post(
        "/graphql",
        json={"query": "query ($n: String!) { hello(name: $n) }", "variables": {"n": [1]}},
    )

    assert (ok(), errors(), refused(), unknown()) == (2, 1, 1, 3)
    assert (bad(), internal()) == (4, 1)
    assert (seconds(), cost()) == (3, 4)


async def test_answers_are_counted_by_route_and_status(http):
    fine = Rise("healthmed_http_responses_total", route="/graphql", status="200")
    wrong = Rise("healthmed_http_responses_total", route="/graphql", status="415")

    await http.post("/graphql", json={"query": "{ who }"})
    await http.post("/graphql", content="x", headers={"content-type": "text/plain"})

    assert (fine(), wrong()) == (1, 1)


async def test_sockets_that_are_closed_are_counted_by_code(connect):
    closed = Rise("healthmed_socket_closes_total", code="4400")

    async with connect() as client:
        await client.connection.send("null")
        await client.connection.wait_closed()

    assert closed() == 1


# ------------------------------------------------------------------- request ids


async def test_an_answer_bears_the_id_of_its_request(http):
    own = await http.post("/graphql", json={"query": "{ who }"}, headers={"x-request-id": "a.B_9-"})
    made = [await http.post("/graphql", json={"query": "{ who }"}) for _ in range(2)]

    assert own.headers["x-request-id"] == "a.B_9-"
    ids = [answer.headers["x-request-id"] for answer in made]
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in ids)
    assert ids[0] != ids[1]


@pytest.mark.parametrize("id", ["", "a" * 65, "a b", "a\tb", "á", '{"a":1}'])
async def test_an_id_that_could_do_harm_in_a_log_is_not_taken(http, id):
    answer = await http.get("/graphql", headers={"x-request-id": id.encode()})

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
