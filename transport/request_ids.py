"""Each request has an id, by which its log lines are found; the client is told it.

One that comes with an id keeps it, if it is of a form that cannot do harm in a log. A socket has
one for all its life.
"""

import re
from contextvars import ContextVar
from random import getrandbits

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
_FIT = re.compile(r"[A-Za-z0-9._-]{1,64}")

current: ContextVar[str | None] = ContextVar("request_id", default=None)


class RequestIds:
    """An ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        id = chosen(Headers(scope=scope).get(HEADER, ""))
        token = current.set(id)

        async def send_with_id(message: Message) -> None:
            if message["type"].endswith("response.start"):
                MutableHeaders(scope=message)[HEADER] = id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            current.reset(token)


def chosen(given: str) -> str:
    """The one that came, if it may stand in a log; else a new one."""
    if _FIT.fullmatch(given):
        return given
    # Nobody gains by guessing it; to ask the system for one is a twentieth of a small answer.
    return f"{getrandbits(128):032x}"
