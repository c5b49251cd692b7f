"""Rows of passkeys, and of challenges that are spent."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.ids import PasskeyId, UserId
from domain.passkeys import Passkey
from persistence.columns import TEXTS, moment, sealed
from persistence.crypto import Vault
from persistence.database import Connection, Pool
from persistence.table import Row, Table

_RANDOM, _EXPIRES, _PROOF = 32, 8, 32  # bytes of a challenge, in this order
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT = timedelta(microseconds=1)
_KEPT = timedelta(hours=1)  # longer than they are good by any process's clock


class PasskeyRow(Row, table=True):
    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="account.id", index=True)
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    sign_count: int = Field(sa_type=sa.BigInteger)
    transports: list[str] = Field(sa_type=TEXTS)
    backed_up: bool
    name: bytes = sealed()
    created_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class SpentChallengeRow(Row, table=True):
    """`random`: what it began with."""

    random: bytes = Field(primary_key=True)
    expires_at: datetime = moment()


class PasskeyTable(Table[Passkey]):
    row, entity = PasskeyRow, Passkey
    sealed = frozenset({"name"})

    async def of(self, user_id: UserId, /) -> Sequence[Passkey]:
        return await self.where("user_id = $1 ORDER BY id", user_id)

    async def lock(self, id: PasskeyId, /) -> Passkey | None:
        return await self.first("id = $1 FOR UPDATE", id)

    async def lock_credential(self, credential_id: bytes, /) -> Passkey | None:
        return await self.first("credential_id = $1 FOR UPDATE", credential_id)

    async def remove(self, id: PasskeyId, /) -> None:
        await self._connection.execute("DELETE FROM passkey WHERE id = $1", id)


class ChallengeTable:
    """A challenge says when it expires, and proves by our key that we have made it and for what."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    def make(self, ceremony: str, /, *, expires_at: datetime) -> bytes:
        random = secrets.token_bytes(_RANDOM)
        expires = ((expires_at - _EPOCH) // _UNIT).to_bytes(_EXPIRES)
        return random + expires + self._proof(ceremony, random + expires)

    async def spend(self, challenge: bytes, ceremony: str, /, *, at: datetime) -> bool:
        said, proof = challenge[:-_PROOF], challenge[-_PROOF:]
        if not hmac.compare_digest(proof, self._proof(ceremony, said)):
            return False
        expires_at = _EPOCH + int.from_bytes(said[_RANDOM:]) * _UNIT
        if at >= expires_at:
            return False
        spent = await self._connection.fetchval(
            "INSERT INTO spent_challenge (random, expires_at) VALUES ($1, $2)"
            " ON CONFLICT DO NOTHING RETURNING true",
            said[:_RANDOM],
            expires_at,
        )
        return spent is not None

    def _proof(self, ceremony: str, said: bytes) -> bytes:
        return self._vault.fingerprint(f"challenge:{ceremony}:{said.hex()}")


async def purge(pool: Pool, at: datetime) -> None:
    """Forget what has long expired."""
    await pool.execute("DELETE FROM spent_challenge WHERE expires_at < $1", at - _KEPT)
