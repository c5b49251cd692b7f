"""Exports: a patient takes everything along, as one archive (LGPD, arts. 18 V and 19).

It is asked for with the password, made in the background by whichever process takes it up
(domain/exporting.py), kept for some days, and opened by links of a minute.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain import links
from domain.accesses import AccessAction, log
from domain.auth import OpenExport, RequestExport, Viewer, as_patient, permit
from domain.errors import LimitReached, WrongStatus
from domain.ids import ExportId, PatientId, UserId, new_id
from domain.mail import MailKind
from domain.objects import StoredObject
from domain.unit_of_work import UnitOfWork

CONTENT_TYPE = "application/zip"
_DAY = timedelta(days=1)


class ExportStatus(StrEnum):
    REQUESTED = "REQUESTED"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExport:
    """`progress` from 0 to 1; `size` in bytes and `version`, of the object, once it is READY.

    `claim`: of the process that makes it, which has it until `leased_until`, by the database's
    time, and renews that as long as it lives. `tries` counts those that began. `removed`: nothing
    lies in the store any more.
    """

    id: ExportId
    patient_id: PatientId
    requested_at: datetime
    status: ExportStatus = ExportStatus.REQUESTED
    progress: float = 0.0
    size: int | None = None
    object_key: str
    version: str | None = None
    expires_at: datetime | None = None
    claim: UUID | None = None
    leased_until: datetime | None = None
    tries: int = 0
    removed: bool = False

    def as_of(self, at: datetime) -> ExportStatus:
        over = self.expires_at is not None and self.expires_at <= at
        return ExportStatus.EXPIRED if over else self.status

    @property
    def under_way(self) -> bool:
        return self.status in {ExportStatus.REQUESTED, ExportStatus.RUNNING}


class Exports(Protocol):
    async def get(self, id: ExportId, /) -> RecordExport | None: ...
    async def lock(self, id: ExportId, /) -> RecordExport | None:
        """As it stands; nobody else changes it before this work ends."""
        ...

    async def add(self, export: RecordExport, /) -> bool: ...
    async def save(self, export: RecordExport, /) -> None: ...
    async def of(self, patient_id: PatientId, /) -> Sequence[RecordExport]:
        """The latest first."""
        ...

    async def give_up(self, *, tries: int, before: datetime) -> Sequence[ExportId]:
        """What nobody has in hand and so many died of, or was asked for before then, has FAILED."""
        ...

    async def claim(self, claim: UUID, lease: timedelta, /) -> RecordExport | None:
        """The oldest that nobody has in hand; nobody else is given it for so long."""
        ...

    async def renew(self, export: RecordExport, lease: timedelta, /) -> bool:
        """With its progress. False, and nothing done, if the claim is void."""
        ...

    async def release(self, export: RecordExport, pause: timedelta, /) -> None:
        """If the claim is not void: for anybody to take up after the pause, as if it had not been
        tried.
        """
        ...

    async def to_be_removed(self, /, *, at: datetime, limit: int) -> Sequence[RecordExport]:
        """What has expired or failed, and may still lie in the store."""
        ...


async def request(work: UnitOfWork, viewer: Viewer, *, at: datetime) -> RecordExport:
    """For a patient who has just given his password again. Raises Forbidden or LimitReached."""
    patient_id = as_patient(viewer)
    permit(work, viewer, RequestExport(patient_id=patient_id))
    await work.lock(patient_id)
    made = await work.exports.of(patient_id)
    if any(export.under_way for export in made):
        raise LimitReached("An export of yours is being made; wait until it is ready.")
    most = work.limits.exports_a_day
    if sum(export.requested_at > at - _DAY for export in made) >= most:
        raise LimitReached(f"You have asked for {most} exports within a day; try tomorrow.")
    export = RecordExport(
        id=ExportId(new_id()),
        patient_id=patient_id,
        requested_at=at,
        object_key=f"exports/{secrets.token_hex(16)}",
    )
    await work.exports.add(export)
    return export


async def open(
    work: UnitOfWork, viewer: Viewer, id: ExportId, *, at: datetime
) -> RecordExport | None:
    """For its patient; it is on record when this work commits. None for anybody else, whose try is
    on record as well, so that nothing is raised. Raises Forbidden or WrongStatus.
    """
    patient_id = as_patient(viewer)
    export = await work.exports.get(id)
    if export is None:
        return None
    if export.patient_id != patient_id:
        log(work, viewer, export.patient_id, AccessAction.DENIED)
        return None
    status = export.as_of(at)
    if status is not ExportStatus.READY:
        raise WrongStatus(f"It is {status.value}.", "exportId")
    permit(work, viewer, OpenExport(patient_id=patient_id, export_id=id))
    log(work, viewer, patient_id, AccessAction.EXPORTED)
    return export


async def claim(
    work: UnitOfWork, *, at: datetime
) -> tuple[Sequence[ExportId], RecordExport | None]:
    """Which are given up, and one that is ours to make."""
    limits = work.limits
    lost = await work.exports.give_up(tries=limits.export_tries, before=at - limits.export_within)
    return lost, await work.exports.claim(new_id(), limits.export_lease)


async def renew(work: UnitOfWork, export: RecordExport, *, progress: float) -> bool:
    """False if the claim is void."""
    renewed = replace(export, progress=progress)
    return await work.exports.renew(renewed, work.limits.export_lease)


async def postpone(work: UnitOfWork, export: RecordExport) -> None:
    """While the object store is not there."""
    await work.exports.release(export, work.limits.export_pause)


async def hand_on(work: UnitOfWork, export: RecordExport) -> None:
    """The process ends; others may begin anew at once."""
    await work.exports.release(export, timedelta(0))


async def finish(
    work: UnitOfWork, export: RecordExport, stored: StoredObject, *, at: datetime
) -> bool:
    """It is READY, and its patient told by mail. False, and nothing done, if the claim is void."""
    current = await work.exports.lock(export.id)
    if current is None or current.claim != export.claim:
        return False
    ready = replace(
        _out_of_hand(current, ExportStatus.READY),
        progress=1.0,
        size=stored.size,
        version=stored.version,
        expires_at=at + work.limits.export_for,
    )
    await work.exports.save(ready)
    await links.tell(work, UserId(export.patient_id), MailKind.EXPORT_READY, at=at)
    return True


async def fail(work: UnitOfWork, export: RecordExport) -> None:
    """For good: it would fail again."""
    current = await work.exports.lock(export.id)
    if current is not None and current.claim == export.claim:
        await work.exports.save(_out_of_hand(current, ExportStatus.FAILED))


async def remove_all(work: UnitOfWork, patient_id: PatientId) -> bool:
    """Nobody opens, or makes, one of these any more. Whether there were any."""
    live = {ExportStatus.REQUESTED, ExportStatus.RUNNING, ExportStatus.READY}
    found = [export for export in await work.exports.of(patient_id) if export.status in live]
    for export in found:
        current = await work.exports.lock(export.id)
        if current is not None:
            await work.exports.save(replace(current, claim=None, status=ExportStatus.EXPIRED))
    return bool(found)


async def swept(work: UnitOfWork, export: RecordExport) -> None:
    """Nothing of it lies in the store any more."""
    current = await work.exports.lock(export.id)
    if current is not None:
        expired = current.status is ExportStatus.READY
        status = ExportStatus.EXPIRED if expired else current.status
        await work.exports.save(replace(current, status=status, removed=True))


def _out_of_hand(export: RecordExport, status: ExportStatus) -> RecordExport:
    return replace(export, status=status, claim=None, leased_until=None)
