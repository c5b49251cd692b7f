"""GraphQL over HTTP, after the draft of June 2025: POST and GET on one path.

Statuses depend on what the client accepts. `application/graphql-response+json` says 400 to whatever
was refused before it ran; `application/json` says 200 to all that was a well-formed request, since
a client of old cannot tell our 400 from a proxy's. Without a preference it is `application/json`.
A request that is no GraphQL request is a 4xx in both, and whoever is over his rates is told 429.
"""

from collections.abc import Mapping
from typing import Generic

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from transport.cookies import Cookie
from transport.documents import Documents, OperationType
from transport.errors import BAD_USER_INPUT, Shown, Unfit, present
from transport.execution import Authenticate, C, Operations
from transport.gate import RateLimited
from transport.lane import SMALL, Lane
from transport.limits import Limits
from transport.media import JSON, RESPONSE_JSON, choose, is_json
from transport.refusal import client_of
from transport.requests import Asked, Malformed, read_json, read_request


class Refused(Exception):
    """The request goes no further."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        media = choose(request.headers.getlist("accept"))
        if media is None:
            message = f"Answers are {RESPONSE_JSON} or {JSON}, in UTF-8."
            return _refusal(406, [_bad(message)], JSON)
        try:
            return await self._answer(request, media)
        except Refused as refused:
            return _refusal(refused.status, [_bad(str(refused))], media, refused.headers)
        except Malformed as malformed:
            return _refusal(400, [_bad(str(malformed))], media)
        except Unfit as unfit:
            return _unfit(unfit, media)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  # the client is told no more than a reference
            return _refusal(500, present([error]), media)

    async def _answer(self, request: Request, media: str) -> Response:
        asked = await read(request, self._limits, self._documents.lane)
        caller = self._authenticate(request.headers.get("authorization"), client_of(request.scope))
        operation = await self._documents.arrive(asked, caller)
        if operation.type is OperationType.SUBSCRIPTION:
            raise Refused(400, "Subscriptions go over WebSocket, or are read as text/event-stream.")
        if operation.type is OperationType.MUTATION and request.method == "GET":
            raise Refused(405, "Mutations go by POST.", allow="POST")
        jar = self._cookie.of(request, self._limits.origins) if self._cookie else None
        body = await self._operations.answer(operation, asked.variables, caller, jar)
        response = _response(200, body, media)
        if jar is not None:
            jar.write(response)
        return response


async def read(request: Request, limits: Limits, lane: Lane) -> Asked:
    """What the request asks for, in its body or its URL. Raises Refused and Malformed."""
    if request.method == "POST":
        body = await _body(request, limits.body_bytes)
        async with lane.turn(needed=len(body) > SMALL):
            return read_request(read_json(body))
    if request.method == "GET":
        return _from_url(request)
    raise Refused(405, "Use POST, or GET for queries.", allow="GET, POST")


async def _body(request: Request, most: int) -> bytes:
    headers = request.headers
    if not is_json(headers.get("content-type", "")):
        raise Refused(415, f"A request is {JSON}, in UTF-8.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "A request is not compressed.")
    # What is not read has to go with the connection.
    too_large = Refused(413, f"A request has at most {most} bytes.", connection="close")
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large
    return bytes(body)


def _from_url(request: Request) -> Asked:
    parameters: dict[str, object] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if isinstance(text := parameters.get(name), str):
            parameters[name] = read_json(text)
    return read_request(parameters)


def _bad(message: str) -> Shown:
    return {"message": message, "extensions": {"code": BAD_USER_INPUT}}


def _unfit(unfit: Unfit, media: str) -> Response:
    if isinstance(unfit, RateLimited):
        return _refusal(429, unfit.errors, media, {"retry-after": str(unfit.retry_after)})
    return _refusal(200 if media == JSON else 400, unfit.errors, media)


def _refusal(
    status: int, errors: list[Shown], media: str, headers: Mapping[str, str] | None = None
) -> Response:
    return _response(status, orjson.dumps({"errors": errors}), media, headers)


def _response(
    status: int, body: bytes, media: str, headers: Mapping[str, str] | None = None
) -> Response:
    content_type = {"content-type": f"{media}; charset=utf-8"}
    return Response(body, status, headers={**content_type, **(headers or {})})
