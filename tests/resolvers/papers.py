"""How tests issue, sign and look at papers."""

import base64
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from domain.appointments import Appointment
from tests import make
from tests.authority import PASSPHRASE, Authority
from tests.make import Person
from tests.server import LocalServer, gid

_DOCUMENT = """
  document {
    id name contentType size sha256 status kind signature uploadedAt issuedBy { id } patient { id }
  }
  problems { code path message }
"""
CERTIFICATE = f"""
mutation ($input: IssueCertificateInput!) {{ issueCertificate(input: $input) {{ {_DOCUMENT} }} }}
"""
PRESCRIPTION = f"""
mutation ($input: IssuePrescriptionInput!) {{ issuePrescription(input: $input) {{ {_DOCUMENT} }} }}
"""
SIGN = f"mutation ($input: SignPaperInput!) {{ signPaper(input: $input) {{ {_DOCUMENT} }} }}"
HOUR = timedelta(hours=1)


async def seen(
    server: LocalServer, doctor: Person, patient: Person, status: str = "IN_PROGRESS", **given: Any
) -> Appointment:
    """A visit of these two that began an hour ago; both are there already."""
    times = {"starts_at": server.now - HOUR, "ends_at": server.now - HOUR / 2} | given
    slot, visit = make.visit(doctor, patient, status=status, respond_by=times["starts_at"], **times)
    await server.given(slot, visit)
    return visit


def certificate(visit: Appointment, **given: Any) -> dict[str, Any]:
    plain = {
        "appointmentId": gid(visit),
        "text": "Atesto que a paciente esteve em consulta.",
        "startsOn": "2030-01-07",
        "days": 3,
    }
    return plain | _of_the_work() | given


def prescription(visit: Appointment, **given: Any) -> dict[str, Any]:
    drug = {
        "drug": "Losartana potássica",
        "dose": "comprimido de 50 mg",
        "posology": "1 comprimido a cada 12 horas",
        "quantity": "60 comprimidos",
    }
    return {"appointmentId": gid(visit), "items": [drug]} | _of_the_work() | given


def _of_the_work() -> dict[str, Any]:
    return {
        "workAddress": "Rua das Acácias, 10, São Paulo/SP",
        "workContact": "(11) 5555-0100",
        "idempotencyKey": str(uuid4()),
    }


def signing(
    id: str, authority: Authority, name: str = "HELENA PRADO:12345678909", **given: Any
) -> dict[str, Any]:
    """`file`: what is sent instead of a good one."""
    file = given.pop("file", None) or authority.file(authority.certify(name, **given))
    return {
        "documentId": id,
        "pkcs12": base64.b64encode(file).decode(),
        "passphrase": PASSPHRASE,
    }


async def issued(server: LocalServer, doctor: Person, visit: Appointment, **given: Any) -> Any:
    payload = await server.ask(CERTIFICATE, doctor, input=certificate(visit, **given))
    assert payload["problems"] == []
    return payload["document"]


async def stored(server: LocalServer, id: str) -> bytes:
    """The bytes that its row names."""
    number = id.partition("_")[2]
    [row] = await server.fetch("SELECT object_key, version FROM document WHERE id = $1", number)
    chunks = server.app.objects.read(row["object_key"], row["version"])
    return b"".join([chunk async for chunk in chunks])


async def looked_at(pdf: bytes, authority: Authority, at: Any) -> PdfSignatureStatus:
    """The one signature of it, as pyHanko's own validator sees it."""
    root = Certificate.load(authority.root.certificate.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[root], moment=at, allow_fetching=False)
    [signature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return await async_validate_pdf_signature(signature, context)


def pages_of(pdf: bytes) -> list[str]:
    """What is written on each, as whoever copies it gets it."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
