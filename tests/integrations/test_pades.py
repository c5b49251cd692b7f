"""A PAdES signature by a doctor's own certificate, and everything that is no such one."""

import asyncio
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.tsp import TimeStampReq
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pypdf import PdfReader

from domain.content import ContentType, Inspection
from domain.errors import Invalid, WrongStatus
from domain.signatures import Credentials
from embedded import container
from integrations.pades import PadesSigner
from tests.authority import PASSPHRASE, YEAR, Authority, Party, packed, self_made
from tests.integrations.test_papers import LEAVE, printed
from tests.make import NOW
from tests.resolvers.papers import looked_at

HOLDER = "HELENA MARIA PRADO:12345678909"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(NOW)


@pytest.fixture(scope="module")
def signer(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> PadesSigner:
    return PadesSigner.of(authority.keep(tmp_path_factory.mktemp("roots")))


@pytest.fixture(scope="module")
async def plain() -> bytes:
    return await printed(LEAVE, signed=True)


async def sign(
    signer: PadesSigner, pdf: bytes, file: bytes, passphrase: str = PASSPHRASE, **given: Any
) -> bytes:
    credentials = Credentials(pkcs12=file, passphrase=passphrase)
    return await signer.sign(pdf, credentials, **{"name": "Helena Prado", "at": NOW} | given)


async def refused(
    signer: PadesSigner, pdf: bytes, file: bytes, *more: str, **given: Any
) -> Invalid:
    with pytest.raises(Invalid) as refusal:
        await sign(signer, pdf, file, *more, **given)
    assert refusal.value.__cause__ is None
    return refusal.value


# --------------------------------------------------------------------- a good one


async def test_a_signature_is_good_trusted_and_covers_everything(authority, signer, plain):
    signed = await sign(signer, plain, authority.file(authority.certify(HOLDER)))

    status = await looked_at(signed, authority, NOW)
    assert status.bottom_line
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage.name == "ENTIRE_FILE"
    assert HOLDER in status.signing_cert.subject.human_friendly
    assert signed.startswith(plain)  # the page that was there stays as it was
    fields = PdfReader(BytesIO(signed)).trailer["/Root"]["/AcroForm"]["/Fields"]
    [field] = [field.get_object() for field in fields]
    value = field["/V"]
    assert value["/SubFilter"] == "/ETSI.CAdES.detached"
    assert value["/M"] == "D:20300107121500Z"
    assert field["/F"] & 4  # PDF/A: it is printed
    assert not field["/F"] & 2  # and not hidden


async def test_it_is_pdf_a_still_and_a_clinic_like_ours_takes_it(authority, signer, plain):
    signed = await sign(signer, plain, authority.file(authority.certify(HOLDER)))

    told = PdfReader(BytesIO(signed)).xmp_metadata
    assert (told.pdfaid_part, told.pdfaid_conformance) == ("2", "U")
    inspection = Inspection(ContentType.PDF)
    inspection.feed(signed)
    assert inspection.verdict() is None


@pytest.mark.parametrize("where", ["page", "end"])
async def test_what_is_changed_afterwards_is_seen(authority, signer, plain, where):
    signed = await sign(signer, plain, authority.file(authority.certify(HOLDER)))
    at = signed.index(b"/MediaBox") if where == "page" else signed.rindex(b"/AcroForm")
    changed = bytearray(signed)
    changed[at : at + 9] = re.sub(rb"[a-z]", b"x", signed[at : at + 9])

    try:
        status = await looked_at(bytes(changed), authority, NOW)
    except Exception:  # noqa: BLE001  # it cannot even be read
        return
    assert not status.bottom_line


@pytest.mark.parametrize("name", ["Helena Prado", "PRADO HELENA", "Helena María Prado"])
async def test_names_are_compared_as_certificates_write_them(authority, signer, plain, name):
    file = authority.file(authority.certify("HELENA MARIA DE SOUZA PRADO:12345678909"))

    assert await sign(signer, plain, file, name=name)


# ----------------------------------------------------------- a time-stamping authority


@contextmanager
def stamping(authority: Authority) -> Iterator[str]:
    """The address of one (RFC 3161), whose time is NOW."""
    party = authority.certify("ACT de Teste", stamps=True)
    key = PrivateKeyInfo.load(
        party.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    )
    certificate = Certificate.load(party.certificate.public_bytes(Encoding.DER))
    between = Certificate.load(authority.between.certificate.public_bytes(Encoding.DER))
    chain = SimpleCertificateStore()
    chain.register(between)
    stamper = DummyTimeStamper(certificate, key, certs_to_embed=chain, fixed_dt=NOW)

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            stamp = stamper.request_tsa_response(TimeStampReq.load(body)).dump()
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(stamp)))
            self.end_headers()
            self.wfile.write(stamp)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        running = Thread(target=server.serve_forever)
        running.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        running.join()


async def test_where_there_is_one_the_signature_bears_its_time(authority, plain, tmp_path):
    folder = authority.keep(tmp_path)
    with stamping(authority) as url:
        signer = PadesSigner.of(folder, tsa_url=url)
        signed = await sign(signer, plain, authority.file(authority.certify(HOLDER)))

    status = await looked_at(signed, authority, NOW)
    assert status.bottom_line
    assert status.timestamp_validity.trusted
    assert status.timestamp_validity.timestamp == NOW


