"""Passkeys: signing in by a key that an authenticator keeps, and lets go of for its owner's finger,
face or PIN alone (W3C Web Authentication, Level 3). Such a sign-in is both factors in one.

Each ceremony answers a challenge of ours, which is good once and for a while.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from domain import links, second_factor
from domain.accounts import Account
from domain.auth import AddPasskey, BeginPasskey, RemovePasskey, UsePasskey, Viewer, permit
from domain.errors import Invalid, InvalidCredentials, LimitReached, NotFound
from domain.ids import PasskeyId, UserId, new_id
from domain.mail import MailKind
from domain.second_factor import OneTimeCodes
from domain.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

_NAME_LONGEST = 60
_SIGN_IN = "sign-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """`name`: its owner's word for it. `public_key` is COSE (RFC 9052); `sign_count` stays 0 where
    the authenticator does not count; `backed_up`: its maker keeps copies, on several devices, say.
    """

    id: PasskeyId
    user_id: UserId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    backed_up: bool
    name: str = field(repr=False)
    created_at: datetime
    used_at: datetime | None = None

    def is_behind(self, sign_count: int) -> bool:
        """Whether whoever counts so has not made the last signature: one of the two is a copy."""
        return (sign_count or self.sign_count) > 0 and sign_count <= self.sign_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back from an authenticator, read and not believed. `content`: the whole of it."""

    content: str = field(repr=False)
    credential_id: bytes
    challenge: bytes
    user_handle: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    sign_count: int
    backed_up: bool


class Passkeys(Protocol):
    async def of(self, user_id: UserId, /) -> Sequence[Passkey]:
        """The oldest first."""
        ...

    async def lock(self, id: PasskeyId, /) -> Passkey | None: ...
    async def lock_credential(self, credential_id: bytes, /) -> Passkey | None:
        """As it stands; nobody else changes it before this work ends."""
        ...

    async def add(self, passkey: Passkey, /) -> bool:
        """False, and nothing added, if there is one with this credential id."""
        ...

    async def save(self, passkey: Passkey, /) -> None: ...
    async def remove(self, id: PasskeyId, /) -> None: ...


class Challenges(Protocol):
    """They are not kept until they are spent, so that nobody fills a table by asking for them."""

    def make(self, ceremony: str, /, *, expires_at: datetime) -> bytes: ...
    async def spend(self, challenge: bytes, ceremony: str, /, *, at: datetime) -> bool:
        """False if it is none of ours for this ceremony, has expired, or was spent before."""
        ...


class Ceremonies(Protocol):
    """What is agreed with browsers, in JSON as they take and give it (WebAuthn, 5.1.8 to 5.1.10).

    An answer is genuine if it is of our pages and the owner was asked to prove himself to his
    authenticator. Whether its challenge is ours, the caller has to see to.
    """

    def creation_options(
        self,
        account: Account,
        label: str,
        challenge: bytes,
        existing: Sequence[Passkey],
        /,
        *,
        lasts: timedelta,
    ) -> str: ...
    def request_options(self, challenge: bytes, /, *, lasts: timedelta) -> str:
        """They name no account: the browser offers whatever passkeys it has for us."""
        ...

    def read(self, content: str, /) -> Answer | None:
        """None if it is no answer of either kind."""
        ...

    def new_key(self, answer: Answer, /) -> NewKey | None:
        """None if it is not genuine."""
        ...

    def use(self, answer: Answer, public_key: bytes, /) -> Use | None:
        """None if it is not genuine, or not signed by this key."""
        ...


async def begin(
    work: UnitOfWork,
    viewer: Viewer,
    otp: str | None,
    codes: OneTimeCodes,
    ceremonies: Ceremonies,
    *,
    at: datetime,
) -> str:
    """Options for a browser. For a viewer whose password has just been verified once more.

    A passkey will do without the second factor, wherefore it takes one if it is on. Raises
    MfaRequired, InvalidCredentials and LimitReached.
    """
    permit(work, viewer, BeginPasskey(user_id=viewer.user_id))
    account = await work.accounts.get(viewer.user_id)
    if account is None:
        raise InvalidCredentials
    await second_factor.prove(work, account, otp, codes, at=at)
    existing = await work.passkeys.of(viewer.user_id)
    _refuse_too_many(work, existing)
    crm = (await links.name(work, account)).crm
    lasts = work.limits.passkey_challenge_for
    challenge = work.challenges.make(_adding(viewer), expires_at=at + lasts)
    label = account.email if crm is None else f"{account.email} (CRM {crm})"
    return ceremonies.creation_options(account, label, challenge, existing, lasts=lasts)


