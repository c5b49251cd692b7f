"""The doctor's day: publishing times, seeing them taken, answering requests."""

import base64
import hmac
import struct
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, Locator, Page, expect

from domain.appointments import AppointmentStatus
from domain.slots import SlotStatus
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import PASSWORD, Clinic, sign_in, with_password
from tests.server import gid


def totp(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret.replace(" ", "") + "=" * (-len(secret.replace(" ", "")) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(datetime.now(UTC).timestamp()) // 30), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


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


async def test_requests_come_in_and_an_acceptance_can_be_undone(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = with_password(make.doctor(), password_hash)
    ana, bruno = make.patient(), make.patient(name="Bruno Reis")
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    slots = [make.slot(doctor, starts_at=soon + timedelta(hours=n)) for n in range(2)]
    await clinic.given(doctor, ana, bruno, *slots)
    clinic.rows.now = datetime.now(UTC)

    async with opened(browser, clinic.url) as page:
        await page.goto("/requests")
        await sign_in(page, doctor)
        await expect(page.get_by_text("No request waits for an answer.")).to_be_visible()
        for patient, slot in zip((ana, bruno), slots, strict=True):
            await clinic.rows.ask(REQUEST, patient, slot=gid(slot), key=str(slot.id))
        hers, his = _of(page, "Ana Moreira"), _of(page, "Bruno Reis")
        await expect(page.get_by_role("navigation").get_by_role("status")).to_contain_text("2")
        await expect(hers.get_by_text("left to answer")).to_be_visible()

        await hers.get_by_role("button", name="Accept").click()
        await hers.get_by_role("button", name="Undo").click()
        await expect(hers.get_by_role("button", name="Accept")).to_be_visible()
        await page.wait_for_timeout(5_500)
        await expect(hers.get_by_role("button", name="Accept")).to_be_visible()
        await hers.get_by_role("button", name="Accept").click()
        await expect(page.get_by_text("Ana Moreira: Confirmed.")).to_be_visible(timeout=10_000)

        await his.get_by_role("button", name="Decline").click()
        await page.get_by_label("Justification").fill("Estarei em cirurgia.")
        await page.get_by_role("button", name="Decline appointment").click()
        await expect(page.get_by_text("Bruno Reis: Declined.")).to_be_visible()
        await expect(page.get_by_role("article")).to_have_count(0)
    assert (await clinic.rows.slot(slots[1].id)).status is SlotStatus.OPEN


async def test_the_days_list_tells_who_is_there_and_who_did_not_come(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = with_password(make.doctor(), password_hash)
    ana, bruno = with_password(make.patient(), password_hash), make.patient(name="Bruno Reis")
    now = datetime.now(UTC).replace(microsecond=0)
    confirmed = AppointmentStatus.CONFIRMED
    missed = make.visit(doctor, bruno, status=confirmed, starts_at=now - timedelta(minutes=20))
    begins = make.visit(doctor, ana, status=confirmed, starts_at=now + timedelta(minutes=10))
    await clinic.given(doctor, ana, bruno, *missed, *begins)
    async with opened(browser, clinic.url) as hers, opened(browser, clinic.url) as page:
        await hers.goto(f"/consultation/{gid(begins[1])}")
        await sign_in(hers, ana)
        await expect(hers.get_by_text("is not here yet")).to_be_visible()
        await page.goto("/day")
        await sign_in(page, doctor)
        his = _of(page, "Bruno Reis")
        await expect(_of(page, "Ana Moreira").get_by_text("waiting room")).to_be_visible()
        await expect(his.get_by_text("waiting room")).to_have_count(0)

        await his.get_by_role("button", name="Did not come").click()
        await expect(his.get_by_text("The patient did not come")).to_be_visible()
        await his.get_by_role("button", name="Undo the no-show").click()
        await expect(his.get_by_text("Confirmed")).to_be_visible()


async def test_a_second_factor_is_set_up_and_asked_for_from_then_on(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = with_password(make.doctor(), password_hash)
    await clinic.given(doctor)
    async with opened(browser, clinic.url) as page:
        await page.goto("/account/security")
        await sign_in(page, doctor)
        await expect(page.get_by_text("This device")).to_be_visible()
        await page.locator(".sessions button").click()
        await expect(page.locator(".sessions button")).to_have_count(0)

        await page.get_by_label("Your password").fill(PASSWORD)
        await page.get_by_role("button", name="Set it up").click()
        await expect(page.get_by_role("img", name="QR code")).to_be_visible()
        code = page.get_by_label("Code that the app shows")
        await code.fill("000000")
        await page.get_by_role("button", name="Turn it on").click()
        await expect(code).to_have_attribute("aria-invalid", "true")
        await code.fill(totp(await page.locator("code").inner_text()))
        await page.get_by_role("button", name="Turn it on").click()
        await expect(page.get_by_text("recovery codes are left")).to_be_visible()
        await expect(page.locator(".recovery-codes li").first).to_be_visible()

        await page.get_by_role("button", name="Sign out").click()
        await sign_in(page, doctor)
        await expect(page.get_by_label("Code of your authenticator app")).to_be_visible()


def _of(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)
