"""JSON written by SQL: pieces that are put together, either text as it stands or an expression.

Everything of one row is one call of `concat`, which costs less than building values of type json.
An expression gives what stands in the JSON, quotes included, and is never NULL.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias


class Literal(str):
    """Of the JSON itself; all else is SQL."""

    __slots__ = ()


Pieces: TypeAlias = Sequence[str]

NULL = Literal("null")


def quoted(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def joined(pieces: Iterable[str]) -> str:
    """One expression of type text."""
    merged: list[str] = []
    for piece in pieces:
        if isinstance(piece, Literal) and merged and isinstance(merged[-1], Literal):
            merged[-1] = Literal(merged[-1] + piece)
        else:
            merged.append(piece)
    shown = [quoted(piece) if isinstance(piece, Literal) else piece for piece in merged]
    return f"concat({', '.join(shown)})"


def either(condition: str, pieces: Pieces) -> Pieces:
    """Null where the condition does not hold."""
    return [f"CASE WHEN {condition} THEN {joined(pieces)} ELSE 'null' END"]


def one(pieces: Pieces, rows: str) -> Pieces:
    """An object of the only row, null without one. `rows`: FROM, and what follows it."""
    return [f"coalesce((SELECT {joined(pieces)} {rows}), 'null')"]


def many(pieces: Pieces, rows: str) -> Pieces:
    """A list, in the order of the rows."""
    listed = f"string_agg({joined(pieces)}, ',')"
    return [Literal("["), f"(SELECT {listed} {rows})", Literal("]")]  # concat leaves NULL out


def text(column: str) -> Pieces:
    return [f"to_json({column})"]


def or_null(expression: str) -> Pieces:
    return [f"coalesce(({expression})::text, 'null')"]


def name(column: str) -> Pieces:
    """A text with nothing in it that JSON would escape: an enum's value, a date, an id."""
    return [Literal('"'), column, Literal('"')]


def name_or_null(column: str) -> Pieces:
    return [f"coalesce('\"' || {column} || '\"', 'null')"]


def moment(column: str, zone: str = "Z") -> Pieces:
    """As Python's isoformat has it in UTC, whose zone is "Z" to schema/scalars.py, "+00:00" to
    Python: fractions of a second only where there are any.
    """
    form = f'\'YYYY-MM-DD"T"HH24:MI:SS{{}}"{zone}"\''
    shown = (
        f"to_char({column} AT TIME ZONE 'UTC', CASE date_trunc('second', {column})"
        f" WHEN {column} THEN {form.format('')} ELSE {form.format('.US')} END)"
    )
    return name(shown)


def id_of(kind: str, column: str) -> Pieces:
    return [Literal(f'"{kind}_'), column, Literal('"')]
