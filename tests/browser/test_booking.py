"""The patient's way to a visit: search, a doctor's page, a time that is kept, the request."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from domain.slots import SlotStatus
from tests import make
from tests.browser.conftest import PASSWORD, Clinic, sign_in, with_cookie, with_password
from tests.browser.views import View, at, in_both_languages
from tests.server import gid

HERE = ZoneInfo("America/Sao_Paulo")
HOLD = """mutation ($slot: ID!) { holdSlot(input: {slotId: $slot}) { problems { code } } }"""
RELEASE = """mutation ($slot: ID!) { releaseSlot(input: {slotId: $slot}) { problems { code } } }"""


def _at(hour: int) -> datetime:
    """Of the day after tomorrow."""
    day = datetime.now(HERE) + timedelta(days=2)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(UTC)


@in_both_languages
async def test_from_the_search_to_a_request(
    clinic: Clinic, browser: Browser, password_hash: str, say: View
):
    name = say("Íris Fontoura", "Íris Quaresma")  # of nobody else in this clinic
    doctor = make.doctor(name=name, specialties=("hematologia-e-hemoterapia",))
    patient = with_password(make.patient(), password_hash)
    other = make.patient(name="Bruno Reis")
    nine, ten = make.slot(doctor, starts_at=_at(9)), make.slot(doctor, starts_at=_at(10))
    await clinic.given(doctor, patient, other, nine, ten)
    async with at(browser, clinic, say) as page:
        await page.goto("/doctors")
        await page.get_by_role("combobox", name=say("Specialty")).fill("hematologia e")
        await page.get_by_role("option", name="Hematologia e hemoterapia").click()
        await page.get_by_label(say("Doctor's name")).fill(name.lower())
        await page.get_by_role("button", name=say("Buscar", "Search")).click()
        found = page.get_by_role("region", name=say("Doctors found"))
        await expect(found.get_by_role("article")).to_have_count(1)
        assert "specialty=hematologia-e-hemoterapia&name=" in page.url
        await found.get_by_role("link", name=name, exact=True).click()

        both = [say("09:00", "9:00 AM"), say("10:00", "10:00 AM")]
        free = page.locator("a.time")
        await expect(free).to_have_text(both)
        clinic.rows.now = datetime.now(UTC)
        await clinic.rows.ask(HOLD, other, slot=gid(nine))
        await expect(free).to_have_text([both[1]])
        await clinic.rows.ask(RELEASE, other, slot=gid(nine))
        await expect(free).to_have_text(both)

        await free.nth(1).click()
        await sign_in(page, patient, say)
        await expect(page.get_by_role("timer")).to_contain_text(say("This time is kept for you"))
        assert (await clinic.rows.slot(ten.id)).status is SlotStatus.HELD
        await page.get_by_label(say("Reason for the visit")).fill("Cansaço há um mês.")
        submit = page.get_by_role("button", name=say("Request visit"))
        await submit.click()
        await expect(page.get_by_role("alert")).to_contain_text(say("Without your consent"))
        await page.get_by_text(say("I have read the consent")).click()
        await submit.click()

        await expect(page.get_by_role("heading", name=say("My appointments"))).to_be_visible()
        await expect(page.get_by_text(say("Reason: Cansaço há um mês."))).to_be_visible()
        await expect(page.get_by_text(say("Your request has been sent."))).to_be_visible()
    assert (await clinic.rows.slot(ten.id)).status is SlotStatus.BOOKED


@in_both_languages
async def test_a_time_that_is_left_is_free_again_and_one_that_is_gone_has_others_beside_it(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, (patient, token) = make.doctor(), with_cookie(make.patient())
    other = make.patient(name="Bruno Reis")
    nine, ten = make.slot(doctor, starts_at=_at(9)), make.slot(doctor, starts_at=_at(10))
    await clinic.given(doctor, patient, other, nine, ten)
    home = f"/doctors/{doctor.who.crm}-SP"
    async with at(browser, clinic, say, token) as page:
        await page.goto(f"{home}/times/{gid(nine)}")
        await expect(page.get_by_role("timer")).to_be_visible()
        await page.get_by_role("link", name=say("Times of Helena Prado")).click()
        both = [say("09:00", "9:00 AM"), say("10:00", "10:00 AM")]
        await expect(page.locator("a.time")).to_have_text(both)

        clinic.rows.now = datetime.now(UTC)
        await clinic.rows.ask(HOLD, other, slot=gid(nine))
        await page.goto(f"{home}/times/{gid(nine)}")
        await expect(page.get_by_role("alert")).to_contain_text(say("Somebody has just taken"))
        await page.locator("a.time").click()
        await expect(page.get_by_role("timer")).to_be_visible()
        assert gid(ten) in page.url


@in_both_languages
async def test_an_appointment_is_moved_and_called_off_and_a_past_one_reviewed(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, (patient, token) = make.doctor(), with_cookie(make.patient())
    now = datetime.now(UTC).replace(microsecond=0)
    visit = make.visit(
        doctor, patient, starts_at=_at(9), respond_by=datetime.now(UTC) + timedelta(hours=20)
    )
    past = make.visit(
        doctor, patient, status=AppointmentStatus.COMPLETED, starts_at=now - timedelta(days=2)
    )
    ten = make.slot(doctor, starts_at=_at(10))
    await clinic.given(doctor, patient, *visit, *past, ten)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/appointments")
        await page.get_by_role("button", name=say("Write a review")).click()
        await page.get_by_text("5", exact=True).click()
        await page.get_by_label(say("Comment")).fill("Muito atenciosa.")
        await page.get_by_role("button", name=say("Send review")).click()
        await expect(page.get_by_text(say("Your review: 5 of 5"))).to_be_visible()

        await page.get_by_role("link", name=say("Change the time")).click()
        await page.get_by_role("button", name=say("10:00", "10:00 AM")).click()
        await page.get_by_role("button", name=say("Move to this time")).click()
        await expect(page.get_by_role("heading", name=say("My appointments"))).to_be_visible()
        await expect(page.get_by_text(say("10:00", "10:00 AM"))).to_be_visible()
        assert (await clinic.rows.appointment(visit[1].id)).slot_id == ten.id

        await page.get_by_role("button", name=say("Cancel appointment")).click()
        await page.get_by_label(say("Justification")).fill("Estou melhor, obrigado.")
        cancel = say("Cancelar consulta", "Cancel it")
        await page.get_by_role("dialog").get_by_role("button", name=cancel).click()
        await expect(page.get_by_text(say("Cancelada", "Cancelled"), exact=True)).to_be_visible()
    assert (await clinic.rows.slot(ten.id)).status is SlotStatus.OPEN


@in_both_languages
async def test_a_link_that_is_no_longer_good_says_so(clinic: Clinic, browser: Browser, say: View):
    async with at(browser, clinic, say) as page:
        await page.goto("/reset-password#AAAA")
        await page.get_by_label(say("New password")).fill(PASSWORD)
        await page.get_by_role("button", name=say("Save password")).click()
        await expect(page.get_by_role("alert")).to_contain_text(say("is too old"))
        await page.goto("/confirm-email#AAAA")
        await page.get_by_role("button", name=say("Confirm e-mail")).click()
        await expect(page.get_by_role("alert")).to_contain_text(say("is too old"))
