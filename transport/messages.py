"""The messages of graphql-transport-ws: reading the client's, writing ours.

What is not exactly a message of the protocol is Malformed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import orjson

from transport.errors import Shown
from transport.requests import Asked, Malformed, read_json, read_request

SUBPROTOCOL = "graphql-transport-ws"

CONNECTION_ACK = '{"type":"connection_ack"}'
PING = '{"type":"ping"}'


@dataclass(frozen=True, slots=True)
class Init:
    """`authorization`: as in the HTTP header of that name."""

    authorization: str | None


@dataclass(frozen=True, slots=True)
class Ping:
    payload: dict[str, Any] | None


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
            return Ping(_details(message))
        case "pong":
            _details(message)
            return Pong()
        case "subscribe":
            return Subscribe(_id(message), read_request(message.get("payload")))
        case "complete":
            return Complete(_id(message))
        case _:
            raise Malformed("There is no such type of message.")


def pong(payload: dict[str, Any] | None) -> str:
    return _write({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})


def complete(id: str) -> str:
    return _write({"id": id, "type": "complete"})


def error(id: str, errors: Sequence[Shown]) -> str:
    return _write({"id": id, "type": "error", "payload": errors})


def next_head(id: str) -> str:
    """A `next` up to its payload; the payload and "}" go behind it. The payload is many
    subscribers' and not encoded again for each.
    """
    return f'{{"id":{_write(id)},"type":"next","payload":'


@lru_cache(maxsize=4)
def text_of(payload: bytes) -> str:
    """A payload for text frames. The hub gives the same bytes to many sinks in a row: one text."""
    return payload.decode()


def _write(value: object) -> str:
    return orjson.dumps(value).decode()


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
        value = (payload or {}).get(name)
        if not isinstance(value, str | None):
            raise Malformed("authorization must be a string.")
        if value is not None:
            return value
    return None
