"""What commands work on: what the environment names, else what `./dev run` keeps in its folder."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from domain.keys import KeyWrapping
from embedded import database
from embedded.folder import DEFAULT, Folder, FolderRefused
from embedded.postgres import Postgres, PostgresFailed
from integrations import key_wrapping, keys

KMS_KEY = "HEALTHMED_KMS_KEY_ID"


@contextmanager
def database_url(folder: Folder) -> Iterator[str]:
    """Of the database, whose server is started if need be. Ends the program where there is none."""
    url = os.environ.get("HEALTHMED_DATABASE_URL")
    if url:
        yield url
        return
    postgres = Postgres(folder.postgres)
    with ExitStack() as stack:
        try:
            stack.enter_context(folder.claim())
        except FolderRefused as refusal:
            if not postgres.attach():
                sys.exit(str(refusal))
        else:
            try:
                stack.enter_context(postgres)
            except PostgresFailed as fault:
                sys.exit(str(fault))
        asyncio.run(database.ensure(postgres.url()))
        yield postgres.url(database.NAME)


def parser(prog: str, description: str) -> argparse.ArgumentParser:
    """With `data`, a Folder."""
    found = argparse.ArgumentParser(prog=prog, description=description)
    found.add_argument(
        "--data",
        type=lambda text: Folder(Path(text).resolve()),
        default=Folder(DEFAULT.resolve()),
        metavar="DIR",
        help="folder of ./dev run, whose database and keys are taken where the environment names"
        f" no others ({DEFAULT})",
    )
    return found


def keys_file(folder: Folder) -> Path:
    elsewhere = os.environ.get("HEALTHMED_KEYS_FILE")
    # Not resolved: in a container it is a link to memory, which has no other name.
    return Path(elsewhere).absolute() if elsewhere else folder.keys


def wrapping(file: Path, environment: Mapping[str, str] = os.environ) -> KeyWrapping:
    """Ends the program if nothing wraps."""
    try:
        return key_wrapping.chosen(file, environment.get(KMS_KEY))
    except keys.Outdated as fault:
        sys.exit(f"{file} cannot be used: {fault}. Begin anew with another folder.")
    except key_wrapping.NothingWraps as fault:
        sys.exit(f"{KMS_KEY} is missing: {fault}.")
    except OSError as fault:
        sys.exit(f"{file} cannot be read: {fault.strerror}.")
    except (ValueError, KeyError, TypeError):
        sys.exit(f"{file} is no file of keys.")
