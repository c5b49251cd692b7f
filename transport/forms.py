"""Forms that are posted by programs, and answered in JSON: what is asked of us in another language
than GraphQL. What is in them, and what it means, is the roof's to know.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from transport.errors import present
from transport.gate import RateLimited
from transport.refusal import client_of
from transport.requests import Client

_NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}


class Posted(NamedTuple):
    content_type: str
    body: bytes
    authorization: str | None
    client: Client


class Reply(NamedTuple):
    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = {}


class FormDoor:
    """An ASGI application. `admit` may raise RateLimited. Errors are told as RFC 6749 has them."""

    def __init__(
        self,
        answer: Callable[[Posted], Awaitable[Reply]],
        *,
        admit: Callable[[Client], Awaitable[None]],
        most: int,
    ) -> None:
        self._answer, self._admit, self._most = answer, admit, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._reply(Request(scope, receive))
        except ClientDisconnect:
            return
        await _response(reply)(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        client = client_of(request.scope)
        try:
            await self._admit(client)
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > self._most:
                    # What is not read has to go with the connection.
                    return _refusal("invalid_request", 413, connection="close")
            headers = request.headers
            content_type, authorization = headers.get("content-type"), headers.get("authorization")
            return await self._answer(
                Posted(content_type or "", bytes(body), authorization, client)
            )
        except RateLimited as limited:
            wait = str(limited.retry_after)
            return _refusal("temporarily_unavailable", 429, **{"retry-after": wait})
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  # the client is told no more than a reference
            [shown] = present([error])
            return Reply({"error": "server_error", "error_description": shown["message"]}, 500)


def _refusal(error: str, status: int, **headers: str) -> Reply:
    return Reply({"error": error}, status, headers)


def _response(reply: Reply) -> Response:
    return JSONResponse(reply.body, reply.status, {**_NOT_KEPT, **reply.headers})
