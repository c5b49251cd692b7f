"""Buckets that all processes share, as Postgres keeps them. Its clock is not set, rows are."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from integrations.key_wrapping import FileWrapping
from persistence import database, rates
from persistence.crypto import Vault
from persistence.data_keys import Keyring
from persistence.database import Pool
from persistence.rates import PostgresRates
from tests.server import LocalServer
from transport.rates import Draw, Rate, Rates, Want

SLOW = Rate(most=100, seconds=100_000)  # nothing comes back while a test runs


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[Pool]:
    pool = await database.connect(database_url, size=8)
    yield pool
    await pool.close()


@pytest.fixture
async def vault(pool: Pool, keys_file: Path) -> Vault:
    return (await Keyring.open(pool, FileWrapping(keys_file))).vault


@pytest.fixture
def kept(pool: Pool, vault: Vault) -> PostgresRates:
    return PostgresRates(pool, vault)


@pytest.fixture
def key() -> str:
    return f"address operations {uuid4()}"


def draw(key: str, amount: float, least: float = 1) -> Draw:
    return Draw(key, amount, least, SLOW.every, SLOW.most)


async def taken(kept: PostgresRates, *draws: Draw) -> list[float]:
    return [granted for granted, _ in await kept.draw(draws)]


async def let_time_pass(pool: Pool, by: timedelta) -> None:
    await pool.execute("UPDATE rate SET clear_at = clear_at - $1::interval", by)


async def test_a_bucket_is_full_at_first_and_gives_what_it_has(kept: PostgresRates, key: str):
    assert await kept.draw([draw(key, 60)]) == [(60, 100)]
    [(granted, free)] = await kept.draw([draw(key, 60)])
    assert (granted, free) == (40, pytest.approx(40, abs=0.01))
    [(granted, free)] = await kept.draw([draw(key, 1)])
    assert (granted, free) == (0, pytest.approx(0, abs=0.01))


async def test_less_than_the_least_is_nothing_and_stays(kept: PostgresRates, key: str):
    await taken(kept, draw(key, 60))

    assert await taken(kept, draw(key, 50, least=41)) == [0]
    assert await taken(kept, draw(key, 50, least=40)) == [40]
    assert await taken(kept, draw(f"{key} other", 200, least=101)) == [0]
    assert await taken(kept, draw(f"{key} other", 200, least=100)) == [100]


async def test_it_fills_up_with_time_and_never_runs_over(kept: PostgresRates, pool: Pool, key: str):
    await taken(kept, draw(key, 100))

    await let_time_pass(pool, timedelta(seconds=2_990))
    assert await taken(kept, draw(key, 100)) == [2]
    await let_time_pass(pool, timedelta(seconds=1_020))
    assert await taken(kept, draw(key, 100)) == [2]
    await let_time_pass(pool, timedelta(days=300))
    assert await taken(kept, draw(key, 1_000)) == [100]


async def test_many_keys_are_drawn_from_in_one_statement(
    server: LocalServer, kept: PostgresRates, key: str
):
    keys = [f"{key} {number}" for number in range(20)]
    await taken(kept, draw(keys[7], 95))

    with server.statements() as statements:
        granted = await taken(kept, *(draw(each, 10) for each in keys))

    assert granted == [10] * 7 + [5] + [10] * 12
    assert len(statements) == 1


async def test_what_is_kept_names_no_address(kept: PostgresRates, pool: Pool, vault: Vault):
    await taken(kept, draw("address operations 192.0.2.77", 1))

    [row] = await pool.fetch(
        "SELECT key FROM rate WHERE key = $1",
        vault.fingerprint("rate:address operations 192.0.2.77"),
    )
    assert b"192.0.2.77" not in row["key"]


async def test_many_at_once_in_two_processes_get_no_more_than_there_is(
    pool: Pool, vault: Vault, key: str
):
    processes = [Rates(PostgresRates(pool, vault)) for _ in range(4)]

    async def client(number: int) -> int:
        own = Want(f"{key} {number % 3}", SLOW, 1)
        both = [own, Want(key, SLOW, 1)] if number % 2 else [Want(key, SLOW, 1), own]
        return sum([await processes[number % 4].spend(both) == 0.0 for _ in range(20)])

    let_in = sum(await asyncio.gather(*(client(number) for number in range(40))))

    # Of the bucket that all share; four leases of five may lie idle when the others are refused.
    assert 80 <= let_in <= 100
    assert await taken(PostgresRates(pool, vault), draw(key, 100)) == [0]


async def test_full_buckets_are_forgotten_and_others_not(
    kept: PostgresRates, pool: Pool, vault: Vault, key: str
):
    full, other = f"{key} full", f"{key} other"
    await taken(kept, draw(full, 1), draw(other, 3))
    await let_time_pass(pool, timedelta(seconds=2_000))

    await rates.purge(pool)

    left = {row["key"] for row in await pool.fetch("SELECT key FROM rate")}
    assert vault.fingerprint(f"rate:{full}") not in left
    assert vault.fingerprint(f"rate:{other}") in left


async def test_the_table_is_not_written_to_the_log_of_postgres(pool: Pool):
    kind = "SELECT relpersistence::text FROM pg_class WHERE relname = $1"

    assert await pool.fetchval(kind, "rate") == "u"
    assert await pool.fetchval(kind, "attempt") == "p"
