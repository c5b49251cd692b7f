"""Identity: who keeps the passwords. That may be the account's own row, or a pool elsewhere.

Whoever keeps them, sessions are ours: they are opened when a password has been proved, are listed
and ended one by one, and end at once. So a pool is asked when somebody signs in, and when he renews
his session.
"""

from dataclasses import dataclass, field
from typing import Protocol

from domain.accounts import Account
from domain.errors import TooManyAttempts
from domain.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """The password is right. `fresh_hash`: what the account is to keep by it from now on.

    `challenge`: the pool has a second factor of its own, and wants its code first. `second_factor`:
    it has had one. `grant`: by which the pool can be asked again whether it still lets him in.
    """

    fresh_hash: str | None = None
    challenge: str | None = field(default=None, repr=False)
    second_factor: bool = False
    grant: str | None = field(default=None, repr=False)


class Unanswered(Exception):
    """The pool has said neither yes nor no. The message names nobody."""


class Busy(TooManyAttempts, Unanswered):
    """It is asked by too many."""


class IdentityProvider(Protocol):
    """Each raises Unanswered, or Busy. `is_outside`: it keeps what no act of ours can undo."""

    is_outside: bool

    async def enrol(self, id: UserId, password: str, /) -> str:
        """Take the password of an account that is about to be. Returns its Account.password_hash,
        which for the same password is another one each time. Raises Invalid.
        """
        ...

    async def change(self, id: UserId, password: str, /) -> str:
        """Another password from now on; returns what `enrol` does. Ends what the account has
        opened elsewhere by the old one. Raises Invalid.
        """
        ...

    async def verify(self, account: Account | None, password: str, /) -> Proven | None:
        """None if it is wrong. With None (no such account) it takes as long and answers None."""
        ...

    async def answer(self, account: Account, proven: Proven, otp: str | None, /) -> Proven:
        """The pool's challenge, if there is one. Raises MfaRequired without a code and
        InvalidCredentials with a wrong one.
        """
        ...

    async def renew(self, id: UserId, grant: str, /) -> bool:
        """Whether the pool still lets this account in."""
        ...

    async def remove(self, id: UserId, /) -> None:
        """Forget the password of an account that has not come to be."""
        ...
