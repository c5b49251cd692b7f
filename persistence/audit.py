"""The audit log: who did what to whom, written in the transaction that did it. Append-only."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from domain.auth import Action, Viewer
from domain.ids import new_id
from persistence.columns import UTC_TIME, text
from persistence.database import Connection
from persistence.table import Row


class AuditEntryRow(Row, table=True):
    id: UUID = Field(primary_key=True)
    at: datetime = Field(
        sa_column=sa.Column(UTC_TIME, nullable=False, server_default=sa.func.now())
    )
    user_id: UUID = Field(index=True)  # nil for the system itself
    session_id: UUID | None
    role: str = text()
    action: str = text()
    subject: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))  # ids alone


_STORE = (
    "INSERT INTO audit_entry (id, user_id, session_id, role, action, subject)"
    " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[])"
)


async def store(connection: Connection, entries: Sequence[tuple[Viewer, Action]]) -> None:
    if not entries:
        return
    await connection.execute(
        _STORE,
        [new_id() for _ in entries],
        [viewer.user_id for viewer, _ in entries],
        [viewer.session_id for viewer, _ in entries],
        [viewer.role for viewer, _ in entries],
        [type(action).__name__ for _, action in entries],
        [json.dumps(asdict(action), default=str) for _, action in entries],
    )
