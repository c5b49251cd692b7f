"""Trusted documents: those of our own clients, known by the SHA-256 of their text.

The manifest is made when a client is built, and is read once, at the start: a JSON object of
{"<64 hexadecimal digits>": "<the text>"}. Clients never add to it (docs/decisions/0017).
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import orjson


class BrokenManifest(Exception):
    """The manifest cannot be used; the message says why, and the server does not start."""


def load(path: Path) -> Mapping[str, str]:
    """Text by hash. Raises BrokenManifest."""
    try:
        manifest = orjson.loads(path.read_bytes())
    except OSError as error:
        raise BrokenManifest(f"{path} cannot be read: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        raise BrokenManifest(f"{path} is not JSON: {error}.") from error
    if not isinstance(manifest, dict):
        raise BrokenManifest(f"{path} is not a JSON object of texts by their hashes.")
    for key, text in manifest.items():
        if not isinstance(text, str):
            raise BrokenManifest(f"{path}: what is under {key} is not a text.")
        if hash_of(text) != key:
            raise BrokenManifest(f"{path}: {key} is not the SHA-256 of its text.")
    return manifest


def hash_of(text: str) -> str:
    """As clients make it. A half of a surrogate pair, which no UTF-8 has, is not theirs."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
