"""Connections to Postgres."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, Protocol, cast

import asyncpg
from opentelemetry.trace import Span, SpanKind, get_current_span, get_tracer
from prometheus_client import Histogram

SECONDS = Histogram(
    "healthmed_statement_seconds",
    "Statements, by verb: from being sent to the last row read.",
    ["verb"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
APPLICATION = "healthmed"  # as Postgres knows us
STATEMENT_TIMEOUT = timedelta(seconds=10)
LOCK_TIMEOUT = timedelta(seconds=5)
SESSION = {
    "jit": "off",  # our statements are short and many
    "random_page_cost": "1.1",  # of a disk that has no arm; else few rows seem dear to an index
    "statement_timeout": str(STATEMENT_TIMEOUT // timedelta(milliseconds=1)),
    "lock_timeout": str(LOCK_TIMEOUT // timedelta(milliseconds=1)),
    "idle_in_transaction_session_timeout": str(2 * STATEMENT_TIMEOUT // timedelta(milliseconds=1)),
}

# Of TCP: a host that is gone says nothing, and its connections would be waited for for a quarter of
# an hour. Names, for not every system has all of them.
_SILENCE = {
    "TCP_USER_TIMEOUT": 15_000,  # milliseconds, for what was sent
    "TCP_KEEPIDLE": 5,  # seconds, while an answer is waited for
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 2,
}

_VERBS = frozenset({"DELETE", "INSERT", "SELECT", "UPDATE", "WITH"})
_tracer = get_tracer("healthmed.persistence")

Record = Mapping[str, Any]


class Connection(Protocol):
    """What we use of asyncpg's connections, which carry no types of their own."""

    async def fetch(self, statement: str, /, *arguments: Any) -> list[Record]: ...
    async def fetchrow(self, statement: str, /, *arguments: Any) -> Record | None: ...
    async def fetchval(self, statement: str, /, *arguments: Any) -> Any: ...
    async def execute(self, statement: str, /, *arguments: Any) -> str: ...
    def transaction(self) -> AbstractAsyncContextManager[None]: ...


class Asked(Protocol):
    """Whoever answers a statement."""

    async def fetch(self, statement: str, /, *arguments: Any) -> list[Record]: ...


class Pool(Protocol):
    """Each statement on a connection of its own, or many on one that is acquired."""

    async def fetch(self, statement: str, /, *arguments: Any) -> list[Record]: ...
    async def fetchrow(self, statement: str, /, *arguments: Any) -> Record | None: ...
    async def fetchval(self, statement: str, /, *arguments: Any) -> Any: ...
    async def execute(self, statement: str, /, *arguments: Any) -> str: ...
    def acquire(self) -> AbstractAsyncContextManager[Connection]: ...
    async def close(self) -> None: ...
    def terminate(self) -> None: ...
    def get_size(self) -> int: ...
    def get_idle_size(self) -> int: ...


class Discreet(asyncpg.Connection):  # type: ignore[misc]  # it carries no types
    """Its errors quote nothing that was said or stored, for they end in the log.

    Each statement is told of: as a span beneath the operation that it is part of, without its
    values (they are never in the text), and in a histogram by its verb.

    Whoever says nothing at the other end for fifteen seconds is given up.
    """

    def __init__(self, protocol: Any, transport: asyncio.Transport, *more: Any) -> None:
        super().__init__(protocol, transport, *more)
        line = transport.get_extra_info("socket")
        if line.family != socket.AF_UNIX:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _SILENCE.items():
                if (option := getattr(socket, name, None)) is not None:
                    line.setsockopt(socket.IPPROTO_TCP, option, value)

    async def fetch(self, query: str, *given: Any, **options: Any) -> Any:
        with _Told(query):
            return await super().fetch(query, *given, **options)

    async def fetchrow(self, query: str, *given: Any, **options: Any) -> Any:
        with _Told(query):
            return await super().fetchrow(query, *given, **options)

    async def fetchval(self, query: str, *given: Any, **options: Any) -> Any:
        with _Told(query):
            return await super().fetchval(query, *given, **options)

    async def execute(self, query: str, *given: Any, **options: Any) -> Any:
        with _Told(query):
            return await super().execute(query, *given, **options)


