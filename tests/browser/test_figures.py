"""A doctor looks at his figures, and chooses of what time."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import Clinic, sign_in, with_password

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHOSEN = re.compile("From Jan 5(, 2026)? to Jan 31")
PHONE = {"width": 360, "height": 740}


async def test_a_doctor_reads_his_figures_as_drawings_and_as_tables(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = with_password(make.doctor(), password_hash)
    ana = make.patient()
    now = datetime.now(UTC).replace(microsecond=0)
    await clinic.given(doctor, ana)
    for status, ago in (("COMPLETED", 2), ("COMPLETED", 3), ("NO_SHOW", 4), ("COMPLETED", 50)):
        asked = now - (ago + 1) * DAY
        visit = make.visit(
            doctor,
            ana,
            status=AppointmentStatus(status),
            starts_at=now - ago * DAY,
            requested_at=asked,
            answered_at=asked + 2 * HOUR,
        )
        await clinic.given(*visit)
    await clinic.given(make.slot(doctor, starts_at=now - 2 * DAY - HOUR))
    async with opened(browser, clinic.url, viewport=PHONE) as page:
        await page.goto("/figures")
        await sign_in(page, doctor)

        facts = page.locator("dl")
        await expect(facts).to_contain_text("Took place2")
        await expect(facts).to_contain_text("Agenda taken75%")
        await expect(facts).to_contain_text("2 hr")
        await expect(facts).to_contain_text("no reviews")
        visits = page.get_by_role("figure", name="Visits")
        drawing = visits.get_by_role("img")
        await expect(drawing).to_have_accessible_name("Took place 2, Cancelled 0, No-shows 1")
        await visits.get_by_text("Show as a table").click()
        await expect(visits.get_by_role("row")).to_have_count(31)
        outcome = page.get_by_role("table", name="What became of requests")
        await expect(outcome.get_by_role("row", name="Accepted 3 100%")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

        await page.get_by_role("radio", name="90 days").click()
        await expect(facts).to_contain_text("Took place3")
        assert "days=90" in page.url
        await page.get_by_role("radio", name="7 days").click()
        await expect(facts).to_contain_text("Took place2")


async def test_days_may_be_chosen_and_where_nothing_happened_it_says_so(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = with_password(make.doctor(), password_hash)
    await clinic.given(doctor)
    async with opened(browser, clinic.url) as page:
        await page.goto("/figures")
        await sign_in(page, doctor)
        await expect(page.get_by_text("Nothing happened in this period.")).to_be_visible()

        await page.get_by_text("Another period", exact=True).click()
        await page.get_by_label("From").fill("2026-01-05")
        await page.get_by_label("to", exact=True).fill("2026-01-01")
        await page.get_by_role("button", name="Show", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("at most 366 days apart")
        await page.get_by_label("to", exact=True).fill("2026-01-31")
        await page.get_by_role("button", name="Show", exact=True).click()
        await expect(page.get_by_text(CHOSEN)).to_be_visible()
        assert "from=2026-01-05&to=2026-01-31" in page.url
