"""Servers to measure: each a `./dev run` of its own, with a folder that is deleted afterwards."""

import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from domain.ids import PatientId
from embedded import database
from embedded.folder import Folder
from embedded.postgres import Postgres

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


@dataclass(frozen=True, kw_only=True)
class Server:
    """`database_url` is asyncpg's; `folder` that of the run."""

    port: int
    database_url: str
    folder: Path

    @contextmanager
    def connected(self) -> Iterator["Client"]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            yield Client(connection)
        finally:
            connection.close()


@dataclass(frozen=True)
class Client:
    """On one connection, that is kept."""

    connection: http.client.HTTPConnection

    def ask(self, query: str, token: str | None = None, /, **variables: Any) -> Any:
        """The data. Raises AssertionError for an answer with errors: none is counted as fast."""
        headers = {"content-type": "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = json.dumps({"query": query, "variables": variables})
        self.connection.request("POST", "/graphql", body, headers)
        answer = json.loads(self.connection.getresponse().read())
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


@contextmanager
def server() -> Iterator[Server]:
    """Without demo data, on a free port of this machine; one worker."""
    command = [sys.executable, "-m", "embedded.run", "--empty", "--port", "0", "--data"]
    with tempfile.TemporaryDirectory(prefix="healthmed-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, PostgreSQL has to be another user
        with subprocess.Popen(
            [*command, name],
            cwd=ROOT,
            env={n: it for n, it in os.environ.items() if not n.startswith("HEALTHMED_")},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                port = _port(process)
                postgres = Postgres(Folder(folder).postgres)
                postgres.attach()
                url = postgres.url(database.NAME)
                yield Server(port=port, database_url=url, folder=folder)
            finally:
                process.terminate()
                process.wait(60)


def _port(process: subprocess.Popen[str]) -> int:
    """As it says when it is ready."""
    said = ""
    for line in process.stdout or ():
        said += line
        if line.startswith("readiness"):
            return int(said.rsplit(":", 1)[1].split("/")[0])
    raise SystemExit(f"The server has not started:\n{said}")
