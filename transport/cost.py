"""What an operation costs: roughly how many objects it would have the server make.

An object costs 1, scalars nothing; a list costs what one of its members does, times its size. How
it is reckoned in detail, and why, is said in docs/decisions/0016-cost.md. A plan is made once for
an operation of a valid document that `analysis` found small; with it a request's variables give its
cost, which is never less than what execution could make, as long as the sizes are right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from transport.sizes import ASSUMED, Size, Sizes, Variables, is_list, literal

MUTATION = 10


@dataclass(frozen=True, slots=True)
class _Sum:
    """Of some selections: `fixed`, and `each` for every member of the list that they inherit."""

    fixed: int = 0
    each: int = 0
    open: tuple["_Open", ...] = ()

    def cost(self, inherited: int, variables: Variables) -> int:
        cost = self.fixed + self.each * inherited
        for field in self.open:
            cost += field.cost(inherited, variables)
        return cost


@dataclass(frozen=True, slots=True)
class _Open:
    """A field whose cost hangs on variables, in it or below it."""

    price: int
    many: bool
    size: Size | None
    inner: _Sum

    def cost(self, inherited: int, variables: Variables) -> int:
        size = self.size(variables) if callable(self.size) else self.size
        if self.many:
            times = inherited if size is None else size
            return times * (self.price + self.inner.cost(ASSUMED, variables))
        return self.price + self.inner.cost(ASSUMED if size is None else size, variables)


@dataclass(frozen=True, slots=True)
class Plan:
    selected: _Sum
    defaults: Mapping[str, Any]  # of the operation's variables

    def cost(self, variables: Variables) -> int:
        """Whatever the variables are: they need not be of their types."""
        if self.defaults:
            variables = {**self.defaults, **variables}
        return self.selected.cost(ASSUMED, variables)


def plan(
    schema: GraphQLSchema, sizes: Sizes, document: DocumentNode, operation: OperationDefinitionNode
) -> Plan:
    """Of an operation of a valid document."""
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    root = cast("GraphQLCompositeType", schema.get_root_type(operation.operation))
    planning = _Planning(schema, sizes, fragments, operation.operation)
    defaults = {
        each.variable.name.value: literal(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value
    }
    return Plan(planning.sum(operation.selection_set, root, at_root=True), defaults)


@dataclass(frozen=True, slots=True)
class _Planning:
    schema: GraphQLSchema
    sizes: Sizes
    fragments: Mapping[str, FragmentDefinitionNode]
    operation: OperationType

    def sum(
        self, selection_set: SelectionSetNode, type_: GraphQLCompositeType, *, at_root: bool
    ) -> _Sum:
        fixed, each = 0, 0
        open_: list[_Open] = []
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                added = self._field(node, type_, at_root=at_root)
            else:
                added = self._fragment(node, type_, at_root=at_root)
            fixed, each = fixed + added.fixed, each + added.each
            open_ += added.open
        return _Sum(fixed, each, tuple(open_))

    def _fragment(self, node: SelectionNode, type_: GraphQLCompositeType, *, at_root: bool) -> _Sum:
        """Fragments on several types are added up, though an object is of one of them alone."""
        fragment = (
            self.fragments[node.name.value]
            if isinstance(node, FragmentSpreadNode)
            else cast("InlineFragmentNode", node)
        )
        if fragment.type_condition:
            condition = self.schema.get_type(fragment.type_condition.name.value)
            type_ = cast("GraphQLCompositeType", condition)
        return self.sum(fragment.selection_set, type_, at_root=at_root)

    def _field(self, node: FieldNode, parent: GraphQLCompositeType, *, at_root: bool) -> _Sum:
        field = self.schema.get_field(parent, node.name.value)
        if field is None or node.name.value == "__typename":
            return _Sum()
        type_ = get_named_type(field.type)
        price = self._price(node, parent, is_object=is_composite_type(type_), at_root=at_root)
        if not is_composite_type(type_) or node.selection_set is None:
            return _Sum(price)
        size = self.sizes.of(node, parent, field)
        inner = self.sum(node.selection_set, type_, at_root=False)
        # One stream can be of many things, and brings what each of them has to tell.
        is_stream = at_root and self.operation is OperationType.SUBSCRIPTION
        opened = _Open(price, is_list(field) or (is_stream and size is not None), size, inner)
        if inner.open or callable(size):
            return _Sum(open=(opened,))
        if opened.many and size is None:
            return _Sum(each=price + inner.cost(ASSUMED, {}))
        return _Sum(opened.cost(ASSUMED, {}))

    def _price(
        self, node: FieldNode, parent: GraphQLNamedType, *, is_object: bool, at_root: bool
    ) -> int:
        if (parent.name, node.name.value) == ("__Type", "ofType"):
            return 0  # a wrapper around a type: next to nothing, and nine deep in the usual query
        if at_root and self.operation is OperationType.MUTATION:
            return MUTATION + is_object
        return int(is_object or at_root)
