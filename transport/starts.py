"""Where a subscription says that it starts: the `after` of its root field."""

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    visit,
)


def start_of(document: DocumentNode, definition: OperationDefinitionNode) -> str | None:
    """The variable that is the root field's `after`, and nothing but that."""
    root = root_field(document, definition.selection_set)
    for argument in (root.arguments if root else None) or ():
        if argument.name.value == "after" and isinstance(argument.value, VariableNode):
            name = argument.value.name.value
            uses = _Uses(name)
            visit(document, uses)
            # Once where it is declared, once here.
            return name if uses.count == 2 else None  # noqa: PLR2004
    return None


def root_field(document: DocumentNode, selections: SelectionSetNode) -> FieldNode | None:
    """A subscription has one; validation sees to it. It may lie in fragments."""
    first = selections.selections[0]
    if isinstance(first, FieldNode):
        return first
    if isinstance(first, InlineFragmentNode):
        return root_field(document, first.selection_set)
    if isinstance(first, FragmentSpreadNode):
        for known in document.definitions:
            if isinstance(known, FragmentDefinitionNode) and known.name.value == first.name.value:
                return root_field(document, known.selection_set)
    return None


class _Uses(Visitor):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self.count = name, 0

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.count += node.name.value == self._name
