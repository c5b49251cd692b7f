"""Partners: programs of others, which sign in with a secret (client credentials, RFC 6749, 4.4).

A token is to its partner what a session is to a person: it has a row, ends at once everywhere, and
is what the viewer's `session_id` names. It cannot be renewed; the partner asks for another one.
"""

import hmac
import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from domain import opaque_tokens
from domain.accounts import name_faults
from domain.auth import (
    IssueToken,
    RegisterPartner,
    ReinstatePartner,
    RevokeToken,
    Role,
    RotatePartnerSecret,
    Scope,
    SuspendPartner,
    UpdatePartner,
    Viewer,
    permit,
)
from domain.errors import Invalid, NotFound, Refusal, WrongStatus, refuse_any
from domain.ids import PartnerId, SessionId, UserId, new_id
from domain.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """`secret_hash`: SHA-256 of 256 random bits, which nobody can guess however fast he hashes.
    `previous_hash`: of the secret before it, which is good until `previous_until`.
    """

    id: PartnerId
    name: str
    scopes: tuple[Scope, ...]
    secret_hash: bytes = field(repr=False)
    created_at: datetime
    previous_hash: bytes | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    suspended_at: datetime | None = None

    def knows(self, secret: str, at: datetime) -> bool:
        """How long it takes says nothing of how much of the secret is right."""
        given = opaque_tokens.hash_of(secret)
        current = hmac.compare_digest(given, self.secret_hash)
        previous = hmac.compare_digest(given, self.previous_hash or b"")
        return current or (previous and self.overlaps(at))

    def overlaps(self, at: datetime) -> bool:
        """Whether the secret before the last rotation is good still."""
        return self.previous_until is not None and at < self.previous_until


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerToken:
    id: SessionId
    partner_id: PartnerId
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Of one day, UTC. `errors`: operations of which some field, or all, failed."""

    day: date
    operations: int
    points: int
    errors: int


class Partners(Protocol):
    async def add(self, partner: Partner, /) -> bool: ...
    async def lock(self, id: PartnerId, /) -> Partner | None:
        """As it stands, which nobody else changes before this work ends."""
        ...

    async def pin(self, id: PartnerId, /) -> Partner | None:
        """The same, but others may pin it too."""
        ...

    async def save(self, partner: Partner, /) -> None: ...


class PartnerTokens(Protocol):
    async def add(self, token: PartnerToken, /) -> bool: ...
    async def get(self, id: SessionId, /) -> PartnerToken | None: ...
    async def end(self, id: SessionId, /, *, at: datetime) -> bool:
        """False if it has ended already."""
        ...

    async def end_live(self, partner_id: PartnerId, /, *, at: datetime) -> Sequence[SessionId]:
        """All that live; which they were."""
        ...


def show_scopes(scopes: Collection[Scope]) -> str:
    """As RFC 6749, section 3.3, has them."""
    return " ".join(in_order(scopes))


def in_order(scopes: Collection[Scope]) -> tuple[Scope, ...]:
    """Of their declaration."""
    return tuple(scope for scope in Scope if scope in scopes)


def read_scopes(texts: Sequence[str], *path: str) -> tuple[Scope, ...]:
    """Each once, in the order of their declaration. Raises a refusal for each that is none."""
    refuse_any(_scope_faults(texts, *path))
    return in_order([Scope(text) for text in texts])


def _scope_faults(texts: Sequence[str], *path: str) -> Iterator[Refusal]:
    known = ", ".join(Scope)
    if not texts:
        yield Invalid(f"A partner has one scope at least: {known}.", *path)
    for number, text in enumerate(texts):
        if text not in set(Scope):
            yield Invalid(f"The scopes are {known}.", *path, str(number))


async def register(
    work: UnitOfWork, viewer: Viewer, name: str, scopes: tuple[Scope, ...], *, at: datetime
) -> tuple[Partner, str]:
    """The partner and its secret, which nobody can read again."""
    id, secret = PartnerId(new_id()), _new_secret()
    permit(work, viewer, RegisterPartner(partner_id=id))
    refuse_any(name_faults(name, "name"))
    partner = Partner(
        id=id,
        name=name,
        scopes=scopes,
        secret_hash=opaque_tokens.hash_of(secret),
        created_at=at,
    )
    await work.partners.add(partner)
    return partner, secret


async def update(
    work: UnitOfWork,
    viewer: Viewer,
    id: PartnerId,
    *,
    name: str | None,
    scopes: tuple[Scope, ...] | None,
    at: datetime,
) -> Partner:
    """None leaves it as it is. If a scope is taken away, tokens end that may have it."""
    permit(work, viewer, UpdatePartner(partner_id=id))
    before = await _lock(work, id)
    if name is not None:
        refuse_any(name_faults(name, "name"))
    after = replace(before, name=name or before.name, scopes=scopes or before.scopes)
    await work.partners.save(after)
    if not set(before.scopes) <= set(after.scopes):
        await _end_tokens(work, id, at)
    return after


async def rotate_secret(
    work: UnitOfWork, viewer: Viewer, id: PartnerId, *, at: datetime
) -> tuple[Partner, str]:
    """A new secret; the one it replaces is good for `secret_overlap`, the one before that no more.

    Tokens live on: they were issued to the same partner.
    """
    permit(work, viewer, RotatePartnerSecret(partner_id=id))
    before, secret = await _lock(work, id), _new_secret()
    after = replace(
        before,
        secret_hash=opaque_tokens.hash_of(secret),
        previous_hash=before.secret_hash,
        previous_until=at + work.limits.secret_overlap,
    )
    await work.partners.save(after)
    return after, secret


async def suspend(work: UnitOfWork, viewer: Viewer, id: PartnerId, *, at: datetime) -> Partner:
    """Its tokens end, and it gets no more. Raises WrongStatus if it is suspended."""
    permit(work, viewer, SuspendPartner(partner_id=id))
    before = await _lock(work, id)
    if before.suspended_at is not None:
        raise WrongStatus("This partner is suspended already.")
    after = replace(before, suspended_at=at)
    await work.partners.save(after)
    await _end_tokens(work, id, at)
    return after


async def reinstate(work: UnitOfWork, viewer: Viewer, id: PartnerId) -> Partner:
    """It may ask for tokens again. Raises WrongStatus if it is not suspended."""
    permit(work, viewer, ReinstatePartner(partner_id=id))
    before = await _lock(work, id)
    if before.suspended_at is None:
        raise WrongStatus("This partner is not suspended.")
    after = replace(before, suspended_at=None)
    await work.partners.save(after)
    return after


async def prove(
    work: UnitOfWork, id: PartnerId | None, secret: str, *, at: datetime
) -> Partner | None:
    """The partner with this id and secret, pinned; None if there is none, or it is suspended."""
    partner = await work.partners.pin(id) if id else None
    if partner is None or not partner.knows(secret, at) or partner.suspended_at is not None:
        return None
    return partner


async def issue(
    work: UnitOfWork, partner: Partner, scopes: frozenset[Scope], *, at: datetime
) -> Viewer:
    """Whom a new token proves. The partner is pinned, so that no token escapes a suspension."""
    token = PartnerToken(
        id=SessionId(new_id()),
        partner_id=partner.id,
        scopes=in_order(scopes),
        created_at=at,
        expires_at=at + work.limits.token_for,
    )
    viewer = _viewer(partner, token)
    permit(work, viewer, IssueToken(partner_id=partner.id, token_id=token.id))
    await work.partner_tokens.add(token)
    return viewer


async def revoke(work: UnitOfWork, partner: Partner, token: PartnerToken, *, at: datetime) -> None:
    """One that has ended stays so (RFC 7009, section 2.2)."""
    permit(work, _viewer(partner, token), RevokeToken(partner_id=partner.id, token_id=token.id))
    if await work.partner_tokens.end(token.id, at=at):
        work.shut_out(token.id)


def _viewer(partner: Partner, token: PartnerToken) -> Viewer:
    return Viewer(
        user_id=UserId(partner.id),
        role=Role.PARTNER,
        session_id=token.id,
        scopes=frozenset(token.scopes),
    )


async def _lock(work: UnitOfWork, id: PartnerId) -> Partner:
    partner = await work.partners.lock(id)
    if partner is None:
        raise NotFound("There is no such partner.")
    return partner


async def _end_tokens(work: UnitOfWork, id: PartnerId, at: datetime) -> None:
    for token_id in await work.partner_tokens.end_live(id, at=at):
        work.shut_out(token_id)


def _new_secret() -> str:
    return secrets.token_urlsafe(32)
