"""Papers: a doctor writes, issues and signs them; a patient has them; anybody checks them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import Browser, Page, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.authority import PASSPHRASE, Authority
from tests.browser.conftest import Clinic, with_cookie
from tests.browser.views import View, at, in_both_languages
from tests.make import Person
from tests.server import gid


async def _seen(clinic: Clinic, doctor: Person, patient: Person) -> str:
    """A visit that goes on: its id."""
    starts_at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    slot, visit = make.visit(
        doctor, patient, status=AppointmentStatus.IN_PROGRESS, starts_at=starts_at
    )
    await clinic.given(doctor, patient, slot, visit)
    clinic.rows.now = datetime.now(UTC)
    return gid(visit)


def _certificate(visit: str) -> dict[str, Any]:
    return {
        "appointmentId": visit,
        "text": "Atesto que o paciente esteve em consulta.",
        "startsOn": "2030-01-07",
        "workAddress": "Rua das Acácias, 10",
        "workContact": "(11) 5555-0100",
        "idempotencyKey": str(uuid4()),
    }


async def _write_work(page: Page, say: View) -> None:
    await page.get_by_label(say("Endereço profissional", "Address of your work")).fill(
        "Rua das Acácias, 10"
    )
    await page.get_by_label(say("Telefone ou e-mail", "Telephone or e-mail")).fill("(11) 5555-0100")


@in_both_languages
async def test_a_certificate_is_written_looked_at_issued_signed_and_found_by_its_code(
    clinic: Clinic,
    browser: Browser,
    authority: Authority,
    tmp_path: Path,
    say: View,
):
    doctor, token = with_cookie(make.doctor(name="Helena Prado"))
    patient = make.patient(name="Bruno Lima")
    visit = await _seen(clinic, doctor, patient)
    file = tmp_path / "certificado.pfx"
    file.write_bytes(authority.file(authority.certify("HELENA PRADO:12345678909")))
    async with at(browser, clinic, say, token) as page:
        await page.goto(f"/appointments/{visit}/papers")
        await expect(page.get_by_text("Bruno Lima")).to_be_visible()
        await page.get_by_label(say("Dias de afastamento", "Days of leave")).fill("3")
        await page.get_by_label("CID", exact=True).fill("j11.1")
        await page.get_by_text(say("O paciente autorizou", "The patient has allowed")).click()
        await _write_work(page, say)
        await page.get_by_role("button", name=say("Conferir antes", "Look at it before")).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("CID: J11.1")
        await expect(dialog).to_contain_text(say("Afastamento de 3 dias", "Leave of 3 days"))
        await dialog.get_by_role("button", name=say("Emitir", "Issue"), exact=True).click()

        paper = page.get_by_role("article").first
        await expect(paper).to_contain_text(say("Sem assinatura", "Without digital signature"))
        await paper.get_by_role("button", name=say("Abrir", "Open")).click()
        shown = page.get_by_role("region", name=say("Página 1 de 1", "Page 1 of 1"))
        await expect(shown.get_by_text("Bruno Lima").first).to_be_attached()
        await page.get_by_role("button", name=say("Fechar", "Close")).click()

        await paper.get_by_role("button", name=say("Assinar", "Sign")).click()
        await page.get_by_label(say("Certificado (", "Certificate (")).set_input_files(file)
        passphrase = page.get_by_label(say("Senha do certificado", "Password of the certificate"))
        await passphrase.fill("errada")
        await page.get_by_role("button", name=say("Assinar agora", "Sign now")).click()
        await expect(
            page.get_by_text(say("A senha não abre", "The password does not open"))
        ).to_be_visible()
        await passphrase.fill(PASSPHRASE)
        await page.get_by_role("button", name=say("Assinar agora", "Sign now")).click()
        await expect(paper.get_by_text(say("Assinado", "Signed"), exact=True)).to_be_visible()

    [row] = await clinic.rows.fetch(
        "SELECT code FROM paper WHERE appointment_id = $1", visit.partition("_")[2]
    )
    async with at(browser, clinic, say) as page:
        await page.goto(f"/documents/verify?code={row['code']}")
        await expect(
            page.get_by_role("heading", name=say("Documento válido", "A valid paper"))
        ).to_be_visible()
        await expect(page.get_by_text(f"Helena Prado, CRM {doctor.who.crm}/SP")).to_be_visible()
        await expect(page.get_by_text("Bruno")).to_have_count(0)


@in_both_languages
async def test_a_prescription_has_its_drugs_and_what_is_wrong_is_said_at_its_field(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor())
    visit = await _seen(clinic, doctor, make.patient())
    async with at(browser, clinic, say, token) as page:
        await page.goto(f"/appointments/{visit}/papers")
        await page.get_by_text(say("Receita", "Prescription"), exact=True).click()
        await page.get_by_role("button", name=say("Another drug")).click()
        for number, drug in enumerate(("Losartana", "Dipirona 漢")):
            item = page.get_by_role("group", name=say(f"Drug {number + 1}"))
            await item.get_by_label(say("Name")).fill(drug)
            for label in ("Strength and form", "How to use it", "Quantity"):
                await item.get_by_label(say(label)).fill("um")
        await _write_work(page, say)
        await page.get_by_role("button", name=say("Look at it before")).click()
        await page.get_by_role("button", name=say("Issue"), exact=True).click()
        second = page.get_by_role("group", name=say("Drug 2")).get_by_label(say("Name"))
        await expect(second).to_have_attribute("aria-invalid", "true")

        await second.fill("Dipirona")  # and at once the button: nothing may move away under it
        await page.get_by_role("button", name=say("Look at it before")).click()
        await page.get_by_role("button", name=say("Issue"), exact=True).click()
        await expect(page.get_by_role("article").first).to_contain_text("Receita")
        await page.get_by_role("link", name=say("See all that I have issued")).click()
        await expect(page.get_by_role("article")).to_have_count(1)


@in_both_languages
async def test_a_patient_sees_who_has_issued_what_and_opens_it(
    clinic: Clinic, browser: Browser, say: View
):
    doctor = make.doctor(name="Helena Prado")
    patient, token = with_cookie(make.patient())
    visit = await _seen(clinic, doctor, patient)
    issuing = """mutation ($input: IssueCertificateInput!) {
        issueCertificate(input: $input) { problems { code } } }"""
    found = await clinic.rows.ask(issuing, doctor, input=_certificate(visit))
    assert found["problems"] == []
    async with at(browser, clinic, say, token) as page:
        await page.goto("/record")
        paper = page.get_by_role("article", name="Atestado")
        await expect(paper).to_contain_text(
            say(
                "Sem assinatura digital por Helena Prado",
                "Without digital signature by Helena Prado",
            )
        )
        await paper.get_by_role("button", name=say("Open")).click()
        shown = page.get_by_role("status").filter(has_text=say("Page 1 of 1"))  # and not its foot
        await expect(shown).to_be_visible()


@in_both_languages
async def test_a_file_is_compared_with_what_was_issued_and_a_code_of_none_is_told_of(
    clinic: Clinic, browser: Browser, tmp_path: Path, say: View
):
    doctor, patient = make.doctor(), make.patient()
    visit = await _seen(clinic, doctor, patient)
    issuing = """mutation ($input: IssueCertificateInput!) {
        issueCertificate(input: $input) { document { id } problems { code } } }"""
    issued = await clinic.rows.ask(issuing, doctor, input=_certificate(visit))
    [row] = await clinic.rows.fetch(
        "SELECT code, object_key, version FROM paper JOIN document USING (id) WHERE id = $1",
        issued["document"]["id"].partition("_")[2],
    )
    chunks = clinic.rows.app.objects.read(row["object_key"], row["version"])
    real, forged = tmp_path / "real.pdf", tmp_path / "forged.pdf"
    real.write_bytes(b"".join([chunk async for chunk in chunks]))
    forged.write_bytes(real.read_bytes() + b"\n% 30 dias")
    async with at(browser, clinic, say) as page:
        await page.goto("/verify")
        await page.get_by_label(say("Verification code")).fill("123")
        await page.get_by_role("button", name=say("Check")).click()
        await expect(page.get_by_text(say("A code has 20 letters"))).to_be_visible()
        await page.get_by_label(say("Verification code")).fill(row["code"].lower())
        await page.get_by_role("button", name=say("Check")).click()
        await expect(
            page.get_by_role("heading", name=say("Issued here, but without digital signature"))
        ).to_be_visible()
        same = say("It is the same file")
        other = say("Não é o arquivo que vale agora", "It is not the file")
        for file, said in ((real, same), (forged, other)):
            async with page.expect_file_chooser() as chooser:
                await page.get_by_role("button", name=say("Choose the file")).click()
            await (await chooser.value).set_files(file)
            await expect(page.get_by_text(said)).to_be_visible()


@in_both_languages
async def test_of_a_code_that_is_none_of_ours_it_is_said(
    clinic: Clinic, browser: Browser, say: View
):
    context = await browser.new_context(base_url=clinic.url, locale=say.language)
    page = await context.new_page()  # the browser itself complains of a 404
    await page.goto(f"/verify?code={'0' * 20}")
    await expect(page.get_by_role("heading", name=say("No paper was issued here"))).to_be_visible()
    await context.close()
