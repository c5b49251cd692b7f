"""Rotates the key that signs access tokens: `python -m embedded.rotate`."""

import argparse
import os
import sys
from pathlib import Path

from domain import clock
from domain.limits import Limits
from embedded.folder import DEFAULT, Folder
from integrations import keys


def main(arguments: list[str] | None = None) -> None:
    path = _parser().parse_args(arguments).file
    tokens_last = Limits().token_for
    try:
        keys.rotate(path, at=clock.now(), tokens_last=tokens_last)
    except keys.TooSoon:
        minutes = 2 * tokens_last.total_seconds() / 60
        sys.exit(f"The last rotation was less than {minutes:.0f} minutes ago; wait for that.")
    except OSError as fault:
        sys.exit(f"{path} cannot be read or written: {fault.strerror}.")
    except (ValueError, KeyError, TypeError):
        sys.exit(f"{path} is no file of keys.")
    print(f"{path} has a new key. Restart the servers, one after another: each signs with it then.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev rotate",
        description="Sign access tokens with a new key, from each server's next start on. Tokens of"
        " the key before stay good, and every server accepts those of the key after.",
    )
    elsewhere = os.environ.get("HEALTHMED_KEYS_FILE")
    parser.add_argument(
        "--file",
        type=Path,
        default=Path(elsewhere) if elsewhere else Folder(DEFAULT).keys,
        help="the file of keys (%(default)s)",
    )
    return parser


if __name__ == "__main__":
    main()
