"""The record: its patient sends documents, shares them and sees who opens them; and its doctors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.conftest import PASSWORD, Clinic, sign_in, with_cookie, with_password
from tests.browser.views import View, at, in_both_languages
from tests.contents import pdf

# A photograph as a phone makes it: with what it has put behind the picture.
PHOTOGRAPH = """() => new Promise(done => {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 300
  canvas.getContext('2d').fillRect(50, 50, 100, 100)
  canvas.toBlob(async picture => {
    const trailed = new Blob([picture, 'a film of the phone'])
    done(Array.from(new Uint8Array(await trailed.arrayBuffer())))
  }, 'image/jpeg')
})"""


@in_both_languages
async def test_documents_are_sent_opened_renamed_and_hidden(
    clinic: Clinic, browser: Browser, say: View, tmp_path: Path
):
    patient, token = with_cookie(make.patient())
    await clinic.given(patient)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/record")
        await expect(page.get_by_text(say("No documents yet."))).to_be_visible()
        photograph = tmp_path / "Ferida.jpg"
        photograph.write_bytes(bytes(await page.evaluate(PHOTOGRAPH)))
        blood, program = tmp_path / "Hemograma.pdf", tmp_path / "virus.exe"
        blood.write_bytes(pdf())
        program.write_bytes(b"MZ and so on")

        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("button", name=say("Choose files")).click()
        await (await chooser.value).set_files([blood, photograph, program])

        await expect(page.get_by_text(say("In your record"))).to_have_count(2)
        await expect(page.get_by_text(say("We cannot take this file"))).to_be_visible()
        await expect(page.get_by_role("article")).to_have_count(2)

        await page.get_by_role("button", name=say("Open Ferida.jpg")).click()
        picture = page.get_by_role("img", name="Ferida.jpg", exact=True)
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.naturalWidth") == 300
        await page.get_by_role("button", name=say("Close")).click()
        await page.get_by_role("button", name=say("Open Hemograma.pdf")).click()
        await expect(page.get_by_text(say("Page 1 of 1"))).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("button", name=say("Save to this device")).click()
        saved = await download.value
        assert saved.suggested_filename == "Hemograma.pdf"
        kept = tmp_path / "kept.pdf"
        await saved.save_as(kept)
        assert kept.read_bytes() == pdf()
        await page.get_by_role("button", name=say("Close")).click()

        await page.get_by_role("button", name=say("Rename Ferida.jpg")).click()
        await page.get_by_label(say("Name"), exact=True).fill("Ferida no braço")
        await page.get_by_role("button", name=say("Save")).click()
        await expect(page.get_by_role("heading", name="Ferida no braço")).to_be_visible()
        await page.get_by_role("button", name=say("Hide Hemograma.pdf")).click()
        await page.get_by_role("button", name=say("Hide"), exact=True).click()
        await expect(page.get_by_role("article")).to_have_count(1)


SHARED = "{ viewer { ... on DoctorViewer { sharedDocuments { nodes { name } } } } }"


@in_both_languages
async def test_a_share_shows_what_was_chosen_until_it_is_stopped_and_who_looks_is_told_at_once(
    clinic: Clinic, browser: Browser, say: View
):
    doctor = make.doctor()
    patient, token = with_cookie(make.patient())
    await clinic.given(doctor, patient, make.document(patient))
    await clinic.given(make.document(patient, name="Diário.pdf"))
    clinic.rows.now = datetime.now(UTC)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/record?part=shares")
        await page.get_by_role("button", name=say("Share with a doctor")).click()
        await page.get_by_label(say("CRM number")).fill(doctor.who.crm)
        await page.get_by_role("button", name=say("Find the doctor")).click()
        await expect(page.get_by_text(say("Found: Helena Prado."))).to_be_visible()
        await page.get_by_text("Hemograma.pdf").click()
        preview = page.get_by_text(say("Helena Prado will see:")).locator("..")
        await expect(preview.get_by_role("listitem")).to_have_text(["Hemograma.pdf"])
        await page.get_by_role("button", name=say("Compartilhar", "Share"), exact=True).click()
        await expect(page.get_by_text(f"CRM {doctor.who.crm}/SP").first).to_be_visible()
        await page.get_by_role("button", name=say("Close")).click()
        await expect(page.get_by_text(say("Ainda por 7 dias", "7 days left"))).to_be_visible()

        await page.get_by_role("tab", name=say("Seen by")).click()
        await expect(page.get_by_text(say("You shared with Helena Prado."))).to_be_visible()
        seen = await clinic.rows.ask(SHARED, doctor)
        assert [it["name"] for it in seen["sharedDocuments"]["nodes"]] == ["Hemograma.pdf"]
        looked = say("Helena Prado looked at the list of documents that you share.")
        await expect(page.get_by_role("status").filter(has_text=looked)).to_be_visible()
        await expect(page.get_by_role("listitem").filter(has_text=looked)).to_be_visible()

        await page.get_by_role("tab", name=say("Shared")).click()
        await page.get_by_role("button", name=say("Stop sharing with Helena Prado")).click()
        await expect(page.get_by_text(say("Stopped by you"))).to_be_visible()
    seen = await clinic.rows.ask(SHARED, doctor)
    assert seen["sharedDocuments"]["nodes"] == []


@in_both_languages
async def test_a_doctor_who_asks_is_answered_with_what_the_patient_chooses(
    clinic: Clinic, browser: Browser, say: View
):
    doctor = make.doctor()
    patient, token = with_cookie(make.patient())
    await clinic.given(doctor, patient, make.document(patient))
    await clinic.given(make.access_request(doctor, patient))
    clinic.rows.now = datetime.now(UTC)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/record?part=shares")
        await expect(page.get_by_text("Preciso ver os exames.")).to_be_visible()
        await page.get_by_role("button", name=say("Choose what to show")).click()
        await page.get_by_text(say("Everything, now and later")).click()
        await page.get_by_role("button", name=say("Compartilhar", "Share"), exact=True).click()
        await expect(page.get_by_role("article", name="Helena Prado")).to_be_visible()
        await expect(page.get_by_text("Preciso ver os exames.")).to_have_count(0)
    seen = await clinic.rows.ask(SHARED, doctor)
    assert len(seen["sharedDocuments"]["nodes"]) == 1


@in_both_languages
async def test_a_doctor_asks_for_a_record_and_breaks_the_glass_where_it_cannot_wait(
    clinic: Clinic, browser: Browser, say: View
):
    doctor, token = with_cookie(make.doctor())
    patient = make.patient()
    slot, visit = make.visit(
        doctor,
        patient,
        status=AppointmentStatus.IN_PROGRESS,
        starts_at=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1),
    )
    await clinic.given(doctor, patient, slot, visit, make.document(patient))
    clinic.rows.now = datetime.now(UTC)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/patients")
        await expect(page.get_by_text(say("No document is shared with you now."))).to_be_visible()
        ask = say("Ask Ana Moreira for access to the record")
        await page.get_by_role("button", name=ask).click()
        await page.get_by_label(say("Message to the patient")).fill("Preciso ver os exames.")
        await page.get_by_role("button", name=say("Send the request")).click()
        await expect(page.get_by_text(say("You have asked for access."))).to_be_visible()

        await page.get_by_role("button", name=say("Emergency: open the record")).click()
        await page.get_by_label(say("Why it is an emergency")).fill("Desmaiou durante a consulta.")
        await page.get_by_role("button", name=say("Open it for an hour")).click()
        await expect(page.get_by_text("Hemograma.pdf")).to_be_visible()


@in_both_languages
async def test_a_patient_takes_a_copy_along_and_then_closes_the_account(
    clinic: Clinic, browser: Browser, password_hash: str, say: View
):
    patient, token = with_cookie(with_password(make.patient(), password_hash))
    await clinic.given(patient)
    async with at(browser, clinic, say, token) as page:
        await page.goto("/exports")
        await page.get_by_label(say("Your password")).fill(PASSWORD)
        await page.get_by_role("button", name=say("Make a copy")).click()
        async with page.expect_download() as download:
            await page.get_by_role("button", name=say("Download")).click()
        assert (await download.value).suggested_filename.endswith(".zip")

        await page.get_by_role("button", name=say("I want to close my account")).click()
        close = page.get_by_role("button", name=say("Close it for good"))
        await expect(close).to_be_disabled()
        await page.get_by_label(say("Para confirmar", "To confirm")).fill(say("encerrar", "close"))
        await page.get_by_label(say("Your password")).last.fill(PASSWORD)
        await close.click()
        await expect(
            page.get_by_role("heading", name=say("Your account is closed"))
        ).to_be_visible()
        await page.get_by_role("link", name=say("Ir para o começo", "To the start")).click()
        await sign_in(page, patient, say)
        await expect(page.get_by_text(say("These do not match."))).to_be_visible()
