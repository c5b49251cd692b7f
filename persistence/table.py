"""A database table seen as a collection of frozen entities.

SQLModel declares the tables, for migrations and for their shape. Statements are texts, made once
from that shape and run by asyncpg: an ORM session would cost several times as much.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, get_args, get_type_hints
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import declared_attr
from sqlmodel import SQLModel

from persistence.crypto import Vault, place
from persistence.database import Connection, Record, rows_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Row(SQLModel):
    """What a table stores. `AppointmentRow` is the row of table `appointment`."""

    metadata = sa.MetaData(
        naming_convention={  # so that migrations can name what they drop
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__.removesuffix("Row")).lower()


E = TypeVar("E", bound="DataclassInstance")


class Shape(Generic[E]):
    """How an entity lies in a row: column by column under the same names."""

    def __init__(self, row: type[Row], entity: type[E], sealed: frozenset[str]) -> None:
        table = cast("sa.Table", sa.inspect(row).local_table)
        self.name = table.name
        self.names = [field.name for field in fields(entity)]
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        self.types = [table.c[name].type.compile(dialect=dialect) for name in self.names]
        self.columns = ", ".join(self.names)
        self._entity, self._sealed = entity, sealed
        hints = get_type_hints(entity)
        self._readers = {
            name: reader for name in self.names if (reader := _reader(hints[name])) is not None
        }

    def of(self, alias: str) -> str:
        """The columns of a table that goes by another name."""
        return ", ".join(f"{alias}.{name}" for name in self.names)

    def entity(self, record: Record, vault: Vault) -> E:
        """Takes what it knows from a record that may hold more."""
        values: dict[str, Any] = {name: record[name] for name in self.names}
        for name, read in self._readers.items():
            if values[name] is not None:
                values[name] = read(values[name])
        for name in self._sealed:
            if values[name] is not None:
                values[name] = vault.open(values[name], place(self.name, name, values["id"]))
        return self._entity(**values)

    def values(self, entity: E, vault: Vault) -> list[Any]:
        """In the order of the columns."""
        values = {name: getattr(entity, name) for name in self.names}
        for name in self._sealed:
            if values[name] is not None:
                values[name] = vault.seal(values[name], place(self.name, name, values["id"]))
        return list(values.values())


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    """What makes of a column's value what the entity wants, if it is not that already."""
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind
        if getattr(kind, "__origin__", None) is tuple:
            member = get_args(kind)[0]
            return lambda values: tuple(map(member, values))
    return None


class Table(Generic[E]):
    """Reads rows as entities and writes entities as rows.

    `sealed` names the columns that are kept encrypted. `lookups` adds columns that are derived
    from an entity and never read back: fingerprints.
    """

    row: ClassVar[type[Row]]
    entity: type[E]
    sealed: ClassVar[frozenset[str]] = frozenset()
    lookups: ClassVar[tuple[str, ...]] = ()
    shape: ClassVar[Shape[Any]]

    def __init_subclass__(cls) -> None:
        cls.shape = Shape(cls.row, cls.entity, cls.sealed)
        names = [*cls.shape.names, *cls.lookups]
        numbers = ", ".join(f"${number}" for number in range(1, len(names) + 1))
        cls._insert = (
            f"INSERT INTO {cls.shape.name} ({', '.join(names)}) VALUES ({numbers})"
            " ON CONFLICT DO NOTHING RETURNING id"
        )
        changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, 1))
        cls._update = f"UPDATE {cls.shape.name} SET {changes} WHERE id = $1"
        cls._select = f"SELECT {cls.shape.columns} FROM {cls.shape.name} WHERE "

    _insert: ClassVar[str]
    _update: ClassVar[str]
    _select: ClassVar[str]

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    def derived(self, entity: E) -> Mapping[str, Any]:
        """A value for each of `lookups`."""
        del entity
        return {}

    async def where(self, condition: str, *arguments: Any) -> list[E]:
        """The entities that meet a condition; ORDER BY, LIMIT and FOR UPDATE may follow it."""
        records = await self._connection.fetch(self._select + condition, *arguments)
        return [self.shape.entity(record, self._vault) for record in records]

    async def first(self, condition: str, *arguments: Any) -> E | None:
        found = await self.where(condition, *arguments)
        return found[0] if found else None

    async def get(self, id: UUID, /) -> E | None:
        return await self.first("id = $1", id)

    async def add(self, entity: E, /) -> bool:
        """False, and nothing added, if a constraint is in the way. Never waits in a circle."""
        values = self._values(entity)
        return await self._connection.fetchval(self._insert, *values) is not None

    async def save(self, entity: E, /) -> None:
        """Write every field of an entity that is already there."""
        await self._connection.execute(self._update, *self._values(entity))

    async def add_all(self, entities: Sequence[E], /) -> int:
        """How many were added; those that a constraint keeps out are not."""
        columns = list(zip(*(self._values(entity) for entity in entities), strict=True))
        status = await self._connection.execute(
            f"INSERT INTO {self.shape.name} ({self.shape.columns})"
            f" SELECT * FROM {rows_of(self.shape.types)} ON CONFLICT DO NOTHING",
            *columns,
        )
        return int(status.rsplit(" ", 1)[1])

    def _values(self, entity: E) -> list[Any]:
        derived = self.derived(entity)
        return [
            *self.shape.values(entity, self._vault),
            *(derived[name] for name in self.lookups),
        ]
