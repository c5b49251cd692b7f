"""Seals all personal data under a new key: `python -m embedded.reseal`, while the servers go on.

Whatever becomes of it, it goes on where it was when it is started again.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from domain.keys import CannotUnwrap, KeyWrapping
from embedded import at_hand
from embedded.progress import Progress
from persistence import data_keys, database
from persistence.data_keys import Keyring, KeysMissing
from persistence.database import Pool
from persistence.resealing import AlreadyChanging, Resealing, changing_keys

PAUSE = 1.0  # seconds between two looks at what others do
CONNECTIONS = 3
DESCRIPTION = """
Make a new data key and seal everything anew under it, in the database of HEALTHMED_DATABASE_URL or
else the one of ./dev run. The servers may run meanwhile. It takes two minutes and what the data
need; interrupted, it goes on where it was.
"""


async def reseal(pool: Pool, wrapping: KeyWrapping) -> set[str]:
    """Returns the places of what does not open, for whose sake no key is retired then."""
    keyring = await Keyring.open(pool, wrapping)
    async with changing_keys(pool):
        if not keyring.rotating:  # else somebody before us was interrupted
            await data_keys.add(pool, wrapping)
            await keyring.look()
        work = Resealing(pool, keyring)
        await _until(work.in_force, f"waiting until every server knows key {work.newest}")
        progress = Progress(await work.left(), "values")
        progress.advance(0)
        async for count in work.walk():
            progress.advance(count)
        progress.end()
        await _until(work.settled, "waiting until no server can seal under an older key")
        while await work.left() > len(work.broken):  # some have been locked, or written since
            async for _ in work.walk():
                pass
            await asyncio.sleep(PAUSE)
        if not work.broken:
            retired = await work.retire()
            print(f"all is sealed under key {work.newest}; retired: {retired}", flush=True)
        return work.broken


async def _until(holds: Callable[[], Awaitable[bool]], meanwhile: str) -> None:
    if await holds():
        return
    print(meanwhile, flush=True)
    while True:
        await asyncio.sleep(PAUSE)
        if await holds():
            return


async def _run(url: str, wrapping: KeyWrapping) -> set[str]:
    pool = await database.connect(url, size=CONNECTIONS)
    try:
        return await reseal(pool, wrapping)
    finally:
        pool.terminate()


def main(arguments: list[str] | None = None) -> None:
    folder = at_hand.parser("./dev reseal", DESCRIPTION).parse_args(arguments).data
    wrapping = at_hand.wrapping(at_hand.keys_file(folder))
    with at_hand.database_url(folder) as url:
        try:
            broken = asyncio.run(_run(url, wrapping))
        except (AlreadyChanging, CannotUnwrap, KeysMissing) as fault:
            sys.exit(f"Nothing is sealed anew: {fault}.")
    if broken:
        places = ", ".join(sorted(broken))
        sys.exit(f"{len(broken)} values do not open: {places}; older keys are kept")


if __name__ == "__main__":
    main()
