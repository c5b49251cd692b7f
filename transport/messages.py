"""The messages of graphql-transport-ws: reading the client's, writing ours.

What is not exactly a message of the protocol is Malformed. A token that a message bears is taken
out of its payload, so that no pong says it aloud.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import orjson

from transport.errors import Shown
from transport.requests import Asked, Malformed, read_json, read_request

SUBPROTOCOL = "graphql-transport-ws"

CONNECTION_ACK = b'{"type":"connection_ack"}'
PING = b'{"type":"ping"}'

_SHORT = 8  # letters of an id that may be somebody else's, too; a long one is kept by nobody


@dataclass(frozen=True, slots=True)
class Init:
    """`authorization`: as in the HTTP header of that name; "" for what could not be in one."""

    authorization: str | None


@dataclass(frozen=True, slots=True)
class Ping:
    """`authorization`: a fresh token for the socket, if there is one. `pong`: how to answer."""

    authorization: str | None
    pong: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    pass


@dataclass(frozen=True, slots=True)
class Subscribe:
    id: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class Complete:
    id: str


Message: TypeAlias = Init | Ping | Pong | Subscribe | Complete


def read(text: str) -> Message:
    message = read_json(text)
    if not isinstance(message, dict):
        raise Malformed("A message is a JSON object.")
    match message.get("type"):
        case "connection_init":
            return Init(_authorization(_details(message)))
        case "ping":
            details = _details(message)
            return Ping(_authorization(details), _pong(details))
        case "pong":
            _details(message)
            return Pong()
        case "subscribe":
            return Subscribe(_id(message), read_request(message.get("payload")))
        case "complete":
            return Complete(_id(message))
        case _:
            raise Malformed("There is no such type of message.")


class Wording:
    """What the server says of one operation on a socket."""

    __slots__ = ("_head", "_id")

    def __init__(self, id: str) -> None:
        self._id = id
        self._head = b'{"id":%b,"type":"next","payload":' % orjson.dumps(id)

    def next(self, payload: bytes, _: object, /) -> tuple[bytes, bytes, bytes]:
        """In three parts, for the payload is many subscribers'."""
        return self._head, payload, b"}"

    def errors(self, errors: Sequence[Shown], /) -> bytes:
        return orjson.dumps({"id": self._id, "type": "error", "payload": errors})

    def complete(self) -> bytes:
        return orjson.dumps({"id": self._id, "type": "complete"})

    def start(self, _: object, /) -> bytes:
        """The protocol has no word for where a stream starts."""
        return b""


def wording(id: str) -> Wording:
    """Many clients count from one, and share it."""
    return _shared(id) if len(id) <= _SHORT else Wording(id)


_shared = lru_cache(maxsize=256)(Wording)


def _id(message: dict[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not id:
        raise Malformed("id must be a string, and not empty.")
    return id


def _details(message: dict[str, Any]) -> dict[str, Any] | None:
    payload = message.get("payload")
    if not isinstance(payload, dict | None):
        raise Malformed("payload must be an object, or left out.")
    return payload


def _authorization(payload: dict[str, Any] | None) -> str | None:
    for name in ("authorization", "Authorization"):
        if payload and (token := payload.pop(name, None)) is not None:
            return token if isinstance(token, str) else ""
    return None


def _pong(payload: dict[str, Any] | None) -> bytes:
    try:
        return orjson.dumps({"type": "pong", "payload": payload} if payload else {"type": "pong"})
    except TypeError:  # orjson reads deeper than it writes
        raise Malformed("payload is nested too deeply.") from None
