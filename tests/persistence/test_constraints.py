"""What must hold between two transactions holds in the database too, whatever the code does."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from domain.appointments import ACTIVE, AppointmentStatus
from domain.records import DocumentStatus
from tests import make
from tests.make import NOW, TOMORROW
from tests.server import LocalServer

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
ENDED = [status for status in AppointmentStatus if status not in ACTIVE]


class Raw:
    """Rows by plain SQL: no use case and no ON CONFLICT looks after them."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server

    async def put(self, table, **values):
        names, numbers = ", ".join(values), ", ".join(f"${n + 1}" for n in range(len(values)))
        await self._server.fetch(
            f"INSERT INTO {table} ({names}) VALUES ({numbers})", *values.values()
        )
        return values["id"]

    async def forget(self, table, doctor):
        await self._server.fetch(f"DELETE FROM {table} WHERE doctor_id = $1", doctor.id)

    async def slot(self, doctor, starts_at=TOMORROW, length=HOUR, **given):
        times = {"starts_at": starts_at, "ends_at": starts_at + length}
        values = {"id": uuid4(), "doctor_id": doctor.id, **times, "status": "OPEN"}
        return await self.put("slot", **(values | given))

    async def appointment(self, doctor, patient, slot_id, starts_at=TOMORROW, **given):
        values = {
            "id": uuid4(),
            "version": 1,
            "status": "REQUESTED",
            "doctor_id": doctor.id,
            "patient_id": patient.id,
            "slot_id": slot_id,
            "starts_at": starts_at,
            "ends_at": starts_at + HOUR,
            "respond_by": starts_at,
            "consented_at": NOW,
            "requested_at": NOW,
        }
        return await self.put("appointment", **(values | given))


@pytest.fixture
def raw(server: LocalServer) -> Raw:
    return Raw(server)


@pytest.fixture
async def people(server: LocalServer):
    """Two doctors and two patients."""
    found = make.doctor(), make.doctor(), make.patient(), make.patient()
    await server.given(*found)
    return found


def broken(error, constraint):
    """The block breaks this constraint, and no other."""
    return pytest.raises(error, match=f'"{constraint}"')


# ------------------------------------------------------------------------ slots

NO_OVERLAP = "slots_of_a_doctor_never_overlap"


@pytest.mark.parametrize(
    "second",
    [
        (TOMORROW, HOUR),
        (TOMORROW - 59 * MINUTE, HOUR),
        (TOMORROW + 59 * MINUTE, HOUR),
        (TOMORROW + 10 * MINUTE, 10 * MINUTE),
        (TOMORROW - HOUR, 3 * HOUR),
    ],
    ids=["same", "earlier", "later", "within", "around"],
)
@pytest.mark.parametrize("status", ["OPEN", "BOOKED"])
async def test_slots_of_a_doctor_never_overlap(server, raw, people, second, status):
    doctor, *_ = people
    await raw.slot(doctor, status=status)

    with broken(asyncpg.ExclusionViolationError, NO_OVERLAP):
        await raw.slot(doctor, *second)

    rows = await server.fetch("SELECT FROM slot WHERE doctor_id = $1", doctor.id)
    assert len(rows) == 1


async def test_slots_may_adjoin_and_those_withdrawn_or_of_others_are_in_nobodys_way(raw, people):
    doctor, other, *_ = people
    await raw.slot(doctor)

    await raw.slot(doctor, TOMORROW - HOUR)
    await raw.slot(doctor, TOMORROW + HOUR)
    await raw.slot(doctor, status="WITHDRAWN")
    await raw.slot(other)


async def test_a_withdrawn_slot_does_not_come_back_over_another(server, raw, people):
    doctor, *_ = people
    await raw.slot(doctor)
    withdrawn = await raw.slot(doctor, status="WITHDRAWN")

    with broken(asyncpg.ExclusionViolationError, NO_OVERLAP):
        await server.fetch("UPDATE slot SET status = 'OPEN' WHERE id = $1", withdrawn)


