"""A calendar program reads by a link what its owner's calendar tells, until the link is dead."""

import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from app import create_app
from domain.appointments import AppointmentStatus
from domain.doctors import DoctorStatus
from domain.mail import MailKind
from domain.opaque_tokens import hash_of
from tests import make
from tests.integrations.test_calendars import read
from tests.mailbox import Mailbox
from tests.make import NOW, TOMORROW, Person
from tests.resolvers.appointments import ACTS, done, request
from tests.server import LocalServer, gid
from transport.gate import RateLimited
from wiring.settings import Settings

CREATE = "mutation { createCalendarFeed { url problems { code } } }"
REVOKE = "mutation { revokeCalendarFeed { problems { code } } }"
SINCE = """
{ viewer {
  ... on PatientViewer { calendarFeedSince }
  ... on DoctorViewer { calendarFeedSince }
} }
"""
ENGLISH = """
mutation { updatePatient(input: {language: ENGLISH}) { problems { code } } }
"""
FILE = """
query ($id: ID!) { node(id: $id) { ... on Appointment {
  calendarFile english: calendarFile(language: ENGLISH) consultation { url }
} } }
"""
DAY = timedelta(days=1)


@pytest.fixture
async def http(server: LocalServer) -> AsyncGenerator[httpx.AsyncClient]:
    app = Starlette(routes=[server.app.calendar_route(lambda door: door)])
    transport = httpx.ASGITransport(app, client=(str(uuid4()), 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
async def ana(server: LocalServer) -> Person:
    ana = make.patient(name="Ana Canária")
    await server.given(ana)
    return ana


async def link(server: LocalServer, person: Person) -> str:
    created = await server.ask(CREATE, person)
    assert created["problems"] == []
    return created["url"]


async def test_it_shows_ones_own_visits_from_ninety_days_back_on(
    server: LocalServer, http: httpx.AsyncClient, ana: Person, tmp_path: Path
):
    doctor, bruno = make.doctor(name="Helena Canária"), make.patient()
    completed, confirmed = AppointmentStatus.COMPLETED, AppointmentStatus.CONFIRMED
    expected = [
        make.visit(doctor, ana, status=completed, starts_at=NOW - 90 * DAY + DAY, version=4),
        make.visit(doctor, ana, status=AppointmentStatus.CANCELLED, starts_at=NOW + DAY, version=3),
        make.visit(doctor, ana, status=confirmed, reason="canária", starts_at=NOW + 3 * DAY),
        make.visit(doctor, ana, starts_at=NOW + 4 * DAY),
    ]
    hidden = [
        make.visit(doctor, ana, status=completed, starts_at=NOW - 91 * DAY),
        make.visit(doctor, bruno, starts_at=NOW + 5 * DAY),
    ]
    await server.given(doctor, bruno, *(it for pair in (*expected, *hidden) for it in pair))

    answer = await http.get(await link(server, ana))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    told = read(tmp_path, answer.text)
    uids = [f"{gid(visit)}@127.0.0.1" for _, visit in expected]
    assert [each["uid"] for each in told] == uids
    assert [each["sequence"] for each in told] == [3, 2, 0, 0]
    statuses = ["CONFIRMED", "CANCELLED", "CONFIRMED", "TENTATIVE"]
    assert [each["status"] for each in told] == statuses
    for mark in ("canária", "cardiologia", ana.account.email, ana.who.cpf):
        assert mark not in answer.text.lower()


async def test_a_doctor_sees_his_own(
    server: LocalServer, http: httpx.AsyncClient, ana: Person, tmp_path: Path
):
    doctor, other = make.doctor(), make.doctor()
    slot, visit = make.visit(doctor, ana)
    elsewhere = make.visit(other, ana, starts_at=TOMORROW + DAY)
    await server.given(doctor, other, slot, visit, *elsewhere)

    told = read(tmp_path, (await http.get(await link(server, doctor))).text)

    assert [each["uid"] for each in told] == [f"{gid(visit)}@127.0.0.1"]


async def test_what_nobody_answered_is_cancelled_there_when_its_time_is_over(
    server: LocalServer, http: httpx.AsyncClient, ana: Person, tmp_path: Path
):
    doctor = make.doctor()
    slot, visit = make.visit(doctor, ana, starts_at=NOW + 3 * DAY)
    await server.given(doctor, slot, visit)
    url = await link(server, ana)

    before = await http.get(url)
    server.now = visit.respond_by
    after = await http.get(url, headers={"if-none-match": before.headers["etag"]})

    told = read(tmp_path, before.text, after.text)
    assert [(each["status"], each["sequence"]) for each in told] == [
        ("TENTATIVE", 0),
        ("CANCELLED", 1),
    ]


async def test_of_more_than_there_is_room_for_the_nearest_are_shown(
    server: LocalServer, http: httpx.AsyncClient, ana: Person, tmp_path: Path
):
    doctor = make.doctor()
    days = [-3, -1, 2, 5]
    visits = [make.visit(doctor, ana, status=AppointmentStatus.CONFIRMED, starts_at=NOW + n * DAY)
              for n in days]  # fmt: skip
    await server.given(doctor, *(it for pair in visits for it in pair))
    url = await link(server, ana)

    few = replace(server.app.works._limits, calendar_entries=2)
    with mock.patch.object(server.app.works, "_limits", few):
        told = read(tmp_path, (await http.get(url)).text)

    near = [visits[1][1], visits[2][1]]
    assert [each["uid"] for each in told] == [f"{gid(visit)}@127.0.0.1" for visit in near]


async def test_what_has_not_changed_is_not_sent_again(
    server: LocalServer, http: httpx.AsyncClient, ana: Person
):
    doctor = make.doctor()
    slot = make.slot(doctor)
    await server.given(doctor, slot)
    url = await link(server, ana)
    first = await http.get(url)
    tag = first.headers["etag"]
    server.now += timedelta(minutes=5)

    for said in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*"):
        again = await http.get(url, headers={"if-none-match": said})
        assert (again.status_code, again.content) == (304, b""), said
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "private, no-cache"
    assert (await http.get(url, headers={"if-none-match": 'W/"x"'})).status_code == 200

    done(await request(server, ana, slot))
    changed = await http.get(url, headers={"if-none-match": tag})
    assert changed.status_code == 200
    await server.ask(ENGLISH, ana)
    translated = await http.get(url, headers={"if-none-match": changed.headers["etag"]})
    assert "SUMMARY:Visit" in translated.text


async def test_a_link_is_dead_when_it_is_revoked_or_another_one_is_made(
    server: LocalServer, http: httpx.AsyncClient, ana: Person
):
    assert await server.ask(SINCE, ana) == {"calendarFeedSince": None}
    first = await link(server, ana)
    second = await link(server, ana)

    assert [(await http.get(url)).status_code for url in (first, second)] == [404, 200]
    assert await server.ask(SINCE, ana) == {"calendarFeedSince": "2030-01-07T12:15:00Z"}
    assert (await server.ask(REVOKE, ana))["problems"] == []
    assert (await http.get(second)).status_code == 404
    assert (await server.ask(REVOKE, ana))["problems"] == [{"code": "WRONG_STATUS"}]
    assert await server.ask(SINCE, ana) == {"calendarFeedSince": None}
    audited = await server.audited(ana)
    assert audited[:3] == ["CreateCalendarFeed"] * 2 + ["RevokeCalendarFeed"]


async def test_its_owner_is_told_by_mail_and_its_token_is_not_kept(
    server: LocalServer, ana: Person
):
    url = await link(server, ana)

    mailbox = Mailbox()
    await mailbox.fetch(server)
    [piece] = mailbox.of(ana.account.email)
    assert piece.kind is MailKind.CALENDAR_FEED_MADE
    token = urlsplit(url).path.removeprefix("/calendar/").removesuffix(".ics")
    assert token not in str(piece)
    [row] = await server.fetch("SELECT * FROM calendar_feed WHERE user_id = $1", ana.id)
    assert row["token_hash"] == hash_of(token)
    assert len(token) > 70


async def test_whatever_leads_nowhere_is_not_there_by_the_same_one_look(
    server: LocalServer, http: httpx.AsyncClient, ana: Person
):
    suspended, left = make.doctor(), make.patient()
    await server.given(suspended, left)
    urls = {name: await link(server, who) for name, who in
            {"revoked": ana, "suspended": suspended, "erased": left}.items()}  # fmt: skip
    await server.ask(REVOKE, ana)
    await server.fetch(
        "UPDATE doctor SET status = $2 WHERE id = $1", suspended.id, DoctorStatus.SUSPENDED
    )
    await server.fetch("DELETE FROM calendar_feed WHERE user_id = $1", left.id)
    urls |= {"unknown": f"/calendar/{uuid4().hex}.x.ics", "rubbish": "/calendar/%00%ff.ics"}

    told = {}
    for name, url in urls.items():
        with server.statements() as statements:
            answer = await http.get(url)
        told[name] = (answer.status_code, answer.text, dict(answer.headers), len(statements))

    assert len({str(each) for each in told.values()}) == 1, told
    assert told["unknown"][0] == 404


async def test_who_is_reinstated_has_his_feed_again(server: LocalServer, http: httpx.AsyncClient):
    doctor = make.doctor()
    await server.given(doctor)
    url = await link(server, doctor)
    for status, code in ((DoctorStatus.SUSPENDED, 404), (DoctorStatus.VERIFIED, 200)):
        await server.fetch("UPDATE doctor SET status = $2 WHERE id = $1", doctor.id, status)
        assert (await http.get(url)).status_code == code


async def test_it_is_rationed_and_a_fault_says_nothing(
    server: LocalServer, http: httpx.AsyncClient, ana: Person, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    url = await link(server, ana)
    token = urlsplit(url).path.split("/")[-1].removesuffix(".ics")

    with mock.patch.object(server.app._gate, "admit", side_effect=RateLimited(3.2)):
        limited = await http.get(url)
    with mock.patch.object(server.app._calendars, "publish", side_effect=ValueError(token)):
        failed = await http.get(url)

    assert (limited.status_code, limited.headers["retry-after"]) == (429, "4")
    assert failed.status_code == 500
    assert token not in failed.text
    ours = [record for record in caplog.records if not record.name.startswith("http")]
    assert ours
    assert not [record for record in ours if token in record.getMessage()]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_the_server_as_it_is_run_has_feeds_and_they_are_only_read(
    server: LocalServer, keys_file: Path, method: str
):
    app = create_app(Settings(database_url=server.url, keys_file=keys_file))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        answer = await http.request(method, "/calendar/x.ics")

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_the_file_of_one_visit_is_for_its_two_sides(
    server: LocalServer, ana: Person, tmp_path: Path
):
    doctor, bruno = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, reason="canária")
    await server.given(doctor, bruno, slot, visit)
    done(await server.ask(ACTS["accept"], doctor, id=gid(visit)))

    for person in (ana, doctor):
        files = await server.ask(FILE, person, id=gid(visit))
        told = read(tmp_path, files["calendarFile"], files["english"])
        assert [each["summary"][:5] for each in told] == ["Consu", "Visit"]
        assert {each["method"] for each in told} == {"PUBLISH"}
        assert [each["sequence"] for each in told] == [1, 1]
        assert {each["url"] for each in told} == {files["consultation"]["url"]}
        assert "canária" not in str(files)
    assert await server.ask(FILE, bruno, id=gid(visit)) is None
