"""Visits in one's own calendar: a file of one, and a link that follows all of them."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.conftest import Clinic, with_cookie
from tests.browser.views import View, at, in_both_languages


@in_both_languages
async def test_a_visit_goes_into_a_calendar_as_a_file(clinic: Clinic, browser: Browser, say: View):
    doctor = make.doctor(name="Íris Fontoura")
    patient, token = with_cookie(make.patient())
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    visit = make.visit(doctor, patient, status=AppointmentStatus.CONFIRMED, starts_at=begins)
    await clinic.given(doctor, patient, *visit)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/appointments")
        button = page.get_by_role("button", name=say("Add to calendar"))
        async with page.expect_download() as coming:
            await button.click()
        file = await coming.value
        text = await asyncio.to_thread(Path(await file.path()).read_text)

    assert file.suggested_filename == say("consulta.ics", "visit.ics")
    assert text.startswith("BEGIN:VCALENDAR")
    assert f"DTSTART:{begins:%Y%m%dT%H%M%SZ}" in text
    assert "Fontoura" not in text


@in_both_languages
async def test_a_calendar_link_is_shown_once_and_can_be_ended(
    clinic: Clinic, browser: Browser, say: View
):
    patient, token = with_cookie(make.patient())
    await clinic.given(patient)
    async with at(browser, clinic, say, token) as page, httpx.AsyncClient() as program:
        await page.goto("/account/security")
        await page.get_by_role("button", name=say("Create a link")).click()
        link = page.get_by_label(say("Link da agenda", "Calendar link"), exact=True)
        first = await link.input_value()
        answer = await program.get(first)
        assert answer.headers["content-type"].startswith("text/calendar")

        await page.reload()
        await expect(page.get_by_text(say("A link has been active since"))).to_be_visible()
        await expect(link).to_have_count(0)
        await page.get_by_role("button", name=say("Create another link")).click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name=say("Create another link")).click()
        second = await link.input_value()
        assert [(await program.get(url)).status_code for url in (first, second)] == [404, 200]

        await page.get_by_role("button", name=say("End the link")).click()
        await dialog.get_by_role("button", name=say("End the link")).click()
        await expect(page.get_by_role("button", name=say("Create a link"))).to_be_visible()
        assert (await program.get(second)).status_code == 404
