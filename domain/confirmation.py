"""Confirmation: that whoever registers reads the mail of the address he gives.

Where it is asked for, nobody learns by registering whether an e-mail, a CPF or a CRM is taken: the
answer is the same, and its owner is told by mail.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from domain import links
from domain.accounts import Account
from domain.auth import ConfirmEmail, Viewer, permit
from domain.errors import AlreadyRegistered, Refusal
from domain.links import Purpose
from domain.mail import MailKind, mail
from domain.unit_of_work import UnitOfWork


async def register(
    work: UnitOfWork,
    join: Callable[[], Awaitable[object]],
    owners: Callable[[], Awaitable[Sequence[Account]]],
    email: str,
    *,
    at: datetime,
) -> None:
    """`join` adds the account; when it is AlreadyRegistered, `owners` are told."""
    try:
        async with work.savepoint():
            await join()
    except Refusal as refusal:
        if not all(isinstance(each, AlreadyRegistered) for each in refusal.each()):
            raise
        for owner in await owners():
            await _tell(work, owner, at)
    else:
        await request(work, email, at=at)


async def _tell(work: UnitOfWork, owner: Account, at: datetime) -> None:
    """Whoever has not confirmed yet has lost that mail, perhaps."""
    if owner.confirmed_at is None:
        await request(work, owner.email, at=at)
    else:
        await links.tell(work, owner.id, MailKind.ALREADY_REGISTERED, at=at)


async def request(work: UnitOfWork, email: str, *, at: datetime) -> None:
    """A link for each account of this address that is not confirmed, if there are any."""
    await work.outbox.add(mail(MailKind.CONFIRM_EMAIL, email), at=at)


async def confirm(work: UnitOfWork, token: str, *, at: datetime) -> None:
    """Raises TokenExpired."""
    account = await links.spend(work, token, Purpose.CONFIRM_EMAIL, at=at)
    viewer = Viewer(user_id=account.id, role=account.role)
    permit(work, viewer, ConfirmEmail(user_id=account.id))
    await work.accounts.save(replace(account, confirmed_at=account.confirmed_at or at))
