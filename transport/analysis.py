"""How large a document is once it is expanded, measured before it is validated.

Every selection that is written is looked at once. A fragment's sums are made once, after those of
the fragments that it spreads, and carried wherever it is spread; so the work is linear in what was
sent, whatever it would grow to. Sums stop at SATURATED. Fragments that nobody spreads count as
operations do: validation, which comes next and costs more, would study them as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from transport.errors import TOO_COMPLEX, unfit
from transport.limits import Limits

SATURATED = 1_000_000
_INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Of a whole document, with every fragment put where it is spread.

    `depth`: levels of fields; those from `__schema` and `__type` on are `introspection_depth`.
    `selections`: fields, spreads and inline fragments. `root_fields`: of the operation with the
    most. `repeats`: the fields that are merged into one because they have one response name in one
    place; validation compares each with each. It is 0 when there are too many selections to tell.
    """

    operations: int
    fragments: int
    depth: int
    introspection_depth: int
    selections: int
    aliases: int
    directives: int
    root_fields: int
    repeats: int


def analyse(document: DocumentNode, limits: Limits) -> Measures:
    """Raises Unfit for what is beyond the limits, and for fragments that spread themselves."""
    measures = measure(document, limits.selections)
    beyond = [
        f"{each.name.replace('_', ' ')}: {_told(value)}, at most {most}"
        for each in fields(measures)
        if (value := getattr(measures, each.name)) > (most := getattr(limits, each.name))
    ]
    if beyond:
        raise unfit(f"The document is too complex ({'; '.join(beyond)}).", TOO_COMPLEX)
    return measures


