"""What a user pool is asked, and what is made of its answers, those too that moto never gives."""

import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from moto.cognitoidp.utils import check_secret_hash

from domain.errors import Invalid, InvalidCredentials, MfaRequired, TooManyAttempts
from domain.identity import Busy, Proven, Unanswered
from integrations import cognito
from integrations.cognito import CognitoIdentity, UserPool
from integrations.identity import EmbeddedIdentity
from integrations.passwords import Argon2Passwords
from tests import make
from tests.paths import ROOT
from tests.pool import faults_of
from tests.registry import HANGS_UP, SILENCE, RegistryServer, serving

POOL = UserPool(id="sa-east-1_Ana123", client_id="ourclient", client_secret="our secret")  # noqa: S106
PASSWORD = "quatro palavras ao acaso"  # noqa: S105
KEY = RSAKey.generate_key(2048, {"kid": "of the pool", "use": "sig"})
NOW = datetime(2030, 1, 7, 12, 15, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("asked")


def refuses(code: str):
    return 400, {"__type": code, "message": "as Amazon words it"}


def access_token(account, **claims: object) -> str:
    given = {
        "iss": POOL.issuer,
        "client_id": POOL.client_id,
        "token_use": "access",
        "username": str(account.id),
        "exp": int(NOW.timestamp()) + 3600,
    } | claims
    return jwt.encode({"alg": "RS256", "kid": KEY.kid}, given, KEY)


def lets_in(account, **claims):
    tokens = {"AccessToken": access_token(account, **claims), "RefreshToken": "a grant"}
    return {"AuthenticationResult": tokens}


@pytest.fixture
def ana():
    return replace(make.patient().account, password_hash="cognito:a mark")  # noqa: S106


@pytest.fixture
async def server():
    async with serving(RegistryServer(usual=refuses("NotAuthorizedException"))) as it:
        yield it


@pytest.fixture
async def identity(server: RegistryServer, monkeypatch):
    monkeypatch.setattr(cognito, "_LOOKS", 0.0)
    async with played(server) as it:
        yield it


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


class Played:
    """A pool that is played by `server`, and its keys by another."""

    def __init__(self, server: RegistryServer, pool: UserPool) -> None:
        self._server, self._pool, self._passwords = server, pool, Argon2Passwords()
        self._keys = serving(RegistryServer(usual={"keys": [KEY.as_dict(private=False)]}))

    async def __aenter__(self) -> CognitoIdentity:
        keys = await self._keys.__aenter__()
        self._connected = cognito.connected(
            self._pool,
            EmbeddedIdentity(self._passwords),
            now=lambda: NOW,
            jwks_url=keys.url,
            endpoint_url=self._server.url,
        )
        return await self._connected.__aenter__()

    async def __aexit__(self, *fault) -> None:
        await self._connected.__aexit__(*fault)
        await self._keys.__aexit__(*fault)
        self._passwords.close()


def played(server: RegistryServer, pool: UserPool = POOL) -> Played:
    return Played(server, pool)


def operations(server: RegistryServer) -> list[str]:
    lines = [line for head in server.heads for line in head.splitlines()]
    targets = [line for line in lines if line.lower().startswith("x-amz-target")]
    return [line.rpartition(".")[2] for line in targets]


# ------------------------------------------------------------------ what is asked


def test_what_amazon_does_not_describe_is_found():
    ours = {"UserPoolId": POOL.id, "Username": "x", "Password": "xx", "Permanent": True}
    assert list(faults_of("AdminSetUserPassword", ours)) == []

    for wrong in (
        {"UserPoolId": "no pool"},
        {"Username": ""},
        {"Username": "a b"},
        {"Password": " a"},
        {"Password": "a" * 257},
        {"Permanent": "yes"},
        {"Password": None},
        {"Forever": True},
    ):
        assert list(faults_of("AdminSetUserPassword", ours | wrong)) != [], wrong
    assert list(faults_of("AdminSetUserPassword", {"UserPoolId": POOL.id})) != []
    unknown = {"UserPoolId": POOL.id, "ClientId": "x", "AuthFlow": "ANY"}
    assert len(list(faults_of("AdminInitiateAuth", unknown))) == 1


def test_what_the_server_must_be_allowed_is_written_down():
    asks = re.findall(r'_ask\(\s*"(\w+)"', (ROOT / "integrations" / "cognito.py").read_text())
    written = re.findall(r"cognito-idp:(\w+)", (ROOT / "docs" / "operations.md").read_text())

    assert sorted(written) == sorted({"".join(map(str.title, ask.split("_"))) for ask in asks})


async def test_a_password_is_shown_to_the_pool_with_a_proof_of_our_secret(server, identity, ana):
    server.usual = lets_in(ana)

    assert await identity.verify(ana, PASSWORD) == Proven(grant="a grant")

    [sent] = server.asked
    given = sent["AuthParameters"]
    assert sent["AuthFlow"] == "ADMIN_USER_PASSWORD_AUTH"
    assert (given["USERNAME"], given["PASSWORD"]) == (str(ana.id), PASSWORD)
    assert check_secret_hash(POOL.client_secret, POOL.client_id, str(ana.id), given["SECRET_HASH"])
    assert ana.email not in json.dumps(sent)


async def test_a_client_without_a_secret_proves_none(server, ana):
    server.usual = lets_in(ana)
    async with played(server, UserPool(id=POOL.id, client_id=POOL.client_id)) as identity:
        assert await identity.verify(ana, PASSWORD)

    assert set(server.asked[0]["AuthParameters"]) == {"USERNAME", "PASSWORD"}


async def test_who_has_no_account_is_asked_about_all_the_same(server, identity, ana):
    assert await identity.verify(None, PASSWORD) is None
    assert await identity.verify(ana, PASSWORD) is None

    first, second = server.asked
    assert set(first["AuthParameters"]) == set(second["AuthParameters"])
    assert first["AuthParameters"]["USERNAME"] != second["AuthParameters"]["USERNAME"]


@pytest.mark.parametrize("password", ["", " at its front", "at its end\t", "x" * 129])
async def test_what_no_pool_would_take_for_a_password_is_not_sent(server, identity, ana, password):
    assert await identity.verify(ana, password) is None

    assert server.asked == []


# -------------------------------------------------------------------- what it says


@pytest.mark.parametrize(
    "code",
    [
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
    ],
)
async def test_whom_the_pool_does_not_let_in_we_do_not(server, identity, ana, code):
    server.usual = refuses(code)

    assert await identity.verify(ana, PASSWORD) is None
    assert await identity.renew(ana.id, "a grant") is False
    with pytest.raises(InvalidCredentials):
        await identity.answer(ana, Proven(challenge="s" * 20), "123456")


@pytest.mark.parametrize("code", ["TooManyRequestsException", "LimitExceededException"])
async def test_a_pool_that_is_asked_too_much_has_one_try_again_later(server, identity, ana, code):
    server.usual = refuses(code)

    for asking in (
        identity.verify(ana, PASSWORD),
        identity.renew(ana.id, "a grant"),
        identity.change(ana.id, PASSWORD),
        identity.answer(ana, Proven(challenge="s" * 20), "123456"),
    ):
        with pytest.raises(Busy) as raised:
            await asking
        assert isinstance(raised.value, TooManyAttempts)


@pytest.mark.parametrize(
    "answer",
    [
        refuses("AccessDeniedException"),
        refuses("InvalidParameterException"),
        refuses("ResourceNotFoundException"),
        (500, {"__type": "InternalErrorException"}),
        HANGS_UP,
        {},
    ],
    ids=str,
)
async def test_what_is_neither_yes_nor_no_is_no_answer(server, identity, ana, answer, caplog):
    server.usual = answer

    for asking in (
        identity.verify(ana, PASSWORD),
        identity.renew(ana.id, "a grant"),
        identity.answer(ana, Proven(challenge="s" * 20), "123456"),
    ):
        with pytest.raises(Unanswered) as raised:
            await asking
        assert not isinstance(raised.value, Busy)
        assert PASSWORD not in str(raised.value)
    assert PASSWORD not in caplog.text


async def test_a_silent_pool_is_not_waited_for_long(server, ana, monkeypatch):
    brief = cognito.PATIENCE.merge(cognito.Config(read_timeout=0.3))
    monkeypatch.setattr(cognito, "PATIENCE", brief)
    server.usual = SILENCE
    async with played(server) as identity:
        began = time.monotonic()
        with pytest.raises(Unanswered):
            await identity.verify(ana, PASSWORD)

    assert time.monotonic() - began < 3
    assert len(server.asked) == 2  # once more, and then no more


@pytest.mark.parametrize(
    "claims", [{"username": "another"}, {"iss": "another"}, {"exp": 1}, {"token_use": "id"}]
)
async def test_an_answer_whose_token_does_not_prove_lets_nobody_in(server, identity, ana, claims):
    server.usual = lets_in(ana, **claims)

    with pytest.raises(Unanswered):
        await identity.verify(ana, PASSWORD)
    with pytest.raises(Unanswered):
        await identity.renew(ana.id, "a grant")


async def test_yes_and_no_take_the_same_time(server, ana):
    """Of three tries one must be even, for the machine may be busy with something else."""
    spreads = []
    async with played(server) as identity:
        while not spreads or (min(spreads) >= 0.15 and len(spreads) < 3):
            took = []
            for answer, slow in (
                (refuses("UserNotFoundException"), 0.0),
                (refuses("NotAuthorizedException"), 0.25),
                (lets_in(ana), 0.1),
            ):
                server.usual, server.slow = answer, slow
                began = time.monotonic()
                await identity.verify(ana, PASSWORD)
                took.append(time.monotonic() - began)
            spreads.append(max(took) - min(took))

    assert min(spreads) < 0.15, spreads


# ----------------------------------------------------------------- a second factor


async def test_a_pool_that_wants_a_code_gets_it(server, identity, ana):
    server.next = [
        {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "s" * 20, "ChallengeParameters": {}},
        lets_in(ana),
    ]

    proven = await identity.verify(ana, PASSWORD)
    with pytest.raises(MfaRequired):
        await identity.answer(ana, proven, None)
    answered = await identity.answer(ana, proven, "123 456")

    assert answered == Proven(grant="a grant", second_factor=True)
    sent = server.asked[1]
    assert sent["ChallengeResponses"]["SOFTWARE_TOKEN_MFA_CODE"] == "123456"  # noqa: S105  # a code
    assert sent["Session"] == "s" * 20


async def test_a_code_that_is_none_is_not_sent(server, identity, ana):
    for typed in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦"):
        with pytest.raises(InvalidCredentials):
            await identity.answer(ana, Proven(challenge="s" * 20), typed)

    assert server.asked == []


@pytest.mark.parametrize("code", ["CodeMismatchException", "ExpiredCodeException"])
async def test_a_wrong_code_is_refused(server, identity, ana, code):
    server.usual = refuses(code)

    with pytest.raises(InvalidCredentials):
        await identity.answer(ana, Proven(challenge="s" * 20), "123456")


@pytest.mark.parametrize("name", ["NEW_PASSWORD_REQUIRED", "SMS_MFA", "MFA_SETUP"])
async def test_a_challenge_that_we_cannot_answer_lets_nobody_in(server, identity, ana, name):
    server.usual = {"ChallengeName": name, "Session": "s" * 20, "ChallengeParameters": {}}

    assert await identity.verify(ana, PASSWORD) is None


# --------------------------------------------------------- passwords that are taken


async def test_a_password_is_taken_with_no_mail_and_for_good(server, identity):
    server.usual, id = {}, uuid4()

    marks = {await identity.enrol(id, PASSWORD) for _ in range(2)}

    create, put = server.asked[:2]
    assert operations(server)[:2] == ["AdminCreateUser", "AdminSetUserPassword"]
    assert create == {"UserPoolId": POOL.id, "Username": str(id), "MessageAction": "SUPPRESS"}
    assert (put["Password"], put["Permanent"]) == (PASSWORD, True)
    assert len(marks) == 2
    assert not any(PASSWORD in mark for mark in marks)


async def test_a_user_who_is_there_already_has_been_made_by_a_try_that_was_not_answered(
    server, identity
):
    server.next, server.usual = [refuses("UsernameExistsException")], {}

    await identity.enrol(uuid4(), PASSWORD)

    assert operations(server) == ["AdminCreateUser", "AdminSetUserPassword"]


async def test_a_changed_password_ends_what_was_opened_by_the_old_one(server, identity):
    server.usual = {}

    await identity.change(uuid4(), PASSWORD)

    assert operations(server) == ["AdminSetUserPassword", "AdminUserGlobalSignOut"]


async def test_who_is_not_in_the_pool_yet_comes_into_it_with_a_new_password(server, identity):
    server.next, server.usual = [refuses("UserNotFoundException")], {}

    await identity.change(uuid4(), PASSWORD)

    assert operations(server)[1:] == ["AdminCreateUser", "AdminSetUserPassword"]


async def test_what_is_too_weak_for_the_pool_is_told_at_the_field(server, identity):
    server.usual = refuses("InvalidPasswordException")

    for password in (PASSWORD, " leading", "trailing "):
        with pytest.raises(Invalid) as raised:
            await identity.change(uuid4(), password)
        assert raised.value.path == ("password",)


async def test_who_is_not_there_is_removed_already(server, identity):
    server.usual = refuses("UserNotFoundException")

    await identity.remove(uuid4())

    assert operations(server) == ["AdminDeleteUser"]


def test_a_pool_is_where_its_id_says():
    assert POOL.issuer == "https://cognito-idp.sa-east-1.amazonaws.com/sa-east-1_Ana123"
    assert "our secret" not in repr(POOL)
