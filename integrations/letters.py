"""Letters: mail as the messages that go out, plain and in HTML (RFC 5322, RFC 2046)."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from domain import clock
from domain.mail import Mail, MailKind
from integrations.calendars import ICalendars, page_of
from integrations.mail_forms import Language
from integrations.mail_texts import LANGUAGES

_PAGES = {
    MailKind.RESET_PASSWORD: "reset-password",
    MailKind.CONFIRM_EMAIL: "confirm-email",
    MailKind.EXPORT_READY: "exports",
}
_BEHIND_A_SIGN_IN = {MailKind.EXPORT_READY}  # such a page is found without a token
_PAGE = """\
<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin:0;background:#f3f5f7">
<div style="max-width:34em;margin:0 auto;padding:2em;background:#fff;\
font:16px/1.5 system-ui,sans-serif;color:#1d2733">
{content}
</div>
</body>
</html>
"""
_PART = """\
<div lang="{language}">
<h1 style="font-size:1.25em">{subject}</h1>
<p>{before}</p>
{accounts}
<p>{after}</p>
<p style="color:#5b6770;font-size:.85em">{closing}</p>
</div>"""
_LINK = """\
<p>{name}<br>
<a href="{link}" style="display:inline-block;margin:.4em 0;padding:.6em 1.1em;border-radius:.4em;\
background:#0b6e66;color:#fff;text-decoration:none">{action}</a><br>
<span style="font-size:.8em;word-break:break-all">{link}</span></p>"""
_NAME = "<p><strong>{name}</strong></p>"


@dataclass(frozen=True, slots=True)
class Letters:
    """`public_url`: where our pages are found. `sender`: `Name <address>`."""

    public_url: str
    sender: str

    def write(self, mail: Mail) -> EmailMessage:
        """In the reader's language, and in the others beneath it."""
        tongues = sorted(LANGUAGES, key=lambda tongue: tongue != mail.language)
        letter = EmailMessage()
        letter["From"] = self.sender
        letter["To"] = address(mail.to)
        letter["Subject"] = LANGUAGES[tongues[0]].texts[mail.kind].subject
        letter["Date"] = format_datetime(clock.now())
        # The same whenever this piece is sent, by which mailboxes know a double.
        letter["Message-ID"] = f"<{mail.id}@{urlsplit(self.public_url).hostname}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday reply, please
        parts = [(tongue, LANGUAGES[tongue]) for tongue in tongues]
        plain = "\n\n----\n\n".join(self._plain(mail, language) for _, language in parts)
        rich = "\n<hr>\n".join(self._rich(mail, tongue, language) for tongue, language in parts)
        page = _PAGE.format(language=tongues[0], title=escape(letter["Subject"]), content=rich)
        letter.set_content(plain + "\n", cte="quoted-printable")
        letter.add_alternative(page, subtype="html", cte="quoted-printable")
        self._attach_calendar(letter, mail)
        letter["Content-Language"] = ", ".join(tongues)  # last: the content brings its own headers
        return letter

    def _attach_calendar(self, letter: EmailMessage, mail: Mail) -> None:
        """As a part that mailboxes act upon, and as a file for those that do not (RFC 6047)."""
        if mail.visit is None or mail.kind is MailKind.VISIT_SOON:
            return
        calendars = ICalendars(self.public_url, self.sender)
        reader = letter["To"].addresses[0].addr_spec
        visit = mail.visit
        method, file = calendars.invite(visit.entry, mail.language, at=visit.at, reader=reader)
        letter.add_alternative(
            file, subtype="calendar", cte="quoted-printable", params={"method": method}
        )
        letter.add_attachment(
            file.encode(), maintype="application", subtype="ics", filename="invite.ics"
        )

    def _plain(self, mail: Mail, language: Language) -> str:
        text = language.texts[mail.kind]
        accounts = []
        for account in mail.accounts:
            name = language.name(account)
            link = self._link(mail, account.token)
            accounts.append(f"{name}\n{text.action}:\n{link}" if link else name)
        before, after = (_filled(part, language, mail) for part in (text.before, text.after))
        return "\n\n".join([before, *accounts, after, language.closing])

    def _rich(self, mail: Mail, tongue: str, language: Language) -> str:
        text = language.texts[mail.kind]
        accounts = []
        for account in mail.accounts:
            name = escape(language.name(account))
            link = escape(self._link(mail, account.token))
            form = _LINK if link else _NAME
            accounts.append(form.format(name=name, link=link, action=escape(text.action)))
        return _PART.format(
            language=tongue,
            subject=escape(text.subject),
            before=escape(_filled(text.before, language, mail)),
            accounts="\n".join(accounts),
            after=escape(_filled(text.after, language, mail)),
            closing=escape(language.closing),
        )

    def _link(self, mail: Mail, token: str | None) -> str:
        """The token stands behind a #, so that it is sent to no server and to no page's Referer."""
        url = self.public_url.rstrip("/")
        if mail.visit is not None:
            return page_of(url, mail.visit.entry)
        if mail.kind in _BEHIND_A_SIGN_IN:
            return f"{url}/{_PAGES[mail.kind]}"
        return "" if token is None else f"{url}/{_PAGES[mail.kind]}#{token}"


def _filled(text: str, language: Language, mail: Mail) -> str:
    lasts, visit = mail.lasts, mail.visit
    return text.format(
        lasts=language.length(lasts) if lasts is not None else "",
        when=language.when(visit.entry.starts_at, visit.time_zone) if visit is not None else "",
    )


def address(email: str) -> Address:
    """Quoted where it must be, so that a comma in it makes no second one. Raises ValueError for
    what only a server with SMTPUTF8 could take.
    """
    name, _, domain = email.rpartition("@")
    if not name.isascii():
        raise ValueError("a name that is not ASCII")
    return Address(username=name, domain=domain.encode("idna").decode())