def measure(document: DocumentNode, most_selections: int) -> Measures:
    """Raises Unfit for fragments that spread themselves."""
    parts = [
        _look(definition)
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    fragments: dict[str, _Part] = {}
    for part in parts:
        if part.fragment is not None:
            fragments.setdefault(part.fragment, part)
    sums = _sum_fragments(fragments)
    spread = {spread.name for part in parts for spread in part.spreads}
    # Among them are second fragments of one name: validation will refuse them, but studies them.
    roots = [
        part
        for part in parts
        if part.fragment not in spread or fragments.get(part.fragment or "") is not part
    ]
    totals = [_carried(part, sums) for part in roots]
    selections = _saturated(total.selections for total in totals)
    few = selections <= most_selections
    return Measures(
        operations=sum(part.fragment is None for part in parts),
        fragments=sum(part.fragment is not None for part in parts),
        depth=max((total.depth for total in totals), default=0),
        introspection_depth=max((total.introspection_depth for total in totals), default=0),
        selections=selections,
        aliases=_saturated(total.aliases for total in totals),
        directives=_saturated(total.directives for total in totals),
        root_fields=max((total.root_fields for total in totals), default=0),
        repeats=max((_repeats(part, fragments) for part in roots), default=0) if few else 0,
    )


@dataclass(slots=True)
class _Sums:
    depth: int = 0
    introspection_depth: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0


class _Spread(NamedTuple):
    name: str
    depth: int  # of the fields around it
    introspecting: bool
    at_root: bool


@dataclass(slots=True)
class _Part:
    """One definition by itself. `fragment` is its name; None for an operation."""

    fragment: str | None
    selection_set: SelectionSetNode
    sums: _Sums = field(default_factory=_Sums)
    spreads: list[_Spread] = field(default_factory=list)


def _look(definition: OperationDefinitionNode | FragmentDefinitionNode) -> _Part:
    name = definition.name.value if isinstance(definition, FragmentDefinitionNode) else None
    part = _Part(name, definition.selection_set)
    sums = part.sums
    sums.directives = len(definition.directives or ()) + sum(
        len(variable.directives or ()) for variable in definition.variable_definitions or ()
    )
    waiting = [(definition.selection_set, 0, False, True)]
    while waiting:
        selection_set, depth, introspecting, at_root = waiting.pop()
        for node in selection_set.selections:
            sums.selections += 1
            sums.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                inside = introspecting or node.name.value in _INTROSPECTION
                sums.root_fields += at_root
                sums.aliases += node.alias is not None
                if inside:
                    sums.introspection_depth = max(sums.introspection_depth, depth + 1)
                else:
                    sums.depth = max(sums.depth, depth + 1)
                if node.selection_set:
                    waiting.append((node.selection_set, depth + 1, inside, False))
            elif isinstance(node, InlineFragmentNode):
                waiting.append((node.selection_set, depth, introspecting, at_root))
            elif isinstance(node, FragmentSpreadNode):
                part.spreads.append(_Spread(node.name.value, depth, introspecting, at_root))
    return part


def _sum_fragments(fragments: Mapping[str, _Part]) -> dict[str, _Sums]:
    """The sums of each with what it spreads, the innermost first."""
    done: dict[str, _Sums] = {}
    entered: set[str] = set()
    for first in fragments:
        waiting = [first]
        while waiting:
            name = waiting[-1]
            if name in done:
                waiting.pop()
                continue
            part = fragments[name]
            if name not in entered:
                entered.add(name)
                needed = {
                    spread.name
                    for spread in part.spreads
                    if spread.name in fragments and spread.name not in done
                }
                waiting += needed
                if needed:
                    continue
            if any(s.name in fragments and s.name not in done for s in part.spreads):
                raise unfit("A fragment spreads itself.")
            done[name] = _carried(part, done)
    return done


def _carried(part: _Part, fragments: Mapping[str, _Sums]) -> _Sums:
    """The sums of this part with what it spreads. Validation reports unknown fragments."""
    own = part.sums
    inner = [
        (spread, fragments[spread.name]) for spread in part.spreads if spread.name in fragments
    ]
    return _Sums(
        depth=max(
            [own.depth, *(at.depth + sums.depth for at, sums in inner if not at.introspecting)]
        ),
        introspection_depth=max([own.introspection_depth, *map(_introspected, inner)]),
        selections=_saturated([own.selections, *(sums.selections for _, sums in inner)]),
        aliases=_saturated([own.aliases, *(sums.aliases for _, sums in inner)]),
        directives=_saturated([own.directives, *(sums.directives for _, sums in inner)]),
        root_fields=_saturated(
            [own.root_fields, *(sums.root_fields for at, sums in inner if at.at_root)]
        ),
    )


def _introspected(inner: tuple[_Spread, _Sums]) -> int:
    at, sums = inner
    if at.introspecting:
        return at.depth + max(sums.depth, sums.introspection_depth)
    return at.depth + sums.introspection_depth if sums.introspection_depth else 0


def _repeats(part: _Part, fragments: Mapping[str, _Part]) -> int:
    """The most fields of one response name in one place. Expands, so selections must be few."""
    most = 0
    places: list[list[SelectionSetNode]] = [[part.selection_set]]
    while places:
        here = places.pop()
        counted: dict[str, int] = {}
        below: dict[str, list[SelectionSetNode]] = {}
        spread: set[str] = set()
        for selection_set in here:  # grows meanwhile
            for node in selection_set.selections:
                if isinstance(node, FieldNode):
                    name = (node.alias or node.name).value
                    counted[name] = counted.get(name, 0) + 1
                    if node.selection_set:
                        below.setdefault(name, []).append(node.selection_set)
                elif isinstance(node, InlineFragmentNode):
                    here.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode):
                    name = node.name.value
                    if name in fragments and name not in spread:
                        spread.add(name)
                        here.append(fragments[name].selection_set)
        most = max([most, *counted.values()])
        places += below.values()
    return most


def _saturated(numbers: Iterable[int]) -> int:
    return min(sum(numbers), SATURATED)


def _told(value: int) -> str:
    return f"{value} or more" if value >= SATURATED else str(value)
