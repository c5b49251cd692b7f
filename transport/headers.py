"""What every answer says of itself, whoever made it: that it is kept by nobody, and runs nowhere.

For answers that are data. A page says otherwise of itself, and is left as it is.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
SAFE = [(name.encode(), value.encode()) for name, value in _SAFE.items()]
_ONLY_ENCRYPTED = "max-age=63072000; includeSubDomains"  # RFC 6797; two years
STRICT = (b"strict-transport-security", _ONLY_ENCRYPTED.encode())
ENCRYPTED = {"https", "wss"}
_STARTS = {"http.response.start", "websocket.http.response.start"}


class SafeHeaders:
    """An ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = MutableHeaders(scope=message)
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
                # RFC 6797, 7.2: not to be said where anybody on the way could have said it.
                if scope["scheme"] in ENCRYPTED:
                    headers.setdefault("strict-transport-security", _ONLY_ENCRYPTED)
            await send(message)

        await self._app(scope, receive, send_safely)
