"""Tokens that prove whatever row they name. Only their SHA-256 is kept."""

import hashlib
import secrets
from uuid import UUID


def make(id: UUID) -> str:
    """It names its row, so that one that is spent is known for what it is."""
    return f"{id.hex}.{secrets.token_urlsafe(32)}"


def id_of(token: str) -> UUID | None:
    """Of the row that it names; None if it is of another form."""
    id, _, _ = token.partition(".")
    try:
        return UUID(hex=id)
    except ValueError:
        return None


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
