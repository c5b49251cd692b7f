"""Wrapping by a key of AWS KMS, which never leaves it.

Region, credentials and, where it is not AWS's own, the address are those of AWS's environment
(AWS_REGION, AWS_ENDPOINT_URL_KMS and so on).
"""

import aioboto3
from botocore.config import Config
from botocore.exceptions import ClientError

from domain.keys import CannotUnwrap

# Twice, and then whoever asked looks again: he may not seal for long without an answer.
_PATIENCE = Config(
    connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}
)
_NOT_OURS = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


class KmsWrapping:
    """A client lives for one question: a process asks once for each key."""

    def __init__(self, key_id: str) -> None:
        """Its id, its ARN, or an alias of it."""
        self._key_id, self._session = key_id, aioboto3.Session()

    async def wrap(self, key: bytes, purpose: str, /) -> bytes:
        async with self._session.client("kms", config=_PATIENCE) as kms:
            answer = await kms.encrypt(
                KeyId=self._key_id, Plaintext=key, EncryptionContext=_context(purpose)
            )
        wrapped: bytes = answer["CiphertextBlob"]
        return wrapped

    async def unwrap(self, wrapped: bytes, purpose: str, /) -> bytes:
        async with self._session.client("kms", config=_PATIENCE) as kms:
            try:
                answer = await kms.decrypt(
                    KeyId=self._key_id,
                    CiphertextBlob=wrapped,
                    EncryptionContext=_context(purpose),
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in _NOT_OURS:
                    message = "a data key was not wrapped by this key of KMS"
                    raise CannotUnwrap(message) from error
                raise
        key: bytes = answer["Plaintext"]
        return key


def _context(purpose: str) -> dict[str, str]:
    return {"purpose": purpose}
