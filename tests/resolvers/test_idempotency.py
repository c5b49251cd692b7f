"""A key makes of many sends one act, from GraphQL text to rows and back."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.slots import Slot, SlotStatus
from tests import make
from tests.make import NOW, Person
from tests.server import LocalServer, gid

REQUEST = """
mutation ($slot: ID!, $key: ID!, $reason: String, $consent: Boolean!) {
  requestAppointment(
    input: {slotId: $slot, idempotencyKey: $key, reason: $reason, consent: $consent}
  ) {
    appointment { id status version slot { id status } }
    problems { __typename code message path ... on SlotTaken { alternatives { id status } } }
  }
}
"""
ACCEPT = (
    "mutation ($id: ID!) { acceptAppointment(input: {appointmentId: $id}) { problems { code } } }"
)
CANCEL = """
mutation ($id: ID!) {
  cancelAppointment(input: {appointmentId: $id, justification: "Something has come up."}) {
    problems { code }
  }
}
"""
DAY = timedelta(hours=24)
LATER = NOW + timedelta(days=3)


async def send(
    server: LocalServer, patient: Person, slot: Slot, key: Any, *, consent: bool = True, **more: Any
) -> Any:
    return await server.ask(REQUEST, patient, slot=gid(slot), key=key, consent=consent, **more)


def codes(answer: Any) -> list[str]:
    return [problem["code"] for problem in answer["problems"]]


async def count_of(server: LocalServer, patient: Person) -> int:
    """The appointments of a patient."""
    found = await server.fetch("SELECT FROM appointment WHERE patient_id = $1", patient.id)
    return len(found)


async def test_the_same_key_again_gives_the_same_appointment_and_nothing_twice(
    server: LocalServer,
):
    doctor, ana = make.doctor(), make.patient()
    slot, key = make.slot(doctor), uuid4()
    await server.given(doctor, ana, slot)
    first = await send(server, ana, slot, key, reason="A cough.")

    async with server.unchanged(doctor, ana):
        again = await send(server, ana, slot, key, reason="A cough.")

    assert first["problems"] == []
    assert again == first
    assert await count_of(server, ana) == 1
    assert await server.told(ana) == ["AppointmentRequested"]


async def test_what_an_older_server_has_kept_is_given_again(server: LocalServer):
    """Under the name by which it kept the appointment."""
    doctor, ana = make.doctor(), make.patient()
    slot, key = make.slot(doctor), uuid4()
    await server.given(doctor, ana, slot)
    first = await send(server, ana, slot, key)
    number = first["appointment"]["id"].removeprefix("appointment_")
    kept = json.dumps({"appointment_id": number, "refusals": []})
    await server.fetch("UPDATE idempotency_key SET answer = $2 WHERE key = $1", key, kept)

    assert await send(server, ana, slot, key) == first


async def test_the_key_may_be_written_in_capitals(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, key = make.slot(doctor), str(uuid4())
    await server.given(doctor, ana, slot)

    first = await send(server, ana, slot, key)

    assert await send(server, ana, slot, key.upper()) == first


async def test_the_appointment_is_given_as_it_stands_now(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, key = make.slot(doctor), uuid4()
    await server.given(doctor, ana, slot)
    id = (await send(server, ana, slot, key))["appointment"]["id"]

    await server.ask(ACCEPT, doctor, id=id)
    confirmed = await send(server, ana, slot, key)
    await server.ask(CANCEL, ana, id=id)
    cancelled = await send(server, ana, slot, key)

    for answer, status, version in ((confirmed, "CONFIRMED", 2), (cancelled, "CANCELLED", 3)):
        now = answer["appointment"]
        assert (now["id"], now["status"], now["version"]) == (id, status, version)
    assert cancelled["appointment"]["slot"]["status"] == "OPEN"
    assert await count_of(server, ana) == 1


async def test_a_request_that_expired_meanwhile_is_given_as_expired(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, key = make.slot(doctor, starts_at=NOW + timedelta(hours=23)), uuid4()
    await server.given(doctor, ana, slot)
    await send(server, ana, slot, key)
    server.now = slot.starts_at

    again = await send(server, ana, slot, key)

    assert (again["appointment"]["status"], again["appointment"]["version"]) == ("EXPIRED", 2)


async def test_a_refusal_is_given_again_with_alternatives_as_of_now(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, bruno)
    near, far = (make.slot(doctor, starts_at=LATER + n * timedelta(hours=1)) for n in (0, 1))
    key = uuid4()
    await server.given(doctor, ana, bruno, slot, asked, near, far)
    first = await send(server, ana, slot, key)
    await server.ask(CANCEL, bruno, id=gid(asked))
    await send(server, bruno, near, uuid4())

    async with server.unchanged(doctor, ana):
        again = await send(server, ana, slot, key)

    assert codes(first) == codes(again) == ["SLOT_TAKEN"]
    assert [each["id"] for each in first["problems"][0]["alternatives"]] == [gid(near), gid(far)]
    assert [each["id"] for each in again["problems"][0]["alternatives"]] == [gid(far)]
    assert (await server.slot(slot.id)).status is SlotStatus.OPEN
    assert codes(await send(server, ana, slot, uuid4())) == []


async def test_refusals_of_every_kind_are_given_again_in_their_first_words(server: LocalServer):
    doctor, other, ana = make.doctor(), make.doctor(), make.patient()
    slot, asked = make.visit(doctor, ana)
    same_hour, past = make.slot(other), make.slot(doctor, starts_at=NOW)
    free = make.slot(doctor, starts_at=LATER)
    await server.given(doctor, other, ana, slot, asked, same_hour, past, free)
    sends: list[tuple[Slot, dict[str, Any]]] = [
        (same_hour, {}),
        (past, {}),
        (free, {"consent": False, "reason": "a" * 1001}),
        (free, {"consent": False}),
    ]
    keys = [uuid4() for _ in sends]

    async def answers() -> list[Any]:
        return [
            await send(server, ana, wanted, key, **given)
            for key, (wanted, given) in zip(keys, sends, strict=True)
        ]

    first = await answers()
    assert [codes(answer) for answer in first] == [
        ["PATIENT_BUSY"],
        ["SLOT_IN_PAST"],
        ["CONSENT_REQUIRED", "INVALID"],
        ["CONSENT_REQUIRED"],
    ]
    await server.ask(CANCEL, ana, id=gid(asked))
    async with server.unchanged(doctor, other, ana):
        assert await answers() == first


async def test_the_same_key_with_another_input_is_refused(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, other, third = make.slots(doctor, 3)
    key, refused = uuid4(), uuid4()
    await server.given(doctor, ana, slot, other, third)
    await send(server, ana, slot, key, reason="A cough.")
    await send(server, ana, third, refused, consent=False)

    async with server.unchanged(doctor, ana):
        answers = [
            await send(server, ana, other, key, reason="A cough."),
            await send(server, ana, slot, key, reason="A cold."),
            await send(server, ana, slot, key),
            await send(server, ana, slot, key, reason="A cough.", consent=False),
            await send(server, ana, third, refused),
        ]

    for answer in answers:
        assert answer["appointment"] is None
        [problem] = answer["problems"]
        assert problem["code"] == "IDEMPOTENCY_KEY_REUSED"
        assert problem["path"] == ["idempotencyKey"]


@pytest.mark.parametrize("key", ["", "key", "7", "0192d0b2-7c3e-7aaa-8aaa", "x" * 36])
async def test_a_key_is_a_uuid(server: LocalServer, key: str):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    async with server.unchanged(doctor, ana):
        answer = await send(server, ana, slot, key)

    [problem] = answer["problems"]
    assert (problem["code"], problem["path"]) == ("INVALID", ["idempotencyKey"])


async def test_another_user_may_use_the_same_key(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, other = make.slots(doctor, 2)
    key = uuid4()
    await server.given(doctor, ana, bruno, slot, other)

    answers = [await send(server, ana, slot, key), await send(server, bruno, other, key)]

    assert [codes(answer) for answer in answers] == [[], []]
    assert await count_of(server, ana) == await count_of(server, bruno) == 1


async def test_after_a_day_the_key_is_free(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, other = (make.slot(doctor, starts_at=LATER + n * timedelta(hours=1)) for n in (0, 1))
    key = uuid4()
    await server.given(doctor, ana, slot, other)
    await send(server, ana, slot, key)

    server.now = NOW + DAY
    assert codes(await send(server, ana, other, key)) == ["IDEMPOTENCY_KEY_REUSED"]
    server.now = NOW + DAY + timedelta(microseconds=1)
    assert codes(await send(server, ana, other, key)) == []
    assert codes(await send(server, ana, slot, key)) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_what_was_not_the_users_to_mend_keeps_no_key(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, key = make.slot(doctor), uuid4()
    await server.given(doctor, ana, slot)

    given = {"slot": f"slot_{uuid4()}", "key": key, "consent": True}
    assert await server.refuse(REQUEST, ana, **given) == "NOT_FOUND"

    assert codes(await send(server, ana, slot, key)) == []


async def test_the_kind_of_user_comes_before_the_key(server: LocalServer):
    doctor = make.doctor()
    slot = make.slot(doctor)
    await server.given(doctor, slot)

    async with server.unchanged(doctor):
        for who, code in ((doctor, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
            given = {"slot": gid(slot), "key": "no UUID", "consent": True}
            assert await server.refuse(REQUEST, who, **given) == code


async def test_ten_sends_of_one_key_at_once_make_one_appointment_and_ten_equal_answers(
    server: LocalServer,
):
    doctor, ana = make.doctor(), make.patient()
    slot, key = make.slot(doctor), uuid4()
    await server.given(doctor, ana, slot)

    answers = await asyncio.gather(*(send(server, ana, slot, key) for _ in range(10)))

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["appointment"]["version"] == 1
    assert await count_of(server, ana) == 1
    assert await server.told(doctor) == ["SlotBooked", "AppointmentRequested"]


async def test_ten_sends_at_once_of_what_is_refused_are_ten_equal_refusals(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, asked = make.visit(doctor, bruno)
    free, key = make.slot(doctor, starts_at=LATER), uuid4()
    await server.given(doctor, ana, bruno, slot, asked, free)

    async with server.unchanged(doctor, ana, bruno):
        answers = await asyncio.gather(*(send(server, ana, slot, key) for _ in range(10)))

    assert all(answer == answers[0] for answer in answers)
    [problem] = answers[0]["problems"]
    assert problem["code"] == "SLOT_TAKEN"
    assert problem["alternatives"] == [{"id": gid(free), "status": "OPEN"}]
