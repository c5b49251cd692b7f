"""Calendar feeds: the appointments of somebody behind a link of his own, for programs that show
calendars and cannot sign in. Whoever has the link reads what a calendar entry tells, and no more.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain import links, opaque_tokens
from domain.accounts import Account, Language
from domain.auth import (
    CreateCalendarFeed,
    RevokeCalendarFeed,
    Viewer,
    as_party,
    permit,
)
from domain.calendars import Entry
from domain.errors import WrongStatus
from domain.ids import CalendarFeedId, UserId, new_id
from domain.mail import MailKind
from domain.unit_of_work import UnitOfWork

PATH = "/calendar/{token}.ics"  # of a feed, beneath our public URL


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeed:
    """Of its token the SHA-256 alone is kept. Nobody has two."""

    id: CalendarFeedId
    user_id: UserId
    token_hash: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a link leads to. `entries`: in order of their start."""

    language: Language
    entries: Sequence[Entry]

    @property
    def tag(self) -> str:
        """Another one whenever a calendar would be another one."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


class CalendarFeeds(Protocol):
    async def add(self, feed: CalendarFeed, /) -> bool: ...
    async def remove(self, user_id: UserId, /) -> bool:
        """Whether there was one."""
        ...

    async def owner(self, token_hash: bytes, /) -> Account | None:
        """None also while he is suspended."""
        ...

    async def entries(
        self, owner: Account, /, *, since: datetime, at: datetime, limit: int
    ) -> Sequence[Entry]:
        """Of all that start later than `since` those nearest to `at`, in order of their start."""
        ...


async def create(work: UnitOfWork, viewer: Viewer, *, at: datetime) -> str:
    """The token of a new feed; an older one is dead. Its owner is told by mail, for whoever gets
    into an account could leave with a link that outlives all sessions. Raises Forbidden.
    """
    user_id = as_party(viewer)
    permit(work, viewer, CreateCalendarFeed(user_id=user_id))
    await work.lock(user_id)
    await work.calendar_feeds.remove(user_id)
    id = CalendarFeedId(new_id())
    token = opaque_tokens.make(id)
    await work.calendar_feeds.add(
        CalendarFeed(id=id, user_id=user_id, token_hash=opaque_tokens.hash_of(token), created_at=at)
    )
    await links.tell(work, user_id, MailKind.CALENDAR_FEED_MADE, at=at)
    return token


async def revoke(work: UnitOfWork, viewer: Viewer) -> None:
    """Raises Forbidden, or WrongStatus if there is none."""
    user_id = as_party(viewer)
    permit(work, viewer, RevokeCalendarFeed(user_id=user_id))
    await work.lock(user_id)
    if not await work.calendar_feeds.remove(user_id):
        raise WrongStatus("There is no calendar feed of yours.")


async def follow(work: UnitOfWork, token: str, *, at: datetime) -> Followed | None:
    """None for whatever leads nowhere, by the same one look, whyever that is."""
    owner = await work.calendar_feeds.owner(opaque_tokens.hash_of(token))
    if owner is None:
        return None
    limits = work.limits
    entries = await work.calendar_feeds.entries(
        owner, since=at - limits.calendar_back, at=at, limit=limits.calendar_entries
    )
    return Followed(language=owner.language, entries=entries)