@pytest.mark.parametrize(
    ("given", "constraint"),
    [
        ({"status": "GONE"}, "slot_status"),
        ({"ends_at": TOMORROW}, "slot_takes_time"),
        ({"status": "HELD"}, "slot_held_by_one"),
        ({"held_by": "ana"}, "slot_held_by_one"),
        ({"lapses_at": NOW}, "slot_lapses"),
        ({"status": "WITHDRAWN", "lapses_at": NOW}, "slot_lapses"),
    ],
)
async def test_a_slot_makes_sense(raw, people, given, constraint):
    doctor, _, ana, _ = people
    given = {name: ana.id if value == "ana" else value for name, value in given.items()}

    with broken(asyncpg.CheckViolationError, constraint):
        await raw.slot(doctor, **given)


# ----------------------------------------------------------------- appointments


@pytest.mark.parametrize("status", ACTIVE)
async def test_active_appointments_of_a_doctor_never_overlap(raw, people, status):
    doctor, _, ana, bruno = people
    first = await raw.slot(doctor)
    second = await raw.slot(doctor, TOMORROW + HOUR)
    await raw.appointment(doctor, ana, first, status=status)

    with broken(asyncpg.ExclusionViolationError, "appointments_of_a_doctor_never_overlap"):
        await raw.appointment(doctor, bruno, second, TOMORROW + 59 * MINUTE)

    await raw.appointment(doctor, bruno, second, TOMORROW + HOUR)


@pytest.mark.parametrize("status", ACTIVE)
async def test_active_appointments_of_a_patient_never_overlap(raw, people, status):
    doctor, other, ana, _ = people
    first, second = await raw.slot(doctor), await raw.slot(other)
    await raw.appointment(doctor, ana, first, status=status)

    with broken(asyncpg.ExclusionViolationError, "appointments_of_a_patient_never_overlap"):
        await raw.appointment(other, ana, second)

    await raw.appointment(other, ana, second, TOMORROW + HOUR)


async def test_a_slot_has_one_active_appointment(raw, people):
    doctor, _, ana, bruno = people
    slot = await raw.slot(doctor)
    await raw.appointment(doctor, ana, slot)

    with broken(asyncpg.UniqueViolationError, "a_slot_has_one_active_appointment"):
        await raw.appointment(doctor, bruno, slot, TOMORROW + 5 * HOUR)


@pytest.mark.parametrize("status", ENDED)
async def test_an_appointment_that_has_ended_is_in_nobodys_way(server, raw, people, status):
    doctor, _, ana, _ = people
    slot = await raw.slot(doctor)
    ended = await raw.appointment(doctor, ana, slot, status=status)

    await raw.appointment(doctor, ana, slot)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await server.fetch("UPDATE appointment SET status = 'CONFIRMED' WHERE id = $1", ended)


@pytest.mark.parametrize(
    ("given", "constraint"),
    [
        ({"status": "LOST"}, "appointment_status"),
        ({"ended_by": "NOBODY"}, "appointment_ended_by"),
        ({"ends_at": TOMORROW}, "appointment_takes_time"),
        ({"respond_by": TOMORROW + MINUTE}, "appointment_answered_before_start"),
    ],
)
async def test_an_appointment_makes_sense(raw, people, given, constraint):
    doctor, _, ana, _ = people
    slot = await raw.slot(doctor)

    with broken(asyncpg.CheckViolationError, constraint):
        await raw.appointment(doctor, ana, slot, **given)


@pytest.mark.parametrize("stars", [0, 6])
async def test_a_review_has_1_to_5_stars_and_there_is_one(raw, people, stars):
    doctor, _, ana, _ = people
    appointment = await raw.appointment(doctor, ana, await raw.slot(doctor), status="COMPLETED")
    review = {"appointment_id": appointment, "doctor_id": doctor.id, "reviewed_on": NOW.date()}

    with broken(asyncpg.CheckViolationError, "stars"):
        await raw.put("review", id=uuid4(), stars=stars, **review)

    await raw.put("review", id=uuid4(), stars=5, **review)
    with broken(asyncpg.UniqueViolationError, "uq_review_appointment_id"):
        await raw.put("review", id=uuid4(), stars=5, **review)


# ----------------------------------------------------------------------- people


