"""Patients, as they and their doctors see them."""

from datetime import date
from typing import Self

import strawberry

from domain import patients, registrations
from domain.auth import Viewer
from domain.ids import PatientId
from schema import ids
from schema.languages import Language
from schema.nodes import Node
from schema.problems import Problem, problems
from schema.scalars import CPF


@strawberry.type(description="A patient. Seen by himself, and by doctors with whom he has to do.")
class Patient(Node):
    name: str = strawberry.field(description="As his doctors read it.")
    cpf: CPF = strawberry.field(
        description="529.982.247-25 for its owner, ***.982.247-** for others."
    )
    birth_date: date | None = strawberry.field(description="The day of birth.")

    @classmethod
    def of(cls, patient: patients.Patient, viewer: Viewer) -> Self:
        cpf = registrations.CPF(patient.cpf)
        own = viewer.patient_id == patient.id
        return cls(
            id=ids.show(PatientId, patient.id),
            name=patient.name,
            cpf=CPF(str(cpf) if own else cpf.masked),
            birth_date=patient.birth_date,
        )


@strawberry.input(description="A patient who joins.")
class RegisterPatientInput:
    name: str = strawberry.field(description="2 to 120 characters.")
    email: str = strawberry.field(description="With it one signs in; messages go there.")
    cpf: CPF = strawberry.field(description="With or without punctuation.")
    password: str = strawberry.field(description="8 to 128 characters.")
    birth_date: date | None = strawberry.field(default=None, description="The day of birth.")
    language: Language | None = strawberry.field(
        default=None, description="In which mail comes; null: PORTUGUESE."
    )
    time_zone: str | None = strawberry.field(
        default=None, description="IANA name, for mail to tell the hour; null: America/Sao_Paulo."
    )


@strawberry.type(description="What came of registerPatient.")
class RegisterPatientPayload:
    patient: Patient | None = strawberry.field(
        default=None,
        description="Null when refused, and where the e-mail address is to be confirmed first.",
    )
    problems: list[Problem] = problems()


@strawberry.input(description="What changes; what is left out stays. null clears birthDate.")
class UpdatePatientInput:
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="2 to 120 characters."
    )
    email: str | None = strawberry.field(default=strawberry.UNSET, description="To sign in with.")
    birth_date: date | None = strawberry.field(
        default=strawberry.UNSET, description="The day of birth."
    )
    language: Language | None = strawberry.field(
        default=strawberry.UNSET, description="In which mail comes."
    )
    time_zone: str | None = strawberry.field(
        default=strawberry.UNSET, description="IANA name, for mail to tell the hour."
    )


@strawberry.type(description="What came of updatePatient.")
class UpdatePatientPayload:
    patient: Patient | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()
