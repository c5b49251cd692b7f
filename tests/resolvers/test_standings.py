"""Administrators decide of doctors, and what they decide holds at once."""

import json
from datetime import timedelta

import pytest

from domain.doctors import DoctorStatus
from domain.mail import MailKind
from tests import make
from tests.mailbox import Mailbox
from tests.make import NOW, TOMORROW, Person
from tests.race.acts import ACCEPT, REQUEST, outcome
from tests.server import LocalServer, gid

PENDING, VERIFIED = DoctorStatus.PENDING, DoctorStatus.VERIFIED
SUSPENDED = DoctorStatus.SUSPENDED
REASON = "O conselho cassou o registro."
DECIDE = """
mutation ($id: ID!, $reason: String!) {
  %sDoctor(input: {doctorId: $id, reason: $reason}) {
    registration { status doctor { id } decisions { status reason at } }
    problems { code path message }
  }
}
"""
VERIFY, SUSPEND, REINSTATE = (DECIDE % verb for verb in ("verify", "suspend", "reinstate"))
SEARCH = "query ($crm: String!) { doctor(crm: $crm, uf: SP) { id } }"
REGISTRATIONS = """
query ($status: [DoctorStatus!], $search: String, $first: Int, $after: String) {
  viewer { ... on AdministratorViewer {
    registrations(status: $status, search: $search, first: $first, after: $after) {
      nodes { status registeredAt doctor { id name crm } decisions { reason } }
      pageInfo { hasNextPage endCursor }
    }
  } }
}
"""


async def people(server: LocalServer, status: DoctorStatus = VERIFIED) -> tuple[Person, Person]:
    doctor, administrator = make.doctor(status=status), make.administrator()
    await server.given(doctor, administrator)
    return doctor, administrator


async def status_of(server: LocalServer, doctor: Person) -> str:
    [row] = await server.fetch("SELECT status FROM doctor WHERE id = $1", doctor.id)
    return row["status"]


async def decide(server: LocalServer, who: Person, verb: str, doctor: Person, why: str = REASON):
    return await server.ask(verb, who, id=gid(doctor), reason=why)


def is_shut_out(server: LocalServer, who: Person) -> bool:
    token, _ = server.app.services.tokens.issue(who.viewer, at=server.now)
    return server.app.authenticate(f"Bearer {token}").dead


# ----------------------------------------------------------------- decisions


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        (PENDING, VERIFY, VERIFIED),
        (PENDING, SUSPEND, SUSPENDED),
        (VERIFIED, SUSPEND, SUSPENDED),
        (SUSPENDED, REINSTATE, VERIFIED),
    ],
)
async def test_a_decision_is_kept_with_its_reason(server: LocalServer, before, verb, after):
    doctor, administrator = await people(server, before)

    payload = await decide(server, administrator, verb, doctor, f"  {REASON}  ")

    assert payload["problems"] == []
    registration = payload["registration"]
    assert registration["status"] == after == await status_of(server, doctor)
    assert registration["doctor"] == {"id": gid(doctor)}
    [decision] = registration["decisions"]
    assert decision == {"status": after, "reason": REASON, "at": NOW.isoformat()[:-6] + "Z"}
    [standing] = await server.fetch("SELECT * FROM standing WHERE doctor_id = $1", doctor.id)
    assert standing["decided_by"] == administrator.id
    assert REASON.encode() not in standing["reason"]
    assert len(await server.audited(administrator)) == 1


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        (VERIFIED, VERIFY),
        (SUSPENDED, VERIFY),
        (SUSPENDED, SUSPEND),
        (PENDING, REINSTATE),
        (VERIFIED, REINSTATE),
    ],
)
async def test_what_makes_no_sense_is_refused(server: LocalServer, status, verb):
    doctor, administrator = await people(server, status)

    async with server.unchanged(doctor, administrator):
        payload = await decide(server, administrator, verb, doctor)

    assert payload["registration"] is None
    [problem] = payload["problems"]
    assert (problem["code"], problem["path"]) == ("WRONG_STATUS", ["doctorId"])


