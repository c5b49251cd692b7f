"""What whoever watches the server is told of operations: spans, and numbers for Prometheus.

Neither holds anything that a person typed. Texts, literals, variables and headers are never told;
names of operations, which clients make up, are in spans alone. Labels are of few values each.
Nothing is traced, and hardly anything paid, until `trace_with` was called.
"""

import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any

from opentelemetry.context import Context, attach, detach
from opentelemetry.propagate import extract
from opentelemetry.trace import (
    INVALID_SPAN,
    Span,
    SpanKind,
    Tracer,
    set_span_in_context,
)
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transport.errors import Shown, Unfit

OPERATIONS = Counter(
    "healthmed_operations",
    "Operations by their type (unknown: refused before it was known) and what became of them:"
    " ok, errors (some field failed) or refused (nothing was run).",
    ["type", "outcome"],
)
SECONDS = Histogram(
    "healthmed_operation_seconds",
    "From the admission of an operation to its answer, or to the beginning of its stream.",
    ["type"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
COST = Histogram(
    "healthmed_operation_cost",
    "What operations cost, refused ones too; docs/decisions/0016.",
    ["type"],
    buckets=(1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000),
)
ERRORS = Counter("healthmed_errors", "Errors told to clients, by their code.", ["code"])
RESPONSES = Counter(
    "healthmed_http_responses",
    "Answers to HTTP requests, by route and status.",
    ["route", "status"],
)

CLOSES = Counter("healthmed_socket_closes", "Sockets that the server closed, by code.", ["code"])

_LONGEST_NAME = 64  # of an operation; longer ones are cut
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})
_TRACE_CONTEXT = frozenset({b"traceparent", b"tracestate"})  # W3C Trace Context

_tracer: Tracer | None = None
_watched: ContextVar["Watch | None"] = ContextVar("watched", default=None)


def trace_with(tracer: Tracer | None) -> None:
    """From now on; None: no more."""
    global _tracer  # noqa: PLW0603  # one for the process, as OpenTelemetry has it
    _tracer = tracer


@contextmanager
def span(name: str, attributes: Mapping[str, Any] | None = None) -> Generator[Span]:
    """What fails in it is told by its class, for messages may quote what was typed."""
    if _tracer is None:
        yield INVALID_SPAN
        return
    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as started:
        try:
            yield started
        except Exception as error:
            started.set_attribute("error.type", type(error).__name__)
            raise


@dataclass(slots=True)
class Watch:
    """One operation under way. `errors`: the codes of those in its answer."""

    errors: list[str] = field(default_factory=list)
    cost: int | None = None


class watched:  # noqa: N801  # used as a function
    """Around an operation from its admission on. Unfit says that nothing of it was run.

    A class rather than a generator: it is entered for every operation, and costs a third.
    """

    __slots__ = ("_began", "_hash", "_name", "_span", "_started", "_token", "_type", "_watch")

    def __init__(self, type: str, name: str | None, document_hash: str) -> None:
        self._type, self._name, self._hash = type, name, document_hash
        self._span: AbstractContextManager[Span] | None = None

    def __enter__(self) -> Watch:
        self._watch, self._began = Watch(), time.perf_counter()
        self._token = _watched.set(self._watch)
        if _tracer is not None:
            self._span = self._traced()
            self._started = self._span.__enter__()
        return self._watch

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        watch, outcome = self._watch, "errors"
        if error is None:
            outcome = "errors" if watch.errors else "ok"
        elif isinstance(error, Unfit):
            outcome = "refused"
            count_errors(error.errors)
        try:
            if self._span is not None:
                started = self._started
                started.set_attribute("healthmed.outcome", outcome)
                if watch.cost is not None:
                    started.set_attribute("healthmed.cost", watch.cost)
                self._span.__exit__(kind, error, traceback)
        finally:
            _watched.reset(self._token)
            _child(OPERATIONS, self._type, outcome).inc()
            if watch.cost is not None:
                _child(COST, self._type).observe(watch.cost)
            if outcome != "refused":
                _child(SECONDS, self._type).observe(time.perf_counter() - self._began)

    def _traced(self) -> AbstractContextManager[Span]:
        name = self._name[:_LONGEST_NAME] if self._name else None
        told = {"graphql.operation.type": self._type, "graphql.document.hash": self._hash}
        if name:
            told["graphql.operation.name"] = name
        return span(f"{self._type} {name}" if name else self._type, told)


@cache
def _child(metric: Any, *labels: object) -> Any:
    """With these labels, of which there are few: what they lead to is looked up once."""
    return metric.labels(*labels)


def costs(cost: int) -> None:
    """The operation under way."""
    if (watch := _watched.get()) is not None:
        watch.cost = cost


class arriving:  # noqa: N801
    """Around what may refuse an operation before its type is known."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Unfit):
            _child(OPERATIONS, "unknown", "refused").inc()
            count_errors(error.errors)


def count_errors(shown: Iterable[Shown]) -> None:
    """As they are shown to a client."""
    watch = _watched.get()
    for error in shown:
        code = error["extensions"]["code"]
        ERRORS.labels(code).inc()
        if watch is not None:
            watch.errors.append(code)


def count_response(route: str, status: int) -> None:
    _child(RESPONSES, route, status).inc()


def traces() -> bool:
    return _tracer is not None


class Told:
    """An ASGI application that is told of: a span and a number for each HTTP request.

    `route` stands for its path, which may be anything. A socket has no span of its own, for it
    may last for days; those of its operations go on where its handshake's traceparent says. Nor
    does the span of an event stream last longer than to its beginning.
    """

    def __init__(self, route: str, app: ASGIApp) -> None:
        self._route, self._app = route, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context = _remote(scope) if _tracer is not None else None
        if scope["type"] != "http":
            await self._carry(context, scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        started: Span = INVALID_SPAN
        if _tracer is not None:
            told = {"http.request.method": method, "http.route": self._route}
            title = f"{method} {self._route}"
            started = _tracer.start_span(title, context, SpanKind.SERVER, told)
            context = set_span_in_context(started, context)

        async def send_and_tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                count_response(self._route, status)
                started.set_attribute("http.response.status_code", status)
                started.end()
            await send(message)

        try:
            await self._carry(context, scope, receive, send_and_tell)
        finally:
            if started.is_recording():  # the client had gone before there was an answer
                started.end()

    async def _carry(
        self, context: Context | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if context is None:
            await self._app(scope, receive, send)
            return
        token = attach(context)
        try:
            await self._app(scope, receive, send)
        finally:
            detach(token)


def _remote(scope: Scope) -> Context:
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _TRACE_CONTEXT
    }
    return extract(headers)
