"""Makes administrators: `python -m embedded.administrator add EMAIL`.

On a terminal it asks; else it reads the password and the code from a line each of its input.
"""

import argparse
import asyncio
import getpass
import sys

from domain import accounts, administrators, clock
from domain.administrators import Credentials
from domain.errors import DomainError, refuse_any
from domain.keys import CannotUnwrap, KeyWrapping
from domain.limits import Limits
from embedded import at_hand
from integrations.one_time_codes import PyotpCodes
from integrations.passwords import Argon2Passwords
from persistence import database
from persistence.data_keys import Keyring, KeysMissing
from persistence.unit_of_work import Works

_DO = {"add": administrators.register, "renew": administrators.renew}
DESCRIPTION = """
Administrators verify and suspend doctors, manage partners and read the audit log. They sign in with
a password and a code of an authenticator app.
"""


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    wrapping = at_hand.wrapping(at_hand.keys_file(options.data))
    with at_hand.database_url(options.data) as url:
        try:
            asyncio.run(_run(options, url, wrapping))
        except (CannotUnwrap, DomainError, KeysMissing, _Refused) as refusal:
            sys.exit(str(refusal))


class _Refused(Exception):
    """The text is a whole sentence."""


async def _run(options: argparse.Namespace, url: str, wrapping: KeyWrapping) -> None:
    email = options.email.strip()
    refuse_any(accounts.email_faults(email))
    pool = await database.connect(url, size=1)
    try:
        keyring = await Keyring.open(pool, wrapping)
        # The servers find by themselves whose sessions have ended.
        works = Works(pool, keyring.vault, Limits(), told=lambda: None, ended=lambda _: None)
        if options.do == "remove":
            await works.act(lambda work: administrators.remove(work, email, at=clock.now()))
            print(f"{email} signs in no more.")
            return
        given, codes = await _credentials(email), PyotpCodes()
        await keyring.look()  # he may have taken his time
        use_case = _DO[options.do]
        recovery = await works.act(lambda work: use_case(work, email, given, codes, at=clock.now()))
    finally:
        await pool.close()
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


def _parser() -> argparse.ArgumentParser:
    parser = at_hand.parser("./dev administrator", DESCRIPTION)
    parser.add_argument(
        "do",
        choices=("add", "renew", "remove"),
        help="renew: another password and another app, when one of them is lost",
    )
    parser.add_argument("email")
    return parser


if __name__ == "__main__":
    main()
