"""What the headers of a request say to us: read once, and what they mean remembered."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from starlette.types import Scope

from transport import compression, media
from transport.requests import Client

_LONGEST_AGENT = 512  # characters
_KEPT, _LONGEST_KEPT = 256, 512  # values whose meaning is remembered, and bytes of one
T = TypeVar("T")


def _remembering(read: Callable[[bytes | None], T]) -> Callable[[bytes | None], T]:
    known = lru_cache(_KEPT)(read)

    def look(value: bytes | None) -> T:
        return known(value) if value is None or len(value) <= _LONGEST_KEPT else read(value)

    return look


@_remembering
def _media(accept: bytes | None) -> str | None:
    return media.choose(_listed(accept))


@_remembering
def _prefers_events(accept: bytes | None) -> bool:
    return media.prefers_events(_listed(accept))


@_remembering
def _coding(accept_encoding: bytes | None) -> str | None:
    return compression.choose(_listed(accept_encoding))


@_remembering
def _is_json(content_type: bytes | None) -> bool:
    return media.is_json(_text(content_type))


class Head(NamedTuple):
    """As they came: the first of those of one name, all of lists."""

    accept: bytes | None
    accept_encoding: bytes | None
    authorization: bytes | None
    content_encoding: bytes | None
    content_length: bytes | None
    content_type: bytes | None
    user_agent: bytes | None
    request_id: bytes | None

    @classmethod
    def of(cls, scope: Scope) -> "Head":
        found: list[bytes | None] = [None] * len(_PLACES)
        headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
        for name, value in headers:
            place = _PLACES.get(name)
            if place is None:
                continue
            before = found[place]
            if before is None:
                found[place] = value
            elif place in _LISTS:
                found[place] = before + b"," + value
        return cls(*found)

    @property
    def media(self) -> str | None:
        """Of the answer; None: none will do."""
        return _media(self.accept)

    @property
    def prefers_events(self) -> bool:
        return _prefers_events(self.accept)

    @property
    def coding(self) -> str | None:
        """Of an answer that is large; None: as it is."""
        return _coding(self.accept_encoding)

    @property
    def brings_plain_json(self) -> bool:
        return _is_json(self.content_type)

    @property
    def is_compressed(self) -> bool:
        coding = self.content_encoding
        return coding is not None and coding.lower() != b"identity"

    @property
    def length(self) -> int | None:
        """As it is declared."""
        text = _text(self.content_length)
        return int(text) if text.isdecimal() else None

    @property
    def proof(self) -> str | None:
        """The value of Authorization."""
        return None if self.authorization is None else _text(self.authorization)

    def client(self, scope: Scope) -> Client:
        peer = scope.get("client")
        return Client(peer[0] if peer else "", _text(self.user_agent)[:_LONGEST_AGENT])


_PLACES = {
    {"request_id": b"x-request-id"}.get(name, name.replace("_", "-").encode()): place
    for place, name in enumerate(Head._fields)
}
_LISTS = {_PLACES[b"accept"], _PLACES[b"accept-encoding"]}


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode("latin-1")


def _listed(value: bytes | None) -> list[str]:
    return [] if value is None else [_text(value)]
