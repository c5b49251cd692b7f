"""What the domain may refuse.

DomainError
├── Unauthenticated  there is no living session, and this needs one
├── Forbidden        the viewer is of the wrong kind for this, or may not do it
├── NotFound         it does not exist, or the viewer may not know that it does
├── BadInput         a query's argument is out of its bounds
└── Refusal          it cannot be done as asked or as things stand; the user can act on it

No error knows of HTTP or GraphQL. Messages are safe to show: they never hold health data, nor
what the user typed.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar


class DomainError(Exception):
    """A rule said no. `code` is for programs, the message is for people."""

    code: ClassVar[str]


class Unauthenticated(DomainError):
    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("Sign in first.")


class Forbidden(DomainError):
    code = "FORBIDDEN"


class NotFound(DomainError):
    code = "NOT_FOUND"


class BadInput(DomainError):
    code = "BAD_USER_INPUT"


class Refusal(DomainError):
    """`path` leads into the input that is at fault; empty when the whole of it is."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path: Sequence[str] = tuple(str(step) for step in path)

    def each(self) -> Sequence["Refusal"]:
        return (self,)


class Refusals(Refusal):
    """Several at once, so that a form can show all that is wrong with it."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(str(refusal) for refusal in refusals))
        self._refusals = tuple(refusals)

    def each(self) -> Sequence[Refusal]:
        return self._refusals


def refuse_any(refusals: Iterable[Refusal]) -> None:
    """Raise what was found, all of it together; do nothing when nothing was."""
    found = tuple(refusals)
    if len(found) == 1:
        raise found[0]
    if found:
        raise Refusals(found)


class Invalid(Refusal):
    code = "INVALID"


def said(text: str, what: str, field: str, *, shortest: int, longest: int) -> str:
    """Somebody's own words, trimmed. `what`: as a sentence begins with it. Raises Invalid."""
    trimmed = text.strip()
    if not shortest <= len(trimmed) <= longest:
        raise Invalid(f"{what} has {shortest} to {longest} characters.", field)
    return trimmed


class InvalidCredentials(Refusal):
    """`confirming`: e-mail addresses have to be confirmed. Whether this one is remains untold: who
    has just tried to register with it could learn from that whether it was taken.
    """

    code = "INVALID_CREDENTIALS"

    def __init__(self, *, confirming: bool = False) -> None:
        unconfirmed = ", or its e-mail address is not confirmed yet" if confirming else ""
        super().__init__(f"These credentials do not match an account{unconfirmed}.")


class MfaRequired(Refusal):
    code = "MFA_REQUIRED"


class TokenExpired(Refusal):
    code = "TOKEN_EXPIRED"


class TooManyAttempts(Refusal):
    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, wait: timedelta) -> None:
        self.seconds = seconds = -(-wait // timedelta(seconds=1))  # rounded up
        minutes = -(-seconds // 60)
        time = f"{minutes} minutes" if seconds > 90 else f"{seconds} s"  # noqa: PLR2004
        super().__init__(f"There were too many attempts; try again in {time}.")


class AlreadyRegistered(Refusal):
    code = "ALREADY_REGISTERED"


class TooLate(Refusal):
    code = "TOO_LATE"


class LimitReached(Refusal):
    code = "LIMIT_REACHED"


class WrongStatus(Refusal):
    code = "WRONG_STATUS"


class Missing(Refusal):
    """One among several things named in an input is not there."""

    code = "NOT_FOUND"


class KeyReused(Refusal):
    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("This key was used for another request; make a new one.", "idempotencyKey")


class UnsupportedType(Refusal):
    code = "UNSUPPORTED_TYPE"


class TooLarge(Refusal):
    code = "TOO_LARGE"


class ChecksumMismatch(Refusal):
    code = "CHECKSUM_MISMATCH"


class NotUploaded(Refusal):
    code = "NOT_UPLOADED"


class Infected(Refusal):
    code = "INFECTED"


class OutsideWindow(Refusal):
    """It can be done in [opens_at, closes_at) only, or from `opens_at` on."""

    code = "OUTSIDE_WINDOW"

    def __init__(self, opens_at: datetime, closes_at: datetime | None, *, at: datetime) -> None:
        if closes_at is None or at < opens_at:
            when = f"can be done from {_told(opens_at)} on"
        else:
            when = f"could be done until {_told(closes_at)}"
        super().__init__(f"This {when}.", "appointmentId")
        self.opens_at, self.closes_at = opens_at, closes_at


class ConsentRequired(Refusal):
    code = "CONSENT_REQUIRED"


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
