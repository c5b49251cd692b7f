"""Things by their ids, and where the event log stands."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import strawberry

from domain import doctors, records
from domain.auth import Scope, as_reader, may_read
from domain.errors import BadInput
from domain.ids import AppointmentId, DoctorId, DocumentId, ExportId, PatientId, ShareId, SlotId
from schema import ids, paging
from schema.appointments import Appointment
from schema.context import Context, Info
from schema.doctors import Doctor
from schema.exports import RecordExport
from schema.nodes import Node
from schema.patients import Patient
from schema.records import Document
from schema.scalars import EventCursor
from schema.shares import RecordShare
from schema.slots import Slot


@strawberry.type
class Query:
    @strawberry.field(description="Null alike for what is not there and what is not yours.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="As this server gave it.")],
    ) -> Node | None:
        return await _find(info.context, id)

    @strawberry.field(description="At most 100 ids; in their order.")
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100.")],
    ) -> list[Node | None] | None:
        if len(ids) > paging.MOST:
            raise BadInput(f"At most {paging.MOST} ids at once.")
        return list(await asyncio.gather(*(_find(info.context, id) for id in ids)))

    @strawberry.field(
        description=(
            "Where the event log stands now: read it, then read the page, then subscribe with it as"
            " `after`, and nothing falls between."
        )
    )
    async def event_cursor(self, info: Info) -> EventCursor | None:
        as_reader(info.context.caller, Scope.SLOTS)
        return EventCursor(str(await info.context.services.log.now()))


async def _find(context: Context, text: str) -> Node | None:
    found = ids.kind_of(text)
    find = _FIND.get(found[0]) if found else None
    return None if found is None or find is None else await find(context, found[1])


async def _doctor(context: Context, id: DoctorId) -> Doctor | None:
    found = await _seen(context, id) if may_read(context.caller, Scope.DOCTORS) else None
    return None if found is None else Doctor.of(found)


async def _slot(context: Context, id: SlotId) -> Slot | None:
    """Of a doctor who is seen."""
    if not may_read(context.caller, Scope.SLOTS):
        return None
    slot = await context.loaders.slots.load(id)
    if slot is None or await _seen(context, slot.doctor_id) is None:
        return None
    return Slot.of(slot)


async def _seen(context: Context, id: DoctorId) -> doctors.Doctor | None:
    """Verified ones, and oneself."""
    doctor = await context.loaders.doctors.load(id)
    own = context.caller is not None and context.caller.doctor_id == id
    return doctor if doctor is not None and (doctor.verified or own) else None


async def _appointment(context: Context, id: AppointmentId) -> Appointment | None:
    """Of the two alone; needs a session."""
    _ = context.viewer
    appointment = await context.loaders.appointments.load(id)
    return None if appointment is None else Appointment.of(appointment)


async def _patient(context: Context, id: PatientId) -> Patient | None:
    """Oneself, and those with whom a doctor has, or had, an appointment; needs a session."""
    viewer = context.viewer
    patient = await context.loaders.patients_seen.load(id)
    return None if patient is None else Patient.of(patient, viewer)


async def _document(context: Context, id: DocumentId) -> Document | None:
    """One's own, and for a doctor one that is shared with him, of which he leaves a trace; needs a
    session.
    """
    if context.viewer.patient_id is not None:
        own = await context.loaders.documents.load(id)
        return None if own is None else Document.of(own)
    shared = await context.services.act(
        lambda work: records.see(work, context.viewer, id), viewer=context.viewer
    )
    return None if shared is None else Document.of(shared)


async def _share(context: Context, id: ShareId) -> RecordShare | None:
    """One's own; needs a session."""
    if context.viewer.patient_id is None:
        return None
    own = await context.loaders.shares.load(id)
    return None if own is None else RecordShare.of(own)


async def _export(context: Context, id: ExportId) -> RecordExport | None:
    """One's own; needs a session."""
    if (patient_id := context.viewer.patient_id) is None:
        return None
    own = await context.records.export(id, patient_id)
    return None if own is None else RecordExport.of(own, context.at)


# Sessions, say, are no nodes.
_FIND: Mapping[object, Callable[[Context, Any], Awaitable[Node | None]]] = {
    DoctorId: _doctor,
    SlotId: _slot,
    AppointmentId: _appointment,
    PatientId: _patient,
    DocumentId: _document,
    ShareId: _share,
    ExportId: _export,
}
