"""The access log of a record, as its patient reads it."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from domain.accesses import LoggedAccess
from domain.events import Position
from domain.ids import AccessId
from domain.registrations import UF
from schema.context import Info
from schema.nodes import must
from schema.records import Document
from schema.scalars import EventCursor
from schema.shares import RecordShare
from schema.visit_notes import VisitNote

NO_PARTY = "Health&Med"  # who is neither the patient nor a doctor is not told by name


@strawberry.enum(description="What was done with a record. RESYNC: read the page again.")
class RecordAccessAction(Enum):
    LISTED = "LISTED"
    OPENED = "OPENED"
    DENIED = "DENIED"
    UPLOADED = "UPLOADED"
    SHARED = "SHARED"
    REVOKED = "REVOKED"
    HIDDEN = "HIDDEN"
    EXPORTED = "EXPORTED"
    RESYNC = "RESYNC"


@strawberry.type(description="That somebody did something with a record, or was refused.")
class RecordAccess:
    """Either of an entry that is at hand, or of the one with this id, read as it is asked for."""

    cursor: EventCursor = strawberry.field(
        description="Where it lies among the events: give it as `after` to go on from here."
    )
    told_at: strawberry.Private[datetime]
    entry: strawberry.Private[LoggedAccess | None] = None
    access_id: strawberry.Private[AccessId | None] = None

    @classmethod
    def of(cls, entry: LoggedAccess) -> Self:
        return cls(cursor=EventCursor(str(entry.position)), told_at=entry.at, entry=entry)

    @classmethod
    def told(cls, position: Position, at: datetime, access_id: AccessId | None) -> Self:
        """None: read the page again."""
        return cls(cursor=EventCursor(str(position)), told_at=at, access_id=access_id)

    async def _read(self, info: Info) -> LoggedAccess | None:
        if self.entry is None and self.access_id is not None:
            self.entry = must(await info.context.loaders.accesses.load(self.access_id))
        return self.entry

    @strawberry.field(description="When.")
    async def at(self, info: Info) -> datetime:
        entry = await self._read(info)
        return self.told_at if entry is None else entry.at

    @strawberry.field(description="What was done.")
    async def action(self, info: Info) -> RecordAccessAction:
        entry = await self._read(info)
        if entry is None:
            return RecordAccessAction.RESYNC
        return RecordAccessAction(entry.access.action.value)

    @strawberry.field(description="By whom. Null only with RESYNC.")
    async def actor_name(self, info: Info) -> str | None:
        entry = await self._read(info)
        return None if entry is None else entry.actor_name or NO_PARTY

    @strawberry.field(description="The registration of a doctor; null for anybody else.")
    async def actor_crm(self, info: Info) -> str | None:
        entry = await self._read(info)
        return None if entry is None else entry.actor_crm

    @strawberry.field(description="The state of that registration.")
    async def actor_uf(self, info: Info) -> UF | None:
        entry = await self._read(info)
        return None if entry is None or entry.actor_uf is None else UF(entry.actor_uf)

    @strawberry.field(description="Of which document, where it was about one.")
    async def document(self, info: Info) -> Document | None:
        entry = await self._read(info)
        if entry is None or entry.access.document_id is None:
            return None
        loaded = await info.context.loaders.documents.load(entry.access.document_id)
        return Document.of(must(loaded))

    @strawberry.field(
        description="Of which note of a visit: UPLOADED as its doctor wrote it, OPENED as another"
        " one read it."
    )
    async def note(self, info: Info) -> VisitNote | None:
        entry = await self._read(info)
        if entry is None or entry.access.note_id is None:
            return None
        return VisitNote.of(must(await info.context.loaders.notes.load(entry.access.note_id)))

    @strawberry.field(
        description="For SHARED and REVOKED; null where a doctor broke the glass, which is SHARED"
        " by him, his reason the purpose."
    )
    async def share(self, info: Info) -> RecordShare | None:
        entry = await self._read(info)
        if entry is None or entry.access.share_id is None:
            return None
        return RecordShare.of(must(await info.context.loaders.shares.load(entry.access.share_id)))

    @strawberry.field(description="What for, in the words of whoever opened it.")
    async def purpose(self, info: Info) -> str | None:
        entry = await self._read(info)
        return None if entry is None else entry.access.purpose
