"""What logs cost as they grow: `./dev bench logs`.

The log of events in one table, and in one for each day; the audit log in one table, and by months.
Statements are those of the server, on a PostgreSQL of its own, medians in turns.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import uuid4

from domain.audit import AuditSearch
from domain.auth import ReadAuditLog, Role, Viewer
from domain.events import Position, SlotOpened
from domain.ids import DoctorId, SlotId, UserId, new_id
from embedded import postgres
from embedded.progress import Progress
from migrations import migrate
from persistence import closing, database
from persistence.audit import AuditEntryTable
from persistence.database import Pool
from persistence.event_log import PostgresEventLog

DAYS, IN_ONE = 8, 100  # events of a transaction
AT_ONCE = 250_000  # rows
KEPT = timedelta(days=DAYS - 1)
_BY_DAYS = """
CREATE SCHEMA days;
CREATE TABLE days.event (LIKE event INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY RANGE (at);
ALTER TABLE days.event ADD PRIMARY KEY (tx, row, at);
CREATE INDEX ON days.event (doctor_id, tx, row);
CREATE INDEX ON days.event (patient_id, tx, row);
DO $$ BEGIN FOR day IN -8..3 LOOP
  EXECUTE format('CREATE TABLE days.event_%s PARTITION OF days.event FOR VALUES FROM (%L) TO (%L)',
    day + 8, date_trunc('day', now()) + day * interval '1 day',
    date_trunc('day', now()) + (day + 1) * interval '1 day');
END LOOP; END $$;
"""
_WHOLE = """
CREATE SCHEMA whole;
CREATE TABLE whole.audit_entry (LIKE audit_entry INCLUDING ALL);
"""
_TRANSACTIONS = """
DO $$ BEGIN FOR n IN 1..{} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$
"""
_EVENTS = f"""
INSERT INTO event (tx, at, name, doctor_id, slot_id)
SELECT n / {IN_ONE}, now() - interval '{DAYS} days' * (1 - n::float8 / $3), 'SlotOpened',
       lpad(to_hex(hashint4(n::int) & 16383), 32, '0')::uuid, gen_random_uuid()
  FROM generate_series($1::bigint, $2::bigint) AS n
"""
_ENTRIES = """
INSERT INTO audit_entry (id, user_id, role, action, subject)
SELECT overlay(gen_random_uuid()::text PLACING left(least_id(
         date_trunc('month', now()) + interval '4 months' * (n::float8 / $3))::text, 13)
         FROM 1)::uuid, gen_random_uuid(), 'PATIENT', 'Look',
       jsonb_build_object('slot_id', gen_random_uuid())
  FROM generate_series($1::bigint, $2::bigint) AS n
"""
Timed = Callable[[], Awaitable[object]]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="./dev bench logs", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="of each log (%(default)s)")
    parser.add_argument("--rounds", type=int, default=400, help="of each act (%(default)s)")
    options = parser.parse_args(arguments)
    with postgres.scratch() as server:
        migrate.upgrade(server.url())
        asyncio.run(_run(server.url(), options.rows, options.rounds))


async def _run(url: str, rows: int, rounds: int) -> None:
    forms = {
        "one table": await database.connect(f"{url}&search_path=public", size=2),
        "by days": await database.connect(f"{url}&search_path=days,public", size=2),
        "in whole": await database.connect(f"{url}&search_path=whole,public", size=2),
    }
    one, days, whole = forms.values()
    await one.execute(_BY_DAYS)
    await one.execute(_WHOLE)
    await one.execute(_TRANSACTIONS.format(rows // IN_ONE + 1_000))
    for pool in (one, days):
        await _fill(pool, _EVENTS, rows)
    for pool in (one, whole):
        await _fill(pool, _ENTRIES, rows)
    await one.execute("VACUUM ANALYZE")
    print(f"\n{rows:,} events of {DAYS} days:")
    await _tell({"one table": _events(one, rows), "by days": _events(days, rows)}, rounds)
    await _forget(one, days)
    print(f"{rows:,} acts of four months:")
    await _tell({"one table": _acts(whole), "by months": _acts(one)}, rounds)
    for pool in forms.values():
        pool.terminate()


async def _fill(pool: Pool, statement: str, rows: int) -> None:
    progress = Progress(rows, "rows")
    for first in range(0, rows, AT_ONCE):
        last = min(first + AT_ONCE, rows) - 1
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 0")
            await connection.execute(statement, first, last, rows)
        progress.advance(last + 1 - first)
    progress.end()


def _events(pool: Pool, rows: int) -> dict[str, Timed]:
    log, doctor = PostgresEventLog(pool), DoctorId(uuid4())
    last = rows // IN_ONE - 1

    async def tell() -> None:
        async with pool.acquire() as connection, connection.transaction():
            event = SlotOpened(doctor_id=doctor, slot_id=SlotId(new_id()))
            await closing.store(connection, told=[event])

    async def replay() -> None:
        bounds = Position(last // 2, 0), Position(last, 0)
        await log.replay(*bounds, frozenset({doctor}), [SlotOpened], limit=100)

    return {
        "an event is told": tell,
        "the latest hundred are read": lambda: log.read(Position(last, 0), limit=100),
        "where it stands": log.now,
        "half of it replayed for one doctor": replay,
    }


async def _forget(one: Pool, days: Pool) -> None:
    """The first day, by the server's own purge, and by the whole of a table."""
    longest, began = 0.0, time.perf_counter()
    before = await one.fetchval("SELECT count(*) FROM event")
    log, more = PostgresEventLog(one), True
    while more:
        start = time.perf_counter()
        more = await log.purge_some(KEPT)
        longest = max(longest, time.perf_counter() - start)
    took = time.perf_counter() - began
    gone = before - await one.fetchval("SELECT count(*) FROM event")
    print(
        f"  a day is forgotten ({gone:,}): one table {took:.2f} s, {1e6 * took / gone:.1f} µs an"
        f" event, the longest bit {1000 * longest:.0f} ms;",
        end=" ",
    )
    began = time.perf_counter()
    await days.execute("DROP TABLE days.event_0")
    print(f"by days {1000 * (time.perf_counter() - began):.1f} ms")


def _acts(pool: Pool) -> dict[str, Timed]:
    viewer = Viewer(user_id=UserId(uuid4()), role=Role.ADMINISTRATOR)

    async def act() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await closing.store(connection, entries=[(viewer, ReadAuditLog())] * 2)

    async def page(wanted: AuditSearch) -> None:
        async with pool.acquire() as connection:
            await AuditEntryTable(connection).page(wanted, after=None, limit=21)

    return {
        "two acts are entered": act,
        "the latest page": lambda: page(AuditSearch()),
        "one person's latest": lambda: page(AuditSearch(actor=viewer.user_id)),
        "one that did nothing": lambda: page(AuditSearch(actor=UserId(uuid4()))),
    }


async def _tell(forms: dict[str, dict[str, Timed]], rounds: int) -> None:
    """Medians, by turns."""
    [first, *_] = forms.values()
    for act in first:
        taken: dict[str, list[float]] = {form: [] for form in forms}
        for _ in range(rounds):
            for form, acts in forms.items():
                began = time.perf_counter()
                await acts[act]()
                taken[form].append(1e6 * (time.perf_counter() - began))
        shown = ", ".join(
            f"{form} {statistics.median(took):5.0f} µs" for form, took in taken.items()
        )
        print(f"  {act}: {shown}")


if __name__ == "__main__":
    main()
