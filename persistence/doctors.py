"""Rows of doctors, and the reviews that rate them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.doctors import Doctor, DoctorStatus
from domain.ids import DoctorId
from domain.reviews import SHOWN_FROM, Review
from persistence.columns import TEXTS, Cube, moment, one_of, text
from persistence.table import Row, Table

LAST = "'1e+18'::double precision"  # above every key of an order


class DoctorRow(Row, table=True):
    """`name_search`, `place` and `rating_order` are made by the database: what a search looks at.
    The best rated come first in that order, then those who have no rating yet.
    """

    __table_args__ = (
        sa.UniqueConstraint("crm", "uf", name="a_crm_is_registered_once"),
        one_of("status", DoctorStatus, name="doctor_status"),
        sa.CheckConstraint(
            "cardinality(specialist_in) = cardinality(rqes)", name="each_specialty_has_its_rqe"
        ),
        sa.CheckConstraint("rating_count >= 0 AND rating_sum >= rating_count", name="rating"),
        sa.Index("ix_doctor_specialties", "specialties", postgresql_using="gin"),
        sa.Index("ix_doctor_place", "place", postgresql_using="gist"),
        sa.Index(
            "ix_doctor_name_search",
            "name_search",
            postgresql_using="gin",
            postgresql_ops={"name_search": "gin_trgm_ops"},
        ),
        # Orders of a search, from which a page is read without looking at all the others.
        sa.Index(
            "ix_doctor_rating_order",
            "rating_order",
            "id",
            postgresql_where=sa.text("status = 'VERIFIED'"),
        ),
        sa.Index(
            "ix_doctor_name_order",
            "name_search",
            "id",
            postgresql_where=sa.text("status = 'VERIFIED'"),
        ),
    )

    id: UUID = Field(primary_key=True, foreign_key="account.id")
    name: str = text()
    crm: str = text()
    uf: str = text()
    status: str = text()
    specialties: list[str] = Field(sa_type=TEXTS)
    time_zone: str = text()
    city: str | None = text(nullable=True)
    latitude: float | None
    longitude: float | None
    rating_count: int
    rating_sum: int
    created_at: datetime = moment()
    specialist_in: list[str] = Field(sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"})
    rqes: list[str] = Field(sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"})
    name_search: str | None = Field(
        default=None,
        sa_column=sa.Column(sa.Text, sa.Computed("plain_text(name)", persisted=True)),
    )
    place: Any = Field(
        default=None,
        sa_column=sa.Column(
            Cube, sa.Computed("(ll_to_earth(latitude, longitude))::cube", persisted=True)
        ),
    )
    rating_order: float | None = Field(
        default=None,
        sa_column=sa.Column(
            sa.Double,
            sa.Computed(
                f"CASE WHEN rating_count >= {SHOWN_FROM} THEN -rating_sum::double precision"
                f" / rating_count::double precision ELSE {LAST} END",  # as Postgres writes it
                persisted=True,
            ),
        ),
    )


class DoctorSpecialtyRow(Row, table=True):
    """A verified doctor in the order of one of his specialties, written by the database itself as
    it writes the doctor: an array has no order that an index could have.
    """

    __table_args__ = (sa.Index("ix_doctor_specialty_order", "code", "rating_order", "doctor_id"),)

    doctor_id: UUID = Field(primary_key=True, foreign_key="doctor.id")
    code: str = text(primary_key=True)
    rating_order: float = Field(sa_type=sa.Double)


class ReviewRow(Row, table=True):
    __table_args__ = (
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        sa.Index("ix_review_doctor_id_id", "doctor_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id", unique=True)
    doctor_id: UUID = Field(foreign_key="doctor.id")
    stars: int
    comment: str | None = text(nullable=True)
    reviewed_on: date


class DoctorTable(Table[Doctor]):
    row, entity = DoctorRow, Doctor

    async def lock(self, id: DoctorId, /) -> Doctor | None:
        return await self.first("id = $1 FOR NO KEY UPDATE", id)

    async def share(self, id: DoctorId, /) -> Doctor | None:
        return await self.first("id = $1 FOR SHARE", id)

    async def rate(self, id: DoctorId, stars: int, /) -> None:
        await self._connection.execute(
            "UPDATE doctor SET rating_count = rating_count + 1, rating_sum = rating_sum + $2"
            " WHERE id = $1",
            id,
            stars,
        )


class ReviewTable(Table[Review]):
    row, entity = ReviewRow, Review
