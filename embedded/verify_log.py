"""Verifies the access log: `python -m embedded.verify_log`, while the servers go on.

Every chain is walked as it is at one moment. Heads that are published somewhere out of reach show
later whether a chain has lost its end, or was written anew by somebody who has our key.
"""

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

from domain.keys import CannotUnwrap, KeyWrapping
from domain.limits import Limits
from domain.objects import CHUNK, StoreUnreachable
from embedded import at_hand
from embedded.progress import Progress
from persistence import chains, database
from persistence.chains import BrokenLink, Head, NotAllSeen, NotHeads, Publication, Snapshot
from persistence.data_keys import Keyring, KeysMissing
from persistence.objects import S3Objects

CONNECTIONS = 2
S3 = "s3"
DESCRIPTION = """
Walk the access log of every patient in the database of HEALTHMED_DATABASE_URL, or else the one of
./dev run, and name the first broken link of each chain. The servers may run meanwhile.
"""


async def verify(
    url: str, wrapping: KeyWrapping, published: Mapping[str, Head], heads: TextIO
) -> tuple[datetime, list[BrokenLink]]:
    """As of which moment, and what is broken. Writes a publication to `heads`."""
    pool = await database.connect(url, size=CONNECTIONS)
    broken: list[BrokenLink] = []
    count, publication = 0, Publication()
    try:
        keyring = await Keyring.open(pool, wrapping)
        async with Snapshot.taken(pool, keyring.vault) as snapshot:
            at = await snapshot.at()
            await keyring.look()  # after the snapshot: it holds nothing under a later key
            heads.write(publication.title(at))
            progress = Progress(await snapshot.count(), "entries")
            async for walked, found in snapshot.walk(published):
                progress.advance(walked)
                for each in found:
                    if isinstance(each, Head):
                        heads.write(publication.head(each))
                        count += 1
                    else:
                        broken.append(each)
            progress.end()
    finally:
        pool.terminate()
    digest = publication.digest()
    heads.write(digest)
    print(f"{count:,} chains are whole, {len(broken):,} are not; {digest}", end="", flush=True)
    return at, broken


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    wrapping = at_hand.wrapping(at_hand.keys_file(options.data))
    published = _read(options.against) if options.against else {}
    with at_hand.database_url(options.data) as url, TemporaryFile("w+") as heads:
        try:
            at, broken = asyncio.run(verify(url, wrapping, published, heads))
        except (CannotUnwrap, KeysMissing) as fault:
            sys.exit(f"Nothing is verified: {fault}.")
        except NotAllSeen:
            sys.exit("Nothing is verified: this role does not see all entries; be the owner.")
        for link in broken:
            print(f"chain {link.chain}, entry {link.number}: {link.fault.value}")
        if broken:
            sys.exit("The access log is broken." + (" No heads." if options.publish else ""))
        heads.seek(0)
        if options.publish == S3:
            asyncio.run(_put(url, f"heads/{at.date()}", heads))
        elif options.publish:
            _write(Path(options.publish), heads)


def _write(file: Path, heads: TextIO) -> None:
    """Beside it first, so that what was interrupted never looks like a publication."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with unfinished.open("w") as written:
            shutil.copyfileobj(heads, written)
        unfinished.replace(file)
    except OSError as fault:
        sys.exit(f"{file} cannot be written: {fault.strerror}.")


def _read(file: Path) -> dict[str, Head]:
    try:
        with file.open() as lines:
            return chains.read(lines)
    except OSError as fault:
        sys.exit(f"{file} cannot be read: {fault.strerror}.")
    except (NotHeads, UnicodeDecodeError):
        sys.exit(f"{file} is not what was published.")


async def _put(url: str, key: str, heads: TextIO) -> None:
    from wiring.parts import bucket  # noqa: PLC0415  # a second, and only to publish there
    from wiring.settings import Settings  # noqa: PLC0415  # a second, and only to publish there

    place = bucket(Settings(database_url=url, keys_file=Path(os.devnull)))
    if place is None:
        sys.exit("HEALTHMED_S3_BUCKET is missing: it says where to publish.")

    async def chunks() -> AsyncIterator[bytes]:
        while chunk := heads.read(CHUNK):
            yield chunk.encode()

    try:
        async with S3Objects.open(place, Limits()) as objects:
            stored = await objects.put(key, chunks(), content_type="text/plain")
    except StoreUnreachable as fault:
        sys.exit(f"The object store cannot be reached: {fault}")
    print(f"published as {key}, version {stored.version}")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = at_hand.parser("./dev verify-log", DESCRIPTION)
    parser.add_argument(
        "--publish",
        metavar="FILE",
        help="write the heads of all chains there; s3: as heads/YYYY-MM-DD into the bucket of"
        " HEALTHMED_S3_BUCKET",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="heads that were published before: find what was cut off or written anew since",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
