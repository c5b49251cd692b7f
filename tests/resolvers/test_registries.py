"""A registry that is out of reach keeps nobody from joining, and is asked again."""

import asyncio
import logging
from datetime import timedelta
from uuid import uuid4

import pytest

from domain import checks, doctors, patients
from domain.checks import AT_ONCE, Checks
from domain.doctors import DoctorStatus
from domain.patients import CpfStanding
from domain.registries import RegistryUnreachable
from tests import make
from tests.make import NOW
from tests.registry import RegistryServer, serving
from tests.resolvers.appointments import REQUEST
from tests.resolvers.test_accounts import (
    REGISTER_PATIENT,
    UPDATE_DOCTOR,
    at_fault,
    patient_form,
    registered_doctor,
    registered_patient,
    sign_in_doctor,
)
from tests.resolvers.test_holds import HOLD
from tests.server import LocalServer, gid

MINUTE = timedelta(minutes=1)
REGULAR, VOID = {"standing": "REGULAR"}, {"standing": "CANCELLED"}
VERIFIED, PENDING = {"status": "VERIFIED"}, {"status": "PENDING"}
DOWN = 503
SAYS = "SELECT cpf_standing FROM patient WHERE 'patient_' || id = $1"
STATUS = "SELECT status FROM doctor WHERE 'doctor_' || id = $1"
WAITING = "SELECT due_at FROM unchecked_number WHERE $1 LIKE '%' || id"


@pytest.fixture
async def cpfs():
    async with serving(RegistryServer(usual=REGULAR)) as it:
        yield it


@pytest.fixture
async def crms():
    async with serving(RegistryServer(usual=VERIFIED)) as it:
        yield it


@pytest.fixture
async def server(database_url, keys_file, cpfs, crms):
    asked = {"cpf_registry_url": cpfs.url, "crm_registry_url": crms.url}
    async with LocalServer.run(database_url, keys_file, **asked) as it:
        await it.fetch("DELETE FROM unchecked_number")  # of other tests
        yield it


async def value(server: LocalServer, statement: str, who):
    """In the one row about them; None if there is none."""
    rows = await server.fetch(statement, who["id"])
    return rows[0][0] if rows else None


# ----------------------------------------------------------------------- joining


async def test_who_joins_has_his_number_asked_about(server, cpfs, crms):
    form, patient = await registered_patient(server)
    doctor_form, doctor = await registered_doctor(server)

    assert cpfs.asked == [{"cpf": form["cpf"]}]
    assert crms.asked == [{"crm": doctor_form["crm"], "uf": "SP"}]
    assert await value(server, SAYS, patient) == CpfStanding.VALID
    assert await value(server, STATUS, doctor) == DoctorStatus.VERIFIED
    assert await server.fetch("SELECT FROM unchecked_number") == []


async def test_whose_cpf_is_void_does_not_join(server, cpfs):
    cpfs.usual = VOID
    before = await server.counts()

    payload = await server.ask(REGISTER_PATIENT, input=patient_form())

    assert payload["patient"] is None
    assert at_fault(payload) == {"cpf": "INVALID"}
    assert await server.counts() == before


async def test_nobody_asks_about_a_form_that_is_refused_anyway(server, cpfs):
    await server.ask(REGISTER_PATIENT, input=patient_form(name=""))

    assert cpfs.asked == []


async def test_a_void_cpf_is_refused_where_addresses_are_to_be_confirmed_too(
    database_url, keys_file, cpfs
):
    cpfs.usual = VOID
    asked = {"cpf_registry_url": cpfs.url, "confirm_email": True}
    async with LocalServer.run(database_url, keys_file, **asked) as server:
        payload = await server.ask(REGISTER_PATIENT, input=patient_form())

    assert at_fault(payload) == {"cpf": "INVALID"}


