"""How Alembic reaches the database: online only, one at a time, never waiting long for a lock.

Of the configuration's attributes (migrate.py) `url` is as asyncpg reads it; `metadata` and
`render_item` are there when tables are compared (compare.py).
"""

import asyncio
import time

import asyncpg
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

MIGRATING = 0x68656D64  # the advisory lock of whoever migrates; any number that nobody else takes
PATIENCE = 300  # seconds, for as long as others may migrate


async def run() -> None:
    url = context.config.attributes["url"]
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


def _migrate(connection: Connection) -> None:
    _wait_for_our_turn(connection)
    # For whatever a migration does outside of its own transaction, an index made CONCURRENTLY.
    connection.execute(text("SET lock_timeout = '3s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        transaction_per_migration=True,
        compare_server_default=True,
        render_item=context.config.attributes.get("render_item"),
    )
    later = _of_a_later_release()
    connection.rollback()  # of the transaction in which we looked
    if later is not None:
        context.config.attributes["later"] = later
        return
    with context.begin_transaction():
        context.run_migrations()


def _of_a_later_release() -> str | None:
    """The revision of the database, if we do not know it: so it is in a rollback."""
    found = context.get_context().get_current_revision()
    known = {script.revision for script in context.script.walk_revisions()}
    return None if found in known else found


def _wait_for_our_turn(connection: Connection) -> None:
    """The lock is the session's and goes with it.

    Asked for again and again, since a session that waits inside `pg_advisory_lock` holds a
    snapshot, on which an index made CONCURRENTLY by the one that has the lock would wait for ever.
    """
    deadline = time.monotonic() + PATIENCE
    ours = text("SELECT pg_try_advisory_lock(:number)").bindparams(number=MIGRATING)
    while not connection.scalar(ours):
        connection.rollback()
        if time.monotonic() > deadline:
            message = f"another server has been migrating for {PATIENCE} seconds"
            raise TimeoutError(message)
        time.sleep(0.1)
    connection.commit()


asyncio.run(run())
