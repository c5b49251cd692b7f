"""How sensitive columns are kept: sealed if they are read, fingerprinted if they are looked up."""

import hashlib
import hmac
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x02"
_ID_BYTES = 2
_NONCE_BYTES = 12
HEAD_BYTES = len(_VERSION) + _ID_BYTES


class UnknownKey(Exception):
    """A value was sealed under a data key that we have not heard of, or that was retired."""


class StaleKeys(Exception):
    """Nobody has looked lately which key is current: what we seal now might never be opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKeySet:
    """32 bytes each. `sealing` is by number; the one that is `current` seals, all of them open."""

    hashing: bytes = field(repr=False)
    sealing: Mapping[int, bytes] = field(repr=False)
    current: int


class Vault:
    """AES-256-GCM and HMAC-SHA-256 (NIST SP 800-38D; RFC 2104).

    What is sealed begins with a version and the number of its key.
    """

    def __init__(self, keys: DataKeySet, *, until: float = math.inf) -> None:
        self._hashing = keys.hashing
        self.hold(keys, until=until)

    def hold(self, keys: DataKeySet, *, until: float) -> None:
        """Work with these from now on; after `until`, of the monotonic clock, seal no more."""
        self.until = until
        self._ciphers = {head(number): AESGCM(key) for number, key in keys.sealing.items()}
        self._head = head(keys.current)
        self._cipher = self._ciphers[self._head]

    def seal(self, text: str, place: str) -> bytes:
        """`place` is bound in, so that a value moved elsewhere does not open. Raises StaleKeys."""
        if time.monotonic() > self.until:
            raise StaleKeys
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._head + nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Raises InvalidTag for what was changed or moved, and UnknownKey."""
        start = HEAD_BYTES + _NONCE_BYTES
        if len(sealed) < start or not sealed.startswith(_VERSION):
            raise InvalidTag
        cipher = self._ciphers.get(sealed[:HEAD_BYTES])
        if cipher is None:
            raise UnknownKey(f"of number {int.from_bytes(sealed[1:HEAD_BYTES])}")
        nonce, content = sealed[HEAD_BYTES:start], sealed[start:]
        return cipher.decrypt(nonce, content, place.encode()).decode()

    def fingerprint(self, text: str) -> bytes:
        """32 bytes, the same for the same text; without the key nobody can try guesses."""
        return hmac.new(self._hashing, text.encode(), hashlib.sha256).digest()


def head(number: int) -> bytes:
    """What all begins with that is sealed under the key of this number."""
    return _VERSION + number.to_bytes(_ID_BYTES)


def place(table: str, column: str, id: UUID) -> str:
    """Of a value: what it is bound to."""
    return f"{table}.{column}:{id}"
