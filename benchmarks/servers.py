"""Servers to measure: each a `./dev run` of its own, with a folder that is deleted afterwards."""

import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

from benchmarks import machine
from domain.ids import PatientId
from embedded import database
from embedded.folder import Folder
from embedded.postgres import Postgres
from embedded.seed import PASSWORD as DEMO_PASSWORD

ROOT = Path(__file__).parents[1]
_REGISTER = """
mutation ($who: RegisterPatientInput!) {
  registerPatient(input: $who) { patient { id } problems { code } }
}
"""
_SIGN_IN = """
mutation ($who: SignInPatientInput!) {
  signInPatient(input: $who) { session { accessToken } problems { code } }
}
"""
_SIGN_IN_DOCTOR = """
mutation ($who: SignInDoctorInput!) {
  signInDoctor(input: $who) { session { accessToken } problems { code } }
}
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """`database_url` is asyncpg's; `folder` that of the run; `pids` of whatever answers."""

    port: int
    pids: Sequence[int]
    postgres: Postgres
    folder: Path

    @property
    def pid(self) -> int:
        """Of the only process that answers."""
        [pid] = self.pids
        return pid

    @property
    def database_url(self) -> str:
        return self.postgres.url(database.NAME)

    @property
    def postgres_pid(self) -> int:
        """Of the process that all others of PostgreSQL are children of."""
        return int((self.postgres.data / "postmaster.pid").read_text().split()[0])

    def connected(self) -> AbstractContextManager["Client"]:
        return Client.connected(self.port)


@dataclass(frozen=True)
class Client:
    """On one connection, that is kept."""

    connection: http.client.HTTPConnection

    @classmethod
    @contextmanager
    def connected(cls, port: int) -> Iterator[Self]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            yield cls(connection)
        finally:
            connection.close()

    def post(self, body: str, headers: Mapping[str, str], /) -> str:
        """The answer. Raises AssertionError for a status other than 200."""
        told = {"content-type": "application/json", **headers}
        self.connection.request("POST", "/graphql", body, told)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != http.HTTPStatus.OK:
            raise AssertionError(f"{answer.status}: {text}")
        return text

    def ask(self, query: str, token: str | None = None, /, **variables: Any) -> Any:
        """The data. Raises AssertionError for an answer with errors: none is counted as fast."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        answer = json.loads(
            self.post(json.dumps({"query": query, "variables": variables}), headers)
        )
        if "errors" in answer:
            raise AssertionError(answer["errors"])
        return answer["data"]


def sign_in(client: Client) -> tuple[PatientId, str]:
    """A new patient, and an access token of his, good for ten minutes."""
    who = {"email": f"{uuid4()}@example.com", "cpf": "52998224725"}
    who["password"] = secrets.token_urlsafe()
    made = client.ask(_REGISTER, who={"name": "Ana Moreira", **who})["registerPatient"]
    token: str = client.ask(_SIGN_IN, who=who)["signInPatient"]["session"]["accessToken"]
    return PatientId(UUID(made["patient"]["id"].partition("_")[2])), token


def sign_in_doctor(client: Client) -> str:
    """An access token of the demo clinic's first doctor, good for ten minutes."""
    who = {"crm": "123456", "uf": "SP", "password": DEMO_PASSWORD}
    token: str = client.ask(_SIGN_IN_DOCTOR, who=who)["signInDoctor"]["session"]["accessToken"]
    return token


@contextmanager
def server(
    *, demo: bool = False, settings: Mapping[str, str] | None = None, workers: int = 1
) -> Iterator[Server]:
    """On a free port of this machine. `demo`: with the demo clinic's data."""
    options = ["--port", "0", "--workers", f"{workers}", *([] if demo else ["--empty"]), "--data"]
    command = [sys.executable, "-m", "embedded.run", *options]
    environment = {n: it for n, it in os.environ.items() if not n.startswith("HEALTHMED_")}
    with tempfile.TemporaryDirectory(prefix="healthmed-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, PostgreSQL has to be another user
        with subprocess.Popen(
            [*command, name],
            cwd=ROOT,
            env={**environment, **(settings or {})},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                port = _port(process)
                postgres = Postgres(Folder(folder).postgres)
                postgres.attach()
                pids = _workers(process.pid)
                yield Server(port=port, pids=pids, postgres=postgres, folder=folder)
            finally:
                process.terminate()
                process.wait(60)


def _workers(pid: int) -> list[int]:
    found = machine.descendants(pid)
    return [each for each in found if "embedded.worker" in machine.command_of(each)]


def _port(process: subprocess.Popen[str]) -> int:
    """As it says when it is ready."""
    said = ""
    for line in process.stdout or ():
        said += line
        if line.startswith("readiness"):
            return int(said.rsplit(":", 1)[1].split("/")[0])
    raise SystemExit(f"The server has not started:\n{said}")
