"""Whoever is handed a paper finds out by its code who issued it, and nothing of the patient."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import make
from tests.resolvers.papers import issued, pages_of, seen, stored
from tests.served import served
from tests.server import LocalServer
from wiring.settings import Settings

PAGE = "/documents/verify"


@pytest.fixture
async def client(
    server: LocalServer, database_url: str, keys_file: Path, object_store: dict[str, Any]
) -> AsyncGenerator[httpx.AsyncClient]:
    await server.fetch("DELETE FROM rate")  # of whoever asked in the tests before
    settings = Settings(
        database_url=database_url,
        keys_file=keys_file,
        database_connections=5,
        transport={"operations_per_address": 6},
        **object_store,
    )
    async with (
        served(settings) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client,
    ):
        yield client


async def test_a_code_tells_who_issued_what_and_when(
    server: LocalServer, client: httpx.AsyncClient
):
    doctor, ana = make.doctor(name="Helena Prado"), make.patient(name="Ana Moreira")
    await server.given(doctor, ana)
    document = await issued(server, doctor, await seen(server, doctor, ana), cid=None)
    [page] = pages_of(await stored(server, document["id"]))
    [line] = [line for line in page.splitlines() if line.startswith("Código de verificação: ")]
    printed = line.removeprefix("Código de verificação: ")

    for code in (printed, printed.replace("-", ""), f" {printed.lower()} "):
        answer = await client.get(PAGE, params={"code": code})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert "Atestado médico por telemedicina, emitido em 7 de janeiro de 2030" in answer.text
        assert f"Helena Prado, CRM {doctor.who.crm}/SP" in answer.text
        assert "SEM ASSINATURA DIGITAL" in answer.text
        assert document["sha256"] in answer.text
        for secret in ("Ana", "Moreira", ana.who.cpf, "Atesto", str(ana.id), "Afastamento"):
            assert secret not in answer.text


async def test_programs_are_told_the_same_in_json_and_nothing_of_the_patient(
    server: LocalServer, client: httpx.AsyncClient
):
    doctor, ana = make.doctor(name="Helena Prado"), make.patient(name="Ana Moreira")
    await server.given(doctor, ana)
    document = await issued(server, doctor, await seen(server, doctor, ana), cid=None)
    [row] = await server.fetch(
        "SELECT code FROM paper WHERE id = $1", document["id"].partition("_")[2]
    )
    json = {"accept": "application/json"}

    answer = await client.get(PAGE, params={"code": row["code"]}, headers=json)

    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "kind": "CERTIFICATE",
        "signature": "UNSIGNED",
        "sha256": document["sha256"],
        "issuedAt": f"{server.now:%Y-%m-%dT%H:%M:%SZ}",
        "timeZone": "America/Sao_Paulo",
        "doctorName": "Helena Prado",
        "crm": doctor.who.crm,
        "uf": "SP",
    }
    unknown = await client.get(PAGE, params={"code": "0" * 20}, headers=json)
    assert (unknown.status_code, unknown.json()) == (404, None)


async def test_a_browser_is_told_in_text_where_there_is_no_page(client: httpx.AsyncClient):
    answer = await client.get(PAGE, params={"code": "0" * 20}, headers={"accept": "text/html"})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_of_what_is_no_code_nothing_is_told_and_nobody_may_guess_for_long(
    client: httpx.AsyncClient,
):
    for code in ("0" * 20, "", "\0" * 20, "1" * 5000, "'; --"):
        answer = await client.get(PAGE, params={"code": code})
        assert answer.status_code == 404
        assert answer.text == "Nenhum documento foi emitido aqui com este código.\n"

    answers = [await client.get(PAGE, params={"code": "0" * 20}) for _ in range(3)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
