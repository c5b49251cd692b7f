"""A certification authority for tests: a root, one below it, and whoever they certify.

Thrown away with the test; its certificates have the shape of ICP-Brasil's (DOC-ICP-04).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSPHRASE = "três palavras e um número 7"  # noqa: S105  # of keys that live for a test
YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Party:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


class Authority:
    """Its certificates are good from a year before `at` to years after it."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        times = {"since": at - YEAR, "until": at + 9 * YEAR}
        self.root = _certified("AC Raiz de Teste", None, ca=True, **times)
        self.between = _certified("AC de Teste", self.root, ca=True, **times)
        self._key = _new_key()  # everybody's, since it takes a while to make one

    def certify(self, name: str, **given: Any) -> Party:
        """`since`, `until`, `usage`, `stamps`: of the certificate, where they matter."""
        times = {"since": self._at - timedelta(days=1), "until": self._at + YEAR}
        return _certified(name, self.between, key=self._key, **times | given)

    def keep(self, folder: Path) -> Path:
        """As a server is given them."""
        for name, party in (("raiz.crt", self.root), ("entre.pem", self.between)):
            kind = Encoding.DER if name.endswith(".crt") else Encoding.PEM
            (folder / name).write_bytes(party.certificate.public_bytes(kind))
        return folder

    def file(self, party: Party, passphrase: str = PASSPHRASE) -> bytes:
        """As the authority would hand it out, with its chain."""
        return packed(party, [self.between], passphrase)


def packed(
    party: Party, chain: list[Party], passphrase: str = PASSPHRASE, rounds: int | None = None
) -> bytes:
    locked = BestAvailableEncryption(passphrase.encode())
    if rounds is not None:
        builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(rounds)
        locked = builder.build(passphrase.encode())
    others = [each.certificate for each in chain]
    return pkcs12.serialize_key_and_certificates(
        b"assinatura", party.key, party.certificate, others, locked
    )


def self_made(name: str, at: datetime) -> Party:
    """By nobody but himself."""
    return _certified(name, None, since=at - YEAR, until=at + YEAR)


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certified(
    name: str,
    by: Party | None,
    *,
    since: datetime,
    until: datetime,
    ca: bool = False,
    usage: bool = True,
    stamps: bool = False,
    key: rsa.RSAPrivateKey | None = None,
) -> Party:
    key = key or _new_key()
    subject = _named(name)
    usages = dict.fromkeys(
        (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
            *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    if ca:
        usages["key_cert_sign"] = usages["crl_sign"] = True
    else:
        usages["digital_signature"] = usages["content_commitment"] = usage
        usages["key_encipherment"] = True
    signer = key if by is None else by.key
    issuer = subject if by is None else by.certificate.subject
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usages), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if stamps:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        built = built.add_extension(purpose, critical=True)
    return Party(key=key, certificate=built.sign(signer, hashes.SHA256()))


def _named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ICP-Brasil de teste"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
