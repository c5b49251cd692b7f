"""Migrates, and lets the servers' role in: `python -m embedded.migrate_and_admit`, as the owner.

Before each release, and again as often as one likes. On RDS the role signs in by tokens of IAM; a
role of HEALTHMED_SERVERS_PASSWORD signs in by that.
"""

import argparse
import asyncio
import os
import sys
from contextlib import suppress

import asyncpg

from embedded.database import SERVERS
from migrations import migrate

# For `reseal`, which has to see when transactions of servers began.
_SEES_OTHERS = "SELECT pg_has_role('pg_read_all_stats', 'USAGE')"
_ON_RDS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam')"


def main(arguments: list[str] | None = None) -> None:
    argparse.ArgumentParser(
        prog="migrate",
        description="Bring the database of HEALTHMED_DATABASE_URL to the newest migration, and let"
        f" {SERVERS} in.",
    ).parse_args(arguments)
    url = os.environ.get("HEALTHMED_DATABASE_URL")
    if not url:
        sys.exit("HEALTHMED_DATABASE_URL is not set: it names the database, by its owner.")
    try:
        found = migrate.upgrade(url)
        asyncio.run(admit(url, os.environ.get("HEALTHMED_SERVERS_PASSWORD")))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        sys.exit(f"The database cannot be reached or changed: {fault}")
    later = "" if found == migrate.heads() else ", of a later release"
    print(f"The database is at {found}{later}, and {SERVERS} may sign in.")


async def admit(url: str, password: str | None) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"ALTER ROLE {SERVERS} LOGIN")
        if not await connection.fetchval(_SEES_OTHERS):
            with suppress(asyncpg.InsufficientPrivilegeError):  # a superuser has to do it, once
                await connection.execute("GRANT pg_read_all_stats TO CURRENT_USER")
        if await connection.fetchval(_ON_RDS):
            await connection.execute(f"GRANT rds_iam TO {SERVERS}")
        elif password:
            statement = await connection.fetchval(
                "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", SERVERS, password
            )
            await connection.execute(statement)
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