async def test_a_crm_an_email_and_a_cpf_are_registered_once(server, people):
    doctor, other, ana, bruno = people
    copied = "UPDATE {0} SET {1} = (SELECT {1} FROM {0} WHERE id = $1) WHERE id = $2"

    with broken(asyncpg.UniqueViolationError, "a_crm_is_registered_once"):
        await server.fetch(copied.format("doctor", "crm"), doctor.id, other.id)
    with broken(asyncpg.UniqueViolationError, "a_patients_email_is_his_alone"):
        await server.fetch(copied.format("account", "email_hash"), ana.id, bruno.id)
    with broken(asyncpg.UniqueViolationError, "uq_patient_cpf_hash"):
        await server.fetch(copied.format("patient", "cpf_hash"), ana.id, bruno.id)


# ---------------------------------------------------------------------- records


async def test_of_two_people_one_request_for_access_waits_at_a_time(raw, people):
    doctor, other, ana, bruno = people
    times = {"requested_at": NOW, "expires_at": NOW + HOUR}

    async def ask(doctor, patient, **given):
        plain = {"id": uuid4(), "doctor_id": doctor.id, "patient_id": patient.id, "message": b""}
        return await raw.put("access_request", **(plain | times | given))

    await ask(doctor, ana)
    overlapping = {"requested_at": NOW + HOUR - MINUTE, "expires_at": NOW + 2 * HOUR}
    with broken(asyncpg.ExclusionViolationError, "one_request_of_these_two_waits"):
        await ask(doctor, ana, **overlapping)
    await ask(doctor, ana, **overlapping, answered_at=NOW)
    await ask(doctor, ana, requested_at=NOW + HOUR, expires_at=NOW + 2 * HOUR)
    await ask(doctor, bruno)
    await ask(other, ana)


