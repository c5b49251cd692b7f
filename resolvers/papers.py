"""A doctor issues papers, and signs them."""

import strawberry

from domain import signatures
from domain.auth import as_doctor
from domain.records import Document as Entity
from schema import ids
from schema.context import Info
from schema.papers import IssueCertificateInput, IssuePrescriptionInput, SignPaperInput
from schema.problems import AnswerProblems, Input
from schema.records import Document, DocumentPayload

_ANSWERS = AnswerProblems(DocumentPayload)


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "By the doctor of an appointment: a certificate (atestado) becomes part of the"
            " patient's record, UNSIGNED."
        ),
        extensions=[_ANSWERS],
    )
    async def issue_certificate(
        self, info: Info, input: Input[IssueCertificateInput]
    ) -> DocumentPayload | None:
        return await _issue(info, input)

    @strawberry.mutation(
        description=(
            "By the doctor of an appointment: a prescription (receita) becomes part of the"
            " patient's record, UNSIGNED. It is not for drugs that need a form of their own:"
            " those under special control, and antimicrobials."
        ),
        extensions=[_ANSWERS],
    )
    async def issue_prescription(
        self, info: Info, input: Input[IssuePrescriptionInput]
    ) -> DocumentPayload | None:
        return await _issue(info, input)

    @strawberry.mutation(
        description=(
            "By the doctor who issued it, once, with a certificate in his own name: the paper is"
            " made anew without the mark that it is not signed, and signed."
        ),
        extensions=[_ANSWERS],
    )
    async def sign_paper(self, info: Info, input: Input[SignPaperInput]) -> DocumentPayload | None:
        context = info.context
        as_doctor(context.viewer)
        id = ids.read_document(input.document_id)
        credentials = signatures.read(input.pkcs12, input.passphrase)
        signed = await context.services.signing.sign(context.viewer, id, credentials)
        return _payload(signed)


async def _issue(
    info: Info, input: IssueCertificateInput | IssuePrescriptionInput
) -> DocumentPayload:
    context = info.context
    as_doctor(context.viewer)
    return _payload(await context.services.issuing.issue(context.viewer, input.read()))


def _payload(document: Entity) -> DocumentPayload:
    return DocumentPayload(document=Document.of(document))
