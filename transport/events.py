"""The events of graphql-sse: writing them, and what an event stream is told as it ends.

A stream of one operation bears its results bare; a stream of many names the operation in each. An
event that has a position bears it as `id`, which a browser hands back as Last-Event-ID.
"""

from collections.abc import Sequence

import orjson

from domain.errors import Unauthenticated
from transport.closing import EXPIRED, FORBIDDEN, Close
from transport.errors import Shown, present

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE = b":\n\n"


class Alone:
    """The wording of the only operation of a stream."""

    def next(self, payload: bytes, position: object, /) -> tuple[bytes, bytes, bytes]:
        return b"event: next\n%bdata: " % _id(position), payload, b"\n\n"

    def errors(self, errors: Sequence[Shown], /) -> bytes:
        return b"".join(self.next(orjson.dumps({"errors": errors}), None)) + self.complete()

    def complete(self) -> bytes:
        # Without its empty data a browser's EventSource would keep the event to itself.
        return b"event: complete\ndata: \n\n"

    def start(self, position: object, /) -> bytes:
        """No event, and yet a browser remembers the id."""
        return b"%b\n" % _id(position) if position is not None else b""


class OneOfMany:
    """The wording of an operation that shares its stream."""

    def __init__(self, operation_id: str) -> None:
        self._named = b'{"id":' + orjson.dumps(operation_id)

    def next(self, payload: bytes, position: object, /) -> tuple[bytes, bytes, bytes]:
        head = b'event: next\n%bdata: %b,"payload":' % (_id(position), self._named)
        return head, payload, b"}\n\n"

    def errors(self, errors: Sequence[Shown], /) -> bytes:
        return b"".join(self.next(orjson.dumps({"errors": errors}), None)) + self.complete()

    def complete(self) -> bytes:
        return b"event: complete\ndata: %b}\n\n" % self._named

    def start(self, _: object, /) -> bytes:
        """The stream's id is the last event's, whichever operation that was of."""
        return b""


def parting(close: Close) -> Sequence[Shown]:
    """What the operations that are still open are told. Nothing: the client is to come back."""
    return present([Unauthenticated()]) if close in (FORBIDDEN, EXPIRED) else ()


def _id(position: object) -> bytes:
    return b"" if position is None else f"id: {position}\n".encode()
