"""A patient corrects what is kept of her, and whatever she corrects is in the audit log."""

import pytest

from domain.mail import MailKind
from domain.records import DocumentStatus
from tests import make
from tests.mailbox import Mailbox
from tests.make import Person
from tests.resolvers.test_shares import SHARED
from tests.server import LocalServer, gid

RENAME = """
mutation ($id: ID!, $name: String!) {
  renameDocument(input: {documentId: $id, name: $name}) {
    document { id name status } problems { code path }
  }
}
"""
UPDATE = """
mutation ($input: UpdatePatientInput!) {
  updatePatient(input: $input) { patient { name } problems { code path } }
}
"""


@pytest.fixture
async def ana(server: LocalServer) -> Person:
    ana = make.patient(name="Ana Moreira")
    await server.given(ana)
    return ana


async def told_of(server: LocalServer, email: str) -> list[MailKind]:
    mailbox = Mailbox()
    await mailbox.fetch(server)
    return [piece.kind for piece in mailbox.of(email)]


async def test_a_former_address_is_told_of_the_new_one(server: LocalServer, ana: Person):
    new = f"new-{ana.account.email}"

    changed = await server.ask(UPDATE, ana, input={"email": new})

    assert changed["problems"] == []
    mailbox = Mailbox()
    await mailbox.fetch(server)
    assert [m.kind for m in mailbox.of(ana.account.email)] == [MailKind.EMAIL_CHANGED]
    assert mailbox.of(new) == []
    assert "UpdatePatient" in await server.audited(ana)


async def test_another_name_alone_is_told_to_nobody(server: LocalServer, ana: Person):
    await server.ask(UPDATE, ana, input={"name": "Ana Maria Moreira"})

    assert await told_of(server, ana.account.email) == []


@pytest.mark.parametrize("status", [DocumentStatus.AVAILABLE, DocumentStatus.HIDDEN])
async def test_a_document_is_renamed_and_its_doctors_see_it(
    server: LocalServer, ana: Person, status: DocumentStatus
):
    doctor, document = make.doctor(), make.document(ana, status=status)
    await server.given(doctor, document, make.share(ana, doctor))

    payload = await server.ask(RENAME, ana, id=gid(document), name="  Raio X de tórax.pdf ")

    assert payload["problems"] == []
    assert payload["document"]["name"] == "Raio X de tórax.pdf"
    seen = (await server.ask(SHARED, doctor))["sharedDocuments"]["nodes"]
    names = ["Raio X de tórax.pdf"] if status is DocumentStatus.AVAILABLE else []
    assert [node["name"] for node in seen] == names
    assert (await server.audited(ana))[-1] == "RenameDocument"
    async with server.app.works.begin(ana.viewer) as work:
        kept = await work.documents.get(document.id)
    assert (kept.sha256, kept.version) == (document.sha256, document.version)


@pytest.mark.parametrize("name", ["", " ", "a" * 256, "a\nb"])
async def test_what_is_no_name_is_refused(server: LocalServer, ana: Person, name: str):
    document = make.document(ana)
    await server.given(document)

    async with server.unchanged(ana):
        payload = await server.ask(RENAME, ana, id=gid(document), name=name)

    assert payload["problems"] == [{"code": "INVALID", "path": ["name"]}]


async def test_nobody_renames_what_is_anothers_or_was_rejected(server: LocalServer, ana: Person):
    bruno, document = make.patient(), make.document(ana)
    rejected = make.document(ana, status=DocumentStatus.REJECTED)
    await server.given(bruno, document, rejected)

    async with server.unchanged(ana, bruno):
        assert await server.refuse(RENAME, bruno, id=gid(document), name="x") == "NOT_FOUND"
        payload = await server.ask(RENAME, ana, id=gid(rejected), name="x")
    assert payload["problems"][0]["code"] == "WRONG_STATUS"
