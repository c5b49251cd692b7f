"""Enrolments: a password is with the pool before its account is here: no transaction has both.

Each goes under an id of its own, so that one that was broken off is in nobody's way. It is written
down before, and crossed out in the act that adds the account; what stays is taken from the pool.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from domain.errors import WrongStatus
from domain.identity import IdentityProvider
from domain.ids import UserId, new_id
from domain.unit_of_work import Act, UnitOfWork

_UNDER_WAY = timedelta(minutes=10)  # at most
_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """`abandoned_at`: since when it is being taken back, and no account comes of it any more."""

    id: UserId
    begun_at: datetime
    abandoned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """Account.id and Account.password_hash of the account that is to be."""

    id: UserId
    password_hash: str


class Enrolments(Protocol):
    async def add(self, enrolment: Enrolment, /) -> bool: ...
    async def lock_stale(self, *, before: datetime, limit: int) -> Sequence[Enrolment]:
        """Those begun, or abandoned and still there, since before then; which nobody else has
        locked.
        """
        ...

    async def save(self, enrolment: Enrolment, /) -> None: ...
    async def finish(self, id: UserId, /) -> bool:
        """False if there is none, or none that is not abandoned."""
        ...

    async def remove(self, id: UserId, /) -> None: ...


async def begin(act: Act, provider: IdentityProvider, password: str, *, at: datetime) -> Enrolled:
    """Outside of any act. Raises what IdentityProvider.enrol does."""
    id = UserId(new_id())
    if provider.is_outside:
        await act(lambda work: work.enrolments.add(Enrolment(id=id, begun_at=at)))
    return Enrolled(id=id, password_hash=await provider.enrol(id, password))


async def finish(work: UnitOfWork, provider: IdentityProvider, id: UserId) -> None:
    """In the act that adds the account."""
    if provider.is_outside and not await work.enrolments.finish(id):
        raise WrongStatus("This has taken too long; try again.")


class Leftovers:
    """Of enrolments that were broken off."""

    def __init__(self, act: Act, provider: IdentityProvider, now: Callable[[], datetime]) -> None:
        self._act, self._provider, self._now = act, provider, now

    async def remove(self) -> int:
        """Returns of how many."""
        removed = 0
        while left := await self._act(lambda work: _claim(work, at=self._now())):
            for id in left:
                await self._provider.remove(id)
                await self._act(partial(_forget, id=id))
            removed += len(left)
        return removed


async def _claim(work: UnitOfWork, *, at: datetime) -> Sequence[UserId]:
    """Nobody else is given them for a while."""
    found = await work.enrolments.lock_stale(before=at - _UNDER_WAY, limit=_AT_ONCE)
    for enrolment in found:
        await work.enrolments.save(replace(enrolment, abandoned_at=at))
    return [enrolment.id for enrolment in found]


async def _forget(work: UnitOfWork, *, id: UserId) -> None:
    await work.enrolments.remove(id)
