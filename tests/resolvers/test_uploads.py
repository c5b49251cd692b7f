"""A document is announced, sent past us to the store, looked into, and opened by a link."""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from domain.limits import Limits
from domain.objects import StoreUnreachable
from domain.records import DocumentStatus
from domain.scanning import Finding, ScannerUnreachable
from tests import contents, make
from tests.clamd import EICAR, at_hand
from tests.contents import DICOM, JPEG, PDF, PNG
from tests.make import Person
from tests.resolvers.test_accesses import OPEN, actions
from tests.resolvers.test_shares import HIDE, NODE, share
from tests.server import LocalServer

REQUEST = """
mutation ($input: RequestUploadInput!) {
  requestUpload(input: $input) {
    ticket {
      document { id name contentType size sha256 status uploadedAt }
      url fields { name value } expiresAt
    }
    problems { code path message }
  }
}
"""
COMPLETE = """
mutation ($id: ID!) {
  completeUpload(input: {documentId: $id}) {
    document { id status uploadedAt } problems { code path message }
  }
}
"""
GENUINE = {
    PDF: contents.pdf(),
    JPEG: contents.jpeg(),
    PNG: contents.png(),
    DICOM: contents.dicom(),
}
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
BOMB = contents.dicom(
    contents.deflated(contents.data_set(pixels=bytes(40 << 20))), contents.DEFLATED
)
ATTACKS = {
    "HTML": (PDF, HTML),
    "SVG": (PNG, SVG),
    "a polyglot": (PNG, contents.png() + contents.archive()),
    "a zip bomb": (DICOM, BOMB),
    "a huge picture": (PNG, contents.png(width=100_000, height=100_000)),
    "another type": (JPEG, contents.png()),
}


@pytest.fixture
async def ana(server: LocalServer) -> Person:
    """By the real time, which the store knows."""
    server.now = datetime.now(UTC)
    ana = make.patient(name="Ana Moreira")
    await server.given(ana)
    return ana


@pytest.fixture(scope="module")
def daemon() -> Iterator[str]:
    """The address of the real scanner."""
    with at_hand() as address:
        yield address


@pytest.fixture
async def browser() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as browser:
        yield browser


