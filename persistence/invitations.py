"""Whom invitations go to: both sides of an appointment, in one statement."""

from collections.abc import Sequence

from domain.accounts import Language
from domain.ids import DoctorId, PatientId
from domain.mail import Named, Reader
from persistence.crypto import Vault, place
from persistence.database import Connection

# Whoever has no CRM is the patient, and comes first.
_READERS = """
SELECT account.id, account.email, account.language, side.time_zone, side.crm
FROM (
  SELECT id, time_zone, NULL AS crm FROM patient WHERE id = $1 AND erased_at IS NULL
  UNION ALL
  SELECT id, time_zone, crm || '/' || uf FROM doctor WHERE id = $2
) AS side JOIN account ON account.id = side.id
ORDER BY side.crm NULLS FIRST
"""


class ReaderTable:
    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    async def of(self, patient_id: PatientId, doctor_id: DoctorId, /) -> Sequence[Reader]:
        return [
            Reader(
                email=self._vault.open(row["email"], place("account", "email", row["id"])),
                language=Language(row["language"]),
                time_zone=row["time_zone"],
                named=Named(crm=row["crm"]),
            )
            for row in await self._connection.fetch(_READERS, patient_id, doctor_id)
        ]
