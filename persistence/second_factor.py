"""Rows of second factors and of their recovery codes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import UserId
from domain.second_factor import SecondFactor
from persistence.columns import moment, sealed
from persistence.table import Row, Table


class SecondFactorRow(Row, table=True):
    id: UUID = Field(primary_key=True, foreign_key="account.id")
    secret: bytes = sealed()
    begun_at: datetime = moment()
    enabled_at: datetime | None = moment(nullable=True)
    last_step: int | None = Field(sa_type=sa.BigInteger, nullable=True)


class RecoveryCodeRow(Row, table=True):
    """A code that is not spent."""

    second_factor_id: UUID = Field(primary_key=True, foreign_key="second_factor.id")
    hash: bytes = Field(primary_key=True)


class SecondFactorTable(Table[SecondFactor]):
    row, entity = SecondFactorRow, SecondFactor
    sealed = frozenset({"secret"})

    async def put(self, factor: SecondFactor, /) -> bool:
        names = self.shape.names
        numbers = ", ".join(f"${number}" for number in range(1, len(names) + 1))
        changes = ", ".join(f"{name} = excluded.{name}" for name in names)
        statement = (
            f"INSERT INTO second_factor ({self.shape.columns}) VALUES ({numbers})"
            f" ON CONFLICT (id) DO UPDATE SET {changes} WHERE second_factor.enabled_at IS NULL"
            " RETURNING id"
        )
        return await self._connection.fetchval(statement, *self._values(factor)) is not None

    async def lock(self, id: UserId, /) -> SecondFactor | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def remove(self, id: UserId, /) -> None:
        await self.put_recovery_codes(id, ())
        await self._connection.execute("DELETE FROM second_factor WHERE id = $1", id)

    async def put_recovery_codes(self, id: UserId, codes: Sequence[str], /) -> None:
        await self._connection.execute("DELETE FROM recovery_code WHERE second_factor_id = $1", id)
        await self._connection.execute(
            "INSERT INTO recovery_code (second_factor_id, hash) SELECT $1, unnest($2::bytea[])",
            id,
            [self._hash(id, code) for code in codes],
        )

    async def spend_recovery_code(self, id: UserId, code: str, /) -> bool:
        spent = await self._connection.fetchval(
            "DELETE FROM recovery_code WHERE second_factor_id = $1 AND hash = $2 RETURNING true",
            id,
            self._hash(id, code),
        )
        return spent is not None

    def _hash(self, id: UserId, code: str) -> bytes:
        return self._vault.fingerprint(f"recovery code:{id}:{code}")
