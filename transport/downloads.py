"""Files that programs fetch again and again by a link, without a session, and whether they have
changed since (RFC 9110, section 13). What is in them, and whom a link is of, is the roof's to know.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from transport.errors import present
from transport.gate import RateLimited
from transport.refusal import client_of
from transport.requests import Client

# Its owner's own program may keep it, and has to ask each time whether it is good still.
_OWN = {"cache-control": "private, no-cache"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """`tag`: another one when what it says has changed. `write` may take long: it is called in a
    thread, and only if the client has no such file.
    """

    tag: str
    content_type: str
    write: Callable[[], str]


class FileDoor:
    """An ASGI application, behind a route whose parameters `find` is given. It answers None for
    whatever is not there, of which nobody is told more. `admit` may raise RateLimited.
    """

    def __init__(
        self,
        find: Callable[[Mapping[str, str]], Awaitable[Download | None]],
        *,
        admit: Callable[[Client], Awaitable[None]],
    ) -> None:
        self._find, self._admit = find, admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            await self._admit(client_of(request.scope))
            found = await self._find(request.path_params)
            if found is None:
                return PlainTextResponse("Not Found", 404)
            # Weak: the same thing said twice may differ in when it was written down.
            tag = f'W/"{found.tag}"'
            headers = {**_OWN, "etag": tag}
            if _has(request.headers.get("if-none-match", ""), tag):
                return Response(status_code=304, headers=headers)
            text = await asyncio.to_thread(found.write)
            return Response(text, headers=headers, media_type=found.content_type)
        except RateLimited as limited:
            wait = {"retry-after": str(limited.retry_after)}
            return PlainTextResponse("Too Many Requests", 429, wait)
        except Exception as error:  # noqa: BLE001  # the client is told no more than a reference
            [shown] = present([error])
            return PlainTextResponse(shown["message"], 500)


def _has(if_none_match: str, tag: str) -> bool:
    """By weak comparison, in which a tag that lost its W/ on the way is the same."""
    wanted = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in wanted or tag.removeprefix("W/") in wanted
