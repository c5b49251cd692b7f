"""A patient leaves: nobody signs in, what is not of the record goes, and the rest is told of."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain import erasure, sessions
from domain.errors import InvalidCredentials
from domain.links import Purpose
from domain.mail import MailKind, mail
from domain.records import DocumentStatus
from domain.sessions import Whence
from domain.slots import SlotStatus
from tests import make
from tests.mailbox import Mailbox
from tests.make import HALF_AN_HOUR, NOW, TOMORROW, Person
from tests.resolvers.exporting import REQUEST, document, patient, proving, row_of
from tests.resolvers.test_accounts import (
    REGISTER_PATIENT,
    found_in_the_database,
    patient_form,
)
from tests.resolvers.test_second_factor import owner, protected
from tests.resolvers.test_sessions import REFRESH, is_dead
from tests.resolvers.test_shares import shared
from tests.server import LocalServer, gid

ERASE = """
mutation ($input: EraseAccountInput!) {
  eraseAccount(input: $input) {
    report { removed kept { what reason until } } problems { code path }
  }
}
"""
PATIENT = "query ($id: ID!) { node(id: $id) { ... on Patient { name cpf birthDate } } }"
APPOINTMENT = """
query ($id: ID!) { node(id: $id) { ... on Appointment {
  status reason patient { name } review { stars comment } notes { text }
} } }
"""
DAY = timedelta(days=1)


async def erased(server: LocalServer, person: Person) -> Any:
    payload = await proving(server, person, ERASE)
    assert payload["problems"] == []
    return payload["report"]


def kept(report: Any) -> dict[str, Any]:
    return {each["what"]: each["until"] for each in report["kept"]}


@pytest.fixture
async def ana(server: LocalServer) -> Person:
    return await patient(server, name="Ana Moreira", birth_date=date(1980, 5, 17))


# ----------------------------------------------------------------- what is removed


async def test_nobody_gets_in_any_more(server: LocalServer):
    lia = await owner(server)
    async with server.app.works.begin() as work:
        verified = await work.accounts.of_patient(lia.who["email"], lia.who["cpf"])

    payload = await lia.ask(ERASE, password=lia.who["password"])

    assert payload["report"]["removed"][:3] == ["EMAIL", "PASSWORD", "SESSIONS"]
    assert await is_dead(server, lia.session)
    refused = await server.ask(REFRESH, token=lia.session["refreshToken"])
    assert refused["problems"][0]["code"] == "TOKEN_EXPIRED"
    assert await lia.tries(None) == ["INVALID_CREDENTIALS"]
    whence = Whence(device=None, address="192.0.2.1")
    with pytest.raises(InvalidCredentials):  # a password that was verified a moment before
        await server.app.works.act(
            lambda work: sessions.open(work, verified, whence, at=server.now)
        )
    rows = await server.fetch("SELECT device, address FROM session WHERE user_id = $1", verified.id)
    assert [tuple(row) for row in rows] == [(None, None)]


async def test_what_proves_somebody_goes_and_waiting_mail_too(server: LocalServer):
    lia = await protected(server)
    email = lia.who["email"]
    async with server.app.works.begin() as work:
        account = await work.accounts.of_patient(email, lia.who["cpf"])
        person = Person(account=account, session=make.patient().session, who=account)
        await work.passkeys.add(make.passkey(person))
        await work.calendar_feeds.add(make.calendar_feed(person))
        await work.links.add(make.link(person, purpose=Purpose.RESET_PASSWORD))
        await work.outbox.add(mail(MailKind.RESET_PASSWORD, email.upper()), at=server.now)
        await work.outbox.add(mail(MailKind.RESET_PASSWORD, "other@example.com"), at=server.now)

    payload = await lia.ask(ERASE, password=lia.who["password"], otp=lia.code())

    assert payload["problems"] == []
    assert set(payload["report"]["removed"]) == {
        *("EMAIL", "PASSWORD", "SESSIONS", "SECOND_FACTOR", "PASSKEYS", "MAILED_LINKS"),
        *("PENDING_MAIL", "CALENDAR_FEED", "IDENTITY"),
    }
    for table, column in (
        ("second_factor", "id"),
        ("recovery_code", "second_factor_id"),
        ("passkey", "user_id"),
        ("calendar_feed", "user_id"),
        ("link", "account_id"),
    ):
        found = await server.fetch(f"SELECT FROM {table} WHERE {column} = $1", account.id)
        assert found == [], table
    mailbox = Mailbox()
    await mailbox.fetch(server)
    assert [m.kind for m in mailbox.of(email)] == [MailKind.ACCOUNT_ERASED]
    assert len(mailbox.of("other@example.com", MailKind.RESET_PASSWORD)) <= 1
    assert mailbox.of(email.upper()) == []


@pytest.mark.parametrize("otp", [None, "wrong"])
async def test_with_a_second_factor_it_takes_a_code(server: LocalServer, otp: str | None):
    lia = await protected(server)
    given = {} if otp is None else {"otp": otp}

    payload = await lia.ask(ERASE, password=lia.who["password"], **given)

    assert payload["report"] is None
    expected = "MFA_REQUIRED" if otp is None else "INVALID_CREDENTIALS"
    assert payload["problems"][0]["code"] == expected
    assert not await is_dead(server, lia.session)


async def test_without_the_password_nothing_happens(server: LocalServer, ana: Person):
    async with server.unchanged(ana):
        payload = await proving(server, ana, ERASE, "not this one")

    assert payload["problems"][0]["code"] == "INVALID_CREDENTIALS"


async def test_visits_to_come_are_called_off_and_their_doctors_hear_it(
    server: LocalServer, ana: Person
):
    doctor = make.doctor()
    asked = make.visit(doctor, ana, reason="dor no peito")
    agreed = make.visit(doctor, ana, status="CONFIRMED", starts_at=TOMORROW + 2 * HALF_AN_HOUR)
    past = make.visit(doctor, ana, status="COMPLETED", starts_at=NOW - 2 * DAY)
    held = make.slot(
        doctor,
        starts_at=TOMORROW + 4 * HALF_AN_HOUR,
        status=SlotStatus.HELD,
        held_by=ana.id,
        lapses_at=NOW + timedelta(minutes=5),
    )
    await server.given(doctor, *asked, *agreed, *past, held)

    report = await erased(server, ana)

    assert {"FUTURE_APPOINTMENTS", "HELD_SLOTS"} <= set(report["removed"])
    for slot, visit in (asked, agreed):
        assert (await server.appointment(visit.id)).status == "CANCELLED"
        assert (await server.appointment(visit.id)).ended_by == "PATIENT"
        assert (await server.slot(slot.id)).status is SlotStatus.OPEN
    assert (await server.slot(held.id)).status is SlotStatus.OPEN
    assert await server.appointment(past[1].id) == past[1]
    told = await server.told(doctor)
    assert told.count("AppointmentCancelled") == 2
    assert told.count("SlotReleased") == 3


async def test_not_in_the_midst_of_a_visit(server: LocalServer, ana: Person):
    doctor = make.doctor()
    now = make.visit(doctor, ana, status="CONFIRMED", starts_at=NOW - timedelta(minutes=5))
    later = make.visit(doctor, ana, status="CONFIRMED")
    await server.given(doctor, *now, *later)

    async with server.unchanged(ana, doctor):
        payload = await proving(server, ana, ERASE)

    assert payload["problems"][0]["code"] == "WRONG_STATUS"


async def test_shares_are_revoked_and_that_is_on_record(server: LocalServer, ana: Person):
    server.now = datetime.now(UTC)
    doctor = make.doctor()
    await server.given(doctor, make.document(ana), make.share(ana, doctor), make.share(ana, doctor))
    assert len(await shared(server, doctor)) == 1

    report = await erased(server, ana)

    assert "SHARES" in report["removed"]
    assert await shared(server, doctor) == []
    rows = await server.fetch(
        "SELECT action FROM record_access WHERE patient_id = $1 ORDER BY number", ana.id
    )
    assert [row["action"] for row in rows][-2:] == ["REVOKED", "REVOKED"]


async def test_what_was_asked_of_doctors_about_a_visit_in_person_goes(
    server: LocalServer, ana: Person
):
    doctor, other, bia = make.doctor(), make.doctor(), make.patient()
    answered = {"answered_at": NOW, "accepted": True, "answer": "Venha na terça."}
    hers = make.in_person_request(ana, doctor), make.in_person_request(ana, other, **answered)
    theirs = make.in_person_request(bia, doctor)
    await server.given(doctor, other, bia, *hers, theirs)

    report = await erased(server, ana)

    assert {"IN_PERSON_REQUESTS", "IDENTITY"} <= set(report["removed"])  # it is not of the record
    rows = await server.fetch(
        "SELECT id FROM in_person_request WHERE doctor_id = ANY($1)", [doctor.id, other.id]
    )
    assert [row["id"] for row in rows] == [theirs.id]


async def test_what_her_browsers_told_goes_and_the_doctors_stays(server: LocalServer, ana: Person):
    doctor = make.doctor()
    past = make.visit(doctor, ana, status="COMPLETED", starts_at=NOW - 2 * DAY)
    checks = make.device_check(past[1]), make.device_check(past[1], party="DOCTOR")
    await server.given(doctor, *past, *checks)

    assert "DEVICE_CHECKS" in (await erased(server, ana))["removed"]

    rows = await server.fetch("SELECT id FROM device_check WHERE appointment_id = $1", past[1].id)
    assert [row["id"] for row in rows] == [checks[1].id]


async def test_an_export_goes_whether_it_is_ready_or_waits(server: LocalServer, ana: Person):
    server.now = datetime.now(UTC)
    await proving(server, ana, REQUEST)
    await server.app.exporting.run_due()
    await proving(server, ana, REQUEST)
    keys = await server.fetch("SELECT object_key FROM record_export WHERE patient_id = $1", ana.id)

    assert "EXPORTS" in (await erased(server, ana))["removed"]

    await server.app.exporting.run_due()
    await server.app.exporting.sweep()
    rows = await server.fetch(
        "SELECT status, removed FROM record_export WHERE patient_id = $1", ana.id
    )
    assert [tuple(row) for row in rows] == [("EXPIRED", True)] * 2
    for key in keys:
        assert await server.app.objects.look_up(key["object_key"]) is None


# -------------------------------------------------------------------- what is kept


async def test_the_record_stays_for_twenty_years_from_its_last_entry(
    server: LocalServer, ana: Person
):
    doctor = make.doctor()
    past = make.visit(doctor, ana, status="COMPLETED", starts_at=NOW - 9 * DAY, reason="dor")
    said = make.review(past[1], comment="Muito atenciosa.")
    await server.given(doctor, *past, said, make.document(ana, uploaded_at=NOW - 5 * DAY))
    note = make.note(past[1], written_at=NOW - 3 * DAY)
    await server.given(note)

    report = await erased(server, ana)

    until = "2050-01-04"
    what = ("IDENTITY", "APPOINTMENTS", "DOCUMENTS", "VISIT_NOTES", "ACCESS_LOG")
    assert kept(report) == {**dict.fromkeys(what, until), "REVIEWS": None}
    assert all("art" in each["reason"] for each in report["kept"])
    seen = await server.ask(PATIENT, doctor, id=gid(ana))
    assert (seen["name"], seen["birthDate"]) == ("Ana Moreira", "1980-05-17")
    assert seen["cpf"] == f"***.{ana.who.cpf[3:6]}.{ana.who.cpf[6:9]}-**"
    visit = await server.ask(APPOINTMENT, doctor, id=gid(past[1]))
    assert (visit["status"], visit["reason"]) == ("COMPLETED", "dor")
    assert visit["patient"] == {"name": "Ana Moreira"}
    assert visit["review"]["comment"] == "Muito atenciosa."
    assert visit["notes"] == [{"text": note.text}]
    stays, account = await row_of(server, ana)
    assert (stays.cpf, stays.erased_at) == (ana.who.cpf, server.now)
    assert account.email.startswith("erased:")
    assert account.password_hash == "erased"  # noqa: S105
    assert "EraseAccount" in await server.audited(ana)


async def test_by_what_right_it_was_seen_stays_as_long(server: LocalServer, ana: Person):
    server.now = datetime.now(UTC)
    doctor, other = make.doctor(), make.doctor()
    past = make.visit(doctor, ana, status="COMPLETED", starts_at=server.now - 9 * DAY)
    ended = make.share(ana, doctor, revoked_at=server.now - DAY)
    await server.given(doctor, other, *past, ended)
    await server.given(make.access_request(other, ana), make.emergency(past[1]))

    report = await erased(server, ana)

    assert "SHARES" not in report["removed"]  # there was none that held still
    found = kept(report)
    assert {"SHARES", "ACCESS_REQUESTS", "EMERGENCY_ACCESSES"} <= set(found)
    assert len({found[what] for what in found}) == 1


@pytest.mark.parametrize(
    ("status", "days"), [("AVAILABLE", 5), ("HIDDEN", 5), ("UPLOADING", 5), ("REJECTED", 9)]
)
async def test_the_last_entry_is_a_visit_or_a_file_that_is_or_may_be_there(
    server: LocalServer, ana: Person, status: str, days: int
):
    doctor = make.doctor()
    times = {"uploaded_at": NOW - 5 * DAY, "requested_at": NOW - 5 * DAY}
    if status in {"UPLOADING", "REJECTED"}:
        times["uploaded_at"] = None
    past = make.visit(doctor, ana, status="COMPLETED", starts_at=NOW - 9 * DAY)
    file = make.document(ana, status=DocumentStatus(status), **times)
    await server.given(doctor, *past, file, make.document(ana, uploaded_at=NOW - 12 * DAY))

    until = kept(await erased(server, ana))["IDENTITY"]

    last = (NOW - days * DAY).date()
    assert until == last.replace(year=last.year + 20).isoformat()


async def test_of_the_record_nothing_is_removed(server: LocalServer):
    ana = await patient(server)
    hidden = await document(server, ana, status=DocumentStatus.HIDDEN)
    files = [await document(server, ana), hidden]
    whole = "SELECT to_jsonb(document)::text AS row FROM document WHERE patient_id = $1 ORDER BY id"
    before = await server.fetch(whole, ana.id)

    await erased(server, ana)
    server.now += 5000 * DAY
    await server.app.uploads.sweep()

    assert await server.fetch(whole, ana.id) == before
    for file in files:
        stored = await server.app.objects.look_up(file.object_key)
        assert (stored.version, stored.size) == (file.version, file.size)


async def test_without_a_record_nothing_of_the_person_stays(server: LocalServer, ana: Person):
    report = await erased(server, ana)

    assert "IDENTITY" in report["removed"]
    assert kept(report) == {"ACCESS_LOG": None}
    stays, _ = await row_of(server, ana)
    assert (stays.name, stays.cpf, stays.birth_date) == ("", "", None)
    assert not await found_in_the_database(server, ana.who.cpf)


async def test_with_the_same_cpf_one_begins_anew_and_without_the_record(
    server: LocalServer, ana: Person
):
    doctor = make.doctor()
    past = make.visit(doctor, ana, status="COMPLETED", starts_at=NOW - 2 * DAY)
    await server.given(doctor, *past, make.document(ana))
    await erased(server, ana)

    form = patient_form(cpf=ana.who.cpf, email=ana.account.email)
    joined = (await server.ask(REGISTER_PATIENT, input=form))["patient"]

    assert joined["id"] != gid(ana)
    again = patient_form(cpf=ana.who.cpf)
    twice = await server.ask(REGISTER_PATIENT, input=again)
    assert [p["code"] for p in twice["problems"]] == ["ALREADY_REGISTERED"]
    [row] = await server.fetch(
        "SELECT count(*) AS c FROM document WHERE 'patient_' || patient_id = $1", joined["id"]
    )
    assert row["c"] == 0


async def test_two_who_are_erased_are_in_nobodys_way(server: LocalServer):
    for _ in range(2):
        await erased(server, await patient(server))


async def test_a_doctor_who_cancels_at_that_moment_is_not_waited_for_in_a_circle(
    server: LocalServer, ana: Person
):
    doctor = make.doctor()
    visits = [
        make.visit(doctor, ana, status="CONFIRMED", starts_at=TOMORROW + 2 * n * HALF_AN_HOUR)
        for n in range(4)
    ]
    await server.given(doctor, *(thing for visit in visits for thing in visit))
    cancel = """mutation ($id: ID!) { cancelAppointment(input: {
      appointmentId: $id, justification: "Houve um imprevisto."}) { problems { code } } }"""

    payload, *cancelled = await asyncio.gather(
        proving(server, ana, ERASE),
        *(server.ask(cancel, doctor, id=gid(visit)) for _, visit in visits),
    )

    assert payload["problems"] == []
    codes = [problem["code"] for each in cancelled for problem in each["problems"]]
    assert set(codes) <= {"WRONG_STATUS"}
    for _, visit in visits:
        assert (await server.appointment(visit.id)).status == "CANCELLED"


def test_twenty_years_after_a_leap_day_there_may_be_none():
    assert erasure._years_later(date(2080, 2, 29), 20) == date(2100, 3, 1)
    assert erasure._years_later(date(2028, 2, 29), 20) == date(2048, 2, 29)
