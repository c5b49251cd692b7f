"""Column types that rows share."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field

UTC_TIME = sa.DateTime(timezone=True)
TEXTS = ARRAY(sa.Text())
SEALED = "sealed"  # a mark in `info`


class Cube(UserDefinedType[Any]):
    """A point of the extension `cube`; as `earth` it lies on the sphere's surface, in metres."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "cube"


def one_of(column: str, values: Iterable[Enum], *, name: str) -> sa.CheckConstraint:
    """Holds a text column to these members of an enum."""
    members = ", ".join(f"'{member.value}'" for member in values)
    return sa.CheckConstraint(f"{column} IN ({members})", name=name)


def moment(*, nullable: bool = False) -> Any:
    return Field(sa_type=UTC_TIME, nullable=nullable)


def text(*, nullable: bool = False, **more: Any) -> Any:
    return Field(sa_type=sa.Text, nullable=nullable, **more)


def sealed(*, nullable: bool = False) -> Any:
    """Encrypted by the vault, bound to its table, column and `id`.

    By the mark it is found when everything is sealed anew.
    """
    return Field(
        sa_type=sa.LargeBinary, nullable=nullable, sa_column_kwargs={"info": {SEALED: True}}
    )
