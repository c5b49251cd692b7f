"""Signatures of papers, by certificates of ICP-Brasil (MP 2.200-2/2001, Lei 14.063/2020).

A signed paper is printed anew, without the mark that it is not signed, and stored as another
version of the same object; of the one before the store keeps the bytes.
"""

import asyncio
import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NoReturn, Protocol

from domain import doctors
from domain.accesses import AccessAction, log
from domain.auth import SignPaper, Viewer, as_doctor, demand, permit
from domain.errors import Invalid, NotFound, WrongStatus
from domain.ids import DocumentId
from domain.issuing import Press, holding, store
from domain.objects import Objects, StoredObject
from domain.papers import Paper
from domain.papers import read as read_content
from domain.records import Document, DocumentStatus, Signature
from domain.unit_of_work import Act, UnitOfWork

_AT_ONCE = 2  # signed, each in a thread
_LARGEST = 64 << 10  # bytes: a key and a chain of certificates have some 10 KB


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A key with its certificate, as PKCS#12 has them (RFC 7292), and what opens that. They are
    used and forgotten: no row, log, trace or error has them, so nothing shows them.
    """

    pkcs12: bytes = field(repr=False)
    passphrase: str = field(repr=False)


class Signer(Protocol):
    async def sign(
        self, pdf: bytes, credentials: Credentials, /, *, name: str, at: datetime
    ) -> bytes:
        """The same PDF with a signature added (PAdES), by a certificate of the person of this name
        that is good at this moment. Raises Invalid, at `pkcs12` or `passphrase`.
        """
        ...


class NoSigner:
    """Where no authority is trusted, nothing can be signed."""

    async def sign(self, *_: object, **__: object) -> NoReturn:
        raise WrongStatus("This server trusts no authority yet; nothing can be signed here.")


def read(pkcs12: str, passphrase: str) -> Credentials:
    """`pkcs12` in Base64. Raises Invalid."""
    try:
        found = base64.b64decode(pkcs12, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("This is not Base64.", "pkcs12") from None
    if not 1 <= len(found) <= _LARGEST:
        raise Invalid(f"Such a file has at most {_LARGEST >> 10} KiB.", "pkcs12")
    return Credentials(pkcs12=found, passphrase=passphrase)


class Signing:
    def __init__(
        self, act: Act, objects: Objects, press: Press, signer: Signer, now: Callable[[], datetime]
    ) -> None:
        self._act, self._objects, self._now = act, objects, now
        self._press, self._signer = press, signer
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def sign(self, viewer: Viewer, id: DocumentId, credentials: Credentials) -> Document:
        """SIGNED. Raises Forbidden, NotFound or Refusal."""
        document, paper = await self._act(lambda work: to_sign(work, viewer, id), viewer=viewer)
        content = read_content(paper.content)
        async with self._turns:
            plain = await self._press.print(content, signed=True)
            pdf = await self._signer.sign(
                plain, credentials, name=content.doctor.name, at=self._now()
            )
        stored = await store(self._objects, document, pdf)
        return await self._act(lambda work: keep(work, viewer, id, stored), viewer=viewer)


async def to_sign(work: UnitOfWork, viewer: Viewer, id: DocumentId) -> tuple[Document, Paper]:
    """Nobody else changes it before this work ends. Raises Forbidden, NotFound or WrongStatus."""
    doctor_id = as_doctor(viewer)
    document, paper = await work.documents.lock(id), await work.papers.get(id)
    there = document is not None and document.status is DocumentStatus.AVAILABLE
    if document is None or paper is None or not there or paper.doctor_id != doctor_id:
        raise NotFound("There is no such document.")
    demand(viewer, await _action(work, paper))
    if document.signature is not Signature.UNSIGNED:
        raise WrongStatus("It is signed already.", "documentId")
    return document, paper


async def keep(work: UnitOfWork, viewer: Viewer, id: DocumentId, stored: StoredObject) -> Document:
    """In place of the one that is not signed."""
    document, paper = await to_sign(work, viewer, id)
    permit(work, viewer, await _action(work, paper))
    signed = holding(replace(document, signature=Signature.SIGNED), stored)
    await work.documents.save(signed)
    log(work, viewer, signed.patient_id, AccessAction.UPLOADED, document_id=id)
    return signed


async def _action(work: UnitOfWork, paper: Paper) -> SignPaper:
    verified = await doctors.is_verified(work, paper.doctor_id)
    return SignPaper(doctor_id=paper.doctor_id, verified=verified, document_id=paper.id)
