"""What is kept of a patient, read whole: for himself, and nobody else."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from domain.audit import AuditEntry
from domain.belongings import Belongings, HashedAccess
from domain.consultations import Consultation
from domain.ids import AppointmentId, AuditEntryId, DocumentId, PatientId, ShareId, UserId
from domain.second_factor import Protection
from persistence.access_requests import AccessRequestTable
from persistence.accesses import LOGGED, logged
from persistence.accounts import AccountTable
from persistence.appointments import AppointmentTable
from persistence.audit import ENTRIES, entry
from persistence.calendar_feeds import CalendarFeedTable
from persistence.consultations import ConsultationTable
from persistence.crypto import Vault
from persistence.database import Connection, Pool
from persistence.device_checks import DeviceCheckTable
from persistence.doctors import DoctorTable, ReviewTable
from persistence.emergencies import EmergencyAccessTable
from persistence.exports import RecordExportTable
from persistence.in_person_requests import InPersonRequestTable
from persistence.papers import PaperTable
from persistence.passkeys import PasskeyTable
from persistence.patients import PatientTable
from persistence.records import DocumentTable
from persistence.row_security import SAY, own
from persistence.second_factor import SecondFactorTable
from persistence.sessions import SessionTable
from persistence.shares import ShareTable
from persistence.slots import SlotTable
from persistence.visit_notes import VisitNoteTable

T = TypeVar("T")

_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_OF_PATIENT = "patient_id = $1 ORDER BY id"


class PostgresHolder:
    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool, self._vault = pool, vault

    async def all_of(self, patient_id: PatientId, /) -> Belongings:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_ONE_MOMENT)
            await connection.execute(SAY, str(patient_id))
            return await self._read(connection, patient_id)

    async def _read(self, connection: Connection, id: PatientId) -> Belongings:
        given = (connection, self._vault)
        appointments = await AppointmentTable(*given).where(_OF_PATIENT, id)
        in_person_requests = await InPersonRequestTable(*given).where(_OF_PATIENT, id)
        doctor_ids = {each.doctor_id for each in appointments}
        doctor_ids |= {each.doctor_id for each in in_person_requests}
        doctors = await DoctorTable(*given).where("id = ANY($1)", list(doctor_ids))
        ids = [appointment.id for appointment in appointments]
        consultations = defaultdict[AppointmentId, list[Consultation]](list)
        for each in await ConsultationTable(*given).where(
            "appointment_id = ANY($1) ORDER BY id", ids
        ):
            consultations[each.appointment_id].append(each)
        reviews = await ReviewTable(*given).where("appointment_id = ANY($1)", ids)
        checks = await DeviceCheckTable(*given).of(ids)
        shared = defaultdict[ShareId, list[DocumentId]](list)
        for record in await connection.fetch(
            "SELECT share_id, document_id FROM share_document JOIN share ON share.id = share_id"
            " WHERE patient_id = $1 ORDER BY share_id, document_id",
            id,
        ):
            shared[record["share_id"]].append(record["document_id"])
        return Belongings(
            at=await connection.fetchval("SELECT now()"),
            patient=_only(await PatientTable(*given).where("id = $1", id)),
            account=_only(await AccountTable(*given).where("id = $1", id)),
            sessions=await SessionTable(*given).where("user_id = $1 ORDER BY id", id),
            protection=await self._protection(connection, id),
            passkeys=await PasskeyTable(*given).of(UserId(id)),
            calendar_feed=await CalendarFeedTable(*given).first("user_id = $1", id),
            appointments=appointments,
            consultations=consultations,
            reviews={review.appointment_id: review for review in reviews},
            device_checks=checks,
            doctors={doctor.id: doctor for doctor in doctors},
            held=await SlotTable(*given).where("held_by = $1 ORDER BY id", id),
            documents=await DocumentTable(*given).where(_OF_PATIENT, id),
            papers=await PaperTable(*given).where(_OF_PATIENT, id),
            notes=await VisitNoteTable(*given).where(_OF_PATIENT, id),
            shares=await ShareTable(*given).where(_OF_PATIENT, id),
            shared=shared,
            access_requests=await AccessRequestTable(*given).where(_OF_PATIENT, id),
            in_person_requests=in_person_requests,
            emergencies=await EmergencyAccessTable(*given).where(_OF_PATIENT, id),
            exports=await RecordExportTable(*given).where(_OF_PATIENT, id),
            accesses=await connection.fetchval(
                "SELECT coalesce(max(number), 0) FROM record_access WHERE patient_id = $1", id
            ),
        )

    async def _protection(self, connection: Connection, id: PatientId) -> Protection | None:
        factor = await SecondFactorTable(connection, self._vault).get(id)
        if factor is None or factor.enabled_at is None:
            return None
        left = await connection.fetchval(
            "SELECT count(*) FROM recovery_code WHERE second_factor_id = $1", id
        )
        return Protection(enabled_at=factor.enabled_at, recovery_codes_left=left)

    async def accesses(
        self, patient_id: PatientId, /, *, after: int, until: int, limit: int
    ) -> Sequence[HashedAccess]:
        records = await self._pool.fetch(
            own(
                f"{LOGGED} WHERE entry.patient_id = me.viewer"
                " AND entry.number > $2 AND entry.number <= $3 ORDER BY entry.number LIMIT $4"
            ),
            patient_id,
            after,
            until,
            limit,
        )
        return [
            HashedAccess(logged=logged(record, self._vault), hash=record["hash"])
            for record in records
        ]

    async def acts(
        self, user_id: UserId, /, *, after: AuditEntryId | None, until: datetime, limit: int
    ) -> Sequence[AuditEntry]:
        records = await self._pool.fetch(
            f"{ENTRIES} WHERE user_id = $1 AND ($2::uuid IS NULL OR id > $2) AND at <= $3"
            " ORDER BY id LIMIT $4",
            user_id,
            after,
            until,
            limit,
        )
        return [entry(record) for record in records]


def _only(found: Sequence[T]) -> T:
    [one] = found
    return one
