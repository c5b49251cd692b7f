"""Recovery: a new password for whoever reads the account's mail."""

from dataclasses import replace
from datetime import datetime

from domain import links, sessions
from domain.auth import ResetPassword, Viewer, permit
from domain.links import Purpose
from domain.mail import MailKind, mail
from domain.unit_of_work import UnitOfWork


async def request(work: UnitOfWork, email: str, *, at: datetime) -> None:
    """What is done is the same whether or not anybody has this address: it is looked up when the
    mail leaves (domain/deliveries.py).
    """
    await work.outbox.add(mail(MailKind.RESET_PASSWORD, email), at=at)


async def reset(work: UnitOfWork, token: str, *, password_hash: str, at: datetime) -> None:
    """Ends every session of the account. Raises TokenExpired.

    Whoever got the link reads the mail, which thereby is confirmed.
    """
    account = await links.spend(work, token, Purpose.RESET_PASSWORD, at=at)
    viewer = Viewer(user_id=account.id, role=account.role)
    permit(work, viewer, ResetPassword(user_id=account.id))
    changed = replace(account, password_hash=password_hash, confirmed_at=account.confirmed_at or at)
    await work.accounts.save(changed)
    await sessions.end_others(work, viewer, at=at)
    await links.tell(work, account.id, MailKind.PASSWORD_CHANGED, at=at)
