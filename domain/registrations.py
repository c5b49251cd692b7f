"""CPF and CRM: the numbers by which Brazil knows its people and its doctors."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from domain.errors import Invalid


class UF(StrEnum):
    """The federative units of Brazil: 26 states and the Federal District."""

    AC = "AC"
    AL = "AL"
    AM = "AM"
    AP = "AP"
    BA = "BA"
    CE = "CE"
    DF = "DF"
    ES = "ES"
    GO = "GO"
    MA = "MA"
    MG = "MG"
    MS = "MS"
    MT = "MT"
    PA = "PA"
    PB = "PB"
    PE = "PE"
    PI = "PI"
    PR = "PR"
    RJ = "RJ"
    RN = "RN"
    RO = "RO"
    RR = "RR"
    RS = "RS"
    SC = "SC"
    SE = "SE"
    SP = "SP"
    TO = "TO"


_CPF = re.compile(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}")
_CRM = re.compile(
    r"(?:CRM)?[ /-]*(?:([A-Z]{2})[ /-]+)?(?:CRM[ /-]+)?([0-9]{1,10})( ?P)?(?:[ /-]*([A-Z]{2}))?"
)


@dataclass(frozen=True, slots=True)
class CPF:
    """Cadastro de Pessoas Físicas: eleven digits, the last two of them check digits."""

    digits: str

    @classmethod
    def read(cls, text: str, *path: str) -> Self:
        """With or without punctuation. Raises Invalid at `path`."""
        stripped = text.strip()
        digits = re.sub(r"[.-]", "", stripped)
        if not _CPF.fullmatch(stripped) or not _checks(digits):
            raise Invalid("This is not a valid CPF; look at its digits once more.", *path)
        return cls(digits)

    def __str__(self) -> str:
        d = self.digits
        return f"{d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:]}"

    def __repr__(self) -> str:
        return f"CPF({self.masked})"  # so that no log or traceback shows it

    @property
    def masked(self) -> str:
        """As others than its owner may see it."""
        return f"***.{self.digits[3:6]}.{self.digits[6:9]}-**"


def _checks(digits: str) -> bool:
    """Modulus 11 over the first nine, then ten; numbers of one repeated digit are not issued."""
    if len(set(digits)) == 1:
        return False
    return all(_check_digit(digits[:length]) == digits[length] for length in (9, 10))


def _check_digit(digits: Sequence[str]) -> str:
    weighted = sum(
        int(d) * weight for d, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True)
    )
    return str(weighted * 10 % 11 % 10)


@dataclass(frozen=True, slots=True)
class CRM:
    """A registration with a regional council of medicine; provisional ones end in P."""

    number: str
    uf: UF

    @classmethod
    def read(cls, text: str, uf: UF, *path: str) -> Self:
        """`123456/SP`, `123456-SP` and `CRM 123456 SP` are one number. Raises Invalid at `path`."""
        match = _CRM.fullmatch(text.strip().upper())
        if match is None:
            raise Invalid("This is not a CRM number; write its digits, such as 123456.", *path)
        before, digits, provisional, after = match.groups()
        if any(named not in (None, uf.value) for named in (before, after)):
            raise Invalid("The state in this CRM number is not the one given as uf.", *path)
        number = digits.lstrip("0")
        if not number:
            raise Invalid("This is not a CRM number; it has no digit but zero.", *path)
        return cls(number + ("P" if provisional else ""), uf)
