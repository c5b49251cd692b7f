"""Rows of patients."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from domain.ids import PatientId
from domain.patients import TIME_ZONE, CpfStanding, Extent, Patient
from persistence.columns import moment, one_of, sealed, text
from persistence.crypto import Vault
from persistence.database import Connection
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
    erased_at: datetime | None = moment(nullable=True)
    time_zone: str = text(sa_column_kwargs={"server_default": TIME_ZONE})


_RECORD = (
    "WITH visit AS (SELECT id, least(ends_at, $2) AS at FROM appointment WHERE patient_id = $1),"
    " file AS (SELECT coalesce(uploaded_at, requested_at) AS at FROM document"
    " WHERE patient_id = $1 AND status <> 'REJECTED'),"  # what is being uploaded may yet be there
    " note AS (SELECT written_at AS at FROM visit_note WHERE patient_id = $1)"
    " SELECT (SELECT count(*) FROM visit) AS appointments,"
    " (SELECT count(*) FROM file) AS documents, (SELECT count(*) FROM note) AS notes,"
    " (SELECT count(*) FROM review WHERE appointment_id IN (SELECT id FROM visit)) AS reviews,"
    " (SELECT count(*) FROM share WHERE patient_id = $1) AS shares,"
    " (SELECT count(*) FROM access_request WHERE patient_id = $1) AS access_requests,"
    " (SELECT count(*) FROM emergency_access WHERE patient_id = $1) AS emergencies,"
    " greatest((SELECT max(at) FROM visit), (SELECT max(at) FROM file),"
    " (SELECT max(at) FROM note)) AS last_entry_at"
)


class PatientTable(Table[Patient]):
    row, entity = PatientRow, Patient
    sealed = frozenset({"cpf"})
    lookups = ("cpf_hash",)

    def __init__(
        self, connection: Connection, vault: Vault, records: Connection | None = None
    ) -> None:
        """`records`: the same connection, which first says whose records it is to see."""
        super().__init__(connection, vault)
        self._records = records or connection

    def derived(self, entity: Patient) -> Mapping[str, Any]:
        """Of an erased one nobody can find it, and it is free for another account."""
        if entity.erased_at is not None:
            return {"cpf_hash": self._vault.fingerprint(f"cpf of nobody:{entity.id}")}
        return {"cpf_hash": cpf_hash(self._vault, entity.cpf)}

    async def with_cpf(self, digits: str, /) -> Patient | None:
        return await self.first("cpf_hash = $1", cpf_hash(self._vault, digits))

    async def record_of(self, id: PatientId, /, *, at: datetime) -> Extent:
        row = await self._records.fetchrow(_RECORD, id, at)
        return Extent(**dict(row or {}))


def cpf_hash(vault: Vault, digits: str) -> bytes:
    return vault.fingerprint(f"cpf:{digits}")
