"""PAdES signatures (ETSI EN 319 142-1: B-B, or B-T by a time-stamping authority), by certificates
that lead to given roots, those of ICP-Brasil.

Whether a certificate was revoked is not asked here; whoever validates the paper asks.
"""

import asyncio
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import pem
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.pkcs12 import Pfx, SafeContents
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from domain.errors import Invalid, WrongStatus
from domain.signatures import Credentials

_FIELD, _DIGEST = "Assinatura", "sha256"
_USAGE = {"digital_signature", "non_repudiation"}  # DOC-ICP-04, of whoever signs
_MOST_ROUNDS = 5_000_000  # of deriving a key: a second or two; files of today have a tenth of it
_NO_PKCS12 = "This is not a PKCS#12 file with a key and its certificate."


class PadesSigner:
    """`roots`: certificates that are trusted; `between`: of authorities that lead to them."""

    def __init__(
        self,
        roots: Sequence[Certificate],
        between: Sequence[Certificate],
        *,
        tsa_url: str | None = None,
    ) -> None:
        self._roots, self._between, self._tsa_url = roots, between, tsa_url

    @classmethod
    def of(cls, place: Path, *, tsa_url: str | None = None) -> "PadesSigner":
        """By the certificates in a folder or a file, of which those that sign themselves are roots.

        Raises OSError or ValueError.
        """
        paths = sorted(place.iterdir()) if place.is_dir() else [place]
        found = [each for path in paths for each in _certificates(path)]
        roots = [each for each in found if each.self_signed != "no"]
        if not roots:
            raise ValueError("there is no root")
        return cls(roots, [each for each in found if each not in roots], tsa_url=tsa_url)

    async def sign(
        self, pdf: bytes, credentials: Credentials, /, *, name: str, at: datetime
    ) -> bytes:
        signing = self._sign(pdf, credentials, name, at)
        return await asyncio.to_thread(asyncio.run, signing)  # it keeps a core busy

    async def _sign(self, pdf: bytes, credentials: Credentials, name: str, at: datetime) -> bytes:
        signer, certificate = _opened(credentials)
        await self._prove(certificate, signer.cert_registry, name, at)
        metadata = PdfSignatureMetadata(
            field_name=_FIELD, md_algorithm=_DIGEST, subfilter=SigSeedSubFilter.PADES
        )
        stamper = HTTPTimeStamper(self._tsa_url) if self._tsa_url else None
        writer, output = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
        session = PdfSigner(metadata, signer, timestamper=stamper).init_signing_session(writer)
        session.system_time = at
        try:
            validation = await session.perform_presign_validation(writer)
            size = await session.estimate_signature_container_size(validation, tight=False)
            prepared = session.prepare_tbs_document(validation, bytes_reserved=size)
            digest, _ = prepared.digest_tbs_document(output=output)
            signed = await prepared.perform_signature(
                digest.document_digest, PdfCMSSignedAttributes(signing_time=at)
            )
            await signed.post_signature_processing(output)
        except TimestampRequestError:
            raise WrongStatus("The time-stamping authority does not answer; try again.") from None
        return output.getvalue()

    async def _prove(
        self, certificate: Certificate, others: Iterable[Certificate], name: str, at: datetime
    ) -> None:
        """Raises Invalid unless the certificate is this person's, and good now."""
        if not certificate.not_valid_before <= at <= certificate.not_valid_after:
            raise Invalid("This certificate has expired, or is not valid yet.", "pkcs12")
        context = ValidationContext(
            trust_roots=list(self._roots),
            other_certs=[*self._between, *others],
            moment=at,
            allow_fetching=False,
        )
        try:
            validator = CertificateValidator(certificate, validation_context=context)
            await validator.async_validate_usage(_USAGE)  # type: ignore[no-untyped-call]
        except (PathError, ValidationError):
            raise Invalid(
                "This certificate is not for signing, or leads to no root of ICP-Brasil.",
                "pkcs12",
            ) from None
        if not _words(name) <= _words(_holder(certificate)):
            raise Invalid("This certificate is not in the name of the doctor.", "pkcs12")


def _certificates(path: Path) -> Iterator[Certificate]:
    """Of a file of PEM, of which there may be several in it, or DER."""
    content = path.read_bytes()
    if pem.detect(content):
        for _, _, der in pem.unarmor(content, multiple=True):
            yield Certificate.load(der)
    else:
        yield Certificate.load(content, strict=True)


def _opened(credentials: Credentials) -> tuple[SimpleSigner, Certificate]:
    """Raises Invalid. No cause goes with it: what was wrong with a key is not for a log."""
    _require_little_work(credentials.pkcs12)
    try:
        found = pkcs12.load_pkcs12(credentials.pkcs12, credentials.passphrase.encode())
    except ValueError:
        raise Invalid("The passphrase does not open this file.", "passphrase") from None
    key, own = found.key, found.cert
    if own is None or not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise Invalid(_NO_PKCS12, "pkcs12")
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    for other in found.additional_certs:
        store.register(Certificate.load(other.certificate.public_bytes(Encoding.DER)))
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = Certificate.load(own.certificate.public_bytes(Encoding.DER))
    signer = SimpleSigner(
        signing_cert=certificate, signing_key=PrivateKeyInfo.load(plain), cert_registry=store
    )
    return signer, certificate


def _require_little_work(file: bytes) -> None:
    """A file says itself how often its passphrase is hashed; it might be for days."""
    try:
        rounds = sum(_rounds(Pfx.load(file, strict=True)))
    except (ValueError, TypeError, KeyError, NotImplementedError):
        raise Invalid(_NO_PKCS12, "pkcs12") from None
    if rounds > _MOST_ROUNDS:
        raise Invalid("This file takes too long to open; export it anew.", "pkcs12")


def _rounds(file: Pfx) -> Iterator[int]:
    if mac := file["mac_data"].native:
        yield mac["iterations"]
    for part in file.authenticated_safe:
        content: Any = part["content"]
        if part["content_type"].native == "encrypted_data":
            info = content["encrypted_content_info"]
            yield info["content_encryption_algorithm"].kdf_iterations
        else:
            for bag in SafeContents.load(content.native):
                if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
                    yield bag["bag_value"]["encryption_algorithm"].kdf_iterations


def _holder(certificate: Certificate) -> str:
    """As the subject's common name has it: in ICP-Brasil, with the CPF behind a colon."""
    told = certificate.subject.native.get("common_name", "")
    name = told if isinstance(told, str) else " ".join(told)
    return name.partition(":")[0]


def _words(name: str) -> frozenset[str]:
    """Whatever their order, accents and capitals, which certificates have not."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    letters = (each for each in bare if not unicodedata.combining(each))
    return frozenset("".join(letters).split())
