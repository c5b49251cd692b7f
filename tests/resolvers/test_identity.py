"""People whose passwords a user pool keeps, from GraphQL text to the pool and to rows."""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest import mock
from uuid import uuid4

import pyotp
import pytest
from moto.cognitoidp.utils import cognito_totp

from domain import enrolments, patients, sessions
from domain.errors import WrongStatus
from domain.identity import Busy, Unanswered
from tests.registry import RegistryServer, serving
from tests.resolvers.test_accounts import (
    PASSWORD,
    REGISTER_DOCTOR,
    REGISTER_PATIENT,
    at_fault,
    doctor_form,
    found_in_the_database,
    patient_form,
    registered_doctor,
    registered_patient,
    sign_in_doctor,
    sign_in_patient,
)
from tests.resolvers.test_administrators import Administrator
from tests.resolvers.test_passwords import CHANGE
from tests.resolvers.test_recovery import NEW, RESET, token_for
from tests.resolvers.test_second_factor import BEGIN, CONFIRM
from tests.resolvers.test_sessions import REFRESH, is_dead
from tests.server import LocalServer

SIGN_IN = """
mutation ($input: SignInPatientInput!) {
  signInPatient(input: $input) { session { accessToken refreshToken } problems { code path } }
}
"""
ENROLMENTS = "SELECT id FROM enrolment"
LATER = timedelta(minutes=11)
pytestmark = pytest.mark.usefixtures("asked")


@pytest.fixture(scope="module")
async def running(database_url, keys_file, pool):
    async with LocalServer.run(database_url, keys_file, **pool.settings) as it:
        yield it


@pytest.fixture
async def server(running: LocalServer) -> LocalServer:
    """Today, since that is when moto's tokens are good."""
    running.now = datetime.now(UTC).replace(microsecond=0)
    await running.fetch("DELETE FROM enrolment")
    await running.fetch("DELETE FROM attempt")  # the clock may have been set back
    return running


def username(who) -> str:
    return who["id"].partition("_")[2]


async def refresh(server: LocalServer, session) -> dict:
    return await server.ask(REFRESH, token=session["refreshToken"])


def codes(payload) -> list[str]:
    return [problem["code"] for problem in payload["problems"]]


# ------------------------------------------------------------ joining and signing in


async def test_a_doctor_signs_in_by_crm_and_a_patient_by_email_and_cpf(server, pool):
    doctor_in, doctor = await registered_doctor(server)
    patient_in, patient = await registered_patient(server)

    for signed_in in (
        await sign_in_doctor(server, doctor_in),
        await sign_in_patient(server, patient_in),
    ):
        assert signed_in["problems"] == []
        assert not await is_dead(server, signed_in["session"])
    for who in (doctor, patient):
        assert pool.status(username(who)) == "CONFIRMED"


async def test_the_pool_knows_an_id_and_a_password_and_we_know_no_password(server, pool):
    form, patient = await registered_patient(server, password=f"{uuid4()} de ninguém")

    known = pool.client.admin_get_user(UserPoolId=pool.id, Username=username(patient))
    assert {each["Name"] for each in known["UserAttributes"]} == {"sub"}
    [row] = await server.fetch(
        "SELECT password_hash FROM account WHERE id::text = $1", username(patient)
    )
    assert row["password_hash"].startswith("cognito:")
    assert not await found_in_the_database(server, form["password"])


async def test_a_wrong_password_and_no_account_are_refused_in_the_same_words(server):
    form, _ = await registered_patient(server)

    wrong = await sign_in_patient(server, form, password="outra coisa")  # noqa: S106
    nobody = await sign_in_patient(server, form, email=f"{uuid4()}@example.com")

    assert wrong == nobody
    assert wrong["session"] is None
    assert codes(wrong) == ["INVALID_CREDENTIALS"]


