"""What a container of our image does: `python -m embedded.container ACT [ARGUMENT ...]`.

Orchestrators hand secrets over as environment variables, and the server wants some as files.
They become files in memory, which are on no disk and end with the process. So the root file system
is read-only, and no volume holds a key.
"""

import importlib
import os
import sys
from collections.abc import MutableMapping

ACTS = {
    "serve": "embedded.serve",
    "ready": "embedded.ready",
    "migrate": "embedded.migrate_and_admit",
    "administrator": "embedded.administrator",
    "verify-log": "embedded.verify_log",
    "reseal": "embedded.reseal",
    "rewrap": "embedded.rewrap",
    "new-keys": "embedded.new_keys",
    "rotate-secret": "embedded.rotate_secret",
}
# What comes as a variable, and the setting of the file that it becomes.
SECRETS = {
    "HEALTHMED_KEYS": "HEALTHMED_KEYS_FILE",
    "HEALTHMED_CLOUDFRONT_PRIVATE_KEY": "HEALTHMED_CLOUDFRONT_PRIVATE_KEY_FILE",
    "HEALTHMED_SIGNATURE_ROOTS_PEM": "HEALTHMED_SIGNATURE_ROOTS",  # no secret, but a file too
}


def main(arguments: list[str]) -> None:
    act, *rest = arguments or [""]
    if act not in ACTS:
        sys.exit(f"{act!r} is nothing that this image does; it does {', '.join(ACTS)}.")
    keep_in_memory(os.environ)
    importlib.import_module(ACTS[act]).main(rest)


def keep_in_memory(environment: MutableMapping[str, str]) -> None:
    """Put the secrets of `environment` into files there, and their settings in their place."""
    for name, setting in SECRETS.items():
        content = environment.pop(name, "")
        if content:
            environment[setting] = _in_memory(name, content)


def _in_memory(name: str, content: str) -> str:
    """A path by which this process alone opens it, from the beginning each time."""
    file = os.memfd_create(name)
    os.write(file, content.encode())
    return f"/proc/self/fd/{file}"


if __name__ == "__main__":
    main(sys.argv[1:])
