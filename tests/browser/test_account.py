"""One's own account: what is known of its owner, how he signs in and where he has."""

import re
from datetime import UTC, datetime
from typing import Any

import pyotp
from playwright.async_api import Browser, Page, expect

from tests import make
from tests.browser.conftest import PASSWORD, Clinic, sign_in, with_password
from tests.browser.people import Reader, enter, page_of, readers
from tests.browser.views import View
from tests.make import Person

NEW = "uma senha bem nova"

WORDS = {
    "account": ("My account", "Minha conta"),
    "password": ("Your password", "Sua senha"),
    "new": ("New password", "Nova senha"),
    "change": ("Change the password", "Trocar a senha"),
    "submit": ("Change it", "Trocar"),
    "wrong": ("The password or the code is not right.", "A senha ou o código não confere."),
    "changed": ("The password has been changed.", "Senha trocada."),
    "common": ("Many people have this password", "Muita gente usa esta senha"),
    "lost": ("Your session here is over", "Sua sessão aqui terminou"),
    "here": ("This device", "Este aparelho"),
    "end": ("End the session", "Encerrar a sessão"),
    "others": ("End all others", "Encerrar todas as outras"),
    "ended": ("All other sessions have been ended.", "Todas as outras sessões foram encerradas."),
    "sign in": ("Sign in", "Entrar"),
    "name": ("Full name", "Nome completo"),
    "birth": ("Date of birth (optional)", "Data de nascimento (opcional)"),
    "impossible": (
        "This date of birth is not possible.",
        "Esta data de nascimento não é possível.",
    ),
    "save": ("Save", "Salvar"),
    "saved": ("Saved.", "Salvo."),
    "unsaved": ("changes that have not been saved", "mudanças que ainda não foram salvas"),
    "begin": ("Set it up", "Configurar"),
    "shown": ("Code that the app shows", "Código que o aplicativo mostra"),
    "on": ("Turn it on", "Ativar"),
    "codes": ("Recovery codes", "Códigos de recuperação"),
    "anew": ("Make new recovery codes", "Criar novos códigos de recuperação"),
    "make": ("Make codes", "Criar códigos"),
    "code": ("Code of your authenticator app", "Código do aplicativo autenticador"),
    "left": ("10 recovery codes are left.", "Restam 10 códigos de recuperação."),
    "qr": ("QR code", "Código QR"),
    "out": ("Sign out", "Sair"),
    "download": ("Download", "Baixar"),
    "copy": ("Copy", "Copiar"),
    "specialty": ("Add a specialty", "Acrescentar especialidade"),
    "no rqe": ("This is not an RQE number", "Isto não é um número de RQE"),
    "city": ("City", "Cidade"),
}
in_both = readers(**WORDS)


async def looking(clinic: Clinic, person: Person) -> None:
    await clinic.given(person)
    clinic.rows.now = datetime.now(UTC)


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


@in_both
async def test_a_password_is_changed_and_other_devices_are_told(
    clinic: Clinic, browser: Browser, password_hash: str, reader: Reader
):
    ana, say = with_password(make.patient(), password_hash), reader.say
    await looking(clinic, ana)
    async with (
        page_of(browser, clinic.url, reader) as page,
        page_of(browser, clinic.url, reader) as other,
    ):
        for each in (page, other):
            await enter(each, ana)
        await other.goto("/appointments")
        await page.goto("/account/security")
        await button(page, say["change"]).click()
        await page.get_by_label(say["password"]).first.fill("outra coisa")
        await page.get_by_label(say["new"]).fill("12345678")
        await button(page, say["submit"]).click()
        await expect(page.get_by_text(say["common"])).to_be_visible()
        await page.get_by_label(say["new"]).fill(NEW)
        await button(page, say["submit"]).click()
        await expect(page.get_by_text(say["wrong"])).to_be_visible()
        await expect(page.get_by_label(say["new"])).to_have_value(NEW)

        await page.get_by_label(say["password"]).first.fill(PASSWORD)
        await button(page, say["submit"]).click()

        await expect(page.get_by_text(say["changed"])).to_be_visible()
        await expect(other.get_by_text(say["lost"])).to_be_visible()  # nobody has touched it
        await enter(other, ana, NEW)
        await other.reload()
        await expect(other.get_by_role("link", name=re.compile(say["account"]))).to_be_visible()


@in_both
async def test_sessions_are_ended_one_by_one_and_all_others_at_once(
    clinic: Clinic, browser: Browser, password_hash: str, reader: Reader
):
    doctor, say = with_password(make.doctor(), password_hash), reader.say
    await looking(clinic, doctor)
    async with page_of(browser, clinic.url, reader) as page:
        for _ in range(3):  # beside the one that he is given with
            await enter(page, doctor)
        await page.goto("/account/security")
        others = page.get_by_role("button", name=say["end"])
        await expect(others).to_have_count(3)
        await others.first.click()
        await expect(others).to_have_count(2)

        await button(page, say["others"]).click()

        await expect(page.get_by_text(say["ended"])).to_be_visible()
        await expect(others).to_have_count(0)
        await expect(page.get_by_text(say["here"])).to_be_visible()
        await page.reload()
        await expect(page.get_by_text(say["here"])).to_be_visible()
    live = "SELECT id FROM session WHERE user_id = $1 AND ended_at IS NULL"
    assert len(await clinic.rows.fetch(live, doctor.who.id)) == 1