async def test_of_two_people_one_emergency_is_open_at_a_time(raw, people):
    doctor, _, ana, _ = people
    visit = await raw.appointment(doctor, ana, await raw.slot(doctor))
    ids = {"doctor_id": doctor.id, "patient_id": ana.id, "appointment_id": visit}

    async def open_(**times):
        await raw.put("emergency_access", id=uuid4(), reason=b"", **ids, **times)

    await open_(opened_at=NOW, ends_at=NOW + HOUR)
    with broken(asyncpg.ExclusionViolationError, "one_emergency_of_these_two_is_open"):
        await open_(opened_at=NOW + HOUR - MINUTE, ends_at=NOW + 2 * HOUR)
    await open_(opened_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    with broken(asyncpg.CheckViolationError, "a_review_is_by_somebody_who_says_something"):
        later = {"opened_at": NOW + 5 * HOUR, "ends_at": NOW + 6 * HOUR}
        await open_(**later, reviewed_at=NOW, reviewed_by=uuid4())
    await raw.forget("emergency_access", doctor)  # administrators read those of all, and open them


@pytest.mark.parametrize("missing", ["consent_version", "consent_language", "consent_sha256"])
async def test_a_consent_is_to_a_text_or_to_none(raw, people, missing):
    doctor, other, ana, bruno = people
    text = {"consent_version": "1", "consent_language": "en", "consent_sha256": "00"}

    await raw.appointment(doctor, ana, await raw.slot(doctor), **text)
    slot = await raw.slot(other)
    with broken(asyncpg.CheckViolationError, "an_appointments_consent_is_to_a_text"):
        await raw.appointment(other, bruno, slot, **(text | {missing: None}))


async def test_a_side_of_an_appointment_has_one_device_check(raw, people):
    doctor, _, ana, _ = people
    visit = await raw.appointment(doctor, ana, await raw.slot(doctor))
    fine = dict.fromkeys(("camera", "microphone", "speaker"), "OK") | {"network": "GOOD"}

    async def check(party, **given):
        plain = {"id": uuid4(), "appointment_id": visit, "party": party, "checked_at": NOW}
        await raw.put("device_check", **(plain | fine | given))

    await check("DOCTOR")
    with broken(asyncpg.UniqueViolationError, "a_side_has_one_device_check"):
        await check("DOCTOR")
    with broken(asyncpg.CheckViolationError, "device_check_party"):
        await check("SYSTEM")
    with broken(asyncpg.CheckViolationError, "device_check_network"):
        await check("PATIENT", network="OK")
    await check("PATIENT")


async def test_of_two_people_one_visit_in_person_is_asked_for_at_a_time(raw, people):
    doctor, other, ana, bruno = people
    answer = {"answered_at": NOW, "accepted": False, "answer": b""}

    async def ask(doctor, patient, **given):
        plain = {"id": uuid4(), "doctor_id": doctor.id, "patient_id": patient.id, "message": b""}
        return await raw.put("in_person_request", **(plain | {"asked_at": NOW} | given))

    await ask(doctor, ana)
    with broken(asyncpg.UniqueViolationError, "one_visit_in_person_of_these_two_is_asked_for"):
        await ask(doctor, ana)
    await ask(doctor, bruno)
    await ask(other, ana)
    await ask(doctor, ana, **answer)
    await ask(doctor, ana, withdrawn_at=NOW)
    with broken(asyncpg.CheckViolationError, "what_is_answered_is_not_withdrawn"):
        await ask(doctor, ana, **answer, withdrawn_at=NOW)
    for missing in answer:
        with broken(asyncpg.CheckViolationError, "who_answers_says_whether_and_why"):
            await ask(other, bruno, **(answer | {missing: None}))


@pytest.mark.parametrize("missing", ["appointment_id", "opens_before", "lasts_after"])
async def test_a_share_for_an_appointment_knows_when_it_is_good(raw, people, missing):
    doctor, _, ana, _ = people
    visit = await raw.appointment(doctor, ana, await raw.slot(doctor))
    share = {"patient_id": ana.id, "doctor_id": doctor.id, "includes_future": True}
    share |= {"valid_from": NOW, "valid_until": NOW + HOUR}
    bound = {"appointment_id": visit, "opens_before": HOUR, "lasts_after": HOUR}

    await raw.put("share", id=uuid4(), **share, **bound)
    with broken(asyncpg.CheckViolationError, "a_share_for_an_appointment_has_its_times"):
        await raw.put("share", id=uuid4(), **share, **(bound | {missing: None}))


async def test_a_share_ends_after_it_begins(raw, people):
    doctor, _, ana, _ = people
    share = {"patient_id": ana.id, "doctor_id": doctor.id, "includes_future": True}

    for until in (NOW, NOW - MINUTE):
        with broken(asyncpg.CheckViolationError, "a_share_lasts"):
            await raw.put("share", id=uuid4(), **share, valid_from=NOW, valid_until=until)


@pytest.mark.parametrize("status", ["AVAILABLE", "HIDDEN"])
@pytest.mark.parametrize("missing", ["version", "uploaded_at"])
async def test_what_is_here_has_been_looked_into(server, people, status, missing):
    _, _, ana, _ = people
    await server.given(document := make.document(ana, status=DocumentStatus.UPLOADING))
    change = f"UPDATE document SET status = $2, {missing} = NULL WHERE id = $1"

    with broken(asyncpg.CheckViolationError, "what_is_here_has_been_looked_into"):
        await server.fetch(change, document.id, status)


# -------------------------------------------------------------------- audit log


@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET action = 'Nothing'", "DELETE FROM audit_entry"]
)
async def test_the_audit_log_is_append_only(server, people, change):
    doctor, *_ = people
    query = 'mutation { updateDoctor(input: {name: "Helena Dias"}) { problems { code } } }'
    await server.ask(query, doctor)
    entries = "SELECT * FROM audit_entry WHERE user_id = $1"
    before = await server.fetch(entries, doctor.id)

    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await server.fetch(f"{change} WHERE user_id = $1", doctor.id)

    assert len(before) == 1
    assert await server.fetch(entries, doctor.id) == before


async def test_the_audit_log_cannot_be_emptied(server, people):
    doctor, *_ = people
    await server.ask(
        'mutation { updateDoctor(input: {name: "Helena Dias"}) { problems { code } } }', doctor
    )

    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await server.fetch("TRUNCATE audit_entry")

    assert await server.fetch("SELECT FROM audit_entry WHERE user_id = $1", doctor.id)
