"""Accounts: how people prove who they are.

Hashing a password takes tens of milliseconds, so it is done outside any transaction; the use
cases here are told the hash.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import available_timezones

from domain.auth import Register, Role, Viewer, permit
from domain.errors import Invalid, Refusal
from domain.ids import DoctorId, UserId, new_id
from domain.unit_of_work import UnitOfWork

PASSWORD_SHORTEST, PASSWORD_LONGEST = 8, 128  # OWASP ASVS 5, 6.2.1 and 6.2.9
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s.\x00-\x1f]+(?:\.[^@\s.\x00-\x1f]+)+")
_ZONES = frozenset(available_timezones())
_EMAIL_LONGEST = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets


class Language(StrEnum):
    """In which people are written to, as in BCP 47."""

    PORTUGUESE = "pt-BR"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`confirmed_at`: when it was known that its owner reads the mail of this address.
    `password_hash`: as the identity provider has it; where a pool keeps the password, a mark that
    is another one after each change.
    """

    id: UserId
    role: Role
    email: str
    password_hash: str
    created_at: datetime
    confirmed_at: datetime | None = None
    language: Language = Language.PORTUGUESE


class Accounts(Protocol):
    async def get(self, id: UserId, /) -> Account | None: ...
    async def of_patient(self, email: str, cpf: str, /) -> Account | None:
        """By e-mail, whatever its case, and the eleven digits of the CPF."""
        ...

    async def of_administrator(self, email: str, /) -> Account | None: ...
    async def of_doctor(self, crm: str, uf: str, /) -> Account | None: ...
    async def of_patients_expected(
        self, doctor_id: DoctorId, /, *, at: datetime
    ) -> Sequence[Account]:
        """Of those who have an appointment with this doctor, or wait for his answer, from now."""
        ...

    async def patient_with(self, email: str, /) -> Account | None: ...
    async def with_email(self, email: str, /) -> Sequence[Account]:
        """The oldest ten, administrators left out. Doctors may share an address."""
        ...

    async def add(self, account: Account, /) -> bool:
        """False, and nothing added, if a patient, or an administrator, has this e-mail already and
        this is another one.
        """
        ...

    async def save(self, account: Account, /) -> None: ...
    async def rehash(self, account: Account, fresh_hash: str, /) -> None:
        """The same password under another hash, unless it was changed meanwhile."""
        ...


class Passwords(Protocol):
    """Argon2id, away from the event loop."""

    async def hash(self, password: str, /) -> str: ...
    async def verify(self, password: str, hashed: str | None, /) -> bool:
        """With None (no such account) it takes as long and answers False."""
        ...

    def is_outdated(self, hashed: str, /) -> bool:
        """Whether it was made with other parameters than are used today."""
        ...

    def is_common(self, password: str, /) -> bool:
        """Whether guessers try it first, in whatever case (OWASP ASVS 5, 6.2.4)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What an access token proves, and until when."""

    viewer: Viewer
    expires_at: datetime


class Tokens(Protocol):
    """Access tokens: JWTs signed with an asymmetric key."""

    def issue(self, viewer: Viewer, /, *, at: datetime) -> tuple[str, datetime]:
        """The token, and when it expires."""
        ...

    def prove(self, token: str, /, *, at: datetime) -> Proof | None:
        """Whom it proves, and until when; None for what is expired, forged or no token at all."""
        ...


def email_faults(email: str, *path: str) -> Iterator[Refusal]:
    if len(email) > _EMAIL_LONGEST or not _EMAIL.fullmatch(email):
        yield Invalid("This is not an e-mail address.", *path)


def password_faults(passwords: Passwords, password: str, *path: str) -> Iterator[Refusal]:
    if passwords.is_common(password):
        yield Invalid("Many people have this password; choose one that nobody would guess.", *path)
    if not PASSWORD_SHORTEST <= len(password) <= PASSWORD_LONGEST:
        yield Invalid(
            f"A password has {PASSWORD_SHORTEST} to {PASSWORD_LONGEST} characters.", *path
        )


def name_faults(name: str, *path: str) -> Iterator[Refusal]:
    """Of a person's name, trimmed."""
    if not 2 <= len(name) <= 120 or not name.isprintable():  # noqa: PLR2004  any name people bear
        yield Invalid("A name has 2 to 120 characters.", *path)


def zone_faults(time_zone: str, *path: str) -> Iterator[Refusal]:
    if time_zone not in _ZONES:
        yield Invalid("This is not an IANA time zone, such as America/Sao_Paulo.", *path)


def new_account(
    work: UnitOfWork,
    role: Role,
    *,
    id: UserId | None = None,
    email: str,
    password_hash: str,
    language: Language = Language.PORTUGUESE,
    at: datetime,
) -> Account:
    """An account that is still to be added, its registration entered in the audit log. `id`: the
    one under which its password was enrolled, if that is known already.
    """
    account = Account(
        id=id or UserId(new_id()),
        role=role,
        email=email,
        password_hash=password_hash,
        created_at=at,
        language=language,
    )
    viewer = Viewer(user_id=account.id, role=role)
    permit(work, viewer, Register(user_id=account.id))
    return account
