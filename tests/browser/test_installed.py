"""The page as it is kept by the browser: without a line, and when the clinic has a newer one."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import BUILT, Clinic, remember, with_cookie
from tests.browser.test_accessible import LOOKS, faults
from tests.paths import ROOT
from tests.served import free_port, served

PUBLIC = ROOT / "web/public"
LOST = "ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_FAILED|404 \\(Not Found\\)|dynamically"
KEPT = """async () => {
  const found = []
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname)
  }
  return found
}"""
AT_WORK = "navigator.serviceWorker.controller !== null"
COMES_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
SCRIPT = re.compile(r"([\w.-]+)\.js\b")
TEXTS = {".js", ".css", ".html", ".json"}


async def at_work(page: Page) -> None:
    async with asyncio.timeout(15):
        while not await page.evaluate(AT_WORK):  # noqa: ASYNC110  # a page has no event for us
            await asyncio.sleep(0.05)


@asynccontextmanager
async def installed(browser: Browser, url: str, **given: Any) -> AsyncGenerator[Page]:
    """With a worker that is at work."""
    async with opened(browser, url, excused=LOST, service_workers="allow", **given) as page:
        await page.goto("/")
        await at_work(page)
        yield page


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Another build: its scripts have other contents, and so other names."""
    folder = tmp_path / "dist"
    shutil.copytree(BUILT, folder, ignore=shutil.ignore_patterns("*.br", "*.gz"))
    scripts = {path.name for path in (folder / "page/assets").glob("*.js")}

    def renamed(name: re.Match[str]) -> str:
        return f"{name[1]}.newer.js" if name[0] in scripts else name[0]

    for path in [each for each in folder.rglob("*") if each.suffix in TEXTS]:
        path.write_text(SCRIPT.sub(renamed, path.read_text()))
        path.rename(path.with_name(SCRIPT.sub(renamed, path.name)))
    index, worker = folder / "page/index.html", folder / "page/worker.js"
    index.write_text(index.read_text().replace("<head>", '<head><meta name="newer" />'))
    worker.write_text(re.sub('VERSION = "[^"]*"', 'VERSION = "newer"', worker.read_text()))
    return folder


def test_its_manifest_has_what_a_browser_wants_to_install_it():
    manifest = json.loads((PUBLIC / "manifest.webmanifest").read_text())
    icons = {(it["sizes"], it["purpose"]): it["src"] for it in manifest["icons"]}

    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= set(icons)
    assert (manifest["display"], manifest["start_url"], manifest["scope"]) == (
        "standalone",
        "/",
        "/",
    )
    for (sizes, _), path in icons.items():
        picture = (PUBLIC / path[1:]).read_bytes()
        if path.endswith(".png"):
            width, height = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))  # RFC 2083
            assert f"{width}x{height}" == sizes


async def test_a_browser_would_install_it(clinic: Clinic, browser: Browser):
    async with installed(browser, clinic.url) as page:
        line = await page.context.new_cdp_session(page)
        told = await line.send("Page.getInstallabilityErrors")
        manifest = await line.send("Page.getAppManifest")

    # Where nobody can be asked, as in these windows, that is all there is against it.
    assert {it["errorId"] for it in told["installabilityErrors"]} <= {"in-incognito"}
    assert manifest["errors"] == []


async def test_it_keeps_nothing_of_anybody(clinic: Clinic, browser: Browser):
    patient, token = with_cookie(make.patient())
    await clinic.given(patient)
    async with installed(browser, clinic.url) as page:
        await remember(page, clinic.url, token)
        for address in ("/appointments", "/record", "/doctors"):
            await page.goto(address)
            await expect(page.locator("h1")).to_be_visible()
        kept = await page.evaluate(KEPT)

    assert len(kept) > 10
    named = re.compile(r"/(assets/[\w.-]+\.(js|css)|icon\.svg|offline\.html)")
    assert [path for path in kept if not named.fullmatch(path)] == []


@pytest.mark.parametrize("look", LOOKS)
async def test_without_a_line_it_says_so_and_opens_by_itself(
    clinic: Clinic, browser: Browser, look: str
):
    async with installed(browser, clinic.url, **LOOKS[look]) as page:
        await page.context.set_offline(True)
        await page.goto("/doctors")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sem conexão com a clínica")
        await expect(page.get_by_role("heading", level=2)).to_have_text(
            "No connection to the clinic"
        )
        assert await faults(page, lang="pt-BR") == []

        await page.context.set_offline(False)
        await expect(page.get_by_role("search")).to_be_visible()
        assert page.url == f"{clinic.url}/doctors"


async def test_a_newer_version_is_offered_and_loaded_when_it_is_wanted(
    clinic: Clinic, browser: Browser, newer: Path
):
    port = free_port()
    url, renewed = f"http://127.0.0.1:{port}", clinic.settings.model_copy(update={"page": newer})
    async with opened(browser, url, excused=LOST, service_workers="allow") as page:
        said = page.get_by_text("There is a newer version")
        async with served(clinic.settings, known=True, port=port):
            await page.goto("/")
            await at_work(page)
            await page.evaluate(COMES_BACK)
            await expect(said).to_have_count(0)
        async with served(renewed, known=True, port=port):
            await page.evaluate(COMES_BACK)
            await expect(said).to_be_visible()
            assert await page.locator("meta[name=newer]").count() == 0

            await page.get_by_role("button", name="Load it").click()
            await expect(page.locator("meta[name=newer]")).to_have_count(1)
            await expect(page.get_by_label("Password")).to_be_visible()
            await expect(said).to_have_count(0)


async def test_a_file_of_the_older_version_that_is_gone_loads_the_newer_one(
    clinic: Clinic, browser: Browser, newer: Path
):
    port = free_port()
    url, renewed = f"http://127.0.0.1:{port}", clinic.settings.model_copy(update={"page": newer})
    async with opened(browser, url, excused=LOST) as page:
        async with served(clinic.settings, known=True, port=port):
            await page.goto("/")
            await expect(page.get_by_label("Password")).to_be_visible()
        async with served(renewed, known=True, port=port):
            await page.get_by_role("link", name="Find a doctor").click()
            await expect(page.get_by_role("search")).to_be_visible()
            assert await page.locator("meta[name=newer]").count() == 1
            assert page.url == f"{url}/doctors"
