"""A doctor breaks the glass for a patient of today, who knows at once; and it is reviewed."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.doctors import DoctorStatus
from domain.emergencies import day_of
from domain.ids import new_id
from domain.mail import MailKind
from tests import make
from tests.mailbox import Mailbox
from tests.make import Person
from tests.resolvers.test_accesses import LIVE, OPEN, actions, entries
from tests.resolvers.test_shares import NODE, shared
from tests.server import LocalServer, gid

_ACCESS = """
  id patientId reason openedAt endsAt reviewedAt reviewedBy note doctor { id name }
"""
BREAK = f"""
mutation ($patient: ID!, $reason: String!) {{
  breakGlass(input: {{patientId: $patient, reason: $reason}}) {{
    access {{ {_ACCESS} }} problems {{ code path }}
  }}
}}
"""
LIST = f"""
query ($reviewed: Boolean, $first: Int, $after: String) {{
  viewer {{ ... on AdministratorViewer {{
    emergencyAccesses(reviewed: $reviewed, first: $first, after: $after) {{
      nodes {{ {_ACCESS} }} pageInfo {{ hasNextPage endCursor }}
    }}
  }} }}
}}
"""
REVIEW = f"""
mutation ($id: ID!, $note: String!) {{
  reviewEmergencyAccess(input: {{emergencyId: $id, note: $note}}) {{
    access {{ {_ACCESS} }} problems {{ code path }}
  }}
}}
"""
SUSPEND = """
mutation ($id: ID!) {
  suspendDoctor(input: {doctorId: $id, reason: "Abriu sem motivo."}) { problems { code } }
}
"""
WHY = "Desmaiou e não responde: preciso das alergias."
NOTE = "Era mesmo uma emergência."
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def visit(server: LocalServer, doctor: Person, patient: Person, starts_at, ends_at, **given):
    plain = {"status": "CONFIRMED", "respond_by": starts_at}
    times = {"starts_at": starts_at, "ends_at": ends_at}
    slot, made = make.visit(doctor, patient, **(times | plain | given))
    await server.given(slot, made)
    return made


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """By the real time, which the database knows. Their visit is going on; she has a document."""
    server.now = datetime.now(UTC)
    doctor, ana = make.doctor(name="Helena Prado"), make.patient()
    await server.given(doctor, ana, make.document(ana))
    await visit(server, doctor, ana, server.now - MINUTE, server.now + HOUR, status="IN_PROGRESS")
    return doctor, ana


async def broken(server: LocalServer, doctor: Person, patient: Person) -> dict:
    payload = await server.ask(BREAK, doctor, patient=gid(patient), reason=WHY)
    assert payload["problems"] == []
    return payload["access"]


async def refused(server: LocalServer, doctor: Person, patient: Person) -> str:
    return await server.refuse(BREAK, doctor, patient=gid(patient), reason=WHY)


async def listed(server: LocalServer, administrator: Person, **given) -> list[dict]:
    page = await server.ask(LIST, administrator, first=100, **given)
    return page["emergencyAccesses"]["nodes"]


async def test_the_doctor_sees_the_whole_record_at_once_and_what_comes(server, people):
    doctor, ana = people
    assert await shared(server, doctor) == []

    access = await broken(server, doctor, ana)

    assert (access["patientId"], access["reason"]) == (gid(ana), WHY)
    assert access["doctor"] == {"id": gid(doctor), "name": "Helena Prado"}
    assert (access["reviewedAt"], access["note"]) == (None, None)
    later, hidden = make.document(ana), make.document(ana, status="HIDDEN")
    await server.given(later, hidden)
    assert len(await shared(server, doctor)) == 2
    assert (await server.ask(NODE, doctor, id=gid(later)))["id"] == gid(later)
    assert await server.ask(NODE, doctor, id=gid(hidden)) is None
    assert "BreakGlass" in await server.audited(doctor)


async def test_nobody_else_sees_anything_by_it(server, people):
    doctor, ana = people
    other, bia = make.doctor(), make.patient()
    theirs = make.document(bia)
    await server.given(other, bia, theirs)

    await broken(server, doctor, ana)

    assert await shared(server, other) == []
    assert await server.ask(NODE, doctor, id=gid(theirs)) is None


async def test_it_lasts_an_hour_by_the_databases_time(server, people):
    doctor, ana = people
    access = await broken(server, doctor, ana)
    opened, ends = (datetime.fromisoformat(access[name]) for name in ("openedAt", "endsAt"))
    assert ends - opened == HOUR

    async def seen(ago: timedelta) -> int:
        """By a doctor who broke the glass so long ago."""
        back = (
            "UPDATE emergency_access SET opened_at = now() - $2::interval,"
            " ends_at = now() - $2::interval + interval '1 hour' WHERE patient_id = $1"
        )
        await server.fetch(back, ana.id, ago)
        return len(await shared(server, doctor))

    assert await seen(HOUR - MINUTE) == 1
    assert await seen(HOUR) == 0
    assert await seen(-MINUTE) == 0  # not before it was opened, either


async def test_the_patient_reads_hears_and_is_mailed_that_it_happened(server, people):
    doctor, ana = people
    mailbox = Mailbox()

    async with server.listening(LIVE, ana) as hers:
        await broken(server, doctor, ana)
        heard = await hers.next()
        await shared(server, doctor)
        listing = await hers.next()
    await mailbox.fetch(server)

    assert (heard["action"], heard["purpose"], heard["share"]) == ("SHARED", WHY, None)
    assert (heard["actorName"], heard["actorCrm"]) == ("Helena Prado", doctor.who.crm)
    assert (listing["action"], listing["purpose"]) == ("LISTED", None)
    assert await entries(server, ana) == [listing, heard]
    [mail] = mailbox.of(ana.account.email)
    assert mail.kind is MailKind.GLASS_BROKEN
    assert [named.crm for named in mail.accounts] == [None]


async def test_a_suspension_ends_it_at_once(server, people):
    doctor, ana = people
    await broken(server, doctor, ana)
    administrator = make.administrator()
    await server.given(administrator)
    assert len(await shared(server, doctor)) == 1

    assert (await server.ask(SUSPEND, administrator, id=gid(doctor)))["problems"] == []

    assert await shared(server, doctor) == []


async def test_while_it_is_open_there_is_no_other(server, people):
    doctor, ana = people
    tries = (server.ask(BREAK, doctor, patient=gid(ana), reason=WHY) for _ in range(5))

    payloads = await asyncio.gather(*tries)

    told = sorted(problem["code"] for each in payloads for problem in each["problems"])
    assert told == ["WRONG_STATUS"] * 4
    assert await actions(server, ana) == ["SHARED"]
    await server.fetch(
        "UPDATE emergency_access SET opened_at = opened_at - interval '1 hour',"
        " ends_at = ends_at - interval '1 hour' WHERE patient_id = $1",
        ana.id,
    )
    await broken(server, doctor, ana)


# ------------------------------------------------------------ who may, and when


@pytest.mark.parametrize(("length", "fits"), [(19, False), (20, True), (500, True), (501, False)])
async def test_a_reason_has_twenty_characters(server, people, length, fits):
    doctor, ana = people

    payload = await server.ask(BREAK, doctor, patient=gid(ana), reason=f"  {'x' * length} ")

    wrong = [{"code": "INVALID", "path": ["reason"]}]
    assert payload["problems"] == ([] if fits else wrong)
    assert len(await shared(server, doctor)) == fits


def in_the_middle_of_a_day() -> list[ZoneInfo]:
    """Zones of which no day ends as a test goes on; they are of different offsets."""
    zones = ("America/Sao_Paulo", "Asia/Tokyo", "Europe/Moscow", "America/Adak")
    now = datetime.now(UTC)
    return [zone for zone in map(ZoneInfo, zones) if 1 <= now.astimezone(zone).hour < 23]


async def test_the_day_is_that_of_the_doctors_own_zone(server):
    server.now = datetime.now(UTC)
    zones = in_the_middle_of_a_day()
    assert len(zones) > 1
    for zone in zones:
        today = day_of(server.now, zone)
        edges = [
            (today.starts_at - HOUR, today.starts_at, False),
            (today.starts_at - HOUR, today.starts_at + MINUTE, True),
            (today.ends_at - MINUTE, today.ends_at + HOUR, True),
            (today.ends_at, today.ends_at + HOUR, False),
        ]
        for starts_at, ends_at, fits in edges:
            doctor, ana = make.doctor(time_zone=zone.key), make.patient()
            await server.given(doctor, ana, make.document(ana))
            await visit(server, doctor, ana, starts_at, ends_at)
            if fits:
                await broken(server, doctor, ana)
            else:
                assert await refused(server, doctor, ana) == "NOT_FOUND"
            assert len(await shared(server, doctor)) == fits


@pytest.mark.parametrize(
    ("status", "fits"),
    [
        ("REQUESTED", False),
        ("CONFIRMED", True),
        ("IN_PROGRESS", True),
        ("COMPLETED", False),
        ("CANCELLED", False),
        ("DECLINED", False),
        ("EXPIRED", False),
        ("NO_SHOW", False),
    ],
)
async def test_the_appointment_takes_place(server, people, status, fits):
    doctor, ana = people
    await server.fetch("UPDATE appointment SET status = $2 WHERE patient_id = $1", ana.id, status)

    if fits:
        await broken(server, doctor, ana)
    else:
        assert await refused(server, doctor, ana) == "NOT_FOUND"
    assert len(await shared(server, doctor)) == fits


async def test_that_a_stranger_tried_is_on_record_with_what_he_said(server, people):
    _, ana = people
    stranger, mailbox = make.doctor(), Mailbox()
    await server.given(stranger)

    assert await refused(server, stranger, ana) == "NOT_FOUND"

    [entry] = await entries(server, ana)
    assert (entry["action"], entry["purpose"]) == ("DENIED", WHY)
    assert entry["actorCrm"] == stranger.who.crm
    assert await shared(server, stranger) == []
    await mailbox.fetch(server)
    assert mailbox.of(ana.account.email) == []
    nobody = {"patient": f"patient_{new_id()}", "reason": WHY}
    assert await server.refuse(BREAK, stranger, **nobody) == "NOT_FOUND"


@pytest.mark.parametrize("status", [DoctorStatus.PENDING, DoctorStatus.SUSPENDED])
async def test_only_verified_doctors_break_it(server, people, status):
    doctor, ana = people
    await server.fetch("UPDATE doctor SET status = $2 WHERE id = $1", doctor.id, status.value)

    assert await refused(server, doctor, ana) == "NOT_FOUND"

    [entry] = await entries(server, ana)
    assert (entry["action"], entry["purpose"]) == ("DENIED", WHY)
    await server.fetch("UPDATE doctor SET status = 'VERIFIED' WHERE id = $1", doctor.id)
    assert await shared(server, doctor) == []


async def test_an_empty_record_is_listed_and_nobody_is_refused(server, people):
    doctor, _ = people
    bia = make.patient()
    await server.given(bia)
    times = (server.now + HOUR, server.now + 2 * HOUR)
    made = await visit(server, doctor, bia, *times)
    assert await shared(server, doctor, bia) == []

    await server.given(make.emergency(made))
    assert await shared(server, doctor, bia) == []

    assert await actions(server, bia) == ["LISTED", "DENIED"]


# -------------------------------------------------------------------- review


async def test_administrators_find_it_until_it_is_reviewed(server, people):
    doctor, ana = people
    administrator = make.administrator()
    await server.given(administrator)
    access = await broken(server, doctor, ana)
    assert access in await listed(server, administrator, reviewed=False)

    payload = await server.ask(REVIEW, administrator, id=access["id"], note=f" {NOTE} ")

    assert payload["problems"] == []
    reviewed = payload["access"]
    assert (reviewed["note"], reviewed["reviewedBy"]) == (
        NOTE,
        f"administrator_{administrator.account.id}",
    )
    assert datetime.fromisoformat(reviewed["reviewedAt"]) == server.now
    waiting = await listed(server, administrator, reviewed=False)
    assert access["id"] not in [each["id"] for each in waiting]
    assert reviewed in await listed(server, administrator, reviewed=True)
    assert reviewed in await listed(server, administrator)
    read, done = "ReadEmergencyAccesses", "ReviewEmergencyAccess"
    assert await server.audited(administrator) == [read, done, read, read, read]


async def test_it_is_reviewed_once(server, people):
    doctor, ana = people
    administrator, other = make.administrator(), make.administrator()
    await server.given(administrator, other)
    access = await broken(server, doctor, ana)
    notes = {administrator: f"{NOTE} 1", other: f"{NOTE} 2"}

    payloads = await asyncio.gather(
        *(server.ask(REVIEW, who, id=access["id"], note=note) for who, note in notes.items())
    )

    codes = sorted(str(each["problems"]) for each in payloads)
    assert codes == ["[]", "[{'code': 'WRONG_STATUS', 'path': ['emergencyId']}]"]


@pytest.mark.parametrize(("length", "fits"), [(9, False), (10, True), (500, True), (501, False)])
async def test_a_note_has_ten_characters(server, people, length, fits):
    doctor, ana = people
    administrator = make.administrator()
    await server.given(administrator)
    access = await broken(server, doctor, ana)

    payload = await server.ask(REVIEW, administrator, id=access["id"], note=f" {'x' * length} ")

    assert payload["problems"] == ([] if fits else [{"code": "INVALID", "path": ["note"]}])


async def test_nobody_else_reads_or_reviews_them(server, people):
    doctor, ana = people
    access = await broken(server, doctor, ana)

    async with server.unchanged(doctor, ana):
        for who in (doctor, ana):
            refused = await server.refuse(REVIEW, who, id=access["id"], note=NOTE)
            assert refused == "FORBIDDEN"
            assert (await server.answer(LIST, who))["data"] == {"viewer": {}}
    administrator = make.administrator()
    await server.given(administrator)
    unknown = f"emergency_{new_id()}"
    assert await server.refuse(REVIEW, administrator, id=unknown, note=NOTE) == "NOT_FOUND"


async def test_an_administrator_comes_to_nothing_of_the_record_by_it(server, people):
    doctor, ana = people
    administrator = make.administrator()
    await server.given(administrator)
    await broken(server, doctor, ana)
    [document] = await shared(server, doctor)

    assert await server.refuse(OPEN, administrator, id=document) == "FORBIDDEN"
    for id in (document, gid(ana)):
        assert await server.ask(NODE, administrator, id=id) is None


async def test_a_list_comes_in_pages_the_latest_first(server, people):
    doctor, ana = people
    administrator, bia = make.administrator(), make.patient()
    await server.given(administrator, bia)
    first = await broken(server, doctor, ana)
    made = await visit(
        server, doctor, bia, server.now + HOUR, server.now + 2 * HOUR, status="IN_PROGRESS"
    )
    last = make.emergency(made)
    await server.given(last)

    page = (await server.ask(LIST, administrator, first=1))["emergencyAccesses"]
    after = page["pageInfo"]["endCursor"]
    more = (await server.ask(LIST, administrator, first=1, after=after))["emergencyAccesses"]

    ids = [page["nodes"][0]["id"], more["nodes"][0]["id"]]
    assert ids == [f"emergency_{last.id}", first["id"]]
