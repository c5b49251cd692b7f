"""A session is renewed, ended, and refused from then on."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from app import Caller
from tests import make
from tests.make import NOW
from tests.resolvers.test_accounts import (
    SIGN_IN_PATIENT,
    registered_doctor,
    registered_patient,
    send,
    sign_in_doctor,
    sign_in_patient,
)
from tests.server import LocalServer
from transport.requests import Client

REFRESH = """
mutation ($token: String!) {
  refreshSession(input: {refreshToken: $token}) {
    session { accessToken expiresAt refreshToken viewer { __typename } }
    problems { code path }
  }
}
"""
RENEW = """
mutation ($token: String!, $key: ID) {
  refreshSession(input: {refreshToken: $token, idempotencyKey: $key}) {
    session { accessToken refreshToken } problems { code path }
  }
}
"""
SIGN_OUT = "mutation { signOut { problems { code } } }"
WHO = "{ viewer { __typename } }"
REFUSED = {"session": None, "problems": [{"code": "TOKEN_EXPIRED", "path": ["refreshToken"]}]}


async def signed_in(server: LocalServer) -> dict[str, str]:
    form, _ = await registered_patient(server)
    return (await sign_in_patient(server, form))["session"]


async def is_dead(server: LocalServer, session: dict[str, str]) -> bool:
    """Whether the access token is refused."""
    answer = await send(server, WHO, f"Bearer {session['accessToken']}")
    errors = answer.get("errors", [])
    assert [error["extensions"]["code"] for error in errors] in ([], ["UNAUTHENTICATED"])
    return bool(errors)


async def sign_out(server: LocalServer, session: dict[str, str]) -> dict:
    return await send(server, SIGN_OUT, f"Bearer {session['accessToken']}")


# ----------------------------------------------------------------- signing out


async def test_who_signs_out_is_refused_from_then_on(server: LocalServer):
    session = await signed_in(server)
    assert not await is_dead(server, session)

    answer = await sign_out(server, session)

    assert answer["data"] == {"signOut": {"problems": []}}
    assert await is_dead(server, session)
    assert await server.ask(REFRESH, token=session["refreshToken"]) == REFUSED


async def test_other_sessions_of_his_go_on(server: LocalServer):
    form, _ = await registered_doctor(server)
    one, other = [(await sign_in_doctor(server, form))["session"] for _ in range(2)]

    await sign_out(server, one)

    assert await is_dead(server, one)
    assert not await is_dead(server, other)


async def test_the_doors_are_told_of_each_session_that_ends_and_of_each_once(server: LocalServer):
    person = make.patient()
    await server.given(person)

    await server.ask(SIGN_OUT, person)
    for _ in range(2):
        await server.app.ended.look()

    assert server.ended.count(person.session.id) == 1


async def test_what_is_selected_after_signing_out_is_selected_by_nobody(server: LocalServer):
    person = make.patient()
    await server.given(person)
    query = "mutation { signOut { problems { code } } again: signOut { problems { code } } }"

    answer = await server.answer(query, person)

    assert answer["data"] == {"signOut": {"problems": []}, "again": None}
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["again"], "UNAUTHENTICATED")


async def test_without_a_session_nobody_can_sign_out(server: LocalServer):
    stranger = make.patient()  # his session is in no database

    assert await server.refuse(SIGN_OUT) == "UNAUTHENTICATED"
    assert await server.refuse(SIGN_OUT, stranger) == "UNAUTHENTICATED"


async def test_a_session_that_ends_twice_at_once_ends_once(server: LocalServer):
    person = make.doctor()
    await server.given(person)

    answers = await asyncio.gather(*(server.answer(SIGN_OUT, person) for _ in range(5)))

    assert sum("errors" not in answer for answer in answers) == 1
    assert (await server.audited(person)).count("EndSession") == 1


async def test_another_process_refuses_it_once_it_has_looked(
    server: LocalServer, database_url: str, keys_file: Path
):
    session = await signed_in(server)
    async with LocalServer.run(database_url, keys_file) as other:
        assert not await is_dead(other, session)

        await sign_out(server, session)

        async with asyncio.timeout(10):
            while not await is_dead(other, session):  # noqa: ASYNC110  # nobody tells us
                await asyncio.sleep(0.02)
        assert len(other.ended) >= 1


async def test_a_process_that_starts_knows_what_ended_before(
    server: LocalServer, database_url: str, keys_file: Path
):
    session = await signed_in(server)
    await sign_out(server, session)

    async with LocalServer.run(database_url, keys_file) as later:
        assert await is_dead(later, session)


async def test_what_ended_is_forgotten_when_no_token_of_it_can_be_good(server: LocalServer):
    person = make.patient()
    await server.given(person)
    await server.ask(SIGN_OUT, person)

    server.now = NOW + timedelta(minutes=10)
    await server.app.ended.look()
    assert person.session.id in server.app.ended

    server.now = NOW + timedelta(minutes=12)
    await server.app.ended.look()
    assert person.session.id not in server.app.ended


# --------------------------------------------------------- a list of one's sessions

LIST = """{ viewer {
  ... on PatientViewer { sessions { id device address startedAt seenAt expiresAt current } }
  ... on DoctorViewer { sessions { id device address startedAt seenAt expiresAt current } }
} }"""
END = """
mutation ($id: ID!) {
  endSession(input: {sessionId: $id}) { session { id current } problems { code } }
}
"""
END_OTHERS = "mutation { endOtherSessions { problems { code } } }"
CHROME = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Mobile Safari/537.36"
)
PHONE = Client("2001:db8:0:1::9", CHROME)


async def through(server: LocalServer, client: Client, query: str, **variables: str) -> Any:
    """The value of the one root field, for somebody anonymous with this client."""
    caller = server.app.authenticate(None, client)
    operation = server.documents.prepare(query)
    answer = json.loads(await server.operations.answer(operation, variables, caller))
    [value] = answer["data"].values()
    return value


async def sessions_of(server: LocalServer, session: dict[str, str]) -> list[dict[str, Any]]:
    answer = await send(server, LIST, f"Bearer {session['accessToken']}")
    return answer["data"]["viewer"]["sessions"]


async def test_one_sees_ones_own_sessions_by_device_address_and_time(server: LocalServer):
    form, _ = await registered_patient(server)
    credentials = {name: form[name] for name in ("email", "cpf", "password")}
    one = (await sign_in_patient(server, form))["session"]
    server.now = NOW + timedelta(minutes=1)
    other = (await through(server, PHONE, SIGN_IN_PATIENT, **credentials))["session"]

    here, there = await sessions_of(server, one), await sessions_of(server, other)

    assert [each["id"] for each in there] == [each["id"] for each in here]
    phone, unknown = there
    assert phone | {"id": ""} == {
        "id": "",
        "device": "Chrome Mobile on Android",
        "address": "2001:db8:0:1::/64",
        "startedAt": "2030-01-07T12:16:00Z",
        "seenAt": "2030-01-07T12:16:00Z",
        "expiresAt": "2030-02-06T12:16:00Z",
        "current": True,
    }
    assert (unknown["device"], unknown["address"], unknown["current"]) == (None, "", False)


async def test_a_renewal_is_when_and_where_a_session_was_last_seen(server: LocalServer):
    session = await signed_in(server)
    server.now = NOW + timedelta(minutes=7)

    await through(server, PHONE, REFRESH, token=session["refreshToken"])

    [seen] = await sessions_of(server, session)
    assert (seen["startedAt"], seen["seenAt"]) == ("2030-01-07T12:15:00Z", "2030-01-07T12:22:00Z")
    assert (seen["device"], seen["address"]) == ("Chrome Mobile on Android", "2001:db8:0:1::/64")


async def test_one_ends_ones_own_sessions_one_by_one(server: LocalServer):
    form, _ = await registered_doctor(server)
    one, other = [(await sign_in_doctor(server, form))["session"] for _ in range(2)]
    ids = {each["current"]: each["id"] for each in await sessions_of(server, one)}

    for _ in range(2):  # the second time it has ended already
        answer = await send(server, END, f"Bearer {one['accessToken']}", id=ids[False])
        ended = {"session": {"id": ids[False], "current": False}, "problems": []}
        assert answer["data"]["endSession"] == ended

    assert await is_dead(server, other)
    assert not await is_dead(server, one)
    assert [each["id"] for each in await sessions_of(server, one)] == [ids[True]]


async def test_all_others_end_in_one_act_and_nobody_elses(server: LocalServer):
    form, _ = await registered_doctor(server)
    one, *others = [(await sign_in_doctor(server, form))["session"] for _ in range(3)]
    strangers = await signed_in(server)

    for _ in range(2):  # the second time there are none left
        answer = await send(server, END_OTHERS, f"Bearer {one['accessToken']}")
        assert answer["data"] == {"endOtherSessions": {"problems": []}}

    assert [await is_dead(server, each) for each in others] == [True, True]
    assert not await is_dead(server, strangers)
    assert [each["current"] for each in await sessions_of(server, one)] == [True]


@pytest.mark.parametrize("form", ["{id}", "session_{none}", "{none}", "session_", ""])
async def test_nobody_ends_a_strangers_session(server: LocalServer, form: str):
    victim, stranger = make.doctor(), make.patient()
    await server.given(victim, stranger)
    id = form.format(id=f"session_{victim.session.id}", none=UUID(int=7))

    assert await server.refuse(END, stranger, id=id) == "NOT_FOUND"

    assert victim.session.id not in server.app.ended


async def test_a_session_is_no_node(server: LocalServer):
    person = make.patient()
    await server.given(person)

    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert await server.ask(query, person, id=f"session_{person.session.id}") is None


async def test_sessions_are_forgotten_some_time_after_their_end(server: LocalServer):
    ended, live = make.patient(), make.patient()
    await server.given(ended, live)
    await server.ask(SIGN_OUT, ended)
    kept = "SELECT id FROM session WHERE id = ANY($1)"
    both = [ended.session.id, live.session.id]

    await server.app.purge()
    assert len(await server.fetch(kept, both)) == 2

    server.now = NOW + timedelta(days=31)
    await server.app.purge()
    [left] = await server.fetch(kept, both)
    assert left["id"] == live.session.id


# -------------------------------------------------------------------- renewing


async def test_a_session_is_renewed_with_its_refresh_token_and_gets_the_next_one(
    server: LocalServer,
):
    first = await signed_in(server)
    server.now = NOW + timedelta(minutes=20)
    assert await is_dead(server, first)

    renewed = await server.ask(REFRESH, token=first["refreshToken"])
    again = await server.ask(REFRESH, token=renewed["session"]["refreshToken"])

    assert renewed["problems"] == again["problems"] == []
    session = again["session"]
    assert session["viewer"] == {"__typename": "PatientViewer"}
    assert session["expiresAt"] == "2030-01-07T12:45:00Z"
    assert not await is_dead(server, session)
    tokens = [each["refreshToken"] for each in (first, renewed["session"], session)]
    assert len(set(tokens)) == 3


async def test_a_refresh_token_that_comes_back_ends_its_session_for_everybody(server: LocalServer):
    """RFC 9700, 4.14.2: one of the two who have it has stolen it."""
    first = await signed_in(server)
    second = (await server.ask(REFRESH, token=first["refreshToken"]))["session"]

    assert await server.ask(REFRESH, token=first["refreshToken"]) == REFUSED

    assert await is_dead(server, second)
    assert await server.ask(REFRESH, token=second["refreshToken"]) == REFUSED


async def test_of_many_who_renew_at_once_with_one_token_none_keeps_a_session(server: LocalServer):
    first = await signed_in(server)

    answers = await asyncio.gather(
        *(server.ask(REFRESH, token=first["refreshToken"]) for _ in range(5))
    )

    [renewed] = [answer["session"] for answer in answers if answer["session"]]
    assert await is_dead(server, renewed)
    assert await server.ask(REFRESH, token=renewed["refreshToken"]) == REFUSED


async def test_who_lost_the_answer_gets_it_again_by_his_key(server: LocalServer):
    first = await signed_in(server)
    given = {"token": first["refreshToken"], "key": str(uuid4())}

    lost = (await server.ask(RENEW, **given))["session"]
    again = [(await server.ask(RENEW, **given))["session"] for _ in range(2)]

    assert {each["refreshToken"] for each in again} == {lost["refreshToken"]}
    for session in again:
        assert not await is_dead(server, session)
    following = (await server.ask(REFRESH, token=lost["refreshToken"]))["session"]
    assert following["refreshToken"] != lost["refreshToken"]


async def test_of_many_who_renew_at_once_with_one_key_all_have_the_session(server: LocalServer):
    given = {"token": (await signed_in(server))["refreshToken"], "key": str(uuid4())}

    payloads = await asyncio.gather(*(server.ask(RENEW, **given) for _ in range(6)))

    assert len({payload["session"]["refreshToken"] for payload in payloads}) == 1


@pytest.mark.parametrize("key", ["none", "another"])
async def test_without_the_key_it_is_no_lost_answer(server: LocalServer, key: str):
    first = await signed_in(server)
    renewed = (await server.ask(RENEW, token=first["refreshToken"], key=str(uuid4())))["session"]

    other = None if key == "none" else str(uuid4())
    assert await server.ask(RENEW, token=first["refreshToken"], key=other) == REFUSED

    assert await is_dead(server, renewed)


async def test_nor_is_it_one_when_somebody_has_gone_on_from_the_answer(server: LocalServer):
    given = {"token": (await signed_in(server))["refreshToken"], "key": str(uuid4())}
    renewed = (await server.ask(RENEW, **given))["session"]
    following = (await server.ask(REFRESH, token=renewed["refreshToken"]))["session"]

    assert await server.ask(RENEW, **given) == REFUSED

    assert await is_dead(server, following)


async def test_a_key_is_a_uuid_and_one_that_is_none_spends_nothing(server: LocalServer):
    first = await signed_in(server)

    refused = await server.ask(RENEW, token=first["refreshToken"], key="again")

    assert refused["problems"] == [{"code": "INVALID", "path": ["idempotencyKey"]}]
    assert (await server.ask(REFRESH, token=first["refreshToken"]))["problems"] == []


async def test_a_session_cannot_be_renewed_beyond_its_end(server: LocalServer):
    session = await signed_in(server)

    server.now = NOW + timedelta(days=30) - timedelta(seconds=1)
    renewed = await server.ask(REFRESH, token=session["refreshToken"])
    server.now = NOW + timedelta(days=30)
    too_late = await server.ask(REFRESH, token=renewed["session"]["refreshToken"])

    assert renewed["problems"] == []
    assert too_late == REFUSED


@pytest.mark.parametrize(
    "token", ["", ".", "x", f"{0:032x}.", f"{0:032x}.abc", "\ud800", "é" * 5000]
)
async def test_what_is_no_refresh_token_is_refused(server: LocalServer, token: str):
    assert await server.ask(REFRESH, token=token) == REFUSED


async def test_who_renews_is_the_viewer_of_what_else_he_selects(server: LocalServer):
    session = await signed_in(server)
    operation = server.documents.prepare(REFRESH)

    answer = json.loads(
        await server.operations.answer(
            operation, {"token": session["refreshToken"]}, Caller(dead=True)
        )
    )

    viewer = answer["data"]["refreshSession"]["session"]["viewer"]
    assert viewer == {"__typename": "PatientViewer"}


async def test_renewing_and_ending_are_entered_in_the_audit_log(server: LocalServer):
    form, patient = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]

    renewed = (await server.ask(REFRESH, token=session["refreshToken"]))["session"]
    await sign_out(server, renewed)

    rows = await server.fetch(
        "SELECT action FROM audit_entry WHERE 'patient_' || user_id = $1 ORDER BY id",
        patient["id"],
    )
    told = [row["action"] for row in rows]
    assert told == ["Register", "SignIn", "RenewSession", "EndSession"]
