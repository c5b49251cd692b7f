"""Who has a second factor signs in with a code too, each code once; so he switches it off again."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import second_factor
from domain.errors import InvalidCredentials
from domain.ids import UserId
from tests.mailbox import Mailbox
from tests.make import NOW
from tests.resolvers.test_accounts import (
    PASSWORD,
    found_in_the_database,
    registered_doctor,
    registered_patient,
)
from tests.resolvers.test_attempts import THROTTLED, WRONG, outcome
from tests.resolvers.test_attempts import sign_in as sign_in_from
from tests.resolvers.test_sessions import REFRESH, is_dead
from tests.server import LocalServer
from transport.requests import Client

SIGN_IN = {
    "doctor": """
mutation ($input: SignInDoctorInput!) {
  signInDoctor(input: $input) {
    session { accessToken refreshToken } problems { code path message }
  }
}
""",
    "patient": """
mutation ($input: SignInPatientInput!) {
  signInPatient(input: $input) {
    session { accessToken refreshToken } problems { code path message }
  }
}
""",
}
BEGIN = """
mutation ($input: BeginSecondFactorInput!) {
  beginSecondFactor(input: $input) { secret uri qrCode problems { code path } }
}
"""
CONFIRM = """
mutation ($input: ConfirmSecondFactorInput!) {
  confirmSecondFactor(input: $input) {
    secondFactor { enabledAt recoveryCodesLeft } recoveryCodes problems { code path }
  }
}
"""
REPLACE = """
mutation ($input: ReplaceRecoveryCodesInput!) {
  replaceRecoveryCodes(input: $input) { recoveryCodes problems { code path } }
}
"""
REMOVE = """
mutation ($input: RemoveSecondFactorInput!) {
  removeSecondFactor(input: $input) { problems { code path } }
}
"""
VIEWER = """
{ viewer {
  ... on DoctorViewer { secondFactor { enabledAt recoveryCodesLeft } }
  ... on PatientViewer { secondFactor { enabledAt recoveryCodesLeft } }
} }
"""
STEP = timedelta(seconds=30)
MFA = "MFA_REQUIRED"
both = pytest.mark.parametrize("role", ["doctor", "patient"])


@dataclass(kw_only=True)
class Owner:
    """Of an account: what he knows, a session of his, and an address of no other test: others
    set the clock back.
    """

    server: LocalServer
    role: str
    who: dict[str, str]
    id: str
    session: dict[str, str]
    address: str
    secret: str = ""
    recovery_codes: tuple[str, ...] = ()

    def code(self, steps: int = 0) -> str:
        """What the app shows so many steps from now."""
        return shown(self.secret, self.server.now + steps * STEP)

    async def sign_in(self, otp: str | None = None, **other: Any) -> Any:
        address = other.pop("address", self.address)
        server = other.pop("server", self.server)
        given = {**self.who, "otp": otp, **other}
        return await sign_in_from(server, given, address, SIGN_IN[self.role])

    async def tries(self, *otps: str | None, **other: Any) -> list[str]:
        """The outcome of each sign-in, one after the other."""
        return [outcome(await self.sign_in(otp, **other)) for otp in otps]

    async def ask(self, query: str, server: LocalServer | None = None, **input: str) -> Any:
        server = server or self.server
        caller = server.app.authenticate(
            f"Bearer {self.session['accessToken']}", Client(self.address)
        )
        operation = server.documents.prepare(query)
        given = {"input": input} if input else {}
        answer = json.loads(await server.operations.answer(operation, given, caller))
        assert "errors" not in answer, answer["errors"]
        return next(iter(answer["data"].values()))

    async def begin(self) -> None:
        begun = await self.ask(BEGIN, password=PASSWORD)
        assert begun["problems"] == []
        self.secret = begun["secret"]

    async def confirm(self) -> None:
        confirmed = await self.ask(CONFIRM, code=self.code())
        assert confirmed["problems"] == []
        self.recovery_codes = tuple(confirmed["recoveryCodes"])

    async def protection(self) -> Any:
        return (await self.ask(VIEWER))["secondFactor"]


def shown(secret: str, at: datetime) -> str:
    """RFC 6238 over RFC 4226, written down once more."""
    step = int(at.timestamp()) // 30
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8), hashlib.sha1)
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def wrong(*codes: str) -> str:
    """A code that is none of these."""
    return next(code for n in range(10) if (code := f"{n:06}") not in codes)


async def owner(server: LocalServer, role: str = "patient") -> Owner:
    register, names = {
        "doctor": (registered_doctor, ("crm", "uf", "password")),
        "patient": (registered_patient, ("email", "cpf", "password")),
    }[role]
    form, entity = await register(server)
    who = {name: form[name] for name in names}
    address = somewhere()
    session = (await sign_in_from(server, who, address, SIGN_IN[role]))["session"]
    id = entity["id"].rpartition("_")[2]
    return Owner(server=server, role=role, who=who, id=id, session=session, address=address)


async def protected(server: LocalServer, role: str = "patient") -> Owner:
    """With a second factor that is on, and whose next code is not spent."""
    made = await owner(server, role)
    await made.begin()
    await made.confirm()
    server.now += STEP
    return made


def problem(payload: Any) -> tuple[str, str]:
    [found] = payload["problems"]
    return found["code"], ".".join(found["path"])


def somewhere() -> str:
    """An address of no other test."""
    return f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"


@pytest.fixture
async def other(database_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """Another process over the same database."""
    async with LocalServer.run(database_url, keys_file) as server:
        yield server


# ------------------------------------------------------------------ switching on


@both
async def test_it_is_on_when_the_app_has_shown_a_code_and_not_before(
    server: LocalServer, role: str
):
    ana = await owner(server, role)

    begun = await ana.ask(BEGIN, password=PASSWORD)

    assert re.fullmatch("[A-Z2-7]{32}", begun["secret"])
    assert f"secret={begun['secret']}&" in begun["uri"]
    assert begun["qrCode"].startswith("<svg ")
    assert await ana.protection() is None
    assert await ana.tries(None) == ["IN"]

    ana.secret = begun["secret"]
    confirmed = await ana.ask(CONFIRM, code=ana.code())

    on = {"enabledAt": "2030-01-07T12:15:00Z", "recoveryCodesLeft": 10}
    assert (confirmed["secondFactor"], confirmed["problems"]) == (on, [])
    assert await ana.protection() == on
    assert await ana.tries(None) == [MFA]
    codes = confirmed["recoveryCodes"]
    assert len(set(codes)) == 10
    letters = "[0-9A-HJKMNP-TV-Z]{4}"  # 32 of them: 60 bits
    assert all(re.fullmatch(f"{letters}-{letters}-{letters}", code) for code in codes)


@both
async def test_its_owner_is_told_by_mail_when_it_is_switched_on_and_off(
    server: LocalServer, role: str
):
    ana = await protected(server, role)
    removed = await ana.ask(REMOVE, password=PASSWORD, code=ana.code())
    assert removed["problems"] == []

    mailbox = Mailbox()
    await mailbox.fetch(server)

    account = await server.app.services.reads.account(UserId(UUID(ana.id)))
    told = mailbox.of(account.email)
    assert [mail.kind.value for mail in told] == ["SECOND_FACTOR_ON", "SECOND_FACTOR_OFF"]
    assert {bool(mail.accounts[0].crm) for mail in told} == {role == "doctor"}


async def test_a_wrong_code_switches_nothing_on(server: LocalServer):
    ana = await owner(server)
    await ana.begin()
    none = wrong(ana.code(-1), ana.code(), ana.code(1))

    for code in (none, ana.code(-2), ana.code(2), "", "abc", ana.code() + "0"):
        refused = await ana.ask(CONFIRM, code=code)

        assert problem(refused) == ("INVALID", "code")
        assert refused["recoveryCodes"] is refused["secondFactor"] is None
    assert await ana.protection() is None
    assert problem(await ana.ask(CONFIRM, code=ana.code())) == (THROTTLED, "")


async def test_what_was_not_begun_cannot_be_confirmed(server: LocalServer):
    ana = await owner(server)

    for _ in range(7):  # it is no guess
        assert problem(await ana.ask(CONFIRM, code="000000")) == ("WRONG_STATUS", "")


@pytest.mark.parametrize("late", [False, True])
async def test_it_is_confirmed_within_the_hour(server: LocalServer, late: bool):
    ana = await owner(server)
    await ana.begin()
    server.now = NOW + timedelta(hours=1) - timedelta(microseconds=0 if late else 1)
    ana.session = (await ana.sign_in())["session"]

    confirmed = await ana.ask(CONFIRM, code=ana.code())

    assert [each["code"] for each in confirmed["problems"]] == ["WRONG_STATUS"] * late
    assert (await ana.protection() is None) is late


async def test_beginning_again_voids_the_secret_before(server: LocalServer):
    ana = await owner(server)
    await ana.begin()
    old = ana.secret
    await ana.begin()

    assert problem(await ana.ask(CONFIRM, code=shown(old, NOW))) == ("INVALID", "code")
    await ana.confirm()


async def test_one_that_is_on_is_neither_begun_nor_confirmed_again(server: LocalServer):
    ana = await protected(server)

    for _ in range(7):  # a right password is no failure
        begun = await ana.ask(BEGIN, password=PASSWORD)
        assert problem(begun) == ("WRONG_STATUS", "")
        assert begun["secret"] is begun["uri"] is begun["qrCode"] is None
    assert problem(await ana.ask(CONFIRM, code=ana.code())) == ("WRONG_STATUS", "")
    assert await ana.tries(ana.code()) == ["IN"]


@both
async def test_it_ends_the_other_sessions_of_the_account_and_no_others(
    server: LocalServer, role: str
):
    ana, stranger = await owner(server, role), await owner(server, role)
    elsewhere = [(await ana.sign_in())["session"] for _ in range(2)]
    await ana.begin()
    assert not any([await is_dead(server, each) for each in elsewhere])

    await ana.confirm()

    assert all([await is_dead(server, each) for each in elsewhere])
    for session in elsewhere:
        refused = await server.ask(REFRESH, token=session["refreshToken"])
        assert problem(refused) == ("TOKEN_EXPIRED", "refreshToken")
    for session in (ana.session, stranger.session):
        assert not await is_dead(server, session)
    renewed = await server.ask(REFRESH, token=ana.session["refreshToken"])
    assert renewed["problems"] == []


async def test_of_many_who_confirm_at_once_one_gets_the_codes(
    server: LocalServer, other: LocalServer
):
    ana = await owner(server)
    await ana.begin()

    payloads = await asyncio.gather(
        *(ana.ask(CONFIRM, each, code=ana.code()) for _ in range(3) for each in (server, other))
    )

    [codes] = [payload["recoveryCodes"] for payload in payloads if payload["recoveryCodes"]]
    refused = [problem(payload) for payload in payloads if payload["problems"]]
    assert refused == [("WRONG_STATUS", "")] * 5
    assert (await ana.protection())["recoveryCodesLeft"] == 10
    assert await ana.tries(codes[0]) == ["IN"]


# -------------------------------------------------------------------- signing in


@both
async def test_a_right_password_alone_is_asked_for_the_code(server: LocalServer, role: str):
    ana = await protected(server, role)

    for otp in (None, "", "  "):
        asked = await ana.sign_in(otp)
        assert asked["session"] is None
        assert problem(asked) == (MFA, "otp")
    signed_in = await ana.sign_in(ana.code())

    assert signed_in["problems"] == []
    assert not await is_dead(server, signed_in["session"])


async def test_a_wrong_code_is_answered_like_a_wrong_password(server: LocalServer):
    ana = await protected(server)
    none = wrong(ana.code(-1), ana.code(), ana.code(1))

    answers = [
        await ana.sign_in(ana.code(), password="cinco palavras"),  # noqa: S106
        await ana.sign_in(none, password="cinco palavras"),  # noqa: S106
        await ana.sign_in(None, password="cinco palavras"),  # noqa: S106
        await ana.sign_in(none),
    ]

    assert [problem(each) for each in answers] == [(WRONG, "")] * 4
    assert all(each == answers[0] for each in answers)
    assert await ana.tries(ana.code()) == ["IN"]


@pytest.mark.parametrize(
    ("steps", "told"), [(-2, WRONG), (-1, "IN"), (0, "IN"), (1, "IN"), (2, WRONG)]
)
async def test_a_code_is_good_one_step_around_its_own(server: LocalServer, steps: int, told: str):
    ana = await protected(server)
    server.now += 5 * STEP

    assert await ana.tries(ana.code(steps)) == [told]


async def test_a_code_is_good_once_and_none_that_is_older_than_it(server: LocalServer):
    ana = await protected(server)
    assert await ana.tries(ana.code(-1)) == [WRONG]  # it confirmed

    assert await ana.tries(ana.code(1), ana.code(1), ana.code()) == ["IN", WRONG, WRONG]
    server.now += 2 * STEP
    assert await ana.tries(ana.code(-1), ana.code()) == [WRONG, "IN"]


@pytest.mark.parametrize("pattern", ["{} {}", " {}{} ", "{}-{}", "{}\u00a0{}", "{}.{}"])
async def test_a_code_may_be_written_with_what_apps_put_between(server: LocalServer, pattern: str):
    ana = await protected(server)
    code = ana.code()

    assert await ana.tries(pattern.format(code[:3], code[3:])) == ["IN"]


@pytest.mark.parametrize(
    "otp", ["\ud800", "é" * 5_000, "0", "0" * 12, "-", "' OR true --", "\uff21" * 12]
)
async def test_what_is_no_code_is_wrong(server: LocalServer, otp: str):
    ana = await protected(server)

    assert await ana.tries(otp) == [WRONG]


async def test_digits_of_another_script_are_no_code(server: LocalServer):
    ana = await protected(server)
    full_width = "".join(chr(0xFF10 + int(digit)) for digit in ana.code())

    assert await ana.tries(full_width, ana.code()) == [WRONG, "IN"]


async def test_of_many_who_sign_in_at_once_with_one_code_one_wins(
    server: LocalServer, other: LocalServer
):
    ana = await protected(server)
    other.now = server.now
    for otp in (ana.code(), ana.recovery_codes[0], ana.recovery_codes[1]):
        payloads = await asyncio.gather(
            *(
                ana.sign_in(otp, server=each, address=somewhere())
                for _ in range(4)
                for each in (server, other)
            )
        )

        assert Counter(map(outcome, payloads)) == {"IN": 1, WRONG: 7}


async def test_who_proves_a_code_waits_for_whoever_is_about_to(server: LocalServer):
    ana = await protected(server)
    account = await server.app.services.reads.account(UserId(UUID(ana.id)))
    codes, at, code = server.app.services.one_time_codes, server.now, ana.code()

    async def late() -> None:
        async with server.app.works.begin() as work:
            await second_factor.prove(work, account, code, codes, at=at)

    async with server.app.works.begin() as work:
        await second_factor.prove(work, account, code, codes, at=at)
        waiting = asyncio.create_task(late())
        done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    with pytest.raises(InvalidCredentials):
        await waiting


async def test_without_a_second_factor_a_code_is_of_no_matter(server: LocalServer):
    ana = await owner(server)

    assert await ana.tries(*["000000"] * 25) == ["IN"] * 25


# ---------------------------------------------------------------- recovery codes


async def test_each_recovery_code_signs_in_once(server: LocalServer):
    ana = await protected(server)

    for left, code in enumerate(reversed(ana.recovery_codes)):
        assert await ana.tries(code, code) == ["IN", WRONG]
        assert (await ana.protection())["recoveryCodesLeft"] == 9 - left
    assert await ana.tries(ana.code()) == ["IN"]


async def test_a_recovery_code_may_be_written_in_other_ways(server: LocalServer, monkeypatch):
    monkeypatch.setattr(second_factor, "_LETTERS", "01AB")  # so that there is something to misread
    ana = await protected(server)
    zero, one, two, three, four, *_ = sorted(ana.recovery_codes, key=lambda code: "1" not in code)
    misread = [
        code.replace("1", letter).replace("0", "o") for code, letter in ((zero, "i"), (one, "L"))
    ]

    ways = [*misread, two.lower(), three.replace("-", ""), f"  {four.replace('-', '  ')} "]
    assert await ana.tries(*ways) == ["IN"] * 5
    assert (await ana.protection())["recoveryCodesLeft"] == 5


async def test_a_recovery_code_is_no_good_for_another_account(server: LocalServer):
    ana, bruno = await protected(server), await protected(server)

    assert await bruno.tries(*ana.recovery_codes[:2]) == [WRONG] * 2
    assert await ana.tries(ana.recovery_codes[0]) == ["IN"]


async def test_a_row_that_is_moved_to_another_account_is_of_no_use(server: LocalServer):
    ana, bruno = await protected(server), await protected(server)

    await server.fetch(
        "UPDATE recovery_code SET second_factor_id = $2 WHERE second_factor_id = $1",
        *(ana.id, bruno.id),
    )

    assert await bruno.tries(ana.recovery_codes[0], bruno.recovery_codes[0]) == [WRONG, "IN"]


async def test_with_a_wrong_password_no_code_is_spent(server: LocalServer):
    ana = await protected(server)
    wrong_password = {"password": "cinco palavras"}

    assert await ana.tries(ana.code(), ana.recovery_codes[0], **wrong_password) == [WRONG] * 2

    assert await ana.tries(ana.code(), ana.recovery_codes[0]) == ["IN"] * 2


async def test_new_recovery_codes_are_in_place_of_the_old(server: LocalServer):
    ana = await protected(server)
    old = ana.recovery_codes

    replaced = await ana.ask(REPLACE, password=PASSWORD, code=old[0])

    new = replaced["recoveryCodes"]
    assert len({*new, *old}) == 20
    assert await ana.tries(old[0], old[1], new[0]) == [WRONG, WRONG, "IN"]
    assert (await ana.protection())["recoveryCodesLeft"] == 9


# ----------------------------------------------------------------- switching off


@both
async def test_once_removed_the_password_is_enough(server: LocalServer, role: str):
    ana = await protected(server, role)

    removed = await ana.ask(REMOVE, password=PASSWORD, code=ana.code())

    assert removed["problems"] == []
    assert await ana.protection() is None
    assert await ana.tries(None) == ["IN"]
    rows = "SELECT FROM second_factor f LEFT JOIN recovery_code ON true WHERE f.id = $1"
    assert await server.fetch(rows, ana.id) == []
    old = ana.secret
    await ana.begin()
    assert ana.secret != old
    await ana.confirm()
    assert await ana.tries(None) == [MFA]


async def test_who_has_lost_his_app_removes_it_by_a_recovery_code(server: LocalServer):
    ana = await protected(server)

    removed = await ana.ask(REMOVE, password=PASSWORD, code=ana.recovery_codes[3].lower())

    assert removed["problems"] == []
    assert await ana.protection() is None


@pytest.mark.parametrize("mutation", [REPLACE, REMOVE])
async def test_it_takes_the_password_and_a_code(server: LocalServer, mutation: str):
    ana = await protected(server)
    before = await ana.protection()
    none = wrong(ana.code(-1), ana.code(), ana.code(1))
    refused = [
        await ana.ask(mutation, password="cinco palavras", code=ana.code()),  # noqa: S106
        await ana.ask(mutation, password=PASSWORD, code=none),
        await ana.ask(mutation, password=PASSWORD, code=ana.code(-1)),  # it confirmed
        await ana.ask(mutation, password=PASSWORD, code=""),
    ]

    assert [problem(each) for each in refused] == [(WRONG, "")] * 4
    assert await ana.protection() == before
    assert await ana.tries(ana.recovery_codes[0], ana.code()) == ["IN"] * 2


@pytest.mark.parametrize("mutation", [REPLACE, REMOVE])
async def test_what_is_off_cannot_be_changed(server: LocalServer, mutation: str):
    ana = await owner(server)
    await ana.begin()

    refused = await ana.ask(mutation, password=PASSWORD, code=ana.code())

    assert problem(refused) == ("WRONG_STATUS", "")


# -------------------------------------------------------------------- who guesses


@pytest.mark.parametrize("mutation", [BEGIN, REPLACE, REMOVE])
async def test_who_guesses_the_password_with_a_session_has_to_wait(
    server: LocalServer, mutation: str
):
    ana = await (owner if mutation is BEGIN else protected)(server)
    code = {} if mutation is BEGIN else {"code": ana.code()}

    told = [
        problem(await ana.ask(mutation, password="cinco palavras", **code))  # noqa: S106
        for _ in range(7)
    ]

    assert told == [(WRONG, "")] * 6 + [(THROTTLED, "")]
    assert problem(await ana.ask(mutation, password=PASSWORD, **code)) == (THROTTLED, "")
    server.now += timedelta(seconds=1)
    assert (await ana.ask(mutation, password=PASSWORD, **code))["problems"] == []


async def test_a_wrong_code_with_the_right_password_counts_as_one_failure(server: LocalServer):
    ana, address = await protected(server), somewhere()
    none = wrong(ana.code(-1), ana.code(), ana.code(1))

    assert await ana.tries(*[none] * 7, address=address) == [WRONG] * 6 + [THROTTLED]
    assert await ana.tries(ana.code(), address=address) == [THROTTLED]
    assert await ana.tries(ana.code(), address=somewhere()) == ["IN"]


async def test_being_asked_for_the_code_neither_counts_nor_forgives(server: LocalServer):
    ana, address = await protected(server), somewhere()
    none = wrong(ana.code(-1), ana.code(), ana.code(1))

    assert await ana.tries(*[None] * 10, address=address) == [MFA] * 10
    told = await ana.tries(*[none, None] * 6, none, address=address)

    assert told == [WRONG, MFA] * 5 + [WRONG, THROTTLED, THROTTLED]


async def test_a_right_code_forgives_the_wrong_ones(server: LocalServer):
    ana, address = await protected(server), somewhere()
    for _ in range(3):
        none = wrong(ana.code(-1), ana.code(), ana.code(1))
        assert await ana.tries(*[none] * 5, ana.code(), address=address) == [WRONG] * 5 + ["IN"]
        server.now += STEP


async def test_who_knows_the_password_cannot_guess_the_code_from_many_addresses(
    server: LocalServer,
):
    ana, bruno = await protected(server), await protected(server)
    server.now += STEP
    none = wrong(ana.code(-1), ana.code(), ana.code(1))

    told = [await ana.tries(none, address=somewhere()) for _ in range(22)]

    assert told == [[WRONG]] * 21 + [[THROTTLED]]
    assert await ana.tries(ana.code(), address=somewhere()) == [THROTTLED]
    assert await bruno.tries(bruno.code(), address=somewhere()) == ["IN"]
    server.now += timedelta(seconds=1)
    assert await ana.tries(ana.code(), address=somewhere()) == ["IN"]


async def test_who_does_not_know_the_password_locks_nobody_out(server: LocalServer):
    ana = await protected(server)
    guess = {"password": "cinco palavras"}

    told = [await ana.tries("000000", address=somewhere(), **guess) for _ in range(22)]

    assert told == [[WRONG]] * 22
    assert await ana.tries(ana.code(), address=somewhere()) == ["IN"]


@both
async def test_a_wrong_password_runs_the_same_statements_with_it_as_without(
    server: LocalServer, role: str
):
    """So that no time tells whether an account has one."""
    ran = []
    for make in (owner, protected):
        one, address = await make(server, role), somewhere()
        with server.statements() as seen:
            for otp in (None, "000000"):
                assert await one.tries(otp, address=address, password="cinco palavras") == [WRONG]  # noqa: S106
        ran.append(list(seen))

    assert ran[0] == ran[1]
    assert not any("second_factor" in each for each in ran[0])


# ---------------------------------------------------------------------- is kept


async def test_no_row_holds_the_secret_or_a_recovery_code(server: LocalServer):
    ana = await protected(server)
    kept = [ana.secret, ana.recovery_codes[0], ana.recovery_codes[0].replace("-", "")]

    assert [await found_in_the_database(server, each) for each in kept] == [False] * 3
    plain = base64.b32decode(ana.secret)
    [row] = await server.fetch("SELECT secret FROM second_factor WHERE id = $1", ana.id)
    assert plain not in row["secret"]


async def test_each_change_is_entered_in_the_audit_log(server: LocalServer):
    ana = await protected(server)
    await ana.sign_in(ana.recovery_codes[0])
    await ana.sign_in("000000-000000")
    await ana.ask(REPLACE, password=PASSWORD, code=ana.code())
    server.now += STEP
    await ana.ask(REMOVE, password=PASSWORD, code="000000")
    await ana.ask(REMOVE, password=PASSWORD, code=ana.code())

    rows = await server.fetch(
        "SELECT action, subject FROM audit_entry WHERE user_id = $1 ORDER BY at, action DESC",
        ana.id,
    )
    assert [row["action"] for row in rows] == [
        *("Register", "SignIn", "BeginSecondFactor", "ConfirmSecondFactor"),
        *("SpendRecoveryCode", "SignIn", "ReplaceRecoveryCodes", "RemoveSecondFactor"),
    ]
    assert {row["subject"] for row in rows} == {f'{{"user_id": "{ana.id}"}}'}
