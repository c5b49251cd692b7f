"""The doctor's day: publishing times, seeing them taken, answering requests."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect

from domain.slots import SlotStatus
from tests import make
from tests.server import gid
from tests.web.browser import opened
from tests.web.conftest import Clinic, sign_in, with_password

REQUEST = """mutation ($slot: ID!, $key: ID!) { requestAppointment(
    input: {slotId: $slot, consent: true, idempotencyKey: $key}) { problems { code } } }"""


async def test_a_doctor_publishes_what_fits_and_sees_a_time_being_taken(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = with_password(make.doctor(), password_hash)
    patient = make.patient()
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    nine = datetime(tomorrow.year, tomorrow.month, tomorrow.day, 12, tzinfo=UTC)
    slot = make.slot(doctor, starts_at=nine)
    await clinic.given(doctor, patient, slot)
    clinic.rows.now = datetime.now(UTC)
    async with opened(browser, clinic.url) as page:
        await page.goto("/agenda/publish")
        await sign_in(page, doctor)
        for day in ("Sat", "Sun"):
            await page.get_by_role("button", name=day).click()
        for label in ("First day", "Last day"):
            await page.get_by_label(label).fill(tomorrow.isoformat())
        await expect(page.get_by_text("6 times on 1 days")).to_be_visible()
        await expect(page.get_by_text("1 collides with a time")).to_be_visible()
        await page.get_by_role("button", name="Publish only the 5 that fit").click()
        await expect(page.get_by_text("5 times published.")).to_be_visible()

        await page.goto("/agenda")
        if nine.strftime("%w") == "0":  # the week there begins on Sunday
            await page.get_by_role("button", name="Next week").click()
        free = page.get_by_role("button", name="Free")
        await expect(free).to_have_count(6)
        await clinic.rows.ask(REQUEST, patient, slot=gid(slot), key=str(slot.id))
        await expect(page.get_by_role("button", name="Ana Moreira")).to_be_visible()
        await expect(free).to_have_count(5)

        await page.get_by_role("button", name="Select several").click()
        await page.get_by_role("button", name="All free ones of the week").click()
        await expect(page.get_by_text("5 times selected")).to_be_visible()
        await page.get_by_role("button", name="Withdraw").click()
        await expect(free).to_have_count(0)
    assert (await clinic.rows.slot(slot.id)).status is SlotStatus.BOOKED
