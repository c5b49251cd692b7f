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


def _code(name: str, description: str) -> Any:
    return strawberry.enum_value(name, description=description)


@strawberry.enum(description="What kind of problem it is, for programs.")
class ProblemCode(Enum):
    INVALID = _code("INVALID", "A value is not as it must be; `path` says which.")
    INVALID_CREDENTIALS = _code(
        "INVALID_CREDENTIALS", "No account has these; which part is wrong is not said."
    )
    TOO_MANY_ATTEMPTS = _code(
        "TOO_MANY_ATTEMPTS",
        "Wrong passwords or codes too often; the message says for how long to wait.",
    )
    MFA_REQUIRED = _code("MFA_REQUIRED", "Sign in again with a one-time code, or a recovery code.")
    TOKEN_EXPIRED = _code(
        "TOKEN_EXPIRED", "The link, token or challenge is used, too old, or none of ours."
    )
    ALREADY_REGISTERED = _code(
        "ALREADY_REGISTERED", "There is an account with this number or address."
    )
    SLOT_TAKEN = _code("SLOT_TAKEN", "Somebody was first; `alternatives` are near it in time.")
    SLOT_OVERLAPS = _code("SLOT_OVERLAPS", "The doctor has a slot at this time.")
    SLOT_IN_PAST = _code("SLOT_IN_PAST", "It has begun already.")
    PATIENT_BUSY = _code("PATIENT_BUSY", "The patient has another appointment at this time.")
    TOO_LATE = _code("TOO_LATE", "The time in which this could be done is over.")
    LIMIT_REACHED = _code("LIMIT_REACHED", "As many as there may be, are there.")
    VERSION_CONFLICT = _code(
        "VERSION_CONFLICT", "It was changed meanwhile; `current` is how it stands."
    )
    WRONG_STATUS = _code("WRONG_STATUS", "As it stands, this cannot be done with it.")
    NOT_FOUND = _code("NOT_FOUND", "One of the things that are named is not there, or not yours.")
    IDEMPOTENCY_KEY_REUSED = _code(
        "IDEMPOTENCY_KEY_REUSED", "The key came with another input before; make a new one."
    )
    UNSUPPORTED_TYPE = _code(
        "UNSUPPORTED_TYPE", "By its first bytes it is none of PDF, JPEG, PNG and DICOM."
    )
    TOO_LARGE = _code("TOO_LARGE", "The file, or all files together, are too large.")
    CHECKSUM_MISMATCH = _code("CHECKSUM_MISMATCH", "What was uploaded is not what was announced.")
    NOT_UPLOADED = _code("NOT_UPLOADED", "Nothing has arrived at the address of the upload.")
    INFECTED = _code("INFECTED", "The scanner found malware in it.")
    OUTSIDE_WINDOW = _code("OUTSIDE_WINDOW", "It can be done at another time only, which is told.")
    CONSENT_REQUIRED = _code("CONSENT_REQUIRED", "It needs the patient's consent to telemedicine.")


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
