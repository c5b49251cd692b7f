"""The page in both languages, at the widths of a phone and of a desk."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import opened
from tests.browser.conftest import Clinic


@dataclass(frozen=True)
class View:
    language: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.width}"

    def __call__(self, portuguese: str, english: str) -> str:
        """Which of the two is shown."""
        return english if self.language == "en" else portuguese


in_both_languages = pytest.mark.parametrize("say", [View("pt-BR", 360), View("en", 1280)], ids=str)


@asynccontextmanager
async def at(browser: Browser, clinic: Clinic, say: View) -> AsyncGenerator[Page]:
    """At the end it must not be wider than its window."""
    size = {"width": say.width, "height": 800}
    async with opened(browser, clinic.url, locale=say.language, viewport=size) as page:
        yield page
        assert await page.evaluate("document.documentElement.scrollWidth") <= say.width
