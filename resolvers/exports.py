"""What is done with exports."""

import strawberry

from domain import exports
from domain.auth import as_patient
from domain.errors import NotFound, NotUploaded
from domain.exports import CONTENT_TYPE
from domain.objects import StoreUnreachable
from resolvers.attempts import attempt
from schema import ids
from schema.context import Info
from schema.exports import (
    OpenExportInput,
    OpenExportPayload,
    RecordExport,
    RequestExportInput,
    RequestExportPayload,
)
from schema.nodes import must
from schema.problems import AnswerProblems, Input


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "Everything that is kept of the patient, as one archive: it is made in the background,"
            " and told of by e-mail. One at a time, three a day."
        ),
        extensions=[AnswerProblems(RequestExportPayload)],
    )
    async def request_export(
        self, info: Info, input: Input[RequestExportInput]
    ) -> RequestExportPayload | None:
        context, viewer = info.context, info.context.viewer
        as_patient(viewer)
        export = await attempt(
            context,
            lambda work: exports.request(work, viewer, at=context.at),
            password=input.password,
            by_code=False,
        )
        return RequestExportPayload(export=RecordExport.of(export, context.at))

    @strawberry.mutation(
        description=(
            "A link that works for one minute. The access is on record before the link exists."
        ),
        extensions=[AnswerProblems(OpenExportPayload)],
    )
    async def open_export(
        self, info: Info, input: Input[OpenExportInput]
    ) -> OpenExportPayload | None:
        context, viewer = info.context, info.context.viewer
        as_patient(viewer)
        id = ids.read_export(input.export_id)
        export = await context.act(lambda work: exports.open(work, viewer, id, at=context.at))
        if export is None:
            raise NotFound("There is no such export.")
        try:
            url, expires_at = await context.services.objects.link(
                export.object_key,
                must(export.version),
                name=f"health-med-{export.requested_at:%Y-%m-%d}.zip",
                content_type=CONTENT_TYPE,
                at=context.at,
            )
        except StoreUnreachable:
            raise NotUploaded("The archive cannot be had now; try again later.") from None
        return OpenExportPayload(url=url, expires_at=expires_at)
