"""Chromium for tests: where it is, and a person's page in it.

The one without a window, where there is one: it shows the same, and takes two thirds of the CPU.
"""

import os
import re
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.paths import ROOT

PATIENCE = 15_000  # milliseconds, of a machine that runs other tests beside
UNPACKED = ROOT / ".tools/chromium"  # by ./dev test
WHOLE = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    # Moving pictures and a beep. The second camera's are in a format that is not sent on.
    "--use-fake-device-for-media-stream=device-count=3",
    "--use-fake-ui-for-media-stream",  # nobody is asked for the camera
    "--auto-select-desktop-capture-source=Entire screen",
    "--allow-loopback-in-peer-connection",  # else there is no way on a machine without a network
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
expect.set_options(timeout=PATIENCE)


def program(*, whole: bool = False) -> str | None:
    names = WHOLE if whole else ("chromium-headless-shell", *WHOLE)
    unpacked = (UNPACKED / "usr/lib/chromium" / name for name in names)
    there = [str(path) for path in unpacked if path.exists()]
    return next(filter(None, [*there, *map(shutil.which, names)]), None)


@asynccontextmanager
async def chromium(*, whole: bool = False) -> AsyncGenerator[Browser]:
    """Skips the test where it is not to be had. `whole`: not the one without a window."""
    found = program(whole=whole)
    if found is None:
        pytest.skip("there is no Chromium here, and ./dev test could not fetch it")
    libraries = {str(path.parent) for path in UNPACKED.rglob("*.so*")}
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found,
            args=FLAGS,
            chromium_sandbox=False,  # it would not start as root
            env=environment if libraries else None,
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(
    browser: Browser, url: str, *, excused: str = "^$", **given: Any
) -> AsyncGenerator[Page]:
    """A page of nobody yet, who reads English in São Paulo; it fails the test if it complains, but
    for `excused`, a pattern. `given`: of the browser's context, to have it otherwise.
    """
    plain = {"locale": "en", "timezone_id": "America/Sao_Paulo", "service_workers": "block"}
    context = await browser.new_context(base_url=url, **(plain | given))
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    await context.close()
    faults = [each for each in complaints if not re.search(excused, each)]
    assert not faults, faults
