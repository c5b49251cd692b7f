"""Feeds: what a subscription's resolver answers, and how its listeners hang on it.

The hub, in a room that this one does not know, has the other half. A feed asks for one rendering of
an event for each distinct key, and hands the very same bytes to every sink that follows under it.
All of it happens in one event loop.
"""

from collections.abc import AsyncIterable, Awaitable, Callable, Hashable, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    visit,
)

from transport.documents import Operation

Render: TypeAlias = Callable[[object], Awaitable[bytes]]


class Sink(Protocol):
    """Where the answers for one subscriber go. None of it waits."""

    def offer(self, payload: bytes, position: object = None, /) -> bool:
        """Take one rendered answer. False: there is no room, and nothing was taken; `drained` of
        the following tells when there is. True, and nothing done, once the stream is over.

        `position`: its text is what `after` takes to go on behind this answer.
        """
        ...

    def starts(self, position: object, /) -> None:
        """From here on the sink is told everything. Not before the first offer, or not at all."""
        ...

    def finish(self, error: Exception | None = None, /) -> None:
        """The stream is over, by itself or for this reason. Always taken; the first time counts."""
        ...


class Following(Protocol):
    """One sink's place in a feed."""

    def drained(self) -> None:
        """The sink that said False has room again: the feed offers one RESYNC, and goes on."""
        ...

    def leave(self) -> None:
        """Offer nothing more. May be called at any time, and more than once; does not wait."""
        ...


@runtime_checkable
class Feed(AsyncIterable[object], Protocol):
    """Also an iterable of its events, for graphql-core takes nothing else for a stream."""

    @property
    def scope(self) -> Hashable:
        """None: all see the same answer to the same selection. Else only those of equal scope do,
        and it is rendered as one of them.
        """
        ...

    async def follow(self, key: Hashable, render: Render, sink: Sink, /) -> Following:
        """Begin to offer. The sink may be offered to before this returns.

        When this is cancelled, the sink follows nothing. Raises what the client may be told.
        """
        ...


def key_of(operation: Operation, variables: Mapping[str, Any], scope: Hashable) -> Hashable:
    """Equal for those whose events are rendered alike.

    Where one starts makes no difference to that, so the variable behind the root field's `after`
    is left out, unless it is used for anything else. So are variables that are not declared.
    """
    start = start_of(operation)
    declared = {
        definition.variable.name.value
        for definition in operation.definition.variable_definitions or ()
    }
    telling = {name: variables[name] for name in declared & variables.keys() if name != start}
    return operation.key, orjson.dumps(telling, option=orjson.OPT_SORT_KEYS), scope


def start_of(operation: Operation) -> str | None:
    """The variable that is the root field's `after`, and nothing but that."""
    root = root_field(operation, operation.definition.selection_set)
    for argument in (root.arguments if root else None) or ():
        if argument.name.value == "after" and isinstance(argument.value, VariableNode):
            name = argument.value.name.value
            uses = _Uses(name)
            visit(operation.document, uses)
            # Once where it is declared, once here.
            return name if uses.count == 2 else None  # noqa: PLR2004
    return None


def root_field(operation: Operation, selections: SelectionSetNode) -> FieldNode | None:
    """A subscription has one; validation sees to it. It may lie in fragments."""
    first = selections.selections[0]
    if isinstance(first, FieldNode):
        return first
    if isinstance(first, InlineFragmentNode):
        return root_field(operation, first.selection_set)
    if isinstance(first, FragmentSpreadNode):
        for definition in operation.document.definitions:
            if (
                isinstance(definition, FragmentDefinitionNode)
                and definition.name.value == first.name.value
            ):
                return root_field(operation, definition.selection_set)
    return None


class _Uses(Visitor):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self.count = name, 0

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.count += node.name.value == self._name
