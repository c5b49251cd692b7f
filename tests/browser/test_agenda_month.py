"""A doctor's month: what is free and what is taken on each day, live, and the way to its week."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.conftest import Clinic, remember, with_cookie
from tests.browser.views import View, at, in_both_languages

PUBLISH = """mutation ($input: PublishSlotsInput!) {
  publishSlots(input: $input) { problems { code } } }"""


@in_both_languages
async def test_a_month_counts_what_is_free_and_taken_and_leads_to_a_week(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor(name="Nina Prado"))
    noon = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)  # in São Paulo
    day = noon + timedelta(days=35)
    patient = make.patient()
    slots = [make.slot(doctor, starts_at=day + timedelta(hours=hour)) for hour in (1, 2)]
    visit = make.visit(doctor, patient, status=AppointmentStatus.CONFIRMED, starts_at=day)
    await clinic.given(doctor, patient, *slots, *visit)
    async with at(browser, clinic, say) as page:
        await remember(page, clinic.url, token)
        await page.goto("/agenda")
        await page.get_by_role("radio", name=say("Mês", "Month")).click()
        for _ in range(12 * (day.year - noon.year) + day.month - noon.month):
            await page.get_by_role("button", name=say("Próximo mês", "Month after")).click()
        told = say("2 livres, 1 ocupado", "2 free, 1 taken")
        busy = page.get_by_role("table").get_by_role("button", name=told)
        await expect(busy).to_contain_text(str(day.day))

        starts = day + timedelta(hours=4)
        times = {"startsAt": starts.isoformat(), "endsAt": (starts + make.HALF_AN_HOUR).isoformat()}
        published = await clinic.rows.ask(PUBLISH, doctor, input={"times": [times]})
        assert published["problems"] == []
        await page.get_by_role("button", name=say("3 livres, 1 ocupado", "3 free, 1 taken")).click()

        await expect(page.get_by_text(say("Confirmada", "Confirmed"))).to_be_visible()
        await expect(page.get_by_role("radio", name=say("Semana", "Week"))).to_be_checked()
