"""Connections that are lost: what was under way is not done again by anybody but whoever asked."""

import asyncio
import statistics
import time
from itertools import pairwise

import asyncpg
import pytest

from integrations import wakeups
from integrations.wakeups import Supervised
from persistence.unit_of_work import PostgresWork
from tests import make
from tests.server import LocalServer

LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)
END_IT = "SELECT pg_terminate_backend($1)"


async def test_an_act_that_loses_its_connection_is_not_tried_again(server: LocalServer):
    """Whether it was done nobody knows; a key of idempotency lets its client find out."""
    doctor = make.doctor()
    slot = make.slot(doctor)
    tried = 0

    async def lose(work: PostgresWork) -> None:
        nonlocal tried
        tried += 1
        await work.slots.add_all([slot])
        pid = await work._connection.fetchval("SELECT pg_backend_pid()")
        await server.fetch(END_IT, pid)
        await work._connection.fetchval("SELECT 1")

    await server.given(doctor)
    with pytest.raises(LOST):
        await server.app.works.act(lose)

    assert tried == 1
    async with server.app.works.begin() as work:
        assert await work.slots.get(slot.id) is None


async def test_a_pool_that_has_lost_all_its_connections_answers_the_next_who_asks(
    server: LocalServer,
):
    async def busy() -> int:
        return await server.app._pool.fetchval("SELECT pg_backend_pid() FROM pg_sleep(0.2)")

    pids = set(await asyncio.gather(*(busy() for _ in range(8))))
    for pid in pids:
        await server.fetch(END_IT, pid)
    await asyncio.sleep(0.2)  # until the pool has been told

    again = set(await asyncio.gather(*(busy() for _ in range(8))))

    assert not again & pids


async def test_those_who_lose_it_together_do_not_come_back_together(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(wakeups, "SHORTEST_PAUSE", 0.05)
    monkeypatch.setattr(wakeups, "LONGEST_PAUSE", 0.5)
    processes = [Lost("looks") for _ in range(30)]
    for each in processes:
        await each.connect()
    async with asyncio.timeout(30):
        while min(len(each.tried) for each in processes) < 5:  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.05)
    for each in processes:
        await each.disconnect()

    pauses = [[later - at for at, later in pairwise(each.tried)] for each in processes]
    for nth in range(4):
        waited = [each[nth] for each in pauses]
        assert max(waited) - min(waited) > statistics.median(waited) / 3
    assert statistics.median(p[3] for p in pauses) > 3 * statistics.median(p[0] for p in pauses)


class Lost(Supervised):
    """Never comes to listen."""

    def __init__(self, channel: str) -> None:
        super().__init__(channel)
        self.tried: list[float] = []

    async def _listen(self) -> None:
        self.tried.append(time.monotonic())
        raise OSError
