"""Uploads while the store is killed and clients break off, and many of them at once.

Whatever happens, no document is AVAILABLE that is not whole, none is lost, and every answer is an
act that was done or a problem that says what to do.
"""

import asyncio
import hashlib
import os
import secrets
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from domain.objects import CHUNK
from embedded import seaweed
from tests import contents, make
from tests.chaos.clients import Clinic
from tests.embedded.processes import (
    WITHOUT_STORE,
    Started,
    descendants,
    running,
    wait_until,
    workers_of,
)
from tests.resolvers import test_uploads as uploads
from tests.server import LocalServer

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
]

REQUEST = """
mutation ($input: RequestUploadInput!) {
  requestUpload(input: $input) {
    ticket { document { id } url fields { name value } } problems { code }
  }
}
"""
COMPLETE = """
mutation ($id: ID!) {
  completeUpload(input: {documentId: $id}) { document { status } problems { code message } }
}
"""
OPEN = """
mutation ($id: ID!) { openDocument(input: {documentId: $id}) { url problems { code } } }
"""
LIST = """{ viewer { ... on PatientViewer {
  documents(first: 100, status: [AVAILABLE]) { nodes { id sha256 size } }
} } }"""
MANY, LARGE = 200, 2 << 20


class Files:
    """What a patient uploads to the server on this port."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.token = clinic, clinic.patient_token
        self.sent: dict[str, bytes] = {}

    async def ticket(self, content: bytes) -> dict[str, Any]:
        announced = {
            "name": "exame.pdf",
            "contentType": "application/pdf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        made = (await self.clinic.act(REQUEST, self.token, input=announced))["ticket"]
        self.sent[made["document"]["id"]] = content
        return made

    async def send(self, ticket: dict[str, Any]) -> bool:
        """Whether the store has taken it."""
        fields = {field["name"]: field["value"] for field in ticket["fields"]}
        content = self.sent[ticket["document"]["id"]]
        async with httpx.AsyncClient(trust_env=False, timeout=20) as browser:
            try:
                files = {"file": ("x", content)}
                answer = await browser.post(ticket["url"], data=fields, files=files)
            except httpx.HTTPError:
                return False
        return answer.status_code < 300

    async def complete(self, ticket: dict[str, Any]) -> str:
        """AVAILABLE, or the code of the one problem."""
        answer = await self.clinic.ask(COMPLETE, self.token, id=ticket["document"]["id"])
        assert "errors" not in answer, answer
        payload = answer["data"]["completeUpload"]
        if payload["problems"]:
            [problem] = payload["problems"]
            return problem["code"]
        return payload["document"]["status"]

    async def are_whole(self) -> set[str]:
        """The ids of all that is AVAILABLE, each of which is what was sent."""
        found = (await self.clinic.act(LIST, self.token))["documents"]["nodes"]
        async with httpx.AsyncClient(trust_env=False, timeout=20) as browser:
            for document in found:
                url = (await self.clinic.act(OPEN, self.token, id=document["id"]))["url"]
                assert (await browser.get(url)).content == self.sent[document["id"]]
        return {document["id"] for document in found}


def store_of(run: Started) -> int | None:
    """None while there is none."""
    family = descendants(run.process.pid)
    found = [pid for pid, command in family.items() if "weed" in command and " mini " in command]
    return found[0] if found else None


def large(size: int = LARGE) -> bytes:
    return contents.pdf(contents.stream(secrets.token_bytes(size)))


async def test_with_the_store_killed_nothing_is_lost_and_nothing_half_done(begun: Path):
    with running(begun, beneath=WITHOUT_STORE) as run:
        files = Files(await Clinic(run.port).open())
        before, under_way, after = [await files.ticket(large()) for _ in range(3)]
        assert await files.send(before)
        assert await files.complete(before) == "AVAILABLE"
        assert await files.send(under_way)

        killed = store_of(run)
        assert killed is not None
        sending = asyncio.create_task(files.send(after))
        os.kill(killed, signal.SIGKILL)
        told = await files.complete(under_way)
        taken = await sending

        assert told in {"NOT_UPLOADED", "AVAILABLE"}
        await asyncio.to_thread(wait_until, lambda: store_of(run) not in (None, killed), 30)
        async with asyncio.timeout(30):
            while await files.complete(under_way) != "AVAILABLE":  # noqa: ASYNC110
                await asyncio.sleep(0.2)
            while not taken:
                taken = await files.send(after)
                await asyncio.sleep(0.2)
            assert await files.complete(after) == "AVAILABLE"
        each = {ticket["document"]["id"] for ticket in (before, under_way, after)}
        assert await files.are_whole() == each


async def test_who_breaks_off_in_mid_upload_has_uploaded_nothing_and_may_begin_again(begun: Path):
    with running(begun, beneath=WITHOUT_STORE) as run:
        files = Files(await Clinic(run.port).open())
        ticket = await files.ticket(large())

        await asyncio.to_thread(break_off, ticket, files.sent[ticket["document"]["id"]])
        assert await files.complete(ticket) == "NOT_UPLOADED"

        assert await files.send(ticket)
        assert await files.complete(ticket) == "AVAILABLE"
        assert await files.are_whole() == {ticket["document"]["id"]}


def break_off(ticket: dict[str, Any], content: bytes) -> None:
    """Send half of the form and hang up."""
    url = urlsplit(ticket["url"])
    fields = {field["name"]: field["value"] for field in ticket["fields"]}
    request = httpx.Request("POST", ticket["url"], data=fields, files={"file": ("x", content)})
    head = f"POST {url.path} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in request.headers.items()
    )
    body = request.read()
    with socket.create_connection((url.hostname, url.port), timeout=20) as line:
        line.sendall(head.encode() + b"\r\n" + body[: len(body) // 2])


def resident(pid: int) -> int:
    """Bytes of a process that are its own."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    [kilobytes] = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return int(kilobytes) << 10


