"""Administrators decide on doctors; nobody else gets to their pages."""

from playwright.async_api import Browser, expect

from domain.doctors import DoctorStatus
from tests import make
from tests.browser.administrators import administrator, sign_in
from tests.browser.chromium import opened
from tests.browser.conftest import PASSWORD, Clinic, with_password
from tests.browser.conftest import sign_in as sign_in_person
from tests.browser.views import View, at, in_both_languages

REASON = "Conferido com o conselho."
DECISIONS = """query ($search: String) { viewer { ... on AdministratorViewer {
    registrations(search: $search) { nodes { status decisions { status reason } } } } } }"""


@in_both_languages
async def test_a_doctor_is_verified_suspended_and_reinstated_each_with_a_reason(
    clinic: Clinic, browser: Browser, password_hash: str, say: View
):
    who = await administrator(clinic, password_hash)
    doctor = make.doctor(name="Rosa Weiss", status=DoctorStatus.PENDING)
    await clinic.given(doctor)
    async with at(browser, clinic, say) as page:
        await page.goto("/admin")
        await sign_in(page, who, say)
        await page.get_by_label(say("Nome ou CRM", "Name or CRM")).fill(doctor.who.crm)
        await page.get_by_role("button", name=say("Procurar", "Find")).click()
        card = page.get_by_role("article", name="Rosa Weiss")
        await expect(card).to_contain_text(f"CRM {doctor.who.crm}/SP")
        silence = say("O conselho ainda não respondeu", "The council has not answered")
        await expect(card).to_contain_text(silence)

        await card.get_by_role("button", name=say("Verificar", "Verify")).click()
        await page.get_by_label(say("Motivo", "Reason")).fill(REASON)
        await page.get_by_role("button", name=say("Sim, verificar", "Yes, verify")).click()
        await expect(
            page.get_by_text(say("Rosa Weiss: verificado.", "Rosa Weiss: verified."))
        ).to_be_visible()
        await expect(card).to_have_count(0)

        await page.get_by_role("combobox", name=say("Mostrar", "Show"), exact=True).select_option(
            "ALL"
        )
        await card.get_by_role("link", name=say("Histórico", "History")).click()
        # The first of its level: each card of the list, which may still be there, has one too.
        await expect(page.get_by_role("heading", name="Rosa Weiss", level=1)).to_be_visible()
        for begin, sure in (
            (say("Suspender", "Suspend"), say("Sim, suspender", "Yes, suspend")),
            (say("Reabilitar", "Reinstate"), say("Sim, reabilitar", "Yes, reinstate")),
        ):
            await page.get_by_role("button", name=begin).click()
            await page.get_by_label(say("Motivo", "Reason")).fill(f"{REASON} {begin}.")
            await page.get_by_role("button", name=sure).click()
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await expect(page.get_by_text(f"{REASON} {begin}.")).to_be_visible()
    [row] = (await clinic.rows.ask(DECISIONS, who, search=doctor.who.crm))["registrations"]["nodes"]
    statuses = [each["status"] for each in row["decisions"]]
    assert (row["status"], statuses) == ("VERIFIED", ["VERIFIED", "SUSPENDED", "VERIFIED"])


async def test_a_registration_is_rejected_only_after_a_second_ask_and_with_a_reason(
    clinic: Clinic, browser: Browser, password_hash: str
):
    who = await administrator(clinic, password_hash)
    doctor = make.doctor(name="Ivo Falso", status=DoctorStatus.PENDING)
    await clinic.given(doctor)
    say = View("en", 1280)
    async with at(browser, clinic, say) as page:
        await page.goto(f"/admin/registrations/{doctor.who.crm}-SP")
        await sign_in(page, who, say)
        await page.get_by_role("button", name="Reject Ivo Falso").click()
        await page.get_by_label("Reason").fill("curto")
        await page.get_by_role("button", name="Yes, reject").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.get_by_role("button", name="Back").click()
        await expect(page.get_by_text("To verify")).to_be_visible()

        await page.get_by_role("button", name="Reject Ivo Falso").click()
        await page.get_by_label("Reason").fill("Não há médico com este nome.")
        await page.get_by_role("button", name="Yes, reject").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_text("Não há médico com este nome.")).to_be_visible()
    [row] = (await clinic.rows.ask(DECISIONS, who, search=doctor.who.crm))["registrations"]["nodes"]
    assert row["status"] == "SUSPENDED"


async def test_without_a_good_code_no_administrator_is_let_in(
    clinic: Clinic, browser: Browser, password_hash: str
):
    who = await administrator(clinic, password_hash)
    async with opened(browser, clinic.url) as page:
        await page.goto("/admin")
        await page.get_by_label("E-mail").fill(who.account.email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        code = page.get_by_label("Code of your authenticator app")
        await expect(code).to_have_attribute("aria-invalid", "true")
        await code.fill("000000")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text("These do not match.")).to_be_visible()
        await expect(page.get_by_role("link", name="Audit")).to_have_count(0)


async def test_who_is_no_administrator_is_told_so_and_loads_nothing_of_these_pages(
    clinic: Clinic, browser: Browser, password_hash: str
):
    patient = with_password(make.patient(), password_hash)
    await clinic.given(patient)
    async with opened(browser, clinic.url) as page:
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        await page.goto("/appointments")
        await sign_in_person(page, patient)
        await expect(page.get_by_role("heading", name="My appointments")).to_be_visible()
        await page.goto("/admin/audit")
        await expect(page.get_by_role("heading", name="Not for you")).to_be_visible()
    assert any("/assets/" in url for url in loaded)
    assert not [url for url in loaded if "dministra" in url or "Registration" in url]
