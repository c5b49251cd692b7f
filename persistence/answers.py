"""Rows of idempotency keys and the answers given under them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from domain.idempotency import Answer, KeptRefusal
from domain.ids import SlotId, UserId
from persistence.columns import moment
from persistence.database import Connection, Pool
from persistence.table import Row


class IdempotencyKeyRow(Row, table=True):
    """`answer` is null only while its work goes on."""

    user_id: UUID = Field(primary_key=True, foreign_key="account.id")
    key: UUID = Field(primary_key=True)
    fingerprint: bytes
    answer: dict[str, Any] | None = Field(sa_column=sa.Column(JSONB))
    claimed_at: datetime = moment()


_MADE = "appointment_id"  # whatever it is; servers of an older version know this name alone
_REFUSAL = [field.name for field in fields(KeptRefusal)]
_CLAIM = (
    "INSERT INTO idempotency_key AS kept (user_id, key, fingerprint, claimed_at)"
    " VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (user_id, key) DO UPDATE"
    " SET fingerprint = $3, answer = NULL, claimed_at = $4 WHERE kept.claimed_at < $5"
    " RETURNING true"
)
STORE = (  # of persistence/closing.py, as are the types of its columns
    "UPDATE idempotency_key AS kept SET answer = given.answer"
    " FROM {} AS given (user_id, key, answer)"
    " WHERE kept.user_id = given.user_id AND kept.key = given.key"
)
TYPES = ("uuid", "uuid", "jsonb")


class Given(NamedTuple):
    """An answer to keep under its key."""

    user_id: UserId
    key: UUID
    answer: Answer


class AnswerTable:
    """`given`: what is kept at the end of the work."""

    def __init__(self, connection: Connection, given: list[Given]) -> None:
        self._connection, self._given = connection, given

    async def claim(
        self, user_id: UserId, key: UUID, fingerprint: bytes, /, *, at: datetime, since: datetime
    ) -> Answer | None:
        """The insert waits for whoever has the key in hand, then meets what he left."""
        if await self._connection.fetchval(_CLAIM, user_id, key, fingerprint, at, since):
            return None
        [kept] = await self._connection.fetch(
            "SELECT fingerprint, answer FROM idempotency_key WHERE user_id = $1 AND key = $2",
            user_id,
            key,
        )
        return _answer(kept["fingerprint"], orjson.loads(kept["answer"]))

    def keep(self, user_id: UserId, key: UUID, answer: Answer, /) -> None:
        self._given.append(Given(user_id, key, answer))


def columns(given: Sequence[Given]) -> Sequence[Sequence[Any]]:
    return (
        [each.user_id for each in given],
        [each.key for each in given],
        [content_of(each.answer) for each in given],
    )


async def purge(pool: Pool, keep: timedelta) -> None:
    """Forget keys that are free again anyway."""
    await pool.execute("DELETE FROM idempotency_key WHERE claimed_at < now() - $1::interval", keep)


def content_of(answer: Answer) -> str:
    """The JSON of an answer, as the column has it."""
    refusals = [{name: getattr(each, name) for name in _REFUSAL} for each in answer.refusals]
    return orjson.dumps({_MADE: answer.made_id, "refusals": refusals}, default=str).decode()


def _answer(fingerprint: bytes, content: Mapping[str, Any]) -> Answer:
    id, refusals = content[_MADE], content["refusals"]
    return Answer(
        fingerprint=fingerprint,
        made_id=UUID(id) if id else None,
        refusals=[_refusal(refusal) for refusal in refusals],
    )


def _refusal(content: Mapping[str, Any]) -> KeptRefusal:
    slot_id = content["slot_id"]
    return KeptRefusal(
        code=content["code"],
        message=content["message"],
        path=content["path"],
        slot_id=SlotId(UUID(slot_id)) if slot_id else None,
    )
