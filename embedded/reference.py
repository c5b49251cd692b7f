"""The reference of the API, docs/api/, from the schema and from what the server was asked:
`python -m embedded.reference`, as `./dev schema` does.

Types and words are the schema's (schema.graphql); who may, is what docs/privacy.md was told by the
server; what it costs is reckoned as the server does (docs/decisions/0016).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    NullValueNode,
    OperationType,
    build_schema,
    get_named_type,
    is_required_argument,
    is_specified_scalar_type,
    parse,
    print_ast,
)
from graphql.type import GraphQLArgument

from schema import paging
from schema.sizes import SIZES
from transport import cost
from transport.sizes import Sizes

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "api"
MADE = "<!-- Made by ./dev schema: change schema/, and run it. -->"
ROOTS = {"query": "Queries", "mutation": "Mutations", "subscription": "Subscriptions"}
PROBLEMS = "ProblemCode"


class Error(NamedTuple):
    status: str
    meaning: str


# `extensions.code` of errors; a test holds them to what the server has.
ERRORS = {
    "BAD_USER_INPUT": Error("200 / 400", "The document, its variables or an argument are wrong."),
    "FORBIDDEN": Error("200", "Not for this kind of caller; or the document is no listed one."),
    "INTERNAL": Error("200 / 500", "A fault of ours; `extensions.reference` is in our log."),
    "NOT_FOUND": Error("200", "It is not there, or one may not know that it is."),
    "RATE_LIMITED": Error("429", "Too often: again after `extensions.retryAfter` seconds."),
    "TOO_COMPLEX": Error("200 / 400", "Beyond a limit or the budget, which the message names."),
    "UNAUTHENTICATED": Error("200", "Sign in first, or renew the session."),
    "UNAVAILABLE": Error("503", "Busy or restarting: again after `Retry-After` seconds."),
}

INTRODUCTION = f"""# Reference of the API

{MADE}

One schema, at `/graphql`, over HTTP, WebSocket and event streams ([protocols](../protocols.md));
for partners there is a [guide](../partners.md). Ids are opaque: `type_uuid`. Moments are RFC 3339
in UTC. What changes is said in [breaking-changes.md](../breaking-changes.md).

