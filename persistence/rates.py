"""Rows of rates: how far each bucket is emptied, for all processes of the server."""

import math
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field

from persistence.columns import moment
from persistence.crypto import Vault
from persistence.database import Pool, rows_of
from persistence.table import Row


class RateRow(Row, table=True):
    """`clear_at`: when the bucket is full again. Unlogged, for after a crash all may be full."""

    __table_args__ = {"prefixes": ["UNLOGGED"]}

    key: bytes = Field(primary_key=True)
    clear_at: datetime = moment()


# What is granted is worked out here to change the row, and once more below, from the same numbers
# in the same order, to tell it. A thousandth of a unit may be lost in rounding to microseconds.
# Rows are locked in the order of their keys, so that nobody waits in a circle.
_DRAW = f"""
WITH wanted AS (
  SELECT * FROM {rows_of(("bytea", *("float8",) * 4))}
    AS wanted (key, amount, needed, every, most)
)
INSERT INTO rate AS kept (key, clear_at)
  SELECT key, now() + make_interval(secs =>
    every * CASE WHEN most >= needed THEN least(amount, most) ELSE 0 END)
  FROM wanted ORDER BY key
ON CONFLICT (key) DO UPDATE SET clear_at = (
  SELECT greatest(kept.clear_at, now()) + make_interval(secs =>
    every * CASE WHEN whole >= needed THEN greatest(least(amount, whole), 0) ELSE 0 END)
  FROM wanted CROSS JOIN LATERAL (
    SELECT floor(0.001::float8 + (
      most - extract(epoch FROM greatest(kept.clear_at, now()) - now())::float8 / every))
  ) AS bucket (whole)
  WHERE wanted.key = kept.key
)
RETURNING kept.key, extract(epoch FROM greatest(old.clear_at, now()) - now())::float8 AS emptied
"""


class PostgresRates:
    """The clock is the database's, so that those of the processes need not agree."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool, self._vault = pool, vault

    async def draw(
        self, draws: Sequence[tuple[str, float, float, float, float]], /
    ) -> Sequence[tuple[float, float]]:
        """For each key, amount, least, seconds for one and most: what is granted, and what was
        there. Keys name addresses and accounts, and are kept as fingerprints.
        """
        keys = [self._vault.fingerprint(f"rate:{key}") for key, *_ in draws]
        numbers = [list(column) for column in list(zip(*draws, strict=True))[1:]]
        rows = await self._pool.fetch(_DRAW, keys, *numbers)
        emptied = {row["key"]: row["emptied"] for row in rows}
        drawn = []
        for key, (_, amount, needed, every, most) in zip(keys, draws, strict=True):
            free = most - emptied[key] / every
            whole = math.floor(0.001 + free)
            drawn.append((max(min(amount, whole), 0.0) if whole >= needed else 0.0, free))
        return drawn


async def purge(pool: Pool) -> None:
    """Forget the buckets that are full again."""
    await pool.execute("DELETE FROM rate WHERE clear_at < now()")
