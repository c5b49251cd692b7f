"""A new password for whoever knows the old one. Who has forgotten it has domain/recovery.py."""

from dataclasses import replace
from datetime import datetime

from domain import links, second_factor, sessions
from domain.accounts import Account
from domain.auth import ChangePassword, Viewer, permit
from domain.errors import InvalidCredentials
from domain.links import Purpose
from domain.mail import MailKind
from domain.second_factor import OneTimeCodes
from domain.unit_of_work import UnitOfWork


async def prove(
    work: UnitOfWork,
    viewer: Viewer,
    account: Account,
    otp: str | None,
    codes: OneTimeCodes,
    *,
    at: datetime,
) -> None:
    """The code, once the password has been verified, and before another is hashed or given to a
    pool. `account`: as it was verified. Raises MfaRequired and InvalidCredentials.
    """
    permit(work, viewer, ChangePassword(user_id=viewer.user_id))
    await _as_verified(work, account)
    await second_factor.prove(work, account, otp, codes, at=at)


async def change(
    work: UnitOfWork,
    viewer: Viewer,
    account: Account,
    *,
    password_hash: str,
    grant: str | None,
    at: datetime,
) -> None:
    """The session that asks goes on, all others of the account end, and links for a new password
    are good no more. `grant`: of a pool that has taken the password; what was granted by the old
    one is worth nothing. Raises InvalidCredentials if another has been chosen meanwhile.
    """
    current = await _as_verified(work, account)
    await work.accounts.save(replace(current, password_hash=password_hash))
    own = await work.sessions.lock(viewer.session_id) if viewer.session_id else None
    if own is not None and grant is not None:
        await work.sessions.save(replace(own, pool_grant=grant))
    await sessions.end_others(work, viewer, at=at)
    await work.links.spend(account.id, Purpose.RESET_PASSWORD, at=at)
    await links.tell(work, account.id, MailKind.PASSWORD_CHANGED, at=at)


async def _as_verified(work: UnitOfWork, account: Account) -> Account:
    await work.lock(account.id)
    current = await work.accounts.get(account.id)
    if current is None or current.password_hash != account.password_hash:
        raise InvalidCredentials
    return current
