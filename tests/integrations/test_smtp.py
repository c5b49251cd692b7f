"""What an SMTP server is told, and what we make of its answers."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtplib import SMTPServerDisconnected
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain import mail
from domain.mail import Mail, MailKind, Named, NotSent
from integrations import smtp
from integrations.letters import Letters
from integrations.smtp import SmtpPost
from tests.integrations.test_letters import visiting
from tests.smtp import SmtpServer, serving

LETTERS = Letters("https://clinic.example/", "Health&Med <no-reply@clinic.example>")
ANA = "ana.moreira@example.com"
FORMS = pytest.mark.parametrize("kind", MailKind)


def piece(kind: MailKind = MailKind.RESET_PASSWORD, to: str = ANA) -> Mail:
    token = "a.b_c-d" if kind in (MailKind.RESET_PASSWORD, MailKind.CONFIRM_EMAIL) else None
    accounts = Named(crm="123456/SP", token=token), Named(crm=None, token=token)
    lasts = timedelta(minutes=30) if token else None
    visit = visiting() if kind.startswith("VISIT_") else None
    return replace(mail.mail(kind, to, *accounts), lasts=lasts, visit=visit)


def bodies(letter) -> tuple[str, str]:
    plain, rich = letter.get_body(("plain",)), letter.get_body(("html",))
    return plain.get_content(), rich.get_content()


@pytest.fixture
async def server():
    async with serving(SmtpServer()) as it:
        yield it


# ----------------------------------------------------------------------- letters


@FORMS
async def test_a_letter_is_plain_and_html_in_portuguese_and_beneath_it_in_english(server, kind):
    one = piece(kind)

    await SmtpPost(server.url, LETTERS).send(one)

    [letter] = server.letters()
    assert letter["From"] == "Health&Med <no-reply@clinic.example>"
    assert letter["To"] == ANA
    assert letter["Message-ID"] == f"<{one.id}@clinic.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    with_file = one.visit is not None and kind is not MailKind.VISIT_SOON
    parts = "multipart/mixed" if with_file else "multipart/alternative"
    assert letter.get_content_type() == parts
    for body in bodies(letter):
        assert 0 < body.index("Médico, CRM 123456/SP") < body.index("Doctor, CRM 123456/SP")
        assert 0 < body.index("Paciente") < body.index("Patient")
        assert "{" not in body.replace("{ ", "")


@pytest.mark.parametrize(
    ("kind", "page"),
    [(MailKind.RESET_PASSWORD, "reset-password"), (MailKind.CONFIRM_EMAIL, "confirm-email")],
)
async def test_links_lead_to_our_pages_and_name_how_long_they_last(server, kind, page):
    await SmtpPost(server.url, LETTERS).send(piece(kind))

    for body in bodies(server.letters()[0]):
        assert f"https://clinic.example/{page}#a.b_c-d" in body
        assert "30 minutos" in body
        assert "30 minutes" in body


async def test_what_waits_behind_a_sign_in_has_no_token(server):
    await SmtpPost(server.url, LETTERS).send(piece(MailKind.EXPORT_READY))

    for body in bodies(server.letters()[0]):
        assert "https://clinic.example/exports" in body
        assert "#a.b_c-d" not in body


def test_hours_are_told_as_hours():
    letter = LETTERS.write(replace(piece(), lasts=timedelta(hours=24)))

    assert "por 24 h" in bodies(letter)[0]


async def test_an_english_reader_reads_english_first(server):
    await SmtpPost(server.url, LETTERS).send(replace(piece(), language="en"))

    [letter] = server.letters()
    assert letter["Subject"] == "Choose a new password"
    assert letter["Content-Language"] == "en, pt-BR"
    for body in bodies(letter):
        assert body.index("Doctor, CRM") < body.index("Médico, CRM")


@FORMS
async def test_what_is_sent_is_ascii_in_lines_that_every_server_takes(server, kind):
    await SmtpPost(server.url, LETTERS).send(piece(kind))

    [content] = server.taken
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


# --------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("ana,bruno@example.com", '<"ana,bruno"@example.com>'),
        ("a>b@example.com", '<"a>b"@example.com>'),
        ("ana@exämple.com", "<ana@xn--exmple-cua.com>"),
    ],
)
async def test_an_address_is_one_address(server, to: str, path: str):
    await SmtpPost(server.url, LETTERS).send(piece(to=to))

    recipients = [line for line in server.said if line.startswith("RCPT")]
    assert recipients == [f"RCPT TO:{path}"]
    assert len(server.letters()[0]["To"].addresses) == 1


async def test_an_address_that_no_server_would_take_is_given_up(server):
    with pytest.raises(NotSent) as fault:
        await SmtpPost(server.url, LETTERS).send(piece(to="anã@example.com"))

    assert fault.value.for_good
    assert server.said == []


# ------------------------------------------------------------- what a server says


@pytest.mark.parametrize(
    ("replies", "for_good"),
    [
        ({"MAIL": "451 later"}, False),
        ({"MAIL": "550 not you"}, False),
        ({"RCPT": "450 later"}, False),
        ({"RCPT": "550 no such user"}, True),
        ({"DATA": "421 closing"}, False),
        ({"END": "452 full"}, False),
        ({"END": "554 spam"}, True),
        ({"RCPT": ""}, False),
        ({"EHLO": "", "HELO": ""}, False),
    ],
)
async def test_what_is_refused_is_known_not_to_be_sent(server, replies, for_good):
    server.replies |= {verb: reply and f"{reply} <{ANA}>" for verb, reply in replies.items()}

    with pytest.raises(NotSent) as fault:
        await SmtpPost(server.url, LETTERS).send(piece())

    assert fault.value.for_good is for_good
    assert ANA not in str(fault.value)
    assert fault.value.__cause__ is None


async def test_a_server_that_is_not_there_is_tried_again():
    async with serving(SmtpServer()) as gone:
        url = gone.url

    with pytest.raises(NotSent) as fault:
        await SmtpPost(url, LETTERS).send(piece())

    assert not fault.value.for_good


async def test_after_the_message_silence_may_mean_that_it_was_sent(server, monkeypatch):
    server.replies["END"] = ""
    with pytest.raises(SMTPServerDisconnected):
        await SmtpPost(server.url, LETTERS).send(piece())

    monkeypatch.setattr(smtp, "_SECONDS", 0.3)
    async with serving(SmtpServer(silent=True)) as silent:
        with pytest.raises(TimeoutError):
            await SmtpPost(silent.url, LETTERS).send(piece())

    assert len(server.taken) == len(silent.taken) == 1


async def test_a_server_that_hangs_up_after_the_message_was_taken_has_taken_it(server):
    server.replies["QUIT"] = ""

    await SmtpPost(server.url, LETTERS).send(piece())

    assert len(server.taken) == 1


# ------------------------------------------------------------------ how it is met


async def test_the_password_of_the_url_is_shown(server):
    url = server.url.replace("://", "://ana%40clinic:p%3Ass@")

    await SmtpPost(url, LETTERS).send(piece())

    assert server.passwords() == [":ana@clinic:p:ss"]


async def test_a_refused_password_may_be_mended(server):
    server.replies["AUTH"] = "535 wrong"

    with pytest.raises(NotSent) as fault:
        await SmtpPost(server.url.replace("://", "://ana:secret@"), LETTERS).send(piece())

    assert not fault.value.for_good
    assert "secret" not in str(fault.value)


async def test_with_starttls_nothing_is_said_in_the_open(tmp_path: Path):
    ours, theirs = _contexts(tmp_path)
    async with serving(SmtpServer(tls=theirs)) as server:
        url = f"smtp://ana:secret@localhost:{server.port}?starttls"
        await SmtpPost(url, LETTERS, tls=ours).send(piece())

    assert server.encrypted == [True]
    before = server.said[: server.said.index("STARTTLS")]
    assert [line.split()[0] for line in before] == ["EHLO"]


async def test_with_starttls_a_server_without_it_gets_nothing(server):
    with pytest.raises(NotSent):
        await SmtpPost(f"{server.url}?starttls", LETTERS).send(piece())

    assert not [line for line in server.said if line.startswith("MAIL")]


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path):
    _, theirs = _contexts(tmp_path)
    async with serving(SmtpServer(tls=theirs)) as server:
        with pytest.raises(NotSent):
            await SmtpPost(f"smtp://localhost:{server.port}?starttls", LETTERS).send(piece())

    assert server.taken == []


@pytest.mark.parametrize("url", ["", "localhost", "http://x", "smtp://", "smtp://x?startls"])
def test_what_is_no_url_of_a_mail_server_is_refused(url: str):
    with pytest.raises(ValueError, match="smtp://"):
        SmtpPost(url, LETTERS)


def _contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a client that trusts, and of a server that has, a certificate made here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(pem, secret)
    return ssl.create_default_context(cafile=pem), theirs
