"""Registrations of doctors: how they stand, and why, for administrators and for the doctor."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain import doctors, standings
from domain.doctors import DoctorStatus
from domain.errors import BadInput
from domain.ids import DoctorId
from schema import paging
from schema.context import Info
from schema.doctors import Doctor
from schema.paging import Connection
from schema.problems import Problem, problems

_SEARCH_LONGEST = 120

strawberry.enum(
    DoctorStatus,
    description=(
        "PENDING: the registry has not answered yet. Only VERIFIED doctors are found, booked, and"
        " may publish and accept."
    ),
)


@strawberry.type(description="What an administrator decided of a doctor's registration.")
class RegistrationDecision:
    status: DoctorStatus = strawberry.field(description="How it stood from then on.")
    reason: str = strawberry.field(description="Why, in the administrator's words.")
    at: datetime = strawberry.field(description="When.")

    @classmethod
    def of(cls, standing: standings.Standing) -> Self:
        return cls(status=standing.status, reason=standing.reason, at=standing.decided_at)


@strawberry.type(description="A doctor's registration, for administrators and for himself.")
class DoctorRegistration:
    doctor: Doctor = strawberry.field(description="As patients see, or would see, him.")
    status: DoctorStatus = strawberry.field(description="How it stands now.")
    registered_at: datetime = strawberry.field(description="When the doctor joined.")
    number: strawberry.Private[DoctorId]

    @classmethod
    def of(cls, doctor: doctors.Doctor) -> Self:
        return cls(
            doctor=Doctor.of(doctor),
            status=doctor.status,
            registered_at=doctor.created_at,
            number=doctor.id,
        )

    @strawberry.field(
        description="Of administrators, the latest first; none while it is as the registry said."
    )
    async def decisions(self, info: Info) -> list[RegistrationDecision]:
        decided = await info.context.loaders.standings.load(self.number)
        return [RegistrationDecision.of(each) for each in decided or ()]


@strawberry.type
class Registrations:
    """A part of AdministratorViewer; not a type of its own for clients."""

    @strawberry.field(description="Of all doctors, whatever their status, the latest first.")
    async def registrations(
        self,
        info: Info,
        status: Annotated[
            list[DoctorStatus] | None,
            strawberry.argument(description="Only those that stand so; null for all."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="A part of the name, in any case and with or without accents; or the"
                " digits of the CRM."
            ),
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[DoctorRegistration]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("registrations", after)
        if search is not None and not (
            1 <= len(search.strip()) <= _SEARCH_LONGEST and search.isprintable()
        ):
            raise BadInput(f"search has 1 to {_SEARCH_LONGEST} characters.")
        found = await info.context.reads.registrations(
            statuses=status,
            search=search.strip() if search else None,
            after=None if key is None else DoctorId(paging.key_id(key, 0)),
            limit=wanted + 1,
        )
        nodes = [
            (paging.show_cursor("registrations", each.id), DoctorRegistration.of(each))
            for each in found
        ]
        return paging.connection(nodes, first=wanted, after=after)


@strawberry.type(description="What came of a decision on a doctor's registration.")
class DoctorRegistrationPayload:
    registration: DoctorRegistration | None = strawberry.field(
        default=None, description="As it stands now; null when refused."
    )
    problems: list[Problem] = problems()


@strawberry.input(description="Which doctor is verified.")
class VerifyDoctorInput:
    doctor_id: strawberry.ID = strawberry.field(description="One who is PENDING.")
    reason: str = strawberry.field(description="10 to 500 characters, which the doctor can read.")


@strawberry.input(description="Which doctor is suspended.")
class SuspendDoctorInput:
    doctor_id: strawberry.ID = strawberry.field(description="One who is PENDING or VERIFIED.")
    reason: str = strawberry.field(description="10 to 500 characters, which the doctor can read.")


@strawberry.input(description="Which doctor is reinstated.")
class ReinstateDoctorInput:
    doctor_id: strawberry.ID = strawberry.field(description="One who is SUSPENDED.")
    reason: str = strawberry.field(description="10 to 500 characters, which the doctor can read.")
