"""Relay connections with keyset cursors: a cursor is the key of its row, not a number of rows.

So pages stay right while rows are added before them, and the thousandth costs what the first does.
https://relay.dev/graphql/connections.htm
"""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import strawberry

from domain.errors import BadInput

MOST = 100
T = TypeVar("T")
First = Annotated[int | None, strawberry.argument(description=f"How many: 0 to {MOST}.")]
After = Annotated[
    str | None, strawberry.argument(description="The cursor after which the page begins.")
]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more comes after this page.")
    has_previous_page: bool = strawberry.field(description="Whether this page came after a cursor.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` for the next page.")


@strawberry.type(description="One entry of a page.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Where this entry lies in the list.")
    node: T = strawberry.field(description="The entry itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The entries with their cursors.")
    nodes: list[T] = strawberry.field(description="The entries alone.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")


def check_first(first: int | None, *, most: int = MOST, usual: int) -> int:
    """How many are wanted. Raises BadInput: a number out of its bounds is never cut in silence."""
    wanted = usual if first is None else first
    if not 0 <= wanted <= most:
        raise BadInput(f"first is a number from 0 to {most}.")
    return wanted


def show_cursor(kind: str, *key: object) -> str:
    """`kind` names the order, so that a cursor of another list is told apart."""
    text = json.dumps([kind, *key], ensure_ascii=False, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(kind: str, cursor: str | None) -> Sequence[Any] | None:
    """The key behind a cursor. Raises BadInput for what is no cursor of this kind."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        content = None
    if not isinstance(content, list) or not content or content[0] != kind:
        raise bad_cursor()
    return content[1:]


def bad_cursor() -> BadInput:
    return BadInput("after is not a cursor of this list, in this order.")


def page_info(cursors: Sequence[str], *, more: bool, after: str | None) -> PageInfo:
    return PageInfo(
        has_next_page=more,
        has_previous_page=after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def connection(nodes: Sequence[tuple[str, T]], *, first: int, after: str | None) -> Connection[T]:
    """The first of the (cursor, node) pairs, which may be one more than wanted."""
    shown = nodes[:first]
    return Connection(
        edges=[Edge(cursor=cursor, node=node) for cursor, node in shown],
        nodes=[node for _, node in shown],
        page_info=page_info([c for c, _ in shown], more=len(nodes) > first, after=after),
    )


def key_id(key: Sequence[Any], number: int) -> UUID:
    """The id at this place of a cursor's key. Raises BadInput."""
    try:
        return UUID(key[number])
    except (AttributeError, IndexError, TypeError, ValueError):
        raise bad_cursor() from None


def key_number(key: Sequence[Any], number: int) -> int:
    """The whole number, of 63 bits, at this place of a cursor's key. Raises BadInput."""
    found = key[number] if len(key) > number else None
    if isinstance(found, int) and 0 <= found < 1 << 63:
        return found
    raise bad_cursor()


def key_moment(key: Sequence[Any], number: int) -> datetime:
    """The moment at this place of a cursor's key. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(key[number])
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (IndexError, OverflowError, TypeError, ValueError):
        pass
    raise bad_cursor()
