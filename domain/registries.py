"""Registries: who outside of the clinic knows about CPF and CRM numbers, and may be out of reach.

Nobody who joins waits for one: he is registered, and his number is asked about again and again
until there is an answer (domain/checks.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, Self

from domain.ids import UserId
from domain.limits import Limits


class RegistryUnreachable(Exception):
    """It gave no answer, or none that can be understood. The message does not name the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedNumber:
    """The CPF of the patient, or the CRM of the doctor, with this account."""

    id: UserId
    added_at: datetime
    due_at: datetime

    @classmethod
    def new(cls, id: UserId, limits: Limits, *, at: datetime) -> Self:
        return cls(id=id, added_at=at, due_at=at + limits.check_pause)

    def put_off(self, limits: Limits, *, at: datetime) -> Self:
        """For as long as it has waited already: at most twice as long as the registry was away."""
        waited = max(at - self.added_at, limits.check_pause)
        return replace(self, due_at=at + min(waited, limits.check_pause_longest))


class UncheckedNumbers(Protocol):
    async def add(self, number: UncheckedNumber, /) -> bool: ...
    async def lock_due(self, *, at: datetime, limit: int) -> Sequence[UncheckedNumber]:
        """Those due first which nobody else has locked."""
        ...

    async def save(self, number: UncheckedNumber, /) -> None: ...
    async def remove(self, id: UserId, /) -> None: ...