async def test_who_joins_while_the_registry_is_down_is_checked_when_it_is_back(server, cpfs):
    cpfs.usual = DOWN
    _, patient = await registered_patient(server)
    assert await value(server, SAYS, patient) is None
    cpfs.usual = REGULAR
    assert await server.app.checks.ask_due() == 0  # too soon
    server.now = NOW + MINUTE

    assert await server.app.checks.ask_due() == 1

    assert await value(server, SAYS, patient) == CpfStanding.VALID
    assert await value(server, WAITING, patient) is None
    assert await server.app.checks.ask_due() == 0


async def test_a_doctor_who_joins_while_the_registry_is_down_is_verified_when_it_is_back(
    server, crms
):
    crms.usual = DOWN
    form, doctor = await registered_doctor(server)
    assert await value(server, STATUS, doctor) == DoctorStatus.PENDING
    assert (await sign_in_doctor(server, form))["problems"] == []
    crms.usual = VERIFIED
    server.now = NOW + MINUTE

    assert await server.app.checks.ask_due() == 1

    assert await value(server, STATUS, doctor) == DoctorStatus.VERIFIED
    assert await value(server, WAITING, doctor) is None


async def test_the_server_asks_by_itself(database_url, keys_file, cpfs):
    cpfs.usual = DOWN
    asked = {"cpf_registry_url": cpfs.url, "sweep_every": 0.05}
    async with LocalServer.run(database_url, keys_file, **asked) as server:
        _, patient = await registered_patient(server)
        cpfs.usual = REGULAR
        server.now = NOW + MINUTE

        async with asyncio.timeout(5):
            while await value(server, SAYS, patient) is None:  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.02)


async def test_an_undecided_registry_is_asked_until_it_has_decided(server, crms):
    crms.usual = PENDING
    _, doctor = await registered_doctor(server)
    server.now = NOW + MINUTE
    await server.app.checks.ask_due()
    assert await value(server, STATUS, doctor) == DoctorStatus.PENDING
    crms.usual = {"status": "SUSPENDED"}
    server.now += MINUTE

    await server.app.checks.ask_due()

    assert await value(server, STATUS, doctor) == DoctorStatus.SUSPENDED
    assert await value(server, WAITING, doctor) is None


async def test_whoever_was_decided_on_meanwhile_stays_so(server, crms):
    crms.usual = DOWN
    _, doctor = await registered_doctor(server)
    await server.fetch(
        "UPDATE doctor SET status = 'SUSPENDED' WHERE 'doctor_' || id = $1", doctor["id"]
    )
    crms.usual = VERIFIED
    server.now = NOW + MINUTE

    await server.app.checks.ask_due()

    assert await value(server, STATUS, doctor) == DoctorStatus.SUSPENDED
    assert await value(server, WAITING, doctor) is None


async def test_what_a_doctor_changes_of_himself_does_not_undo_what_the_registry_says(server):
    """His act waits for the one that writes down the status, and takes over what it wrote."""
    doctor = make.doctor(status=DoctorStatus.PENDING)
    await server.given(doctor)

    async def verify(work):
        await doctors.check(work, id=doctor.id, status=DoctorStatus.VERIFIED)
        changing = asyncio.create_task(
            server.ask(UPDATE_DOCTOR, doctor, input={"city": "Campinas"})
        )
        await asyncio.sleep(0.2)
        return changing

    changing = await server.app.works.act(verify)

    assert (await changing)["problems"] == []
    [row] = await server.fetch("SELECT status, city FROM doctor WHERE id = $1", doctor.id)
    assert dict(row) == {"status": "VERIFIED", "city": "Campinas"}


# ----------------------------------------------------------------- once more, once


