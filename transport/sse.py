"""GraphQL over Server-Sent Events: graphql-sse, to the letter of its PROTOCOL, in both modes.

Distinct connections: a request is answered by the stream of its operation. Whatever is said there
is an event stream, refusals too: with the status of its fault what is no GraphQL request, with 200
and an event what is refused as GraphQL. Single connection: a client reserves a stream, opens it,
and has the results of its other requests sent there. The reservation's token opens the stream and
no more: who sends operations to it proves to be the user who reserved it.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Generic

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from transport.connection import Desk
from transport.documents import OperationType
from transport.errors import BAD_USER_INPUT, Shown, Unfit, present
from transport.event_stream import HEADERS, EventStream
from transport.events import Alone, OneOfMany
from transport.execution import C
from transport.gate import RateLimited
from transport.http import Refused, read
from transport.media import JSON, prefers_events
from transport.refusal import TOO_MANY, client_of
from transport.registry import Carrier
from transport.requests import Asked, Malformed

_TOKEN_HEADER, _TOKEN_PARAMETER = "x-graphql-event-stream-token", "token"


class _TurnedAway(Exception):
    """The request goes no further."""

    def __init__(self, status: int, errors: Sequence[Shown], **headers: str) -> None:
        super().__init__()
        self.status, self.errors = status, errors
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class EventsDoor(Generic[C]):
    """An ASGI application: both modes."""

    def __init__(self, desk: Desk[C]) -> None:
        self._desk = desk
        self._reserved: dict[str, EventStream[C]] = {}
        self._clearing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        is_for_events = prefers_events(request.headers.getlist("accept"))
        token = request.headers.get(_TOKEN_HEADER) or request.query_params.get(_TOKEN_PARAMETER)
        if request.method in {"GET", "POST"} and is_for_events:
            if token is None:
                await self.distinct(scope, receive, send)
            else:
                await self._open(token, request, send)
            return
        try:
            response = await self._respond(token, request)
        except _TurnedAway as away:
            response = _plain(away)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  # the client is told no more than a reference
            response = _plain(_TurnedAway(500, present([error])))
        await response(scope, receive, send)

    async def distinct(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One operation, one stream."""
        try:
            stream = await self._begin(Request(scope, receive))
        except _TurnedAway as away:
            body, headers = Alone().errors(away.errors), {**HEADERS, **away.headers}
            await Response(body, away.status, headers=headers)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await stream.carry(receive, send)

    async def _begin(self, request: Request) -> EventStream[C]:
        caller = self._authenticate(request)
        asked = await self._read(request)
        with suppress(Unfit):  # of which an event will tell
            await self._look(request, asked, caller)
        stream = self._new_stream(request, caller, alone=True)
        after = request.headers.get("last-event-id")
        stream.operate(stream.open("", Alone()), asked, caller, after=after)
        return stream

    async def _open(self, token: str, request: Request, send: Send) -> None:
        """The one connection of a reservation."""
        try:
            stream = self._find(token)
            # A browser's EventSource cannot say who it is: there the token has to do.
            if "authorization" in request.headers:
                _require_same_user(stream, self._authenticate(request))
            if stream.opened:
                raise _turned_away(409, "This stream is open already.")
        except _TurnedAway as away:
            await _plain(away)(request.scope, request.receive, send)
        else:
            await stream.carry(request.receive, send)

    async def _respond(self, token: str | None, request: Request) -> Response:
        match request.method:
            case "PUT":
                return await self._reserve(request)
            case "DELETE":
                return self._stop(self._find(token), request)
            case "GET" | "POST":
                return await self._send_to(self._find(token), request)
        raise _turned_away(405, "Use GET, POST, PUT or DELETE.", allow="GET, POST, PUT, DELETE")

    async def _reserve(self, request: Request) -> Response:
        caller = self._authenticate(request)
        if caller.dead:
            raise _turned_away(401, "Sign in first.", "UNAUTHENTICATED")
        try:
            await self._desk.operations.admit(caller)
        except RateLimited as limited:
            after = str(limited.retry_after)
            raise _TurnedAway(429, limited.errors, retry_after=after) from None
        stream = self._new_stream(request, caller, alone=False)
        stream.reserve()
        token = secrets.token_urlsafe(24)
        self._reserved[token] = stream
        stream.over.add_done_callback(partial(self._forget, token))
        return Response(token, 201, media_type="text/plain")

    async def _send_to(self, stream: EventStream[C], request: Request) -> Response:
        caller = self._authenticate(request)
        _require_same_user(stream, caller)
        asked = await self._read(request)
        if asked.operation_id is None:
            raise _turned_away(400, "extensions.operationId must be a string, and not empty.")
        try:
            await self._look(request, asked, caller)
        except Unfit as unfit:
            raise _TurnedAway(400, unfit.errors) from None
        if stream.is_over:  # meanwhile
            raise _turned_away(404, "There is no stream of this token.", "NOT_FOUND")
        if asked.operation_id in stream.streams:
            raise _turned_away(409, "There is an operation of this id.")
        most = self._desk.limits.operations_per_socket
        if len(stream.streams) >= most:
            message = f"A stream has at most {most} operations at once."
            raise _turned_away(429, message, "RATE_LIMITED", retry_after="1")
        stream.identify(caller)  # his token may be newer than the one before
        stream.operate(
            stream.open(asked.operation_id, OneOfMany(asked.operation_id)), asked, caller
        )
        return Response(status_code=202)

    def _stop(self, stream: EventStream[C], request: Request) -> Response:
        _require_same_user(stream, self._authenticate(request))
        id = request.query_params.get("operationId")
        if not id:
            raise _turned_away(400, "operationId is missing.")
        if operation := stream.streams.get(id):
            operation.stop()
        return Response()

    def _find(self, token: str | None) -> EventStream[C]:
        stream = self._reserved.get(token or "")
        if stream is None:
            raise _turned_away(404, "There is no stream of this token.", "NOT_FOUND")
        return stream

    def _forget(self, token: str, _: object) -> None:
        stream = self._reserved.pop(token)
        if not stream.opened:
            clearing = asyncio.create_task(stream.clear())
            self._clearing.add(clearing)
            clearing.add_done_callback(self._clearing.discard)

    def _new_stream(self, request: Request, caller: C, *, alone: bool) -> EventStream[C]:
        presence = self._desk.registry.admit(Carrier.EVENTS, client_of(request.scope).address)
        if presence is None:
            raise _TurnedAway(429, [TOO_MANY], retry_after="10")
        stream = EventStream(self._desk, presence, alone=alone)
        if not stream.belongs_to(caller):
            presence.leave()
            raise _TurnedAway(429, [TOO_MANY], retry_after="10")
        return stream

    def _authenticate(self, request: Request) -> C:
        client = client_of(request.scope)
        return self._desk.authenticate(request.headers.get("authorization"), client)

    async def _read(self, request: Request) -> Asked:
        try:
            return await read(request, self._desk.limits, self._desk.documents.lane)
        except Refused as refused:
            raise _turned_away(refused.status, str(refused), **refused.headers) from None
        except Malformed as malformed:
            raise _turned_away(400, str(malformed)) from None

    async def _look(self, request: Request, asked: Asked, caller: C) -> None:
        """Raises Unfit for what cannot be run, and _TurnedAway for what may not come by GET."""
        operation = await self._desk.documents.arrive(asked, caller)
        if operation.type is OperationType.MUTATION and request.method == "GET":
            raise _turned_away(405, "Mutations go by POST.", allow="POST")


def _require_same_user(stream: EventStream[C], caller: C) -> None:
    if caller.dead:
        raise _turned_away(401, "Sign in first.", "UNAUTHENTICATED")
    if stream.caller is None or caller.user_id != stream.caller.user_id:
        raise _turned_away(403, "This stream is somebody else's.", "FORBIDDEN")


def _turned_away(
    status: int, message: str, code: str = BAD_USER_INPUT, **headers: str
) -> _TurnedAway:
    return _TurnedAway(status, [{"message": message, "extensions": {"code": code}}], **headers)


def _plain(away: _TurnedAway) -> Response:
    body = orjson.dumps({"errors": away.errors})
    headers = {"content-type": f"{JSON}; charset=utf-8", **away.headers}
    return Response(body, away.status, headers=headers)
