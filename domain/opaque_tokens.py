"""Tokens that prove whatever row they name. Only their SHA-256 is kept."""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID


def make(id: UUID) -> str:
    """It names its row, so that one that is spent is known for what it is."""
    return f"{id.hex}.{secrets.token_urlsafe(32)}"


def after(token: str, key: UUID) -> str:
    """The one that follows this one for whoever has both. It names the same row."""
    id, _, _ = token.partition(".")
    secret = hmac.digest(token.encode(errors="surrogatepass"), key.bytes, "sha256")
    return f"{id}.{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"


def id_of(token: str) -> UUID | None:
    """Of the row that it names; None if it is of another form."""
    id, _, _ = token.partition(".")
    try:
        return UUID(hex=id)
    except ValueError:
        return None


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