async def test_the_longer_it_is_away_the_later_it_is_asked(server, cpfs):
    cpfs.usual = DOWN
    _, patient = await registered_patient(server)
    asking = Checks(server.app.works.act, Down(), Down(), lambda: server.now)
    waited = []
    for _ in range(10):
        due = await value(server, WAITING, patient)
        waited.append((due - server.now) // MINUTE)
        server.now = due
        await asking.ask_due()

    assert waited == [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]


class Down:
    """Without a breaker, so that each look asks."""

    async def look_up(self, _, /):
        raise RegistryUnreachable


async def test_of_several_processes_one_asks(server, cpfs):
    cpfs.usual = DOWN
    joined = [await registered_patient(server) for _ in range(3)]
    cpfs.usual, cpfs.asked = REGULAR, []
    server.now = NOW + MINUTE

    answered = await asyncio.gather(*(server.app.checks.ask_due() for _ in range(4)))

    assert sum(answered) == 3
    assert sorted(each["cpf"] for each in cpfs.asked) == sorted(form["cpf"] for form, _ in joined)


async def test_what_a_process_asked_when_it_died_is_asked_again(server, cpfs):
    cpfs.usual = DOWN
    _, patient = await registered_patient(server)
    cpfs.usual = REGULAR
    server.now = NOW + MINUTE
    await server.app.works.act(lambda work: checks.claim(work, at=server.now))
    assert await server.app.checks.ask_due() == 0
    server.now += MINUTE

    assert await server.app.checks.ask_due() == 1

    assert await value(server, SAYS, patient) == CpfStanding.VALID


async def test_so_many_are_asked_about_in_one_go_and_one_that_fails_stops_no_other(server, cpfs):
    people = [make.patient() for _ in range(AT_ONCE + 2)]
    await server.given(*people)
    await server.fetch(
        "INSERT INTO unchecked_number (id, added_at, due_at)"
        " SELECT id, $1, $1 FROM unnest($2::uuid[]) AS given (id)",
        NOW,
        [patient.id for patient in people],
    )
    cpfs.next = [401]

    assert await server.app.checks.ask_due() == AT_ONCE - 1
    assert await server.app.checks.ask_due() == 2


# ------------------------------------------------------------- when it is found out


@pytest.fixture
async def found_out(server):
    """A patient of whom the registry said after he joined that his CPF is void."""
    slot, visit = make.visit(doctor := make.doctor(), ana := make.patient())
    other = make.slot(doctor, starts_at=make.TOMORROW + make.HALF_AN_HOUR)
    await server.given(doctor, ana, slot, visit, other)
    await server.app.works.act(
        lambda work: patients.check(work, id=ana.id, standing=CpfStanding.VOID)
    )
    return ana, other, visit


async def test_who_turns_out_to_have_a_void_cpf_asks_for_nothing_new(server, found_out):
    ana, other, visit = found_out

    async with server.unchanged(ana):
        held = await server.ask(HOLD, ana, id=gid(other))
        requested = await server.ask(REQUEST, ana, slot=gid(other), key=str(uuid4()))

    for payload in (held, requested):
        assert [problem["code"] for problem in payload["problems"]] == ["WRONG_STATUS"]
    assert await server.appointment(visit.id) == visit


async def test_what_the_registry_said_is_in_the_audit_log(server, crms):
    crms.usual = PENDING
    _, doctor = await registered_doctor(server)
    crms.usual = VERIFIED
    server.now = NOW + MINUTE
    await server.app.checks.ask_due()

    [entry] = await server.fetch(
        "SELECT role FROM audit_entry WHERE action = 'RecordDoctorStatus'"
        " AND 'doctor_' || (subject->>'doctor_id') = $1",
        doctor["id"],
    )
    assert entry["role"] == "SYSTEM"


# -------------------------------------------------------------------------- logs


async def test_no_number_is_logged_while_a_registry_is_down(server, cpfs, caplog):
    caplog.set_level(logging.DEBUG)
    cpfs.usual = DOWN
    form, patient = await registered_patient(server)
    server.now = NOW + MINUTE
    await server.app.checks.ask_due()

    assert patient["id"].removeprefix("patient_") in caplog.text
    assert "asked about again later: status 503" in caplog.text
    assert form["cpf"] not in caplog.text
