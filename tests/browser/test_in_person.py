"""Whoever wants no telemedicine asks to be seen in person, and is answered."""

from playwright.async_api import Browser, expect

from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import Clinic, sign_in, with_password


async def test_a_patient_asks_and_the_doctor_says_where_and_when(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = with_password(make.doctor(name="Íris Fontoura"), password_hash)
    patient = with_password(make.patient(name="Rosa Lins"), password_hash)
    await clinic.given(doctor, patient)
    async with opened(browser, clinic.url) as hers, opened(browser, clinic.url) as his:
        await hers.goto(f"/doctors/{doctor.who.crm}-{doctor.who.uf}")
        await hers.get_by_role("link", name="Sign in").click()
        await sign_in(hers, patient)
        await hers.get_by_role("heading", name="My appointments").wait_for()
        await hers.goto(f"/doctors/{doctor.who.crm}-{doctor.who.uf}")
        ask = hers.get_by_role("button", name="I would rather be seen in person")
        await ask.click()
        await hers.get_by_label("Your message").fill("Could you look at my knee yourself?")
        await hers.get_by_role("button", name="Send request").click()
        await expect(hers.get_by_text("Your request went to Íris Fontoura.")).to_be_visible()
        await ask.click()
        await hers.get_by_label("Your message").fill("Could you look at my other knee, too?")
        await hers.get_by_role("button", name="Send request").click()
        await expect(hers.get_by_role("alert")).to_contain_text("asked already")
        await hers.get_by_role("dialog").get_by_role("button", name="Back").click()

        await his.goto("/requests")
        await sign_in(his, doctor)
        asked = his.get_by_role("article", name="Rosa Lins")
        await expect(asked).to_contain_text("Could you look at my knee yourself?")
        await asked.get_by_role("button", name="Answer").click()
        await his.get_by_text("I will do it").click()
        await his.get_by_label("Your answer").fill("Rua Augusta 100, Monday at 10.")
        await his.get_by_role("button", name="Send answer").click()
        await expect(asked).to_have_count(0)  # it waits no more

        await hers.goto("/appointments")
        answered = hers.get_by_role("article", name="Íris Fontoura")
        await expect(answered).to_contain_text("Rua Augusta 100, Monday at 10.")
        await expect(answered).to_contain_text("The doctor will see the patient")


async def test_a_patient_takes_a_request_back(clinic: Clinic, browser: Browser, password_hash: str):
    doctor = make.doctor(name="Íris Fontoura")
    patient = with_password(make.patient(), password_hash)
    await clinic.given(doctor, patient)
    async with opened(browser, clinic.url) as page:
        await page.goto("/appointments")
        await sign_in(page, patient)
        await page.get_by_role("heading", name="My appointments").wait_for()
        await page.goto(f"/doctors/{doctor.who.crm}-{doctor.who.uf}")
        await page.get_by_role("button", name="I would rather be seen in person").click()
        await page.get_by_label("Your message").fill("Could you look at my knee yourself?")
        await page.get_by_role("button", name="Send request").click()
        await page.get_by_role("link", name="My appointments").last.click()

        request = page.get_by_role("article", name="Íris Fontoura")
        await request.get_by_role("button", name="Withdraw request").click()
        await expect(request).to_contain_text("Withdrawn")
        await expect(request.get_by_role("button")).to_have_count(0)