class _Told:
    """Around a statement. A class, for generators cost twice as much, and some acts are twenty."""

    __slots__ = ("_began", "_span", "_statement")

    def __init__(self, statement: str) -> None:
        self._statement = statement
        self._span: AbstractContextManager[Span] | None = None

    def __enter__(self) -> None:
        self._began = time.perf_counter()
        if get_current_span().is_recording():
            told = {"db.system.name": "postgresql", "db.query.text": self._statement}
            self._span = _tracer.start_as_current_span(
                verb_of(self._statement), None, SpanKind.CLIENT, told, record_exception=False
            )
            self._span.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._span is not None:
            self._span.__exit__(kind, error, traceback)
        _seconds(self._statement).observe(time.perf_counter() - self._began)
        if isinstance(error, asyncpg.PostgresError):
            error.detail = None  # the failing row, say
            if isinstance(error, asyncpg.DataError):  # its text and its cause quote the value
                error.args = ("a value does not fit",)
            error.__cause__, error.__suppress_context__ = None, True


def rows_of(types: Iterable[str], *, first: int = 1) -> str:
    """What an INSERT or a join takes its rows from: arrays, one for each column, as the arguments
    from `first` on.

    Each within a query of its own. Else Postgres sees how few there are this time, thinks less of a
    plan for any number, and plans anew whenever it is asked: as long as a search takes.
    """
    arrays = (f"(SELECT ${number}::{type_}[])" for number, type_ in enumerate(types, first))
    return f"unnest({', '.join(arrays)})"


def any_of(number: int) -> str:
    """What an id is compared with where an argument lists some, for the same reason."""
    return f"ANY((SELECT ${number}::uuid[])::uuid[])"


def verb_of(statement: str) -> str:
    """Of a statement of ours; OTHER for the rest, asyncpg's own transactions among them."""
    verb = statement.lstrip().partition(" ")[0].upper()
    return verb if verb in _VERBS else "OTHER"


@lru_cache(1_000)
def _seconds(statement: str) -> Any:
    """Where they are counted, looked up once for a text."""
    return SECONDS.labels(verb_of(statement))


async def connect(
    url: str,
    *,
    size: int,
    password: Callable[[], Awaitable[str]] | None = None,
    pooled: bool = False,
) -> Pool:
    """A pool of at most `size` connections. Nothing session-wide is ever set on one of them.

    So the statements that would reset it on its return, two fifths of a small query's time, are
    left out. `password`: asked for at each new connection, where the URL has none. `pooled`: behind
    a pgbouncer that hands out its own connections transaction by transaction: then no statement is
    kept as prepared, and what a session is to be like is for pgbouncer to say
    (docs/decisions/0062).
    """
    named = {"application_name": APPLICATION}
    pool = await asyncpg.create_pool(
        url,
        password=password,
        min_size=min(4, size),
        max_size=size,
        connection_class=Discreet,
        reset=_leave_as_is,
        statement_cache_size=0 if pooled else 400,
        max_cacheable_statement_size=64 * 1024,  # those of plans are long
        server_settings=named if pooled else {**named, **SESSION},
    )
    return cast("Pool", pool)


async def is_as_we_want_it(pool: Pool) -> bool:
    """Whether a session is what SESSION says, for where others have to see to it."""
    found = await pool.fetch(
        "SELECT name, setting FROM pg_settings WHERE name = ANY($1)", list(SESSION)
    )
    return {row["name"]: row["setting"] for row in found} == SESSION


def connections(pool: Pool) -> dict[str, float]:
    """How many there are, for metrics."""
    idle = pool.get_idle_size()
    return {"idle": idle, "used": pool.get_size() - idle}


async def _leave_as_is(_: object) -> None:
    pass
