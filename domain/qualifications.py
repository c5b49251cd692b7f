"""Qualifications: in which specialties a doctor may be called a specialist (CFM 2.336/2023)."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from domain.errors import Invalid, Refusal

_RQE = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """A specialty, and the number under which the council has registered it for this doctor (RQE:
    Registro de Qualificação de Especialista). `rqe` is plain, unless it has faults.
    """

    specialty: str
    rqe: str


def plain_rqe(typed: str) -> str:
    """`RQE 1234`, `rqe-1234` and `01234` are one number."""
    return re.sub(r"^(?:RQE)?[\s-]*0*", "", typed.strip(), flags=re.IGNORECASE)


def faults(
    qualifications: Sequence[Qualification], practised: Collection[str]
) -> Iterator[Refusal]:
    named: set[str] = set()
    for number, each in enumerate(qualifications):
        here = ("qualifications", number)
        if each.specialty not in practised:
            yield Invalid("This is none of the doctor's specialties.", *here, "specialty")
        elif each.specialty in named:
            yield Invalid("This specialty has been named already.", *here, "specialty")
        named.add(each.specialty)
        if not _RQE.fullmatch(each.rqe):
            yield Invalid("This is not an RQE number; write its digits.", *here, "rqe")
