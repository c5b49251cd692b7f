"""How values of our own kinds are written and read.

Messages of what cannot be read never repeat it: it may be a CPF in the wrong place.
"""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, NewType, TypeGuard, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from domain.events import Position

CPF = NewType("CPF", str)
EventCursor = NewType("EventCursor", str)
After = Annotated[
    EventCursor | None,
    strawberry.argument(description="Where to go on from; null for what happens from now on."),
]
T = TypeVar("T")

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:00)?", re.ASCII)


def given(value: T | None) -> TypeGuard[T]:
    """Whether there is a value: neither null nor left out. An empty one is one too."""
    return value is not None and value is not strawberry.UNSET


def read_moment(value: Any) -> datetime:
    """RFC 3339, with an offset. Beyond microseconds nothing is kept."""
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        text = re.sub(r"(\.\d{6})\d+", r"\1", value).upper()
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # of the right form, but no such moment
    raise GraphQLError("A DateTime is written like 2026-11-24T13:00:00Z, with its offset.")


def show_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_date(value: Any) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise GraphQLError("A Date is written like 2026-11-24.")


def read_time(value: Any) -> time:
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass
    raise GraphQLError("A LocalTime is written like 13:00.")


def read_cpf(value: Any) -> CPF:
    """As it comes: whether it is one, the domain says, with a path that leads to the field."""
    if isinstance(value, str):
        return CPF(value)
    raise GraphQLError("A CPF is written as a string, with or without punctuation.")


def read_cursor(value: Any) -> EventCursor:
    """As it comes; `position` says whether it is one."""
    if isinstance(value, str):
        return EventCursor(value)
    raise GraphQLError("An EventCursor is a string that the server gave.")


def position(cursor: EventCursor | None) -> Position | None:
    """Raises BadInput for what is no cursor."""
    return None if cursor is None else Position.of(cursor)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339 in UTC with `Z`. Given with any offset.",
        serialize=show_moment,
        parse_value=read_moment,
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of the calendar, YYYY-MM-DD.",
        serialize=date.isoformat,
        parse_value=read_date,
    ),
    time: strawberry.scalar(
        name="LocalTime",
        description="Wall-clock time without a zone, HH:MM.",
        serialize=lambda value: value.strftime("%H:%M"),
        parse_value=read_time,
    ),
    CPF: strawberry.scalar(
        name="CPF",
        description=(
            "A CPF, accepted with or without punctuation; a wrong one is a problem INVALID at its"
            " path, not an error. Shown as 529.982.247-25 to its owner, as ***.982.247-** to"
            " others."
        ),
        serialize=str,
        parse_value=read_cpf,
    ),
    EventCursor: strawberry.scalar(
        name="EventCursor",
        description="Opaque position in an event stream; grows with time.",
        serialize=str,
        parse_value=read_cursor,
    ),
}