- [Queries](operations.md#queries), [mutations](operations.md#mutations),
  [subscriptions](operations.md#subscriptions): who may, and what it costs
- [Types](types.md): objects, interfaces, unions, inputs, enums, scalars

## Errors

A mutation that cannot be done as asked answers in its payload's `problems`, whose codes are
[`{PROBLEMS}`](types.md#problemcode). All else is an error with `extensions.code`. Of two statuses
the first is for `application/json`, the second for `application/graphql-response+json`.

| code | HTTP | what |
|---|---|---|
"""


def pages(sdl: str, privacy: str) -> dict[str, str]:
    """By file name. `sdl`: the schema; `privacy`: the page with the tables of who may."""
    schema = build_schema(sdl)
    return {
        "README.md": INTRODUCTION
        + "".join(f"| `{code}` | {it.status} | {it.meaning} |\n" for code, it in ERRORS.items()),
        "operations.md": _joined(_operations(schema, _who(privacy))),
        "types.md": _joined(_types(schema)),
    }


def _operations(schema: GraphQLSchema, who: Mapping[str, str]) -> Iterator[str]:
    yield f"# Operations\n\n{MADE}"
    for kind, title in ROOTS.items():
        root = schema.get_root_type(OperationType(kind))
        if root is None:
            continue
        yield f"## {title}"
        for name, field in root.fields.items():
            yield f"### {name}"
            yield field.description or ""
            costs = _cost(schema, kind, name, field)
            yield f"For {who[name]}. Costs {costs} at least. Answers {_typed(field.type)}."
            yield from _table("argument", field.args)


def _types(schema: GraphQLSchema) -> Iterator[str]:
    yield f"# Types\n\n{MADE}"
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    own = [
        it
        for name, it in sorted(schema.type_map.items())
        if it not in roots and not name.startswith("__") and not is_specified_scalar_type(it)
    ]
    kinds: dict[str, type[GraphQLNamedType]] = {
        "Objects": GraphQLObjectType,
        "Interfaces": GraphQLInterfaceType,
        "Unions": GraphQLUnionType,
        "Inputs": GraphQLInputObjectType,
        "Enums": GraphQLEnumType,
        "Scalars": GraphQLScalarType,
    }
    for title, kind in kinds.items():
        yield f"## {title}"
        for type_ in own:
            if isinstance(type_, kind):
                yield f"### {type_.name}"
                yield type_.description or ""
                yield from _told(schema, type_)


def _told(schema: GraphQLSchema, type_: GraphQLNamedType) -> Iterator[str]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        if type_.interfaces:
            yield "Is a " + ", ".join(_link(each) for each in type_.interfaces) + "."
        yield from _table("field", type_.fields)
    elif isinstance(type_, GraphQLUnionType):
        yield "One of " + ", ".join(_link(each) for each in type_.types) + "."
    elif isinstance(type_, GraphQLInputObjectType):
        yield from _table("field", type_.fields)
    elif isinstance(type_, GraphQLEnumType):
        rows = [f"| `{name}` | {_line(it.description)} |" for name, it in type_.values.items()]
        yield "\n".join(["| value | what |", "|---|---|", *rows])
    elif isinstance(type_, GraphQLScalarType) and type_.specified_by_url:
        yield f"As {type_.specified_by_url} has it."
    if isinstance(type_, GraphQLInterfaceType):
        has = schema.get_implementations(type_)
        yield "One of " + ", ".join(_link(each) for each in has.objects) + "."


def _table(
    of: str, fields: Mapping[str, GraphQLField | GraphQLArgument | GraphQLInputField]
) -> Iterator[str]:
    if fields:
        rows = [f"| `{name}` | {_shape(it)} | {_described(it)} |" for name, it in fields.items()]
        yield "\n".join([f"| {of} | type | what |", "|---|---|---|", *rows])


def _shape(it: GraphQLField | GraphQLArgument | GraphQLInputField) -> str:
    default = None if isinstance(it, GraphQLField) else _default(it)
    return _typed(it.type) if default is None else f"{_typed(it.type)} = `{default}`"


def _default(it: GraphQLArgument | GraphQLInputField) -> str | None:
    """As GraphQL writes it; null is none."""
    literal = it.default.literal if it.default else None
    return None if literal is None or isinstance(literal, NullValueNode) else print_ast(literal)


def _described(it: GraphQLField | GraphQLArgument | GraphQLInputField) -> str:
    told = [_line(it.description)]
    if isinstance(it, GraphQLField):
        told += [
            f"`{name}` {_shape(arg)}: {_line(arg.description)}" for name, arg in it.args.items()
        ]
    return "<br>".join(told)


def _typed(type_: object) -> str:
    """As GraphQL writes it, with the name leading to where it is told."""
    named = get_named_type(type_)  # type: ignore[call-overload]
    link = named.name if is_specified_scalar_type(named) else _link(named)
    return str(type_).replace(named.name, link).replace("[[", "\\[[")


def _link(type_: GraphQLNamedType) -> str:
    return f"[{type_.name}](types.md#{type_.name.lower()})"


def _line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _cost(schema: GraphQLSchema, kind: str, name: str, field: GraphQLField) -> int:
    """Of the field with what it needs, by default, with the least of each member of a page."""
    fields = getattr(get_named_type(field.type), "fields", None)
    members = "{ nodes { __typename } }" if fields and "nodes" in fields else "{ __typename }"
    needed = [f"{arg}: ${arg}" for arg, it in field.args.items() if is_required_argument(it)]
    needed += [f"{arg}: {default}" for arg, it in field.args.items() if (default := _default(it))]
    given = f"({', '.join(needed)})" if needed else ""
    document = parse(f"{kind} {{ {name}{given} {members if fields is not None else ''} }}")
    sizes = Sizes(schema, SIZES, most_first=paging.MOST)
    [operation] = document.definitions
    return cost.plan(schema, sizes, document, operation).cost({})  # type: ignore[arg-type]


def _who(privacy: str) -> dict[str, str]:
    """By root field, in words, from the tables of docs/privacy.md."""
    found = {}
    for row in re.findall(r"^\| `(\w+)` \| (.+) \|$", privacy, re.MULTILINE):
        cells = row[1].split(" | ")
        if len(cells) == len(_COLUMNS):
            found[row[0]] = _in_words(dict(zip(_COLUMNS, cells, strict=True)))
    return found


_COLUMNS = (
    *("nobody", "its patient", "its doctor", "another patient", "another doctor"),
    *("an administrator", "a partner"),
)


def _in_words(cells: Mapping[str, str]) -> str:
    """Where it is "not found" he might, were it his."""
    if cells["nobody"] == "yes":
        return "anybody" if cells["a partner"] == "yes" else "anybody but partners"
    told: list[str] = []
    for one in ("patient", "doctor"):
        if cells[f"another {one}"] == "yes":
            told.append(f"{one}s")
        elif {cells[f"its {one}"], cells[f"another {one}"]} & {"yes", "not found"}:
            told.append(f"the {one} whose it is")
    for one, column in (("administrators", "an administrator"), ("partners", "a partner")):
        if cells[column] in {"yes", "not found"}:
            told.append(one)
    return ", ".join(told)


def _joined(paragraphs: Iterator[str]) -> str:
    return "\n\n".join(each for each in paragraphs if each) + "\n"


def made() -> dict[Path, str]:
    """What the files of docs/api are to be, by path."""
    told = pages((ROOT / "schema.graphql").read_text(), (ROOT / "docs/privacy.md").read_text())
    return {FOLDER / name: text for name, text in told.items()}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for path, text in made().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
