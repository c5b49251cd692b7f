"""Which key wraps the data keys: one of KMS if there is one, else that of the file of keys."""

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.keys import CannotUnwrap, KeyWrapping
from integrations import keys

_NONCE_BYTES = 12


class NothingWraps(Exception):
    def __init__(self) -> None:
        super().__init__("the file of keys has none that wraps, and no key of KMS is named")


def chosen(keys_file: Path, kms_key_id: str | None) -> KeyWrapping:
    """Raises NothingWraps."""
    if not kms_key_id:
        if not keys.load(keys_file).wrapping:
            raise NothingWraps
        return FileWrapping(keys_file)
    from integrations.kms import KmsWrapping  # noqa: PLC0415  # a second, for those who use it

    return KmsWrapping(kms_key_id)


class FileWrapping:
    """AES-256-GCM by the first wrapping key of the file; all of them unwrap.

    The file is read each time, so that a server that runs follows a change.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def wrap(self, key: bytes, purpose: str, /) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(keys.load(self._path).wrapping[0])
        return nonce + cipher.encrypt(nonce, key, purpose.encode())

    async def unwrap(self, wrapped: bytes, purpose: str, /) -> bytes:
        nonce, content = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        for key in keys.load(self._path).wrapping:
            try:
                return AESGCM(key).decrypt(nonce, content, purpose.encode())
            except (InvalidTag, ValueError):  # the latter: a nonce that is too short
                continue
        message = "a data key was wrapped by another key than those of the file"
        raise CannotUnwrap(message)
