"""What people were told, against what is: answers, events and rows have to agree."""

import asyncio
import re
import time
from collections import Counter

import asyncpg

from tests.chaos.clients import REQUEST
from tests.chaos.storm.people import Doctor, Listener, Patient

STANDING = {"REQUESTED", "CONFIRMED", "DECLINED", "CANCELLED"}  # it is days before anything lapses
HEARD_IN = 60.0  # seconds after the last act


async def agrees(url: str, doctors: list[Doctor], patients: list[Patient]) -> None:
    """Fails the test if it does not: nothing lost, nothing doubled. `url`: of the database."""
    await each_key_gives_the_same_again(patients)
    connection = await asyncpg.connect(url)
    try:
        await hear_to_the_end(connection, doctors, patients)
        await rows_are_as_was_told(connection, doctors, patients)
    finally:
        await connection.close()


async def each_key_gives_the_same_again(patients: list[Patient]) -> None:
    async def repeat(patient: Patient) -> None:
        for key, slot in list(patient.slots.items())[-20:]:
            answer = await patient.line.act(REQUEST, slot=slot, key=key)
            again = answer["appointment"]["id"] if answer["appointment"] else None
            assert again == patient.given.get(key)

    await asyncio.gather(*map(repeat, patients))


async def hear_to_the_end(
    connection: asyncpg.Connection, doctors: list[Doctor], patients: list[Patient]
) -> None:
    """Each has heard what the log has of him, in its order, and nothing twice; but for what lay
    before he was told to read anew, which he has read.
    """
    for person, column in (
        *((doctor, "doctor_id") for doctor in doctors),
        *((patient, "patient_id") for patient in patients),
    ):
        log = await _logged(connection, column, person.id)
        deadline = time.monotonic() + HEARD_IN
        ear = person.listener
        while _missed(ear, log) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
            log = await _logged(connection, column, person.id)
        assert _missed(ear, log) == []
        assert not Counter(ear.heard) - Counter(log)  # nothing twice, nothing of others
        for appointment in {appointment for appointment, _ in ear.heard} - ear.read.keys():
            assert _of(appointment, ear.heard) == _of(appointment, log)


def _missed(ear: Listener, log: list[tuple[str, str]]) -> list[tuple[str, str]]:
    missed = Counter(log) - Counter(ear.heard)
    return [event for event in missed if event[0] not in ear.read]


def _of(appointment: str, events: list[tuple[str, str]]) -> list[str]:
    return [kind for about, kind in events if about == appointment]


async def _logged(connection: asyncpg.Connection, column: str, id: str) -> list[tuple[str, str]]:
    rows = await connection.fetch(
        f"SELECT name, appointment_id FROM event WHERE {column} = $1 AND name LIKE 'Appointment%'"
        " ORDER BY tx, row",
        id.partition("_")[2],
    )
    return [(f"appointment_{row['appointment_id']}", _shown(row["name"])) for row in rows]


def _shown(kind: str) -> str:
    """As clients are told it: AppointmentNoShow is NO_SHOW."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.removeprefix("Appointment")).upper()


async def rows_are_as_was_told(
    connection: asyncpg.Connection, doctors: list[Doctor], patients: list[Patient]
) -> None:
    rows = await connection.fetch("SELECT id, slot_id, patient_id, status FROM appointment")
    found = {f"appointment_{row['id']}": row for row in rows}
    given = [appointment for patient in patients for appointment in patient.given.values()]
    assert len(given) == len(set(given))
    assert set(given) == set(found)  # none lost, none that nobody was told of
    for patient in patients:
        for key, appointment in patient.given.items():
            assert f"slot_{found[appointment]['slot_id']}" == patient.slots[key]
            assert f"patient_{found[appointment]['patient_id']}" == patient.id
        for appointment in patient.called_off:
            assert found[appointment]["status"] == "CANCELLED"
    for doctor in doctors:
        for appointment in doctor.accepted:
            assert found[appointment]["status"] in ("CONFIRMED", "CANCELLED")
        for appointment in doctor.declined:
            assert found[appointment]["status"] == "DECLINED"
    assert {row["status"] for row in rows} <= STANDING
    active = Counter(row["slot_id"] for row in rows if row["status"] in ("REQUESTED", "CONFIRMED"))
    assert max(active.values()) == 1
