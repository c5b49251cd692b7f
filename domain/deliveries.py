"""Deliveries: how mail leaves the outbox. Several processes may share one.

Mail is claimed, and the claim committed, before it is sent. So it is never sent twice: whoever dies
in between has lost it, and nobody tries again (docs/decisions/0026).
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from domain import links, reminders
from domain.links import Purpose
from domain.mail import Claimed, Mail, MailKind, NotSent, Post, pause
from domain.unit_of_work import Act, UnitOfWork

log = logging.getLogger(__name__)


class Deliveries:
    def __init__(self, act: Act, post: Post, now: Callable[[], datetime]) -> None:
        self._act, self._post, self._now = act, post, now

    async def send_due(self) -> int:
        """Send all that is due, one after the other. Returns how many pieces went out.

        Whoever cancels this waits until the one that is on its way has gone.
        """
        sent = 0
        while claimed := await self._act(lambda work: claim(work, at=self._now())):
            sending = asyncio.ensure_future(self._send(claimed))
            try:
                sent += await asyncio.shield(sending)
            except asyncio.CancelledError:
                await sending
                raise
        return sent

    async def _send(self, claimed: Claimed) -> bool:
        id = claimed.mail.id
        try:
            await self._post.send(claimed.mail)
        except NotSent as fault:
            again = await self._act(
                partial(put_off, claimed=claimed, for_good=fault.for_good, at=self._now())
            )
            outcome = "will be tried again" if again else "is given up"
            log.warning("mail %s was not sent and %s: %s", id, outcome, fault)
            return False
        except Exception as fault:  # noqa: BLE001  # whatever it is, it may have been sent
            # Its text may quote the address.
            log.error("nobody knows whether mail %s was sent: %s", id, type(fault).__name__)  # noqa: TRY400
        await self._act(lambda work: work.outbox.forget(id))
        return True


async def claim(work: UnitOfWork, *, at: datetime) -> Claimed | None:
    """What is due first, as it is to be sent."""
    while claimed := await work.outbox.claim(at=at):
        too_late = at > claimed.added_at + work.limits.mail_for
        if not too_late and (mail := await write(work, claimed.mail, at=at)):
            return replace(claimed, mail=mail)
        await work.outbox.forget(claimed.mail.id)
    return None


async def put_off(work: UnitOfWork, claimed: Claimed, *, for_good: bool, at: datetime) -> bool:
    """Whether it will be tried again; then it is written anew, with links that last as long."""
    limits, mail = work.limits, claimed.mail
    await links.unmake(work, mail.accounts)
    until = at + pause(claimed.tries, first=limits.mail_pause, longest=limits.mail_for)
    if for_good or until > claimed.added_at + limits.mail_for:
        await work.outbox.forget(mail.id)
        return False
    await work.outbox.put_off(mail.id, until=until)
    return True


async def write(work: UnitOfWork, mail: Mail, *, at: datetime) -> Mail | None:
    """With the links that belong into it; None if there is nobody to whom it is due."""
    match mail.kind:
        case MailKind.RESET_PASSWORD:
            purpose = Purpose.RESET_PASSWORD
            accounts = await work.accounts.with_email(mail.to)
        case MailKind.CONFIRM_EMAIL:
            purpose = Purpose.CONFIRM_EMAIL
            found = await work.accounts.with_email(mail.to)
            accounts = [account for account in found if account.confirmed_at is None]
        case MailKind.VISIT_SOON:
            return mail if await reminders.holds(work, mail, at=at) else None
        case _:
            return mail
    named = await links.make(work, accounts, purpose, at=at)
    lasts = links.lasting(work.limits, purpose)
    if not named:
        return None
    return replace(mail, accounts=named, lasts=lasts, language=accounts[0].language)