@pytest.mark.parametrize("reason", ["", "  curto  ", "x" * 501])
async def test_a_reason_is_needed(server: LocalServer, reason: str):
    doctor, administrator = await people(server)

    async with server.unchanged(doctor, administrator):
        payload = await decide(server, administrator, SUSPEND, doctor, reason)

    [problem] = payload["problems"]
    assert (problem["code"], problem["path"]) == ("INVALID", ["reason"])


async def test_nobody_else_decides_and_a_doctor_who_is_none_is_not_found(server: LocalServer):
    doctor, administrator = await people(server)
    ana = make.patient()
    await server.given(ana)

    for who, expected in ((doctor, "FORBIDDEN"), (ana, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
        assert await server.refuse(SUSPEND, who, id=gid(doctor), reason=REASON) == expected
    for id in (gid(ana), f"doctor_{ana.id}"):
        code = await server.refuse(SUSPEND, administrator, id=id, reason=REASON)
        assert code == "NOT_FOUND"

    assert await status_of(server, doctor) == VERIFIED


# ----------------------------------------------------------------- at once


async def test_a_suspended_doctor_is_shut_out_and_not_to_be_found(server: LocalServer):
    doctor, administrator = await people(server)
    ana = make.patient()
    slot = make.slot(doctor)
    await server.given(ana, slot)
    assert not is_shut_out(server, doctor)

    await decide(server, administrator, SUSPEND, doctor)

    assert is_shut_out(server, doctor)
    assert doctor.session.id in server.ended
    assert not is_shut_out(server, administrator)
    assert await server.ask(SEARCH, crm=doctor.who.crm) is None
    key = "0190f3a4-0000-7000-8000-000000000000"
    assert await server.refuse(REQUEST, ana, id=gid(slot), key=key) == "NOT_FOUND"


async def test_a_suspended_doctor_accepts_nothing_until_he_is_reinstated(server: LocalServer):
    doctor, administrator = await people(server)
    ana = make.patient()
    slot, appointment = make.visit(doctor, ana)
    await server.given(ana, slot, appointment)

    await decide(server, administrator, SUSPEND, doctor)
    refused = await server.refuse(ACCEPT, doctor, id=gid(appointment), seen=None)
    await decide(server, administrator, REINSTATE, doctor, "O conselho voltou atrás.")

    assert refused == "FORBIDDEN"
    assert outcome(await server.ask(ACCEPT, doctor, id=gid(appointment), seen=None)) == "DONE"
    assert await server.ask(SEARCH, crm=doctor.who.crm) == {"id": gid(doctor)}


async def test_whoever_was_to_see_him_is_told_and_nobody_else(server: LocalServer):
    doctor, administrator = await people(server)
    confirmed, asking, twice, expired, past, cancelled = (make.patient() for _ in range(6))
    hours = [timedelta(hours=n) for n in range(7)]
    visits = [
        make.visit(doctor, confirmed, status="CONFIRMED"),
        make.visit(doctor, asking, starts_at=TOMORROW + hours[1]),
        make.visit(doctor, twice, starts_at=TOMORROW + hours[2]),
        make.visit(doctor, twice, starts_at=TOMORROW + hours[3], status="CONFIRMED"),
        make.visit(doctor, expired, starts_at=TOMORROW + hours[4], respond_by=NOW),
        make.visit(doctor, past, starts_at=NOW - hours[5], status="CONFIRMED"),
        make.visit(doctor, cancelled, starts_at=TOMORROW + hours[6], status="CANCELLED"),
    ]
    everybody = [confirmed, asking, twice, expired, past, cancelled]
    await server.given(*everybody, *(thing for visit in visits for thing in visit))

    await decide(server, administrator, SUSPEND, doctor)
    mailbox = Mailbox()
    await mailbox.fetch(server)

    told = [len(mailbox.of(who.account.email, MailKind.VISITS_IN_DOUBT)) for who in everybody]
    assert told == [1, 1, 1, 0, 0, 0]
    [mail] = mailbox.of(doctor.account.email)
    assert mail.kind is MailKind.REGISTRATION_SUSPENDED
    assert mail.accounts[0].crm == f"{doctor.who.crm}/SP"
    assert [a.status for a in [await server.appointment(v[1].id) for v in visits[:4]]] == [
        *("CONFIRMED", "REQUESTED", "REQUESTED", "CONFIRMED")
    ]


async def test_his_slots_are_told_to_nobody_any_more(server: LocalServer):
    doctor, administrator = await people(server)
    slot = make.slot(doctor)
    ana = make.patient()
    await server.given(ana, slot)
    hold = f'mutation {{ holdSlot(input: {{slotId: "{gid(slot)}"}}) {{ problems {{ code }} }} }}'
    changes = "subscription ($ids: [ID!]!) { slotChanges(doctorIds: $ids) { kind } }"
    own = "subscription { appointmentChanges { kind } }"

    async with (
        server.listening(changes, ids=[gid(doctor)]) as anybody,
        server.listening(own, doctor) as himself,
    ):
        await server.ask(hold, ana)
        assert await anybody.next() == {"kind": "HELD"}
        await decide(server, administrator, SUSPEND, doctor)
        release = hold.replace("holdSlot", "releaseSlot")
        assert await server.ask(release, ana) == {"problems": []}

        assert await anybody.silent()
        assert himself.heard.empty()


# ------------------------------------------------------------------- listings


async def registrations(server: LocalServer, who: Person, **given) -> dict:
    return (await server.ask(REGISTRATIONS, who, **given))["registrations"]


async def test_administrators_find_every_doctor_by_status_name_and_number(server: LocalServer):
    _, administrator = await people(server)
    mark = make.cpf()
    given = [
        make.doctor(name=f"João Ávila {mark}", status=status)
        for status in (PENDING, SUSPENDED, VERIFIED)
    ]
    given.sort(key=lambda doctor: doctor.id)  # those of one millisecond are in no order
    await server.given(*given)

    async def found(**wanted):
        page = await registrations(server, administrator, **wanted)
        return [node["doctor"]["id"] for node in page["nodes"]]

    newest_first = [gid(doctor) for doctor in reversed(given)]
    assert await found(search=f"joao avila {mark}") == newest_first
    seen = [gid(d) for d in reversed(given) if d.who.status is not SUSPENDED]
    assert await found(search=mark, status=["PENDING", "VERIFIED"]) == seen
    assert await found(search=given[0].who.crm) == [gid(given[0])]
    assert await found(search=f"{mark}%") == []
    first = await registrations(server, administrator, search=mark, first=2)
    assert first["pageInfo"]["hasNextPage"]
    cursor = first["pageInfo"]["endCursor"]
    assert await found(search=mark, first=2, after=cursor) == newest_first[2:]


@pytest.mark.parametrize("search", ["", "  ", "x" * 121, "a\0b"])
async def test_what_nobody_can_be_called_is_not_searched_for(server: LocalServer, search: str):
    _, administrator = await people(server)

    assert await server.refuse(REGISTRATIONS, administrator, search=search) == "BAD_USER_INPUT"


async def test_a_doctor_reads_how_he_stands_and_why(server: LocalServer):
    doctor, administrator = await people(server)
    other = make.doctor()
    await server.given(other)
    query = "{ viewer { ... on DoctorViewer { registration { status decisions { reason } } } } }"

    await decide(server, administrator, SUSPEND, doctor)
    await decide(server, administrator, REINSTATE, doctor, "O conselho voltou atrás.")

    told = (await server.ask(query, doctor))["registration"]
    assert told["status"] == "VERIFIED"
    assert [d["reason"] for d in told["decisions"]] == ["O conselho voltou atrás.", REASON]
    assert (await server.ask(query, other))["registration"]["decisions"] == []


async def test_many_registrations_are_read_in_few_statements(server: LocalServer):
    _, administrator = await people(server)
    mark = make.cpf()
    await server.given(*(make.doctor(name=f"Nina {mark}") for _ in range(5)))

    with server.statements() as one:
        await registrations(server, administrator, search=mark, first=1)
    with server.statements() as five:
        await registrations(server, administrator, search=mark, first=5)

    assert len(five) == len(one)


async def test_what_is_decided_is_not_logged(server: LocalServer, caplog):
    doctor, administrator = await people(server)

    await decide(server, administrator, SUSPEND, doctor)
    await server.answer(SUSPEND, doctor, id=gid(doctor), reason=REASON)

    texts = json.dumps([record.getMessage() for record in caplog.records], ensure_ascii=False)
    assert "forbidden: SuspendDoctor" not in texts  # refused before it came to that
    assert REASON not in texts
