"""The server's own keys, in one file that only its owner can read.

Three keys that never serve for one another: `signing` proves tokens (an EC P-256 private JWK with
a `kid`), `sealing` encrypts columns (AES-256), `hashing` makes what is looked up unguessable.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    signing: dict[str, Any] = field(repr=False)
    sealing: bytes = field(repr=False)
    hashing: bytes = field(repr=False)


def create(path: Path) -> None:
    """Write fresh keys to `path`, mode 0600. Raises FileExistsError: keys are never overwritten."""
    signing = ECKey.generate_key("P-256", private=True, auto_kid=True).as_dict(private=True)
    sealing, hashing = (_text(secrets.token_bytes(32)) for _ in range(2))
    content = json.dumps({"signing": signing, "sealing": sealing, "hashing": hashing}, indent=2)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "w") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(unfinished, path)  # unlike a rename, this never replaces
    finally:
        unfinished.unlink()


def load(path: Path) -> Keys:
    """The keys in the file. Raises OSError, ValueError or KeyError if it is not such a file."""
    content = json.loads(path.read_text())
    return Keys(
        signing=content["signing"],
        sealing=base64.b64decode(content["sealing"]),
        hashing=base64.b64decode(content["hashing"]),
    )


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
