"""A doctor joins, and sees how his registration stands until patients may find him."""

import secrets
from datetime import UTC, datetime
from uuid import uuid4

from playwright.async_api import Browser, expect

from domain.doctors import DoctorStatus
from tests import make
from tests.browser.conftest import PASSWORD, Clinic, with_password
from tests.browser.people import Reader, enter, page_of, readers
from tests.server import gid

in_both = readers(
    join=("I am a doctor: create an account", "Sou médico: criar conta"),
    doctor=("Doctor", "Médico"),
    name=("Full name", "Nome completo"),
    crm=("CRM number", "Número do CRM"),
    uf=("State of the CRM", "Estado do CRM"),
    email=("E-mail", "E-mail"),
    password=("Password", "Senha"),
    lacks=("1 more character is needed.", "Falta 1 caractere."),
    enough=("Long enough.", "O tamanho está bom."),
    specialty=("Add a specialty", "Acrescentar especialidade"),
    city=("City", "Cidade"),
    create=("Create account", "Criar conta"),
    no_crm=("This is not a CRM number", "Isto não é um número de CRM"),
    taken=("There is an account with this already.", "Já há uma conta com este dado."),
    account=("My account", "Minha conta"),
    agenda=("Agenda", "Agenda"),
    checked=("Your registration is being checked.", "Seu registro está sendo conferido."),
    suspended=("Your registration is suspended.", "Seu registro está suspenso."),
    again=("Send the confirmation link again", "Mandar de novo o link de confirmação"),
    send=("Send link", "Mandar link"),
    sent=("If an account with this e-mail waits", "Se houver uma conta à espera"),
    confirm=("Confirm e-mail", "Confirmar e-mail"),
    expired=("This link has been used, or is too old.", "Este link já foi usado ou venceu."),
)
SUSPEND = """mutation ($id: ID!, $reason: String!) {
    suspendDoctor(input: {doctorId: $id, reason: $reason}) { problems { code } } }"""


@in_both
async def test_a_doctor_joins_and_is_in(clinic: Clinic, browser: Browser, reader: Reader):
    say, crm, email = reader.say, f"{10**8 + secrets.randbelow(10**8)}", f"{uuid4()}@example.com"
    async with page_of(browser, clinic.url, reader) as page:
        await page.goto("/appointments")
        await page.get_by_role("tab", name=say["doctor"]).click()
        await page.get_by_role("link", name=say["join"]).click()
        await page.get_by_label(say["name"]).fill("Otávio Lins")
        await page.get_by_label(say["crm"]).fill("abc")
        await page.get_by_label(say["uf"]).click()
        await page.get_by_role("option", name="MG").click()
        await page.get_by_label(say["email"]).fill(email)
        password = page.get_by_label(say["password"], exact=True)
        await password.fill("7 letra")
        await expect(page.get_by_text(say["lacks"])).to_be_visible()
        await password.fill(PASSWORD)
        await expect(page.get_by_text(say["enough"])).to_be_visible()
        await page.get_by_role("combobox", name=say["specialty"]).fill("cardiol")
        await page.get_by_role("option", name="Cardiologia", exact=True).click()
        await page.get_by_label("RQE").fill("1234")
        city = page.get_by_role("combobox", name=say["city"])
        await city.fill("uberlandia")
        await city.press("ArrowDown")  # a list closes when the page scrolls, as to this field
        await page.get_by_role("option", name="Uberlândia").click()
        await page.get_by_role("button", name=say["create"]).click()
        await expect(page.get_by_text(say["no_crm"])).to_be_visible()
        await expect(password).to_have_value(PASSWORD)

        await page.get_by_label(say["crm"]).fill(crm)
        await page.get_by_role("button", name=say["create"]).click()

        head = page.get_by_role("link", name=f"Otávio Lins: {say['account']}")
        await expect(head).to_be_visible()
        await expect(page.get_by_role("link", name=say["agenda"])).to_be_visible()
    [row] = await clinic.rows.fetch("SELECT * FROM doctor WHERE crm = $1", crm)
    assert (row["uf"], row["city"], row["time_zone"]) == ("MG", "Uberlândia", "America/Sao_Paulo")
    assert (row["specialties"], row["rqes"]) == (["cardiologia"], ["1234"])
    assert abs(row["latitude"] + 18.9) < 0.1


@in_both
async def test_who_is_registered_already_is_told_at_the_field(
    clinic: Clinic, browser: Browser, reader: Reader
):
    say, doctor = reader.say, make.doctor()
    await clinic.given(doctor)
    async with page_of(browser, clinic.url, reader) as page:
        await page.goto("/sign-up/doctor")
        await page.get_by_label(say["name"]).fill("Otávio Lins")
        await page.get_by_label(say["crm"]).fill(doctor.who.crm)
        await page.get_by_label(say["email"]).fill("otavio@example.com")
        await page.get_by_label(say["password"], exact=True).fill(PASSWORD)
        await page.get_by_role("button", name=say["create"]).click()

        await expect(page.get_by_text(say["taken"])).to_be_visible()
        await expect(page.get_by_label(say["crm"])).to_have_attribute("aria-invalid", "true")


@in_both
async def test_until_he_is_verified_every_page_says_so(
    clinic: Clinic, browser: Browser, password_hash: str, reader: Reader
):
    say, doctor = reader.say, make.doctor(status=DoctorStatus.PENDING)
    doctor, verified = (with_password(it, password_hash) for it in (doctor, make.doctor()))
    await clinic.given(doctor, verified)
    async with page_of(browser, clinic.url, reader) as page:
        await enter(page, doctor)
        for path in ("/day", "/requests", "/agenda", "/account"):
            await page.goto(path)
            await expect(page.get_by_text(say["checked"])).to_be_visible()
    async with page_of(browser, clinic.url, reader) as page:
        await enter(page, verified)
        await page.goto("/agenda")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.wait_for_load_state("networkidle")
        await expect(page.get_by_text(say["checked"])).to_have_count(0)


@in_both
async def test_who_is_suspended_reads_why(
    clinic: Clinic, browser: Browser, password_hash: str, reader: Reader
):
    say, doctor = reader.say, with_password(make.doctor(), password_hash)
    administrator = make.administrator()
    await clinic.given(doctor, administrator)
    clinic.rows.now = datetime.now(UTC)
    reason = "O registro venceu em março."
    await clinic.rows.ask(SUSPEND, administrator, id=gid(doctor.who), reason=reason)
    async with page_of(browser, clinic.url, reader) as page:
        await enter(page, doctor)
        await page.goto("/day")
        await expect(page.get_by_text(say["suspended"])).to_be_visible()
        await expect(page.get_by_text(reason)).to_be_visible()


@in_both
async def test_a_link_that_is_too_old_leads_to_another(
    clinic: Clinic, browser: Browser, reader: Reader
):
    say = reader.say
    async with page_of(browser, clinic.url, reader) as page:
        await page.goto("/confirm-email#none")
        await page.get_by_role("button", name=say["confirm"]).click()
        await expect(page.get_by_text(say["expired"])).to_be_visible()
        await page.get_by_role("link", name=say["again"]).click()
        await page.get_by_role("textbox", name=say["email"]).fill(f"{uuid4()}@example.com")
        await page.get_by_role("button", name=say["send"]).click()

        await expect(page.get_by_text(say["sent"])).to_be_visible()
