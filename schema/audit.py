"""The audit log, as administrators read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry

from domain import audit
from domain.audit import AuditSearch
from domain.auth import Role
from domain.errors import BadInput
from domain.ids import (
    AccessRequestId,
    AppointmentId,
    AuditEntryId,
    DoctorId,
    EmergencyAccessId,
    InPersonRequestId,
    PartnerId,
    PatientId,
    SessionId,
    SlotId,
    UserId,
)
from schema import ids, paging
from schema.context import Info
from schema.paging import Connection

strawberry.enum(Role, description="What kind of user, or the server itself.")

_ACTORS: dict[Role, object] = {
    Role.DOCTOR: DoctorId,
    Role.PATIENT: PatientId,
    Role.ADMINISTRATOR: UserId,
    Role.PARTNER: PartnerId,
}
# By which names an action has such a thing, and what is shown of them.
_SUBJECTS: dict[object, Sequence[str]] = {
    DoctorId: ("doctor_id",),
    PatientId: ("patient_id",),
    AppointmentId: ("appointment_id",),
    SlotId: ("slot_id", "slot_ids"),
    PartnerId: ("partner_id",),
    AccessRequestId: ("request_id",),
    EmergencyAccessId: ("emergency_id",),
    InPersonRequestId: ("in_person_request_id",),
}
_KINDS = {name: kind for kind, names in _SUBJECTS.items() for name in names}


@strawberry.type(description="What an action was about: one id, or one number.")
class AuditSubject:
    name: str = strawberry.field(description="`doctorId`, `slotIds`, `slots` …")
    value: str = strawberry.field(description="The id, as `node` would take it; or the number.")


@strawberry.type(description="That somebody did, or was allowed to do, something.")
class AuditEntry:
    id: strawberry.ID = strawberry.field(description="Of this entry, the same for ever.")
    at: datetime = strawberry.field(description="When.")
    role: Role = strawberry.field(description="What kind of user he was.")
    actor_id: strawberry.ID | None = strawberry.field(
        description="Who; null for the server itself."
    )
    session_id: strawberry.ID | None = strawberry.field(
        description="In which session; null where there was none yet."
    )
    action: str = strawberry.field(description="What: `RequestAppointment`, `SuspendDoctor` …")
    subjects: list[AuditSubject] = strawberry.field(description="What it was about.")

    @classmethod
    def of(cls, entry: audit.AuditEntry) -> Self:
        kind = _ACTORS.get(entry.role)
        return cls(
            id=ids.show(AuditEntryId, entry.id),
            at=entry.at,
            role=entry.role,
            actor_id=ids.show(kind, entry.user_id) if kind else None,
            session_id=ids.show(SessionId, entry.session_id) if entry.session_id else None,
            action=entry.action,
            subjects=[
                AuditSubject(name=_camel(name), value=shown)
                for name, value in entry.subject.items()
                if name != "user_id"  # which is the actor, or is told by the action's other ids
                for shown in _shown(name, value)
            ],
        )


@strawberry.input(description="Which entries are wanted: all that is given must hold.")
class AuditFilter:
    actor_id: strawberry.ID | None = strawberry.field(default=None, description="Whose acts.")
    subject_id: strawberry.ID | None = strawberry.field(
        default=None, description="About which doctor, patient, appointment or slot."
    )
    action: str | None = strawberry.field(default=None, description="`SuspendDoctor`, say.")
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="Not before this."
    )
    to: datetime | None = strawberry.field(default=None, description="Before this.")

    def read(self) -> AuditSearch:
        """Raises BadInput."""
        return AuditSearch(
            actor=UserId(_known(self.actor_id, *_ACTORS.values())[1]) if self.actor_id else None,
            about=_about(self.subject_id) if self.subject_id else None,
            action=self.action,
            earliest=self.from_,
            latest=self.to,
        )


@strawberry.type
class AuditTrail:
    """A part of AdministratorViewer; not a type of its own for clients."""

    @strawberry.field(
        description="Who did what, the latest first. To read it is an entry of its own."
    )
    async def audit_entries(
        self,
        info: Info,
        filter: Annotated[
            AuditFilter | None, strawberry.argument(description="Which; null for all.")
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[AuditEntry]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("audit", after)
        seen = None if key is None else AuditEntryId(paging.key_id(key, 0))
        asked = filter.read() if filter else AuditSearch()
        context = info.context
        # Not context.act, which has all other fields of this query look anew.
        found = await context.services.act(
            lambda work: audit.read(work, context.viewer, asked, after=seen, limit=wanted + 1)
        )
        nodes = [(paging.show_cursor("audit", each.id), AuditEntry.of(each)) for each in found]
        return paging.connection(nodes, first=wanted, after=after)


def _known(text: str, *kinds: object) -> tuple[object, UUID]:
    found = ids.kind_of(text)
    if found is None or found[0] not in kinds:
        raise BadInput("This is no id of a person or thing that the audit log knows.")
    return found


def _about(text: str) -> tuple[UUID, Sequence[str]]:
    kind, id = _known(text, *_SUBJECTS)
    return id, _SUBJECTS[kind]


def _shown(name: str, value: Any) -> list[str]:
    """Each of what a field of an action holds."""
    values = value if isinstance(value, list) else [value]
    kind = _KINDS.get(name)
    return [
        ids.show(kind, UUID(each)) if kind else str(each) for each in values if each is not None
    ]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
