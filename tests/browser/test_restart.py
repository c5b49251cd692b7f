"""The server ends and comes back under an open page, which says so, and misses nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect

from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import Clinic, remember, with_cookie
from tests.browser.test_accessible import LOOKS
from tests.served import free_port, served
from tests.server import gid

BACK_WITHIN = 20_000  # milliseconds: a page asks again at least every ten seconds
REFUSED = "ERR_CONNECTION_REFUSED"
ACCEPT = """mutation ($id: ID!) {
    acceptAppointment(input: {appointmentId: $id}) { problems { code } } }"""
WITHDRAW = """mutation ($id: ID!) {
    withdrawSlots(input: {slotIds: [$id]}) { problems { code } } }"""
WORDS = {
    "pt-BR": ("Aguardando resposta", "Confirmada", "Sem conexão com a clínica."),
    "en": ("Waiting for an answer", "Confirmed", "No connection to the clinic."),
}


@pytest.mark.parametrize("look", LOOKS)
async def test_what_was_done_meanwhile_is_shown_when_it_is_back(
    clinic: Clinic, browser: Browser, look: str
):
    doctor, (patient, token) = make.doctor(), with_cookie(make.patient())
    now = datetime.now(UTC).replace(microsecond=0)
    visits = [
        make.visit(
            doctor,
            patient,
            starts_at=now + timedelta(days=2, hours=hour),
            respond_by=now + timedelta(days=1),
        )
        for hour in range(2)
    ]
    await clinic.given(doctor, patient, *visits[0], *visits[1])
    clinic.rows.now = datetime.now(UTC)
    waiting, confirmed, gone = WORDS[LOOKS[look]["locale"]]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with opened(browser, url, excused=REFUSED, **LOOKS[look]) as page:
        await remember(page, url, token)
        async with served(clinic.settings, known=True, port=port):
            await page.goto("/appointments")
            await expect(page.get_by_text(waiting)).to_have_count(2)
            await expect(page.get_by_text(gone)).to_have_count(0)

        await expect(page.get_by_text(gone)).to_be_visible()
        await clinic.rows.ask(ACCEPT, doctor, id=gid(visits[0][1]))
        await expect(page.get_by_text(waiting)).to_have_count(2)

        async with served(clinic.settings, known=True, port=port):
            await expect(page.get_by_text(confirmed)).to_have_count(1, timeout=BACK_WITHIN)
            await expect(page.get_by_text(gone)).to_have_count(0)
            await clinic.rows.ask(ACCEPT, doctor, id=gid(visits[1][1]))
            await expect(page.get_by_text(confirmed)).to_have_count(2)


async def test_a_browser_without_a_network_is_told_so_at_once(clinic: Clinic, browser: Browser):
    _, _, gone = WORDS["en"]
    async with opened(browser, clinic.url) as page:
        await page.goto("/")
        await expect(page.get_by_label("Password")).to_be_visible()
        await page.context.set_offline(True)
        await expect(page.get_by_text(gone)).to_be_visible()
        await page.context.set_offline(False)
        await expect(page.get_by_text(gone)).to_have_count(0)


async def test_a_visitor_is_told_too_and_free_times_go_on_as_they_stand(
    clinic: Clinic, browser: Browser
):
    doctor = make.doctor()
    soon = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)
    slots = [make.slot(doctor, starts_at=soon + timedelta(days=1, hours=n)) for n in range(2)]
    await clinic.given(doctor, *slots)
    clinic.rows.now = datetime.now(UTC)
    _, _, gone = WORDS["en"]
    port = free_port()
    async with opened(browser, f"http://127.0.0.1:{port}", excused=REFUSED) as page:
        async with served(clinic.settings, known=True, port=port):
            await page.goto(f"/doctors/{doctor.who.crm}-SP")
            await expect(page.locator("a.time")).to_have_count(2)

        await expect(page.get_by_text(gone)).to_be_visible()
        await clinic.rows.ask(WITHDRAW, doctor, id=gid(slots[0]))

        async with served(clinic.settings, known=True, port=port):
            await expect(page.locator("a.time")).to_have_count(1, timeout=BACK_WITHIN)
            await expect(page.get_by_text(gone)).to_have_count(0)
