"""A doctor asks to see a record; its patient shares, or declines, and nobody else is asked."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.doctors import DoctorStatus
from domain.ids import new_id
from domain.mail import MailKind
from tests import make
from tests.mailbox import Mailbox
from tests.make import TOMORROW, Person
from tests.resolvers.test_accesses import entries
from tests.resolvers.test_shares import shared
from tests.server import LocalServer, gid

_REQUEST = """
  id message status requestedAt expiresAt answeredAt doctor { id } patient { id name }
  share { id status }
"""
ASK = f"""
mutation ($patient: ID!, $message: String!) {{
  requestAccess(input: {{patientId: $patient, message: $message}}) {{
    request {{ {_REQUEST} }} problems {{ code path }}
  }}
}}
"""
ANSWER = f"""
mutation ($id: ID!, $accept: Boolean!, $ids: [ID!], $future: Boolean, $until: DateTime) {{
  answerAccessRequest(input: {{
    requestId: $id, accept: $accept, documentIds: $ids, includeFuture: $future, validUntil: $until
  }}) {{
    request {{ {_REQUEST} }} problems {{ code path }}
  }}
}}
"""
LIST = f"""
query ($first: Int, $after: String) {{
  viewer {{
    ... on DoctorViewer {{ accessRequests(first: $first, after: $after) {{
      nodes {{ {_REQUEST} }} pageInfo {{ hasNextPage endCursor }}
    }} }}
    ... on PatientViewer {{ accessRequests(first: $first, after: $after) {{
      nodes {{ {_REQUEST} }} pageInfo {{ hasNextPage endCursor }}
    }} }}
  }}
}}
"""
WHY = "Preciso do último hemograma."
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
async def people(server: LocalServer) -> tuple[Person, Person]:
    """By the real time, which the database knows. They had an appointment once."""
    server.now = datetime.now(UTC)
    doctor, ana = make.doctor(), make.patient(name="Ana Moreira")
    await server.given(doctor, ana, *make.visit(doctor, ana, status="CANCELLED"))
    return doctor, ana


async def ask(server: LocalServer, doctor: Person, patient: Person, message: str = WHY) -> dict:
    return await server.ask(ASK, doctor, patient=gid(patient), message=message)


async def asked(server: LocalServer, doctor: Person, patient: Person) -> str:
    payload = await ask(server, doctor, patient)
    assert payload["problems"] == []
    return payload["request"]["id"]


async def accept(server: LocalServer, patient: Person, id: str, **given) -> dict:
    plain = {"accept": True, "future": True, "until": datetime.now(UTC) + DAY}
    return await server.ask(ANSWER, patient, id=id, **(plain | given))


async def listed(server: LocalServer, who: Person) -> list[dict]:
    return (await server.ask(LIST, who, first=100))["accessRequests"]["nodes"]


async def test_both_see_what_was_asked_and_nothing_is_shown_yet(server, people):
    doctor, ana = people
    await server.given(make.document(ana))

    payload = await ask(server, doctor, ana, f"  {WHY} ")

    assert payload["problems"] == []
    request = payload["request"]
    assert (request["status"], request["message"]) == ("PENDING", WHY)
    assert request["doctor"] == {"id": gid(doctor)}
    assert request["patient"] == {"id": gid(ana), "name": "Ana Moreira"}
    assert (request["answeredAt"], request["share"]) == (None, None)
    length = datetime.fromisoformat(request["expiresAt"]) - datetime.fromisoformat(
        request["requestedAt"]
    )
    assert length == 14 * DAY
    assert await listed(server, doctor) == await listed(server, ana) == [request]
    assert await shared(server, doctor) == []
    assert await server.audited(doctor) == ["RequestAccess"]


async def test_the_patient_is_told_by_mail_without_who_or_why(server, people):
    doctor, ana = people
    mailbox = Mailbox()

    await ask(server, doctor, ana)
    await mailbox.fetch(server)

    [mail] = mailbox.of(ana.account.email)
    assert mail.kind is MailKind.ACCESS_REQUESTED
    assert [named.crm for named in mail.accounts] == [None]
    assert mailbox.of(doctor.account.email) == []


async def test_an_acceptance_is_a_share_on_the_patients_terms(server, people):
    doctor, ana = people
    one, other = make.document(ana), make.document(ana)
    await server.given(one, other)
    id = await asked(server, doctor, ana)

    payload = await accept(server, ana, id, ids=[gid(one)], future=False)

    assert payload["problems"] == []
    request = payload["request"]
    assert (request["status"], request["share"]["status"]) == ("ACCEPTED", "ACTIVE")
    assert request["answeredAt"] is not None
    assert await shared(server, doctor) == [gid(one)]
    [seen] = await listed(server, doctor)
    assert (seen["status"], seen["share"]) == ("ACCEPTED", None)  # the share is the patient's
    assert await listed(server, ana) == [request]
    given = (await entries(server, ana))[-1]
    assert (given["action"], given["share"]) == ("SHARED", {"id": request["share"]["id"]})
    assert await server.audited(ana) == ["AnswerAccessRequest", "ShareRecord"]


async def test_a_refusal_shows_nothing(server, people):
    doctor, ana = people
    await server.given(make.document(ana))
    id = await asked(server, doctor, ana)

    payload = await accept(server, ana, id, accept=False)

    assert payload["problems"] == []
    assert (payload["request"]["status"], payload["request"]["share"]) == ("DECLINED", None)
    assert [each["status"] for each in await listed(server, doctor)] == ["DECLINED"]
    assert await shared(server, doctor) == []
    assert await entries(server, ana) == []  # nobody has seen anything


async def test_what_is_answered_is_answered_once_and_one_may_ask_anew(server, people):
    doctor, ana = people
    for answer in (True, False):
        id = await asked(server, doctor, ana)
        assert (await accept(server, ana, id, accept=answer))["problems"] == []
        again = await accept(server, ana, id)
        assert again["problems"] == [{"code": "WRONG_STATUS", "path": ["requestId"]}]

    assert [each["status"] for each in await listed(server, ana)] == ["DECLINED", "ACCEPTED"]


async def test_while_one_waits_there_is_no_other_of_these_two(server, people):
    doctor, ana = people
    other, bia = make.doctor(), make.patient()
    await server.given(other, bia, *make.visit(other, ana, status="CANCELLED"))
    later = {"status": "CANCELLED", "starts_at": TOMORROW + DAY}
    await server.given(*make.visit(doctor, bia, **later))
    await asked(server, doctor, ana)

    payload = await ask(server, doctor, ana)

    assert payload["problems"] == [{"code": "WRONG_STATUS", "path": ["patientId"]}]
    assert len(await listed(server, ana)) == 1
    await asked(server, other, ana)
    await asked(server, doctor, bia)


async def test_after_two_weeks_it_has_expired_and_one_may_ask_anew(server, people):
    doctor, ana = people
    id = await asked(server, doctor, ana)
    back = (
        "UPDATE access_request SET requested_at = now() - interval '14 days' + $2::interval,"
        " expires_at = now() + $2::interval WHERE patient_id = $1"
    )
    await server.fetch(back, ana.id, MINUTE)
    assert [each["status"] for each in await listed(server, ana)] == ["PENDING"]

    await server.fetch(back, ana.id, timedelta())

    assert [each["status"] for each in await listed(server, doctor)] == ["EXPIRED"]
    refused = await accept(server, ana, id)
    assert refused["problems"] == [{"code": "WRONG_STATUS", "path": ["requestId"]}]
    await asked(server, doctor, ana)
    assert [each["status"] for each in await listed(server, ana)] == ["PENDING", "EXPIRED"]


# ------------------------------------------------------------------ refusals


async def test_who_never_had_to_do_with_the_patient_is_refused_and_that_is_on_record(
    server, people
):
    _, ana = people
    stranger, mailbox = make.doctor(), Mailbox()
    await server.given(stranger)

    given = {"patient": gid(ana), "message": WHY}
    assert await server.refuse(ASK, stranger, **given) == "NOT_FOUND"

    [entry] = await entries(server, ana)
    assert (entry["action"], entry["actorCrm"]) == ("DENIED", stranger.who.crm)
    assert entry["purpose"] == WHY
    assert await listed(server, ana) == await listed(server, stranger) == []
    await mailbox.fetch(server)
    assert mailbox.of(ana.account.email) == []
    unknown = given | {"patient": f"patient_{new_id()}"}
    assert await server.refuse(ASK, stranger, **unknown) == "NOT_FOUND"
    assert await server.refuse(ASK, stranger, **given | {"patient": gid(stranger)}) == "NOT_FOUND"


@pytest.mark.parametrize("status", [DoctorStatus.PENDING, DoctorStatus.SUSPENDED])
async def test_only_verified_doctors_ask(server, people, status):
    _, ana = people
    doctor = make.doctor(status=status)
    await server.given(doctor, *make.visit(doctor, ana, status="CANCELLED"))

    assert await server.refuse(ASK, doctor, patient=gid(ana), message=WHY) == "NOT_FOUND"

    assert await listed(server, ana) == []
    assert [entry["action"] for entry in await entries(server, ana)] == ["DENIED"]


@pytest.mark.parametrize(("length", "fits"), [(9, False), (10, True), (500, True), (501, False)])
async def test_a_message_has_ten_to_five_hundred_characters(server, people, length, fits):
    doctor, ana = people

    problems = (await ask(server, doctor, ana, f" {'x' * length} "))["problems"]

    assert problems == ([] if fits else [{"code": "INVALID", "path": ["message"]}])
    assert len(await listed(server, ana)) == fits


async def test_a_doctor_asks_twenty_times_a_day(server, people):
    doctor, ana = people
    patients = [make.patient() for _ in range(20)]
    await server.given(*patients)
    given = [make.access_request(doctor, each) for each in patients]
    await server.given(*given)

    payload = await ask(server, doctor, ana)

    assert [problem["code"] for problem in payload["problems"]] == ["LIMIT_REACHED"]
    assert await listed(server, ana) == []
    await server.fetch(
        "UPDATE access_request SET requested_at = now() - interval '24 hours' WHERE id = $1",
        given[0].id,
    )
    await asked(server, doctor, ana)


async def test_who_accepts_says_what_and_until_when(server, people):
    doctor, ana = people
    bia = make.patient()
    theirs = make.document(bia)
    await server.given(bia, theirs)
    id = await asked(server, doctor, ana)
    wrong = [
        ({"until": None}, "validUntil"),
        ({"until": datetime.now(UTC) - MINUTE}, "validUntil"),
        ({"until": datetime.now(UTC) + 365 * DAY + MINUTE}, "validUntil"),
        ({"future": False}, "documentIds"),
        ({"ids": [], "future": False}, "documentIds"),
    ]

    async with server.unchanged(ana, doctor):
        for given, path in wrong:
            problems = (await accept(server, ana, id, **given))["problems"]
            assert problems == [{"code": "INVALID", "path": [path]}]
        until = datetime.now(UTC) + DAY
        given = {"id": id, "accept": True, "ids": [gid(theirs)], "until": until}
        assert await server.refuse(ANSWER, ana, **given) == "NOT_FOUND"


async def test_nobody_else_answers_or_reads_it(server, people):
    doctor, ana = people
    bia, other = make.patient(), make.doctor()
    await server.given(bia, other)
    id = await asked(server, doctor, ana)

    async with server.unchanged(ana, doctor):
        for accepts in (True, False):
            given = {"id": id, "accept": accepts, "future": True, "until": server.now + DAY}
            assert await server.refuse(ANSWER, bia, **given) == "NOT_FOUND"
            assert await server.refuse(ANSWER, doctor, **given) == "FORBIDDEN"
        assert await server.refuse(ASK, ana, patient=gid(bia), message=WHY) == "FORBIDDEN"
    assert await listed(server, bia) == await listed(server, other) == []


async def test_a_list_comes_in_pages_the_latest_first(server, people):
    doctor, ana = people
    for _ in range(5):
        await accept(server, ana, await asked(server, doctor, ana), accept=False)
    whole = await listed(server, doctor)

    met, after, more = [], None, True
    while more:
        page = (await server.ask(LIST, ana, first=2, after=after))["accessRequests"]
        met += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert met == whole
    assert len(whole) == 5
    moments = [each["requestedAt"] for each in whole]
    assert moments == sorted(moments, reverse=True)


# ------------------------------------------------------------------- at once


async def test_of_many_at_once_one_request_is_made_and_one_answer_given(server, people):
    doctor, ana = people

    made = await asyncio.gather(*(ask(server, doctor, ana) for _ in range(5)))
    [request] = [each["request"] for each in made if each["request"]]
    answers = [n % 2 == 0 for n in range(6)]
    given = await asyncio.gather(
        *(accept(server, ana, request["id"], accept=each) for each in answers)
    )

    [answered] = [each["request"] for each in given if each["request"]]
    assert await listed(server, ana) == [answered]
    shares = await server.fetch("SELECT FROM share WHERE patient_id = $1", ana.id)
    assert len(shares) == (answered["status"] == "ACCEPTED")
