"""Documents in PDF are read in the page: drawn where they are in sight, and told of if broken."""

import pytest
from fpdf import FPDF
from playwright.async_api import Browser, Page, expect

from domain.records import Document
from tests import make
from tests.browser.conftest import Clinic, with_cookie
from tests.browser.views import View, at
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


async def _opened(page: Page, say: View, name: str) -> None:
    await page.goto("/record")
    await page.get_by_role("button", name=say(f"Open {name}")).click()


async def test_a_long_one_is_drawn_where_it_is_in_sight_and_gone_through_by_keys(
    clinic: Clinic, browser: Browser
):
    patient, token = with_cookie(make.patient())
    say = View("en", 360)
    await clinic.given(patient)
    await clinic.given(await _stored(clinic, patient, printed(PAGES), "Longo.pdf"))
    async with at(browser, clinic, say, token) as page:
        await _opened(page, say, "Longo.pdf")
        canvases = page.locator(".pdf-page canvas")
        first = page.get_by_role("region", name="Page 1 of 60", exact=True)
        await expect(first.get_by_text("Laudo, folha 1")).to_be_attached()
        assert await canvases.first.evaluate(INKED)
        assert await canvases.count() < 8

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
    ("content", "said", "say"),
    [
        (printed(1)[:300], "This PDF is damaged", View("pt-BR", 360)),
        (printed(1, "segredo"), "This PDF has a password", View("en", 1280)),
    ],
    ids=["broken", "locked"],
)
async def test_of_one_that_cannot_be_shown_it_is_said_and_it_can_still_be_saved(
    clinic: Clinic, browser: Browser, content: bytes, said: str, say: View
):
    patient, token = with_cookie(make.patient())
    await clinic.given(patient)
    await clinic.given(await _stored(clinic, patient, content, "Laudo.pdf"))
    async with at(browser, clinic, say, token) as page:
        await _opened(page, say, "Laudo.pdf")
        await expect(page.get_by_role("alert")).to_contain_text(say(said))
        async with page.expect_download() as download:
            await page.get_by_role("button", name=say("Save to this device")).click()
        assert (await download.value).suggested_filename == "Laudo.pdf"