@in_both
async def test_a_second_factor_is_asked_for_from_then_on_and_has_new_recovery_codes(
    clinic: Clinic, browser: Browser, password_hash: str, reader: Reader
):
    ana, say = with_password(make.patient(), password_hash), reader.say
    await looking(clinic, ana)
    async with page_of(browser, clinic.url, reader) as page:
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await enter(page, ana)
        await page.goto("/account/security")
        await page.get_by_label(say["password"]).fill(PASSWORD)
        await button(page, say["begin"]).click()
        await expect(page.get_by_role("img", name=say["qr"])).to_be_visible()
        secret = await page.locator("code").inner_text()
        await page.get_by_label(say["shown"]).fill("000000")
        await button(page, say["on"]).click()
        await expect(page.get_by_label(say["shown"])).to_have_attribute("aria-invalid", "true")
        await page.get_by_label(say["shown"]).fill(pyotp.TOTP(secret).now())
        await button(page, say["on"]).click()
        kept = page.get_by_role("list", name=say["codes"]).get_by_role("listitem")
        await expect(kept).to_have_count(10)
        first = await kept.all_inner_texts()

        await button(page, say["anew"]).click()
        await page.get_by_label(say["password"]).fill(PASSWORD)
        await page.get_by_label(say["code"]).fill("000000")
        await button(page, say["make"]).click()
        await expect(page.get_by_text(say["wrong"])).to_be_visible()
        await page.get_by_label(say["code"]).fill(first[0])
        await button(page, say["make"]).click()

        await expect(kept.first).not_to_have_text(first[0])
        await expect(page.get_by_text(say["left"])).to_be_visible()
        second = await kept.all_inner_texts()
        assert not set(first) & set(second)
        await button(page, say["copy"]).click()
        assert second[9] in await page.evaluate("navigator.clipboard.readText()")
        async with page.expect_download() as downloading:
            await button(page, say["download"]).click()
        assert second[9] in (await (await downloading.value).path()).read_text()

        await button(page, say["out"]).click()
        await sign_in(page, ana, View(reader.locale, reader.width))
        await expect(page.get_by_label(say["code"])).to_be_visible()


@in_both
async def test_a_patient_changes_what_is_known_of_him(
    clinic: Clinic, browser: Browser, password_hash: str, reader: Reader
):
    ana, say = with_password(make.patient(), password_hash), reader.say
    await looking(clinic, ana)
    async with page_of(browser, clinic.url, reader) as page:
        await enter(page, ana)
        await page.goto("/account")
        await page.get_by_label(say["name"]).fill("Ana Moreira Lima")
        await page.get_by_label(say["birth"]).fill("2999-01-31")
        await expect(page.get_by_text(say["unsaved"])).to_be_visible()
        await button(page, say["save"]).click()
        await expect(page.get_by_text(say["impossible"])).to_be_visible()
        await expect(page.get_by_label(say["name"])).to_have_value("Ana Moreira Lima")

        await page.get_by_label(say["birth"]).fill("1990-01-31")
        await button(page, say["save"]).click()

        await expect(page.get_by_text(say["saved"])).to_be_visible()
        await expect(page.get_by_text(say["unsaved"])).to_have_count(0)
        head = page.get_by_role("link", name=f"Ana Moreira Lima: {say['account']}")
        await expect(head).to_be_visible()
    [found] = (await clinic.rows.app.services.reads.patients([ana.who.id])).values()
    assert (found.name, str(found.birth_date)) == ("Ana Moreira Lima", "1990-01-31")


@in_both
async def test_a_doctor_says_what_and_where_he_practises(
    clinic: Clinic, browser: Browser, password_hash: str, reader: Reader
):
    doctor, say = with_password(make.doctor(), password_hash), reader.say
    await looking(clinic, doctor)
    async with page_of(browser, clinic.url, reader) as page:
        await enter(page, doctor)
        await page.goto("/account")
        await page.get_by_role("combobox", name=say["specialty"]).fill("pediat")
        await page.get_by_role("option", name="Pediatria", exact=True).click()
        rqe = page.get_by_label(re.compile("RQE .*Pediatria"))
        await rqe.fill("nenhum")
        city = page.get_by_role("combobox", name=say["city"])
        await city.fill("campinas sp")
        await city.press("ArrowDown")  # a list closes when the page scrolls, as to this field
        await page.get_by_role("option", name="Campinas").first.click()
        await button(page, say["save"]).click()
        await expect(page.get_by_text(say["no rqe"])).to_be_visible()
        await expect(city).to_have_value("Campinas — SP")

        await rqe.fill("RQE 4321")
        await button(page, say["save"]).click()

        await expect(page.get_by_text(say["saved"])).to_be_visible()
    [row] = await clinic.rows.fetch("SELECT * FROM doctor WHERE id = $1", doctor.who.id)
    assert row["specialties"] == ["cardiologia", "pediatria"]
    assert (row["specialist_in"], row["rqes"]) == (["pediatria"], ["4321"])
    assert row["city"] == "Campinas"
    assert abs(row["latitude"] + 22.9) < 0.1
