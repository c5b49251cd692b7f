"""`./dev pictures`: photographs of the main pages, with demo data, into docs/pictures.

A server of its own is started in a folder of its own, and forgotten. The pages are gone through as
people would: nothing is put into the database behind their back.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from typing import NamedTuple

from PIL import Image
from playwright.async_api import Browser, Page, expect

from embedded.seed import PASSWORD
from tests.browser import chromium
from tests.contents import pdf
from tests.embedded.processes import WITHOUT_STORE
from tests.paths import ROOT

FOLDER = ROOT / "docs/pictures"
LARGEST = 150_000  # bytes of one picture
ZONE = "America/Sao_Paulo"


class Camera(NamedTuple):
    width: int
    height: int
    sharpness: int
    language: str
    scheme: str

    @property
    def name(self) -> str:
        dark = "-dark" if self.scheme == "dark" else ""
        return f"{self.width}-{self.language}{dark}"


PHONE = Camera(360, 740, 2, "pt-BR", "light")
PHONE_AT_NIGHT = PHONE._replace(scheme="dark")
DESK = Camera(1280, 860, 1, "en", "light")
DESK_AT_NIGHT = DESK._replace(scheme="dark")

SIGN_IN = {"en": "Sign in", "pt-BR": "Entrar"}
DOCTOR = {"en": "Doctor", "pt-BR": "Médico"}
CRM = {"en": "CRM number", "pt-BR": "Número do CRM"}
SECRET = {"en": "Password", "pt-BR": "Senha"}


async def _sign_in(page: Page, language: str, *, doctor: bool) -> None:
    if doctor:
        await page.get_by_role("tab", name=DOCTOR[language]).click()
        await page.get_by_label(CRM[language]).fill("123456")
    else:
        await page.get_by_label("E-mail").fill("ana@example.com")
        await page.get_by_label("CPF").fill("529.982.247-25")
    await page.get_by_label(SECRET[language]).fill(PASSWORD)
    await page.get_by_role("button", name=SIGN_IN[language], exact=True).click()
    await expect(page.get_by_role("button", name=SIGN_IN[language])).to_have_count(0)


async def as_nobody(page: Page, language: str) -> None:
    pass


async def as_patient(page: Page, language: str) -> None:
    await page.goto("/appointments")
    await _sign_in(page, language, doctor=False)


async def as_doctor(page: Page, language: str) -> None:
    await page.goto("/requests")
    await _sign_in(page, language, doctor=True)


async def _stay(page: Page) -> None:
    pass


async def _list(page: Page) -> None:
    await page.get_by_role("article").first.wait_for()
    await page.get_by_role("region").first.scroll_into_view_if_needed()


async def _map(page: Page) -> None:
    await page.locator(".pin").first.wait_for()


async def _choose_time(page: Page) -> None:
    await page.locator("a.time").first.click()
    await page.get_by_role("timer").wait_for()


async def _keep_documents(page: Page) -> None:
    """Two of them, once."""
    await page.get_by_role("button", name="Choose files").wait_for()
    files = [
        {"name": name, "mimeType": "application/pdf", "buffer": pdf()}
        for name in ("Hemograma.pdf", "Eletrocardiograma.pdf")
    ]
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose files").click()
    await (await chooser.value).set_files(files)
    await expect(page.get_by_text("In your record")).to_have_count(len(files))
    await page.reload()
    await page.get_by_role("article").first.wait_for()


class Picture(NamedTuple):
    """`then`: what is done before it is taken."""

    name: str
    who: Callable[[Page, str], Awaitable[None]]
    address: str
    cameras: tuple[Camera, ...]
    then: Callable[[Page], Awaitable[None]] = _stay


SEARCH = "/doctors?specialty=cardiologia&city=S%C3%A3o+Paulo-SP"
HELENA = "/doctors/123456-SP"
PICTURES = (
    Picture("sign-in", as_nobody, "/", (DESK,)),
    Picture("search", as_nobody, SEARCH, (PHONE, DESK), _list),
    Picture("map", as_nobody, f"{SEARCH}&view=map", (PHONE,), _map),
    Picture("doctor", as_nobody, HELENA, (PHONE_AT_NIGHT, DESK)),
    Picture("request", as_patient, HELENA, (PHONE,), _choose_time),
    Picture("appointments", as_patient, "/appointments", (PHONE, PHONE_AT_NIGHT)),
    Picture("record", as_patient, "/record", (DESK,), _keep_documents),
    Picture("requests", as_doctor, "/requests", (PHONE,)),
    Picture("agenda", as_doctor, "/agenda", (DESK,)),
    Picture("figures", as_doctor, "/figures?days=30", (PHONE, DESK)),
    Picture("figures", as_doctor, "/figures?days=90", (DESK_AT_NIGHT,)),
    Picture("playground", as_nobody, "/playground", (DESK,)),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev pictures", description=__doc__)
    parser.add_argument("names", nargs="*", help="take these only: search, agenda …")
    parser.add_argument("--url", help="of a server with demo data that runs already")
    options = parser.parse_args()
    if chromium.program() is None:
        sys.exit("There is no Chromium here. ./dev test fetches one where there is apt-get.")
    wanted = [each for each in PICTURES if not options.names or each.name in options.names]
    if not wanted:
        sys.exit(f"There are pictures of: {', '.join(sorted({each.name for each in PICTURES}))}.")
    if options.url:
        asyncio.run(take(options.url, wanted))
    else:
        with clinic() as url:
            asyncio.run(take(url, wanted))


@contextmanager
def clinic() -> Iterator[str]:
    """Its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "embedded.run", "--port", "0", "--data", folder]
        environment = {**WITHOUT_STORE, "HEALTHMED_PAGE": str(ROOT / "web/dist")}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                lines = iter(process.stdout.readline, "")
                found = (line.split()[1] for line in lines if line.startswith("readiness"))
                if (ready := next(found, None)) is None:
                    sys.exit("The server did not start; ./dev run says why.")
                yield ready.removesuffix("/readyz")
            finally:
                process.terminate()
                process.communicate(timeout=60)


async def take(url: str, wanted: list[Picture]) -> None:
    FOLDER.mkdir(exist_ok=True)
    async with chromium.chromium() as browser:
        for who in (as_nobody, as_patient, as_doctor):
            of_his = [each for each in wanted if each.who is who]
            for camera in sorted({camera for each in of_his for camera in each.cameras}):
                async with _page(browser, url, camera) as page:
                    await who(page, camera.language)
                    for picture in (each for each in of_his if camera in each.cameras):
                        await page.goto(picture.address)
                        await page.wait_for_load_state("networkidle")
                        await picture.then(page)
                        await _keep(page, f"{picture.name}-{camera.name}.png")


@asynccontextmanager
async def _page(browser: Browser, url: str, camera: Camera) -> AsyncGenerator[Page]:
    context = await browser.new_context(
        base_url=url,
        locale=camera.language,
        timezone_id=ZONE,
        viewport={"width": camera.width, "height": camera.height},
        device_scale_factor=camera.sharpness,
        color_scheme="dark" if camera.scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    yield await context.new_page()
    await context.close()


async def _keep(page: Page, name: str) -> None:
    await page.mouse.move(0, 0)
    await page.wait_for_timeout(500)  # until what moves has come to rest
    taken = Image.open(BytesIO(await page.screenshot()))
    few = taken.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path := FOLDER / name, optimize=True)
    size = path.stat().st_size
    if size > LARGEST:
        sys.exit(f"{name} has {size} bytes, more than {LARGEST}.")
    sys.stdout.write(f"{path.relative_to(ROOT)}  {size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
