"""A doctor signs what he issued, with his own certificate, which nobody keeps."""

import asyncio
import base64
import hashlib
import json
import logging
from collections.abc import AsyncGenerator
from pathlib import Path
from unittest import mock

import pytest

from domain.doctors import DoctorStatus
from domain.objects import StoreUnreachable
from integrations.papers import UNSIGNED
from persistence.crypto import Vault
from persistence.object_folder import FolderObjects
from persistence.objects import S3Objects
from tests import make
from tests.authority import PASSPHRASE, Authority
from tests.make import NOW, Person
from tests.resolvers.papers import (
    SIGN,
    issued,
    looked_at,
    pages_of,
    seen,
    signing,
    stored,
)
from tests.resolvers.test_accesses import OPEN, actions
from tests.resolvers.test_papers import HIDE
from tests.server import LocalServer


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(NOW)


@pytest.fixture(scope="module")
async def trusting(
    database_url: str,
    keys_file: Path,
    object_store,
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[LocalServer]:
    """A server that trusts the authority."""
    roots = authority.keep(tmp_path_factory.mktemp("roots"))
    given = object_store | {"signature_roots": roots}
    async with LocalServer.run(database_url, keys_file, **given) as server:
        yield server


@pytest.fixture
async def server(trusting: LocalServer) -> LocalServer:
    trusting.now = NOW
    return trusting


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    doctor, ana = make.doctor(name="Helena Prado"), make.patient(name="Ana Moreira")
    await server.given(doctor, ana)
    return doctor, ana


async def test_what_is_signed_takes_the_place_of_what_was_not(server, people, authority):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))
    before = await stored(server, paper["id"])

    payload = await server.ask(SIGN, doctor, input=signing(paper["id"], authority))

    assert payload["problems"] == []
    document = payload["document"]
    assert document["signature"] == "SIGNED"
    assert (document["id"], document["kind"]) == (paper["id"], "CERTIFICATE")
    pdf = await stored(server, document["id"])
    assert pdf != before
    assert (document["size"], document["sha256"]) == (len(pdf), hashlib.sha256(pdf).hexdigest())
    status = await looked_at(pdf, authority, NOW)
    assert status.bottom_line
    [page] = pages_of(pdf)
    assert UNSIGNED not in page
    assert "Assinado digitalmente (ICP-Brasil" in page
    for line in ("Paciente: Ana Moreira", "Atesto que a paciente esteve em consulta."):
        assert line in page.splitlines()
        assert line in pages_of(before)[0].splitlines()
    assert await server.audited(doctor) == ["IssuePaper", "SignPaper"]
    assert await actions(server, ana) == ["UPLOADED", "UPLOADED"]
    opened = await server.ask(OPEN, ana, id=paper["id"], purpose=None)
    assert opened["problems"] == []


async def test_what_it_says_is_what_it_said_whatever_has_changed_since(server, people, authority):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))
    await server.fetch("UPDATE doctor SET crm = $2 WHERE id = $1", doctor.id, "7")

    await server.ask(SIGN, doctor, input=signing(paper["id"], authority))

    [page] = pages_of(await stored(server, paper["id"]))
    assert f"CRM {doctor.who.crm}/SP" in page


async def test_it_is_signed_once(server, people, authority):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))
    input = signing(paper["id"], authority)

    payloads = await asyncio.gather(*(server.ask(SIGN, doctor, input=input) for _ in range(3)))
    later = await server.ask(SIGN, doctor, input=input)

    assert sum(each["problems"] == [] for each in payloads) == 1
    [problem] = later["problems"]
    assert (problem["code"], problem["path"]) == ("WRONG_STATUS", ["documentId"])
    assert (await looked_at(await stored(server, paper["id"]), authority, NOW)).bottom_line


async def test_by_who_issued_it_alone(server, people, authority):
    doctor, ana = people
    other, mine = make.doctor(name="Helena Prado"), make.document(ana)
    await server.given(other, mine, make.share(ana, other))
    paper = await issued(server, doctor, await seen(server, doctor, ana))

    async with server.unchanged(doctor, ana, other):
        input = signing(paper["id"], authority)
        assert await server.refuse(SIGN, other, input=input) == "NOT_FOUND"
        assert await server.refuse(SIGN, ana, input=input) == "FORBIDDEN"
        upload = signing(f"document_{mine.id}", authority)
        assert await server.refuse(SIGN, doctor, input=upload) == "NOT_FOUND"
        assert await server.refuse(SIGN, other, input=upload) == "NOT_FOUND"


@pytest.mark.parametrize("status", [DoctorStatus.PENDING, DoctorStatus.SUSPENDED])
async def test_by_verified_doctors_alone(server, people, authority, status):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))
    await server.fetch("UPDATE doctor SET status = $2 WHERE id = $1", doctor.id, status.value)
    input = signing(paper["id"], authority)

    async with server.unchanged(doctor, ana):
        for given in (input, input | {"passphrase": "outra"}):  # his file is not even opened
            assert await server.refuse(SIGN, doctor, input=given) == "FORBIDDEN"


