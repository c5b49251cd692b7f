"""Large answers are compressed, with Brotli or gzip as the client takes them (RFC 9110, 12.5.3).

Answers that are one piece, that is: an event stream has to be read as it comes. What a page of
another origin could guess at by the size of answers (BREACH) it does not get: the one cookie there
is does not come with what it sends, so that it cannot ask in somebody's name.
"""

import gzip
from collections.abc import Sequence

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transport.media import qualities

SMALLEST = 1024  # bytes: below, it is hardly worth a packet
_BROTLI_QUALITY, _GZIP_LEVEL = 4, 5  # where either takes about as long as writing the JSON
_OFFERED = ("br", "gzip")  # the better one first


class Compressed:
    """An ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        coding = choose(Headers(scope=scope).getlist("accept-encoding"))
        start: Message | None = None  # kept back until it is known what follows

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                started, start = start, None
                if not message.get("more_body"):
                    message = _finish(started, message, coding)
                await send(started)
            await send(message)

        await self._app(scope, receive, send_compressed)


def choose(accept_encoding: Sequence[str]) -> str | None:
    """The coding for the answer, from the values of all Accept-Encoding headers; None: as it is."""
    wanted = qualities(accept_encoding)
    best, chosen = 0.0, None
    for coding in _OFFERED:
        quality = wanted.get(coding, wanted.get("*", 0.0))
        if quality > best:
            best, chosen = quality, coding
    return chosen


def _finish(start: Message, message: Message, coding: str | None) -> Message:
    """The body as it is to be sent, and `start` with headers that tell of it."""
    body: bytes = message.get("body", b"")
    headers = MutableHeaders(scope=start)
    if len(body) < SMALLEST or "content-encoding" in headers:
        return message
    headers.add_vary_header("accept-encoding")
    if coding is None:
        return message
    body = compressed(body, coding)
    headers["content-encoding"] = coding
    headers["content-length"] = str(len(body))
    return {**message, "body": body}


def compressed(body: bytes, coding: str) -> bytes:
    if coding == "br":
        return brotli.compress(body, quality=_BROTLI_QUALITY)  # type: ignore[no-any-return]
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)
