"""The short way of a POST for GraphQL, past the application's routes and middlewares.

What they would say and do is said and done here, from the same parts, at a quarter of the price.
All else goes the long way: other paths and methods, event streams, whatever comes while we drain,
and everything while spans are written.
"""

from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from transport import request_ids, telemetry
from transport.compression import SMALLEST, compressed
from transport.drain import Drain
from transport.head import Head
from transport.headers import ENCRYPTED, SAFE, STRICT
from transport.http import Answer, HttpDoor

_ID = request_ids.HEADER.encode()


class Direct:
    """An ASGI application in front of `app`, which has the same `door` at `path`."""

    def __init__(self, app: ASGIApp, door: HttpDoor[Any], drain: Drain, path: str) -> None:
        self._app, self._door, self._drain, self._path = app, door, drain, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "POST"
            or scope["path"] != self._path
            or scope.get("root_path")
            or self._drain.refusing
            or telemetry.traces()
        ):
            await self._app(scope, receive, send)
            return
        head = Head.of(scope)
        if head.prefers_events:
            await self._app(scope, receive, send)
            return
        id = request_ids.chosen((head.request_id or b"").decode("latin-1"))
        token = request_ids.current.set(id)
        self._drain.enter()
        try:
            answer = await self._door.respond(head, scope, receive)
            telemetry.count_response(self._path, answer.status)
            body, headers = _finished(answer, head, id, encrypted=scope["scheme"] in ENCRYPTED)
            started = {"type": "http.response.start", "status": answer.status, "headers": headers}
            await send(started)
            await send({"type": "http.response.body", "body": body})
        except ClientDisconnect:
            pass
        finally:
            self._drain.leave()
            request_ids.current.reset(token)


def _finished(
    answer: Answer, head: Head, id: str, *, encrypted: bool
) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Body and headers, as they are sent."""
    body, headers = answer.body, [*answer.headers, (_ID, id.encode()), *SAFE]
    if encrypted:
        headers.append(STRICT)
    if len(body) >= SMALLEST:
        headers.append((b"vary", b"accept-encoding"))
        if coding := head.coding:
            body = compressed(body, coding)
            headers.append((b"content-encoding", coding.encode()))
    headers.append((b"content-length", b"%d" % len(body)))
    return body, headers
