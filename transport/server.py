"""The whole of it: HTTP, WebSocket and event streams for one schema.

What the server is asked to leave, by `drain`, and who is connected, by `registry`, is the roof's to
know. Everything that goes through its routes is waited for when it drains.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic

import strawberry
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from domain import clock
from transport.compression import Compressed
from transport.connection import Desk
from transport.cookies import Cookie
from transport.direct import Direct
from transport.documents import Documents
from transport.drain import Drain
from transport.execution import (
    Admit,
    Authenticate,
    C,
    MakeContext,
    Operations,
    Quick,
    Ran,
    core_schema,
)
from transport.headers import SafeHeaders
from transport.http import HttpDoor
from transport.limits import Limits
from transport.media import prefers_events
from transport.pulse import Pulse
from transport.registry import Registry
from transport.request_ids import RequestIds
from transport.sizes import Sizes
from transport.sse import EventsDoor
from transport.telemetry import Told
from transport.websocket import SocketDoor

# For the whole application: what is not of this server is an answer, too.
MIDDLEWARE = (Middleware(RequestIds), Middleware(SafeHeaders), Middleware(Compressed))


_LONGEST_TICK = 0.25  # seconds
_TICKS = 8  # that the shortest wait has at least


class GraphQLServer(Generic[C]):
    """`authenticate` is given the value of an Authorization header, or None, and the address of the
    client, and never raises; for None it answers somebody anonymous. `make_context` is given him
    and the names of all selected fields, once for each operation and each event; and the jar for
    `cookie`, the one that browsers are asked to keep, where there is one. `admit` is told of what
    is about to run, and its cost, `ran` of what has run. `quick` is asked for the answer before a
    query is run. Tokens expire by the clock `now`.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        authenticate: Authenticate[C],
        make_context: MakeContext[C],
        admit: Admit[C] | None = None,
        ran: Ran[C] | None = None,
        quick: Quick[C] | None = None,
        limits: Limits | None = None,
        sizes: Sizes | None = None,
        trusted: Mapping[str, str] | None = None,
        cookie: Cookie | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        limits = limits or Limits()
        core = core_schema(schema)
        documents = Documents(core, limits=limits, sizes=sizes, trusted=trusted)
        operations = Operations(
            schema,
            authenticate=authenticate,
            make_context=make_context,
            admit=admit,
            ran=ran,
            quick=quick,
            limits=limits,
            lane=documents.lane,
        )
        self.registry = Registry(
            per_user=limits.connections_per_user,
            per_address=limits.connections_per_address,
            now=now,
        )
        self.drain = Drain(
            self.registry,
            seconds=limits.drain_seconds,
            notice_seconds=limits.drain_notice_seconds,
            per_second=limits.drained_per_second,
        )
        waits = (limits.init_seconds, limits.ping_seconds, limits.keep_alive_seconds)
        shortest = min(*waits, limits.reservation_seconds)
        desk = Desk(
            schema=core,
            documents=documents,
            operations=operations,
            authenticate=authenticate,
            limits=limits,
            registry=self.registry,
            drain=self.drain,
            pulse=Pulse(min(_LONGEST_TICK, shortest / _TICKS)),
            now=now,
        )
        self._http = HttpDoor(
            documents, operations, authenticate=authenticate, limits=limits, cookie=cookie
        )
        self._events = EventsDoor(desk)
        self._sockets = SocketDoor(desk)

    def routes(self, path: str = "/graphql") -> Sequence[BaseRoute]:
        guard, stream = self.drain.guard, f"{path}/stream"
        return [
            Route(path, guard(Told(path, _EitherDoor(self._http, self._events)))),
            Route(stream, guard(Told(stream, self._events))),
            WebSocketRoute(path, guard(Told(path, self._sockets))),
        ]

    def front(self, app: ASGIApp, path: str = "/graphql") -> ASGIApp:
        """The application that has our routes, with a shorter way for what comes most often."""
        return Direct(app, self._http, self.drain, path)


class _EitherDoor(Generic[C]):
    """Answers with an event stream if that is what is asked for."""

    def __init__(self, http: HttpDoor[C], events: EventsDoor[C]) -> None:
        self._http, self._events = http, events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method in {"GET", "POST"} and prefers_events(request.headers.getlist("accept")):
            await self._events.distinct(scope, receive, send)
        else:
            await self._http(scope, receive, send)