async def confirm(
    work: UnitOfWork,
    viewer: Viewer,
    content: str,
    name: str,
    ceremonies: Ceremonies,
    *,
    at: datetime,
) -> Passkey:
    """Add the passkey, for the session that began it, and tell the owner by mail.

    Raises Invalid and LimitReached.
    """
    name = name.strip()
    if not 1 <= len(name) <= _NAME_LONGEST or not name.isprintable():
        raise Invalid(f"A passkey's name has 1 to {_NAME_LONGEST} characters.", "name")
    id = PasskeyId(new_id())
    permit(work, viewer, AddPasskey(user_id=viewer.user_id, passkey_id=id))
    await work.lock(viewer.user_id)
    _refuse_too_many(work, await work.passkeys.of(viewer.user_id))
    refused = Invalid("This is no answer to a request of ours that is still good.", "credential")
    answer = ceremonies.read(content)
    if answer is None or not await work.challenges.spend(answer.challenge, _adding(viewer), at=at):
        raise refused
    key = ceremonies.new_key(answer)
    if key is None:
        raise refused
    passkey = Passkey(
        id=id,
        user_id=viewer.user_id,
        credential_id=answer.credential_id,
        public_key=key.public_key,
        sign_count=key.sign_count,
        transports=key.transports,
        backed_up=key.backed_up,
        name=name,
        created_at=at,
    )
    if not await work.passkeys.add(passkey):
        raise refused
    # Whoever has learned his password may have done it.
    await links.tell(work, viewer.user_id, MailKind.PASSKEY_ADDED, at=at)
    return passkey


def begin_sign_in(work: UnitOfWork, ceremonies: Ceremonies, *, at: datetime) -> str:
    """Options for a browser, for anybody."""
    lasts = work.limits.passkey_challenge_for
    challenge = work.challenges.make(_SIGN_IN, expires_at=at + lasts)
    return ceremonies.request_options(challenge, lasts=lasts)


async def prove(
    work: UnitOfWork, answer: Answer, ceremonies: Ceremonies, *, at: datetime
) -> Account:
    """Whose passkey it is. Raises InvalidCredentials."""
    passkey = await work.passkeys.lock_credential(answer.credential_id)
    if passkey is None or answer.user_handle != passkey.user_id.bytes:
        raise InvalidCredentials
    if not await work.challenges.spend(answer.challenge, _SIGN_IN, at=at):
        raise InvalidCredentials
    use = ceremonies.use(answer, passkey.public_key)
    account = await work.accounts.get(passkey.user_id)
    if use is None or account is None:
        raise InvalidCredentials
    if passkey.is_behind(use.sign_count):
        log.warning("passkey %s counts less than it did: there may be a copy of it", passkey.id)
        raise InvalidCredentials
    viewer = Viewer(user_id=account.id, role=account.role)
    permit(work, viewer, UsePasskey(user_id=account.id, passkey_id=passkey.id))
    used = replace(passkey, sign_count=use.sign_count, backed_up=use.backed_up, used_at=at)
    await work.passkeys.save(used)
    return account


async def remove(work: UnitOfWork, viewer: Viewer, id: PasskeyId) -> None:
    """One of the viewer's own. Raises NotFound."""
    passkey = await work.passkeys.lock(id)
    if passkey is None or passkey.user_id != viewer.user_id:
        raise NotFound("There is no such passkey of yours.")
    permit(work, viewer, RemovePasskey(user_id=viewer.user_id, passkey_id=id))
    await work.passkeys.remove(id)


def _refuse_too_many(work: UnitOfWork, existing: Sequence[Passkey]) -> None:
    if len(existing) >= work.limits.passkeys:
        raise LimitReached("You have as many passkeys as there may be; remove one first.")


def _adding(viewer: Viewer) -> str:
    return f"passkey of {viewer.user_id} by {viewer.session_id}"
