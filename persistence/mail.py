"""The outbox: mail that is to be sent, sealed, and the traces of what was."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import Field

from domain.accounts import Language
from domain.calendars import Entry, EntryStatus
from domain.ids import AppointmentId, MailId
from domain.mail import Claimed, Mail, MailKind, Named, Visit
from persistence.columns import moment, one_of, sealed, text
from persistence.crypto import Vault, place
from persistence.database import Connection, Pool, Record, rows_of
from persistence.table import Row

_CLAIMED_MOST = timedelta(hours=1)  # what was claimed so long ago died with its process
_KEPT = timedelta(days=7)


class MailRow(Row, table=True):
    """`content` is null when it has been sent or given up; `due_at` also while it is claimed."""

    __table_args__ = (
        one_of("kind", MailKind, name="mail_kind"),
        sa.Index("ix_mail_due_at", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = text()
    content: bytes | None = sealed(nullable=True)
    tries: int = 0
    added_at: datetime = moment()
    due_at: datetime | None = moment(nullable=True)
    claimed_at: datetime | None = moment(nullable=True)


_ADD = (
    "INSERT INTO mail (id, kind, content, tries, added_at, due_at)"
    " SELECT id, kind, content, 0, $4, $4"
    f" FROM {rows_of(('uuid', 'text', 'bytea'))} AS added (id, kind, content)"
)
# Whoever is late takes the next one, and waits for nobody.
_CLAIM = """
UPDATE mail SET tries = tries + 1, due_at = NULL, claimed_at = $1
WHERE id = (
  SELECT id FROM mail WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, kind, content, tries, added_at
"""


class OutboxTable:
    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    async def add(self, *mails: Mail, at: datetime) -> None:
        await self._connection.execute(
            _ADD,
            [mail.id for mail in mails],
            [mail.kind.value for mail in mails],
            [self._sealed(mail) for mail in mails],
            at,
        )

    def _sealed(self, mail: Mail) -> bytes:
        content: dict[str, Any] = {
            "to": mail.to,
            "language": mail.language,
            "accounts": mail.accounts,
        }
        if mail.visit is not None:
            content["visit"] = mail.visit
        text = orjson.dumps(content, default=str).decode()
        return self._vault.seal(text, place("mail", "content", mail.id))

    async def claim(self, *, at: datetime) -> Claimed | None:
        row = await self._connection.fetchrow(_CLAIM, at)
        if row is None:
            return None
        content = self._read(row)
        mail = Mail(
            id=MailId(row["id"]),
            kind=MailKind(row["kind"]),
            to=content["to"],
            language=Language(content["language"]),
            accounts=tuple(Named(**named) for named in content["accounts"]),
            visit=_visit(content["visit"]) if "visit" in content else None,
        )
        return Claimed(mail=mail, tries=row["tries"], added_at=row["added_at"])

    async def put_off(self, id: MailId, /, *, until: datetime) -> None:
        await self._connection.execute(
            "UPDATE mail SET due_at = $2, claimed_at = NULL WHERE id = $1", id, until
        )

    async def forget(self, id: MailId, /) -> None:
        await self._connection.execute("UPDATE mail SET content = NULL WHERE id = $1", id)

    async def forget_all_to(self, email: str, /) -> int:
        """All has to be opened, of what is never much: mail leaves within seconds."""
        rows = await self._connection.fetch("SELECT id, content FROM mail WHERE due_at IS NOT NULL")
        theirs = [row["id"] for row in rows if self._read(row)["to"].lower() == email.lower()]
        status = await self._connection.execute(
            "UPDATE mail SET content = NULL, due_at = NULL"
            " WHERE id = ANY($1) AND due_at IS NOT NULL",
            theirs,
        )
        return int(status.rsplit(" ", 1)[1])

    def _read(self, row: Record) -> dict[str, Any]:
        content = self._vault.open(row["content"], place("mail", "content", row["id"]))
        read: dict[str, Any] = orjson.loads(content)
        return read


def _visit(content: dict[str, Any]) -> Visit:
    entry = content["entry"]
    return Visit(
        entry=Entry(
            appointment_id=AppointmentId(UUID(entry["appointment_id"])),
            sequence=entry["sequence"],
            status=EntryStatus(entry["status"]),
            starts_at=datetime.fromisoformat(entry["starts_at"]),
            ends_at=datetime.fromisoformat(entry["ends_at"]),
        ),
        time_zone=content["time_zone"],
        at=datetime.fromisoformat(content["at"]),
    )


async def purge(pool: Pool, at: datetime) -> int:
    """Forget what was lost with its process, and that anything was sent. Returns how many pieces
    were lost.
    """
    lost = await pool.fetch(
        "UPDATE mail SET content = NULL WHERE content IS NOT NULL AND claimed_at < $1 RETURNING id",
        at - _CLAIMED_MOST,
    )
    await pool.execute("DELETE FROM mail WHERE added_at < $1", at - _KEPT)
    return len(lost)
