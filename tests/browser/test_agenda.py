"""The doctor's day: publishing times, seeing them taken, answering requests."""

import asyncio
import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Locator, Page, expect

from domain.appointments import AppointmentStatus
from domain.slots import SlotStatus
from tests import make
from tests.browser.conftest import Clinic, with_cookie
from tests.browser.views import View, at, in_both_languages
from tests.server import gid

HERE = ZoneInfo("America/Sao_Paulo")
UNDOABLE = 5.5  # seconds, with some to spare
REQUEST = """mutation ($slot: ID!, $key: ID!) { requestAppointment(
    input: {slotId: $slot, consent: true, idempotencyKey: $key}) { problems { code } } }"""


@in_both_languages
async def test_a_doctor_publishes_what_fits_and_sees_a_time_being_taken(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor())
    patient = make.patient()
    tomorrow = datetime.now(HERE).date() + timedelta(days=1)
    nine = datetime.combine(tomorrow, time(9), HERE).astimezone(UTC)
    slot = make.slot(doctor, starts_at=nine)
    await clinic.given(doctor, patient, slot)
    clinic.rows.now = datetime.now(UTC)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/agenda/publish")
        for day in (say("sáb", "Sat"), say("dom", "Sun")):
            await page.get_by_role("button", name=day).click()
        for label in (say("First day"), say("Last day")):
            await page.get_by_label(label).fill(tomorrow.isoformat())
        await expect(page.get_by_text(say("6 times on 1 days"))).to_be_visible()
        collides = say("1 bate com um horário", "1 collides with a time")
        await expect(page.get_by_text(collides)).to_be_visible()
        await page.get_by_role("button", name=say("Publish only the 5 that fit")).click()
        await expect(page.get_by_text(say("5 times published."))).to_be_visible()

        await page.goto("/agenda")
        if tomorrow.strftime("%w") == "0":  # the week there begins on Sunday
            await page.get_by_role("button", name=say("Next week")).click()
        if say.width < 400:  # there one day is seen
            day = re.compile(rf"\b{tomorrow.day} de ")
            await page.get_by_role("button", name=day).click()
        free = page.get_by_role("button", name=say("Livre", "Free"))
        await expect(free).to_have_count(6)
        await clinic.rows.ask(REQUEST, patient, slot=gid(slot), key=str(slot.id))
        await expect(page.get_by_role("button", name="Ana Moreira")).to_be_visible()
        await expect(free).to_have_count(5)

        await page.get_by_role("button", name=say("Select several")).click()
        await page.get_by_role("button", name=say("All free ones of the week")).click()
        await expect(page.get_by_text(say("5 times selected"))).to_be_visible()
        await page.get_by_role("button", name=say("Withdraw")).click()
        await expect(free).to_have_count(0)
    assert (await clinic.rows.slot(slot.id)).status is SlotStatus.BOOKED


@in_both_languages
async def test_requests_come_in_and_an_acceptance_can_be_undone(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor())
    ana, bruno = make.patient(), make.patient(name="Bruno Reis")
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    slots = [make.slot(doctor, starts_at=soon + timedelta(hours=n)) for n in range(2)]
    await clinic.given(doctor, ana, bruno, *slots)
    clinic.rows.now = datetime.now(UTC)

    async with at(browser, clinic, say, token) as page:
        await page.goto("/requests")
        await expect(page.get_by_text(say("No request waits for an answer."))).to_be_visible()
        for patient, slot in zip((ana, bruno), slots, strict=True):
            await clinic.rows.ask(REQUEST, patient, slot=gid(slot), key=str(slot.id))
        hers, his = _of(page, "Ana Moreira"), _of(page, "Bruno Reis")
        await expect(page.get_by_role("navigation").get_by_role("status")).to_contain_text("2")
        await expect(hers.get_by_text(say("left to answer"))).to_be_visible()

        accept = hers.get_by_role("button", name=say("Accept"))
        await accept.click()
        await hers.get_by_role("button", name=say("Undo")).click()
        undone = asyncio.get_running_loop().time()
        await expect(accept).to_be_visible()

        await his.get_by_role("button", name=say("Decline")).click()
        await page.get_by_label(say("Justification")).fill("Estarei em cirurgia.")
        await page.get_by_role("button", name=say("Decline appointment")).click()
        await expect(
            page.get_by_text(f"Bruno Reis: {say('Recusada', 'Declined')}.")
        ).to_be_visible()

        await asyncio.sleep(undone + UNDOABLE - asyncio.get_running_loop().time())
        await accept.click()
        confirmed = page.get_by_text(f"Ana Moreira: {say('Confirmed')}.")
        await expect(confirmed).to_be_visible()
        await expect(page.get_by_role("article")).to_have_count(0)
    assert (await clinic.rows.slot(slots[1].id)).status is SlotStatus.OPEN


@in_both_languages
async def test_the_days_list_tells_who_is_there_and_who_did_not_come(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor())
    (ana, her_token), bruno = with_cookie(make.patient()), make.patient(name="Bruno Reis")
    now = datetime.now(UTC).replace(microsecond=0)
    confirmed = AppointmentStatus.CONFIRMED
    missed = make.visit(doctor, bruno, status=confirmed, starts_at=now - timedelta(minutes=20))
    begins = make.visit(doctor, ana, status=confirmed, starts_at=now + timedelta(minutes=10))
    await clinic.given(doctor, ana, bruno, *missed, *begins)
    async with (
        at(browser, clinic, say, her_token) as hers,
        at(browser, clinic, say, token) as page,
    ):
        await hers.goto(f"/consultation/{gid(begins[1])}")
        await expect(hers.get_by_text(say("is not here yet"))).to_be_visible()
        await page.goto("/day")
        his = _of(page, "Bruno Reis")
        await expect(_of(page, "Ana Moreira").get_by_text(say("waiting room"))).to_be_visible()
        await expect(his.get_by_text(say("waiting room"))).to_have_count(0)

        await his.get_by_role("button", name=say("Did not come")).click()
        await expect(his.get_by_text(say("The patient did not come"))).to_be_visible()
        await his.get_by_role("button", name=say("Undo the no-show")).click()
        await expect(his.get_by_text(say("Confirmed"))).to_be_visible()


def _of(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)
