"""Mail by SMTP (RFC 5321), to a server that takes it from there."""

import asyncio
import ssl
from contextlib import suppress
from email.policy import SMTP as WIRE
from functools import partial
from urllib.parse import parse_qsl, unquote, urlsplit

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientRefused
from aiosmtplib.errors import SMTPResponseException

from domain.mail import Mail, NotSent
from integrations.letters import Letters

_SCHEMES = frozenset({"smtp", "smtps"})
_SECONDS = 20.0  # for each of the two halves
_FOR_GOOD = 500  # and beyond: RFC 5321, 4.2.1


class SmtpPost:
    """`url`: smtp://user:password@host:587?starttls, or smtps:// for TLS from the first byte.

    Raises ValueError for any other.
    """

    def __init__(self, url: str, letters: Letters, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.scheme not in _SCHEMES or not parts.hostname or options.keys() - {"starttls"}:
            raise ValueError("It is smtp://user:password@host:port, perhaps with ?starttls.")
        self._letters = letters
        self._client = partial(
            SMTP,
            hostname=parts.hostname,
            port=parts.port,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            start_tls="starttls" in options,
            tls_context=tls,
            timeout=_SECONDS,
        )

    async def send(self, mail: Mail, /) -> None:
        try:
            letter = self._letters.write(mail)
        except ValueError as fault:
            raise NotSent("no server would take this address", for_good=True) from fault
        recipient = letter["To"].addresses[0].addr_spec
        sender = letter["From"].addresses[0].addr_spec
        client = self._client()
        try:
            try:
                async with asyncio.timeout(_SECONDS):
                    await client.connect()
                    await client.mail(sender)
                    await client.rcpt(recipient)
            except (SMTPException, OSError) as fault:
                raise _not_sent(fault) from None  # its text quotes the address
            try:
                async with asyncio.timeout(_SECONDS):
                    await client.data(letter.as_bytes(policy=WIRE))
            except SMTPDataError as fault:
                raise _not_sent(fault) from None
            with suppress(SMTPException, OSError):
                await client.quit()
        finally:
            client.close()


def _not_sent(fault: Exception) -> NotSent:
    """What is wrong with us (our password, our address) may be mended meanwhile."""
    name = type(fault).__name__
    if not isinstance(fault, SMTPResponseException):
        return NotSent(name)
    ours = not isinstance(fault, SMTPRecipientRefused | SMTPDataError)
    return NotSent(f"{name} {fault.code}", for_good=fault.code >= _FOR_GOOD and not ours)
