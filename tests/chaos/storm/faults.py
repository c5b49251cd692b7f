"""What happens to a cluster, one at a time. Each returns when it is over, if not yet mended."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.chaos.storm.cluster import Cluster, Server
from tests.chaos.test_processes import crash

LONG = 4.0  # seconds, of what lasts in a long storm

Fault = Callable[[Cluster], Awaitable[None]]


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


def release(code: Path) -> Fault:
    """By one server after the other, as a pipeline does."""

    async def roll_out(cluster: Cluster) -> None:
        for server in cluster.servers:
            server.code = code
        await deploy(cluster)

    return roll_out


async def kill_postgres(cluster: Cluster) -> None:
    crash(cluster.postgres)
    await asyncio.sleep(1)
    await asyncio.to_thread(cluster.postgres.start)


async def kill_the_store(cluster: Cluster) -> None:
    cluster.store.kill()
    await asyncio.sleep(cluster.lasts)
    while cluster.store.revive() is None:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    await asyncio.to_thread(cluster.store.wait)


async def kill_valkey(cluster: Cluster) -> None:
    assert cluster.valkey is not None
    cluster.valkey.kill()
    await asyncio.sleep(cluster.lasts)
    await asyncio.to_thread(cluster.valkey.start)


async def slow_down_postgres(cluster: Cluster) -> None:
    for server in cluster.servers:
        server.way.delay = 0.15
    await asyncio.sleep(2 * cluster.lasts)
    for server in cluster.servers:
        server.way.delay = 0


async def cut_off_a_server(cluster: Cluster) -> None:
    """It and Postgres hear nothing of each other, and nobody tells them."""
    way = _one(cluster).way
    way.open.clear()
    await asyncio.sleep(4 * cluster.lasts)
    way.cut()
    way.open.set()


async def lose_connections(cluster: Cluster) -> None:
    for server in cluster.servers:
        server.way.cut()


def while_deploying(fault: Fault) -> Fault:
    async def both(cluster: Cluster) -> None:
        first = cluster.servers[0]
        await asyncio.gather(first.stop(), fault(cluster))
        first.start()

    both.__name__ = f"{fault.__name__}_while_deploying"
    return both


async def kill_the_other_server(cluster: Cluster) -> None:
    """While its neighbour is replaced there is none."""
    server = cluster.servers[1]
    server.kill()
    server.start()


def _one(cluster: Cluster) -> Server:
    return random.choice(cluster.servers)  # noqa: S311


SHORT: tuple[Fault, ...] = (
    kill_a_server,
    lose_connections,
    slow_down_postgres,
    kill_the_store,
    kill_valkey,
    kill_postgres,
    cut_off_a_server,
    deploy,
    while_deploying(kill_postgres),
)
MORE = tuple(map(while_deploying, (kill_the_store, kill_valkey, kill_the_other_server)))
