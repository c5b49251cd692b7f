"""Who looks at the page: in which language, on how wide a screen, and signed in as whom."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page

from domain.auth import Role
from tests.browser.chromium import opened
from tests.browser.conftest import PASSWORD
from tests.make import Person

SIGN_IN = {
    Role.PATIENT: """mutation ($input: SignInPatientInput!) {
        answer: signInPatient(input: $input) { problems { code } } }""",
    Role.DOCTOR: """mutation ($input: SignInDoctorInput!) {
        answer: signInDoctor(input: $input) { problems { code } } }""",
}


TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll('body *')]
        .filter(it => it.getBoundingClientRect().right > innerWidth)
        .map(it => `${it.tagName} ${it.className}`)"""


@dataclass(frozen=True)
class Reader:
    """`say`: the words of his language, by what they are of."""

    locale: str
    width: int
    say: dict[str, str]


def readers(**words: tuple[str, str]) -> pytest.MarkDecorator:
    """An English one at a wide screen, and a Brazilian one at a phone's: `name=(english, his)`."""
    return pytest.mark.parametrize(
        "reader",
        [
            Reader("en", 1280, {name: pair[0] for name, pair in words.items()}),
            Reader("pt-BR", 360, {name: pair[1] for name, pair in words.items()}),
        ],
        ids=lambda reader: f"{reader.locale}-{reader.width}",
    )


@asynccontextmanager
async def page_of(browser: Browser, url: str, reader: Reader) -> AsyncGenerator[Page]:
    """On `localhost`, for whose name there are passkeys. It never scrolls sideways."""
    url = url.replace("127.0.0.1", "localhost")
    async with opened(
        browser, url, locale=reader.locale, viewport={"width": reader.width, "height": 800}
    ) as page:
        yield page
        assert await page.evaluate(TOO_WIDE) == []


async def enter(page: Page, person: Person, password: str = PASSWORD) -> None:
    """As the page's own form does it, but for the typing."""
    if person.account.role is Role.DOCTOR:
        given = {"crm": person.who.crm, "uf": person.who.uf}
    else:
        given = {"email": person.account.email, "cpf": person.who.cpf}
    answer = await page.context.request.post(
        "/graphql",
        headers={"content-type": "application/json"},
        data=json.dumps(
            {
                "query": SIGN_IN[person.account.role],
                "variables": {"input": given | {"password": password, "cookie": True}},
            }
        ),
    )
    assert (await answer.json())["data"]["answer"]["problems"] == []