async def test_wrong_passwords_are_throttled_by_us(server, asked):
    form, _ = await registered_patient(server)
    for _ in range(6):
        await sign_in_patient(server, form, password="outra coisa")  # noqa: S106
    before = len(asked)

    refused = await sign_in_patient(server, form)

    assert codes(refused) == ["TOO_MANY_ATTEMPTS"]
    assert len(asked) == before


async def test_whom_the_pool_has_disabled_does_not_get_in(server, pool):
    form, patient = await registered_patient(server)
    pool.disable(username(patient))

    assert codes(await sign_in_patient(server, form)) == ["INVALID_CREDENTIALS"]


# -------------------------------------------------------------------------- sessions


async def test_a_session_is_renewed_with_the_pools_consent(server, asked):
    form, _ = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]
    for _ in range(2):
        session = (await refresh(server, session))["session"]
        assert not await is_dead(server, session)

    flows = [given.get("AuthFlow") for _, given in asked]
    assert flows.count("REFRESH_TOKEN_AUTH") == 2


async def test_whom_the_pool_has_signed_out_does_not_go_on(server, pool):
    form, patient = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]
    pool.sign_out(username(patient))

    refused = await refresh(server, session)

    assert codes(refused) == ["TOKEN_EXPIRED"]
    assert await is_dead(server, session)


async def test_the_pool_is_not_asked_about_a_token_that_is_none_or_comes_back(server, asked):
    form, _ = await registered_patient(server)
    first = (await sign_in_patient(server, form))["session"]
    second = (await refresh(server, first))["session"]
    before = len(asked)

    for token in ("none", first["refreshToken"]):
        assert codes(await server.ask(REFRESH, token=token)) == ["TOKEN_EXPIRED"]

    assert len(asked) == before
    assert await is_dead(server, second)


async def test_what_the_pool_grants_is_kept_sealed_and_no_longer_than_the_session(server):
    form, patient = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]
    [held] = await server.fetch(
        "SELECT id, pool_grant FROM session WHERE user_id::text = $1", username(patient)
    )
    opened = await server.app.works.act(lambda work: work.sessions.get(held["id"]))
    assert opened.pool_grant.encode() not in held["pool_grant"]
    assert opened.pool_grant not in repr(opened)

    viewer = server.app.authenticate(f"Bearer {session['accessToken']}").viewer
    await server.app.works.act(lambda work: sessions.sign_out(work, viewer, at=server.now))

    [ended] = await server.fetch("SELECT pool_grant FROM session WHERE id = $1", held["id"])
    assert ended["pool_grant"] is None


# -------------------------------------------------------------------------- recovery


async def test_a_new_password_by_mail_is_the_pools_from_then_on(server):
    form, patient = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]
    opened = await grant_of(server, patient)

    token = await token_for(server, form["email"])
    assert await server.ask(RESET, token=token, password=NEW) == {"problems": []}

    assert codes(await sign_in_patient(server, form)) == ["INVALID_CREDENTIALS"]
    assert (await sign_in_patient(server, form, password=NEW))["problems"] == []
    assert await is_dead(server, session)
    id = server.app.services.identity
    assert await id.renew(username(patient), opened) is False


def known(form) -> dict[str, str]:
    return {name: form[name] for name in ("email", "cpf", "password")}


async def grant_of(server: LocalServer, who) -> str:
    [row] = await server.fetch("SELECT id FROM session WHERE user_id::text = $1", username(who))
    return (await server.app.works.act(lambda work: work.sessions.get(row["id"]))).pool_grant


async def test_an_account_from_before_the_pool_comes_into_it_by_a_new_password(
    server, pool, database_url, keys_file
):
    async with LocalServer.run(database_url, keys_file) as before:
        form, patient = await registered_patient(before)
    assert (await sign_in_patient(server, form))["problems"] == []
    wrong = await sign_in_patient(server, form, password="outra coisa")  # noqa: S106
    assert codes(wrong) == ["INVALID_CREDENTIALS"]
    assert username(patient) not in pool.users()

    await server.ask(RESET, token=await token_for(server, form["email"]), password=NEW)

    assert username(patient) in pool.users()
    assert codes(await sign_in_patient(server, form)) == ["INVALID_CREDENTIALS"]
    assert (await sign_in_patient(server, form, password=NEW))["problems"] == []