async def test_two_hundred_at_once_are_looked_into_in_flat_memory(begun: Path):
    with running(begun, beneath=WITHOUT_STORE) as run:
        files = Files(await Clinic(run.port).open())
        [worker] = workers_of(run.process.pid)
        content = large(1 << 20)
        tickets = [await files.ticket(content) for _ in range(MANY)]
        for start in range(0, MANY, 20):
            sent = await asyncio.gather(*(files.send(t) for t in tickets[start : start + 20]))
            assert all(sent)
        assert await files.complete(tickets[0]) == "AVAILABLE"  # all that is needed is loaded

        most = before = resident(worker)
        completing = asyncio.gather(*(files.complete(ticket) for ticket in tickets))
        while not completing.done():
            most = max(most, await asyncio.to_thread(resident, worker))
            await asyncio.sleep(0.05)

        assert set(await completing) == {"AVAILABLE"}
        assert most - before < 64 << 20, f"{(most - before) >> 20} MiB for {MANY} of them"


async def test_few_are_read_at_once_and_each_by_the_piece(server: LocalServer, monkeypatch: Any):
    server.now = datetime.now(UTC)
    await server.given(ana := make.patient())
    content = large(1 << 18)
    tickets = [await uploads.ticket(server, ana, content) for _ in range(12)]
    async with httpx.AsyncClient(trust_env=False, timeout=20) as browser:
        assert {await uploads.send(browser, ticket, content) for ticket in tickets} == {204}
    reading, most, longest = 0, 0, 0

    async def scan(chunks: Any) -> None:
        nonlocal reading, most, longest
        reading += 1
        async for chunk in chunks:
            most, longest = max(most, reading), max(longest, len(chunk))
            await asyncio.sleep(0.001)
        reading -= 1

    monkeypatch.setattr(server.app.uploads._scanner, "scan", scan)
    done = await asyncio.gather(
        *(server.ask(uploads.COMPLETE, ana, id=ticket["document"]["id"]) for ticket in tickets)
    )

    assert {payload["document"]["status"] for payload in done} == {"AVAILABLE"}
    assert most == 4
    assert longest <= CHUNK
