"""Sessions: from a sign-in to its end. Access tokens come from them and live for minutes.

A session is renewed with its refresh token, which is good once: whoever renews gets the next one.
A program keeps the token itself. For a page its browser does, in a cookie that all its tabs send.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from domain import opaque_tokens
from domain.accounts import Account
from domain.auth import SYSTEM, EndSession, RenewSession, SignIn, Viewer, permit
from domain.errors import InvalidCredentials, NotFound, Unauthenticated
from domain.ids import SessionId, UserId, new_id
from domain.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`refresh_hash`: SHA-256 of the token that renews it next. `expires_at` is final. `device`,
    `address` and `seen_at` are of the sign-in or the last renewal, for the owner to know it by;
    None for sessions from before these were kept. `pool_grant`: by which the pool that keeps the
    password is asked whether its owner may still come in; None where there is no such pool.
    `cookie_key`: of a session that a browser keeps, by which its token followed from the one before
    (opaque_tokens.after); None: a program keeps it.
    """

    id: SessionId
    user_id: UserId
    refresh_hash: bytes
    created_at: datetime
    expires_at: datetime
    device: str | None = None
    address: str | None = None
    seen_at: datetime | None = None
    ended_at: datetime | None = None
    pool_grant: str | None = field(default=None, repr=False)
    cookie_key: UUID | None = field(default=None, repr=False)

    def is_live(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.expires_at

    def is_renewed_by(self, token: str) -> bool:
        return hmac.compare_digest(opaque_tokens.hash_of(token), self.refresh_hash)

    def shared_by(self, token: str, overlap: timedelta, at: datetime) -> str | None:
        """The present token, for a tab that sends it, or the one before it, when another tab has
        only just renewed.
        """
        if self.cookie_key is None or self.seen_at is None or at >= self.seen_at + overlap:
            return None
        known = (token, opaque_tokens.after(token, self.cookie_key))
        return next((each for each in known if self.is_renewed_by(each)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whence:
    """Where somebody signs in from. `device`: "Chrome on Android", say; None: unknown."""

    device: str | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    viewer: Viewer
    refresh_token: str


class Sessions(Protocol):
    async def add(self, session: Session, /) -> bool: ...
    async def get(self, id: SessionId, /) -> Session | None: ...
    async def lock(self, id: SessionId, /) -> Session | None:
        """The session as it stands, which nobody else changes before this work ends."""
        ...

    async def lock_live(self, user_id: UserId, /, *, at: datetime) -> Sequence[Session]:
        """All of this account that live, which nobody else changes before this work ends."""
        ...

    async def save(self, session: Session, /) -> None: ...
    async def forget_whence(self, user_id: UserId, /) -> None:
        """Of all of this account: from which devices and addresses they were."""
        ...


async def open(
    work: UnitOfWork,
    account: Account,
    whence: Whence,
    *,
    in_cookie: bool = False,
    grant: str | None = None,
    at: datetime,
) -> OpenedSession:
    """For an account whose password, or passkey, has just been verified. Raises InvalidCredentials
    if the password has been changed meanwhile: whoever resets it ends all sessions, and this one
    would escape.
    """
    await work.lock(account.id)
    current = await work.accounts.get(account.id)
    if current is None or current.password_hash != account.password_hash:
        raise InvalidCredentials
    id = SessionId(new_id())
    token = opaque_tokens.make(id)
    session = Session(
        id=id,
        user_id=account.id,
        refresh_hash=opaque_tokens.hash_of(token),
        created_at=at,
        expires_at=at + work.limits.session_for,
        device=whence.device,
        address=whence.address,
        seen_at=at,
        pool_grant=grant,
        cookie_key=uuid4() if in_cookie else None,
    )
    viewer = Viewer(user_id=account.id, role=account.role, session_id=id)
    permit(work, viewer, SignIn(user_id=account.id))
    await work.sessions.add(session)
    return OpenedSession(viewer=viewer, refresh_token=token)


async def to_renew(work: UnitOfWork, token: str, *, at: datetime) -> Session | None:
    """The session that this refresh token is good for, as things stand."""
    id = opaque_tokens.id_of(token)
    session = await work.sessions.get(SessionId(id)) if id else None
    good = session is not None and session.is_live(at) and session.is_renewed_by(token)
    return session if good else None


async def renew(
    work: UnitOfWork,
    token: str,
    key: UUID | None,
    whence: Whence,
    *,
    in_cookie: bool = False,
    disowned: bool = False,
    at: datetime,
) -> OpenedSession | None:
    """The session of this refresh token, with its next one; None if the token is not good.

    One that was spent before has been copied, by whom we cannot tell: the session ends for
    everybody (RFC 9700, 4.14.2). That has to be kept, so that nothing is raised. But whoever has
    the key with which it was spent did it himself and lost the answer: he gets it again, until he
    has spent the next one. One that is `disowned`, the pool letting its owner in no more, ends too.

    Tabs that renew at once, and a page that is loaded again before it was answered, have no key in
    common but what is in the cookie. For them the key is ours, and kept with the session: for a
    moment they all get the one token that follows. And one that comes otherwise than it is kept has
    been taken out of its cookie, or put into one: its session ends.
    """
    id = opaque_tokens.id_of(token)
    session = await work.sessions.lock(SessionId(id)) if id else None
    if session is None or not session.is_live(at):
        return None
    account = await work.accounts.get(session.user_id)
    if account is None:
        return None
    viewer = Viewer(user_id=account.id, role=account.role, session_id=session.id)
    key = uuid4() if in_cookie else key
    following = opaque_tokens.make(session.id) if key is None else opaque_tokens.after(token, key)
    if in_cookie:
        again = session.shared_by(token, work.limits.tabs_overlap, at)
    else:
        again = following if session.is_renewed_by(following) else None
    kept_otherwise = in_cookie != (session.cookie_key is not None)
    if disowned or kept_otherwise or not (again or session.is_renewed_by(token)):
        await _end(work, viewer, session, at)
        return None
    permit(work, viewer, RenewSession(user_id=account.id))
    if again is not None:
        return OpenedSession(viewer=viewer, refresh_token=again)
    renewed = replace(
        session,
        refresh_hash=opaque_tokens.hash_of(following),
        device=whence.device,
        address=whence.address,
        seen_at=at,
        cookie_key=key if in_cookie else None,
    )
    await work.sessions.save(renewed)
    return OpenedSession(viewer=viewer, refresh_token=following)


async def sign_out(work: UnitOfWork, viewer: Viewer, *, at: datetime) -> None:
    """End the viewer's own session. Raises Unauthenticated if that has happened already."""
    session = await work.sessions.lock(viewer.session_id) if viewer.session_id else None
    if session is None or not session.is_live(at):
        raise Unauthenticated
    await _end(work, viewer, session, at)


async def end(work: UnitOfWork, viewer: Viewer, session_id: SessionId, *, at: datetime) -> Session:
    """Any session of the viewer's own; one that has ended stays so. Raises NotFound."""
    session = await work.sessions.lock(session_id)
    if session is None or session.user_id != viewer.user_id:
        raise NotFound("There is no such session of yours.")
    if not session.is_live(at):
        return session
    await _end(work, viewer, session, at)
    return replace(session, ended_at=at, pool_grant=None)


async def end_others(work: UnitOfWork, viewer: Viewer, *, at: datetime) -> None:
    """End the sessions of the account but for the one that the viewer asks with, if any."""
    for session in await work.sessions.lock_live(viewer.user_id, at=at):
        if session.id != viewer.session_id:
            await _end(work, viewer, session, at)


async def end_all(work: UnitOfWork, user_id: UserId, *, at: datetime) -> None:
    """Show somebody out, everywhere, who did not ask for it."""
    for session in await work.sessions.lock_live(user_id, at=at):
        await _end(work, SYSTEM, session, at)


async def _end(work: UnitOfWork, viewer: Viewer, session: Session, at: datetime) -> None:
    permit(work, viewer, EndSession(user_id=session.user_id))
    await work.sessions.save(replace(session, ended_at=at, pool_grant=None))
    work.shut_out(session.id)