async def test_who_signs_in_while_the_password_changes_does_not_outlive_it(server, monkeypatch):
    form, _ = await registered_patient(server)
    token = await token_for(server, form["email"])
    identity = server.app.services.identity
    verify = identity.verify

    async def verify_and_be_overtaken(account, password):
        proven = await verify(account, password)
        await server.ask(RESET, token=token, password=NEW)
        return proven

    monkeypatch.setattr(identity, "verify", verify_and_be_overtaken)

    assert codes(await sign_in_patient(server, form)) == ["INVALID_CREDENTIALS"]


async def test_who_changes_his_password_goes_on_and_it_is_the_pools(server):
    form, _ = await registered_patient(server)
    session, other = [(await sign_in_patient(server, form))["session"] for _ in range(2)]

    wrong = await as_owner(server, session, CHANGE, currentPassword="outra coisa", newPassword=NEW)
    unfit = await as_owner(server, session, CHANGE, currentPassword=PASSWORD, newPassword=f" {NEW}")
    done = await as_owner(server, session, CHANGE, currentPassword=PASSWORD, newPassword=NEW)

    assert codes(wrong) == ["INVALID_CREDENTIALS"]
    assert unfit["problems"] == [{"code": "INVALID", "path": ["newPassword"]}]
    assert done["problems"] == []
    assert codes(await sign_in_patient(server, form)) == ["INVALID_CREDENTIALS"]
    assert codes(await sign_in_patient(server, form, password=NEW)) == []
    assert codes(await refresh(server, other)) == ["TOKEN_EXPIRED"]
    assert codes(await refresh(server, session)) == []


async def test_whoever_follows_no_link_changes_nothing_in_the_pool(server, asked):
    payload = await server.ask(RESET, token=f"{uuid4()}.x", password=NEW)

    assert codes(payload) == ["TOKEN_EXPIRED"]
    assert asked == []


# --------------------------------------------------------------------- second factors


@pytest.fixture
def protected(pool, monkeypatch):
    """Switches the pool's own second factor on for somebody; what shows its codes."""
    monkeypatch.setenv("MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP", "true")

    def protect(server: LocalServer, grant: str, who) -> Callable[[], str]:
        identity = server.app.services.identity
        granted = pool.client.admin_initiate_auth(
            UserPoolId=pool.id,
            ClientId=pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters=identity._signed(username(who), {"REFRESH_TOKEN": grant}),
        )["AuthenticationResult"]["AccessToken"]
        secret = pool.client.associate_software_token(AccessToken=granted)["SecretCode"]
        app = cognito_totp(secret)

        def shown() -> str:
            return app.generate(int(time.time())).decode()

        if time.time() % 30 > 25:  # moto takes the code of this very step alone
            time.sleep(5.1)
        pool.client.verify_software_token(AccessToken=granted, UserCode=shown())
        pool.client.admin_set_user_mfa_preference(
            UserPoolId=pool.id,
            Username=username(who),
            SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
        )
        return shown

    return protect


async def test_who_has_a_second_factor_with_the_pool_gives_its_code(server, protected):
    form, patient = await registered_patient(server)
    await sign_in_patient(server, form)
    shown = protected(server, await grant_of(server, patient), patient)

    without = await server.ask(SIGN_IN, input=known(form))
    wrong = await server.ask(SIGN_IN, input=known(form) | {"otp": "000000"})
    right = await server.ask(SIGN_IN, input=known(form) | {"otp": shown()})

    assert without["problems"] == [{"code": "MFA_REQUIRED", "path": ["otp"]}]
    assert codes(wrong) == ["INVALID_CREDENTIALS"]
    assert right["problems"] == []
    assert (await refresh(server, right["session"]))["problems"] == []


