"""Mail: what people are told by e-mail, and the outbox that it leaves from.

An act puts its mail into the outbox of its own transaction, so that it is told if, and only if, the
act has happened. Texts are written where it is sent (integrations/letters.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.accounts import Language
from domain.calendars import Entry
from domain.ids import DoctorId, MailId, PatientId, new_id


class MailKind(StrEnum):
    """The first two have a link for each account, which is made as they leave."""

    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  # a kind, no password
    CONFIRM_EMAIL = "CONFIRM_EMAIL"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    REGISTRATION_VERIFIED = "REGISTRATION_VERIFIED"
    REGISTRATION_SUSPENDED = "REGISTRATION_SUSPENDED"
    VISITS_IN_DOUBT = "VISITS_IN_DOUBT"
    PASSKEY_ADDED = "PASSKEY_ADDED"
    SECOND_FACTOR_ON = "SECOND_FACTOR_ON"
    SECOND_FACTOR_OFF = "SECOND_FACTOR_OFF"
    ACCESS_REQUESTED = "ACCESS_REQUESTED"
    GLASS_BROKEN = "GLASS_BROKEN"
    EMAIL_CHANGED = "EMAIL_CHANGED"
    EXPORT_READY = "EXPORT_READY"
    ACCOUNT_ERASED = "ACCOUNT_ERASED"
    IN_PERSON_ASKED = "IN_PERSON_ASKED"
    IN_PERSON_ANSWERED = "IN_PERSON_ANSWERED"
    CALENDAR_FEED_MADE = "CALENDAR_FEED_MADE"
    VISIT_REQUESTED = "VISIT_REQUESTED"
    VISIT_CONFIRMED = "VISIT_CONFIRMED"
    VISIT_MOVED = "VISIT_MOVED"
    VISIT_DECLINED = "VISIT_DECLINED"
    VISIT_CANCELLED = "VISIT_CANCELLED"
    VISIT_EXPIRED = "VISIT_EXPIRED"
    VISIT_SOON = "VISIT_SOON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An account as its owner knows it: by his CRM (`123456/SP`), or, if None, as a patient or an
    administrator. `token`: of the link that goes with it.
    """

    crm: str | None
    administrator: bool = False
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment as it stood `at` that moment. `time_zone`: the reader's, an IANA name."""

    entry: Entry
    time_zone: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`accounts`: those that it is about. `lasts`: how long links do. `visit`: of each kind that is
    named after one.
    """

    id: MailId
    kind: MailKind
    to: str
    language: Language = Language.PORTUGUESE
    accounts: tuple[Named, ...] = ()
    lasts: timedelta | None = None
    visit: Visit | None = None


def mail(
    kind: MailKind, to: str, *accounts: Named, language: Language = Language.PORTUGUESE
) -> Mail:
    """Of an account in its own language; links are in that of whose they are, as they leave."""
    return Mail(id=MailId(new_id()), kind=kind, to=to, language=language, accounts=accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Mail that is ours to send. `tries` counts this one."""

    mail: Mail
    tries: int
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who is written to of a visit."""

    email: str
    language: Language
    time_zone: str
    named: Named


class Readers(Protocol):
    async def of(self, patient_id: PatientId, doctor_id: DoctorId, /) -> Sequence[Reader]:
        """The patient, unless he has had himself erased, and the doctor."""
        ...


class Outbox(Protocol):
    async def add(self, *mails: Mail, at: datetime) -> None: ...
    async def claim(self, *, at: datetime) -> Claimed | None:
        """What is due first. Nobody is given it again unless it is put off."""
        ...

    async def put_off(self, id: MailId, /, *, until: datetime) -> None: ...
    async def forget(self, id: MailId, /) -> None:
        """It was sent, or will never be: to whom it went, and what it said, is deleted."""
        ...

    async def forget_all_to(self, email: str, /) -> int:
        """Of all that nobody has claimed. Returns how many pieces that were."""
        ...


class NotSent(Exception):
    """It is certain that nobody has got the mail. `for_good`: nor will he, if it is tried again.

    The message names neither the address nor what was to be told.
    """

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


class Post(Protocol):
    """Takes mail to where it is going."""

    async def send(self, mail: Mail, /) -> None:
        """Raises NotSent. After any other error nobody knows whether it has arrived."""
        ...


def pause(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Before it is tried once more, each twice as long as the one before."""
    multiple = 1 << min(tries - 1, 20)  # of a minute is two years
    return min(first * multiple, longest)
