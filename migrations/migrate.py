"""Bring a database to the newest migration: `python -m migrations.migrate [--check | --new TITLE]`.

There is no alembic.ini: what Alembic must know is said here, and its own command is not needed.
The database is that of HEALTHMED_DATABASE_URL, else the one of `./dev run`, started if need be.
"""

import argparse
import io
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from embedded import at_hand
from embedded.folder import DEFAULT, Folder

HERE = Path(__file__).parent
FILES = "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s"


def upgrade(url: str) -> str:
    """Migrate the database to head; several servers may do it at once. `url` is asyncpg's.

    Returns the revision at which it is then: one that we do not know is a later release's, and is
    left as it is (docs/decisions/0059).
    """
    told = configuration(url)
    apart(lambda: command.upgrade(told, "head"))
    later: str | None = told.attributes.get("later")
    return later or heads()


def heads() -> str:
    """The newest revision among the scripts; empty if there are none."""
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def configuration(url: str = "", **attributes: object) -> Config:
    """What env.py is told: `attributes` beside the URL."""
    told = Config(stdout=io.StringIO(), attributes={"url": url, **attributes})
    told.set_main_option("script_location", str(HERE).replace("%", "%%"))
    told.set_main_option("file_template", FILES)
    told.set_main_option("path_separator", "os")
    told.set_main_option("timezone", "UTC")
    return told


def apart(work: Callable[[], object]) -> None:
    """In a thread of its own: env.py runs an event loop, and our caller may be inside of one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


def main() -> None:
    options = _parser().parse_args()
    if options.check or options.new:
        from migrations import compare  # noqa: PLC0415  # brings in every row, to migrate takes none

        if options.new:
            compare.write(options.new)  # Alembic tells the file's name
            return
        found = compare.differences()
        print("\n".join(found) or "The migrations make the tables as they are declared.")
        sys.exit(1 if found else 0)
    with at_hand.database_url(Folder(DEFAULT.resolve())) as url:
        revision = upgrade(url)
    print(f"The database is at {revision}{'' if revision == heads() else ', of a later release'}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev migrate",
        description="Bring the database of HEALTHMED_DATABASE_URL, or else the one of ./dev run, "
        "to the newest migration.",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--check",
        action="store_true",
        help="change nothing; exit with 1 if migrations and tables differ (on a scratch server)",
    )
    which.add_argument("--new", metavar="TITLE", help="write the migration that is missing")
    return parser


if __name__ == "__main__":
    main()
