"""Health&Med's database on a server: whether it is there, and how far its demo data has come.

That is written down in the database's own comment, so that it is true wherever the database goes.
"""

from contextlib import suppress
from enum import StrEnum

import asyncpg

NAME = "healthmed"
SERVERS = "healthmed_app"  # the role by which servers go; it owns nothing


class Demo(StrEnum):
    """What the comment says; no comment of ours is ABSENT."""

    ABSENT = ""
    LOADING = "demo data: loading"  # found at a start, it was interrupted
    LOADED = "demo data: loaded"


async def ensure(server: str) -> None:
    """Make the database NAME if need be. `server` is the URL of the server's own database."""
    connection = await asyncpg.connect(server)
    try:
        there = "SELECT FROM pg_database WHERE datname = $1"
        if await connection.fetchrow(there, NAME) is None:
            await connection.execute(f"CREATE DATABASE {NAME}")
    finally:
        await connection.close()


async def let_servers_in(url: str) -> None:
    """Once the migrations have made their role. Whoever reaches the socket is trusted to be it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"ALTER ROLE {SERVERS} LOGIN")
    finally:
        await connection.close()


async def recreate(server: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
    finally:
        await connection.close()
    await ensure(server)


async def reach(url: str) -> None:
    """Raises what asyncpg raises when there is no way in."""
    connection = await asyncpg.connect(url, timeout=10)
    await connection.close()


async def demo(url: str) -> Demo:
    connection = await asyncpg.connect(url)
    try:
        comment = await connection.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname = current_database()"
        )
    finally:
        await connection.close()
    return Demo(comment) if comment in list(Demo) else Demo.ABSENT


async def note(url: str, demo: Demo) -> None:
    connection = await asyncpg.connect(url)
    try:
        statement = await connection.fetchval(
            "SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), $1::text)", demo
        )
        with suppress(asyncpg.InsufficientPrivilegeError):  # a database lent to us: no comment
            await connection.execute(statement)
    finally:
        await connection.close()


async def has_accounts(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM account)"))
    finally:
        await connection.close()
