"""What is done with documents and shares."""

import strawberry

from domain import records, shares
from domain.auth import as_party, as_patient
from domain.errors import NotFound, NotUploaded
from domain.objects import StoreUnreachable
from domain.records import Announced
from domain.shares import Wanted
from schema import ids
from schema.context import Info
from schema.nodes import must
from schema.problems import AnswerProblems, Input
from schema.records import (
    CompleteUploadInput,
    Document,
    DocumentPayload,
    HideDocumentInput,
    OpenDocumentInput,
    OpenDocumentPayload,
    RenameDocumentInput,
    RequestUploadInput,
    RequestUploadPayload,
    UploadTicket,
)
from schema.shares import RecordShare, RecordSharePayload, RevokeShareInput, ShareRecordInput


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="A place for a file of the patient's, and how to send it there.",
        extensions=[AnswerProblems(RequestUploadPayload)],
    )
    async def request_upload(
        self, info: Info, input: Input[RequestUploadInput]
    ) -> RequestUploadPayload | None:
        context = info.context
        announced = Announced(
            name=input.name.strip(),
            content_type=input.content_type.strip().lower(),
            size=input.size,
            sha256=input.sha256.strip().lower(),
        )
        document = await context.act(
            lambda work: records.request_upload(work, context.viewer, announced, at=context.at)
        )
        try:
            form = await context.services.objects.upload_form(
                document.object_key,
                content_type=document.content_type,
                size=document.size,
                sha256=document.sha256,
                at=context.at,
            )
        except StoreUnreachable:
            raise NotUploaded("No file can be taken now; try again later.") from None
        return RequestUploadPayload(ticket=UploadTicket.of(document, form))

    @strawberry.mutation(
        description="The file has been sent: it is looked into, and AVAILABLE if nothing is wrong.",
        extensions=[AnswerProblems(DocumentPayload)],
    )
    async def complete_upload(
        self, info: Info, input: Input[CompleteUploadInput]
    ) -> DocumentPayload | None:
        context = info.context
        as_patient(context.viewer)
        id = ids.read_document(input.document_id)
        document = await context.services.uploads.complete(context.viewer, id)
        return DocumentPayload(document=Document.of(document))

    @strawberry.mutation(
        description="No doctor sees it any more, whatever is shared. Nobody can delete it.",
        extensions=[AnswerProblems(DocumentPayload)],
    )
    async def hide_document(
        self, info: Info, input: Input[HideDocumentInput]
    ) -> DocumentPayload | None:
        context = info.context
        as_patient(context.viewer)
        id = ids.read_document(input.document_id)
        document = await context.act(lambda work: records.hide(work, context.viewer, id))
        return DocumentPayload(document=Document.of(document))

    @strawberry.mutation(
        description="The patient calls it something else; its bytes stay as they are.",
        extensions=[AnswerProblems(DocumentPayload)],
    )
    async def rename_document(
        self, info: Info, input: Input[RenameDocumentInput]
    ) -> DocumentPayload | None:
        context = info.context
        as_patient(context.viewer)
        id, name = ids.read_document(input.document_id), input.name.strip()
        document = await context.act(lambda work: records.rename(work, context.viewer, id, name))
        return DocumentPayload(document=Document.of(document))

    @strawberry.mutation(
        description=(
            "A link that works for one minute. The access is on record before the link exists."
        ),
        extensions=[AnswerProblems(OpenDocumentPayload)],
    )
    async def open_document(
        self, info: Info, input: Input[OpenDocumentInput]
    ) -> OpenDocumentPayload | None:
        context = info.context
        as_party(context.viewer)
        id = ids.read_document(input.document_id)
        document = await context.act(
            lambda work: records.open(work, context.viewer, id, input.purpose)
        )
        if document is None:
            raise NotFound("There is no such document.")
        try:
            url, expires_at = await context.services.objects.link(
                document.object_key,
                must(document.version),
                name=document.name,
                content_type=document.content_type,
                at=context.at,
            )
        except StoreUnreachable:
            raise NotUploaded("The file cannot be had now; try again later.") from None
        return OpenDocumentPayload(url=url, expires_at=expires_at)

    @strawberry.mutation(
        description="A doctor sees documents of the patient's until a time that he says.",
        extensions=[AnswerProblems(RecordSharePayload)],
    )
    async def share_record(
        self, info: Info, input: Input[ShareRecordInput]
    ) -> RecordSharePayload | None:
        context = info.context
        as_patient(context.viewer)
        named, visit = input.document_ids, input.appointment_id
        wanted = Wanted(
            doctor_id=ids.read_doctor(input.doctor_id),
            document_ids=None if named is None else [ids.read_document(id) for id in named],
            includes_future=bool(input.include_future),
            valid_until=input.valid_until,
            appointment_id=None if visit is None else ids.read_appointment(visit),
        )
        seen = await context.act(lambda work: shares.share(work, context.viewer, wanted))
        return RecordSharePayload(share=RecordShare.of(seen))

    @strawberry.mutation(
        description="At once: the doctor sees nothing by this share any more.",
        extensions=[AnswerProblems(RecordSharePayload)],
    )
    async def revoke_share(
        self, info: Info, input: Input[RevokeShareInput]
    ) -> RecordSharePayload | None:
        context = info.context
        as_patient(context.viewer)
        id = ids.read_share(input.share_id)
        seen = await context.act(lambda work: shares.revoke(work, context.viewer, id))
        return RecordSharePayload(share=RecordShare.of(seen))
