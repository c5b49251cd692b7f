"""The clinic as it is run, with its page, by the real time; and a browser to look at it."""

import os
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page

from domain import opaque_tokens
from domain.auth import Role
from integrations.passwords import Argon2Passwords
from tests.authority import Authority
from tests.browser.chromium import chromium
from tests.conftest import TEMPLATE, create_database, url_of
from tests.make import Person
from tests.paths import ROOT
from tests.served import served
from tests.server import LocalServer
from wiring.settings import Settings

BUILT = ROOT / "web/dist"
PASSWORD = "saude-demo-2026"  # noqa: S105  # of people who live for one test run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Chromium beside a clinic and other tests on two cores is late now and then. What fails is
    tried once more; the run tells of it as `R`.
    """
    for item in items:
        if item.path.is_relative_to(ROOT / "tests/browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@dataclass(frozen=True)
class Clinic:
    """`settings`: for another server of the same clinic, on a port of its own."""

    url: str
    rows: LocalServer
    settings: Settings

    async def given(self, *things: Any) -> None:
        await self.rows.given(*things)


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Whose certificates doctors may sign with."""
    return Authority(datetime.now(UTC))


@pytest.fixture(scope="session")
async def clinic(
    worker_id: str,
    keys_file: Path,
    object_store: dict[str, Any],
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Clinic]:
    if not (BUILT / "paths.json").exists():
        pytest.skip("the page has not been built: ./dev test builds it")
    name = f"browser_{worker_id}_{os.getpid()}"
    await create_database(name, TEMPLATE)
    url = url_of(name)
    store = dict(object_store)
    if bucket := store.get("s3_bucket"):
        store["s3_bucket"] = f"browser-{bucket}"  # which lets in the pages of this clinic alone
    settings = Settings(
        database_url=url,
        keys_file=keys_file,
        page=BUILT,
        signature_roots=authority.keep(tmp_path_factory.mktemp("roots")),
        **store,
    )
    async with (
        served(settings, known=True) as at,
        LocalServer.run(url, keys_file, public_url=at, **store) as rows,
    ):
        rows.now = datetime.now(UTC)
        yield Clinic(at, rows, settings.model_copy(update={"s3_prepare": False}))


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    async with chromium() as it:
        yield it


@pytest.fixture(scope="session")
async def password_hash() -> str:
    passwords = Argon2Passwords()
    hashed = await passwords.hash(PASSWORD)
    passwords.close()
    return hashed


def in_english(*texts: str) -> str:
    """As a `View` says it."""
    return texts[-1]


async def sign_in(page: Page, person: Person, say: Callable[..., str] = in_english) -> None:
    if person.account.role is Role.DOCTOR:
        await page.get_by_role("tab", name=say("Médico", "Doctor")).click()
        await page.get_by_label(say("CRM number")).fill(person.who.crm)
    else:
        await page.get_by_label(say("E-mail")).fill(person.account.email)
        await page.get_by_label("CPF").fill(person.who.cpf)
    await page.get_by_label(say("Password")).fill(PASSWORD)
    await page.get_by_role("button", name=say("Sign in")).click()


def with_cookie(person: Person) -> tuple[Person, str]:
    """Whose session a browser keeps; and what that has of it, for `remember`."""
    token = opaque_tokens.make(person.session.id)
    session = replace(person.session, refresh_hash=opaque_tokens.hash_of(token), cookie_key=uuid4())
    return replace(person, session=session), token


async def remember(page: Page, url: str, token: str) -> None:
    """The browser has that session: the next page that is opened is signed in, whoever he is."""
    await page.context.add_cookies(
        [{"name": "session", "value": token, "url": url, "httpOnly": True}]
    )


def with_password(person: Person, hashed: str) -> Person:
    return replace(person, account=replace(person.account, password_hash=hashed))
