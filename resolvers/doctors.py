"""Doctors: how they are found, and how they join."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry

from domain import accounts, confirmation, doctors, enrolments
from domain.accounts import Language, Passwords
from domain.auth import Scope, as_doctor, as_reader
from domain.doctors import CrmRegistry, DoctorStatus, Profile
from domain.errors import BadInput, Refusal, refuse_any
from domain.registrations import CRM, UF
from domain.registries import RegistryUnreachable
from domain.search import DoctorOrder
from domain.specialties import SPECIALTIES
from domain.unit_of_work import UnitOfWork
from schema import paging, qualifications
from schema.context import Info
from schema.doctors import (
    Doctor,
    DoctorConnection,
    DoctorEdge,
    DoctorFilter,
    RegisterDoctorInput,
    RegisterDoctorPayload,
    UpdateDoctorInput,
    UpdateDoctorPayload,
    cursor_kind,
    read_after,
)
from schema.problems import AnswerProblems, Input
from schema.qualifications import Specialty
from schema.scalars import given


@strawberry.type
class Query:
    @strawberry.field(description="Every specialty that Brazil recognizes, in order of name.")
    def specialties(self, info: Info) -> list[Specialty] | None:
        as_reader(info.context.caller, Scope.DOCTORS)
        return [Specialty.of(code) for code in SPECIALTIES]

    @strawberry.field(description="A doctor by registration number and state.")
    async def doctor(
        self,
        info: Info,
        crm: Annotated[
            str, strawberry.argument(description="`123456`, `123456/SP`, `CRM 123456 SP` …")
        ],
        uf: Annotated[UF, strawberry.argument(description="The state of the registration.")],
    ) -> Doctor | None:
        as_reader(info.context.caller, Scope.DOCTORS)
        try:
            number = CRM.read(crm, uf)
        except Refusal as refusal:
            raise BadInput(str(refusal)) from refusal
        found = await info.context.reads.doctor_by_crm(number)
        return None if found is None else Doctor.of(found)

    @strawberry.field(description="Those for whom every condition of the filter holds.")
    async def doctors(
        self,
        info: Info,
        filter: Annotated[
            DoctorFilter | None, strawberry.argument(description="Null for all doctors.")
        ] = None,
        order_by: Annotated[
            DoctorOrder | None, strawberry.argument(description="Who comes first.")
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> DoctorConnection | None:
        as_reader(info.context.caller, Scope.DOCTORS)
        wanted = (filter or DoctorFilter()).wanted(order_by)
        if wanted.tells_of_slots:
            as_reader(info.context.caller, Scope.SLOTS)
        wanted.check()
        count = paging.check_first(first, usual=20)
        reader = info.context.caller
        found = await info.context.reads.search(
            wanted,
            after=read_after(wanted, after),
            limit=count + 1,
            at=info.context.at,
            reader=reader.user_id if reader else None,
        )
        edges = [
            DoctorEdge(
                cursor=paging.show_cursor(cursor_kind(wanted), *each.key),
                node=Doctor.of(each.doctor),
                distance_km=each.distance_km,
            )
            for each in found[:count]
        ]
        return DoctorConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=paging.page_info(
                [edge.cursor for edge in edges], more=len(found) > count, after=after
            ),
        )


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="A doctor joins. The registry of CRM numbers says whether he is verified.",
        extensions=[AnswerProblems(RegisterDoctorPayload)],
    )
    async def register_doctor(
        self, info: Info, input: Input[RegisterDoctorInput]
    ) -> RegisterDoctorPayload | None:
        services = info.context.services
        profile = Profile(
            name=input.name.strip(),
            specialties=tuple(input.specialties),
            time_zone=input.time_zone,
            city=_trimmed(input.city),
            place=input.location.place() if input.location else None,
            qualifications=qualifications.read(input.qualifications or ()),
        )
        email = input.email.strip()
        crm = _check(services.passwords, profile, email, input)
        status = await _status(services.crm_registry, crm)
        enrolled = await enrolments.begin(
            services.act, services.identity, input.password, at=info.context.at
        )

        async def register(work: UnitOfWork) -> doctors.Doctor:
            await enrolments.finish(work, services.identity, enrolled.id)
            return await doctors.register(
                work,
                profile,
                crm,
                id=enrolled.id,
                email=email,
                password_hash=enrolled.password_hash,
                language=input.language or Language.PORTUGUESE,
                status=status,
                at=info.context.at,
            )

        if services.confirm_email:
            await info.context.act(
                lambda work: confirmation.register(
                    work,
                    lambda: register(work),
                    lambda: doctors.owners(work, crm),
                    email,
                    at=info.context.at,
                )
            )
            return RegisterDoctorPayload()
        return RegisterDoctorPayload(doctor=Doctor.of(await info.context.act(register)))

    @strawberry.mutation(
        description="By the doctor, of himself.", extensions=[AnswerProblems(UpdateDoctorPayload)]
    )
    async def update_doctor(
        self, info: Info, input: Input[UpdateDoctorInput]
    ) -> UpdateDoctorPayload | None:
        async def update(work: UnitOfWork) -> doctors.Doctor:
            before = await doctors.lock(work, as_doctor(info.context.viewer))
            profile = _changed(doctors.profile_of(before), input)
            language = input.language if given(input.language) else None
            return await doctors.update(work, info.context.viewer, profile, language)

        return UpdateDoctorPayload(doctor=Doctor.of(await info.context.act(update)))


async def _status(registry: CrmRegistry, crm: CRM) -> DoctorStatus:
    """PENDING while the registry is out of reach: who joins does not wait for it."""
    try:
        return await registry.look_up(crm)
    except RegistryUnreachable:
        return DoctorStatus.PENDING


def _check(passwords: Passwords, profile: Profile, email: str, input: RegisterDoctorInput) -> CRM:
    """All that is wrong with the form, at once."""
    faults = [
        *profile.faults(),
        *accounts.email_faults(email, "email"),
        *accounts.password_faults(passwords, input.password, "password"),
    ]
    try:
        crm = CRM.read(input.crm, input.uf, "crm")
    except Refusal as refusal:
        faults.append(refusal)
    refuse_any(faults)
    return crm


def _changed(profile: Profile, input: UpdateDoctorInput) -> Profile:
    """What is not given stays; so does what cannot be null."""
    changes: dict[str, Any] = {}
    if given(input.name):
        changes["name"] = input.name.strip()
    if given(input.specialties):
        changes["specialties"] = tuple(input.specialties)
        changes["qualifications"] = tuple(
            each for each in profile.qualifications if each.specialty in input.specialties
        )
    if given(input.qualifications):
        changes["qualifications"] = qualifications.read(input.qualifications)
    if given(input.time_zone):
        changes["time_zone"] = input.time_zone
    if input.city is not strawberry.UNSET:
        changes["city"] = _trimmed(input.city)
    if input.location is not strawberry.UNSET:
        changes["place"] = input.location.place() if input.location else None
    return replace(profile, **changes)


def _trimmed(text: str | None) -> str | None:
    return None if text is None else text.strip()
