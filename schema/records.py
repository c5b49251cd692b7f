"""Documents of records, as their patient and the doctors whom he lets see them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import records
from domain.ids import DoctorId, DocumentId, PatientId
from domain.objects import UploadForm
from domain.records import DocumentKind, DocumentStatus, Signature
from schema import ids
from schema.context import Info
from schema.doctors import Doctor
from schema.nodes import Node, must
from schema.patients import Patient
from schema.problems import Problem, problems

strawberry.enum(
    DocumentStatus,
    description=(
        "UPLOADING: announced, and not looked into yet. AVAILABLE: all of it is here. REJECTED: it"
        " was not what was announced, or never came. HIDDEN: by its patient, from every doctor."
    ),
)
strawberry.enum(
    DocumentKind,
    description=(
        "UPLOADED by its patient; a CERTIFICATE (atestado) or a PRESCRIPTION (receita) was issued"
        " by a doctor."
    ),
)
strawberry.enum(
    Signature,
    name="DocumentSignature",
    description=(
        "UNSIGNED: every page says that it is not valid as it is. SIGNED: by its doctor, with a"
        " certificate of ICP-Brasil."
    ),
)


@strawberry.type(description="A document of a patient's record; openDocument has its bytes.")
class Document(Node):
    name: str = strawberry.field(description="As the patient calls it.")
    content_type: str = strawberry.field(
        description="application/pdf, image/jpeg, image/png or application/dicom."
    )
    size: int = strawberry.field(description="Bytes.")
    sha256: str = strawberry.field(description="Lower-case hexadecimal.")
    status: DocumentStatus = strawberry.field(description="Whether it can be had.")
    uploaded_at: datetime | None = strawberry.field(
        description="Null until the upload is complete."
    )
    kind: DocumentKind = strawberry.field(description="How it came into the record.")
    signature: Signature | None = strawberry.field(
        description="Of what a doctor issued; null of an upload, which nobody has looked for one."
    )
    issuer_id: strawberry.Private[DoctorId | None]
    patient_id: strawberry.Private[PatientId]

    @classmethod
    def of(cls, document: records.Document) -> Self:
        return cls(
            id=ids.show(DocumentId, document.id),
            name=document.name,
            content_type=document.content_type.value,
            size=document.size,
            sha256=document.sha256,
            status=document.status,
            uploaded_at=document.uploaded_at,
            kind=document.kind,
            signature=document.signature,
            issuer_id=document.issuer_id,
            patient_id=document.patient_id,
        )

    @strawberry.field(description="Which doctor issued it; null of an upload.")
    async def issued_by(self, info: Info) -> Doctor | None:
        if self.issuer_id is None:
            return None
        return Doctor.of(must(await info.context.loaders.doctors.load(self.issuer_id)))

    @strawberry.field(description="Whose record it is part of.")
    async def patient(self, info: Info) -> Patient:
        # Whoever sees the document sees whose it is, appointment or not.
        patient = must(await info.context.loaders.patients.load(self.patient_id))
        return Patient.of(patient, info.context.viewer)


@strawberry.type(description="A field of the form by which a file is sent.")
class UploadField:
    name: str = strawberry.field(description="The name of the part.")
    value: str = strawberry.field(description="What it holds, as it is.")


@strawberry.type(
    description=(
        "Send the file to url as a multipart/form-data POST with these fields, in this order, and"
        " the file last as `file`. Then completeUpload."
    )
)
class UploadTicket:
    document: Document = strawberry.field(description="UPLOADING until completeUpload.")
    url: str = strawberry.field(description="Where to send it; it is not this server.")
    fields: list[UploadField] = strawberry.field(description="In this order.")
    expires_at: datetime = strawberry.field(description="Until when it can be sent.")

    @classmethod
    def of(cls, document: records.Document, form: UploadForm) -> Self:
        return cls(
            document=Document.of(document),
            url=form.url,
            fields=[UploadField(name=name, value=value) for name, value in form.fields],
            expires_at=form.expires_at,
        )


@strawberry.input(description="A file that is to be uploaded. Exactly this one can be, then.")
class RequestUploadInput:
    name: str = strawberry.field(description="1 to 255 characters.")
    content_type: str = strawberry.field(
        description="application/pdf, image/jpeg, image/png or application/dicom."
    )
    size: int = strawberry.field(description="Bytes, at most 25 MiB.")
    sha256: str = strawberry.field(description="Of the file, in lower-case hexadecimal.")


@strawberry.type(description="What came of announcing a file.")
class RequestUploadPayload:
    ticket: UploadTicket | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()


@strawberry.input(description="Which file has been sent.")
class CompleteUploadInput:
    document_id: strawberry.ID = strawberry.field(description="As the ticket has it.")


@strawberry.input(description="Which document no doctor is to see any more.")
class HideDocumentInput:
    document_id: strawberry.ID = strawberry.field(description="One that is AVAILABLE.")


@strawberry.input(description="How a document is to be called.")
class RenameDocumentInput:
    document_id: strawberry.ID = strawberry.field(description="One's own.")
    name: str = strawberry.field(description="1 to 255 characters.")


@strawberry.type(description="What came of an act on a document.")
class DocumentPayload:
    document: Document | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()


@strawberry.input(description="Which document is to be opened, and what for.")
class OpenDocumentInput:
    document_id: strawberry.ID = strawberry.field(
        description="One's own, or one that is shared, or that one has issued."
    )
    purpose: str | None = strawberry.field(
        default=None, description="At most 500 characters, which the patient can read."
    )


@strawberry.type(description="A link to a document, good for a minute.")
class OpenDocumentPayload:
    url: str | None = strawberry.field(
        default=None, description="Where its bytes are, to be saved as a file; null when refused."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="Until when the link is good."
    )
    problems: list[Problem] = problems()