async def test_one_that_does_not_answer_is_told_and_nothing_is_signed(authority, plain, tmp_path):
    folder = authority.keep(tmp_path)
    with stamping(authority) as url:
        pass
    signer = PadesSigner.of(folder, tsa_url=url)

    with pytest.raises(WrongStatus, match="time-stamping authority"):
        await sign(signer, plain, authority.file(authority.certify(HOLDER)))


# ------------------------------------------------------------------- no good ones


@pytest.mark.parametrize(
    "times",
    [{"since": NOW - YEAR, "until": NOW - DAY}, {"since": NOW + DAY, "until": NOW + YEAR}],
    ids=["expired", "not yet"],
)
async def test_a_certificate_that_is_not_good_now_is_refused(authority, signer, plain, times):
    file = authority.file(authority.certify(HOLDER, **times))

    refusal = await refused(signer, plain, file)

    assert refusal.path == ("pkcs12",)
    assert "expired" in str(refusal)


async def test_a_certificate_of_nobody_that_is_trusted_is_refused(signer, plain):
    other = Authority(NOW)
    mine = self_made(HOLDER, NOW)
    for file in (packed(mine, []), other.file(other.certify(HOLDER))):
        refusal = await refused(signer, plain, file)
        assert refusal.path == ("pkcs12",)
        assert "no root" in str(refusal)


async def test_a_chain_that_does_not_come_along_is_in_the_folder(authority, signer, plain):
    assert await sign(signer, plain, packed(authority.certify(HOLDER), []))


async def test_a_certificate_that_is_not_for_signing_is_refused(authority, signer, plain):
    file = authority.file(authority.certify(HOLDER, usage=False))

    assert (await refused(signer, plain, file)).path == ("pkcs12",)


@pytest.mark.parametrize("holder", ["ANA PRADO:1", "HELENA PRATES:1", "CLINICA LTDA:1"])
async def test_somebody_elses_certificate_is_refused(authority, signer, plain, holder):
    refusal = await refused(signer, plain, authority.file(authority.certify(holder)))

    assert "name of the doctor" in str(refusal)


async def test_a_wrong_passphrase_is_refused_and_not_quoted(authority, signer, plain):
    file = authority.file(authority.certify(HOLDER))

    refusal = await refused(signer, plain, file, "outra senha")

    assert refusal.path == ("passphrase",)
    assert "outra" not in str(refusal)


async def test_what_is_no_such_file_is_refused(authority, signer, plain):
    good = authority.file(authority.certify(HOLDER))
    for file in (b"x", b"", good[:-1], good + b"x", good[: len(good) // 2], b"\x30\x80" * 99):
        assert (await refused(signer, plain, file)).path == ("pkcs12",)
    keyless = packed(Party(key=None, certificate=authority.certify(HOLDER).certificate), [])
    assert (await refused(signer, plain, keyless)).path == ("pkcs12",)


async def test_a_file_that_would_take_for_ever_is_not_opened(authority, signer, plain, monkeypatch):
    monkeypatch.setattr("integrations.pades._MOST_ROUNDS", 50_000)
    file = packed(authority.certify(HOLDER), [], rounds=30_000)

    async with asyncio.timeout(5):
        refusal = await refused(signer, plain, file)

    assert "too long" in str(refusal)


async def test_nothing_of_a_key_or_its_passphrase_is_logged(authority, signer, plain, caplog):
    caplog.set_level(logging.DEBUG)
    file = authority.file(authority.certify(HOLDER))

    await sign(signer, plain, file)
    await refused(signer, plain, file, "outra senha")

    said = "\n".join(repr(record.__dict__) + record.getMessage() for record in caplog.records)
    for secret in (PASSPHRASE, "outra senha", "HELENA", "12345678909"):
        assert secret not in said
    assert PASSPHRASE not in repr(Credentials(pkcs12=file, passphrase=PASSPHRASE))
    assert str(file[:9]) not in repr(Credentials(pkcs12=file, passphrase=PASSPHRASE))


# --------------------------------------------------------------------- the folder


@pytest.mark.skipif(sys.platform != "linux", reason="containers are Linux's")
async def test_the_certificates_may_be_one_file_as_containers_are_handed_them(
    authority: Authority, plain: bytes
):
    environment = {
        "HEALTHMED_SIGNATURE_ROOTS_PEM": "".join(
            party.certificate.public_bytes(Encoding.PEM).decode()
            for party in (authority.between, authority.root)
        )
    }
    container.keep_in_memory(environment)

    signer = PadesSigner.of(Path(environment["HEALTHMED_SIGNATURE_ROOTS"]))

    assert await sign(signer, plain, packed(authority.certify(HOLDER), []))


def test_a_folder_without_a_root_is_no_folder_of_roots(tmp_path: Path, authority: Authority):
    with pytest.raises(ValueError, match="no root"):
        PadesSigner.of(tmp_path)
    authority.keep(tmp_path)
    (tmp_path / "raiz.crt").unlink()
    with pytest.raises(ValueError, match="no root"):
        PadesSigner.of(tmp_path)
    (tmp_path / "leia-me.txt").write_text("certificados")
    with pytest.raises(ValueError, match="data"):
        PadesSigner.of(tmp_path)
    with pytest.raises(OSError, match="gone"):
        PadesSigner.of(tmp_path / "gone")
