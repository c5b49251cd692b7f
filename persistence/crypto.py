"""How sensitive columns are kept: sealed if they are read, fingerprinted if they are looked up."""

import hashlib
import hmac
import secrets
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE_BYTES = 12


class Secrets(Protocol):
    """The two keys that columns need, 32 bytes each."""

    @property
    def sealing(self) -> bytes: ...
    @property
    def hashing(self) -> bytes: ...


class Vault:
    """AES-256-GCM and HMAC-SHA-256 (NIST SP 800-38D; RFC 2104)."""

    def __init__(self, keys: Secrets) -> None:
        self._cipher, self._hashing = AESGCM(keys.sealing), keys.hashing

    def seal(self, text: str, place: str) -> bytes:
        """`place` (table.column:id) is bound in, so that a value moved elsewhere does not open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Raises InvalidTag for what was changed, moved, or sealed with another key."""
        start = len(_VERSION) + _NONCE_BYTES
        if len(sealed) < start or not sealed.startswith(_VERSION):
            raise InvalidTag
        nonce, content = sealed[len(_VERSION) : start], sealed[start:]
        return self._cipher.decrypt(nonce, content, place.encode()).decode()

    def fingerprint(self, text: str) -> bytes:
        """32 bytes, the same for the same text; without the key nobody can try guesses."""
        return hmac.new(self._hashing, text.encode(), hashlib.sha256).digest()
