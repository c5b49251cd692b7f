"""A patient who does not want telemedicine asks for a visit in person, and the doctor answers."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.doctors import DoctorStatus
from domain.ids import new_id
from domain.mail import MailKind
from tests import make
from tests.mailbox import Mailbox
from tests.make import NOW, Person
from tests.resolvers.appointments import REQUEST as REQUEST_APPOINTMENT
from tests.resolvers.test_access_requests import ASK as REQUEST_ACCESS
from tests.server import LocalServer, gid

_REQUEST = """
  id status message askedAt answeredAt accepted answer withdrawnAt doctor { id } patient { id name }
"""
ASK = f"""
mutation ($doctor: ID!, $message: String!, $key: ID!) {{
  requestInPersonVisit(input: {{doctorId: $doctor, message: $message, idempotencyKey: $key}}) {{
    request {{ {_REQUEST} }} problems {{ code path message }}
  }}
}}
"""
ANSWER = f"""
mutation ($id: ID!, $accepted: Boolean!, $message: String!) {{
  answerInPersonRequest(input: {{requestId: $id, accepted: $accepted, message: $message}}) {{
    request {{ {_REQUEST} }} problems {{ code path }}
  }}
}}
"""
WITHDRAW = f"""
mutation ($id: ID!) {{
  withdrawInPersonRequest(input: {{requestId: $id}}) {{
    request {{ {_REQUEST} }} problems {{ code path }}
  }}
}}
"""
LIST = f"""
query ($first: Int, $after: String) {{
  viewer {{
    ... on DoctorViewer {{ inPersonRequests(first: $first, after: $after) {{
      nodes {{ {_REQUEST} }} pageInfo {{ hasNextPage endCursor }}
    }} }}
    ... on PatientViewer {{ inPersonRequests(first: $first, after: $after) {{
      nodes {{ {_REQUEST} }} pageInfo {{ hasNextPage endCursor }}
    }} }}
  }}
}}
"""
NODE = "query ($id: ID!) { node(id: $id) { ... on Patient { name cpf } } }"
WISH, WHERE = "Prefiro ir ao consultório.", "Terça às 9h, na Rua Augusta, 100."
DAY = timedelta(days=1)


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """They have never had to do with each other."""
    doctor, ana = make.doctor(), make.patient(name="Ana Moreira")
    await server.given(doctor, ana)
    return doctor, ana


async def ask(server: LocalServer, patient: Person, doctor: Person, **given: Any) -> Any:
    plain = {"doctor": gid(doctor), "message": WISH, "key": uuid4()}
    return await server.ask(ASK, patient, **(plain | given))


async def asked(server: LocalServer, patient: Person, doctor: Person) -> Any:
    payload = await ask(server, patient, doctor)
    assert payload["problems"] == []
    return payload["request"]


async def answer(server: LocalServer, doctor: Person, id: str, **given: Any) -> Any:
    plain = {"id": id, "accepted": True, "message": WHERE}
    return await server.ask(ANSWER, doctor, **(plain | given))


async def listed(server: LocalServer, who: Person) -> Any:
    return (await server.ask(LIST, who, first=100))["inPersonRequests"]["nodes"]


def codes(payload: Any) -> list[str]:
    assert payload["request"] is None
    return [problem["code"] for problem in payload["problems"]]


async def test_who_refuses_telemedicine_asks_and_both_see_it(server: LocalServer, people: Any):
    doctor, ana = people
    slot = make.slot(doctor)
    await server.given(slot)
    refused = await server.ask(REQUEST_APPOINTMENT, ana, slot=gid(slot), key=uuid4(), consent=False)
    assert refused["problems"][0]["code"] == "CONSENT_REQUIRED"

    payload = await ask(server, ana, doctor, message=f"  {WISH} ")

    assert payload["problems"] == []
    request = payload["request"]
    assert (request["status"], request["message"]) == ("ASKED", WISH)
    assert request["doctor"] == {"id": gid(doctor)}
    assert request["patient"] == {"id": gid(ana), "name": "Ana Moreira"}
    later = ("answeredAt", "accepted", "answer", "withdrawnAt")
    assert [request[name] for name in later] == [None] * 4
    assert await listed(server, doctor) == await listed(server, ana) == [request]
    assert await server.audited(ana) == ["RequestInPersonVisit"]


@pytest.mark.parametrize("accepted", [True, False])
async def test_the_doctor_answers_and_both_read_it(
    server: LocalServer, people: Any, accepted: bool
):
    doctor, ana = people
    id = (await asked(server, ana, doctor))["id"]
    server.now = NOW + DAY

    payload = await answer(server, doctor, id, accepted=accepted)

    assert payload["problems"] == []
    request = payload["request"]
    assert (request["status"], request["accepted"]) == ("ANSWERED", accepted)
    assert (request["answer"], request["message"]) == (WHERE, WISH)
    assert request["answeredAt"] > request["askedAt"]
    assert await listed(server, doctor) == await listed(server, ana) == [request]
    assert await server.audited(doctor) == ["AnswerInPersonRequest"]


async def test_each_is_told_by_mail_and_nothing_of_what_was_said(server: LocalServer, people: Any):
    doctor, ana = people
    mailbox = Mailbox()
    id = (await asked(server, ana, doctor))["id"]
    await mailbox.fetch(server)
    [to_doctor] = mailbox.of(doctor.account.email)
    assert to_doctor.kind is MailKind.IN_PERSON_ASKED
    assert mailbox.of(ana.account.email) == []

    await answer(server, doctor, id)
    await mailbox.fetch(server)

    [to_ana] = mailbox.of(ana.account.email)
    assert to_ana.kind is MailKind.IN_PERSON_ANSWERED
    assert len(mailbox.of(doctor.account.email)) == 1
    told = f"{to_doctor} {to_ana}"
    assert not [said for said in (WISH, WHERE, "Moreira", doctor.who.name) if said in told]


async def test_until_it_is_answered_the_patient_may_withdraw_it(server: LocalServer, people: Any):
    doctor, ana = people
    id = (await asked(server, ana, doctor))["id"]

    payload = await server.ask(WITHDRAW, ana, id=id)

    assert payload["problems"] == []
    assert payload["request"]["status"] == "WITHDRAWN"
    assert payload["request"]["withdrawnAt"] is not None
    assert await listed(server, doctor) == [payload["request"]]
    over = [{"code": "WRONG_STATUS", "path": ["requestId"]}]
    async with server.unchanged(doctor, ana):
        assert (await answer(server, doctor, id))["problems"] == over
        assert (await server.ask(WITHDRAW, ana, id=id))["problems"] == over
    assert await server.audited(ana) == ["RequestInPersonVisit", "WithdrawInPersonRequest"]


async def test_an_answer_is_given_once_and_is_not_taken_back(server: LocalServer, people: Any):
    doctor, ana = people
    id = (await asked(server, ana, doctor))["id"]
    await answer(server, doctor, id)

    async with server.unchanged(doctor, ana):
        again = await answer(server, doctor, id, accepted=False)
        withdrawn = await server.ask(WITHDRAW, ana, id=id)

    assert codes(again) == codes(withdrawn) == ["WRONG_STATUS"]


async def test_one_waits_with_each_doctor_and_five_in_all(server: LocalServer, people: Any):
    doctor, ana = people
    others = [make.doctor() for _ in range(5)]
    await server.given(*others)
    first = await asked(server, ana, doctor)

    async with server.unchanged(doctor, ana):
        again = await ask(server, ana, doctor)
    assert codes(again) == ["WRONG_STATUS"]
    assert again["problems"][0]["path"] == ["doctorId"]
    for other in others[:4]:
        await asked(server, ana, other)
    async with server.unchanged(others[4], ana):
        assert codes(await ask(server, ana, others[4])) == ["LIMIT_REACHED"]

    await answer(server, doctor, first["id"])
    await asked(server, ana, others[4])


async def test_after_an_answer_one_may_ask_anew(server: LocalServer, people: Any):
    doctor, ana = people
    for end in (ANSWER, WITHDRAW):
        id = (await asked(server, ana, doctor))["id"]
        given = {"accepted": False, "message": WHERE} if end is ANSWER else {}
        await server.ask(end, doctor if end is ANSWER else ana, id=id, **given)

    last = await asked(server, ana, doctor)

    statuses = [each["status"] for each in await listed(server, ana)]
    assert statuses == ["ASKED", "WITHDRAWN", "ANSWERED"]
    assert (await listed(server, ana))[0] == last


async def test_nobody_fills_a_mailbox_by_withdrawing_and_asking_again(
    server: LocalServer, people: Any
):
    doctor, ana = people
    given = [make.in_person_request(ana, doctor, withdrawn_at=NOW) for _ in range(10)]
    await server.given(*given)

    async with server.unchanged(doctor, ana):
        assert codes(await ask(server, ana, doctor)) == ["LIMIT_REACHED"]

    server.now = NOW + DAY
    await asked(server, ana, doctor)


@pytest.mark.parametrize("status", [DoctorStatus.PENDING, DoctorStatus.SUSPENDED])
async def test_only_verified_doctors_are_asked_and_answer(
    server: LocalServer, people: Any, status: DoctorStatus
):
    _, ana = people
    doctor = make.doctor(status=status)
    waiting = make.in_person_request(ana, doctor)
    await server.given(doctor, waiting)

    async with server.unchanged(doctor, ana):
        given = {"doctor": gid(doctor), "message": WISH, "key": uuid4()}
        assert await server.refuse(ASK, ana, **given) == "NOT_FOUND"
        given = {"id": f"inperson_{waiting.id}", "accepted": True, "message": WHERE}
        assert await server.refuse(ANSWER, doctor, **given) == "FORBIDDEN"


@pytest.mark.parametrize(("length", "fits"), [(9, False), (10, True), (500, True), (501, False)])
async def test_what_is_said_has_ten_to_five_hundred_characters(
    server: LocalServer, people: Any, length: int, fits: bool
):
    doctor, ana = people
    words = f" {'x' * length} "
    expected = [] if fits else [("INVALID", ["message"])]

    made = await ask(server, ana, doctor, message=words)
    id = made["request"]["id"] if fits else (await asked(server, ana, doctor))["id"]
    answered = await answer(server, doctor, id, message=words)

    for payload in (made, answered):
        assert [(each["code"], each["path"]) for each in payload["problems"]] == expected
    [request] = await listed(server, ana)
    assert request["status"] == ("ANSWERED" if fits else "ASKED")


async def test_nobody_else_sees_answers_or_withdraws_it(server: LocalServer, people: Any):
    doctor, ana = people
    other, bia = make.doctor(), make.patient()
    await server.given(other, bia)
    id = (await asked(server, ana, doctor))["id"]

    async with server.unchanged(doctor, ana, other, bia):
        given = {"id": id, "accepted": True, "message": WHERE}
        assert await server.refuse(ANSWER, other, **given) == "NOT_FOUND"
        assert await server.refuse(ANSWER, ana, **given) == "FORBIDDEN"
        assert await server.refuse(ANSWER, doctor, **given | {"id": gid(ana)}) == "NOT_FOUND"
        unknown = f"inperson_{new_id()}"
        assert await server.refuse(ANSWER, doctor, **given | {"id": unknown}) == "NOT_FOUND"
        assert await server.refuse(WITHDRAW, bia, id=id) == "NOT_FOUND"
        assert await server.refuse(WITHDRAW, doctor, id=id) == "FORBIDDEN"
        given = {"doctor": f"doctor_{new_id()}", "message": WISH, "key": uuid4()}
        assert await server.refuse(ASK, ana, **given) == "NOT_FOUND"
    assert await listed(server, other) == await listed(server, bia) == []


async def test_the_doctor_who_was_asked_may_look_up_the_patient(server: LocalServer, people: Any):
    doctor, ana = people
    other = make.doctor()
    await server.given(other)
    assert await server.ask(NODE, doctor, id=gid(ana)) is None

    await asked(server, ana, doctor)

    seen = await server.ask(NODE, doctor, id=gid(ana))
    assert (seen["name"], seen["cpf"][:4]) == ("Ana Moreira", "***.")
    assert await server.ask(NODE, other, id=gid(ana)) is None


async def test_and_may_not_ask_for_the_record_by_that(server: LocalServer, people: Any):
    doctor, ana = people
    await asked(server, ana, doctor)

    given = {"patient": gid(ana), "message": WHERE}
    assert await server.refuse(REQUEST_ACCESS, doctor, **given) == "NOT_FOUND"


async def test_a_list_comes_in_pages_the_latest_first(server: LocalServer, people: Any):
    doctor, ana = people
    given = [make.in_person_request(ana, doctor, withdrawn_at=NOW) for _ in range(5)]
    await server.given(*given)

    met, after, more = [], None, True
    while more:
        page = (await server.ask(LIST, doctor, first=2, after=after))["inPersonRequests"]
        met += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert [each["id"] for each in met] == [f"inperson_{each.id}" for each in reversed(given)]


# ------------------------------------------------------------- once, and at once


async def test_the_same_key_again_asks_once_and_tells_how_it_stands(
    server: LocalServer, people: Any
):
    doctor, ana = people
    key, mailbox = uuid4(), Mailbox()
    first = await ask(server, ana, doctor, key=key)

    async with server.unchanged(doctor, ana):
        again = await ask(server, ana, doctor, key=key)
    await answer(server, doctor, first["request"]["id"])
    answered = await ask(server, ana, doctor, key=key)

    assert again == first
    assert (answered["request"]["id"], answered["request"]["status"]) == (
        first["request"]["id"],
        "ANSWERED",
    )
    await mailbox.fetch(server)
    assert len(mailbox.of(doctor.account.email)) == 1


async def test_a_refusal_is_given_again_and_another_input_is_refused(
    server: LocalServer, people: Any
):
    doctor, ana = people
    other = make.doctor()
    slot, key = make.slot(doctor), uuid4()
    await server.given(other, slot)
    first = await ask(server, ana, doctor, key=key, message="curto")

    async with server.unchanged(doctor, other, ana):
        assert await ask(server, ana, doctor, key=key, message="curto") == first
        reused = [
            await ask(server, ana, doctor, key=key),
            await ask(server, ana, other, key=key, message="curto"),
        ]
        for_a_visit = await server.ask(REQUEST_APPOINTMENT, ana, slot=gid(slot), key=key)
        not_a_key = await ask(server, ana, doctor, key="7")

    assert codes(first) == ["INVALID"]
    assert [codes(payload) for payload in reused] == [["IDEMPOTENCY_KEY_REUSED"]] * 2
    assert for_a_visit["problems"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert not_a_key["problems"][0]["path"] == ["idempotencyKey"]


async def test_of_many_at_once_one_request_is_made_and_one_end_comes_of_it(
    server: LocalServer, people: Any
):
    doctor, ana = people

    made = await asyncio.gather(*(ask(server, ana, doctor) for _ in range(6)))
    [request] = [each["request"] for each in made if each["request"]]
    ends = await asyncio.gather(
        *(answer(server, doctor, request["id"], accepted=n % 2 == 0) for n in range(3)),
        *(server.ask(WITHDRAW, ana, id=request["id"]) for _ in range(3)),
    )

    [ended] = [each["request"] for each in ends if each["request"]]
    assert await listed(server, ana) == [ended]


async def test_of_many_doctors_asked_at_once_five_are(server: LocalServer, people: Any):
    _, ana = people
    doctors = [make.doctor() for _ in range(8)]
    await server.given(*doctors)

    made = await asyncio.gather(*(ask(server, ana, each) for each in doctors))

    assert len([each for each in made if each["request"]]) == 5
    assert len(await listed(server, ana)) == 5
