"""Visits in one's own calendar: a file of one, and a link that follows all of them."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import Clinic, sign_in, with_password


async def test_a_visit_goes_into_a_calendar_as_a_file(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = make.doctor(name="Íris Fontoura")
    patient = with_password(make.patient(), password_hash)
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    visit = make.visit(doctor, patient, status=AppointmentStatus.CONFIRMED, starts_at=begins)
    await clinic.given(doctor, patient, *visit)
    async with opened(browser, clinic.url) as page:
        await page.goto("/appointments")
        await sign_in(page, patient)
        button = page.get_by_role("button", name="Add to calendar")
        async with page.expect_download() as coming:
            await button.click()
        file = await coming.value
        text = await asyncio.to_thread(Path(await file.path()).read_text)

    assert file.suggested_filename == "visit.ics"
    assert text.startswith("BEGIN:VCALENDAR")
    assert f"DTSTART:{begins:%Y%m%dT%H%M%SZ}" in text
    assert "Fontoura" not in text


async def test_a_calendar_link_is_shown_once_and_can_be_ended(
    clinic: Clinic, browser: Browser, password_hash: str
):
    patient = with_password(make.patient(), password_hash)
    await clinic.given(patient)
    async with opened(browser, clinic.url) as page, httpx.AsyncClient() as program:
        await page.goto("/account/security")
        await sign_in(page, patient)
        await page.get_by_role("button", name="Create a link").click()
        first = await page.get_by_label("Calendar link").input_value()
        answer = await program.get(first)
        assert answer.headers["content-type"].startswith("text/calendar")

        await page.reload()
        await expect(page.get_by_text("A link has been active since")).to_be_visible()
        await expect(page.get_by_label("Calendar link")).to_have_count(0)
        await page.get_by_role("button", name="Create another link").click()
        await page.get_by_role("dialog").get_by_role("button", name="Create another link").click()
        second = await page.get_by_label("Calendar link").input_value()
        assert [(await program.get(url)).status_code for url in (first, second)] == [404, 200]

        await page.get_by_role("button", name="End the link").click()
        await page.get_by_role("dialog").get_by_role("button", name="End the link").click()
        await expect(page.get_by_role("button", name="Create a link")).to_be_visible()
        assert (await program.get(second)).status_code == 404
