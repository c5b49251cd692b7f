"""The audit log: who did what to whom, written in the transaction that did it. Append-only.

It is kept for good, in a partition for each month: new entries then go into small indexes, however
many there are of former years, and the owner can put old months elsewhere.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from domain.audit import AuditEntry, AuditSearch
from domain.auth import Action, Role, Viewer
from domain.ids import AuditEntryId, UserId, least_id, new_id
from persistence.columns import UTC_TIME, text
from persistence.database import Connection, Pool, Record
from persistence.table import Row


class AuditEntryRow(Row, table=True):
    __table_args__ = (
        sa.Index(
            "ix_audit_entry_subject",
            "subject",
            postgresql_using="gin",
            postgresql_ops={"subject": "jsonb_path_ops"},
        ),
        sa.Index("ix_audit_entry_user_id_id", "user_id", "id"),
        sa.Index("ix_audit_entry_action_id", "action", "id"),
        {"postgresql_partition_by": "RANGE (id)"},  # an id begins with its time
    )

    id: UUID = Field(primary_key=True)
    at: datetime = Field(
        sa_column=sa.Column(UTC_TIME, nullable=False, server_default=sa.func.now())
    )
    user_id: UUID  # nil for the system itself
    session_id: UUID | None
    role: str = text()
    action: str = text()
    subject: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))  # ids alone


STORE = (  # of persistence/closing.py, as are the types of its columns
    "INSERT INTO audit_entry (id, user_id, session_id, role, action, subject) SELECT * FROM {}"
)
TYPES = ("uuid", "uuid", "uuid", "text", "text", "jsonb")


def columns(entries: Sequence[tuple[Viewer, Action]]) -> Sequence[Sequence[Any]]:
    return (
        [new_id() for _ in entries],
        [viewer.user_id for viewer, _ in entries],
        [viewer.session_id for viewer, _ in entries],
        [viewer.role for viewer, _ in entries],
        [type(action).__name__ for _, action in entries],
        [orjson.dumps(action, default=str).decode() for _, action in entries],
    )


async def make_months(pool: Pool) -> None:
    """So that there is one for each of the next three months. Any server may, at any time.

    Raises LockNotAvailableError where acts on the log have kept it waiting for a second.
    """
    await pool.execute("SELECT make_audit_months()")


# An id is made by our clock when the work ends, `at` is the database's when it began.
_APART = timedelta(minutes=5)
_COLUMNS = "id, at, user_id, session_id, role, action, subject"
ENTRIES = f"SELECT {_COLUMNS} FROM audit_entry"


class AuditEntryTable:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def page(
        self, wanted: AuditSearch, /, *, after: AuditEntryId | None, limit: int
    ) -> Sequence[AuditEntry]:
        given = list(_conditions(wanted, after))
        holds = [condition.format(f"${number}") for number, (condition, _) in enumerate(given, 1)]
        records = await self._connection.fetch(
            f"{ENTRIES} WHERE {' AND '.join(['true', *holds])} ORDER BY id DESC LIMIT {limit:d}",
            *(value for _, value in given),
        )
        return [entry(record) for record in records]


def _conditions(wanted: AuditSearch, after: AuditEntryId | None) -> Iterator[tuple[str, Any]]:
    """Each with its argument, which stands where the braces are."""
    if wanted.actor is not None:
        yield "user_id = {}", wanted.actor
    if wanted.action is not None:
        yield "action = {}", wanted.action
    if wanted.about is not None:
        yield "subject @> ANY({}::jsonb[])", _subjects(*wanted.about)
    if wanted.earliest is not None:
        yield "at >= {}", wanted.earliest
        yield "id >= {}", least_id(wanted.earliest - _APART)  # so that the others are not read
    if wanted.latest is not None:
        yield "at < {}", wanted.latest
        yield "id < {}", least_id(wanted.latest + _APART)
    if after is not None:
        yield "id < {}", after


def _subjects(id: UUID, names: Sequence[str]) -> Sequence[str]:
    """What the JSON of a subject holds that has the id in one of these fields."""
    told = {name: [str(id)] if name.endswith("_ids") else str(id) for name in names}
    return [orjson.dumps({name: value}, default=str).decode() for name, value in told.items()]


def entry(record: Record) -> AuditEntry:
    return AuditEntry(
        id=AuditEntryId(record["id"]),
        at=record["at"],
        user_id=UserId(record["user_id"]),
        session_id=record["session_id"],
        role=Role(record["role"]),
        action=record["action"],
        subject=orjson.loads(record["subject"]),
    )
