"""What partners use, by the day: counted here in memory, and added to its rows now and then.

What a process has counted and not yet written is lost if it is killed.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import PartnerId
from domain.partners import Usage
from persistence.database import Pool, rows_of
from persistence.table import Row


class PartnerUsageRow(Row, table=True):
    partner_id: UUID = Field(primary_key=True, foreign_key="partner.id")
    day: date = Field(primary_key=True)
    operations: int = Field(sa_type=sa.BigInteger)
    points: int = Field(sa_type=sa.BigInteger)
    errors: int = Field(sa_type=sa.BigInteger)


# In the order of their keys, so that no two processes wait in a circle.
_ADD = f"""
INSERT INTO partner_usage AS kept (partner_id, day, operations, points, errors)
  SELECT * FROM {rows_of(("uuid", "date", *("bigint",) * 3))}
    AS used (partner_id, day, operations, points, errors) ORDER BY partner_id, day
ON CONFLICT (partner_id, day) DO UPDATE SET operations = kept.operations + excluded.operations,
  points = kept.points + excluded.points, errors = kept.errors + excluded.errors
"""
_READ = (
    f"SELECT asked.number - 1 AS number, used.* FROM {rows_of(('uuid', 'date'))}"
    " WITH ORDINALITY AS asked (partner_id, since, number) JOIN partner_usage AS used"
    " ON used.partner_id = asked.partner_id AND used.day > asked.since ORDER BY used.day DESC"
)
_NUMBERS = ("day", "operations", "points", "errors")


class CountedUsage:
    def __init__(self, pool: Pool, now: Callable[[], datetime]) -> None:
        self._pool, self._now = pool, now
        self._counted: dict[tuple[UUID, date], list[int]] = {}

    def count(self, id: PartnerId, *, points: int, failed: bool) -> None:
        """One operation."""
        self._add((id, self._now().astimezone(UTC).date()), [1, points, int(failed)])

    async def write(self) -> None:
        counted, self._counted = self._counted, {}
        if not counted:
            return
        ids, days = zip(*counted, strict=True)
        numbers = [list(column) for column in zip(*counted.values(), strict=True)]
        try:
            await self._pool.execute(_ADD, list(ids), list(days), *numbers)
        except BaseException:
            for key, used in counted.items():
                self._add(key, used)
            raise

    def _add(self, key: tuple[UUID, date], used: Sequence[int]) -> None:
        before = self._counted.get(key, [0, 0, 0])
        self._counted[key] = [one + other for one, other in zip(before, used, strict=True)]


async def read(pool: Pool, asked: Sequence[tuple[PartnerId, date]]) -> Sequence[Sequence[Usage]]:
    """For each (partner, day), later than that; days without an operation are left out."""
    found: list[list[Usage]] = [[] for _ in asked]
    for row in await pool.fetch(_READ, *zip(*asked, strict=True)):
        found[row["number"]].append(Usage(**{name: row[name] for name in _NUMBERS}))
    return found
