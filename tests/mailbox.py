"""A post that keeps what it is given, and the outbox emptied into it when a test wants."""

from collections.abc import Callable
from typing import Any

from domain.deliveries import Deliveries
from domain.mail import Mail, MailKind
from tests.server import LocalServer


class Mailbox:
    """`fails` is called for each piece before it is kept, and may raise."""

    def __init__(self, fails: Callable[[Mail], Any] = lambda _: None) -> None:
        self.kept: list[Mail] = []
        self.fails = fails

    async def send(self, mail: Mail, /) -> None:
        self.fails(mail)
        self.kept.append(mail)

    async def fetch(self, server: LocalServer) -> int:
        """All that is due. Returns how many pieces went out."""
        return await Deliveries(server.app.works.act, self, lambda: server.now).send_due()

    def of(self, email: str, kind: MailKind | None = None) -> list[Mail]:
        return [m for m in self.kept if m.to == email and kind in (None, m.kind)]


async def tokens(server: LocalServer, email: str, kind: MailKind) -> list[str]:
    """Of the links in the one piece of mail of this kind that is due to this address."""
    mailbox = Mailbox()
    await mailbox.fetch(server)
    [mail] = mailbox.of(email, kind)
    return [named.token for named in mail.accounts if named.token is not None]
