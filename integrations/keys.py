"""The server's own keys, in one file that only its owner can read.

Two kinds that never serve for one another: `signing` proves tokens, `wrapping` (AES-256) encrypts
the data keys, which lie in the database. Where KMS wraps them there is none of the second kind.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """EC P-256 private JWKs, each with a `kid`. `current` signs, all three are accepted: `previous`
    is what signed before the last rotation, and `next` what processes sign with that were started
    after the next one. So they may be started again one by one.
    """

    next: Mapping[str, Any] = field(repr=False)
    current: Mapping[str, Any] = field(repr=False)
    previous: Mapping[str, Any] | None = field(repr=False)

    def all(self) -> list[Mapping[str, Any]]:
        return [key for key in (self.current, self.next, self.previous) if key is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    signing: SigningKeys = field(repr=False)
    wrapping: tuple[bytes, ...] = field(repr=False)  # the first one wraps, all of them unwrap


class Outdated(ValueError):
    """The file is of a version whose sealed columns this one does not open."""


class TooSoon(Exception):
    """The last rotation is so fresh that tokens of the key before it may be good."""


def create(path: Path, *, wraps: bool = True) -> None:
    """Write fresh keys to `path`, mode 0600. Raises FileExistsError: keys are never overwritten."""
    signing = {"next": _signing_key(), "current": _signing_key(), "previous": None}
    wrapping = [_wrapping_key()] if wraps else []
    content = {"signing": signing, "rotated_at": None, "wrapping": wrapping}
    unfinished = _write(path, content)
    try:
        os.link(unfinished, path)  # unlike a rename, this never replaces
    finally:
        unfinished.unlink()


def rotate(path: Path, *, at: datetime, tokens_last: timedelta) -> None:
    """The next signing key becomes the current one, and a new one is next.

    Servers take it up when they are started again, in any order. Raises TooSoon, and what `load`
    does.
    """
    load(path)
    content = json.loads(path.read_text())
    rotated_at = content["rotated_at"]
    if rotated_at is not None and at < datetime.fromisoformat(rotated_at) + 2 * tokens_last:
        raise TooSoon
    before = content["signing"]
    content["signing"] = {
        "next": _signing_key(),
        "current": before["next"],
        "previous": before["current"],
    }
    content["rotated_at"] = at.isoformat()
    _write(path, content).replace(path)


def begin_rewrap(path: Path) -> None:
    """A new key wraps from now on, and the one before still unwraps. Once, if that was begun."""
    begun = len(load(path).wrapping) > 1
    if not begun:
        content = json.loads(path.read_text())
        content["wrapping"] = [_wrapping_key(), *content["wrapping"]]
        _write(path, content).replace(path)


def end_rewrap(path: Path, *, keep: int = 1) -> None:
    """Forget the wrapping keys but the first one, or all where KMS wraps."""
    content = json.loads(path.read_text())
    content["wrapping"] = content["wrapping"][:keep]
    _write(path, content).replace(path)


def load(path: Path) -> Keys:
    """The keys in the file. Raises OSError, ValueError or KeyError if it is not such a file."""
    content = json.loads(path.read_text())
    if "sealing" in content:
        message = "it is of a version before data keys, and so is all that was sealed with it"
        raise Outdated(message)
    signing = content["signing"]
    return Keys(
        signing=SigningKeys(
            next=signing["next"], current=signing["current"], previous=signing["previous"]
        ),
        wrapping=tuple(base64.b64decode(key) for key in content["wrapping"]),
    )


def _write(path: Path, content: Mapping[str, Any]) -> Path:
    """Into a file beside it, mode 0600, that is safely on the disk; the file's path."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "w") as stream:
            json.dump(content, stream, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        unfinished.unlink()
        raise
    return unfinished


def _signing_key() -> dict[str, Any]:
    return ECKey.generate_key("P-256", private=True, auto_kid=True).as_dict(private=True)


def _wrapping_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
