"""The record: its patient sends documents, shares them and sees who opens them; and its doctors."""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests import make
from tests.contents import pdf
from tests.web.browser import opened
from tests.web.conftest import Clinic, sign_in, with_password

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
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Open Hemograma.pdf").click()
        saved = await download.value
        assert saved.suggested_filename == "Hemograma.pdf"
        kept = tmp_path / "kept.pdf"
        await saved.save_as(kept)
        assert kept.read_bytes() == pdf()

        await page.get_by_role("button", name="Rename Ferida.jpg").click()
        await page.get_by_label("Name", exact=True).fill("Ferida no braço")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("heading", name="Ferida no braço")).to_be_visible()
        await page.get_by_role("button", name="Hide Hemograma.pdf").click()
        await page.get_by_role("button", name="Hide", exact=True).click()
        await expect(page.get_by_role("article")).to_have_count(1)
