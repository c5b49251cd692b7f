"""What a doctor writes of a visit: into the record, never over what was written before, and read by
those alone who may, each of whom the patient knows.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain import visit_notes
from domain.appointments import Appointment, AppointmentStatus
from domain.doctors import DoctorStatus
from domain.errors import NotFound
from tests import make
from tests.make import Person
from tests.resolvers.consultations import END, both_in
from tests.resolvers.test_accesses import actions
from tests.server import LocalServer, gid

_NOTE = "id version text writtenAt amends amended author { id name }"
WRITE = f"""
mutation ($visit: ID!, $text: String!, $key: ID!) {{
  writeVisitNote(input: {{appointmentId: $visit, text: $text, idempotencyKey: $key}}) {{
    note {{ {_NOTE} }} problems {{ code path message }}
  }}
}}
"""
NOTES = f"query ($id: ID!) {{ node(id: $id) {{ ... on Appointment {{ notes {{ {_NOTE} }} }} }} }}"
SHARED = f"""
query ($patient: ID!, $first: Int, $after: String) {{
  viewer {{ ... on DoctorViewer {{ sharedNotes(patientId: $patient, first: $first, after: $after) {{
    nodes {{ {_NOTE} }} pageInfo {{ hasNextPage endCursor }}
  }} }} }}
}}
"""
MINE = f"""
{{ viewer {{ ... on PatientViewer {{ appointments {{ nodes {{ notes {{ {_NOTE} }} }} }} }} }} }}
"""
_ENTRY = "action actorName purpose document { id } note { id text }"
LOG = f"{{ viewer {{ ... on PatientViewer {{ recordAccesses {{ nodes {{ {_ENTRY} }} }} }} }} }}"
LIVE = f"subscription {{ recordAccessed {{ {_ENTRY} }} }}"
SEEN = (AppointmentStatus.IN_PROGRESS, AppointmentStatus.COMPLETED)
TEXT, AMENDED = "Tosse há três dias, sem febre.", "Tosse há três dias; febre à noite."
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def visit(server: LocalServer, doctor: Person, patient: Person, **given) -> Appointment:
    """One that began an hour ago, and has taken place."""
    plain = {"starts_at": server.now - HOUR, "respond_by": server.now - HOUR, "status": "COMPLETED"}
    slot, made = make.visit(doctor, patient, **(plain | given))
    await server.given(slot, made)
    return made


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """By the real time, which the database knows."""
    server.now = datetime.now(UTC)
    doctor, ana = make.doctor(name="Helena Prado"), make.patient(name="Ana Moreira")
    await server.given(doctor, ana)
    return doctor, ana


async def write(server: LocalServer, doctor: Person, made: Appointment, text=TEXT, key=None):
    return await server.ask(WRITE, doctor, visit=gid(made), text=text, key=key or uuid4())


async def written(server: LocalServer, doctor: Person, made: Appointment, text=TEXT, key=None):
    payload = await write(server, doctor, made, text, key)
    assert payload["problems"] == []
    return payload["note"]


async def refused(server: LocalServer, doctor: Person, made: Appointment, text=TEXT, key=None):
    """The code and the path of the one problem."""
    payload = await write(server, doctor, made, text, key)
    assert payload["note"] is None
    [problem] = payload["problems"]
    return problem["code"], *problem["path"]


async def notes(server: LocalServer, person: Person | None, made: Appointment):
    node = await server.ask(NOTES, person, id=gid(made))
    return None if node is None else node["notes"]


async def shared(server: LocalServer, doctor: Person, patient: Person, **given):
    page = await server.ask(SHARED, doctor, patient=gid(patient), **given)
    return page["sharedNotes"]["nodes"]


async def log(server: LocalServer, patient: Person) -> list[dict]:
    """The oldest first."""
    return (await server.ask(LOG, patient))["recordAccesses"]["nodes"][::-1]


# ------------------------------------------------------------------------ writing


@pytest.mark.parametrize("status", SEEN)
async def test_both_sides_read_what_the_doctor_has_written(server, people, status):
    doctor, ana = people
    made = await visit(server, doctor, ana, status=status)

    note = await written(server, doctor, made, f"  {TEXT}\n")

    assert (note["version"], note["text"], note["amends"], note["amended"]) == (
        *(1, TEXT, None, False),
    )
    assert note["author"] == {"id": gid(doctor), "name": "Helena Prado"}
    assert datetime.fromisoformat(note["writtenAt"]) == server.now
    assert await notes(server, doctor, made) == await notes(server, ana, made) == [note]
    assert "WriteVisitNote" in await server.audited(doctor)


async def test_it_is_written_during_the_meeting_and_amended_after_it(
    server: LocalServer,
):
    doctor, ana, made = await both_in(server)

    first = await written(server, doctor, made)
    await server.ask(END, doctor, id=gid(made))
    second = await written(server, doctor, made, AMENDED)

    assert await notes(server, ana, made) == [second, first | {"amended": True}]


async def test_an_amended_note_stays_beside_what_amends_it(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana)
    first = await written(server, doctor, made)
    server.now += HOUR

    second = await written(server, doctor, made, AMENDED)

    assert (second["version"], second["amends"], second["amended"]) == (2, first["id"], False)
    assert await notes(server, ana, made) == [second, first | {"amended": True}]
    third = await written(server, doctor, made)
    assert (third["version"], third["amends"]) == (3, second["id"])


async def test_of_many_at_once_each_is_a_version_of_its_own(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana)

    await asyncio.gather(*(written(server, doctor, made, f"{TEXT} {n}") for n in range(6)))

    found = await notes(server, ana, made)
    assert [note["version"] for note in found] == [6, 5, 4, 3, 2, 1]
    assert [note["amends"] for note in found] == [*(note["id"] for note in found[1:]), None]
    assert len({note["text"] for note in found}) == 6


async def test_notes_of_several_visits_do_not_mix(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana)
    before = server.now - DAY
    earlier = await visit(server, doctor, ana, starts_at=before, respond_by=before)

    first, other = await written(server, doctor, made), await written(server, doctor, earlier)

    assert (first["version"], other["version"]) == (1, 1)
    page = await server.ask(MINE, ana)
    assert [node["notes"] for node in page["appointments"]["nodes"]] == [[first], [other]]


@pytest.mark.parametrize("status", [s for s in AppointmentStatus if s not in SEEN])
async def test_only_a_visit_that_takes_place_has_a_note(server, people, status):
    doctor, ana = people
    made = await visit(server, doctor, ana, status=status)

    async with server.unchanged(doctor, ana):
        assert await refused(server, doctor, made) == ("WRONG_STATUS", "appointmentId")


async def test_it_is_written_for_a_week_after_the_end(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana)

    server.now = made.ends_at + 7 * DAY
    await written(server, doctor, made)
    server.now += timedelta(microseconds=1)

    async with server.unchanged(doctor, ana):
        assert await refused(server, doctor, made, AMENDED) == ("TOO_LATE", "appointmentId")


@pytest.mark.parametrize(
    ("text", "fits"),
    [(" \n", False), ("x", True), ("á" * 20_000, True), ("á" * 20_001, False)],
    ids=["nothing", "1", "20000", "20001"],
)
async def test_it_has_twenty_thousand_characters(server, people, text, fits):
    doctor, ana = people
    made = await visit(server, doctor, ana)

    if fits:
        assert (await written(server, doctor, made, text))["text"] == text
    else:
        assert await refused(server, doctor, made, text) == ("INVALID", "text")
    assert len(await notes(server, ana, made)) == fits


async def test_it_has_fifty_versions_at_most(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana)
    first = make.note(made)
    await server.given(first, make.note(made, version=49, amends=first.id))

    assert (await written(server, doctor, made))["version"] == 50

    async with server.unchanged(ana):
        assert await refused(server, doctor, made) == ("LIMIT_REACHED", "appointmentId")


async def test_nobody_but_its_doctor_writes_it(server, people):
    doctor, ana = people
    other, administrator = make.doctor(), make.administrator()
    await server.given(other, administrator, make.share(ana, other))
    made = await visit(server, doctor, ana)
    given = {"visit": gid(made), "text": TEXT}

    async with server.unchanged(doctor, ana, other):
        for who, code in (
            (other, "NOT_FOUND"),
            (ana, "FORBIDDEN"),
            (administrator, "FORBIDDEN"),
            (None, "UNAUTHENTICATED"),
        ):
            assert await server.refuse(WRITE, who, key=uuid4(), **given) == code


@pytest.mark.parametrize("status", [DoctorStatus.PENDING, DoctorStatus.SUSPENDED])
async def test_who_is_not_verified_writes_no_more_and_reads_what_he_wrote(server, people, status):
    doctor, ana = people
    made = await visit(server, doctor, ana)
    note = await written(server, doctor, made)
    await server.fetch("UPDATE doctor SET status = $2 WHERE id = $1", doctor.id, status.value)

    async with server.unchanged(ana):
        given = {"visit": gid(made), "text": AMENDED, "key": uuid4()}
        assert await server.refuse(WRITE, doctor, **given) == "FORBIDDEN"

    assert await notes(server, doctor, made) == [note]


async def test_the_same_key_writes_once_and_says_the_same_again(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana)
    key, other = uuid4(), uuid4()
    note = await written(server, doctor, made, key=key)

    answers = await asyncio.gather(*(written(server, doctor, made, key=key) for _ in range(4)))

    assert answers == [note] * 4
    assert await refused(server, doctor, made, AMENDED, key) == (
        *("IDEMPOTENCY_KEY_REUSED", "idempotencyKey"),
    )
    assert await refused(server, doctor, made, " ", other) == ("INVALID", "text")
    assert await refused(server, doctor, made, " ", other) == ("INVALID", "text")
    assert await notes(server, ana, made) == [note]
    amended = await written(server, doctor, made, AMENDED)
    assert await written(server, doctor, made, key=key) == note | {"amended": True}
    assert await notes(server, ana, made) == [amended, note | {"amended": True}]


# ------------------------------------------------------------------------ reading


async def test_nobody_else_reads_it_or_knows_that_it_is_there(server, people):
    doctor, ana = people
    bruno, other, administrator = make.patient(), make.doctor(), make.administrator()
    await server.given(bruno, other, administrator)
    document = make.document(ana)
    listed = make.share(ana, other, includes_future=False)
    await server.given(document, listed)
    async with server.app.works.begin(ana.viewer) as work:
        await work.shares.add_documents(listed.id, [document.id])
    made = await visit(server, doctor, ana)
    await written(server, doctor, made)

    for who in (bruno, other, administrator, make.patient()):
        assert await notes(server, who, made) is None
    assert await shared(server, other, ana) == []  # what is shared with him is a document
    assert (await actions(server, ana))[0] == "DENIED"
    answer = await server.answer(SHARED, ana, patient=gid(ana))
    assert answer["data"] == {"viewer": {}}
    for who in (bruno, other):
        found = await server.app.services.records.notes_of([made.id], who.account.id)
        assert list(found.values()) == []


async def test_by_the_whole_record_another_doctor_reads_it_and_the_patient_knows(server, people):
    doctor, ana = people
    other = make.doctor(name="Rafael Lima")
    await server.given(other, make.share(ana, other))
    made = await visit(server, doctor, ana)
    first = await written(server, doctor, made)
    second = await written(server, doctor, made, AMENDED)
    unlogged = server.app.services.records
    assert not await unlogged.notes_of([made.id], other.account.id)
    assert not await unlogged.notes([UUID(first["id"][5:])], other.account.id)

    found = await shared(server, other, ana)

    assert found == [second, first | {"amended": True}]
    told = [(e["action"], e["actorName"], e["note"]["text"]) for e in await log(server, ana)]
    assert told == [
        ("UPLOADED", "Helena Prado", TEXT),
        ("UPLOADED", "Helena Prado", AMENDED),
        ("OPENED", "Rafael Lima", AMENDED),
        ("OPENED", "Rafael Lima", TEXT),
    ]
    assert (await server.audited(other))[-1] == "ReadVisitNotes"


async def test_in_an_emergency_another_doctor_reads_it(server, people):
    doctor, ana = people
    other = make.doctor()
    await server.given(other)
    made = await visit(server, doctor, ana)
    note = await written(server, doctor, made)
    today = await visit(server, other, ana, status="IN_PROGRESS", starts_at=server.now)
    assert await shared(server, other, ana) == []

    await server.given(make.emergency(today))

    assert await shared(server, other, ana) == [note]
    assert (await actions(server, ana))[0] == "OPENED"


@pytest.mark.parametrize(
    "given",
    [
        {"valid_from": datetime.now(UTC) - DAY, "valid_until": datetime.now(UTC)},
        {"valid_from": datetime.now(UTC) + DAY},
        {"revoked_at": datetime.now(UTC)},
    ],
    ids=["has ended", "has not begun", "was revoked"],
)
async def test_by_a_share_that_does_not_hold_now_it_is_not_read(server, people, given):
    doctor, ana = people
    other = make.doctor()
    await server.given(other, make.share(ana, other, **given))
    await written(server, doctor, await visit(server, doctor, ana))

    assert await shared(server, other, ana) == []

    assert await actions(server, ana) == ["DENIED", "UPLOADED"]


async def test_who_is_suspended_reads_nothing_of_others(server, people):
    doctor, ana = people
    other = make.doctor(status=DoctorStatus.SUSPENDED)
    await server.given(other, make.share(ana, other))
    await written(server, doctor, await visit(server, doctor, ana))

    assert await shared(server, other, ana) == []

    assert await actions(server, ana) == ["DENIED", "UPLOADED"]


async def test_where_nothing_is_written_the_look_is_on_record(server, people):
    doctor, ana = people
    other = make.doctor()
    await server.given(other, make.share(ana, other), make.share(ana, doctor))
    assert await shared(server, other, ana) == []
    await written(server, doctor, await visit(server, doctor, ana))

    assert await shared(server, doctor, ana) == []  # his own are with his appointments

    assert await actions(server, ana) == ["LISTED", "UPLOADED", "LISTED"]


async def test_own_looks_of_the_two_are_not_logged(server, people):
    doctor, ana = people
    made = await visit(server, doctor, ana)
    await written(server, doctor, made)

    for who in (doctor, ana, doctor):
        assert len(await notes(server, who, made)) == 1

    assert await actions(server, ana) == ["UPLOADED"]


async def test_only_what_is_on_the_page_was_read(server, people):
    doctor, ana = people
    other = make.doctor()
    await server.given(other, make.share(ana, other))
    made = await visit(server, doctor, ana)
    latest = [await written(server, doctor, made, f"{TEXT} {n}") for n in range(3)][::-1]

    page = (await server.ask(SHARED, other, patient=gid(ana), first=2))["sharedNotes"]

    assert [note["id"] for note in page["nodes"]] == [note["id"] for note in latest[:2]]
    opened = [e["note"]["id"] for e in await log(server, ana) if e["action"] == "OPENED"]
    assert opened == [note["id"] for note in latest[:2]]
    after = page["pageInfo"]["endCursor"]
    rest = await server.ask(SHARED, other, patient=gid(ana), first=2, after=after)
    assert [note["id"] for note in rest["sharedNotes"]["nodes"]] == [latest[2]["id"]]
    assert rest["sharedNotes"]["pageInfo"]["hasNextPage"] is False


async def test_what_is_not_on_record_is_not_shown(server, people, monkeypatch):
    """The entries commit first: where they cannot, there is no text."""
    doctor, ana = people
    other = make.doctor()
    await server.given(other, make.share(ana, other))
    await written(server, doctor, await visit(server, doctor, ana))

    async def fail(*_):
        raise ConnectionResetError("the line is dead")

    monkeypatch.setattr("persistence.accesses.store", fail)
    answer = await server.answer(SHARED, other, patient=gid(ana))

    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert TEXT not in str(answer)


async def test_who_reads_a_note_does_not_find_it_for_one_of_his_own(server, people):
    doctor, ana = people
    other = make.doctor()
    await server.given(other, make.share(ana, other))
    note = make.note(await visit(server, doctor, ana))
    await server.given(note)

    async with server.app.works.begin(other.viewer) as work:
        assert await work.visit_notes.get(note.id) == note
        with pytest.raises(NotFound):
            await visit_notes.find(work, other.viewer, note.id)


async def test_whose_id_is_of_nobody_is_told_nothing(server, people):
    doctor, _ = people

    assert await shared(server, doctor, make.patient()) == []
    assert await server.refuse(SHARED, doctor, patient=gid(doctor)) == "BAD_USER_INPUT"


async def test_the_patient_hears_at_once_that_it_was_written_and_read(server, people):
    doctor, ana = people
    bruno, other = make.patient(), make.doctor()
    await server.given(bruno, other, make.share(ana, other))
    made = await visit(server, doctor, ana)

    async with server.listening(LIVE, ana) as hers, server.listening(LIVE, bruno) as his:
        note = await written(server, doctor, made)
        came = await hers.next()
        await shared(server, other, ana)
        read = await hers.next()
        assert await his.silent()

    assert (came["action"], came["note"]) == ("UPLOADED", {"id": note["id"], "text": TEXT})
    assert (read["action"], read["note"]) == ("OPENED", {"id": note["id"], "text": TEXT})
    assert [came, read] == await log(server, ana)