async def as_owner(server: LocalServer, session, query: str, **given: str):
    """The payload of a mutation that is asked with this session."""
    caller = server.app.authenticate(f"Bearer {session['accessToken']}")
    operation = server.documents.prepare(query)
    answer = await server.operations.answer(operation, {"input": given}, caller)
    return next(iter(json.loads(answer)["data"].values()))


async def test_our_own_second_factor_goes_with_the_pools_password(server):
    form, _ = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]

    wrong = await as_owner(server, session, BEGIN, password="outra coisa")  # noqa: S106
    assert codes(wrong) == ["INVALID_CREDENTIALS"]
    app = pyotp.TOTP((await as_owner(server, session, BEGIN, password=PASSWORD))["secret"])
    assert codes(await as_owner(server, session, CONFIRM, code=app.at(server.now))) == []

    assert codes(await server.ask(SIGN_IN, input=known(form))) == ["MFA_REQUIRED"]
    server.now += timedelta(seconds=30)
    otp = app.at(server.now)
    assert codes(await server.ask(SIGN_IN, input=known(form) | {"otp": otp})) == []


# ------------------------------------------------- a pool and a row in no transaction


class Killed(BaseException): ...


async def die(*_, **__):
    raise Killed


async def test_who_was_broken_off_between_pool_and_row_just_tries_again(
    server,
    pool,
    monkeypatch,
):
    form, before = patient_form(), set(pool.users())

    with monkeypatch.context() as patch:
        patch.setattr(patients, "register", die)
        with pytest.raises(Killed):
            await server.answer(REGISTER_PATIENT, input=form)
    [left] = set(pool.users()) - before
    payload = await server.ask(REGISTER_PATIENT, input=form)

    assert payload["problems"] == []
    assert (await sign_in_patient(server, form))["problems"] == []
    await server.app.purge()
    assert left in pool.users()  # it might be under way
    server.now += LATER
    await server.app.purge()
    assert left not in pool.users()
    assert username(payload["patient"]) in pool.users()
    assert await server.fetch(ENROLMENTS) == []


@pytest.mark.parametrize(
    ("query", "form"), [(REGISTER_PATIENT, patient_form), (REGISTER_DOCTOR, doctor_form)]
)
async def test_who_is_refused_leaves_nothing_in_the_pool_and_changes_nobody(
    server,
    pool,
    query,
    form,
):
    first = form()
    await server.ask(query, input=first)
    before = set(pool.users())

    payload = await server.ask(query, input=first | {"password": NEW})

    assert set(at_fault(payload).values()) == {"ALREADY_REGISTERED"}
    server.now += LATER
    await server.app.purge()
    assert set(pool.users()) == before
    sign_in = sign_in_patient if form is patient_form else sign_in_doctor
    assert (await sign_in(server, first))["problems"] == []


async def test_an_enrolment_that_was_taken_back_becomes_no_account(server, monkeypatch):
    """A process that stood still for so long must not add an account without a password."""
    enrol = server.app.services.identity.enrol
    form = patient_form()

    async def dawdle(id, password):
        mark = await enrol(id, password)
        server.now += LATER
        await server.app.purge()
        return mark

    monkeypatch.setattr(server.app.services.identity, "enrol", dawdle)
    payload = await server.ask(REGISTER_PATIENT, input=form)

    assert codes(payload) == ["WRONG_STATUS"]
    assert codes(await sign_in_patient(server, form)) == ["INVALID_CREDENTIALS"]


async def test_an_enrolment_that_is_being_taken_back_becomes_no_account(server, monkeypatch):
    """Between its claim, and the moment that the pool has forgotten it."""
    identity, form = server.app.services.identity, patient_form()
    remove = identity.remove

    async def register_meanwhile(id):
        await server.app.works.act(lambda work: enrolments.finish(work, identity, id))
        await remove(id)

    with monkeypatch.context() as patch:
        patch.setattr(patients, "register", die)
        with pytest.raises(Killed):
            await server.answer(REGISTER_PATIENT, input=form)
    monkeypatch.setattr(identity, "remove", register_meanwhile)
    server.now += LATER

    with pytest.raises(WrongStatus):
        await server.app.purge()


