"""Whether the database is the one that this code was written for."""

import re
from pathlib import Path

from persistence.database import Pool

_VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


def newest() -> str:
    """The migration that no other one follows, read from the scripts without running them."""
    texts = [path.read_text() for path in _VERSIONS.glob("*.py")]
    made = {_named("revision", text) for text in texts}
    followed = {_named("down_revision", text) for text in texts}
    [head] = made - followed
    return head


def _named(name: str, text: str) -> str:
    match = re.search(rf"^{name}\b[^=]*= ['\"](\w+)['\"]", text, re.MULTILINE)
    return match[1] if match else ""


class Revision:
    def __init__(self, pool: Pool) -> None:
        self._pool, self._newest = pool, newest()

    async def reachable(self) -> bool:
        try:
            return bool(await self._pool.fetchval("SELECT true"))
        except Exception:  # noqa: BLE001  # whatever it is, it is not reached
            return False

    async def is_newest(self) -> bool:
        try:
            found = await self._pool.fetchval("SELECT version_num FROM alembic_version")
        except Exception:  # noqa: BLE001  # not reached, or never migrated
            return False
        return bool(found == self._newest)
