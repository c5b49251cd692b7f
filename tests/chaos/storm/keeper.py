"""A patient whose record grows, whatever becomes of the store."""

import asyncio
import hashlib
import random
import secrets
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from tests import contents
from tests.chaos.storm.cluster import Cluster
from tests.chaos.storm.people import LONGEST, PATIENCE, Line, register_patient
from tests.chaos.test_uploads import COMPLETE, OPEN
from tests.chaos.test_uploads import REQUEST as REQUEST_UPLOAD

PAUSE = 1.0  # seconds between two documents
LARGEST = 1 << 18  # bytes
LIST = """
query ($after: String) { viewer { ... on PatientViewer {
  documents(status: [AVAILABLE], first: 100, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor }
  }
} } }
"""


@dataclass
class Keeper:
    line: Line
    sent: dict[str, bytes] = field(default_factory=dict)  # by document
    kept: set[str] = field(default_factory=set)  # of which he was told that they are AVAILABLE

    @classmethod
    async def register(cls, cluster: Cluster) -> Self:
        return cls((await register_patient(cluster)).line)

    async def live(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await asyncio.sleep(random.uniform(0.5, 1.5) * PAUSE)  # noqa: S311
            size = random.randrange(LARGEST)  # noqa: S311
            content = contents.pdf(contents.stream(secrets.token_bytes(size)))
            while (id := await self._send(content)) is None:  # noqa: ASYNC110
                await asyncio.sleep(random.uniform(0.2, 0.6))  # noqa: S311
            async with asyncio.timeout(LONGEST):  # the store has it, whatever happens to it now
                while not await self._complete(id):  # noqa: ASYNC110
                    await asyncio.sleep(random.uniform(0.2, 0.6))  # noqa: S311
            self.kept.add(id)

    async def agrees(self) -> None:
        """Fails the test unless all that he was told of is there, and whole, and so is all else."""
        found = await self._list()
        assert self.kept <= found
        for id in found:
            url = (await self.line.act(OPEN, id=id))["url"]
            assert (await self.line.cluster.client.get(url)).content == self.sent[id]

    async def _ticket(self, content: bytes) -> Any:
        """If an answer is lost there are two, of which one is never used."""
        announced = {
            "name": "exame.pdf",
            "contentType": "application/pdf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        return (await self.line.act(REQUEST_UPLOAD, input=announced))["ticket"]

    async def _send(self, content: bytes) -> str | None:
        """As which document the store has taken it, if it has."""
        ticket = await self._ticket(content)
        id: str = ticket["document"]["id"]
        self.sent[id] = content
        form = {field["name"]: field["value"] for field in ticket["fields"]}
        try:
            answer = await self.line.cluster.client.post(
                ticket["url"], data=form, files={"file": ("x", content)}, timeout=PATIENCE
            )
        except httpx.HTTPError:
            return None
        return id if answer.is_success else None

    async def _complete(self, id: str) -> bool:
        answer = await self.line.act(COMPLETE, id=id)
        if answer["problems"]:
            assert [problem["code"] for problem in answer["problems"]] == ["NOT_UPLOADED"]
            return False
        assert answer["document"]["status"] == "AVAILABLE"
        return True

    async def _list(self) -> set[str]:
        found: set[str] = set()
        after = None
        while True:
            page = (await self.line.act(LIST, after=after))["documents"]
            found |= {each["id"] for each in page["nodes"]}
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]
