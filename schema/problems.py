"""How refusals reach the client.

A Refusal raised in a mutation comes back in its payload's `problems`; any other DomainError
becomes a GraphQL error with `extensions.code`; all else is masked (transport/errors.py).
"""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Annotated, Any, TypeAlias, TypeVar

import strawberry
from strawberry.extensions import FieldExtension

from domain.auth import as_person
from domain.errors import Invalid, Refusal

T = TypeVar("T")

# The one argument of a mutation, whose payload has the problems of it.
Input: TypeAlias = Annotated[T, strawberry.argument(description="What is to be done, and how.")]


@strawberry.enum(description="What kind of problem it is, for programs.")
class ProblemCode(Enum):
    INVALID = "INVALID"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"
    MFA_REQUIRED = "MFA_REQUIRED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    SLOT_TAKEN = "SLOT_TAKEN"
    SLOT_OVERLAPS = "SLOT_OVERLAPS"
    SLOT_IN_PAST = "SLOT_IN_PAST"
    PATIENT_BUSY = "PATIENT_BUSY"
    TOO_LATE = "TOO_LATE"
    LIMIT_REACHED = "LIMIT_REACHED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    WRONG_STATUS = "WRONG_STATUS"
    NOT_FOUND = "NOT_FOUND"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    UNSUPPORTED_TYPE = "UNSUPPORTED_TYPE"
    TOO_LARGE = "TOO_LARGE"
    CHECKSUM_MISMATCH = "CHECKSUM_MISMATCH"
    NOT_UPLOADED = "NOT_UPLOADED"
    INFECTED = "INFECTED"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    CONSENT_REQUIRED = "CONSENT_REQUIRED"


@strawberry.interface(description="Something in the way that the user can act on.")
class Problem:
    code: ProblemCode = strawberry.field(description="What kind of problem it is, for programs.")
    message: str = strawberry.field(description="What it is and what to mend, for people.")
    path: list[str] = strawberry.field(
        description='Path into input, e.g. ["cpf"]; empty when the whole input is meant.'
    )


@strawberry.type(description="Something in the input is not as it must be.")
class InvalidInput(Problem):
    pass


@strawberry.type(description="The refusal needs no more words than its code and message.")
class Refused(Problem):
    pass


type_of: dict[type[Refusal], Callable[[Any], Problem]] = {}  # a feature adds its own


def plain(refusal: Refusal) -> dict[str, Any]:
    """The fields that every problem has."""
    return {
        "code": ProblemCode(refusal.code),
        "message": str(refusal),
        "path": list(refusal.path),
    }


def problems_of(refusal: Refusal) -> list[Problem]:
    return [_problem(each) for each in refusal.each()]


def _problem(refusal: Refusal) -> Problem:
    if own := type_of.get(type(refusal)):
        return own(refusal)
    kind = InvalidInput if refusal.code == Invalid.code else Refused
    return kind(**plain(refusal))


class AnswerProblems(FieldExtension):
    """Of a mutation whose payload has `problems`: every field but these is null when refused.

    As every mutation has it, this is where all of them are kept from partners, those too that need
    no session.
    """

    def __init__(self, payload: Callable[..., Any]) -> None:
        self._payload = payload

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: strawberry.Info,
        **kwargs: Any,
    ) -> Any:
        as_person(info.context.caller)
        try:
            return await next_(source, info, **kwargs)
        except Refusal as refusal:
            return self._payload(problems=problems_of(refusal))


def problems() -> Any:
    """The field that every payload has."""
    return strawberry.field(default_factory=list, description="What is in the way; empty if done.")
