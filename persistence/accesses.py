"""The access log: one chain of entries for each patient, each with the hash of the one before.

A hash is an HMAC under our own key: who can write to the database alone cannot make a chain.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.accesses import Access, AccessAction, LoggedAccess
from domain.auth import Role
from domain.events import Position
from domain.ids import AccessId
from persistence.columns import moment, one_of, sealed, text
from persistence.crypto import Vault
from persistence.database import Connection, Record
from persistence.table import Row


class RecordAccessRow(Row, table=True):
    """`tx` and `row`: the place of its event in the log of events."""

    __table_args__ = (
        one_of("action", AccessAction, name="record_access_action"),
        sa.UniqueConstraint("patient_id", "number", name="an_entry_has_a_place_of_its_own"),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID
    number: int = Field(sa_type=sa.BigInteger)
    at: datetime = moment()
    actor_id: UUID
    actor_role: str = text()
    action: str = text()
    document_id: UUID | None
    share_id: UUID | None
    note_id: UUID | None
    purpose: bytes | None = sealed(nullable=True)
    tx: int = Field(sa_type=sa.BigInteger)
    row: int = Field(sa_type=sa.BigInteger)
    hash: bytes


# By a function of the owner, for the end of somebody else's chain is seen by nobody.
_LAST = "SELECT number, hash FROM record_access_head($1)"
NAMES = (
    *("id", "patient_id", "number", "at", "actor_id", "actor_role", "action"),
    *("document_id", "share_id", "purpose", "tx", "row", "note_id", "hash"),
)
_ADD = (
    f"INSERT INTO record_access ({', '.join(NAMES)})"
    f" VALUES ({', '.join(f'${number}' for number in range(1, len(NAMES) + 1))})"
)
LOGGED = (
    f"SELECT {', '.join(f'entry.{name}' for name in NAMES)},"
    " coalesce(doctor.name, CASE WHEN entry.actor_id = entry.patient_id THEN patient.name END)"
    " AS actor_name, doctor.crm AS actor_crm, doctor.uf AS actor_uf FROM record_access AS entry"
    " JOIN patient ON patient.id = entry.patient_id"
    " LEFT JOIN doctor ON doctor.id = entry.actor_id"
)
_HASHED = [name for name in NAMES if name not in {"note_id", "hash"}]
NOTHING_BEFORE = b""


async def store(
    connection: Connection, vault: Vault, accesses: Sequence[Access], positions: Sequence[Position]
) -> None:
    """At the end of a work, in whose transaction they are. `positions`: of their events."""
    told = zip(accesses, positions, strict=True)
    for access, position in sorted(told, key=lambda each: each[0].patient_id):  # locks in one order
        # Until the transaction ends, nobody else adds to this record's chain.
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('record:' || $1::text, 0))",
            str(access.patient_id),
        )
        last = await connection.fetchrow(_LAST, access.patient_id)
        number, before = (last["number"] + 1, last["hash"]) if last else (1, NOTHING_BEFORE)
        at = await connection.fetchval("SELECT clock_timestamp()")
        values = {
            "id": access.id,
            "patient_id": access.patient_id,
            "number": number,
            "at": at,
            "actor_id": access.actor_id,
            "actor_role": access.actor_role.value,
            "action": access.action.value,
            "document_id": access.document_id,
            "share_id": access.share_id,
            "note_id": access.note_id,
            "purpose": access.purpose,
            "tx": position.transaction,
            "row": position.row,
        }
        values["hash"] = hash_of(vault, before, values)
        if access.purpose is not None:
            values["purpose"] = vault.seal(access.purpose, _place(access.id))
        await connection.execute(_ADD, *(values[name] for name in NAMES))


def hash_of(vault: Vault, before: bytes, values: Any) -> bytes:
    """Of an entry, given that of the one before it, and its columns with the purpose opened."""
    told = [values["at"].isoformat() if name == "at" else values[name] for name in _HASHED]
    if values["note_id"] is not None:  # entries are older than notes, and are proved as they were
        told.append(values["note_id"])
    content = json.dumps([before.hex(), *told], default=str, separators=(",", ":"))
    return vault.fingerprint(f"record_access:{content}")


def opened(record: Record, vault: Vault) -> dict[str, Any]:
    """The columns of an entry, with its purpose as it was given."""
    values = {name: record[name] for name in NAMES}
    if values["purpose"] is not None:
        values["purpose"] = vault.open(values["purpose"], _place(values["id"]))
    return values


def logged(record: Record, vault: Vault) -> LoggedAccess:
    """Of a row of LOGGED."""
    values = opened(record, vault)
    access = Access(
        id=AccessId(values["id"]),
        patient_id=values["patient_id"],
        actor_id=values["actor_id"],
        actor_role=Role(values["actor_role"]),
        action=AccessAction(values["action"]),
        document_id=values["document_id"],
        share_id=values["share_id"],
        note_id=values["note_id"],
        purpose=values["purpose"],
    )
    return LoggedAccess(
        access=access,
        number=values["number"],
        at=values["at"],
        position=Position(values["tx"], values["row"]),
        actor_name=record["actor_name"],
        actor_crm=record["actor_crm"],
        actor_uf=record["actor_uf"],
    )


def _place(id: UUID) -> str:
    return f"record_access.purpose:{id}"
