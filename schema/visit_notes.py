"""What a doctor writes of a visit, as he and his patient read it, and whom the patient lets."""

from datetime import datetime
from typing import Self

import strawberry

from domain import visit_notes
from domain.ids import DoctorId, VisitNoteId
from schema import ids
from schema.context import Info
from schema.doctors import Doctor
from schema.nodes import must
from schema.problems import Problem, problems


@strawberry.type(description="A version of what a doctor has written of a visit. It never changes.")
class VisitNote:
    id: strawberry.ID = strawberry.field(description="By which the access log names it, too.")
    version: int = strawberry.field(description="From 1 on: a note is amended by another version.")
    text: str = strawberry.field(description="In the doctor's words.")
    written_at: datetime = strawberry.field(description="When.")
    amends: strawberry.ID | None = strawberry.field(
        description="The version before, which stays; null of the first."
    )
    amended: bool = strawberry.field(description="Whether there is a later version.")
    doctor_id: strawberry.Private[DoctorId]

    @classmethod
    def of(cls, seen: visit_notes.SeenVisitNote) -> Self:
        note = seen.note
        return cls(
            id=ids.show(VisitNoteId, note.id),
            version=note.version,
            text=note.text,
            written_at=note.written_at,
            amends=None if note.amends is None else ids.show(VisitNoteId, note.amends),
            amended=seen.amended,
            doctor_id=note.doctor_id,
        )

    @strawberry.field(description="Who has written it.")
    async def author(self, info: Info) -> Doctor:
        return Doctor.of(must(await info.context.loaders.doctors.load(self.doctor_id)))


@strawberry.input(description="What a doctor writes of a visit, or writes anew.")
class WriteVisitNoteInput:
    appointment_id: strawberry.ID = strawberry.field(
        description="One of the doctor's own that is IN_PROGRESS, or COMPLETED for 7 days at most."
    )
    text: str = strawberry.field(
        description=(
            "1 to 20,000 characters: all of the note, if there is a version already. There are 50"
            " at most."
        )
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description=(
            "A UUID made by the client: the same key with the same input by the same user gives"
            " the first answer again, refusals too, for 24 hours."
        )
    )


@strawberry.type(description="What came of writing a note.")
class WriteVisitNotePayload:
    note: VisitNote | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()
