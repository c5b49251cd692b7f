"""Two servers, one thing after the other goes wrong, and nobody is told what does not hold.

Clients keep a ledger of what they were told; at the end rows are compared with it. `./dev chaos 1`
has each fault once, in some three minutes; `./dev chaos` goes on for half an hour.
"""

import asyncio
import logging
import os
import re
import statistics
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest

from embedded import seaweed
from embedded.postgres import Postgres
from tests.chaos.clients import REQUEST
from tests.chaos.storm import faults, people
from tests.chaos.storm.cluster import Cluster
from tests.chaos.storm.people import Doctor, Listener, Patient

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
    pytest.mark.skipif("HEALTHMED_STORM_SECONDS" not in os.environ, reason="./dev chaos runs it"),
]

log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)

SECONDS = float(os.environ.get("HEALTHMED_STORM_SECONDS", "0"))  # at least; each fault comes once
DOCTORS, PATIENTS = 3, 9
HEARD_IN = 60.0  # seconds after the last act
CALM = 1.5  # seconds between two faults, once all is ready again


async def test_nothing_that_was_told_is_lost_or_doubled_whatever_fails(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    with Postgres(folder / "postgres") as postgres:
        async with Cluster.up(folder, postgres) as cluster:
            doctors = [await people.register_doctor(cluster, n) for n in range(DOCTORS)]
            patients = [await people.register_patient(cluster) for _ in range(PATIENTS)]
            free = [slot for trio in zip(*(d.slots for d in doctors), strict=True) for slot in trio]
            over = asyncio.Event()
            hearing = [asyncio.create_task(p.listener.run()) for p in (*doctors, *patients)]
            answering = [asyncio.create_task(doctor.live()) for doctor in doctors]
            booking = [asyncio.create_task(patient.live(free, over)) for patient in patients]
            try:
                recovered = await _storm(cluster, patients, booking)
                over.set()
                await asyncio.gather(*booking)
                await _each_key_gives_the_same_again(patients)
                connection = await asyncpg.connect(postgres.url())
                await _hear_to_the_end(connection, doctors, patients)
                await _rows_are_as_was_told(connection, doctors, patients)
                await connection.close()
            finally:
                for task in (*hearing, *answering, *booking):
                    task.cancel()
                await asyncio.gather(*hearing, *answering, *booking, return_exceptions=True)
    with capsys.disabled():
        print(_told(recovered, doctors, patients))  # noqa: T201  # for people


async def _storm(
    cluster: Cluster, patients: list[Patient], booking: list[asyncio.Task[None]]
) -> dict[str, list[float]]:
    """Of each fault: how long each patient was without an answer, in seconds."""
    recovered: dict[str, list[float]] = {}
    began = time.monotonic()
    while True:
        for fault in faults.FAULTS:
            await cluster.whole()
            await asyncio.sleep(CALM)
            struck = time.monotonic()
            await fault(cluster)
            await cluster.whole()
            await _all_go_on(patients, booking)
            gaps = [_longest_gap(patient.line.succeeded, struck) for patient in patients]
            recovered.setdefault(fault.__name__, []).extend(gaps)
            log.info("%s: %.1f s, at most", fault.__name__.replace("_", " "), max(gaps))
        if time.monotonic() - began > SECONDS:
            return recovered


async def _all_go_on(patients: list[Patient], booking: list[asyncio.Task[None]]) -> None:
    """Return when each of them has had an answer since now."""
    since = time.monotonic()
    async with asyncio.timeout(people.LONGEST):
        while not all(p.line.succeeded and p.line.succeeded[-1] > since for p in patients):
            for task in booking:
                if task.done():
                    task.result()
            await asyncio.sleep(0.05)


def _longest_gap(succeeded: list[float], since: float) -> float:
    moments = [since, *(moment for moment in succeeded if moment > since)]
    return max(later - earlier for earlier, later in pairwise(moments))


async def _each_key_gives_the_same_again(patients: list[Patient]) -> None:
    for patient in patients:
        for key, slot in list(patient.slots.items())[-20:]:
            answer = await patient.line.act(REQUEST, slot=slot, key=key)
            again = answer["appointment"]["id"] if answer["appointment"] else None
            assert again == patient.given.get(key)


async def _hear_to_the_end(
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


async def _rows_are_as_was_told(
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
    active = Counter(row["slot_id"] for row in rows if row["status"] in ("REQUESTED", "CONFIRMED"))
    assert max(active.values()) == 1


def _told(recovered: dict[str, list[float]], doctors: list[Doctor], patients: list[Patient]) -> str:
    given = sum(len(patient.given) for patient in patients)
    lines = sum(person.listener.lines for person in (*doctors, *patients))
    heard = sum(len(person.listener.heard) for person in (*doctors, *patients))
    anew = sum(person.listener.resyncs for person in (*doctors, *patients))
    told = [f"\n{given} appointments, {heard} events on {lines} lines, {anew} times read anew"]
    told.append("without an answer for")
    for name, gaps in recovered.items():
        p99 = statistics.quantiles(gaps, n=100, method="inclusive")[98]
        words = name.replace("_", " ")
        told.append(f"  {words:<32} median {statistics.median(gaps):5.1f} s   p99 {p99:5.1f} s")
    strange = Counter(code for person in (*doctors, *patients) for code in person.line.strange)
    return "\n".join([*told, f"  other errors: {dict(strange) or 'none'}"])
