"""How the keys that keep data are kept themselves: wrapped, by a key that lies elsewhere."""

from typing import Protocol


class CannotUnwrap(Exception):
    """What was wrapped is not ours, is for another purpose, or was changed."""


class KeyWrapping(Protocol):
    """Holds one key that nobody else ever sees, and wraps others with it.

    `purpose` is bound in: what was wrapped for one does not unwrap for another. It may be written
    into others' logs.
    """

    async def wrap(self, key: bytes, purpose: str, /) -> bytes: ...

    async def unwrap(self, wrapped: bytes, purpose: str, /) -> bytes:
        """Raises CannotUnwrap; anything else says that nobody could be asked."""
        ...
