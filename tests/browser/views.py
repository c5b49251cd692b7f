"""The page in both languages, at the widths of a phone and of a desk."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import opened
from tests.browser.conftest import Clinic, remember
from tests.browser.people import TOO_WIDE
from tests.browser.words import portuguese


@dataclass(frozen=True)
class View:
    language: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.width}"

    def __call__(self, *texts: str) -> str:
        """Which is shown: of Portuguese and English; or of an English text of the page's."""
        english, theirs = texts[-1], texts[0] if len(texts) > 1 else portuguese(texts[0])
        return english if self.language == "en" else theirs


in_both_languages = pytest.mark.parametrize("say", [View("pt-BR", 360), View("en", 1280)], ids=str)


@asynccontextmanager
async def at(
    browser: Browser, clinic: Clinic, say: View, token: str | None = None
) -> AsyncGenerator[Page]:
    """At the end it must not be wider than its window. `token`: of whom it is, `with_cookie`."""
    size = {"width": say.width, "height": 800}
    async with opened(browser, clinic.url, locale=say.language, viewport=size) as page:
        if token is not None:
            await remember(page, clinic.url, token)
        yield page
        assert await page.evaluate(TOO_WIDE) == []
