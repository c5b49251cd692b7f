"""The audit log: who did what, for administrators to read. It holds ids and nothing of a record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.auth import ReadAuditLog, Role, Viewer, permit
from domain.ids import AuditEntryId, SessionId, UserId
from domain.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`action`: the name of a class in domain/auth.py, `subject` its fields as JSON has them."""

    id: AuditEntryId
    at: datetime
    user_id: UserId
    session_id: SessionId | None
    role: Role
    action: str
    subject: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearch:
    """All that is given must hold. `about`: an id, and the fields of `subject` it may be in; a name
    that ends in `_ids` is a list. `earliest` is included, `latest` is not.
    """

    actor: UserId | None = None
    about: tuple[UUID, Sequence[str]] | None = None
    action: str | None = None
    earliest: datetime | None = None
    latest: datetime | None = None


class AuditLog(Protocol):
    async def page(
        self, wanted: AuditSearch, /, *, after: AuditEntryId | None, limit: int
    ) -> Sequence[AuditEntry]:
        """The latest first, older than `after`."""
        ...


async def read(
    work: UnitOfWork,
    viewer: Viewer,
    wanted: AuditSearch,
    *,
    after: AuditEntryId | None,
    limit: int,
) -> Sequence[AuditEntry]:
    """A page of it; that it was read is an entry, too. Raises Forbidden."""
    permit(work, viewer, ReadAuditLog())
    return await work.audit_log.page(wanted, after=after, limit=limit)
