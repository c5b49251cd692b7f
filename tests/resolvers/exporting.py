"""What tests of exports have in common: a patient with a password, her files, her archive."""

import hashlib
import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from app import Caller
from domain.content import ContentType
from domain.ids import UserId
from domain.patients import Patient
from domain.records import Document
from tests import make
from tests.make import Person
from tests.resolvers.test_second_factor import somewhere
from tests.server import LocalServer, plain
from transport.requests import Client

PASSWORD = "quatro palavras ao acaso"  # noqa: S105  # of nobody
REQUEST = """
mutation ($input: RequestExportInput!) {
  requestExport(input: $input) {
    export { id status progress size expiresAt requestedAt } problems { code path }
  }
}
"""
OPEN = """
mutation ($id: ID!) {
  openExport(input: {exportId: $id}) { url expiresAt problems { code path } }
}
"""
EXPORTS = """
{ viewer { ... on PatientViewer { exports { id status progress size expiresAt } } } }
"""


async def patient(server: LocalServer, **given: Any) -> Person:
    """One who knows PASSWORD."""
    ana = make.patient(**given)
    hashed = await server.app.services.passwords.hash(PASSWORD)
    await server.given(ana)
    await server.fetch("UPDATE account SET password_hash = $2 WHERE id = $1", ana.id, hashed)
    return ana


async def document(
    server: LocalServer, owner: Person, content: bytes = b"%PDF-1.7", **given: Any
) -> Document:
    """Whose bytes lie in the store."""
    made = make.document(owner, size=len(content), sha256=hashlib.sha256(content).hexdigest())

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    stored = await server.app.objects.put(
        made.object_key, chunks(), content_type=ContentType.PDF.value
    )
    kept = make.document(
        owner,
        **{
            "size": made.size,
            "sha256": made.sha256,
            "object_key": made.object_key,
            "version": stored.version,
        }
        | given,
    )
    await server.given(kept)
    return kept


async def proving(
    server: LocalServer, owner: Person, query: str, /, password: str = PASSWORD, **variables: Any
) -> Any:
    """What the owner does with a password, from an address of no other test: others set the clock
    back.
    """
    caller = Caller(viewer=owner.viewer, client=Client(somewhere()))
    operation = server.documents.prepare(query)
    given = plain({"input": {"password": password, **variables}})
    answer = json.loads(await server.operations.answer(operation, given, caller))
    assert "errors" not in answer, answer["errors"]
    return next(iter(answer["data"].values()))


async def asked(server: LocalServer, owner: Person) -> str:
    """The id of an export that waits."""
    payload = await proving(server, owner, REQUEST)
    assert payload["problems"] == []
    return str(payload["export"]["id"])


async def made(server: LocalServer, owner: Person) -> ZipFile:
    """All that she has, made and read."""
    id = await asked(server, owner)
    await server.app.exporting.run_due()
    [row] = await server.fetch(
        "SELECT object_key, version, status FROM record_export WHERE 'export_' || id = $1", id
    )
    assert row["status"] == "READY"
    read = [chunk async for chunk in server.app.objects.read(row["object_key"], row["version"])]
    archive = ZipFile(BytesIO(b"".join(read)))
    assert archive.testzip() is None
    return archive


def json_of(archive: ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


async def statuses(server: LocalServer, owner: Person) -> list[str]:
    return [each["status"] for each in (await server.ask(EXPORTS, owner))["exports"]]


async def row_of(server: LocalServer, owner: Person) -> tuple[Patient, Any]:
    """The patient and her account, as their rows say."""
    async with server.app.works.begin() as work:
        found = await work.patients.get(owner.id)
        account = await work.accounts.get(UserId(owner.id))
    assert found is not None
    return found, account
