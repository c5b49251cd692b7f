"""How errors are shown to clients, wherever they come from.

Every error leaves with `extensions.code`. What a client sent (free text, a CPF) never comes back in
a message, and nothing of the server's inside comes out: what is not known to be safe is masked, and
lies in the log under the `reference` that the client was told. The log holds neither the text of
the query nor its variables.
"""

import logging
import re
from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import uuid4

from graphql import GraphQLError

from domain.errors import DomainError

log = logging.getLogger(__name__)

BAD_USER_INPUT = "BAD_USER_INPUT"
FORBIDDEN = "FORBIDDEN"
INTERNAL = "INTERNAL"
TOO_COMPLEX = "TOO_COMPLEX"
UNAVAILABLE = "UNAVAILABLE"

Shown: TypeAlias = dict[str, Any]

_LONGEST = 400  # characters of what graphql-core says: it names names, which clients make up

# graphql-core's words for an argument that does not fit once its variables are known. What follows
# the name may quote the value.
_ARGUMENT = re.compile(r"Argument '(\w+)'")


class Unfit(Exception):
    """An operation that cannot be run: nothing of it was executed. `errors` are as clients see."""

    def __init__(self, errors: Sequence[Shown]) -> None:
        super().__init__("The operation was refused before it ran.")
        self.errors = list(errors)


def unfit(message: str, code: str = BAD_USER_INPUT, **extensions: object) -> Unfit:
    return Unfit([{"message": message, "extensions": {"code": code, **extensions}}])


def present(errors: Sequence[Exception]) -> list[Shown]:
    """The errors as clients may see them, in their order.

    One failure behind several fields (a loader's, say) is logged once and has one reference.
    """
    references: dict[int, str] = {}
    return [_present(error, references) for error in errors]


def trusted(error: Exception) -> tuple[str, Shown] | None:
    """Message and extensions, if the error was made to be shown: the domain's, or a GraphQLError
    that bears a code. A library's GraphQLErrors bear none, and quote what they were given.
    """
    cause = _innermost(error)
    if isinstance(cause, DomainError):
        return str(cause), {"code": cause.code}
    if isinstance(cause, GraphQLError) and "code" in (cause.extensions or {}):
        return cause.message, dict(cause.extensions or {})
    return None


def _present(error: Exception, references: dict[int, str]) -> Shown:
    message, extensions = trusted(error) or _fault_of_the_query(error) or _masked(error, references)
    shown: Shown = {"message": message}
    if isinstance(error, GraphQLError):
        if error.locations:
            shown["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
        if error.path is not None:
            shown["path"] = error.path
    shown["extensions"] = extensions
    return shown


def _fault_of_the_query(error: Exception) -> tuple[str, Shown] | None:
    if not isinstance(error, GraphQLError):
        return None
    cause = _innermost(error)
    if cause is error and error.path is None:  # validation, or no such operation
        return _short(error.message), {"code": BAD_USER_INPUT}
    if isinstance(cause, GraphQLError) and (argument := _ARGUMENT.match(cause.message)):
        return f"Argument '{argument[1]}' has a wrong value.", {"code": BAD_USER_INPUT}
    return None


def _masked(error: Exception, references: dict[int, str]) -> tuple[str, Shown]:
    cause = _innermost(error)
    reference = references.get(id(cause))
    if reference is None:
        reference = references[id(cause)] = str(uuid4())
        if isinstance(cause, GraphQLError):
            # Its text quotes the query or a value, so that only the place is told.
            log.error("unexpected error %s: no valid value for %s", reference, _field(error))
        else:
            log.error("unexpected error %s", reference, exc_info=cause)
    return "Something went wrong.", {"code": INTERNAL, "reference": reference}


def _short(message: str) -> str:
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"


def _innermost(error: Exception) -> Exception:
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def _field(error: Exception) -> str:
    nodes = error.nodes if isinstance(error, GraphQLError) else None
    name = getattr(nodes[0], "name", None) if nodes else None
    return f"field {name.value}" if name else "the answer"
