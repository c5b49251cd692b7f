"""The consultation: two people, each in a browser of his own, meet through the page alone."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.make import Person
from tests.server import gid
from tests.web.browser import opened
from tests.web.conftest import Clinic, sign_in_doctor, sign_in_patient, with_password

SEEN = """async () => {
  const video = document.querySelector('video.theirs')
  const seen = { width: video?.videoWidth ?? 0, time: video?.currentTime ?? 0, frames: 0, heard: 0 }
  for (const connection of window.connections ?? []) {
    if (connection.connectionState !== 'connected') continue
    for (const stat of (await connection.getStats()).values()) {
      if (stat.type !== 'inbound-rtp') continue
      if (stat.kind === 'video') seen.frames += stat.framesDecoded ?? 0
      else seen.heard += stat.bytesReceived ?? 0
    }
  }
  return seen
}"""
# What a page is asked about its connections; they behave as ever.
KEPT = """
window.connections = []
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this) }
}
"""


@dataclass
class Visit:
    clinic: Clinic
    browser: Browser
    stack: AsyncExitStack
    doctor: Person
    patient: Person
    appointment: Any

    @property
    def path(self) -> str:
        return f"/consultation/{gid(self.appointment)}"

    async def page(self, of: Person) -> Page:
        """Signed in, with the link opened."""
        page = await self.stack.enter_async_context(opened(self.browser, self.clinic.url))
        await page.add_init_script(KEPT)
        await page.goto(self.path)
        await (sign_in_doctor if of is self.doctor else sign_in_patient)(page, of)
        return page


@pytest.fixture
async def visit(clinic: Clinic, browser: Browser, password_hash: str) -> AsyncGenerator[Visit]:
    """One that is about to begin."""
    doctor = with_password(make.doctor(), password_hash)
    patient = with_password(make.patient(), password_hash)
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    slot, appointment = make.visit(
        doctor, patient, status=AppointmentStatus.CONFIRMED, starts_at=begins
    )
    await clinic.given(doctor, patient, slot, appointment)
    async with AsyncExitStack() as stack:
        yield Visit(clinic, browser, stack, doctor, patient, appointment)


async def join(page: Page) -> None:
    await page.get_by_role("button", name="Join the visit").click()


async def meets(*pages: Page) -> None:
    """Each sees a picture that moves, and hears."""
    for page in pages:
        await page.wait_for_selector("[data-phase=connected]")
    before = [await page.evaluate(SEEN) for page in pages]
    async with asyncio.timeout(15):
        for page, first in zip(pages, before, strict=True):
            while True:
                now = await page.evaluate(SEEN)
                moved = now["frames"] > first["frames"] + 5 and now["time"] > first["time"]
                if moved and now["heard"] > first["heard"] and now["width"] > 0:
                    break
                await asyncio.sleep(0.2)


async def test_two_who_join_see_and_hear_each_other(visit: Visit):
    doctor, patient = await visit.page(visit.doctor), await visit.page(visit.patient)
    await expect(doctor.get_by_text("Ana Moreira is in the room.")).to_be_visible()
    await expect(patient.get_by_text("Helena Prado is in the room.")).to_be_visible()

    await asyncio.gather(join(doctor), join(patient))
    await meets(doctor, patient)

    appointment = await visit.clinic.rows.appointment(visit.appointment.id)
    assert appointment.status is AppointmentStatus.IN_PROGRESS


async def test_who_joins_late_and_who_loads_the_page_anew_are_met(visit: Visit):
    doctor = await visit.page(visit.doctor)
    await join(doctor)
    await expect(doctor.get_by_text("Waiting for Ana Moreira…")).to_be_visible()
    await asyncio.sleep(1)

    patient = await visit.page(visit.patient)
    await join(patient)
    await meets(doctor, patient)

    await patient.reload()  # with no more to do: the browser has the session, and he was in
    await meets(doctor, patient)

    await doctor.reload()
    await meets(doctor, patient)
