"""The record: its patient sends documents, shares them and sees who opens them; and its doctors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import PASSWORD, Clinic, sign_in, with_password
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


async def test_documents_are_sent_opened_renamed_and_hidden(
    clinic: Clinic, browser: Browser, password_hash: str, tmp_path: Path
):
    patient = with_password(make.patient(), password_hash)
    await clinic.given(patient)
    async with opened(browser, clinic.url) as page:
        await page.goto("/record")
        await sign_in(page, patient)
        await expect(page.get_by_text("No documents yet.")).to_be_visible()
        photograph = tmp_path / "Ferida.jpg"
        photograph.write_bytes(bytes(await page.evaluate(PHOTOGRAPH)))
        blood, program = tmp_path / "Hemograma.pdf", tmp_path / "virus.exe"
        blood.write_bytes(pdf())
        program.write_bytes(b"MZ and so on")

        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("button", name="Choose files").click()
        await (await chooser.value).set_files([blood, photograph, program])

        await expect(page.get_by_text("In your record")).to_have_count(2)
        await expect(page.get_by_text("We cannot take this file")).to_be_visible()
        await expect(page.get_by_role("article")).to_have_count(2)

        await page.get_by_role("button", name="Open Ferida.jpg").click()
        picture = page.get_by_role("img", name="Ferida.jpg", exact=True)
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.naturalWidth") == 300
        await page.get_by_role("button", name="Close").click()
        await page.get_by_role("button", name="Open Hemograma.pdf").click()
        await expect(page.get_by_text("Page 1 of 1")).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Save to this device").click()
        saved = await download.value
        assert saved.suggested_filename == "Hemograma.pdf"
        kept = tmp_path / "kept.pdf"
        await saved.save_as(kept)
        assert kept.read_bytes() == pdf()
        await page.get_by_role("button", name="Close").click()

        await page.get_by_role("button", name="Rename Ferida.jpg").click()
        await page.get_by_label("Name", exact=True).fill("Ferida no braço")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("heading", name="Ferida no braço")).to_be_visible()
        await page.get_by_role("button", name="Hide Hemograma.pdf").click()
        await page.get_by_role("button", name="Hide", exact=True).click()
        await expect(page.get_by_role("article")).to_have_count(1)


SHARED = "{ viewer { ... on DoctorViewer { sharedDocuments { nodes { name } } } } }"


async def test_a_share_shows_what_was_chosen_until_it_is_stopped_and_who_looks_is_told_at_once(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = make.doctor()
    patient = with_password(make.patient(), password_hash)
    await clinic.given(doctor, patient, make.document(patient))
    await clinic.given(make.document(patient, name="Diário.pdf"))
    clinic.rows.now = datetime.now(UTC)
    async with opened(browser, clinic.url) as page:
        await page.goto("/record?part=shares")
        await sign_in(page, patient)
        await page.get_by_role("button", name="Share with a doctor").click()
        await page.get_by_label("CRM number").fill(doctor.who.crm)
        await page.get_by_role("button", name="Find the doctor").click()
        await expect(page.get_by_text("Found: Helena Prado.")).to_be_visible()
        await page.get_by_text("Hemograma.pdf").click()
        preview = page.get_by_text("Helena Prado will see:").locator("..")
        await expect(preview.get_by_role("listitem")).to_have_text(["Hemograma.pdf"])
        await page.get_by_role("button", name="Share", exact=True).click()
        await expect(page.get_by_text(f"CRM {doctor.who.crm}/SP").first).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await expect(page.get_by_text("7 days left")).to_be_visible()

        await page.get_by_role("tab", name="Seen by").click()
        await expect(page.get_by_text("You shared with Helena Prado.")).to_be_visible()
        seen = await clinic.rows.ask(SHARED, doctor)
        assert [it["name"] for it in seen["sharedDocuments"]["nodes"]] == ["Hemograma.pdf"]
        looked = "Helena Prado looked at the list of documents that you share."
        await expect(page.get_by_role("status").filter(has_text=looked)).to_be_visible()
        await expect(page.get_by_role("listitem").filter(has_text=looked)).to_be_visible()

        await page.get_by_role("tab", name="Shared").click()
        await page.get_by_role("button", name="Stop sharing with Helena Prado").click()
        await expect(page.get_by_text("Stopped by you")).to_be_visible()
    seen = await clinic.rows.ask(SHARED, doctor)
    assert seen["sharedDocuments"]["nodes"] == []


async def test_a_doctor_who_asks_is_answered_with_what_the_patient_chooses(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = make.doctor()
    patient = with_password(make.patient(), password_hash)
    await clinic.given(doctor, patient, make.document(patient))
    await clinic.given(make.access_request(doctor, patient))
    clinic.rows.now = datetime.now(UTC)
    async with opened(browser, clinic.url) as page:
        await page.goto("/record?part=shares")
        await sign_in(page, patient)
        await expect(page.get_by_text("Preciso ver os exames.")).to_be_visible()
        await page.get_by_role("button", name="Choose what to show").click()
        await page.get_by_text("Everything, now and later").click()
        await page.get_by_role("button", name="Share", exact=True).click()
        await expect(page.get_by_role("article", name="Helena Prado")).to_be_visible()
        await expect(page.get_by_text("Preciso ver os exames.")).to_have_count(0)
    seen = await clinic.rows.ask(SHARED, doctor)
    assert len(seen["sharedDocuments"]["nodes"]) == 1


async def test_a_doctor_asks_for_a_record_and_breaks_the_glass_where_it_cannot_wait(
    clinic: Clinic, browser: Browser, password_hash: str
):
    doctor = with_password(make.doctor(), password_hash)
    patient = make.patient()
    slot, visit = make.visit(
        doctor,
        patient,
        status=AppointmentStatus.IN_PROGRESS,
        starts_at=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1),
    )
    await clinic.given(doctor, patient, slot, visit, make.document(patient))
    clinic.rows.now = datetime.now(UTC)
    async with opened(browser, clinic.url) as page:
        await page.goto("/patients")
        await sign_in(page, doctor)
        await expect(page.get_by_text("No document is shared with you now.")).to_be_visible()
        await page.get_by_role("button", name="Ask Ana Moreira for access").click()
        await page.get_by_label("Message to the patient").fill("Preciso ver os exames.")
        await page.get_by_role("button", name="Send the request").click()
        await expect(page.get_by_text("You have asked for access.")).to_be_visible()

        await page.get_by_role("button", name="Emergency: open the record").click()
        await page.get_by_label("Why it is an emergency").fill("Desmaiou durante a consulta.")
        await page.get_by_role("button", name="Open it for an hour").click()
        await expect(page.get_by_text("Hemograma.pdf")).to_be_visible()


async def test_a_patient_takes_a_copy_along_and_then_closes_the_account(
    clinic: Clinic, browser: Browser, password_hash: str
):
    patient = with_password(make.patient(), password_hash)
    await clinic.given(patient)
    async with opened(browser, clinic.url) as page:
        await page.goto("/exports")
        await sign_in(page, patient)
        await page.get_by_label("Your password").fill(PASSWORD)
        await page.get_by_role("button", name="Make a copy").click()
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Download").click()
        assert (await download.value).suggested_filename.endswith(".zip")

        await page.get_by_role("button", name="I want to close my account").click()
        close = page.get_by_role("button", name="Close it for good")
        await expect(close).to_be_disabled()
        await page.get_by_label("To confirm, type “close”").fill("close")
        await page.get_by_label("Your password").last.fill(PASSWORD)
        await close.click()
        await expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
        await page.get_by_role("link", name="To the start").click()
        await sign_in(page, patient)
        await expect(page.get_by_text("These do not match.")).to_be_visible()
