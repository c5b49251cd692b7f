"""A doctor asks for access to a record; its patient answers."""

import strawberry

from domain import access_requests
from domain.access_requests import Granted
from domain.auth import as_doctor, as_patient
from domain.errors import NotFound
from schema import ids
from schema.access_requests import (
    AccessRequest,
    AccessRequestPayload,
    AnswerAccessRequestInput,
    RequestAccessInput,
)
from schema.context import Info
from schema.problems import AnswerProblems, Input


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "By a doctor, of a patient with whom he has, or had, an appointment, who is told by"
            " mail. Of any other the try is in the patient's access log."
        ),
        extensions=[AnswerProblems(AccessRequestPayload)],
    )
    async def request_access(
        self, info: Info, input: Input[RequestAccessInput]
    ) -> AccessRequestPayload | None:
        context = info.context
        as_doctor(context.viewer)
        id = ids.read_patient(input.patient_id)
        seen = await context.act(
            lambda work: access_requests.request(
                work, context.viewer, id, input.message, at=context.at
            )
        )
        if seen is None:
            raise NotFound("There is no such patient of yours.")
        return AccessRequestPayload(request=AccessRequest.of(seen))

    @strawberry.mutation(
        description="By the patient: what he accepts is a share, what he declines shows nothing.",
        extensions=[AnswerProblems(AccessRequestPayload)],
    )
    async def answer_access_request(
        self, info: Info, input: Input[AnswerAccessRequestInput]
    ) -> AccessRequestPayload | None:
        context = info.context
        as_patient(context.viewer)
        id = ids.read_access_request(input.request_id)
        if not input.accept:
            seen = await context.act(lambda work: access_requests.decline(work, context.viewer, id))
            return AccessRequestPayload(request=AccessRequest.of(seen))
        named = input.document_ids
        granted = Granted(
            document_ids=None if named is None else [ids.read_document(each) for each in named],
            includes_future=bool(input.include_future),
            valid_until=input.valid_until,
        )
        seen = await context.act(
            lambda work: access_requests.accept(work, context.viewer, id, granted)
        )
        return AccessRequestPayload(request=AccessRequest.of(seen))
