"""What is selected of an object: fields by response key, fragments and directives resolved.

After CollectFields of the specification (October 2025, 6.3.2); documents here are valid.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
    is_abstract_type,
)
from graphql.execution.values import VariableValues


@dataclass(slots=True)
class Selected:
    """Fields that fall together under one key."""

    key: str
    name: str
    nodes: list[FieldNode] = field(default_factory=list)

    @property
    def sets(self) -> list[SelectionSetNode]:
        return [node.selection_set for node in self.nodes if node.selection_set is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selections:
    """`variables`: those of @skip and @include count."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def of(self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> list[Selected]:
        found: dict[str, Selected] = {}
        for node in self._fields(type_, sets, set()):
            key = node.alias.value if node.alias else node.name.value
            found.setdefault(key, Selected(key, node.name.value)).nodes.append(node)
        return list(found.values())

    def _fields(
        self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode], spread: set[str]
    ) -> Iterator[FieldNode]:
        for selection in (each for some in sets for each in some.selections):
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._is(type_, condition.name.value):
                    yield from self._fields(type_, [selection.selection_set], spread)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self.fragments[selection.name.value]
                if selection.name.value in spread:
                    continue
                spread.add(selection.name.value)
                if self._is(type_, fragment.type_condition.name.value):
                    yield from self._fields(type_, [fragment.selection_set], spread)

    def _is(self, type_: GraphQLObjectType, name: str) -> bool:
        condition = self.schema.type_map[name]
        return condition is type_ or (
            is_abstract_type(condition) and self.schema.is_sub_type(condition, type_)
        )

    def _included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])
