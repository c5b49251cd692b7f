"""The same key again gives the first answer again, so that a lost reply does no harm.

The key is kept in the transaction of the act it names. A refusal is an answer too: what the act
had begun is undone, the key and the refusal stay.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from domain import holds
from domain.auth import Viewer
from domain.errors import Invalid, KeyReused, Refusal, Refusals
from domain.ids import SlotId, UserId
from domain.slots import SlotTaken
from domain.unit_of_work import UnitOfWork


class Made(Protocol):
    @property
    def id(self) -> UUID: ...


M = TypeVar("M", bound=Made)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRefusal:
    """`slot_id`: for SLOT_TAKEN, whose alternatives are found anew."""

    code: str
    message: str
    path: Sequence[str]
    slot_id: SlotId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: what was made, or refusals. `fingerprint` stands for the input, and for
    what was to be made.
    """

    fingerprint: bytes
    made_id: UUID | None = None
    refusals: Sequence[KeptRefusal] = field(default=())


class Answers(Protocol):
    async def claim(
        self, user_id: UserId, key: UUID, fingerprint: bytes, /, *, at: datetime, since: datetime
    ) -> Answer | None:
        """None: the key is this work's own now. Waits for another work that has it in hand.

        A key used before `since` is free again.
        """
        ...

    def keep(self, user_id: UserId, key: UUID, answer: Answer, /) -> None:
        """When this work ends."""
        ...


class AsBefore(Refusal):
    """A refusal given again in its first words."""

    def __init__(self, kept: KeptRefusal) -> None:
        super().__init__(kept.message, *kept.path)
        self.code = kept.code  # type: ignore[misc]  # of this one refusal, not of its class


def read_key(key: str) -> UUID:
    """Raises Invalid."""
    try:
        return UUID(key)
    except ValueError:
        raise Invalid("An idempotency key is a UUID.", "idempotencyKey") from None


def fingerprint_of(*values: object) -> bytes:
    """Stands for an input, and tells nothing of it."""
    return hashlib.sha256(json.dumps(values).encode()).digest()


async def once(
    work: UnitOfWork,
    viewer: Viewer,
    key: str,
    fingerprint: bytes,
    act: Callable[[], Awaitable[M]],
    *,
    recall: Callable[[UUID], Awaitable[M]],
    at: datetime,
) -> M | Refusal:
    """The outcome of `act`, or that of the first time this user sent this key: `recall` looks how
    it stands now.

    A refusal is returned, not raised, since raising would undo the keeping of it. Raises Invalid
    for a key that is no UUID, KeyReused for another input, and whatever else `act` raises.
    """
    number = read_key(key)
    since = at - work.limits.idempotency_for
    first = await work.answers.claim(viewer.user_id, number, fingerprint, at=at, since=since)
    if first is not None:
        if first.fingerprint != fingerprint:
            raise KeyReused
        if first.made_id is not None:
            return await recall(first.made_id)
        return Refusals([await _again(work, kept, at) for kept in first.refusals])
    try:
        async with work.savepoint():
            made = await act()
    except Refusal as refusal:
        work.answers.keep(viewer.user_id, number, refused(fingerprint, refusal))
        return refusal
    answer = Answer(fingerprint=fingerprint, made_id=made.id)
    work.answers.keep(viewer.user_id, number, answer)
    return made


def refused(fingerprint: bytes, refusal: Refusal) -> Answer:
    """As it is kept."""
    return Answer(fingerprint=fingerprint, refusals=[_kept(each) for each in refusal.each()])


async def _again(work: UnitOfWork, kept: KeptRefusal, at: datetime) -> Refusal:
    slot = await work.slots.get(kept.slot_id) if kept.slot_id else None
    return AsBefore(kept) if slot is None else await holds.taken(work, slot, at=at)


def _kept(refusal: Refusal) -> KeptRefusal:
    slot_id = refusal.slot_id if isinstance(refusal, SlotTaken) else None
    return KeptRefusal(code=refusal.code, message=str(refusal), path=refusal.path, slot_id=slot_id)
