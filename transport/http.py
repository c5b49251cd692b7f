"""GraphQL over HTTP, after the draft of June 2025: POST and GET on one path.

Statuses depend on what the client accepts. `application/graphql-response+json` says 400 to whatever
was refused before it ran; `application/json` says 200 to all that was a well-formed request, since
a client of old cannot tell our 400 from a proxy's. Without a preference it is `application/json`.
A request that is no GraphQL request is a 4xx in both; whoever is over his rates is told 429, and
503 whoever would have to wait for too long.
"""

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeAlias

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from transport.cookies import Cookie, Jar
from transport.documents import Documents, OperationType
from transport.entrance import Entrance, Overloaded
from transport.errors import BAD_USER_INPUT, Shown, Unfit, present
from transport.execution import Authenticate, C, Operations
from transport.gate import RateLimited
from transport.head import Head
from transport.lane import SMALL, Lane
from transport.limits import Limits
from transport.media import JSON, RESPONSE_JSON
from transport.requests import Asked, Malformed, read_json, read_request


class Refused(Exception):
    """The request goes no further."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers


Header: TypeAlias = tuple[bytes, bytes]
_TYPES = {media: f"{media}; charset=utf-8".encode() for media in (JSON, RESPONSE_JSON)}


class Answer(NamedTuple):
    """Before it is compressed, and without what all answers say of themselves."""

    status: int
    body: bytes
    headers: list[Header]


class HttpDoor(Generic[C]):
    """An ASGI application."""

    def __init__(
        self,
        documents: Documents,
        operations: Operations[C],
        *,
        authenticate: Authenticate[C],
        limits: Limits,
        cookie: Cookie | None = None,
    ) -> None:
        self._documents, self._operations = documents, operations
        self._authenticate, self._limits, self._cookie = authenticate, limits, cookie
        self._entrance = Entrance(limits.answers_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body, headers = await self.respond(Head.of(scope), scope, receive)
        except ClientDisconnect:
            return
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def respond(self, head: Head, scope: Scope, receive: Receive) -> Answer:
        """Raises ClientDisconnect, and nothing else."""
        media = head.media
        if media is None:
            message = f"Answers are {RESPONSE_JSON} or {JSON}, in UTF-8."
            return _refusal(406, [_bad(message)], JSON)
        try:
            return await self._answer(head, scope, receive, media)
        except Refused as refused:
            return _refusal(refused.status, [_bad(str(refused))], media, refused.headers.items())
        except Malformed as malformed:
            return _refusal(400, [_bad(str(malformed))], media)
        except Unfit as unfit:
            return _unfit(unfit, media)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  # the client is told no more than a reference
            return _refusal(500, present([error]), media)

    async def _answer(self, head: Head, scope: Scope, receive: Receive, media: str) -> Answer:
        self._entrance.look()
        asked = await _read(head, scope, receive, self._limits, self._documents.lane)
        caller = self._authenticate(head.proof, head.client(scope))
        operation = await self._documents.arrive(asked, caller)
        if operation.type is OperationType.SUBSCRIPTION:
            raise Refused(400, "Subscriptions go over WebSocket, or are read as text/event-stream.")
        jar = None
        if operation.type is OperationType.MUTATION:
            if scope["method"] == "GET":
                raise Refused(405, "Mutations go by POST.", allow="POST")
            jar = self._jar(scope)
        # Not before: else those who wait in the lane, or send slowly, would take all places.
        await self._entrance.enter()
        try:
            body = await self._operations.answer(operation, asked.variables, caller, jar)
        finally:
            self._entrance.leave()
        return Answer(200, body, [(b"content-type", _TYPES[media]), *_kept_in(jar)])

    def _jar(self, scope: Scope) -> Jar | None:
        """For what acts: no query is told what a browser keeps."""
        if self._cookie is None:
            return None
        return self._cookie.of(Request(scope), self._limits.origins)


async def read(request: Request, limits: Limits, lane: Lane) -> Asked:
    """What the request asks for, in its body or its URL. Raises Refused and Malformed."""
    scope = request.scope
    return await _read(Head.of(scope), scope, request.receive, limits, lane)


async def _read(head: Head, scope: Scope, receive: Receive, limits: Limits, lane: Lane) -> Asked:
    if scope["method"] == "POST":
        body = await _body(head, receive, limits.body_bytes)
        if len(body) <= SMALL:
            return read_request(read_json(body))
        async with lane.turn():
            return read_request(read_json(body))
    if scope["method"] == "GET":
        return _from_url(Request(scope))
    raise Refused(405, "Use POST, or GET for queries.", allow="GET, POST")


async def _body(head: Head, receive: Receive, most: int) -> bytes:
    if not head.brings_plain_json:
        raise Refused(415, f"A request is {JSON}, in UTF-8.")
    if head.is_compressed:
        raise Refused(415, "A request is not compressed.")
    # What is not read has to go with the connection.
    too_large = Refused(413, f"A request has at most {most} bytes.", connection="close")
    if (head.length or 0) > most:
        raise too_large
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > most:
            raise too_large
        more = message.get("more_body", False)
    return b"".join(parts)


def _from_url(request: Request) -> Asked:
    parameters: dict[str, object] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if isinstance(text := parameters.get(name), str):
            parameters[name] = read_json(text)
    return read_request(parameters)


def _kept_in(jar: Jar | None) -> Iterable[Header]:
    """What the browser is told to keep, or to forget."""
    if jar is None:
        return []
    told = Response()
    jar.write(told)
    return [header for header in told.raw_headers if header[0] == b"set-cookie"]


def _bad(message: str) -> Shown:
    return {"message": message, "extensions": {"code": BAD_USER_INPUT}}


def _unfit(unfit: Unfit, media: str) -> Answer:
    if isinstance(unfit, RateLimited | Overloaded):
        status = 429 if isinstance(unfit, RateLimited) else 503
        return _refusal(status, unfit.errors, media, [("retry-after", str(unfit.retry_after))])
    return _refusal(200 if media == JSON else 400, unfit.errors, media)


def _refusal(
    status: int, errors: list[Shown], media: str, headers: Iterable[tuple[str, str]] = ()
) -> Answer:
    named = [(name.encode(), value.encode()) for name, value in headers]
    return Answer(
        status, orjson.dumps({"errors": errors}), [(b"content-type", _TYPES[media]), *named]
    )
