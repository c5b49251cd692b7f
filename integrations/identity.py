"""Passwords that the accounts' own rows keep, hashed."""

from domain.accounts import Account, Passwords
from domain.identity import Proven
from domain.ids import UserId


class EmbeddedIdentity:
    is_outside = False

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords

    async def enrol(self, _: UserId, password: str, /) -> str:
        return await self._passwords.hash(password)

    async def change(self, _: UserId, password: str, /) -> str:
        return await self._passwords.hash(password)

    async def verify(self, account: Account | None, password: str, /) -> Proven | None:
        hashed = account.password_hash if account else None
        if not await self._passwords.verify(password, hashed) or hashed is None:
            return None
        outdated = self._passwords.is_outdated(hashed)
        return Proven(fresh_hash=await self._passwords.hash(password) if outdated else None)

    async def answer(self, _: Account, proven: Proven, __: str | None, /) -> Proven:
        return proven

    async def renew(self, _: UserId, __: str, /) -> bool:
        """A grant of a pool that keeps the passwords no more is good for nothing."""
        return False

    async def remove(self, _: UserId, /) -> None: ...
