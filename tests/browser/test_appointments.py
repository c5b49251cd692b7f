"""My appointments, as both sides see them change; and who is signed in."""

import asyncio
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, WebSocketRoute, expect

from domain.appointments import Appointment, AppointmentStatus
from domain.slots import Slot
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import PASSWORD, Clinic, sign_in, with_cookie, with_password
from tests.browser.views import View, at, in_both_languages
from tests.make import Person
from tests.server import gid

SOON = timedelta(days=2)
REQUEST = """mutation ($slot: ID!, $key: ID!) { requestAppointment(
    input: {slotId: $slot, consent: true, idempotencyKey: $key}) { problems { code } } }"""


def _requests(doctor: Person, patient: Person) -> list[tuple[Slot, Appointment]]:
    """Two that wait for an answer, one after the other."""
    now = datetime.now(UTC).replace(microsecond=0)
    return [
        make.visit(
            doctor,
            patient,
            starts_at=now + SOON + timedelta(hours=hour),
            respond_by=now + timedelta(days=1),
        )
        for hour in range(2)
    ]


@in_both_languages
async def test_what_is_asked_for_and_answered_the_other_side_sees_at_once(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, his_token = with_cookie(make.doctor())
    patient, her_token = with_cookie(make.patient())
    visits = _requests(doctor, patient)
    slot = make.slot(doctor, starts_at=visits[1][0].starts_at + timedelta(hours=1))
    await clinic.given(doctor, patient, *visits[0], *visits[1], slot)
    clinic.rows.now = datetime.now(UTC)
    async with (
        at(browser, clinic, say, her_token) as hers,
        at(browser, clinic, say, his_token) as his,
    ):
        for page in (hers, his):
            await page.goto("/appointments")
            waiting = page.get_by_text(say("Aguardando resposta", "Waiting for an answer"))
            await expect(waiting).to_have_count(2)
        first, second = (his.locator("article").nth(number) for number in range(2))

        await first.get_by_role("button", name=say("Accept")).click()
        await expect(hers.get_by_text(say("Confirmed"))).to_be_visible()
        await second.get_by_role("button", name=say("Decline")).click()
        reason = his.get_by_label(say("Justification"))
        await reason.fill("Estarei em cirurgia.")
        await his.get_by_role("button", name=say("Decline appointment")).click()
        await expect(hers.get_by_text(say("Justification: Estarei em cirurgia."))).to_be_visible()

        link = hers.get_by_role("link", name=say("Enter the room"))
        assert await link.get_attribute("href") == f"/consultation/{gid(visits[0][1])}"
        accept = his.get_by_role("button", name=say("Accept"))
        await expect(accept).to_have_count(0)
        await clinic.rows.ask(REQUEST, patient, slot=gid(slot), key=str(slot.id))
        await expect(accept).to_have_count(1)
    statuses = [(await clinic.rows.appointment(it.id)).status for _, it in visits]
    assert statuses == [AppointmentStatus.CONFIRMED, AppointmentStatus.DECLINED]


@in_both_languages
async def test_who_has_no_appointments_is_told_so(clinic: Clinic, browser: Browser, say: View):
    doctor, token = with_cookie(make.doctor())
    await clinic.given(doctor)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/appointments")
        await expect(page.get_by_text(say("No appointments yet."))).to_be_visible()


@in_both_languages
async def test_who_is_not_who_he_says_is_told_so_at_the_form(
    clinic: Clinic, browser: Browser, say: View
):
    async with at(browser, clinic, say) as page:
        await page.goto("/appointments")
        await page.get_by_label("E-mail").fill("ana@example.com")
        await page.get_by_label("CPF").fill("123")
        await page.get_by_label(say("Password")).fill(PASSWORD)
        await page.get_by_role("button", name=say("Sign in")).click()

        await expect(page.get_by_label("CPF")).to_have_attribute("aria-invalid", "true")


async def test_what_happens_while_the_line_is_cut_is_not_missed(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor, patient = make.doctor(), with_password(make.patient(), password_hash)
    visits = _requests(doctor, patient)
    await clinic.given(doctor, patient, *visits[0], *visits[1])
    clinic.rows.now = datetime.now(UTC)
    accept = """mutation ($id: ID!) {
        acceptAppointment(input: {appointmentId: $id}) { problems { code } } }"""
    async with opened(browser, clinic.url) as page:
        lines: asyncio.Queue[WebSocketRoute] = asyncio.Queue()
        cut = asyncio.Event()

        async def carry(line: WebSocketRoute) -> None:
            if cut.is_set():
                await line.close()
                return
            lines.put_nowait(line)
            line.connect_to_server()

        await page.route_web_socket("**/graphql", carry)
        await page.goto("/appointments")
        await sign_in(page, patient)
        await expect(page.get_by_text("Waiting for an answer")).to_have_count(2)
        line = await asyncio.wait_for(lines.get(), 10)
        await clinic.rows.ask(accept, doctor, id=gid(visits[0][1]))
        await expect(page.get_by_text("Confirmed")).to_have_count(1)

        cut.set()
        await line.close()
        await expect(page.get_by_text("No connection to the clinic.")).to_be_visible()
        await clinic.rows.ask(accept, doctor, id=gid(visits[1][1]))
        cut.clear()

        await expect(page.get_by_text("Confirmed")).to_have_count(2)
        await expect(page.get_by_text("No connection to the clinic.")).to_have_count(0)


async def test_a_session_outlives_the_page_and_no_script_can_read_it(
    clinic: Clinic, browser: Browser, password_hash: str
):
    patient = with_password(make.patient(), password_hash)
    await clinic.given(patient)
    async with opened(browser, clinic.url) as page:
        await page.goto("/appointments")
        await sign_in(page, patient)
        await expect(page.get_by_role("heading", name="My appointments")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("heading", name="My appointments")).to_be_visible()

        kept = "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])"
        assert await page.evaluate(kept) == '["",{},{}]'

        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Password")).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("Password")).to_be_visible()
