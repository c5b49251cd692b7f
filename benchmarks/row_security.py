"""What row level security costs, by lists of documents: `./dev bench row_security`.

In turns by the owner of the tables, whom no policy binds, and by the role of servers.
"""

import asyncio
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from domain.auth import Role, Viewer
from domain.content import ContentType
from domain.ids import DoctorId, DocumentId, PatientId, ShareId, UserId, new_id
from domain.limits import Limits
from domain.records import Document, DocumentStatus
from domain.shares import Share
from embedded.database import SERVERS, let_servers_in
from embedded.postgres import scratch
from migrations import migrate
from persistence import database
from persistence.crypto import DataKeySet, Vault
from persistence.database import Pool
from persistence.record_reads import PostgresRecordReads
from persistence.unit_of_work import PostgresWork, Works

PATIENTS, DOCUMENTS = 400, 100
ROUNDS, CALLS = 40, 50
PAGE = 20
VAULT = Vault(DataKeySet(hashing=bytes(32), sealing={2: bytes(32)}, current=2))
_DOCTOR = (
    "INSERT INTO doctor (id, name, crm, uf, status, specialties, time_zone, rating_count,"
    " rating_sum, created_at)"
    " VALUES ($1, 'Helena', '1', 'SP', 'VERIFIED', '{}', 'UTC', 0, 0, now())"
)
Asking = Callable[[], Awaitable[int]]


def main() -> None:
    with scratch() as postgres:
        migrate.upgrade(postgres.url())
        asyncio.run(let_servers_in(postgres.url()))
        asyncio.run(_measure(postgres.url(), postgres.url(user=SERVERS)))


async def _measure(owner_url: str, servers_url: str) -> None:
    pools = [await database.connect(url, size=1) for url in (owner_url, servers_url)]
    patients, doctor_id = await _fill(pools[0])
    for what, asking in {"a patient's own 20": _own, "a doctor's 20 of 400": _shared}.items():
        rounds = [
            [await _milliseconds(asking(pool, patients, doctor_id)) for pool in pools]
            for _ in range(ROUNDS)
        ]
        owner, servers = (statistics.median(each) for each in zip(*rounds, strict=True))
        ratio = statistics.median(b / a for a, b in rounds)
        print(f"{what:24} owner {owner:.2f} ms, servers {servers:.2f} ms, ratio {ratio:.2f}")
    for pool in pools:
        pool.terminate()


async def _fill(owner: Pool) -> tuple[list[PatientId], DoctorId]:
    """One in a hundred patients shares the whole record with one doctor."""
    patients = [PatientId(new_id()) for _ in range(PATIENTS)]
    doctor_id, now = DoctorId(new_id()), datetime.now(UTC)
    async with owner.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")  # no foreign keys
        await connection.execute(_DOCTOR, doctor_id)
        work = PostgresWork(connection, VAULT, Limits(), None)
        for number, patient_id in enumerate(patients):
            for _ in range(DOCUMENTS):
                await work.documents.add(_document(patient_id, now))
            if number % 100 == 0:
                share = Share(
                    id=ShareId(new_id()),
                    patient_id=patient_id,
                    doctor_id=doctor_id,
                    includes_future=True,
                    valid_from=now - timedelta(hours=1),
                    valid_until=now + timedelta(days=1),
                )
                await work.shares.add(share)
    await owner.execute("ANALYZE")
    return patients, doctor_id


def _document(patient_id: PatientId, at: datetime) -> Document:
    return Document(
        id=DocumentId(new_id()),
        patient_id=patient_id,
        name="Hemograma.pdf",
        content_type=ContentType.PDF,
        size=1000,
        sha256=secrets.token_hex(32),
        object_key=secrets.token_hex(16),
        requested_at=at,
        status=DocumentStatus.AVAILABLE,
        version="1",
        uploaded_at=at,
    )


def _own(pool: Pool, patients: Sequence[PatientId], _: DoctorId) -> Asking:
    reads = PostgresRecordReads(pool, VAULT)

    async def ask() -> int:
        found = await reads.documents_page(
            secrets.choice(patients), statuses=list(DocumentStatus), after=None, limit=PAGE
        )
        return len(found)

    return ask


def _shared(pool: Pool, _: Sequence[PatientId], doctor_id: DoctorId) -> Asking:
    works = Works(pool, VAULT, Limits(), told=lambda: None, ended=lambda _: None)
    viewer = Viewer(user_id=UserId(doctor_id), role=Role.DOCTOR)

    async def ask() -> int:
        found = await works.act(
            lambda work: work.documents.page_shared_with(
                doctor_id, patient_id=None, after=None, limit=PAGE
            ),
            viewer=viewer,
        )
        return len(found)

    return ask


async def _milliseconds(ask: Asking) -> float:
    """The median of one."""
    taken = []
    for _ in range(CALLS):
        began = time.perf_counter()
        if await ask() != PAGE:
            raise SystemExit("It does not see what it should.")
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    main()