def announced(content: bytes, type_: str = PDF, **given: Any) -> dict[str, Any]:
    plain = {
        "name": "Hemograma nº 7.pdf",
        "contentType": str(type_),
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return plain | given


async def ticket(server: LocalServer, who: Person, content: bytes, type_: str = PDF, **given: Any):
    payload = await server.ask(REQUEST, who, input=announced(content, type_, **given))
    assert payload["problems"] == []
    return payload["ticket"]


async def send(browser: httpx.AsyncClient, ticket: dict[str, Any], content: bytes) -> int:
    fields = {field["name"]: field["value"] for field in ticket["fields"]}
    answer = await browser.post(ticket["url"], data=fields, files={"file": ("x", content)})
    return answer.status_code


async def uploaded(
    server: LocalServer, browser: httpx.AsyncClient, who: Person, content: bytes, type_: str = PDF
) -> dict[str, Any]:
    """What completing answers."""
    given = await ticket(server, who, content, type_)
    assert await send(browser, given, content) < 300
    return await server.ask(COMPLETE, who, id=given["document"]["id"])


async def key_of(server: LocalServer, id: str) -> str:
    [row] = await server.fetch(
        "SELECT object_key FROM document WHERE id = $1", id.partition("_")[2]
    )
    return row["object_key"]


async def lies_there(server: LocalServer, id: str) -> bool:
    return await server.app.objects.look_up(await key_of(server, id)) is not None


def problem(payload: dict[str, Any]) -> tuple[str, list[str]]:
    [found] = payload["problems"]
    return found["code"], found["path"]


# -------------------------------------------------------------------- the way


@pytest.mark.parametrize("type_", GENUINE, ids=lambda each: each.name)
async def test_what_is_sent_as_announced_is_available_and_comes_back(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person, type_
):
    content = GENUINE[type_]
    given = await ticket(server, ana, content, type_)
    assert given["document"]["status"] == "UPLOADING"
    assert given["document"]["uploadedAt"] is None
    assert await send(browser, given, content) < 300

    payload = await server.ask(COMPLETE, ana, id=given["document"]["id"])
    assert payload["problems"] == []
    assert payload["document"]["status"] == "AVAILABLE"

    opened = await server.ask(OPEN, ana, id=payload["document"]["id"], purpose=None)
    answer = await browser.get(opened["url"])
    assert answer.content == content
    assert answer.headers["content-type"] == str(type_)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert await actions(server, ana) == ["OPENED", "UPLOADED"]


async def test_a_doctor_opens_what_is_shared_and_its_patient_sees_what_for(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    doctor = make.doctor()
    await server.given(doctor)
    document = (await uploaded(server, browser, ana, GENUINE[PDF]))["document"]
    assert await server.refuse(OPEN, doctor, id=document["id"]) == "NOT_FOUND"
    await share(server, ana, doctor)

    opened = await server.ask(OPEN, doctor, id=document["id"], purpose="retorno")

    assert (await browser.get(opened["url"])).content == GENUINE[PDF]
    assert await actions(server, ana) == ["OPENED", "SHARED", "DENIED", "UPLOADED"]


async def test_each_opening_has_an_entry_before_its_link_and_without_one_there_is_no_link(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    document = (await uploaded(server, browser, ana, GENUINE[PDF]))["document"]
    link, seen = server.app.objects.link, []

    async def looking(*given: Any, **named: Any) -> Any:
        seen.append(await actions(server, ana))  # what everybody sees at this moment
        return await link(*given, **named)

    with mock.patch("persistence.accesses._ADD", "SELECT 1/0"):
        answer = await server.answer(OPEN, ana, id=document["id"])
    assert answer["data"] == {"openDocument": None}

    with mock.patch.object(server.app.objects, "link", looking):
        for _ in range(2):
            assert (await server.ask(OPEN, ana, id=document["id"]))["url"]

    assert seen == [["OPENED", "UPLOADED"], ["OPENED", "OPENED", "UPLOADED"]]
    assert (await server.audited(ana)).count("OpenDocument") == 2


async def test_a_key_is_ours_and_says_nothing_of_what_lies_there(server: LocalServer, ana: Person):
    given = await ticket(server, ana, GENUINE[PDF], name="Ana: HIV.pdf")

    key = await key_of(server, given["document"]["id"])

    assert re.fullmatch(r"documents/[0-9a-f]{32}", key)
    told = " ".join(field["value"] for field in given["fields"])
    assert [each for each in ("Ana", "HIV", str(ana.id)) if each in told + given["url"]] == []


async def test_completing_twice_is_completing_once(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    given = await ticket(server, ana, GENUINE[PDF])
    await send(browser, given, GENUINE[PDF])
    id = given["document"]["id"]

    at_once = await asyncio.gather(*(server.ask(COMPLETE, ana, id=id) for _ in range(4)))
    again = await server.ask(COMPLETE, ana, id=id)

    assert {payload["document"]["status"] for payload in [*at_once, again]} == {"AVAILABLE"}
    assert await actions(server, ana) == ["UPLOADED"]


async def test_what_is_sent_again_afterwards_is_not_handed_out(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    """By whoever still has the form: another version, which nobody has looked into."""
    given = await ticket(server, ana, GENUINE[PDF])
    await send(browser, given, GENUINE[PDF])
    await server.ask(COMPLETE, ana, id=given["document"]["id"])
    key = await key_of(server, given["document"]["id"])

    async def other():
        yield HTML

    await server.app.objects.put(key, other(), content_type="text/html")
    opened = await server.ask(OPEN, ana, id=given["document"]["id"])

    assert (await browser.get(opened["url"])).content == GENUINE[PDF]


async def test_what_its_patient_has_hidden_he_opens_still(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    id = (await uploaded(server, browser, ana, GENUINE[PDF]))["document"]["id"]

    assert (await server.ask(HIDE, ana, id=id))["document"]["status"] == "HIDDEN"
    await server.app.uploads.sweep()

    opened = await server.ask(OPEN, ana, id=id)
    assert (await browser.get(opened["url"])).content == GENUINE[PDF]


# ------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": ""}, ("INVALID", ["name"])),
        ({"name": "x" * 256}, ("INVALID", ["name"])),
        ({"name": "a\nb"}, ("INVALID", ["name"])),
        ({"contentType": "text/html"}, ("UNSUPPORTED_TYPE", ["contentType"])),
        ({"contentType": "image/svg+xml"}, ("UNSUPPORTED_TYPE", ["contentType"])),
        ({"size": 0}, ("INVALID", ["size"])),
        ({"size": -1}, ("INVALID", ["size"])),
        ({"size": (25 << 20) + 1}, ("TOO_LARGE", ["size"])),
        ({"sha256": "0" * 63}, ("INVALID", ["sha256"])),
        ({"sha256": "g" * 64}, ("INVALID", ["sha256"])),
    ],
    ids=str,
)
async def test_what_cannot_be_announced_is_told(
    server: LocalServer, ana: Person, given: dict[str, Any], expected: tuple
):
    async with server.unchanged(ana):
        payload = await server.ask(REQUEST, ana, input=announced(b"x", **given))

    assert payload["ticket"] is None
    assert problem(payload) == expected


async def test_the_largest_there_may_be_is_taken(server: LocalServer, ana: Person):
    await ticket(server, ana, b"x", size=25 << 20, name="x" * 255)


async def test_a_record_holds_two_gibibytes_and_not_a_byte_more(server: LocalServer, ana: Person):
    whole, most = 2 << 30, 25 << 20
    await server.given(make.document(ana, size=whole - most - 1))
    await server.given(make.document(ana, size=1, status=DocumentStatus.HIDDEN))
    await server.given(make.document(ana, size=9 << 30, status=DocumentStatus.REJECTED))

    over = await server.ask(REQUEST, ana, input=announced(b"x", size=most))
    assert over["problems"] == []
    one_more = await server.ask(REQUEST, ana, input=announced(b"x"))
    assert problem(one_more) == ("LIMIT_REACHED", ["size"])
    server.now += Limits().upload_for + timedelta(seconds=1)  # what was announced never came
    assert (await server.ask(REQUEST, ana, input=announced(b"x")))["problems"] == []


async def test_of_many_announced_at_once_no_more_are_taken_than_fit(
    server: LocalServer, ana: Person
):
    await server.given(make.document(ana, size=(2 << 30) - 3))

    payloads = await asyncio.gather(
        *(server.ask(REQUEST, ana, input=announced(b"x")) for _ in range(8))
    )

    assert sum(payload["ticket"] is not None for payload in payloads) == 3


async def test_what_has_not_come_cannot_be_completed_and_may_come_yet(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    given = await ticket(server, ana, GENUINE[PDF])
    id = given["document"]["id"]

    assert problem(await server.ask(COMPLETE, ana, id=id)) == ("NOT_UPLOADED", ["documentId"])
    assert await send(browser, given, GENUINE[PDF] + b" ") >= 400
    assert problem(await server.ask(COMPLETE, ana, id=id)) == ("NOT_UPLOADED", ["documentId"])
    assert problem(await server.ask(OPEN, ana, id=id)) == ("WRONG_STATUS", ["documentId"])

    assert await send(browser, given, GENUINE[PDF]) < 300
    assert (await server.ask(COMPLETE, ana, id=id))["document"]["status"] == "AVAILABLE"


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_refused_and_removed(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person, name: str
):
    type_, content = ATTACKS[name]
    given = await ticket(server, ana, content, type_)
    assert await send(browser, given, content) < 300
    id = given["document"]["id"]
    assert await lies_there(server, id)

    payload = await server.ask(COMPLETE, ana, id=id)

    assert problem(payload) == ("UNSUPPORTED_TYPE", ["documentId"])
    assert payload["document"] is None
    assert not await lies_there(server, id)
    assert problem(await server.ask(OPEN, ana, id=id)) == ("WRONG_STATUS", ["documentId"])
    assert problem(await server.ask(COMPLETE, ana, id=id)) == ("WRONG_STATUS", ["documentId"])
    assert await actions(server, ana) == []


@pytest.mark.parametrize(
    ("more", "end"), [(0, b" "), (1, GENUINE[PDF][-1:])], ids=["another hash", "another size"]
)
async def test_other_bytes_than_were_announced_are_refused_wherever_they_come_from(
    server: LocalServer, ana: Person, more: int, end: bytes
):
    """The store takes no others by the form; this is for whoever gets past it."""
    content = GENUINE[PDF]
    given = await ticket(server, ana, content, size=len(content) + more)
    id = given["document"]["id"]

    async def other():
        yield content[:-1] + end

    await server.app.objects.put(await key_of(server, id), other(), content_type=str(PDF))

    assert problem(await server.ask(COMPLETE, ana, id=id)) == ("CHECKSUM_MISMATCH", ["documentId"])
    assert not await lies_there(server, id)


async def test_nobody_completes_or_opens_what_is_anothers(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    bruno, doctor = make.patient(), make.doctor()
    await server.given(bruno, doctor)
    given = await ticket(server, ana, GENUINE[PDF])
    await send(browser, given, GENUINE[PDF])
    id = given["document"]["id"]

    assert await server.refuse(COMPLETE, bruno, id=id) == "NOT_FOUND"
    assert await server.refuse(COMPLETE, doctor, id=id) == "FORBIDDEN"
    assert await server.refuse(OPEN, bruno, id=id) == "NOT_FOUND"
    assert await server.ask(NODE, bruno, id=id) is None
    key = await key_of(server, id)
    assert (await browser.get(f"{given['url']}/{key}")).status_code in {401, 403, 404}


# -------------------------------------------------------- store and scanner


class Broken:
    """The store, but for one thing that it cannot do."""

    def __init__(self, objects: Any, *failing: str) -> None:
        self._objects, self._failing = objects, failing

    def __getattr__(self, name: str) -> Any:
        if name in self._failing:
            raise StoreUnreachable("it is down")
        return getattr(self._objects, name)


@pytest.mark.parametrize("failing", ["look_up", "read"])
async def test_with_the_store_down_it_stays_as_it_was(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person, failing: str
):
    given = await ticket(server, ana, GENUINE[PDF])
    await send(browser, given, GENUINE[PDF])
    id = given["document"]["id"]
    uploads = server.app.uploads

    with mock.patch.object(uploads, "_objects", Broken(uploads._objects, failing)):
        payload = await server.ask(COMPLETE, ana, id=id)

    assert problem(payload) == ("NOT_UPLOADED", ["documentId"])
    assert "again" in payload["problems"][0]["message"]
    assert (await server.ask(COMPLETE, ana, id=id))["document"]["status"] == "AVAILABLE"
    with mock.patch.object(server.app.objects, "link", side_effect=StoreUnreachable):
        assert problem(await server.ask(OPEN, ana, id=id))[0] == "NOT_UPLOADED"


async def test_without_the_scanner_nothing_becomes_available(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    given = await ticket(server, ana, GENUINE[PDF])
    await send(browser, given, GENUINE[PDF])
    id = given["document"]["id"]

    async def is_down(chunks: Any) -> None:
        await anext(chunks)
        raise ScannerUnreachable("it is down")

    with mock.patch.object(server.app.uploads._scanner, "scan", is_down):
        payload = await server.ask(COMPLETE, ana, id=id)

    assert problem(payload) == ("NOT_UPLOADED", ["documentId"])
    assert (await server.ask(COMPLETE, ana, id=id))["document"]["status"] == "AVAILABLE"


async def test_what_the_scanner_finds_is_rejected_and_removed(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    given = await ticket(server, ana, GENUINE[PDF])
    await send(browser, given, GENUINE[PDF])
    id = given["document"]["id"]

    async def finds(chunks: Any) -> Finding:
        assert [chunk async for chunk in chunks]
        return Finding("Ours.Eicar")

    with mock.patch.object(server.app.uploads._scanner, "scan", finds):
        payload = await server.ask(COMPLETE, ana, id=id)

    assert problem(payload) == ("INFECTED", ["documentId"])
    assert not await lies_there(server, id)
    for text in (OPEN, COMPLETE):
        assert problem(await server.ask(text, ana, id=id)) == ("WRONG_STATUS", ["documentId"])


async def test_what_is_infected_is_told_and_removed(
    database_url: str,
    keys_file: Path,
    object_store: dict[str, Any],
    browser: httpx.AsyncClient,
    daemon: str,
):
    eicar = contents.pdf(contents.stream(EICAR))
    async with LocalServer.run(database_url, keys_file, clamav=daemon, **object_store) as server:
        server.now = datetime.now(UTC)
        ana = make.patient()
        await server.given(ana)

        infected = await uploaded(server, browser, ana, eicar)
        clean = await uploaded(server, browser, ana, GENUINE[PDF])

    assert problem(infected) == ("INFECTED", ["documentId"])
    assert clean["document"]["status"] == "AVAILABLE"


# ---------------------------------------------------------------------- sweep


async def test_what_never_came_is_swept_and_nothing_else(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    never, sent, done = [await ticket(server, ana, GENUINE[PDF]) for _ in range(3)]
    for given in (sent, done):
        await send(browser, given, GENUINE[PDF])
    never, sent, done = (given["document"]["id"] for given in (never, sent, done))
    await server.ask(COMPLETE, ana, id=done)

    await server.app.uploads.sweep()
    assert await lies_there(server, sent)
    server.now += Limits().upload_for + timedelta(hours=2)
    with mock.patch.object(
        server.app.uploads, "_objects", Broken(server.app.uploads._objects, "remove")
    ):
        await server.app.uploads.sweep()  # the store is down: it is tried again
    assert await lies_there(server, sent)
    assert problem(await server.ask(COMPLETE, ana, id=sent)) == ("WRONG_STATUS", ["documentId"])
    await server.app.uploads.sweep()

    assert not await lies_there(server, sent)
    assert await lies_there(server, done)
    rows = await server.fetch(
        "SELECT status, removed FROM document WHERE patient_id = $1 ORDER BY id", ana.id
    )
    assert rows == [("REJECTED", True), ("REJECTED", True), ("AVAILABLE", False)]
    assert await server.app.uploads.sweep() == 0


async def test_what_is_sent_again_after_it_was_rejected_does_not_stay(
    server: LocalServer, browser: httpx.AsyncClient, ana: Person
):
    """A form is good for a quarter of an hour, and whoever has it may send with it once more."""
    given = await ticket(server, ana, HTML)
    id = given["document"]["id"]
    await send(browser, given, HTML)
    assert problem(await server.ask(COMPLETE, ana, id=id)) == ("UNSUPPORTED_TYPE", ["documentId"])
    await server.app.uploads.sweep()
    await send(browser, given, HTML)
    assert await lies_there(server, id)

    server.now += Limits().upload_for + timedelta(hours=2)
    await server.app.uploads.sweep()

    assert not await lies_there(server, id)
