"""Values that clients give, in variables and as literals: what is wrong with them.

graphql-core's messages quote the value. These name the place and the type expected there instead,
and nothing that the client wrote but the name of its own variable. A scalar of ours may say more:
its GraphQLErrors are shown as they are, so they never hold the value.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from graphql import (
    ASTValidationRule,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    StringValueNode,
    Undefined,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    get_named_type,
    get_nullable_type,
    type_from_ast,
)
from graphql.language import SKIP, VisitorAction
from graphql.utilities import validate_input_literal, validate_input_value

from transport.errors import BAD_USER_INPUT, TOO_COMPLEX, Unfit, trusted, unfit
from transport.limits import Limits

MOST = 20  # faults told at once
MOST_IN_LITERAL = 5  # graphql-core writes the whole literal out anew for each
NULL = "\0"  # PostgreSQL has no place for it in a text, and nobody types it
_NULL_NAME = "the null character (U+0000), which has no place in one"

_MISSING = re.compile(r"Expected value of type '\w+' to include required field '(\w+)'")
_UNKNOWN = re.compile(r"Expected value of type '\w+' not to include unknown field '")


class _EnoughError(Exception):
    """There is no need to look for further faults."""


def check_size(variables: Mapping[str, Any], limits: Limits) -> None:
    """Raises Unfit for too many values, and for the null character in one of them.

    Before anything is made of them: to coerce 100,000 ids takes longer than to count them, and each
    field that is unknown to graphql-core has it write out all the others.
    """
    count = 0
    waiting: list[Any] = [variables]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if NULL in value:
                raise unfit(f"The variables hold a text with {_NULL_NAME}.")
        elif isinstance(value, list | dict):
            count += len(value)
            if count > limits.variable_values:
                raise _too_complex("values", limits.variable_values)
            if isinstance(value, dict) and len(value) > limits.object_fields:
                raise _too_complex("fields in one object", limits.object_fields)
            waiting += value if isinstance(value, list) else value.values()


def faults(
    schema: GraphQLSchema, definition: OperationDefinitionNode, variables: Mapping[str, Any]
) -> list[GraphQLError]:
    """What is wrong with the variables that the operation declares; never empty.

    To be asked once they are known not to fit, for it looks at all of them anew.
    """
    found: list[GraphQLError] = []
    try:
        for declared in definition.variable_definitions or ():
            _look(schema, declared, variables, found)
    except _EnoughError:
        pass
    except RecursionError:
        found.append(_bad("The variables are nested too deeply."))
    return found or [_bad("The variables do not fit the operation.")]


class LiteralsOfCorrectType(ValuesOfCorrectTypeRule):
    """The same rule, in messages that do not quote the literal."""

    def is_valid_value_node(
        self, node: ValueNode, input_type: GraphQLInputType | None
    ) -> VisitorAction:
        if input_type:
            told = 0

            def report(error: GraphQLError, path: list[str | int]) -> None:
                nonlocal told
                reason = _reason(error, input_type, path)
                self.report_error(_bad(f"Wrong value{_at(path)}: {reason}.", node))
                told += 1
                if told >= MOST_IN_LITERAL:
                    raise _EnoughError

            with suppress(_EnoughError):
                validate_input_literal(node, input_type, report, hide_suggestions=True)
        return SKIP


class NoNullCharacters(ASTValidationRule):
    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        if NULL in node.value:
            self.report_error(_bad(f"A text holds {_NULL_NAME}.", node))


def _too_complex(measure: str, most: int) -> Unfit:
    message = f"The variables are too complex ({measure}: more than {most}, at most {most})."
    return unfit(message, TOO_COMPLEX)


def _look(
    schema: GraphQLSchema,
    declared: VariableDefinitionNode,
    variables: Mapping[str, Any],
    found: list[GraphQLError],
) -> None:
    name = declared.variable.name.value
    expected = type_from_ast(schema, declared.type)
    value = variables.get(name, Undefined)
    if value is Undefined and declared.default_value:
        return

    def report(error: GraphQLError, path: list[str | int]) -> None:
        reason = _reason(error, expected, path)
        found.append(_bad(f"Variable '${name}' has a wrong value{_at(path)}: {reason}.", declared))
        if len(found) >= MOST:
            raise _EnoughError

    # Validation has made sure that it is an input type.
    validate_input_value(value, expected, report, hide_suggestions=True)  # type: ignore[arg-type]


def _reason(error: GraphQLError, whole: object, path: Sequence[str | int]) -> str:
    if safe := trusted(error):
        return safe[0].rstrip(".")
    expected = _type_at(whole, path)
    if _is_ours(expected) and not error.message.startswith("Expected "):  # graphql-core's own words
        return error.message.rstrip(".")
    if missing := _MISSING.match(error.message):
        return f"expected {expected} with its required field '{missing[1]}'"
    if _UNKNOWN.match(error.message):
        return f"expected {expected} with no fields but its own"
    return f"expected {expected}"


def _is_ours(type_: object) -> bool:
    """A scalar of our own reading: what it says of a value is safe to show. A library's is not."""
    named = get_named_type(type_)  # type: ignore[call-overload]
    if not isinstance(named, GraphQLScalarType):
        return False
    module = getattr(named.parse_value, "__module__", None) or "graphql"
    return module.partition(".")[0] not in {"graphql", "strawberry", "builtins"}


def _type_at(type_: object, path: Sequence[str | int]) -> object:
    for step in path:
        type_ = get_nullable_type(type_)  # type: ignore[call-overload]
        if isinstance(step, int):
            type_ = type_.of_type if isinstance(type_, GraphQLList) else type_
            continue
        while isinstance(type_, GraphQLList | GraphQLNonNull):  # one value stands for a list of one
            type_ = type_.of_type
        if isinstance(type_, GraphQLInputObjectType):
            type_ = type_.fields[step].type
    return type_


def _at(path: Sequence[str | int]) -> str:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f" at {place.removeprefix('.')}" if place else ""


def _bad(message: str, node: VariableDefinitionNode | ValueNode | None = None) -> GraphQLError:
    return GraphQLError(message, node, extensions={"code": BAD_USER_INPUT})