async def test_what_its_patient_has_hidden_is_not_signed(server, people, authority):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))
    await server.ask(HIDE, ana, id=paper["id"])

    refused = await server.refuse(SIGN, doctor, input=signing(paper["id"], authority))

    assert refused == "NOT_FOUND"


@pytest.mark.parametrize(
    "given",
    [
        {"pkcs12": "não é Base64"},
        {"pkcs12": ""},
        {"pkcs12": base64.b64encode(bytes(65 << 10)).decode()},
        {"pkcs12": base64.b64encode(b"nothing").decode()},
        {"passphrase": "outra"},
    ],
    ids=["no Base64", "nothing", "too large", "no PKCS#12", "wrong passphrase"],
)
async def test_with_what_is_no_certificate_nothing_is_signed(server, people, authority, given):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))
    input = signing(paper["id"], authority) | given

    async with server.unchanged(doctor, ana):
        payload = await server.ask(SIGN, doctor, input=input)

    [problem] = payload["problems"]
    assert (problem["code"], problem["path"]) == ("INVALID", [*given])


async def test_with_somebody_elses_certificate_nothing_is_signed(server, people, authority):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))

    async with server.unchanged(doctor, ana):
        payload = await server.ask(
            SIGN, doctor, input=signing(paper["id"], authority, "ANA MOREIRA:1")
        )

    [problem] = payload["problems"]
    assert (problem["code"], problem["path"]) == ("INVALID", ["pkcs12"])


async def test_without_the_store_it_remains_unsigned(server, people, authority):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))

    async def fail(*_, **__):
        raise StoreUnreachable("down")

    kind = S3Objects if isinstance(server.app.objects, S3Objects) else FolderObjects
    async with server.unchanged(doctor, ana):
        with mock.patch.object(kind, "put", fail):
            payload = await server.ask(SIGN, doctor, input=signing(paper["id"], authority))

    assert [problem["code"] for problem in payload["problems"]] == ["NOT_UPLOADED"]
    assert UNSIGNED in pages_of(await stored(server, paper["id"]))[0]


async def test_a_server_that_trusts_nobody_says_so(running_server, server, people, authority):
    doctor, ana = people
    paper = await issued(server, doctor, await seen(server, doctor, ana))

    payload = await running_server.ask(SIGN, doctor, input=signing(paper["id"], authority))

    [problem] = payload["problems"]
    assert problem["code"] == "WRONG_STATUS"
    assert "trusts no authority" in problem["message"]


async def test_neither_key_nor_passphrase_nor_what_is_said_leaves_a_mark(
    server, people, authority, caplog, monkeypatch
):
    """Nor in any row, table or object that is left."""
    caplog.set_level(logging.DEBUG)
    doctor, _ = people
    ana = make.patient(name="Maria Canária")
    await server.given(ana)
    visit = await seen(server, doctor, ana)
    paper = await issued(server, doctor, visit, text="dor no canário", workContact="o canário")
    input = signing(paper["id"], authority)
    answers = [await server.answer(SIGN, doctor, input=input | {"passphrase": "canária errada"})]
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", lambda _, text, __: text)
        answers.append(await server.answer(SIGN, doctor, input=input))
    answers.append(await server.answer(SIGN, doctor, input=input | {"documentId": [PASSPHRASE]}))
    done = await server.answer(SIGN, doctor, input=input)
    assert done["data"]["signPaper"]["document"]["signature"] == "SIGNED"

    said = json.dumps(answers, ensure_ascii=False)
    said += "\n".join(
        logging.Formatter().format(record) + repr(record.__dict__) for record in caplog.records
    )
    der = base64.b64decode(input["pkcs12"])
    marks = [PASSPHRASE, "canári", "Canári", input["pkcs12"][:40], repr(der)[2:40], ana.who.cpf]
    assert [mark for mark in marks if mark in said] == []
    wrong, masked, malformed = answers
    assert wrong["data"]["signPaper"]["problems"][0]["path"] == ["passphrase"]
    assert masked["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert malformed["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    rows = await server.fetch(
        "SELECT to_jsonb(it)::text AS row FROM paper AS it WHERE doctor_id = $1 UNION ALL"
        " SELECT to_jsonb(it)::text FROM document AS it WHERE issuer_id = $1 UNION ALL"
        " SELECT to_jsonb(it)::text FROM audit_entry AS it WHERE user_id = $1 UNION ALL"
        " SELECT to_jsonb(it)::text FROM record_access AS it WHERE actor_id = $1",
        doctor.id,
    )
    kept = "\n".join(row["row"] for row in rows)
    assert [mark for mark in [*marks, der[:20].hex()] if mark in kept] == []
