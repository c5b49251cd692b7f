"""Rows of patients."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from domain.patients import CpfStanding, Patient
from persistence.columns import moment, one_of, sealed, text
from persistence.crypto import Vault
from persistence.table import Row, Table


class PatientRow(Row, table=True):
    __table_args__ = (one_of("cpf_standing", CpfStanding, name="cpf_standing"),)

    id: UUID = Field(primary_key=True, foreign_key="account.id")
    name: str = text()
    cpf: bytes = sealed()
    cpf_hash: bytes = Field(unique=True)
    birth_date: date | None
    created_at: datetime = moment()
    cpf_standing: str | None = text(nullable=True)


class PatientTable(Table[Patient]):
    row, entity = PatientRow, Patient
    sealed = frozenset({"cpf"})
    lookups = ("cpf_hash",)

    def derived(self, entity: Patient) -> Mapping[str, Any]:
        return {"cpf_hash": cpf_hash(self._vault, entity.cpf)}

    async def with_cpf(self, digits: str, /) -> Patient | None:
        return await self.first("cpf_hash = $1", cpf_hash(self._vault, digits))


def cpf_hash(vault: Vault, digits: str) -> bytes:
    return vault.fingerprint(f"cpf:{digits}")
