"""The chains of the access log, walked: the first broken link of each, and their heads.

A chain shows by itself whatever was changed, slipped in or taken out of it. That its end was cut
off, or all of it, shows only beside a head that was published before.
"""

import hashlib
import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag

from persistence.accesses import NAMES, NOTHING_BEFORE, hash_of, opened
from persistence.crypto import UnknownKey, Vault
from persistence.database import Connection, Pool, Record

AT_ONCE = 1000  # entries
_SNAPSHOT = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)
_WALK = (
    f"DECLARE walk NO SCROLL CURSOR FOR SELECT {', '.join(NAMES)} FROM record_access"
    " ORDER BY patient_id, number, id"
)
_TITLE = re.compile(r"access log heads 1 (\S+)")
_HEAD = re.compile(r"([0-9a-f]{64}) (\d+) ([0-9a-f]{64})")
_DIGEST = re.compile(r"sha256 ([0-9a-f]{64})")


class Fault(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_PLACE = "out of place"
    CUT_OFF = "cut off"
    REWRITTEN = "not the one that was published"
    GONE = "gone, all of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """`chain` is the patient's id; of one that is gone, its fingerprint."""

    chain: UUID | str
    number: int
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last entry of a chain. The fingerprint tells nobody else whose it is."""

    fingerprint: str
    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.fingerprint} {self.number} {self.hash}"


class NotAllSeen(Exception):
    """Row level security keeps entries from us, and so we could prove nothing."""


class Snapshot:
    """All chains as they are at one moment, whatever is written meanwhile."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    @classmethod
    @asynccontextmanager
    async def taken(cls, pool: Pool, vault: Vault) -> AsyncGenerator[Self]:
        """Raises NotAllSeen."""
        async with pool.acquire() as connection, connection.transaction():
            for statement in _SNAPSHOT:
                await connection.execute(statement)
            if await connection.fetchval("SELECT row_security_active('record_access')"):
                raise NotAllSeen
            yield cls(connection, vault)

    async def at(self) -> datetime:
        moment: datetime = await self._connection.fetchval("SELECT now()")
        return moment

    async def count(self) -> int:
        """Of entries."""
        count: int = await self._connection.fetchval("SELECT count(*) FROM record_access")
        return count

    async def walk(
        self, published: Mapping[str, Head] | None = None
    ) -> AsyncGenerator[tuple[int, list[Head | BrokenLink]]]:
        """Batch by batch how many entries it was, and of each chain that ended in it its head or
        its first broken link. `published` are heads that were found before.
        """
        walk = _Walk(self._vault, dict(published or {}))
        await self._connection.execute(_WALK)
        while batch := await self._connection.fetch(f"FETCH {AT_ONCE} FROM walk"):
            yield len(batch), [found for record in batch for found in walk.next(record)]
        yield 0, list(walk.end())


class _Walk:
    """Which chain it is in, and which of those that were published it has not met yet."""

    def __init__(self, vault: Vault, published: dict[str, Head]) -> None:
        self._vault, self._published = vault, published
        self._chain: _Chain | None = None

    def next(self, record: Record) -> Iterator[Head | BrokenLink]:
        """What there is to say of the chain before, when another one begins."""
        if self._chain is None or record["patient_id"] != self._chain.of:
            if self._chain is not None:
                yield self._chain.end()
            self._chain = _Chain(record["patient_id"], self._vault, self._published)
        self._chain.next(record)

    def end(self) -> Iterator[Head | BrokenLink]:
        if self._chain is not None:
            yield self._chain.end()
        for head in self._published.values():
            yield BrokenLink(chain=head.fingerprint, number=head.number, fault=Fault.GONE)


class _Chain:
    """As far as it has been walked: to its end, or to its first broken link."""

    def __init__(self, of: UUID, vault: Vault, published: dict[str, Head]) -> None:
        self.of, self._vault = of, vault
        self._fingerprint = vault.fingerprint(f"record_access head:{of}").hex()
        self._published = published.pop(self._fingerprint, None)
        self._number, self._hash = 0, NOTHING_BEFORE
        self._broken: BrokenLink | None = None

    def next(self, record: Record) -> None:
        if self._broken is not None:
            return
        if fault := self._fault(record):
            number = self._number + 1 if fault is Fault.MISSING else record["number"]
            self._broken = BrokenLink(chain=self.of, number=number, fault=fault)
        else:
            self._number, self._hash = record["number"], record["hash"]

    def end(self) -> Head | BrokenLink:
        if self._broken is not None:
            return self._broken
        if self._published is not None and self._number < self._published.number:
            return BrokenLink(chain=self.of, number=self._number + 1, fault=Fault.CUT_OFF)
        return Head(fingerprint=self._fingerprint, number=self._number, hash=self._hash.hex())

    def _fault(self, record: Record) -> Fault | None:
        number, published = record["number"], self._published
        if number > self._number + 1:
            return Fault.MISSING
        if number <= self._number:
            return Fault.OUT_OF_PLACE
        try:
            hash = hash_of(self._vault, self._hash, opened(record, self._vault))
        except (InvalidTag, UnknownKey):
            return Fault.CHANGED
        if hash != record["hash"]:
            return Fault.CHANGED
        if published is not None and published.number == number and published.hash != hash.hex():
            return Fault.REWRITTEN
        return None


# ---------------------------------------------------------------- what is published


class Publication:
    """The lines of a file of heads; the last one proves the others."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def title(self, at: datetime) -> str:
        return self._line(f"access log heads 1 {at.isoformat()}")

    def head(self, head: Head) -> str:
        return self._line(str(head))

    def digest(self) -> str:
        return f"sha256 {self._sha256.hexdigest()}\n"

    def _line(self, text: str) -> str:
        self._sha256.update(f"{text}\n".encode())
        return f"{text}\n"


class NotHeads(Exception):
    """It is no file of heads, or not the one that was published."""


def read(lines: Iterable[str]) -> dict[str, Head]:
    """The heads of a publication, by their fingerprints. Raises NotHeads."""
    heads: dict[str, Head] = {}
    sha256, digest, line = hashlib.sha256(), None, ""
    for number, line in enumerate(lines):
        if digest is not None:
            raise NotHeads
        if found := _DIGEST.fullmatch(line.rstrip("\n")):
            digest = found[1]
            continue
        sha256.update(line.encode())
        if number == 0:
            if not _TITLE.fullmatch(line.rstrip("\n")):
                raise NotHeads
        elif found := _HEAD.fullmatch(line.rstrip("\n")):
            heads[found[1]] = Head(fingerprint=found[1], number=int(found[2]), hash=found[3])
        else:
            raise NotHeads
    if digest != sha256.hexdigest():
        raise NotHeads
    return heads
