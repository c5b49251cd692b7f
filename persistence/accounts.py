"""Rows of accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.accounts import Account, Language
from domain.auth import Role
from domain.ids import DoctorId
from persistence.columns import moment, one_of, sealed, text
from persistence.patients import cpf_hash
from persistence.table import Row, Table


class AccountRow(Row, table=True):
    __table_args__ = (
        one_of("role", (Role.DOCTOR, Role.PATIENT, Role.ADMINISTRATOR), name="account_role"),
        one_of("language", Language, name="account_language"),
        sa.Index(
            "a_patients_email_is_his_alone",
            "email_hash",
            unique=True,
            postgresql_where=sa.text("role = 'PATIENT'"),
        ),
        sa.Index(
            "an_administrators_email_is_his_alone",
            "email_hash",
            unique=True,
            postgresql_where=sa.text("role = 'ADMINISTRATOR'"),
        ),
        sa.Index("ix_account_email_hash", "email_hash"),
    )

    id: UUID = Field(primary_key=True)
    role: str = text()
    email: bytes = sealed()
    email_hash: bytes
    password_hash: str = text()
    created_at: datetime = moment()
    confirmed_at: datetime | None = moment(nullable=True)
    language: str = text(sa_column_kwargs={"server_default": Language.PORTUGUESE.value})


class AccountTable(Table[Account]):
    row, entity = AccountRow, Account
    sealed = frozenset({"email"})
    lookups = ("email_hash",)

    def derived(self, entity: Account) -> Mapping[str, Any]:
        return {"email_hash": self._email_hash(entity.email)}

    async def patient_with(self, email: str, /) -> Account | None:
        return await self.first("role = 'PATIENT' AND email_hash = $1", self._email_hash(email))

    async def with_email(self, email: str, /) -> Sequence[Account]:
        return await self.where(
            "email_hash = $1 AND role <> 'ADMINISTRATOR' ORDER BY created_at, id LIMIT 10",
            self._email_hash(email),
        )

    async def of_patient(self, email: str, cpf: str, /) -> Account | None:
        return await self.first(
            "role = 'PATIENT' AND email_hash = $1"
            " AND id = (SELECT id FROM patient WHERE cpf_hash = $2)",
            self._email_hash(email),
            cpf_hash(self._vault, cpf),
        )

    async def of_administrator(self, email: str, /) -> Account | None:
        return await self.first(
            "role = 'ADMINISTRATOR' AND email_hash = $1", self._email_hash(email)
        )

    async def of_doctor(self, crm: str, uf: str, /) -> Account | None:
        return await self.first("id = (SELECT id FROM doctor WHERE crm = $1 AND uf = $2)", crm, uf)

    async def of_patients_expected(
        self, doctor_id: DoctorId, /, *, at: datetime
    ) -> Sequence[Account]:
        return await self.where(
            "id IN (SELECT patient_id FROM appointment WHERE doctor_id = $1 AND ends_at > $2"
            " AND (status IN ('CONFIRMED', 'IN_PROGRESS')"
            " OR status = 'REQUESTED' AND respond_by > $2))",
            doctor_id,
            at,
        )

    async def rehash(self, account: Account, fresh_hash: str, /) -> None:
        await self._connection.execute(
            "UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
            account.id,
            account.password_hash,
            fresh_hash,
        )

    def _email_hash(self, email: str) -> bytes:
        return self._vault.fingerprint(f"email:{email.lower()}")
