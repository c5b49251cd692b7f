"""Documents in PDF are read in the page: drawn where they are in sight, and told of if broken."""

import pytest
from fpdf import FPDF
from playwright.async_api import Browser, Page, expect

from domain.records import Document
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import Clinic, sign_in, with_password
from tests.make import Person

PAGES = 60
INKED = """canvas => canvas.width > 0 && Array.from(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
).some((value, index) => index % 4 < 3 && value < 128)"""


def printed(pages: int, password: str | None = None) -> bytes:
    """One that asks for a font it has not within."""
    pdf = FPDF()
    if password is not None:
        pdf.set_encryption("of its owner", password)
    pdf.set_font("Helvetica", size=24)
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.cell(text=f"Laudo, folha {number}")
    return bytes(pdf.output())


async def _stored(clinic: Clinic, patient: Person, content: bytes, name: str) -> Document:
    document = make.document(patient, name=name, size=len(content))
    objects = clinic.rows.app.objects

    async def chunks():
        yield content

    stored = await objects.put(document.object_key, chunks(), content_type="application/pdf")
    return make.document(
        patient,
        name=name,
        size=len(content),
        object_key=document.object_key,
        version=stored.version,
    )


async def _opened(page: Page, patient: Person, name: str) -> None:
    await page.goto("/record")
    await sign_in(page, patient)
    await page.get_by_role("button", name=f"Open {name}").click()


async def test_a_long_one_is_drawn_where_it_is_in_sight_and_gone_through_by_keys(
    clinic: Clinic, browser: Browser, password_hash: str
):
    patient = with_password(make.patient(), password_hash)
    await clinic.given(patient)
    await clinic.given(await _stored(clinic, patient, printed(PAGES), "Longo.pdf"))
    async with opened(browser, clinic.url, viewport={"width": 360, "height": 740}) as page:
        await _opened(page, patient, "Longo.pdf")
        canvases = page.locator(".pdf-page canvas")
        first = page.get_by_role("region", name="Page 1 of 60", exact=True)
        await expect(first.get_by_text("Laudo, folha 1")).to_be_attached()
        assert await canvases.first.evaluate(INKED)
        assert await canvases.count() < 8
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360

        document = page.get_by_role("region", name="Pages of Longo.pdf")
        await document.focus()
        await page.keyboard.press("End")
        last = page.get_by_role("region", name="Page 60 of 60", exact=True)
        await expect(last.get_by_text("Laudo, folha 60")).to_be_attached()
        await expect(first.locator("canvas")).to_have_count(0)
        assert await canvases.count() < 8
        await expect(page.get_by_role("button", name="Next page")).to_be_disabled()
        await page.get_by_role("button", name="Previous page").click()
        await expect(page.get_by_role("status").filter(has_text="Page 59 of 60")).to_be_visible()

        before = await last.evaluate("page => page.offsetWidth")
        await page.get_by_role("button", name="Larger").click()
        await expect(page.get_by_role("status").filter(has_text="Page 59 of 60")).to_be_visible()
        assert await last.evaluate("page => page.offsetWidth") > before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (printed(1)[:300], "This PDF is damaged"),
        (printed(1, "segredo"), "This PDF has a password"),
    ],
    ids=["broken", "locked"],
)
async def test_of_one_that_cannot_be_shown_it_is_said_and_it_can_still_be_saved(
    clinic: Clinic, browser: Browser, password_hash: str, content: bytes, said: str
):
    patient = with_password(make.patient(), password_hash)
    await clinic.given(patient)
    await clinic.given(await _stored(clinic, patient, content, "Laudo.pdf"))
    async with opened(browser, clinic.url) as page:
        await _opened(page, patient, "Laudo.pdf")
        await expect(page.get_by_role("alert")).to_contain_text(said)
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Save to this device").click()
        assert (await download.value).suggested_filename == "Laudo.pdf"
