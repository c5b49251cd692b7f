"""The one cookie there is: what a browser keeps for a page that cannot read it (RFC 6265).

It authenticates no request: whoever runs an operation is told what came, and may say what is to be
kept. What it holds, and what for, is the resolvers' to know.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from transport import origins


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """`secure`: our pages are reached by https alone. Then its name has it that no other host, nor
    anybody on the way, can have planted it. Without encryption no browser would take that name.
    """

    secure: bool
    lasts: timedelta

    @property
    def name(self) -> str:
        return "__Host-session" if self.secure else "session"

    def of(self, request: Request, allowed: Collection[str]) -> "Jar | None":
        """None for pages of other origins than our own and those that are allowed by name. All of
        them ("*") may open sockets, on which no cookie counts; here it says nothing.
        """
        scheme = "https" if self.secure else request.scope["scheme"]
        named = [origin for origin in allowed if origin != "*"]
        if not origins.allows(request.headers, scheme, named):
            return None
        return Jar(self, request.cookies.get(self.name))


class Jar:
    """The cookie of one request and its answer."""

    def __init__(self, cookie: Cookie, came: str | None) -> None:
        self._cookie, self.came = cookie, came
        self._kept: str | None = None

    def keep(self, value: str, /) -> None:
        self._kept = value

    def drop(self) -> None:
        self._kept = ""

    def write(self, response: Response) -> None:
        """Nothing where nothing changes."""
        if self._kept is None or (not self._kept and self.came is None):
            return
        response.set_cookie(
            self._cookie.name,
            self._kept,
            max_age=int(self._cookie.lasts.total_seconds()) if self._kept else 0,
            path="/",
            secure=self._cookie.secure,
            httponly=True,
            samesite="strict",
        )
