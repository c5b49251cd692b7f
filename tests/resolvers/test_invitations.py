"""Both sides of an appointment hear by mail of every change, in their language and their zone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.accounts import Language
from domain.appointments import AppointmentStatus
from domain.calendars import EntryStatus
from domain.mail import Mail, MailKind
from domain.slots import Slot
from integrations.letters import Letters
from tests import make
from tests.mailbox import Mailbox
from tests.make import TOMORROW, Person
from tests.resolvers.appointments import ACTS, RESCHEDULE, done, request
from tests.resolvers.consultations import NO_SHOW
from tests.server import LocalServer, gid

UPDATE_PATIENT = """
mutation ($input: UpdatePatientInput!) {
  updatePatient(input: $input) { patient { id } problems { code path } }
}
"""
UPDATE_DOCTOR = """
mutation ($input: UpdateDoctorInput!) {
  updateDoctor(input: $input) { doctor { id } problems { code path } }
}
"""
REGISTER = """
mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) { patient { id } problems { code path } }
}
"""
ME = """
{ viewer {
  ... on PatientViewer { language timeZone }
  ... on DoctorViewer { language }
} }
"""
LETTERS = Letters("https://clinic.example", "Health&Med <no-reply@clinic.example>")
TENTATIVE, CONFIRMED, CANCELLED = EntryStatus


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person, Slot, Slot]:
    doctor = make.doctor(name="Canária Doutora", time_zone="America/Manaus")
    ana = make.patient(name="Canária Paciente")
    slot, later = make.slots(doctor, 2)
    await server.given(doctor, ana, slot, later)
    await Mailbox().fetch(server)
    return doctor, ana, slot, later


async def written(server: LocalServer, *people: Person) -> list[list[Mail]]:
    """To each of them."""
    mailbox = Mailbox()
    await mailbox.fetch(server)
    return [mailbox.of(person.account.email) for person in people]


def told(pieces: list[Mail]) -> list[tuple[MailKind, EntryStatus, int]]:
    visits = [(piece.kind, piece.visit) for piece in pieces]
    return [(kind, it.entry.status, it.entry.sequence) for kind, it in visits if it is not None]


def read_whole(piece: Mail) -> str:
    """All that is in the letter, files too."""
    letter = LETTERS.write(piece)
    parts = [part.get_content() for part in letter.walk() if not part.is_multipart()]
    texts = [part.decode() if isinstance(part, bytes) else part for part in parts]
    assert len(texts) == 4
    return "\n".join([*texts, str(letter.items())]).lower()


async def test_each_change_is_told_to_both_and_counted(server: LocalServer, people: Any):
    doctor, ana, slot, later = people
    asked = done(await request(server, ana, slot, reason="canária: dor no peito"))
    done(await server.ask(ACTS["accept"], doctor, id=asked["id"]))
    done(await server.ask(RESCHEDULE, ana, id=asked["id"], slot=gid(later)))
    done(await server.ask(ACTS["cancel"], ana, id=asked["id"], why="canária: uma viagem"))

    to_ana, to_doctor = await written(server, ana, doctor)

    changes = [
        (MailKind.VISIT_REQUESTED, TENTATIVE, 0),
        (MailKind.VISIT_CONFIRMED, CONFIRMED, 1),
        (MailKind.VISIT_MOVED, TENTATIVE, 2),
        (MailKind.VISIT_CANCELLED, CANCELLED, 3),
    ]
    assert told(to_ana) == told(to_doctor) == changes
    entries = [piece.visit.entry for piece in to_ana if piece.visit]
    assert [each.starts_at for each in entries] == [slot.starts_at] * 2 + [later.starts_at] * 2
    assert [piece.accounts[0].crm for piece in to_ana] == [None] * 4
    assert {piece.accounts[0].crm for piece in to_doctor} == {f"{doctor.who.crm}/SP"}
    for piece in (*to_ana, *to_doctor):
        for mark in ("canária", "cardiologia", ana.who.cpf):
            assert mark not in read_whole(piece)


async def test_who_declines_and_what_expires_takes_the_visit_out_of_calendars(
    server: LocalServer, people: Any
):
    doctor, ana, slot, later = people
    declined = done(await request(server, ana, slot))
    done(await server.ask(ACTS["decline"], doctor, id=declined["id"]))
    done(await request(server, ana, later))
    server.now = later.starts_at
    await server.app.sweep()
    server.now = make.NOW

    for pieces in await written(server, ana, doctor):
        assert told(pieces) == [
            (MailKind.VISIT_REQUESTED, TENTATIVE, 0),
            (MailKind.VISIT_DECLINED, CANCELLED, 1),
            (MailKind.VISIT_REQUESTED, TENTATIVE, 0),
        ]
    server.now = later.starts_at  # when it was told
    for pieces in await written(server, ana, doctor):
        assert told(pieces) == [(MailKind.VISIT_EXPIRED, CANCELLED, 1)]


async def test_of_a_visit_under_way_nobody_is_written_of(server: LocalServer):
    """Nor of a no-show, nor of one that is taken back: there is nothing to come to any more."""
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status=AppointmentStatus.CONFIRMED)
    await server.given(doctor, ana, slot, visit)
    server.now = visit.starts_at + timedelta(minutes=20)
    for undo in (False, True):
        assert (await server.ask(NO_SHOW, doctor, id=gid(visit), undo=undo))["problems"] == []

    assert await written(server, ana, doctor) == [[], []]
    assert (await server.appointment(visit.id)).version == 3


async def test_a_refused_act_is_told_to_nobody(server: LocalServer, people: Any):
    doctor, ana, slot, _ = people

    await request(server, ana, slot, consent=False)

    assert await written(server, ana, doctor) == [[], []]


async def test_each_reads_in_his_own_language_and_zone(server: LocalServer, people: Any):
    doctor, ana, slot, _ = people
    zone = "Europe/Lisbon"
    changed = await server.ask(UPDATE_PATIENT, ana, input={"language": "ENGLISH", "timeZone": zone})
    assert changed["problems"] == []

    await request(server, ana, slot)

    [[hers], [his]] = await written(server, ana, doctor)
    assert hers.language is Language.ENGLISH
    assert his.language is Language.PORTUGUESE
    assert (hers.visit.time_zone, his.visit.time_zone) == (zone, "America/Manaus")
    assert LETTERS.write(hers)["Subject"] == "A visit was requested"
    assert LETTERS.write(his)["Subject"] == "Consulta pedida"
    assert await server.ask(ME, ana) == {"language": "ENGLISH", "timeZone": zone}


async def test_a_doctor_chooses_a_language_and_a_change_of_something_else_leaves_it(
    server: LocalServer, people: Any
):
    doctor, *_ = people
    assert await server.ask(ME, doctor) == {"language": "PORTUGUESE"}

    await server.ask(UPDATE_DOCTOR, doctor, input={"language": "ENGLISH"})
    await server.ask(UPDATE_DOCTOR, doctor, input={"city": "Manaus", "language": None})

    assert await server.ask(ME, doctor) == {"language": "ENGLISH"}


async def test_what_is_no_zone_is_a_problem_where_it_was_given(server: LocalServer, people: Any):
    _, ana, *_ = people
    form = {"name": "Ana", "email": f"{uuid4()}@example.com", "cpf": make.cpf()}

    joined = await server.ask(
        REGISTER, input={**form, "password": "quatro palavras", "timeZone": "Mars/Olympus"}
    )
    changed = await server.ask(UPDATE_PATIENT, ana, input={"timeZone": "Sao_Paulo"})

    for answer in (joined, changed):
        assert answer == {"patient": None, "problems": [{"code": "INVALID", "path": ["timeZone"]}]}
    assert await server.ask(ME, ana) == {"language": "PORTUGUESE", "timeZone": "America/Sao_Paulo"}


async def test_who_joins_is_written_to_as_he_has_said(server: LocalServer):
    form = {"name": "Ana", "email": f"{uuid4()}@example.com", "cpf": make.cpf()}
    chosen = {"password": "quatro palavras", "language": "ENGLISH", "timeZone": "Asia/Tokyo"}

    joined = await server.ask(REGISTER, input={**form, **chosen})

    id = joined["patient"]["id"].removeprefix("patient_")
    [row] = await server.fetch(
        "SELECT language, time_zone FROM account JOIN patient USING (id) WHERE id = $1::uuid", id
    )
    assert dict(row) == {"language": "en", "time_zone": "Asia/Tokyo"}


async def test_who_has_left_is_not_written_to(server: LocalServer):
    """A visit of long ago may still come to another end."""
    doctor, ana = make.doctor(), make.patient(erased_at=make.NOW)
    slot, visit = make.visit(doctor, ana, status=AppointmentStatus.CONFIRMED, starts_at=TOMORROW)
    await server.given(doctor, ana, slot, visit)
    server.now = TOMORROW + timedelta(days=1)

    done(await server.ask(ACTS["cancel"], doctor, id=gid(visit)))

    [hers, his] = await written(server, ana, doctor)
    assert hers == []
    assert [piece.kind for piece in his] == [MailKind.VISIT_CANCELLED]
