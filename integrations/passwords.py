"""Passwords as Argon2id hashes, worked out in threads so that the event loop goes on."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

# The 30,000 most frequent of leaked passwords, and what Brazilians would add to them.
_COMMON = frozenset(FREQUENCY_LISTS["passwords"]) | {
    *("brasil123", "brasil2024", "brasil2025", "brasil2026", "corinthians", "flamengo123"),
    *("jesuscristo", "jesusteama", "minhasenha", "mudar123", "palmeiras1", "saopaulo123"),
    *("senha1234", "senha12345", "senha123456", "senhasenha", "telemedicina", "trocar123"),
}
_THREADS = 2  # each takes a core for tens of milliseconds; more would only wait for one another


class Argon2Passwords:
    """Parameters: the OWASP Password Storage Cheat Sheet's first choice, 19 MiB and 2 passes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._nobody = self._hasher.hash(secrets.token_urlsafe(32))
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")

    async def hash(self, password: str, /) -> str:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._hasher.hash, password
        )

    async def verify(self, password: str, hashed: str | None, /) -> bool:
        """Somebody unknown is looked for as long as somebody known."""
        matches = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._matches, password, hashed or self._nobody
        )
        return matches and hashed is not None

    def is_outdated(self, hashed: str, /) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def is_common(self, password: str, /) -> bool:
        return password.casefold() in _COMMON

    def close(self) -> None:
        self._threads.shutdown()

    def _matches(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
