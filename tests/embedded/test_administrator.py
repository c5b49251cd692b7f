"""An administrator is made by a command, and the running server lets him in."""

import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from unittest import mock

import httpx
import pyotp
import pytest

from embedded import administrator
from tests.embedded.processes import ENVIRONMENT, ROOT, running
from tests.server import LocalServer

EMAIL, PASSWORD = "raiz@example.com", "quatro palavras"  # of nobody
SIGN_IN = """
mutation ($input: SignInAdministratorInput!) {
  signInAdministrator(input: $input) { session { accessToken } problems { code } }
}
"""


class Command:
    """`python -m embedded.administrator`, to which a test talks by its input."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "embedded.administrator", *arguments, "--data", str(folder)],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def secret(self, password: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{password}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if found := re.match(r"For the authenticator app: (\w+)", line):
                return found[1]
        raise AssertionError("it has said nothing of a secret")

    def end(self, said: str = "") -> tuple[int, str]:
        assert self.process.stdin
        assert self.process.stdout
        with self.process, suppress(BrokenPipeError):  # it may have ended before it asked
            self.process.stdin.write(said)
            self.process.stdin.flush()
            with suppress(BrokenPipeError):
                self.process.stdin.close()
            out = self.process.stdout.read()
        return self.process.returncode, out


def sign_in(port: int, password: str, otp: str | None) -> list[str]:
    """The codes of what is in the way."""
    given = {"email": EMAIL, "password": password, "otp": otp}
    answer = httpx.post(
        f"http://127.0.0.1:{port}/graphql",
        json={"query": SIGN_IN, "variables": {"input": given}},
        trust_env=False,
    ).json()
    return [problem["code"] for problem in answer["data"]["signInAdministrator"]["problems"]]


def made(folder: Path, do: str, password: str) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    command = Command(folder, do, EMAIL)
    secret = command.secret(password)
    status, said = command.end(f"{pyotp.TOTP(secret).now()}\n")
    assert status == 0, said
    return secret, re.findall(r"^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}$", said, re.MULTILINE)


def test_add_renew_and_remove_beside_a_server_and_without_one(begun: Path):
    with running(begun) as run:
        _, recovery = made(begun, "add", PASSWORD)
        assert len(recovery) == 10
        assert sign_in(run.port, PASSWORD, None) == ["MFA_REQUIRED"]
        assert sign_in(run.port, PASSWORD, recovery[0]) == []

        again = Command(begun, "add", EMAIL)
        code = pyotp.TOTP(again.secret(PASSWORD)).now()
        status, said = again.end(f"{code}\n")
        assert (status, "There is an administrator with this address.\n" in said) == (1, True)

    _, renewed = made(begun, "renew", "cinco palavras")

    with running(begun) as run:
        assert sign_in(run.port, PASSWORD, renewed[0]) == ["INVALID_CREDENTIALS"]
        assert sign_in(run.port, "cinco palavras", renewed[0]) == []

        assert Command(begun, "remove", EMAIL).end() == (0, f"{EMAIL} signs in no more.\n")
        assert sign_in(run.port, "cinco palavras", renewed[1]) == ["INVALID_CREDENTIALS"]


def told(*arguments: str, said: str = "") -> tuple[int, str]:
    """Its status, and all that it says. In this process, for another needs seconds to load it."""
    with (
        redirect_stdout(StringIO()) as out,
        redirect_stderr(out),
        mock.patch("sys.stdin", StringIO(said)),
        pytest.raises(SystemExit) as end,
    ):
        administrator.main(list(arguments))
    if isinstance(end.value.code, str):  # which Python prints, and ends with 1
        return 1, f"{out.getvalue()}{end.value.code}\n"
    return end.value.code or 0, out.getvalue()


def test_what_cannot_be_done_is_said_in_a_sentence(
    running_server: LocalServer, keys_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HEALTHMED_DATABASE_URL", running_server.owner_url)
    monkeypatch.setenv("HEALTHMED_KEYS_FILE", str(keys_file))

    assert told("add", "nobody") == (1, "This is not an e-mail address.\n")
    status, said = told("add", EMAIL, said="12345678\n")
    assert (status, "Many people have this password" in said) == (1, True)
    status, said = told("add", EMAIL, said=f"{PASSWORD}\n000000\n")
    assert (status, "not the code" in said) == (1, True)
    assert told("remove", EMAIL) == (1, "There is no administrator with this address.\n")
    assert told("renew", EMAIL, said=f"{PASSWORD}\n")[0] == 1


def test_without_keys_nothing_is_done(folder: Path):
    status, said = told("add", EMAIL, "--data", str(folder))

    assert (status, "keys.json cannot be read" in said) == (1, True)


@pytest.mark.parametrize("do", ["", "promote"])
def test_it_says_what_it_can_do(folder: Path, do: str):
    status, said = told(*filter(None, [do]), EMAIL, "--data", str(folder))

    assert status == 2
    assert "{add,renew,remove}" in said
