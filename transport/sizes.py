"""How long lists are, as far as that can be known before anything is read.

The size of a list is found in this order: what was declared of the field; its argument `first`;
what was declared of the type of its members; the size of the field around it (a connection's or a
payload's); ASSUMED. The size of a field that is no list is for the lists in it. Transport knows no
feature, so that the declarations are handed in: by field ("Doctor.slots"), or by the type of the
members ("Problem").
"""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    value_from_ast_untyped,
)

ASSUMED = 10

Variables: TypeAlias = Mapping[str, Any]

# A size that hangs on the field's arguments is given them by name, as JSON has them: their types
# have not been looked at, and it must answer whatever they are.
Declared: TypeAlias = int | Callable[[Mapping[str, Any]], int]
# What is left to be asked for each request: nothing, if no variable is in it.
Size: TypeAlias = int | Callable[[Variables], int]


class Sizes:
    """`most_first`: resolvers refuse a greater `first` before they do anything, so that it is taken
    for this, and is refused in their words.
    """

    def __init__(
        self, schema: GraphQLSchema, declared: Mapping[str, Declared], *, most_first: int = 100
    ) -> None:
        self._schema, self._most_first = schema, most_first
        self._declared = {**_introspected(schema), **declared}

    def of(self, node: FieldNode, parent: GraphQLNamedType, field: GraphQLField) -> Size | None:
        """None: nothing says it, or there is no list."""
        size = self._declared.get(f"{parent.name}.{node.name.value}")
        if size is None and "first" in field.args:
            size = self._first(field)
        if size is None and is_list(field):
            size = self._declared.get(get_named_type(field.type).name)
        return _reckon(size, node, field) if callable(size) else size

    def missing(self) -> Sequence[str]:
        """The lists of objects that are of ASSUMED size, since nothing says more."""
        return [
            f"{owner.name}.{name}"
            for owner, name, field in self._fields()
            if is_list(field)
            and is_composite_type(member := get_named_type(field.type))
            and not self._is_sized(owner, name, field)
            and member.name not in self._declared
            and not self._is_inside_sized(owner)
        ]

    def _is_sized(self, owner: GraphQLNamedType, name: str, field: GraphQLField) -> bool:
        return "first" in field.args or f"{owner.name}.{name}" in self._declared

    def _is_inside_sized(self, type_: GraphQLNamedType) -> bool:
        sized = [
            self._is_sized(owner, name, field)
            for owner, name, field in self._fields()
            if get_named_type(field.type) is type_
        ]
        return bool(sized) and all(sized)

    def _fields(self) -> Sequence[tuple[GraphQLNamedType, str, GraphQLField]]:
        return [
            (owner, name, field)
            for owner in self._schema.type_map.values()
            if isinstance(owner, GraphQLObjectType | GraphQLInterfaceType)
            for name, field in owner.fields.items()
        ]

    def _first(self, field: GraphQLField) -> Declared:
        default = field.args["first"].default_value
        usual = default if isinstance(default, int) else ASSUMED
        most = self._most_first

        def first(arguments: Mapping[str, Any]) -> int:
            wanted = arguments.get("first")
            return min(wanted, most) if isinstance(wanted, int) else usual

        return first


def is_list(field: GraphQLField) -> bool:
    return isinstance(get_nullable_type(field.type), GraphQLList)


def literal(node: ValueNode, variables: Variables | None = None) -> Any:
    """As JSON has it. Undefined for an unknown variable, and for what Python cannot read."""
    if isinstance(node, VariableNode):
        return (variables or {}).get(node.name.value, Undefined)
    try:
        return value_from_ast_untyped(node, dict(variables or {}))
    except ValueError:  # an integer of more digits than it takes; an ID may be one
        return Undefined


def _reckon(size: Callable[[Mapping[str, Any]], int], node: FieldNode, field: GraphQLField) -> Size:
    """The size for the arguments that this field is given."""
    given = {
        name: argument.default_value
        for name, argument in field.args.items()
        if argument.default_value is not Undefined
    }
    variable: dict[str, ValueNode] = {}
    for argument in node.arguments or ():
        if _has_variables(argument.value):
            variable[argument.name.value] = argument.value
        else:
            given[argument.name.value] = literal(argument.value)
    if not variable:
        return max(0, size(given))

    def reckoned(variables: Variables) -> int:
        arguments = dict(given)
        for name, written in variable.items():
            value = literal(written, variables)
            if value is not Undefined:
                arguments[name] = value
        return max(0, size(arguments))

    return reckoned


def _has_variables(node: ValueNode) -> bool:
    if isinstance(node, ListValueNode):
        return any(_has_variables(value) for value in node.values)
    if isinstance(node, ObjectValueNode):
        return any(_has_variables(field.value) for field in node.fields)
    return isinstance(node, VariableNode)


def _introspected(schema: GraphQLSchema) -> dict[str, Declared]:
    """The lists of introspection: how many types there are, and how much one has on average."""
    types = list(schema.type_map.values())
    objects = [t for t in types if isinstance(t, GraphQLObjectType | GraphQLInterfaceType)]
    fields = [field for t in objects for field in t.fields.values()]
    inputs = [t for t in types if isinstance(t, GraphQLInputObjectType)]
    enums = [t for t in types if isinstance(t, GraphQLEnumType)]
    abstract = [t for t in types if isinstance(t, GraphQLInterfaceType | GraphQLUnionType)]
    possible = sum(len(schema.get_possible_types(t)) for t in abstract)
    return {
        "__Schema.types": len(types),
        "__Schema.directives": len(schema.directives),
        "__Type.fields": _mean(len(fields), types),
        "__Type.inputFields": _mean(sum(len(t.fields) for t in inputs), types),
        "__Type.enumValues": _mean(sum(len(t.values) for t in enums), types),
        "__Type.interfaces": _mean(sum(len(t.interfaces) for t in objects), types),
        "__Type.possibleTypes": _mean(possible, types),
        "__Field.args": _mean(sum(len(field.args) for field in fields), fields),
        "__Directive.args": _mean(sum(len(d.args) for d in schema.directives), schema.directives),
    }


def _mean(total: int, things: Sequence[object]) -> int:
    return ceil(total / max(1, len(things)))
