"""An administrator at the page, with his app."""

from datetime import UTC, datetime, timedelta

import pyotp
from playwright.async_api import Page, expect

from domain.second_factor import SecondFactor
from tests import make
from tests.browser.conftest import PASSWORD, Clinic, with_password
from tests.browser.views import View
from tests.make import Person

SECRET = pyotp.random_base32()


async def administrator(clinic: Clinic, password_hash: str) -> Person:
    person = with_password(make.administrator(), password_hash)
    await clinic.given(person)
    at = datetime.now(UTC) - timedelta(days=1)
    factor = SecondFactor(id=person.account.id, secret=SECRET, begun_at=at, enabled_at=at)
    async with clinic.rows.app.works.begin() as work:
        assert await work.second_factors.put(factor)
    return person


async def sign_in(page: Page, person: Person, say: View) -> None:
    await page.get_by_label("E-mail").fill(person.account.email)
    await page.get_by_label(say("Senha", "Password")).fill(PASSWORD)
    code = page.get_by_label(say("Código do aplicativo", "Code of your authenticator"))
    await code.fill(pyotp.TOTP(SECRET).now())
    await page.get_by_role("button", name=say("Entrar", "Sign in")).click()
    await expect(
        page.get_by_role("link", name=say("Auditoria", "Audit"), exact=True)
    ).to_be_visible()
