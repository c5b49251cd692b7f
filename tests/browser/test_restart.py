"""The server ends and comes back under an open page, or has too much to do: the page says so, and
misses nothing.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Route, expect

from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import Clinic, remember, sign_in, with_cookie, with_password
from tests.browser.people import TOO_WIDE
from tests.browser.test_accessible import LOOKS
from tests.browser.views import View, in_both_languages
from tests.served import free_port, served
from tests.server import gid
from transport.entrance import Overloaded

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


@in_both_languages
async def test_what_is_turned_away_is_told_of_and_goes_out_again(
    clinic: Clinic, browser: Browser, password_hash: str, say: View
):
    """Signing in, and then what the page behind it asks."""
    patient = with_password(make.patient(), password_hash)
    await clinic.given(patient)
    turned_away: list[str | None] = []

    async def crowded(route: Route) -> None:
        """Of each question that is asked the first time."""
        asked = route.request.post_data
        if asked in turned_away:
            await route.continue_()
            return
        turned_away.append(asked)
        refusal = Overloaded()
        headers = {"retry-after": "1", "content-type": "application/json"}
        body = json.dumps({"errors": refusal.errors})
        await route.fulfill(status=503, headers=headers, body=body)

    busy = say("Há muita gente aqui neste momento.", "Many people are here just now.")
    size = {"width": say.width, "height": 800}
    async with opened(
        browser, clinic.url, excused="503", locale=say.language, viewport=size
    ) as page:
        await page.goto("/")
        await expect(page.get_by_label(say("Password"), exact=True)).to_be_visible()
        await page.route("**/graphql", crowded)
        await sign_in(page, patient, say)
        await expect(page.get_by_text(busy)).to_be_visible()
        assert await page.evaluate(TOO_WIDE) == []
        await expect(page.get_by_role("heading", level=1)).to_have_text(say("Find a doctor"))
        await expect(page.get_by_text(busy)).to_have_count(0)
    assert len(turned_away) > 1
