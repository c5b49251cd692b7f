"""Answers by plans: which plan an operation has, and what it says.

A plan is made from an operation, the kind of its viewer and the skeleton of its variables, and kept
while it is used. That none can be made is remembered in the same way.
"""

import logging
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from domain.auth import Scope, Viewer, may_read
from domain.limits import Limits
from persistence.database import Pool
from persistence.replica import Replica
from plans import appointments, doctors, scheduling, slots, viewers
from plans.batches import Batch
from plans.compiler import Compiler, Fields, Plan, Request, Unplanned
from plans.selections import Selections
from schema.ids import kind_of

log = logging.getLogger(__name__)

KEPT = 1_000  # plans, and operations without one; and as many askings
LONGEST = 2_048  # bytes of the variables of an asking

FIELDS: Mapping[str, Fields] = {
    **viewers.FIELDS,
    **doctors.FIELDS,
    **slots.FIELDS,
    **appointments.FIELDS,
    **scheduling.FIELDS,
}


_ROOTS = {OperationType.QUERY: "Query", OperationType.MUTATION: "Mutation"}


@dataclass(frozen=True, slots=True)
class _Kept:
    """`elsewhere`: of those who may be told what was true a moment ago."""

    plan: Plan
    batch: Batch
    elsewhere: Batch | None


@dataclass(frozen=True, slots=True)
class _Given:
    """An operation with its variables, by whomever and whenever it is asked; `told` is theirs."""

    kept: _Kept | None
    variables: VariableValues
    told: dict[int, Any]


class Plans:
    """`core` is what `schema` was made into."""

    def __init__(
        self,
        schema: strawberry.Schema,
        core: GraphQLSchema,
        pool: Pool,
        limits: Limits,
        replica: Replica | None = None,
    ) -> None:
        self._strawberry, self._schema = schema, core
        self._pool, self._limits, self._replica = pool, limits, replica
        # Of both the longest unused first.
        self._kept: OrderedDict[Hashable, _Kept | None] = OrderedDict()
        self._givens: OrderedDict[Hashable, _Given] = OrderedDict()

    async def answer(
        self,
        key: str,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        variables: Mapping[str, Any],
        *,
        viewer: Viewer | None,
        at: datetime,
    ) -> str | None:
        """The JSON of `data`; None where the reference has to answer, and nothing has been done.
        `key`: the same for the same operation, and for no other.
        """
        acts = definition.operation is OperationType.MUTATION
        if acts and not (_is_planned(definition) and scheduling.asked_for.before(variables)):
            return None
        find = self._given_once if acts else self._given
        try:
            given = find(key, document, definition, variables, viewer=viewer, at=at)
            kept = given.kept
            request = Request(given.variables, viewer, at, given.told)
            row = kept.plan.row(request) if kept else None
        except Exception:  # noqa: BLE001  # of what makes no sense the reference tells
            return None
        if kept is None or row is None:
            return None
        try:
            return await self._batch(kept, viewer).ask(row)
        except Exception as error:  # noqa: BLE001  # one who rode along may be to blame
            log.warning("a plan has failed (%s)", type(error).__name__)
            return None

    def _batch(self, kept: _Kept, viewer: Viewer | None) -> Batch:
        reader = None if viewer is None else viewer.user_id
        if kept.elsewhere is None or self._replica is None or not self._replica.serves(reader):
            return kept.batch
        return kept.elsewhere

    def _given(
        self,
        key: str,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        variables: Mapping[str, Any],
        *,
        viewer: Viewer | None,
        at: datetime,
    ) -> _Given:
        """What is asked is asked again: what its variables come to is remembered by their text."""
        text = orjson.dumps(variables) if definition.variable_definitions else b""
        known = (key, _kind(viewer), text)
        given = self._givens.get(known)
        if given is not None:
            self._givens.move_to_end(known)
            return given
        given = self._given_once(key, document, definition, variables, viewer=viewer, at=at)
        if len(text) <= LONGEST:
            self._givens[known] = given
            if len(self._givens) > KEPT:
                self._givens.popitem(last=False)
        return given

    def _given_once(
        self,
        key: str,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        variables: Mapping[str, Any],
        *,
        viewer: Viewer | None,
        at: datetime,
    ) -> _Given:
        """Nothing is remembered of it but its plan: no act is asked for twice, and some bring
        secrets.
        """
        request = Request(self._coerced(definition, variables), viewer, at)
        kept = self._find(key, document, definition, request)
        return _Given(kept, request.variables, request.told)

    def _coerced(
        self, definition: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> VariableValues:
        """Raises Unplanned."""
        if not definition.variable_definitions:
            return VariableValues({}, {})
        found = get_variable_values(
            self._schema, definition.variable_definitions, dict(variables), max_errors=1
        )
        if isinstance(found, list):
            raise Unplanned
        return found

    def _find(
        self,
        key: str,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        request: Request,
    ) -> _Kept | None:
        known = (key, _kind(request.viewer), _skeleton(request.variables))
        if known in self._kept:
            self._kept.move_to_end(known)
            return self._kept[known]
        kept = self._kept[known] = self._make(document, definition, request)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return kept

    def _make(
        self, document: DocumentNode, definition: OperationDefinitionNode, request: Request
    ) -> _Kept | None:
        fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        selections = Selections(
            schema=self._schema, fragments=fragments, variables=request.variables
        )
        compiler = Compiler(self._strawberry, FIELDS, selections, request, self._limits)
        try:
            plan = compiler.plan(_ROOTS[definition.operation], definition.selection_set)
        except Unplanned:
            return None
        elsewhere = Batch(self._replica, plan) if self._replica and plan.searches else None
        return _Kept(plan, Batch(self._pool, plan), elsewhere)


def _is_planned(definition: OperationDefinitionNode) -> bool:
    """Of a mutation: one field, and one that there is a plan for."""
    [first, *more] = definition.selection_set.selections
    return not more and isinstance(first, FieldNode) and first.name.value in FIELDS["Mutation"]


def _skeleton(variables: VariableValues) -> Hashable:
    """What of the variables the text of a statement hangs on."""
    return tuple(
        (name, _shape(source.signature.type, variables.coerced[name]))
        for name, source in variables.sources.items()
        if name in variables.coerced  # who leaves one out gives no null for it
    )


def _shape(type_: Any, value: Any) -> Hashable:
    if value is None:
        return None
    if isinstance(type_, GraphQLNonNull):
        return _shape(type_.of_type, value)
    if isinstance(type_, GraphQLInputObjectType):
        return tuple((name, _shape(type_.fields[name].type, each)) for name, each in value.items())
    if isinstance(type_, GraphQLEnumType) or type_ is GraphQLBoolean:
        return str(value)
    if type_ is GraphQLID:
        found = kind_of(value)
        return None if found is None else found[0]
    return True


def _kind(viewer: Viewer | None) -> Hashable:
    """Raises Unplanned for those who are not let in everywhere."""
    if not (may_read(viewer, Scope.DOCTORS) and may_read(viewer, Scope.SLOTS)):
        raise Unplanned
    return None if viewer is None else viewer.role
