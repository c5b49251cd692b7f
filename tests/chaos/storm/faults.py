"""What happens to a cluster, one at a time. Each returns when it is over, if not yet mended."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable

from tests.chaos.storm.cluster import Cluster, Server
from tests.chaos.test_processes import crash

LASTS = 4.0  # seconds, of what lasts


async def kill_a_worker(cluster: Cluster) -> None:
    for pid in _one(cluster).workers():
        os.kill(pid, signal.SIGKILL)


async def kill_a_server(cluster: Cluster) -> None:
    server = _one(cluster)
    server.kill()
    server.start()


async def deploy(cluster: Cluster) -> None:
    """One server after the other, each when all are ready, as a rolling deploy does."""
    for server in cluster.servers:
        await cluster.whole()
        await server.stop()
        server.start()


async def kill_postgres(cluster: Cluster) -> None:
    crash(cluster.postgres)
    await asyncio.sleep(1)
    await asyncio.to_thread(cluster.postgres.start)


async def kill_postgres_while_deploying(cluster: Cluster) -> None:
    first = cluster.servers[0]
    await asyncio.gather(first.stop(), kill_postgres(cluster))
    first.start()


async def kill_the_store(cluster: Cluster) -> None:
    cluster.store.kill()
    await asyncio.sleep(LASTS)
    while cluster.store.revive() is None:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    await asyncio.to_thread(cluster.store.wait)


async def slow_down_postgres(cluster: Cluster) -> None:
    for server in cluster.servers:
        server.way.delay = 0.15
    await asyncio.sleep(LASTS)
    for server in cluster.servers:
        server.way.delay = 0


async def cut_off_a_server(cluster: Cluster) -> None:
    """It and Postgres hear nothing of each other, and nobody tells them."""
    way = _one(cluster).way
    way.open.clear()
    await asyncio.sleep(3 * LASTS)
    way.cut()
    way.open.set()


async def lose_connections(cluster: Cluster) -> None:
    for server in cluster.servers:
        server.way.cut()


def _one(cluster: Cluster) -> Server:
    return random.choice(cluster.servers)  # noqa: S311


FAULTS: tuple[Callable[[Cluster], Awaitable[None]], ...] = (
    kill_a_worker,
    kill_a_server,
    lose_connections,
    slow_down_postgres,
    kill_the_store,
    kill_postgres,
    cut_off_a_server,
    deploy,
    kill_postgres_while_deploying,
)
