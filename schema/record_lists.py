"""What there is of records in a viewer."""

from typing import Annotated

import strawberry

from domain import issuing, records, visit_notes
from domain.errors import BadInput
from domain.ids import DocumentId, PatientId, ShareId, VisitNoteId
from domain.records import DocumentStatus, Signature
from schema import ids, paging
from schema.accesses import RecordAccess
from schema.context import Info
from schema.nodes import must
from schema.paging import Connection
from schema.records import Document
from schema.shares import RecordShare
from schema.visit_notes import VisitNote

_SHOWN = (DocumentStatus.UPLOADING, DocumentStatus.AVAILABLE)


@strawberry.type
class OwnRecord:
    """A part of PatientViewer; not a type of its own for clients."""

    @strawberry.field(
        description="Own ones, the latest first; without hidden and rejected ones unless asked for."
    )
    async def documents(
        self,
        info: Info,
        status: Annotated[
            list[DocumentStatus] | None,
            strawberry.argument(description="Only those that stand so."),
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[Document]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("documents", after)
        found = await info.context.records.documents_page(
            must(info.context.viewer.patient_id),
            statuses=_SHOWN if status is None else status,
            after=None if key is None else DocumentId(paging.key_id(key, 0)),
            limit=wanted + 1,
        )
        nodes = [(paging.show_cursor("documents", each.id), Document.of(each)) for each in found]
        return paging.connection(nodes, first=wanted, after=after)

    @strawberry.field(description="Own ones, the latest first.")
    async def shares(
        self,
        info: Info,
        active: Annotated[
            bool | None,
            strawberry.argument(description="Only those that are, or are not; null for all."),
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[RecordShare]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("shares", after)
        found = await info.context.records.shares_page(
            must(info.context.viewer.patient_id),
            active=active,
            after=None if key is None else ShareId(paging.key_id(key, 0)),
            limit=wanted + 1,
        )
        nodes = [
            (paging.show_cursor("shares", each.share.id), RecordShare.of(each)) for each in found
        ]
        return paging.connection(nodes, first=wanted, after=after)

    @strawberry.field(
        description="Who opened, shared or was refused what in this record, newest first."
    )
    async def record_accesses(
        self, info: Info, first: paging.First = 20, after: paging.After = None
    ) -> Connection[RecordAccess]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("accesses", after)
        found = await info.context.records.accesses_page(
            must(info.context.viewer.patient_id),
            after=None if key is None else paging.key_number(key, 0),
            limit=wanted + 1,
        )
        nodes = [(paging.show_cursor("accesses", e.number), RecordAccess.of(e)) for e in found]
        return paging.connection(nodes, first=wanted, after=after)


@strawberry.type
class SharedRecords:
    """A part of DoctorViewer; not a type of its own for clients."""

    @strawberry.field(
        description=(
            "Documents that patients share with this doctor now, and those that he sees in an"
            " emergency, the latest first. Each patient among them sees that they were listed."
        )
    )
    async def shared_documents(
        self,
        info: Info,
        patient_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this patient's.")
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[Document]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("documents", after)
        context = info.context
        patient = None if patient_id is None else ids.find(PatientId, patient_id)
        if patient is None and patient_id is not None:
            raise BadInput("patientId is not the id of a patient.")
        # Not context.act, which has all other fields of this query look anew.
        found = await context.services.act(
            lambda work: records.list_shared(
                work,
                context.viewer,
                patient_id=None if patient is None else PatientId(patient),
                after=None if key is None else DocumentId(paging.key_id(key, 0)),
                first=wanted,
            ),
            viewer=context.viewer,
        )
        nodes = [(paging.show_cursor("documents", each.id), Document.of(each)) for each in found]
        return paging.connection(nodes, first=wanted, after=after)

    @strawberry.field(
        description=(
            "What other doctors have written of visits of a patient who shares the whole record"
            " with this one, or whom he sees in an emergency: every version, the latest first. The"
            " patient sees that each of them was read."
        )
    )
    async def shared_notes(
        self,
        info: Info,
        patient_id: Annotated[strawberry.ID, strawberry.argument(description="Whose visits.")],
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[VisitNote]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("notes", after)
        context, patient = info.context, ids.find(PatientId, patient_id)
        if patient is None:
            raise BadInput("patientId is not the id of a patient.")
        # Not context.act, which has all other fields of this query look anew.
        found = await context.services.act(
            lambda work: visit_notes.list_shared(
                work,
                context.viewer,
                PatientId(patient),
                after=None if key is None else VisitNoteId(paging.key_id(key, 0)),
                first=wanted,
            ),
            viewer=context.viewer,
        )
        nodes = [(paging.show_cursor("notes", e.note.id), VisitNote.of(e)) for e in found]
        return paging.connection(nodes, first=wanted, after=after)

    @strawberry.field(
        description=(
            "Certificates and prescriptions that this doctor has issued and that no patient hides,"
            " the latest first. Each patient among them sees that they were listed."
        )
    )
    async def issued_documents(
        self,
        info: Info,
        signature: Annotated[
            Signature | None, strawberry.argument(description="Only those that stand so.")
        ] = None,
        first: paging.First = 20,
        after: paging.After = None,
    ) -> Connection[Document]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("documents", after)
        context = info.context
        # Not context.act, which has all other fields of this query look anew.
        found = await context.services.act(
            lambda work: issuing.list_issued(
                work,
                context.viewer,
                signature=signature,
                after=None if key is None else DocumentId(paging.key_id(key, 0)),
                first=wanted,
            ),
            viewer=context.viewer,
        )
        nodes = [(paging.show_cursor("documents", each.id), Document.of(each)) for each in found]
        return paging.connection(nodes, first=wanted, after=after)
