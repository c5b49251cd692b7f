"""A consultation by Amazon Chime, in a browser: Amazon is played, and where it sends browsers,
nothing is.
"""

import os
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import BUILT, Clinic, sign_in, with_password
from tests.chime import PlayedChime, serving
from tests.conftest import TEMPLATE, create_database, url_of
from tests.served import served
from tests.server import LocalServer, gid
from wiring.settings import Settings


@pytest.fixture
async def by_chime(
    clinic: Clinic,
    worker_id: str,
    keys_file: Path,
    object_store: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Clinic]:
    """A clinic whose doctors and patients meet by Chime."""
    del clinic  # it skips the test where there is no page
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    name = f"browser_chime_{worker_id}_{os.getpid()}"
    await create_database(name, TEMPLATE)
    url = url_of(name)
    async with serving(PlayedChime()) as played:
        given = object_store | played.settings
        settings = Settings(database_url=url, keys_file=keys_file, page=BUILT, **given)
        async with served(settings, known=True) as at, LocalServer.run(url, keys_file) as rows:
            rows.now = datetime.now(UTC)
            yield Clinic(at, rows, settings)


async def test_a_media_host_out_of_reach_is_said_and_may_be_tried_again(
    by_chime: Clinic, browser: Browser, password_hash: str
):
    doctor = make.doctor()
    patient = with_password(make.patient(), password_hash)
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    slot, appointment = make.visit(
        doctor, patient, status=AppointmentStatus.CONFIRMED, starts_at=begins
    )
    await by_chime.given(doctor, patient, slot, appointment)
    async with opened(browser, by_chime.url, excused=r"chime\.aws") as page:
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        called: list[str] = []
        page.on("websocket", lambda socket: called.append(socket.url))
        await page.goto(f"/consultation/{gid(appointment)}")
        await sign_in(page, patient)
        await page.get_by_role("button", name="Join the visit").wait_for()
        assert not any("/assets/chime" in url for url in loaded)
        await page.get_by_role("button", name="Join the visit").click()

        told = page.get_by_text("The video service cannot be reached.")
        await expect(told).to_be_visible(timeout=40_000)
        assert any("/assets/chime" in url for url in loaded)
        assert any("chime.aws" in url for url in called)  # the page's policy lets it try
        await page.get_by_role("button", name="Join again").click()
        await expect(told).to_have_count(0)
        await page.get_by_role("button", name="Leave the room").click()
        await expect(page.get_by_text("You have left the room.")).to_be_visible()
