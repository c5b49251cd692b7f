"""Administrators sign in with a password and a code, or not at all."""

from uuid import uuid4

import pytest

from domain import administrators
from domain.administrators import Credentials
from domain.errors import AlreadyRegistered, Invalid, NotFound
from domain.mail import MailKind
from tests import make
from tests.mailbox import Mailbox
from tests.resolvers.test_attempts import THROTTLED, WRONG, outcome
from tests.resolvers.test_attempts import sign_in as sign_in_from
from tests.resolvers.test_second_factor import MFA, STEP, shown
from tests.resolvers.test_sessions import is_dead
from tests.server import LocalServer

PASSWORD, OTHER, IN = "quatro palavras", "cinco palavras", "IN"
SIGN_IN = """
mutation ($input: SignInAdministratorInput!) {
  signInAdministrator(input: $input) {
    session { accessToken refreshToken viewer { ... on AdministratorViewer { email } } }
    problems { code path message __typename }
  }
}
"""
REMOVE = """
mutation ($input: RemoveSecondFactorInput!) {
  removeSecondFactor(input: $input) { problems { code } }
}
"""
RESET = """
mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { problems { code } }
}
"""


class Administrator:
    """Made as the command makes him. `address`: of no other test."""

    def __init__(self, server: LocalServer) -> None:
        self.server, self.address = server, f"admin {uuid4()}"
        self.email = f"{uuid4()}@example.com"
        self.secret = ""
        self.recovery_codes: tuple[str, ...] = ()

    async def make(self, use_case=administrators.register, password: str = PASSWORD) -> None:
        services = self.server.app.services
        self.secret = services.one_time_codes.new_secret()
        given = Credentials(
            password_hash=await services.passwords.hash(password),
            secret=self.secret,
            code=shown(self.secret, self.server.now),
        )
        codes, at = services.one_time_codes, self.server.now
        self.recovery_codes = await services.act(
            lambda work: use_case(work, self.email, given, codes, at=at)
        )
        self.server.now += STEP  # the code that was shown is spent

    @property
    def code(self) -> str:
        return shown(self.secret, self.server.now)

    async def sign_in(self, otp: str | None, password: str = PASSWORD, email: str | None = None):
        given = {"email": email or self.email, "password": password, "otp": otp}
        return await sign_in_from(self.server, given, self.address, SIGN_IN)


@pytest.fixture
async def administrator(server: LocalServer) -> Administrator:
    made = Administrator(server)
    await made.make()
    return made


async def test_he_signs_in_with_password_and_code(administrator: Administrator):
    payload = await administrator.sign_in(administrator.code, email=administrator.email.upper())

    assert payload["problems"] == []
    assert payload["session"]["viewer"] == {"email": administrator.email}


async def test_without_a_code_or_with_a_wrong_password_he_does_not(administrator: Administrator):
    assert outcome(await administrator.sign_in(None)) == MFA
    assert outcome(await administrator.sign_in("")) == MFA
    assert outcome(await administrator.sign_in(administrator.code, password=OTHER)) == WRONG
    assert outcome(await administrator.sign_in("000000")) == WRONG
    assert outcome(await administrator.sign_in(administrator.recovery_codes[0])) == IN


async def test_whoever_has_no_second_factor_is_refused_as_if_the_password_were_wrong(
    server: LocalServer, administrator: Administrator
):
    account = await server.app.services.reads.account_of_administrator(administrator.email)
    await server.app.services.act(lambda work: work.second_factors.remove(account.id))

    assert outcome(await administrator.sign_in(None)) == WRONG
    assert outcome(await administrator.sign_in(administrator.code)) == WRONG


async def test_he_cannot_switch_it_off(server: LocalServer, administrator: Administrator):
    session = (await administrator.sign_in(administrator.code))["session"]
    server.now += STEP
    caller = server.app.authenticate(f"Bearer {session['accessToken']}")
    operation = server.documents.prepare(REMOVE)
    given = {"input": {"password": PASSWORD, "code": administrator.code}}

    answer = await server.operations.answer(operation, given, caller)

    assert b'"FORBIDDEN"' in answer
    server.now += STEP
    assert outcome(await administrator.sign_in(None)) == MFA


async def test_who_guesses_has_to_wait(administrator: Administrator):
    tries = [outcome(await administrator.sign_in(None, password=f"{n}")) for n in range(8)]

    assert tries[:6] == [WRONG] * 6
    assert THROTTLED in tries[6:]


async def test_an_address_is_one_administrators_and_a_wrong_code_makes_none(
    server: LocalServer, administrator: Administrator
):
    other = Administrator(server)
    other.email = administrator.email.title()
    with pytest.raises(AlreadyRegistered):
        await other.make()
    codes = server.app.services.one_time_codes
    given = Credentials(password_hash="none", secret=codes.new_secret(), code="000000")  # noqa: S106

    with pytest.raises(Invalid):
        await server.app.services.act(
            lambda work: administrators.register(
                work, f"{uuid4()}@example.com", given, codes, at=server.now
            )
        )
    assert outcome(await administrator.sign_in(administrator.code)) == IN


async def test_renewed_he_has_other_credentials_and_no_session(
    server: LocalServer, administrator: Administrator
):
    session = (await administrator.sign_in(administrator.code))["session"]
    old = administrator.recovery_codes[1]

    await administrator.make(administrators.renew, password=OTHER)

    assert await is_dead(server, session)
    assert outcome(await administrator.sign_in(administrator.code)) == WRONG
    assert outcome(await administrator.sign_in(old, password=OTHER)) == WRONG
    assert outcome(await administrator.sign_in(administrator.code, OTHER)) == IN


async def test_removed_he_is_shut_out_until_he_is_renewed(
    server: LocalServer, administrator: Administrator
):
    session = (await administrator.sign_in(administrator.code))["session"]
    account = await server.app.services.reads.account_of_administrator(administrator.email)
    passkey = make.passkey(make.administrator(), user_id=account.id)
    await server.given(passkey)

    await server.app.services.act(
        lambda work: administrators.remove(work, administrator.email, at=server.now)
    )
    server.now += STEP

    assert await is_dead(server, session)
    assert await server.app.services.reads.passkeys(account.id) == []
    assert outcome(await administrator.sign_in(administrator.code)) == WRONG
    await administrator.make(administrators.renew)
    assert outcome(await administrator.sign_in(administrator.code)) == IN


async def test_who_is_none_is_not_renewed(server: LocalServer):
    nobody = Administrator(server)

    with pytest.raises(NotFound):
        await nobody.make(administrators.renew)


async def test_no_mail_gives_him_another_password(
    server: LocalServer, administrator: Administrator
):
    """Whoever reads his mail is not an administrator for that."""
    await server.ask(RESET, input={"email": administrator.email})
    links = "SELECT count(*) FROM link JOIN account ON account.id = account_id WHERE role = $1"
    mailbox = Mailbox()

    await mailbox.fetch(server)

    assert mailbox.of(administrator.email, MailKind.RESET_PASSWORD) == []
    assert (await server.fetch(links, "ADMINISTRATOR"))[0]["count"] == 0
