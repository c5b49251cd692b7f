"""People who are signed in: their rows by COPY, and tokens that outlast a run."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from benchmarks.servers import Server
from domain.accounts import Account
from domain.auth import Role, Viewer
from domain.ids import PatientId, SessionId, UserId, new_id
from domain.patients import Patient
from domain.sessions import Session
from embedded import people
from embedded.seed import records
from integrations import keys
from integrations.key_wrapping import FileWrapping
from integrations.tokens import JwtTokens
from persistence import database
from persistence.accounts import AccountTable
from persistence.crypto import Vault
from persistence.data_keys import Keyring
from persistence.patients import PatientTable
from persistence.sessions import SessionTable
from persistence.table import Table

_LAST = timedelta(hours=3)
_DOCTORS = "SELECT id FROM doctor WHERE status = 'VERIFIED' ORDER BY id"


class Person(NamedTuple):
    id: UUID
    token: str


async def patients(server: Server, count: int) -> list[Person]:
    """New ones, with a session each."""
    rng, at = Random(), datetime.now(UTC)  # noqa: S311
    async with connected(server) as (connection, vault):
        made = [
            Patient(
                id=PatientId(new_id()),
                name=people.name(rng),
                cpf=cpf,
                birth_date=None,
                created_at=at,
            )
            for cpf in islice(people.cpf_numbers(rng, taken=set()), count)
        ]
        accounts = [
            Account(
                id=UserId(each.id),
                role=Role.PATIENT,
                email=f"{each.id}@example.com",
                password_hash="",
                created_at=at,
                confirmed_at=at,
            )
            for each in made
        ]
        await _copy(connection, AccountTable(connection, vault), vault, accounts)
        await _copy(connection, PatientTable(connection, vault), vault, made)
        return await _signed_in(server, connection, vault, Role.PATIENT, [it.id for it in made])


async def doctors(server: Server) -> list[Person]:
    """Those of the demo clinic, with a session each."""
    async with connected(server) as (connection, vault):
        ids = [row["id"] for row in await connection.fetch(_DOCTORS)]
        return await _signed_in(server, connection, vault, Role.DOCTOR, ids)


async def _signed_in(
    server: Server, connection: asyncpg.Connection, vault: Vault, role: Role, ids: Sequence[UUID]
) -> list[Person]:
    signing = keys.load(server.folder / "keys.json").signing
    tokens = JwtTokens(signing, issuer=f"http://127.0.0.1:{server.port}", lasts=_LAST)
    at = datetime.now(UTC)
    sessions = [
        Session(
            id=SessionId(id),
            user_id=UserId(user_id),
            refresh_hash=id.bytes,
            created_at=at,
            expires_at=at + _LAST,
        )
        for user_id in ids
        for id in (new_id(),)
    ]
    await _copy(connection, SessionTable(connection, vault), vault, sessions)
    viewers = (Viewer(user_id=it.user_id, role=role, session_id=it.id) for it in sessions)
    return [Person(UUID(int=each.user_id.int), tokens.issue(each, at=at)[0]) for each in viewers]


@asynccontextmanager
async def connected(server: Server) -> AsyncGenerator[tuple[asyncpg.Connection, Vault]]:
    """By the role that owns its tables, and with what opens all that is sealed in them."""
    pool = await database.connect(server.database_url, size=1)
    keyring = await Keyring.open(pool, FileWrapping(server.folder / "keys.json"))
    pool.terminate()
    connection = await asyncpg.connect(server.database_url)
    try:
        yield connection, Vault(keyring.keys)  # for as long as this takes
    finally:
        await connection.close()


async def _copy(
    connection: asyncpg.Connection, table: Table[Any], vault: Vault, entities: Sequence[Any]
) -> None:
    await connection.copy_records_to_table(
        table.shape.name,
        columns=[*table.shape.names, *table.lookups],
        records=records(table, vault, entities),
    )
