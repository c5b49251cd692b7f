"""Whether the database is the one that this code was written for."""

import re
from pathlib import Path

from persistence.database import Pool

_VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


def known() -> tuple[str, frozenset[str]]:
    """The last migration and all of them, read from the scripts without running them."""
    texts = [path.read_text() for path in _VERSIONS.glob("*.py")]
    made = frozenset(_named("revision", text) for text in texts)
    followed = {_named("down_revision", text) for text in texts}
    [head] = made - followed
    return head, made


def _named(name: str, text: str) -> str:
    match = re.search(rf"^{name}\b[^=]*= ['\"](\w+)['\"]", text, re.MULTILINE)
    return match[1] if match else ""


class Revision:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._newest, self._known = known()

    async def reachable(self) -> bool:
        try:
            return bool(await self._pool.fetchval("SELECT true"))
        except Exception:  # noqa: BLE001  # whatever it is, it is not reached
            return False

    async def fits(self) -> bool:
        """Whether the database has all of our migrations.

        One that we do not know is of a later release, and those get on with us: in a deploy the
        database is migrated while we serve (docs/decisions/0059).
        """
        try:
            found = await self._pool.fetchval("SELECT version_num FROM alembic_version")
        except Exception:  # noqa: BLE001  # not reached, or never migrated
            return False
        return found is not None and (found == self._newest or found not in self._known)
