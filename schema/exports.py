"""Exports, as the patient who takes his record along sees them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import exports
from domain.exports import ExportStatus
from domain.ids import ExportId
from schema import ids
from schema.context import Info
from schema.nodes import Node, must
from schema.problems import Problem, problems

MOST = 20

strawberry.enum(
    ExportStatus,
    description=(
        "REQUESTED: waits. RUNNING: is being made. READY: can be opened. FAILED: could not be made;"
        " the clinic knows. EXPIRED: is gone; ask for another one."
    ),
)


@strawberry.type(description="An archive (ZIP) of everything that is kept of a patient.")
class RecordExport(Node):
    status: ExportStatus = strawberry.field(description="How far it is.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    progress: float = strawberry.field(description="From 0 to 1.")
    size: int | None = strawberry.field(description="Bytes; null until it is READY.")
    expires_at: datetime | None = strawberry.field(
        description="Until when it is kept; null until it is READY."
    )

    @classmethod
    def of(cls, export: exports.RecordExport, at: datetime) -> Self:
        return cls(
            id=ids.show(ExportId, export.id),
            status=export.as_of(at),
            requested_at=export.requested_at,
            progress=export.progress,
            size=export.size,
            expires_at=export.expires_at,
        )


@strawberry.type
class OwnExports:
    """A part of PatientViewer; not a type of its own for clients."""

    @strawberry.field(description="Own ones, at most 20, the latest first.")
    async def exports(self, info: Info) -> list[RecordExport]:
        patient_id = must(info.context.viewer.patient_id)
        found = await info.context.records.exports_of(patient_id, limit=MOST)
        return [RecordExport.of(export, info.context.at) for export in found]


@strawberry.input(description="Who wants to take everything along.")
class RequestExportInput:
    password: str = strawberry.field(description="The password, once more.")


@strawberry.type(description="What came of asking for an export.")
class RequestExportPayload:
    export: RecordExport | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()


@strawberry.input(description="Which export is to be opened.")
class OpenExportInput:
    export_id: strawberry.ID = strawberry.field(description="One that is READY.")


@strawberry.type(description="A link to an archive, good for a minute.")
class OpenExportPayload:
    url: str | None = strawberry.field(
        default=None, description="Where its bytes are, to be saved as a file; null when refused."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="Until when the link is good."
    )
    problems: list[Problem] = problems()
