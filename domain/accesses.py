"""The access log of a record: who listed, opened, shared or was refused what, for its patient.

Entries are only ever added. Each has the hash of the one before it in the same record, so that
nobody can change, remove or slip one in without breaking the chain from there on.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.auth import Role, Viewer
from domain.events import Position
from domain.ids import AccessId, DocumentId, PatientId, ShareId, UserId, VisitNoteId, new_id
from domain.unit_of_work import UnitOfWork


class AccessAction(StrEnum):
    LISTED = "LISTED"
    OPENED = "OPENED"
    DENIED = "DENIED"
    UPLOADED = "UPLOADED"
    SHARED = "SHARED"
    REVOKED = "REVOKED"
    HIDDEN = "HIDDEN"
    EXPORTED = "EXPORTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What somebody did with a record, before it has its place in the log."""

    id: AccessId
    patient_id: PatientId
    actor_id: UserId
    actor_role: Role
    action: AccessAction
    document_id: DocumentId | None = None
    share_id: ShareId | None = None
    note_id: VisitNoteId | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAccess:
    """With its place: `number` counts the record's entries from 1, `position` is that of its event
    and `at` the database's time. The actor's name is as it is now; None for who is no party.
    """

    access: Access
    number: int
    at: datetime
    position: Position
    actor_name: str | None
    actor_crm: str | None
    actor_uf: str | None


def log(
    work: UnitOfWork,
    viewer: Viewer,
    patient_id: PatientId,
    action: AccessAction,
    *,
    document_id: DocumentId | None = None,
    share_id: ShareId | None = None,
    note_id: VisitNoteId | None = None,
    purpose: str | None = None,
) -> None:
    """On record, and told to the patient, if and only if this work commits."""
    access = Access(
        id=AccessId(new_id()),
        patient_id=patient_id,
        actor_id=viewer.user_id,
        actor_role=viewer.role,
        action=action,
        document_id=document_id,
        share_id=share_id,
        note_id=note_id,
        purpose=purpose,
    )
    work.log_access(access)


async def deny(
    work: UnitOfWork, viewer: Viewer, patient_id: PatientId, purpose: str | None = None
) -> None:
    """That somebody tried is on record, if there is such a patient."""
    if await work.patients.get(patient_id) is not None:
        log(work, viewer, patient_id, AccessAction.DENIED, purpose=purpose)
