"""Rows of requests for a visit in person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.auth import Viewer
from domain.ids import InPersonRequestId, PatientId
from domain.in_person_requests import InPersonRequest
from persistence.columns import moment, sealed
from persistence.table import Row, Table

_WAITS = "answered_at IS NULL AND withdrawn_at IS NULL"


class InPersonRequestRow(Row, table=True):
    __table_args__ = (
        sa.Index(
            "one_visit_in_person_of_these_two_is_asked_for",
            "patient_id",
            "doctor_id",
            unique=True,
            postgresql_where=sa.text(_WAITS),
        ),
        sa.CheckConstraint(
            "num_nulls(answered_at, accepted, answer) IN (0, 3)",
            name="who_answers_says_whether_and_why",
        ),
        sa.CheckConstraint(
            "answered_at IS NULL OR withdrawn_at IS NULL", name="what_is_answered_is_not_withdrawn"
        ),
        sa.Index("ix_in_person_request_patient_id_id", "patient_id", "id"),
        sa.Index("ix_in_person_request_doctor_id_id", "doctor_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    doctor_id: UUID = Field(foreign_key="doctor.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    message: bytes = sealed()
    asked_at: datetime = moment()
    answered_at: datetime | None = moment(nullable=True)
    accepted: bool | None
    answer: bytes | None = sealed(nullable=True)
    withdrawn_at: datetime | None = moment(nullable=True)


class InPersonRequestTable(Table[InPersonRequest]):
    row, entity = InPersonRequestRow, InPersonRequest
    sealed = frozenset({"message", "answer"})

    async def lock(self, id: InPersonRequestId, /) -> InPersonRequest | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def waiting(self, patient_id: PatientId, /) -> int:
        return await self._count(f"patient_id = $1 AND {_WAITS}", patient_id)

    async def made_since(self, patient_id: PatientId, since: datetime, /) -> int:
        return await self._count("patient_id = $1 AND asked_at > $2", patient_id, since)

    async def page(
        self, viewer: Viewer, /, *, after: InPersonRequestId | None, limit: int
    ) -> Sequence[InPersonRequest]:
        side = "doctor_id" if viewer.doctor_id else "patient_id"
        return await self.where(
            f"{side} = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
            viewer.user_id,
            after,
            limit,
        )

    async def remove_all(self, patient_id: PatientId, /) -> int:
        status = await self._connection.execute(
            "DELETE FROM in_person_request WHERE patient_id = $1", patient_id
        )
        return int(status.rsplit(" ", 1)[1])

    async def _count(self, condition: str, *arguments: object) -> int:
        counted = await self._connection.fetchval(
            f"SELECT count(*) FROM in_person_request WHERE {condition}", *arguments
        )
        return int(counted)
