"""Emergencies: that a doctor broke the glass, as he and the administrators who review it see it."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain import emergencies
from domain.ids import DoctorId, EmergencyAccessId, PatientId, UserId
from schema import ids, paging
from schema.context import Info
from schema.doctors import Doctor
from schema.nodes import must
from schema.paging import Connection
from schema.problems import Problem, problems


@strawberry.type(description="That a doctor sees a record for an hour without being asked to.")
class EmergencyAccess:
    id: strawberry.ID = strawberry.field(description="For reviewEmergencyAccess.")
    patient_id: strawberry.ID = strawberry.field(description="Whose record; no more is told.")
    reason: str = strawberry.field(
        description="Why, in the doctor's words, which the patient reads in his access log."
    )
    opened_at: datetime = strawberry.field(description="From when on.")
    ends_at: datetime = strawberry.field(description="From when on no more.")
    reviewed_at: datetime | None = strawberry.field(description="Null until it is reviewed.")
    reviewed_by: strawberry.ID | None = strawberry.field(description="Which administrator did.")
    note: str | None = strawberry.field(description="What came of it, in that one's words.")
    doctor_id: strawberry.Private[DoctorId]

    @classmethod
    def of(cls, access: emergencies.EmergencyAccess) -> Self:
        reviewer = access.reviewed_by
        return cls(
            id=ids.show(EmergencyAccessId, access.id),
            patient_id=ids.show(PatientId, access.patient_id),
            reason=access.reason,
            opened_at=access.opened_at,
            ends_at=access.ends_at,
            reviewed_at=access.reviewed_at,
            reviewed_by=None if reviewer is None else ids.show(UserId, reviewer),
            note=access.note,
            doctor_id=access.doctor_id,
        )

    @strawberry.field(description="Who broke the glass.")
    async def doctor(self, info: Info) -> Doctor:
        return Doctor.of(must(await info.context.loaders.doctors.load(self.doctor_id)))


@strawberry.type
class Emergencies:
    """A part of AdministratorViewer; not a type of its own for clients."""

    @strawberry.field(
        description="Of all doctors, the latest first. To read it is an entry of the audit log."
    )
    async def emergency_accesses(
        self,
        info: Info,
        reviewed: Annotated[
            bool | None,
            strawberry.argument(description="Only those that are, or are not; null for all."),
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[EmergencyAccess]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("emergencies", after)
        seen = None if key is None else EmergencyAccessId(paging.key_id(key, 0))
        context = info.context
        # Not context.act, which has all other fields of this query look anew.
        found = await context.services.act(
            lambda work: emergencies.read(
                work, context.viewer, reviewed=reviewed, after=seen, limit=wanted + 1
            )
        )
        nodes = [
            (paging.show_cursor("emergencies", each.id), EmergencyAccess.of(each)) for each in found
        ]
        return paging.connection(nodes, first=wanted, after=after)


@strawberry.input(description="Whose record a doctor has to see at once, and why.")
class BreakGlassInput:
    patient_id: strawberry.ID = strawberry.field(
        description="One with whom he has an appointment today, CONFIRMED or IN_PROGRESS."
    )
    reason: str = strawberry.field(
        description="20 to 500 characters, which the patient and administrators can read."
    )


@strawberry.input(description="Which access has been looked into.")
class ReviewEmergencyAccessInput:
    emergency_id: strawberry.ID = strawberry.field(description="One that is not reviewed yet.")
    note: str = strawberry.field(description="10 to 500 characters: what came of it.")


@strawberry.type(description="What came of breaking the glass, or of the review.")
class EmergencyAccessPayload:
    access: EmergencyAccess | None = strawberry.field(
        default=None, description="Null when refused."
    )
    problems: list[Problem] = problems()
