"""Administrators: made, given new credentials and shut out by whoever runs the server, and by
nobody who asks it. None is ever without a second factor.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain import accounts, second_factor, sessions
from domain.accounts import Account
from domain.auth import SYSTEM, RemoveAdministrator, RenewAdministrator, Role, Viewer, permit
from domain.errors import AlreadyRegistered, NotFound
from domain.second_factor import OneTimeCodes, SecondFactor
from domain.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What he will sign in with. `code`: what his app shows once it has the secret."""

    password_hash: str
    secret: str
    code: str


async def register(
    work: UnitOfWork, email: str, given: Credentials, codes: OneTimeCodes, *, at: datetime
) -> tuple[str, ...]:
    """Returns his recovery codes. Raises AlreadyRegistered or Invalid."""
    account = accounts.new_account(
        work, Role.ADMINISTRATOR, email=email, password_hash=given.password_hash, at=at
    )
    if not await work.accounts.add(replace(account, confirmed_at=at)):
        raise AlreadyRegistered("There is an administrator with this address.")
    return await _protect(work, account, given, codes, at)


async def renew(
    work: UnitOfWork, email: str, given: Credentials, codes: OneTimeCodes, *, at: datetime
) -> tuple[str, ...]:
    """Other credentials; his sessions end. Returns his recovery codes.

    Raises NotFound or Invalid.
    """
    account = await _find(work, email)
    permit(work, SYSTEM, RenewAdministrator(user_id=account.id))
    await work.accounts.save(replace(account, password_hash=given.password_hash))
    await _shut_out(work, account, at)
    return await _protect(work, account, given, codes, at)


async def remove(work: UnitOfWork, email: str, *, at: datetime) -> None:
    """He signs in no more, unless he is renewed; the audit log goes on knowing him.

    Raises NotFound.
    """
    account = await _find(work, email)
    permit(work, SYSTEM, RemoveAdministrator(user_id=account.id))
    await _shut_out(work, account, at)


async def _shut_out(work: UnitOfWork, account: Account, at: datetime) -> None:
    await work.second_factors.remove(account.id)
    for passkey in await work.passkeys.of(account.id):
        await work.passkeys.remove(passkey.id)
    await sessions.end_all(work, account.id, at=at)


async def _find(work: UnitOfWork, email: str) -> Account:
    """As it stands; nobody signs in with it before this work ends."""
    account = await work.accounts.of_administrator(email)
    if account is None:
        raise NotFound("There is no administrator with this address.")
    await work.lock(account.id)
    return await work.accounts.get(account.id) or account


async def _protect(
    work: UnitOfWork, account: Account, given: Credentials, codes: OneTimeCodes, at: datetime
) -> tuple[str, ...]:
    viewer = Viewer(user_id=account.id, role=Role.ADMINISTRATOR)
    factor = SecondFactor(id=account.id, secret=given.secret, begun_at=at)
    await work.second_factors.put(factor)
    return await second_factor.confirm(work, viewer, given.code, codes, at=at)
