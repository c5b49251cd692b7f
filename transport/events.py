"""The events of graphql-sse: writing them, and what an event stream is told as it ends.

A stream of one operation bears its results bare; a stream of many names the operation in each. An
event that has a position bears it as `id`, which a browser hands back as Last-Event-ID.
"""

from collections.abc import Sequence

import orjson

from domain.errors import Unauthenticated
from transport.closing import EXPIRED, FORBIDDEN, Close
from transport.errors import Shown, present
from transport.messages import text_of

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE = ":\n\n"


class Alone:
    """The wording of the only operation of a stream."""

    def next(self, payload: bytes, position: object, /) -> tuple[str, str, str]:
        return f"event: next\n{_id(position)}data: ", text_of(payload), "\n\n"

    def errors(self, errors: Sequence[Shown], /) -> str:
        return "".join(self.next(orjson.dumps({"errors": errors}), None)) + self.complete()

    def complete(self) -> str:
        # Without its empty data a browser's EventSource would keep the event to itself.
        return "event: complete\ndata: \n\n"

    def start(self, position: object, /) -> str:
        """No event, and yet a browser remembers the id."""
        return f"{_id(position)}\n" if position is not None else ""


class OneOfMany:
    """The wording of an operation that shares its stream."""

    def __init__(self, operation_id: str) -> None:
        self._named = f'{{"id":{orjson.dumps(operation_id).decode()}'

    def next(self, payload: bytes, position: object, /) -> tuple[str, str, str]:
        head = f'event: next\n{_id(position)}data: {self._named},"payload":'
        return head, text_of(payload), "}\n\n"

    def errors(self, errors: Sequence[Shown], /) -> str:
        return "".join(self.next(orjson.dumps({"errors": errors}), None)) + self.complete()

    def complete(self) -> str:
        return f"event: complete\ndata: {self._named}}}\n\n"

    def start(self, _: object, /) -> str:
        """The stream's id is the last event's, whichever operation that was of."""
        return ""


def parting(close: Close) -> Sequence[Shown]:
    """What the operations that are still open are told. Nothing: the client is to come back."""
    return present([Unauthenticated()]) if close in (FORBIDDEN, EXPIRED) else ()


def _id(position: object) -> str:
    return "" if position is None else f"id: {position}\n"
