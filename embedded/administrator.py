"""Makes administrators: `python -m embedded.administrator add EMAIL`.

On a terminal it asks; else it reads the password and the code from a line each of its input.
"""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from domain import accounts, administrators, clock
from domain.administrators import Credentials
from domain.errors import DomainError, refuse_any
from domain.limits import Limits
from embedded import database as demo_database
from embedded.folder import DEFAULT, Folder
from embedded.postgres import Postgres
from integrations import keys
from integrations.one_time_codes import PyotpCodes
from integrations.passwords import Argon2Passwords
from persistence import database
from persistence.crypto import Vault
from persistence.unit_of_work import Works

_DO = {"add": administrators.register, "renew": administrators.renew}


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(options))
    except (DomainError, _Refused) as refusal:
        sys.exit(str(refusal))
    except OSError as fault:
        sys.exit(f"The database cannot be reached: {fault.strerror or type(fault).__name__}.")


class _Refused(Exception):
    """The text is a whole sentence."""


async def _run(options: argparse.Namespace) -> None:
    email = options.email.strip()
    refuse_any(accounts.email_faults(email))
    async with _works(options.data) as works:
        if options.do == "remove":
            await works.act(lambda work: administrators.remove(work, email, at=clock.now()))
            print(f"{email} signs in no more.")
            return
        given, codes = await _credentials(email), PyotpCodes()
        use_case = _DO[options.do]
        recovery = await works.act(lambda work: use_case(work, email, given, codes, at=clock.now()))
    print(f"{email} is an administrator. For when the app is lost, each good once:")
    print("\n".join(recovery))


async def _credentials(email: str) -> Credentials:
    passwords, codes = Argon2Passwords(), PyotpCodes()
    password = _hidden("Password: ")
    refuse_any(accounts.password_faults(passwords, password))
    if sys.stdin.isatty() and _hidden("Once more: ") != password:
        raise _Refused("These are two passwords.")
    secret = codes.new_secret()
    uri = codes.uri(secret, email)
    if sys.stdout.isatty():
        print(codes.terminal_qr_code(uri))
    print(f"For the authenticator app: {secret}\n{uri}", flush=True)
    code = _line("Code that the app shows: ")
    hashed = await passwords.hash(password)
    passwords.close()
    return Credentials(password_hash=hashed, secret=secret, code=code)


def _hidden(prompt: str) -> str:
    return getpass.getpass(prompt) if sys.stdin.isatty() else _line("")


def _line(prompt: str) -> str:
    try:
        return input(prompt)
    except EOFError:
        raise _Refused("It needs a password and a code.") from None


@asynccontextmanager
async def _works(data: Path) -> AsyncGenerator[Works]:
    """On the database of the environment, or of the run that owns this folder."""
    folder = Folder(data)
    url = os.environ.get("HEALTHMED_DATABASE_URL")
    if url is None:
        postgres = Postgres(folder.postgres)
        if not postgres.attach():
            raise _Refused(f"No server runs in {data}; start it with ./dev run.")
        url = postgres.url(demo_database.NAME)
    path = Path(os.environ.get("HEALTHMED_KEYS_FILE") or folder.keys)
    pool = await database.connect(url, size=1)
    try:
        # The servers find by themselves whose sessions have ended.
        yield Works(pool, Vault(keys.load(path)), Limits(), told=lambda: None, ended=lambda _: None)
    finally:
        await pool.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev administrator",
        description="Administrators verify and suspend doctors, manage partners and read the audit"
        " log. They sign in with a password and a code of an authenticator app.",
    )
    parser.add_argument(
        "do",
        choices=("add", "renew", "remove"),
        help="renew: another password and another app, when one of them is lost",
    )
    parser.add_argument("email")
    parser.add_argument(
        "--data",
        type=Path,
        default=DEFAULT,
        help="the folder of ./dev run (%(default)s), where HEALTHMED_DATABASE_URL is not set",
    )
    return parser


if __name__ == "__main__":
    main()
