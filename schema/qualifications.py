"""In which specialties a doctor is a specialist, as clients see it."""

from collections.abc import Sequence
from typing import Self

import strawberry

from domain import qualifications
from domain.qualifications import plain_rqe
from domain.specialties import SPECIALTIES


@strawberry.type(description="A medical specialty that Brazil recognizes (CFM 2.330/2023).")
class Specialty:
    code: str = strawberry.field(description="For programs and for filters; never changes.")
    name: str = strawberry.field(description="In Portuguese, as the council writes it.")

    @classmethod
    def of(cls, code: str) -> Self:
        return cls(code=code, name=SPECIALTIES[code])


@strawberry.type(
    description="A specialty in which a doctor may be called a specialist (CFM 2.336/2023)."
)
class Qualification:
    specialty: Specialty = strawberry.field(description="One of Doctor.specialties.")
    rqe: str = strawberry.field(
        description="The number under which the council has registered it; to be shown beside it."
    )

    @classmethod
    def of(cls, qualification: qualifications.Qualification) -> Self:
        return cls(specialty=Specialty.of(qualification.specialty), rqe=qualification.rqe)


@strawberry.input(description="A specialty with its RQE, without which nobody is a specialist.")
class QualificationInput:
    specialty: str = strawberry.field(description="One of the codes of `specialties`.")
    rqe: str = strawberry.field(description="`1234`, `RQE 1234` …")


def read(given: Sequence[QualificationInput]) -> tuple[qualifications.Qualification, ...]:
    """Not checked."""
    return tuple(
        qualifications.Qualification(specialty=each.specialty, rqe=plain_rqe(each.rqe))
        for each in given
    )
