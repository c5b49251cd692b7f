"""Pages of a list, as `schema.paging` has them.

The rows of a page are given one more than wanted, in their order, with `number` (from 1) and
`total`. What they are written from is a row called `page`.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from graphql import SelectionSetNode

from plans.compiler import Compiler, Fields, Write
from plans.pieces import Literal, Pieces, joined, name, quoted
from plans.selections import Selected

ROW = "page"

Render: TypeAlias = Callable[[Sequence[SelectionSetNode]], Pieces]


def cursor(kind: str, *key: Pieces) -> Pieces:
    """As `schema.paging.show_cursor`: `key` is what stands in its JSON."""
    parts = (piece for each in key for piece in (Literal(","), *each))
    text = joined([Literal(f'["{kind}"'), *parts, Literal("]")])
    encoded = f"encode(convert_to({text}, 'UTF8'), 'base64')"
    return name(f"translate({encoded}, {quoted('+/=')} || chr(10), '-_')")


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
    edge: Fields | None = None,
) -> Pieces:
    """`types`: of the connection and of its edges. `rows`: the statement of the rows; `wanted`: how
    many of them are to be seen. `edge`: what an edge has besides.
    """
    seen = f"{ROW}.number <= {wanted}"

    def listed(pieces: Pieces) -> Pieces:
        each = f"string_agg({joined(pieces)}, ',' ORDER BY {ROW}.number) FILTER (WHERE {seen})"
        return [Literal("["), each, Literal("]")]

    def cursor_where(condition: str) -> Write:
        shown = f"coalesce(max({joined(cursor)}) FILTER (WHERE {condition}), 'null')"
        return lambda *_: [shown]

    edges: Fields = {
        "cursor": lambda *_: cursor,
        "node": lambda _, selected, __: node(selected.sets),
        **(edge or {}),
    }
    info: Fields = {
        "hasNextPage": lambda *_: [f"(count(*) > {wanted})::text"],
        "hasPreviousPage": lambda *_: [Literal("true" if after else "false")],
        "startCursor": cursor_where(f"{ROW}.number = 1 AND {seen}"),
        "endCursor": cursor_where(f"{ROW}.number = least({ROW}.total, {wanted})"),
    }
    page: Fields = {
        "nodes": lambda _, part, __: listed(node(part.sets)),
        "edges": lambda _, part, __: listed(compiler.object(types[1], part.sets, ROW, edges)),
        "pageInfo": lambda _, part, __: compiler.object("PageInfo", part.sets, ROW, info),
    }
    shown = joined(compiler.object(types[0], selected.sets, ROW, page))
    numbered = "row_number() OVER () AS number, count(*) OVER () AS total"
    # HAVING makes one row of them even where nothing of them is read.
    read = f"FROM (SELECT *, {numbered} FROM ({rows}) AS it) AS {ROW} HAVING true"
    return [f"(SELECT {shown} {read})"]
