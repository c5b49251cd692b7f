"""Pages of a list, as `schema.paging` has them.

The rows of a page are given one more than wanted, in their order, with `number` (from 1) and
`total`. What they are written from is a row called `page`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from graphql import SelectionSetNode

from plans.compiler import Compiler, Unplanned
from plans.pieces import Literal, Pieces, joined, quoted
from plans.selections import Selected

ROW = "page"

Render: TypeAlias = Callable[[Sequence[SelectionSetNode]], Pieces]


id_key = f"'\"' || {ROW}.id || '\"'"  # the last of a cursor's key


def cursor(kind: str, *key: str) -> Pieces:
    """As `schema.paging.show_cursor`: `key` are expressions of what stands in its JSON."""
    text = joined(
        [
            Literal(f'["{kind}"'),
            *(piece for each in key for piece in (Literal(","), each)),
            Literal("]"),
        ]
    )
    encoded = f"encode(convert_to({text}, 'UTF8'), 'base64')"
    return [Literal('"'), f"translate({encoded}, {quoted('+/=')} || chr(10), '-_')", Literal('"')]


def connection(
    compiler: Compiler,
    selected: Selected,
    *,
    types: tuple[str, str],
    rows: str,
    wanted: str,
    after: bool,
    node: Render,
    cursor: Pieces,
    edge: Mapping[str, Pieces] | None = None,
) -> Pieces:
    """`types`: of the connection and of its edges. `rows`: the statement of the rows; `wanted`: how
    many of them are to be seen. `edge`: what an edge has besides.
    """
    seen = f"{ROW}.number <= {wanted}"
    parts: list[str] = []

    def listed(pieces: Pieces) -> None:
        parts.append(Literal("["))
        parts.append(
            f"string_agg({joined(pieces)}, ',' ORDER BY {ROW}.number) FILTER (WHERE {seen})"
        )
        parts.append(Literal("]"))

    def of_one(condition: str) -> str:
        return f"coalesce(max({joined(cursor)}) FILTER (WHERE {condition}), 'null')"

    info: dict[str, Pieces] = {
        "hasNextPage": [f"(count(*) > {wanted})::text"],
        "hasPreviousPage": [Literal("true" if after else "false")],
        "startCursor": [of_one(f"{ROW}.number = 1 AND {seen}")],
        "endCursor": [of_one(f"{ROW}.number = least({ROW}.total, {wanted})")],
    }
    parts.append(Literal("{"))
    for number, part in enumerate(compiler.under(types[0], selected.sets)):
        parts.append(Literal(f'{"," if number else ""}"{part.key}":'))
        if part.name == "nodes":
            listed(node(part.sets))
        elif part.name == "edges":
            fields = {"cursor": cursor, **(edge or {})}
            listed(_object(compiler, types[1], part.sets, fields, node))
        elif part.name == "pageInfo":
            parts.extend(_object(compiler, "PageInfo", part.sets, info, node))
        else:
            parts.append(_typename(part, types[0]))
    parts.append(Literal("}"))
    numbered = "row_number() OVER () AS number, count(*) OVER () AS total"
    # HAVING makes one row of them even where nothing of them is read.
    page = f"FROM (SELECT *, {numbered} FROM ({rows}) AS it) AS {ROW} HAVING true"
    return [f"(SELECT {joined(parts)} {page})"]


def _object(
    compiler: Compiler,
    type_: str,
    sets: Sequence[SelectionSetNode],
    fields: Mapping[str, Pieces],
    node: Render,
) -> Pieces:
    parts: list[str] = [Literal("{")]
    for number, part in enumerate(compiler.under(type_, sets)):
        parts.append(Literal(f'{"," if number else ""}"{part.key}":'))
        if part.name == "node":
            parts.extend(node(part.sets))
        elif part.name in fields:
            parts.extend(fields[part.name])
        else:
            parts.append(_typename(part, type_))
    return [*parts, Literal("}")]


def _typename(part: Selected, type_: str) -> str:
    if part.name != "__typename":
        raise Unplanned
    return Literal(f'"{type_}"')
