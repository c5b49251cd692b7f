"""A doctor writes a note of a visit."""

from uuid import UUID

import strawberry

from domain import idempotency, visit_notes
from domain.auth import as_doctor
from domain.errors import Refusal
from domain.ids import VisitNoteId
from domain.unit_of_work import UnitOfWork
from schema import ids
from schema.context import Info
from schema.nodes import must
from schema.problems import AnswerProblems, Input
from schema.visit_notes import VisitNote, WriteVisitNoteInput, WriteVisitNotePayload


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "A note of a visit, by its doctor, into the patient's record. Once there is one it is"
            " amended: all versions stay."
        ),
        extensions=[AnswerProblems(WriteVisitNotePayload)],
    )
    async def write_visit_note(
        self, info: Info, input: Input[WriteVisitNoteInput]
    ) -> WriteVisitNotePayload | None:
        context = info.context
        as_doctor(context.viewer)  # who may not write at all has no key to be looked at

        async def write(work: UnitOfWork) -> visit_notes.VisitNote | Refusal:
            async def recall(id: UUID) -> visit_notes.VisitNote:
                return await visit_notes.find(work, context.viewer, VisitNoteId(id))

            return await idempotency.once(
                work,
                context.viewer,
                input.idempotency_key,
                idempotency.fingerprint_of("note", input.appointment_id, input.text),
                lambda: visit_notes.write(
                    work,
                    context.viewer,
                    ids.read_appointment(input.appointment_id),
                    input.text,
                    at=context.at,
                ),
                recall=recall,
                at=context.at,
            )

        outcome = await context.act(write)
        if isinstance(outcome, Refusal):
            raise outcome
        written = must(await context.loaders.notes.load(outcome.id))
        return WriteVisitNotePayload(note=VisitNote.of(written))
