"""Administrators read who did what, and that they did is written down too."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import make
from tests.make import Person
from tests.race.acts import ACCEPT, WITHDRAW
from tests.server import LocalServer, gid

ENTRIES = """
query ($filter: AuditFilter, $first: Int, $after: String) {
  viewer { ... on AdministratorViewer {
    auditEntries(filter: $filter, first: $first, after: $after) {
      nodes { at role actorId sessionId action subjects { name value } }
      pageInfo { hasNextPage endCursor }
    }
  } }
}
"""


async def entries(server: LocalServer, who: Person, **filter) -> list[dict]:
    page = await server.ask(ENTRIES, who, filter=filter, first=100)
    return page["auditEntries"]["nodes"]


@pytest.fixture
async def administrator(server: LocalServer) -> Person:
    administrator = make.administrator()
    await server.given(administrator)
    return administrator


async def test_an_act_is_found_by_who_did_it_and_by_what_it_was_about(
    server: LocalServer, administrator: Person
):
    doctor, ana, other = make.doctor(), make.patient(), make.doctor()
    slot, visit = make.visit(doctor, ana)
    await server.given(doctor, ana, other, slot, visit)
    await server.ask(ACCEPT, doctor, id=gid(visit), seen=None)
    await server.answer(ACCEPT, other, id=gid(visit), seen=None)  # refused: no entry

    of_him = await entries(server, administrator, actorId=gid(doctor))
    about = await entries(server, administrator, subjectId=gid(visit))

    [entry] = of_him
    assert about == of_him
    assert entry["action"] == "AcceptAppointment"
    assert entry["role"] == "DOCTOR"
    assert entry["actorId"] == gid(doctor)
    assert entry["sessionId"] == f"session_{doctor.session.id}"
    assert {"name": "appointmentId", "value": gid(visit)} in entry["subjects"]
    assert {"name": "doctorId", "value": gid(doctor)} in entry["subjects"]
    assert await entries(server, administrator, subjectId=gid(ana)) == []
    named = {"actorId": gid(doctor), "action": "DeclineAppointment"}
    assert await entries(server, administrator, **named) == []


async def test_one_of_many_that_an_act_was_about_finds_it(
    server: LocalServer, administrator: Person
):
    doctor = make.doctor()
    slots = make.slots(doctor, 3)
    await server.given(doctor, *slots)
    await server.ask(WITHDRAW, doctor, ids=[gid(slot) for slot in slots[:2]])

    [entry] = await entries(server, administrator, subjectId=gid(slots[1]))

    shown = {s["value"] for s in entry["subjects"] if s["name"] == "slotIds"}
    assert shown == {gid(slot) for slot in slots[:2]}
    assert await entries(server, administrator, subjectId=gid(slots[2])) == []


async def test_a_range_of_time_has_its_first_moment_and_not_its_last(
    server: LocalServer, administrator: Person
):
    doctor = make.doctor()
    slots = make.slots(doctor, 2)
    await server.given(doctor, *slots)
    for slot in slots:
        await server.ask(WITHDRAW, doctor, ids=[gid(slot)])
    latest, first = await entries(server, administrator, actorId=gid(doctor))

    async def found(**range):
        return await entries(server, administrator, actorId=gid(doctor), **range)

    assert await found(**{"from": first["at"], "to": latest["at"]}) == [first]
    assert await found(**{"from": latest["at"]}) == [latest]
    assert await found(to=first["at"]) == []
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert await found(**{"from": tomorrow.isoformat()}) == []


async def test_reading_is_an_entry_and_nothing_of_it_is_read_twice(
    server: LocalServer, administrator: Person
):
    for _ in range(3):
        await entries(server, administrator, actorId=f"administrator_{administrator.id}")

    mine = {"actorId": f"administrator_{administrator.id}"}
    first = (await server.ask(ENTRIES, administrator, filter=mine, first=2))["auditEntries"]
    after = first["pageInfo"]["endCursor"]
    rest = await server.ask(ENTRIES, administrator, filter=mine, first=100, after=after)

    assert [entry["action"] for entry in first["nodes"]] == ["ReadAuditLog"] * 2
    assert first["pageInfo"]["hasNextPage"]
    assert len(rest["auditEntries"]["nodes"]) == 1
    assert await server.audited(administrator) == ["ReadAuditLog"] * 5


@pytest.mark.parametrize("id", ["x", "session_0190f3a4-0000-7000-8000-000000000000", "doctor_1"])
async def test_what_is_no_id_of_ours_is_told(server: LocalServer, administrator: Person, id: str):
    for name in ("actorId", "subjectId"):
        code = await server.refuse(ENTRIES, administrator, filter={name: id})
        assert code == "BAD_USER_INPUT"


async def test_of_the_record_the_log_says_nothing(server: LocalServer, administrator: Person):
    """The reason, the justification, names and numbers stay where they are."""
    doctor, ana = make.doctor(), make.patient(name="Zilda Quaresma")
    slot, visit = make.visit(doctor, ana, reason="zumbido no ouvido")
    await server.given(doctor, ana, slot, visit)
    cancel = """mutation ($id: ID!) { cancelAppointment(input:
      {appointmentId: $id, justification: "zangado com o zumbido"}) { problems { code } } }"""
    assert await server.ask(cancel, ana, id=gid(visit)) == {"problems": []}

    told = str(await entries(server, administrator, actorId=gid(ana)))

    assert "CancelAppointment" in told
    for secret in ("umbido", "Zilda", ana.who.cpf, ana.account.email):
        assert secret not in told
