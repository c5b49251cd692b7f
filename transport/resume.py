"""Where a subscription goes on: the Last-Event-ID of a browser that comes back, put into `after`.

A browser asks again with the very URL it began with, so that its document says where it began, or
nothing. Whatever it says, the root field's `after` becomes the id that was last heard. The answers
are the same as before, and so is the operation's key: those who come back share their renderings.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLSchema,
    NameNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse_type,
    visit,
)

from transport.documents import Operation
from transport.starts import root_field

AFTER = "after"
_VARIABLE = "lastEventId"


def resume(
    schema: GraphQLSchema, operation: Operation, variables: Mapping[str, Any], after: str
) -> tuple[Operation, Mapping[str, Any]]:
    """The same, unless the root field can go on."""
    root = root_field(operation.document, operation.definition.selection_set)
    fields = schema.subscription_type.fields if schema.subscription_type else {}
    if root is None or AFTER not in (known := fields[root.name.value].args):
        return operation, variables
    if name := operation.start:
        return operation, {**variables, name: after}
    variable = VariableNode(name=NameNode(value=_free_name(operation)))
    document = visit(operation.document, _Start(root, variable))
    definitions = list(document.definitions)
    place = next(
        n for n, node in enumerate(operation.document.definitions) if node is operation.definition
    )
    definition = definitions[place] = _declaring(
        definitions[place], variable, str(known[AFTER].type)
    )
    document = replace(document, definitions=tuple(definitions))
    changed = replace(
        operation, document=document, definition=definition, start=variable.name.value
    )
    return changed, {**variables, variable.name.value: after}


def _free_name(operation: Operation) -> str:
    taken = {each.variable.name.value for each in operation.definition.variable_definitions or ()}
    name = _VARIABLE
    while name in taken:
        name += "_"
    return name


def _declaring(node: Any, variable: VariableNode, type: str) -> Any:
    declared = VariableDefinitionNode(variable=variable, type=parse_type(type), directives=())
    return replace(node, variable_definitions=(*(node.variable_definitions or ()), declared))


class _Start(Visitor):
    """Gives the variable to the root field as its `after`."""

    def __init__(self, root: FieldNode, variable: VariableNode) -> None:
        super().__init__()
        self._root, self._variable = root, variable

    def enter_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        if node is not self._root:
            return None
        given = ArgumentNode(name=NameNode(value=AFTER), value=self._variable)
        others = (each for each in node.arguments or () if each.name.value != AFTER)
        return replace(node, arguments=(*others, given))
