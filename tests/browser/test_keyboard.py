"""By the keyboard alone: a patient's way to a request, and a doctor's answers. No mouse."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, Locator, Page, expect

from domain.appointments import AppointmentStatus
from domain.slots import SlotStatus
from tests import make
from tests.browser.conftest import Clinic, with_cookie
from tests.browser.views import View, at, in_both_languages

STEPS = 60  # of the Tab key, at most, to anything on a page
FOCUSED = "it => it === document.activeElement"
RINGED = "it => getComputedStyle(it).outlineStyle !== 'none'"


async def reach(page: Page, target: Locator, *, back: bool = False) -> None:
    """By the Tab key, as long as it takes; then it is seen that one is there."""
    for _ in range(STEPS):
        if await target.count() == 1 and await target.evaluate(FOCUSED):
            break
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    await expect(target).to_be_focused()


async def press(page: Page, target: Locator, key: str = "Enter") -> None:
    await reach(page, target)
    assert await target.evaluate(RINGED), "it is not seen where one is"
    await page.keyboard.press(key)


@in_both_languages
async def test_from_the_search_to_a_request(clinic: Clinic, browser: Browser, say: View):
    name = say("Otília Queiroz", "Odete Queiroz")  # of nobody else in this clinic
    doctor = make.doctor(name=name, specialties=("reumatologia",))
    patient, token = with_cookie(make.patient())
    soon = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)
    slots = [make.slot(doctor, starts_at=soon + timedelta(days=2, hours=n)) for n in range(2)]
    await clinic.given(doctor, patient, *slots)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/doctors")
        await expect(page.get_by_role("region", name=say("Doctors found"))).to_be_visible()
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name=say("Skip to the content"))
        await expect(skip).to_be_focused()
        await page.keyboard.press("Enter")

        await reach(page, page.get_by_role("combobox", name=say("Specialty")))
        await page.keyboard.type("reumato")
        await expect(page.get_by_role("option", name="Reumatologia")).to_be_visible()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await reach(page, page.get_by_label(say("Doctor's name")))
        await page.keyboard.type(name.lower())
        await page.keyboard.press("Enter")
        await press(page, page.get_by_role("link", name=name, exact=True))

        await expect(page.get_by_role("heading", level=1, name=name)).to_be_focused()
        await press(page, page.locator("a.time").nth(1))

        heading = page.get_by_role(
            "heading", level=1, name=re.compile(say("Pedir|consulta", "Request|visit"))
        )
        await expect(heading).to_be_focused()
        await expect(page.get_by_role("timer")).to_contain_text(say("This time is kept for you"))
        await reach(page, page.get_by_label(say("Reason for the visit")))
        await page.keyboard.type("Dor nas mãos.")
        await reach(page, page.get_by_role("checkbox"))
        await page.keyboard.press("Space")
        await press(page, page.get_by_role("button", name=say("Request visit")))

        await expect(page.get_by_role("heading", name=say("My appointments"))).to_be_focused()
        await expect(page.get_by_text(say("Reason: Dor nas mãos."))).to_be_visible()
    assert (await clinic.rows.slot(slots[1].id)).status is SlotStatus.BOOKED


@in_both_languages
async def test_a_doctor_accepts_one_and_declines_another(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor())
    ana, bruno = make.patient(), make.patient(name="Bruno Reis")
    now = datetime.now(UTC).replace(microsecond=0)
    hers, his = (
        make.visit(
            doctor,
            patient,
            starts_at=now + timedelta(days=2, hours=hour),
            respond_by=now + timedelta(hours=20),
        )
        for hour, patient in enumerate((ana, bruno))
    )
    await clinic.given(doctor, ana, bruno, *hers, *his)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/requests")
        of_ana = page.get_by_role("article", name="Ana Moreira")
        of_bruno = page.get_by_role("article", name="Bruno Reis")
        await press(page, of_ana.get_by_role("button", name=say("Accept")))
        await expect(of_ana.get_by_role("button", name=say("Undo"))).to_be_focused()
        await page.keyboard.press("Space")
        await press(page, of_ana.get_by_role("button", name=say("Accept")))
        await expect(page.get_by_text(f"Ana Moreira: {say('Confirmed')}.")).to_be_visible()

        await press(page, of_bruno.get_by_role("button", name=say("Decline")))
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(of_bruno.get_by_role("button", name=say("Decline"))).to_be_focused()
        await page.keyboard.press("Enter")
        await reach(page, page.get_by_label(say("Justification")))
        await page.keyboard.type("Estarei em cirurgia.")
        await press(page, page.get_by_role("button", name=say("Decline appointment")))
        declined = page.get_by_text(f"Bruno Reis: {say('Recusada', 'Declined')}.")
        await expect(declined).to_be_visible()
    statuses = [(await clinic.rows.appointment(it.id)).status for _, it in (hers, his)]
    assert statuses == [AppointmentStatus.CONFIRMED, AppointmentStatus.DECLINED]
