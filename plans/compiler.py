"""From an operation to a statement.

Values never become text. All that an operation is told, literals too, are columns of one row of
`asked`, so that many callers' rows can be answered by one statement. What the text depends on is
`skeleton`: which variables are given, which are true, which enum's value they have, and what their
ids are of.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar, cast

import strawberry
from graphql import (
    FieldNode,
    GraphQLInputObjectType,
    GraphQLObjectType,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_argument_values,
    get_named_type,
    visit,
)
from graphql.execution.values import VariableValues
from strawberry.types.arguments import convert_arguments

from domain.auth import Viewer
from domain.limits import Limits
from persistence.database import rows_of
from plans.pieces import Literal, Pieces, joined, one
from plans.selections import Selected, Selections

T = TypeVar("T")


class Unplanned(Exception):
    """The reference answers: something is not mapped, or not as it should be."""


@dataclass(slots=True)
class Request:
    """One caller's, of one moment. `told`: what the arguments of its fields come to."""

    variables: VariableValues
    viewer: Viewer | None
    at: datetime
    told: dict[int, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    type: str
    read: Callable[[Request], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`statement` takes an array for each column, and answers a JSON object for each row, or NULL
    where the reference has to answer. `searches`: it asks for doctors alone, who may be those of a
    moment ago.
    """

    statement: str
    columns: Sequence[Column]
    searches: bool

    def row(self, request: Request) -> list[Any]:
        """Raises whatever a resolver would for arguments that make no sense."""
        return [column.read(request) for column in self.columns]


class Told(Generic[T]):
    """The arguments of one field, as its mapping understands them."""

    def __init__(
        self, number: int, read: Callable[[VariableValues], T], constant: T | None
    ) -> None:
        self._number, self._read, self._constant = number, read, constant

    def of(self, request: Request) -> T:
        if self._constant is not None:
            return self._constant
        if self._number not in request.told:
            request.told[self._number] = self._read(request.variables)
        told: T = request.told[self._number]
        return told


Write: TypeAlias = Callable[["Compiler", Selected, str], Pieces]
Fields: TypeAlias = Mapping[str, Write]


class Compiler:
    """Compiles one operation, as one request has it. `fields`: by type, how each is written."""

    def __init__(
        self,
        schema: strawberry.Schema,
        fields: Mapping[str, Fields],
        selections: Selections,
        request: Request,
        limits: Limits,
    ) -> None:
        self._strawberry, self._fields = schema, fields
        self._selections, self.request, self.limits = selections, request, limits
        self._columns: list[Column] = []
        self._known: dict[Hashable, str] = {}
        self._fields_told = 0
        self._aliases = 0
        self._compose: Callable[[str, str], str] = _read
        # In every plan, for unnest wants one column at least; the first, for batches set it aside.
        self.at = self.put("at", "timestamptz", lambda request: request.at)

    def plan(self, type_: str, root: SelectionSetNode) -> Plan:
        """Raises Unplanned."""
        answer = joined(self.object(type_, [root], ""))
        names = ", ".join(f"a{number}" for number, _ in enumerate(self._columns, 1))
        rows = rows_of(column.type for column in self._columns)
        asked = f"{rows} WITH ORDINALITY AS asked ({names}, number)"
        roots = {each.name for each in self._selections.of(self._type(type_), [root])}
        return Plan(
            statement=self._compose(answer, asked),
            columns=tuple(self._columns),
            searches=roots == {"doctors"},
        )

    def act(self, compose: Callable[[str, str], str]) -> None:
        """For a field that does something, alone in its operation: `compose` makes the statement
        from the answer and from what `asked` is.
        """
        self._compose = compose

    def object(
        self,
        type_: str,
        sets: Sequence[SelectionSetNode],
        row: str,
        fields: Fields | None = None,
    ) -> Pieces:
        """`row`: the alias of the row that it is made of. `fields`: in place of the usual ones."""
        writers = self._fields.get(type_, {}) if fields is None else fields
        pieces: list[str] = []
        for selected in self._selections.of(self._type(type_), sets):
            pieces.append(Literal(f'{"," if pieces else "{"}"{selected.key}":'))
            if selected.name == "__typename":
                pieces.append(Literal(f'"{type_}"'))
                continue
            write = writers.get(selected.name)
            if write is None:
                raise Unplanned
            pieces.extend(write(self, selected, row))
        return [*(pieces or [Literal("{")]), Literal("}")]

    def found(self, type_: str, selected: Selected, condition: Callable[[str], str]) -> Pieces:
        """The row of which the condition holds, which is told its alias; null without one. The
        table bears the name of the type.
        """
        table = type_.lower()
        row = self.alias(table)
        pieces = self.object(type_, selected.sets, row)
        return one(pieces, f"FROM {table} AS {row} WHERE {condition(row)}")

    def arguments(self, type_: str, selected: Selected, read: Callable[..., T]) -> Told[T]:
        """`read` is given them as a resolver would be, and never answers None."""
        node = selected.nodes[0]
        definition = self._type(type_).fields[selected.name]
        arguments = definition.extensions["strawberry-definition"].arguments
        registry = self._strawberry.schema_converter.scalar_registry
        config = self._strawberry.config

        def of(variables: VariableValues) -> T:
            given = get_argument_values(definition, node, variables)
            return read(**convert_arguments(given, arguments, registry, config))

        return self._told(node, of)

    def input(self, type_: str, selected: Selected, read: Callable[..., T]) -> Told[T]:
        """`read` is given the fields of the only argument, `input`, which are plain scalars: at a
        fraction of what it takes to convert what might be anything.
        """
        node = selected.nodes[0]
        definition = self._type(type_).fields[selected.name]
        kind = cast("GraphQLInputObjectType", get_named_type(definition.args["input"].type))
        names = {
            name: field.extensions["strawberry-definition"].python_name
            for name, field in kind.fields.items()
        }

        def of(variables: VariableValues) -> T:
            given = get_argument_values(definition, node, variables)["input"]
            return read(**{names[name]: value for name, value in given.items()})

        return self._told(node, of)

    def _told(self, node: FieldNode, of: Callable[[VariableValues], T]) -> Told[T]:
        self._fields_told += 1
        constant = None if _varies(node) else of(self.request.variables)
        return Told(self._fields_told, of, constant)

    def put(self, name: Hashable, type_: str, read: Callable[[Request], Any]) -> str:
        """The column of `asked` that has this value. `name`: the same for the same value."""
        if name not in self._known:
            self._columns.append(Column(type=type_, read=read))
            self._known[name] = f"asked.a{len(self._columns)}"
        return self._known[name]

    @property
    def doctor_id(self) -> str:
        """The viewer's; NULL if he is none."""
        return self.put(
            "doctor", "uuid", lambda request: request.viewer and request.viewer.doctor_id
        )

    @property
    def patient_id(self) -> str:
        """The viewer's; NULL if he is none."""
        return self.put(
            "patient", "uuid", lambda request: request.viewer and request.viewer.patient_id
        )

    def alias(self, name: str) -> str:
        """One that is not taken."""
        self._aliases += 1
        return f"{name}_{self._aliases}"

    def _type(self, name: str) -> GraphQLObjectType:
        return cast("GraphQLObjectType", self._selections.schema.type_map[name])


def _read(answer: str, asked: str) -> str:
    return f"SELECT {answer} AS answer FROM {asked} ORDER BY asked.number"


def related(type_: str, column: str, of: str) -> Write:
    """The row whose `column` is what the parent's row has in `of`."""
    return lambda compiler, selected, row: compiler.found(
        type_, selected, lambda it: f"{it}.{column} = {row}.{of}"
    )


class _Variables(Visitor):
    found = False

    def enter_variable(self, _: VariableNode, *__: object) -> None:
        self.found = True


def _varies(node: FieldNode) -> bool:
    looking = _Variables()
    for argument in node.arguments or ():
        visit(argument, looking)
    return looking.found
