"""Links that are sent by mail. Whoever follows one reads the mail of the account's owner.

A link is good once, for a while, and for the address that it was sent to. It is made as the mail
leaves: its token is never kept, but for its SHA-256.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain import doctors, opaque_tokens
from domain.accounts import Account
from domain.auth import Role
from domain.errors import TokenExpired
from domain.ids import DoctorId, LinkId, UserId, new_id
from domain.limits import Limits
from domain.mail import MailKind, Named, mail
from domain.unit_of_work import UnitOfWork

_HOUR = timedelta(hours=1)


class Purpose(StrEnum):
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  # a purpose, no password
    CONFIRM_EMAIL = "CONFIRM_EMAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    id: LinkId
    account_id: UserId
    purpose: Purpose
    email: str
    token_hash: bytes
    created_at: datetime
    expires_at: datetime
    spent_at: datetime | None = None

    def is_good(self, purpose: Purpose, token: str, at: datetime) -> bool:
        return (
            self.purpose is purpose
            and hmac.compare_digest(opaque_tokens.hash_of(token), self.token_hash)
            and self.spent_at is None
            and at < self.expires_at
        )


class Links(Protocol):
    async def get(self, id: LinkId, /) -> Link | None: ...
    async def add(self, link: Link, /) -> bool: ...
    async def spend(self, account_id: UserId, purpose: Purpose, /, *, at: datetime) -> None:
        """All that this account has for the purpose."""
        ...

    async def remove(self, ids: Sequence[LinkId], /) -> None: ...
    async def remove_all(self, account_id: UserId, /) -> int:
        """Returns how many there were."""
        ...

    async def made_since(self, account_id: UserId, purpose: Purpose, since: datetime, /) -> int: ...


def lasting(limits: Limits, purpose: Purpose) -> timedelta:
    return limits.reset_for if purpose is Purpose.RESET_PASSWORD else limits.confirm_for


async def make(
    work: UnitOfWork, accounts: Sequence[Account], purpose: Purpose, *, at: datetime
) -> tuple[Named, ...]:
    """A link for each account. None for one that had as many as it may within the last hour, so
    that nobody fills a stranger's mailbox.
    """
    lasts = lasting(work.limits, purpose)
    made = []
    for account in accounts:
        if await work.links.made_since(account.id, purpose, at - _HOUR) >= work.limits.links:
            continue
        id = LinkId(new_id())
        token = opaque_tokens.make(id)
        link = Link(
            id=id,
            account_id=account.id,
            purpose=purpose,
            email=account.email,
            token_hash=opaque_tokens.hash_of(token),
            created_at=at,
            expires_at=at + lasts,
        )
        await work.links.add(link)
        made.append(await name(work, account, token))
    return tuple(made)


async def unmake(work: UnitOfWork, accounts: Sequence[Named]) -> None:
    """The mail that they went with has reached nobody."""
    ids = [opaque_tokens.id_of(named.token) for named in accounts if named.token is not None]
    await work.links.remove([LinkId(id) for id in ids if id is not None])


async def follow(work: UnitOfWork, token: str, purpose: Purpose, *, at: datetime) -> Account:
    """Whose link it is. Raises TokenExpired if it is not, or no longer, good."""
    account, _ = await _find(work, token, purpose, at)
    return account


async def spend(work: UnitOfWork, token: str, purpose: Purpose, *, at: datetime) -> Account:
    """The same, and neither it nor any other of this account and purpose is good from now on.

    Nobody else changes the account before this work ends.
    """
    _, link = await _find(work, token, purpose, at)
    await work.lock(link.account_id)
    account, _ = await _find(work, token, purpose, at)  # it may have been spent as we waited
    await work.links.spend(account.id, purpose, at=at)
    return account


async def name(work: UnitOfWork, account: Account, token: str | None = None) -> Named:
    doctor = await work.doctors.get(DoctorId(account.id)) if account.role is Role.DOCTOR else None
    if doctor is not None:
        return replace(doctors.named(doctor), token=token)
    return Named(crm=None, administrator=account.role is Role.ADMINISTRATOR, token=token)


async def tell(work: UnitOfWork, user_id: UserId, kind: MailKind, *, at: datetime) -> None:
    """Mail to the account's owner about the account itself."""
    account = await work.accounts.get(user_id)
    if account is not None:
        named = await name(work, account)
        letter = mail(kind, account.email, named, language=account.language)
        await work.outbox.add(letter, at=at)


async def _find(
    work: UnitOfWork, token: str, purpose: Purpose, at: datetime
) -> tuple[Account, Link]:
    id = opaque_tokens.id_of(token)
    link = await work.links.get(LinkId(id)) if id else None
    if link is not None and link.is_good(purpose, token, at):
        account = await work.accounts.get(link.account_id)
        if account is not None and account.email == link.email:
            return account, link
    raise TokenExpired("This link is no longer good; ask for another one.", "token")
