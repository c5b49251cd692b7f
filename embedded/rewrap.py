"""Wraps the data keys anew: `python -m embedded.rewrap`. Nothing sealed is touched.

By a new key of the file; or, where a key of KMS is named, by that one, and the file has none then.
"""

import asyncio
import sys
from pathlib import Path

from domain.keys import CannotUnwrap, KeyWrapping
from embedded import at_hand
from integrations import keys
from integrations.key_wrapping import FileWrapping
from persistence import data_keys, database
from persistence.resealing import AlreadyChanging, changing_keys

CONNECTIONS = 2
DESCRIPTION = """
Wrap the data keys by a new key of the file, or by that of HEALTHMED_KMS_KEY_ID, in the database of
HEALTHMED_DATABASE_URL or else the one of ./dev run. The servers may run meanwhile.
"""


async def rewrap(url: str, file: Path, new: KeyWrapping) -> int:
    """The file keeps its old key until none is wrapped by it: so it may be interrupted anywhere.

    Returns how many keys there are.
    """
    to_file = isinstance(new, FileWrapping)
    pool = await database.connect(url, size=CONNECTIONS)
    try:
        async with changing_keys(pool):
            if to_file:
                keys.begin_rewrap(file)
            count = await data_keys.rewrap(pool, FileWrapping(file), new)
            keys.end_rewrap(file, keep=1 if to_file else 0)
    finally:
        pool.terminate()
    return count


def main(arguments: list[str] | None = None) -> None:
    folder = at_hand.parser("./dev rewrap", DESCRIPTION).parse_args(arguments).data
    file = at_hand.keys_file(folder)
    new = at_hand.wrapping(file)
    with at_hand.database_url(folder) as url:
        try:
            count = asyncio.run(rewrap(url, file, new))
        except (AlreadyChanging, CannotUnwrap) as fault:
            sys.exit(f"Nothing is wrapped anew: {fault}.")
        except OSError as fault:
            sys.exit(f"{file} cannot be written: {fault.strerror}.")
    by = f"a new key of {file}" if isinstance(new, FileWrapping) else "the key of KMS"
    print(f"{count} data keys are wrapped by {by}.")


if __name__ == "__main__":
    main()
