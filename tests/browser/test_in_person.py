"""Whoever wants no telemedicine asks to be seen in person, and is answered."""

from playwright.async_api import Browser, Page, expect

from tests import make
from tests.browser.conftest import Clinic, sign_in, with_cookie, with_password
from tests.browser.views import View, at, in_both_languages


@in_both_languages
async def test_a_patient_asks_and_the_doctor_says_where_and_when(
    clinic: Clinic, browser: Browser, password_hash: str, say: View
):
    doctor, token = with_cookie(make.doctor(name="Íris Fontoura"))
    patient = with_password(make.patient(name="Rosa Lins"), password_hash)
    await clinic.given(doctor, patient)
    async with at(browser, clinic, say) as hers, at(browser, clinic, say, token) as his:
        await hers.goto(f"/doctors/{doctor.who.crm}-{doctor.who.uf}")
        await hers.get_by_role("link", name=say("Sign in")).click()
        await sign_in(hers, patient, say)
        await hers.get_by_role("heading", name=say("My appointments")).wait_for()
        await hers.goto(f"/doctors/{doctor.who.crm}-{doctor.who.uf}")
        await _ask(hers, say, "O senhor pode ver o meu joelho?")
        await expect(hers.get_by_text(say("Your request went to"))).to_be_visible()
        await _ask(hers, say, "E o meu outro joelho, pode ver?")
        refused = say("Este pedido já foi feito", "asked already")
        await expect(hers.get_by_role("alert")).to_contain_text(refused)
        await hers.get_by_role("dialog").get_by_role("button", name=say("Back")).click()

        await his.goto("/requests")
        asked = his.get_by_role("article", name="Rosa Lins")
        await expect(asked).to_contain_text("O senhor pode ver o meu joelho?")
        await asked.get_by_role("button", name=say("Answer")).click()
        await his.get_by_text(say("I will do it")).click()
        await his.get_by_label(say("Your answer")).fill("Rua Augusta 100, segunda às 10.")
        await his.get_by_role("button", name=say("Send answer")).click()
        await expect(asked).to_have_count(0)  # it waits no more

        await hers.goto("/appointments")
        answered = hers.get_by_role("article", name="Íris Fontoura")
        await expect(answered).to_contain_text("Rua Augusta 100, segunda às 10.")
        await expect(answered).to_contain_text(say("The doctor will see the patient"))


@in_both_languages
async def test_a_patient_takes_a_request_back(clinic: Clinic, browser: Browser, say: View):
    doctor, (patient, token) = make.doctor(name="Íris Fontoura"), with_cookie(make.patient())
    await clinic.given(doctor, patient)
    async with at(browser, clinic, say, token) as page:
        await page.goto(f"/doctors/{doctor.who.crm}-{doctor.who.uf}")
        await _ask(page, say, "O senhor pode ver o meu joelho?")
        await page.get_by_role("link", name=say("My appointments")).last.click()

        request = page.get_by_role("article", name="Íris Fontoura")
        await request.get_by_role("button", name=say("Withdraw request")).click()
        await expect(request).to_contain_text(say("Pedido retirado", "Withdrawn"))
        await expect(request.get_by_role("button")).to_have_count(0)


async def _ask(page: Page, say: View, message: str) -> None:
    await page.get_by_role("button", name=say("I would rather be seen in person")).click()
    await page.get_by_label(say("Your message")).fill(message)
    await page.get_by_role("button", name=say("Send request")).click()
