"""The playground: who builds on the API tries it here, as a partner too, and sees what it costs."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from itertools import count

from playwright.async_api import Browser, Page, expect

from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import Clinic
from tests.make import SECRET

PUBLISH = """mutation ($input: PublishSlotsInput!) {
  publishSlots(input: $input) { problems { code } } }"""


async def run(page: Page, example: str | None = None) -> None:
    if example is not None:
        tabs = page.get_by_role("tab")
        before = await tabs.count()
        await page.get_by_role("button", name=example).click()
        await expect(tabs).to_have_count(before + 1)
    await page.get_by_role("button", name=re.compile("^Execute query")).click()


async def test_a_partner_tries_the_api_and_hears_it_live(clinic: Clinic, browser: Browser):
    doctor, partner = make.doctor(), make.partner()
    now = datetime.now(UTC).replace(microsecond=0)
    soon = make.slot(doctor, starts_at=now + timedelta(minutes=30))
    await clinic.given(doctor, partner, soon)
    clinic.rows.now = datetime.now(UTC)
    async with opened(browser, clinic.url) as page:
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.goto("/playground")
        answer = page.locator(".graphiql-response")
        # Its editor comes after its buttons, and until then there is nothing to run.
        await expect(page.locator(".graphiql-query-editor")).to_contain_text("SearchDoctors")
        await run(page)
        await expect(answer).to_contain_text('"doctors"')
        await expect(page.get_by_text(re.compile(r"^Cost: \d+ of 10000$"))).to_be_visible()

        await page.get_by_role("button", name="Sign in").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_text("Demo accounts")).to_have_count(0)  # there is no demo here
        await dialog.get_by_label("Client ID").fill(str(partner.id))
        await dialog.get_by_label("Client secret").fill(SECRET)
        await dialog.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text(f"Signed in: {partner.id}")).to_be_visible()
        await run(page, "A partner's usage")
        await expect(answer).to_contain_text('"slots:read"')

        await run(page, "Slots, live")
        heard = answer.get_by_text('"OPENED"')
        async with asyncio.timeout(15):
            for day in count(3):  # it is not seen when the server has begun to tell
                starts = now + timedelta(days=day)
                ends = starts + make.HALF_AN_HOUR
                times = {"startsAt": starts.isoformat(), "endsAt": ends.isoformat()}
                published = await clinic.rows.ask(PUBLISH, doctor, input={"times": [times]})
                assert published["problems"] == []
                await asyncio.sleep(0.5)
                if await heard.count():
                    break