async def test_what_a_process_was_taking_back_when_it_died_is_taken_back_by_another(
    server, pool, monkeypatch
):
    before = set(pool.users())
    with monkeypatch.context() as patch:
        patch.setattr(patients, "register", die)
        with pytest.raises(Killed):
            await server.answer(REGISTER_PATIENT, input=patient_form())
    server.now += LATER
    with monkeypatch.context() as patch:
        patch.setattr(server.app.services.identity, "remove", die)
        with pytest.raises(Killed):
            await server.app.purge()
    await server.app.purge()
    assert set(pool.users()) != before  # it may be at it still
    server.now += LATER

    await server.app.purge()

    assert set(pool.users()) == before
    assert await server.fetch(ENROLMENTS) == []


async def test_a_taken_registration_asks_the_same_of_the_pool_as_a_free_one(
    running, database_url, keys_file, pool, asked
):
    await running.fetch("DELETE FROM enrolment")  # or a server that starts takes them back
    settings = pool.settings | {"confirm_email": True}
    async with LocalServer.run(database_url, keys_file, **settings) as server:
        form = patient_form()
        await server.ask(REGISTER_PATIENT, input=form)
        free = [operation for operation, _ in asked]
        asked.clear()

        taken = await server.ask(REGISTER_PATIENT, input=form)

        assert taken["problems"] == []
        assert [operation for operation, _ in asked] == free != []


# ---------------------------------------------------------- when the pool is not there


async def test_a_pool_that_is_down_counts_no_attempt_and_says_nothing(
    database_url,
    keys_file,
    pool,
    caplog,
):
    """Whoever signs in when it is back is not held back for having tried."""
    caplog.set_level(logging.DEBUG)
    refuses = 400, {"__type": "TooManyRequestsException"}
    async with serving(RegistryServer(usual=refuses)) as played:
        settings = pool.settings | {"cognito_endpoint_url": played.url}
        async with LocalServer.run(database_url, keys_file, **settings) as server:
            form = patient_form()
            for _ in range(8):
                assert codes(await sign_in_patient(server, form)) == ["TOO_MANY_ATTEMPTS"]
            played.usual = 400, {"__type": "NotAuthorizedException"}
            assert codes(await sign_in_patient(server, form)) == ["INVALID_CREDENTIALS"]
            played.usual = 400, {"__type": "AccessDeniedException"}
            answer = await server.answer(SIGN_IN, input=known(form))

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL"]
    for secret in (form["password"], form["cpf"], form["email"]):
        assert secret not in caplog.text


async def test_an_administrator_signs_in_whatever_becomes_of_the_pool(server, monkeypatch):
    """He is made on the server's own machine, and the pool has never heard of him."""
    administrator = Administrator(server)
    await administrator.make()
    fails = mock.AsyncMock(side_effect=Unanswered("it is down"))
    monkeypatch.setattr(server.app.services.identity, "verify", fails)

    payload = await administrator.sign_in(administrator.code)

    assert payload["problems"] == []
    assert fails.await_count == 0


async def test_who_shows_his_password_to_a_busy_pool_has_not_failed(server, monkeypatch):
    form, _ = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]

    async def too_many(*_):
        raise Busy(timedelta(seconds=5))

    with monkeypatch.context() as patch:
        patch.setattr(server.app.services.identity, "verify", too_many)
        for _ in range(8):
            busy = await as_owner(server, session, BEGIN, password=PASSWORD)
            assert codes(busy) == ["TOO_MANY_ATTEMPTS"]

    assert codes(await as_owner(server, session, BEGIN, password=PASSWORD)) == []


async def test_without_a_pool_the_server_does_not_start(database_url, keys_file):
    with pytest.raises(SystemExit, match="POOL_ID"):
        async with LocalServer.run(database_url, keys_file, identity_provider="cognito"):
            pass
