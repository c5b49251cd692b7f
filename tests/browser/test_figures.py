"""A doctor looks at his figures, and chooses of what time."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.conftest import Clinic, with_cookie
from tests.browser.views import View, at, in_both_languages

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@in_both_languages
async def test_a_doctor_reads_his_figures_as_drawings_and_as_tables(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor())
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
    async with at(browser, clinic, say, token) as page:
        await page.goto("/figures")

        facts = page.locator("dl")
        await expect(facts).to_contain_text(f"{say('Took place')}2")
        await expect(facts).to_contain_text(f"{say('Agenda taken')}75%")
        await expect(facts).to_contain_text(say("2 h", "2 hr"))
        await expect(facts).to_contain_text(say("no reviews"))
        visits = page.get_by_role("figure", name=say("Visits"))
        drawing = visits.get_by_role("img")
        await expect(drawing).to_have_accessible_name(
            say("Realizadas 2, Canceladas 0, Faltas 1", "Took place 2, Cancelled 0, No-shows 1")
        )
        await visits.get_by_text(say("Show as a table")).click()
        await expect(visits.get_by_role("row")).to_have_count(31)
        outcome = page.get_by_role("table", name=say("What became of requests"))
        await expect(
            outcome.get_by_role("row", name=say("Aceitos 3 100%", "Accepted 3 100%"))
        ).to_be_visible()

        await page.get_by_role("radio", name=say("90 days")).click()
        await expect(facts).to_contain_text(f"{say('Took place')}3")
        assert "days=90" in page.url
        await page.get_by_role("radio", name=say("7 days")).click()
        await expect(facts).to_contain_text(f"{say('Took place')}2")


@in_both_languages
async def test_days_may_be_chosen_and_where_nothing_happened_it_says_so(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor())
    await clinic.given(doctor)
    chosen = re.compile(
        say(r"De 5 de jan\.( de 2026)? a 31 de jan\.", "From Jan 5(, 2026)? to Jan 31")
    )
    async with at(browser, clinic, say, token) as page:
        await page.goto("/figures")
        await expect(page.get_by_text(say("Nothing happened in this period."))).to_be_visible()

        await page.get_by_text(say("Another period"), exact=True).click()
        await page.get_by_label(say("Do dia", "From")).fill("2026-01-05")
        await page.get_by_label(say("to"), exact=True).fill("2026-01-01")
        await page.get_by_role("button", name=say("Mostrar", "Show"), exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text(
            say("a no máximo 366 dias", "at most 366 days apart")
        )
        await page.get_by_label(say("to"), exact=True).fill("2026-01-31")
        await page.get_by_role("button", name=say("Mostrar", "Show"), exact=True).click()
        await expect(page.get_by_text(chosen)).to_be_visible()
        assert "from=2026-01-05&to=2026-01-31" in page.url
