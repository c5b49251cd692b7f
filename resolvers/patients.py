"""Patients: how they join."""

import strawberry

from domain import accounts, confirmation, enrolments, patients
from domain.accounts import Language
from domain.auth import as_patient
from domain.errors import Refusal, refuse_any
from domain.patients import TIME_ZONE, CpfRegistry, CpfStanding, Person
from domain.registrations import CPF
from domain.registries import RegistryUnreachable
from domain.unit_of_work import UnitOfWork
from schema.context import Info
from schema.patients import (
    Patient,
    RegisterPatientInput,
    RegisterPatientPayload,
    UpdatePatientInput,
    UpdatePatientPayload,
)
from schema.problems import AnswerProblems, Input
from schema.scalars import given


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="A patient joins.", extensions=[AnswerProblems(RegisterPatientPayload)]
    )
    async def register_patient(
        self, info: Info, input: Input[RegisterPatientInput]
    ) -> RegisterPatientPayload | None:
        context = info.context
        person = Person(
            name=input.name.strip(),
            email=input.email.strip(),
            birth_date=input.birth_date,
            language=input.language or Language.PORTUGUESE,
            time_zone=TIME_ZONE if input.time_zone is None else input.time_zone,
        )
        faults = [
            *person.faults(today=context.at.date()),
            *accounts.password_faults(context.services.passwords, input.password, "password"),
        ]
        try:
            cpf = CPF.read(input.cpf, "cpf")
        except Refusal as refusal:
            faults.append(refusal)
        refuse_any(faults)
        standing = await _standing(context.services.cpf_registry, cpf)
        identity = context.services.identity
        enrolled = await enrolments.begin(
            context.services.act, identity, input.password, at=context.at
        )

        async def register(work: UnitOfWork) -> patients.Patient:
            await enrolments.finish(work, identity, enrolled.id)
            return await patients.register(
                work,
                person,
                cpf,
                id=enrolled.id,
                password_hash=enrolled.password_hash,
                standing=standing,
                at=context.at,
            )

        if context.services.confirm_email:
            await context.act(
                lambda work: confirmation.register(
                    work,
                    lambda: register(work),
                    lambda: patients.owners(work, person, cpf),
                    person.email,
                    at=context.at,
                )
            )
            return RegisterPatientPayload()
        patient = await context.act(register)
        # Whoever has just given all of it may read it back.
        return RegisterPatientPayload(patient=Patient.of(patient, patients.as_viewer(patient)))

    @strawberry.mutation(
        description="By the patient, of himself.",
        extensions=[AnswerProblems(UpdatePatientPayload)],
    )
    async def update_patient(
        self, info: Info, input: Input[UpdatePatientInput]
    ) -> UpdatePatientPayload | None:
        context = info.context

        async def update(work: UnitOfWork) -> patients.Patient:
            patient, account = await patients.find(work, as_patient(context.viewer))
            birth_date = input.birth_date
            person = Person(  # what is not given stays; so does what cannot be null
                name=input.name.strip() if given(input.name) else patient.name,
                email=input.email.strip() if given(input.email) else account.email,
                birth_date=patient.birth_date if birth_date is strawberry.UNSET else birth_date,
                language=input.language if given(input.language) else account.language,
                time_zone=input.time_zone if given(input.time_zone) else patient.time_zone,
            )
            return await patients.update(work, context.viewer, person, at=context.at)

        patient = await context.act(update)
        return UpdatePatientPayload(patient=Patient.of(patient, context.viewer))


async def _standing(registry: CpfRegistry, cpf: CPF) -> CpfStanding | None:
    """None while the registry is out of reach: who joins does not wait for it."""
    try:
        return await registry.look_up(cpf)
    except RegistryUnreachable:
        return None
