"""The patient's way to a visit: search, a doctor's page, a time that is kept, the request."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from domain.slots import SlotStatus
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import PASSWORD, Clinic, sign_in, with_password
from tests.server import gid

HERE = ZoneInfo("America/Sao_Paulo")
HOLD = """mutation ($slot: ID!) { holdSlot(input: {slotId: $slot}) { problems { code } } }"""
RELEASE = """mutation ($slot: ID!) { releaseSlot(input: {slotId: $slot}) { problems { code } } }"""


def _at(hour: int) -> datetime:
    """Of the day after tomorrow."""
    day = datetime.now(HERE) + timedelta(days=2)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(UTC)


async def test_from_the_search_to_a_request(clinic: Clinic, browser: Browser, password_hash: str):
    doctor = make.doctor(name="Íris Fontoura", specialties=("hematologia-e-hemoterapia",))
    patient = with_password(make.patient(), password_hash)
    other = make.patient(name="Bruno Reis")
    nine, ten = make.slot(doctor, starts_at=_at(9)), make.slot(doctor, starts_at=_at(10))
    await clinic.given(doctor, patient, other, nine, ten)
    async with opened(browser, clinic.url) as page:
        await page.goto("/doctors")
        await page.get_by_role("combobox", name="Specialty").fill("hematologia e")
        await page.get_by_role("option", name="Hematologia e hemoterapia").click()
        await page.get_by_label("Doctor's name").fill("iris")
        await page.get_by_role("button", name="Search").click()
        found = page.get_by_role("region", name="Doctors found")
        await expect(found.get_by_role("article")).to_have_count(1)
        assert "specialty=hematologia-e-hemoterapia&name=iris" in page.url
        await found.get_by_role("link", name="Íris Fontoura").click()

        free = page.locator("a.time")
        await expect(free).to_have_text(["9:00 AM", "10:00 AM"])
        clinic.rows.now = datetime.now(UTC)
        await clinic.rows.ask(HOLD, other, slot=gid(nine))
        await expect(free).to_have_text(["10:00 AM"])
        await clinic.rows.ask(RELEASE, other, slot=gid(nine))
        await expect(free).to_have_text(["9:00 AM", "10:00 AM"])

        await free.nth(1).click()
        await sign_in(page, patient)
        await expect(page.get_by_role("timer")).to_contain_text("This time is kept for you")
        assert (await clinic.rows.slot(ten.id)).status is SlotStatus.HELD
        await page.get_by_label("Reason for the visit").fill("Cansaço há um mês.")
        submit = page.get_by_role("button", name="Request visit")
        await submit.click()
        await expect(page.get_by_role("alert")).to_contain_text("Without your consent")
        await page.get_by_text("I have read the consent").click()
        await submit.click()

        await expect(page.get_by_role("heading", name="My appointments")).to_be_visible()
        await expect(page.get_by_text("Reason: Cansaço há um mês.")).to_be_visible()
        await expect(page.get_by_text("Your request has been sent.")).to_be_visible()
    assert (await clinic.rows.slot(ten.id)).status is SlotStatus.BOOKED


async def test_a_time_that_is_left_is_free_again_and_one_that_is_gone_has_others_beside_it(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor, patient = make.doctor(), with_password(make.patient(), password_hash)
    other = make.patient(name="Bruno Reis")
    nine, ten = make.slot(doctor, starts_at=_at(9)), make.slot(doctor, starts_at=_at(10))
    await clinic.given(doctor, patient, other, nine, ten)
    home = f"/doctors/{doctor.who.crm}-SP"
    async with opened(browser, clinic.url) as page:
        await page.goto(f"{home}/times/{gid(nine)}")
        await sign_in(page, patient)
        await expect(page.get_by_role("timer")).to_be_visible()
        await page.get_by_role("link", name="Times of Helena Prado").click()
        await expect(page.locator("a.time")).to_have_text(["9:00 AM", "10:00 AM"])

        clinic.rows.now = datetime.now(UTC)
        await clinic.rows.ask(HOLD, other, slot=gid(nine))
        await page.goto(f"{home}/times/{gid(nine)}")
        await expect(page.get_by_role("alert")).to_contain_text("Somebody has just taken")
        await page.locator("a.time").click()
        await expect(page.get_by_role("timer")).to_be_visible()
        assert gid(ten) in page.url


async def test_an_appointment_is_moved_and_called_off_and_a_past_one_reviewed(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor, patient = make.doctor(), with_password(make.patient(), password_hash)
    now = datetime.now(UTC).replace(microsecond=0)
    visit = make.visit(
        doctor, patient, starts_at=_at(9), respond_by=datetime.now(UTC) + timedelta(hours=20)
    )
    past = make.visit(
        doctor, patient, status=AppointmentStatus.COMPLETED, starts_at=now - timedelta(days=2)
    )
    ten = make.slot(doctor, starts_at=_at(10))
    await clinic.given(doctor, patient, *visit, *past, ten)
    async with opened(browser, clinic.url) as page:
        await page.goto("/appointments")
        await sign_in(page, patient)
        await page.get_by_role("button", name="Write a review").click()
        await page.get_by_text("5", exact=True).click()
        await page.get_by_label("Comment").fill("Muito atenciosa.")
        await page.get_by_role("button", name="Send review").click()
        await expect(page.get_by_text("Your review: 5 of 5")).to_be_visible()

        await page.get_by_role("link", name="Change the time").click()
        await page.get_by_role("button", name="10:00 AM").click()
        await page.get_by_role("button", name="Move to this time").click()
        await expect(page.get_by_role("heading", name="My appointments")).to_be_visible()
        await expect(page.get_by_text("10:00 AM")).to_be_visible()
        assert (await clinic.rows.appointment(visit[1].id)).slot_id == ten.id

        await page.get_by_role("button", name="Cancel appointment").click()
        await page.get_by_label("Justification").fill("Estou melhor, obrigado.")
        await page.get_by_role("button", name="Cancel it").click()
        await expect(page.get_by_text("Cancelled")).to_be_visible()
    assert (await clinic.rows.slot(ten.id)).status is SlotStatus.OPEN


async def test_a_patient_joins_and_is_in(clinic: Clinic, browser: Browser):
    cpf = make.cpf()
    async with opened(browser, clinic.url) as page:
        await page.goto("/")
        await page.get_by_role("link", name="Create a patient account").click()
        await page.get_by_label("Full name").fill("Clara Duarte")
        await page.get_by_label("E-mail").fill(f"{cpf}@example.com")
        wrong = cpf[:-1] + str((int(cpf[-1]) + 1) % 10)
        await page.get_by_label("CPF").fill(wrong)
        await expect(page.get_by_text("There is no such CPF.")).to_be_visible()
        await page.get_by_label("CPF").fill(cpf)
        await expect(page.get_by_text("There is no such CPF.")).to_have_count(0)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Create account").click()
        await expect(page.get_by_role("heading", name="Find a doctor")).to_be_visible()


async def test_a_link_that_is_no_longer_good_says_so(clinic: Clinic, browser: Browser):
    async with opened(browser, clinic.url) as page:
        await page.goto("/reset-password#AAAA")
        await page.get_by_label("New password").fill(PASSWORD)
        await page.get_by_role("button", name="Save password").click()
        await expect(page.get_by_role("alert")).to_contain_text("is too old")
        await page.goto("/confirm-email#AAAA")
        await page.get_by_role("button", name="Confirm e-mail").click()
        await expect(page.get_by_role("alert")).to_contain_text("is too old")
