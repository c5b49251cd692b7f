"""The consultation: two people, each in a browser of his own, meet through the page alone."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.chromium import chromium
from tests.browser.conftest import Clinic, with_cookie
from tests.browser.views import View, at, in_both_languages
from tests.make import Person
from tests.server import gid

ENGLISH = View("en", 1280)
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
PICTURES_SENT = """async () => {
  let bytes = 0
  for (const connection of window.connections) {
    for (const stat of (await connection.getStats()).values()) {
      if (stat.type === 'outbound-rtp' && stat.kind === 'video') bytes += stat.bytesSent
    }
  }
  return bytes
}"""
CAMERA = """() =>
  document.querySelector('.mine video').srcObject.getVideoTracks()[0].label
"""
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
    tokens: dict[UUID, str]  # of people

    @property
    def path(self) -> str:
        return f"/consultation/{gid(self.appointment)}"

    async def page(self, of: Person, say: View = ENGLISH) -> Page:
        """Signed in, with the link opened."""
        token = self.tokens[of.who.id]
        page = await self.stack.enter_async_context(at(self.browser, self.clinic, say, token))
        await page.add_init_script(KEPT)
        await page.goto(self.path)
        return page


@pytest.fixture
async def visit(clinic: Clinic, browser: Browser) -> AsyncGenerator[Visit]:
    """One that is about to begin."""
    async with _visit(clinic, browser, begins_in=timedelta(minutes=5)) as it:
        yield it


@pytest.fixture
async def early_visit(clinic: Clinic, browser: Browser) -> AsyncGenerator[Visit]:
    """One whose room opens in 16 minutes."""
    async with _visit(clinic, browser, begins_in=timedelta(minutes=31)) as it:
        yield it


@pytest.fixture
async def visit_in_whole_browser(clinic: Clinic) -> AsyncGenerator[Visit]:
    """In one that has the same ids for its cameras after a page is loaded anew."""
    async with (
        chromium(whole=True) as browser,
        _visit(clinic, browser, begins_in=timedelta(minutes=5)) as it,
    ):
        yield it


@asynccontextmanager
async def _visit(
    clinic: Clinic, browser: Browser, *, begins_in: timedelta
) -> AsyncGenerator[Visit]:
    doctor, his_token = with_cookie(make.doctor())
    patient, her_token = with_cookie(make.patient())
    tokens = {doctor.who.id: his_token, patient.who.id: her_token}
    begins = datetime.now(UTC).replace(microsecond=0) + begins_in
    slot, appointment = make.visit(
        doctor, patient, status=AppointmentStatus.CONFIRMED, starts_at=begins
    )
    await clinic.given(doctor, patient, slot, appointment)
    async with AsyncExitStack() as stack:
        yield Visit(clinic, browser, stack, doctor, patient, appointment, tokens)


async def join(page: Page, say: View = ENGLISH) -> None:
    await page.get_by_role("button", name=say("Join the visit")).click()


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


@in_both_languages
async def test_two_see_and_hear_each_other_until_the_doctor_ends_it_and_the_note_is_read(
    visit: Visit, say: View
):
    doctor = await visit.page(visit.doctor, say)
    patient = await visit.page(visit.patient, say)
    await expect(doctor.get_by_text(say("Ana Moreira is in the room."))).to_be_visible()
    await expect(patient.get_by_text(say("Helena Prado is in the room."))).to_be_visible()
    await expect(doctor.get_by_text(say("You can write already."))).to_have_count(1)

    await asyncio.gather(join(doctor, say), join(patient, say))
    await meets(doctor, patient)
    appointment = await visit.clinic.rows.appointment(visit.appointment.id)
    assert appointment.status is AppointmentStatus.IN_PROGRESS

    note = doctor.get_by_role("textbox", name=say("Note"))
    await note.fill("Tosse seca há uma semana.")
    await doctor.get_by_role("button", name=say("End the visit")).click()
    end = say("Encerrar", "End it")
    await doctor.get_by_role("dialog").get_by_role("button", name=end, exact=True).click()
    for page in (doctor, patient):
        await expect(page.get_by_text(say("The visit is over."))).to_be_visible()
        await expect(page.locator("video")).to_have_count(0)
    ended = await visit.clinic.rows.appointment(visit.appointment.id)
    assert ended.status is AppointmentStatus.COMPLETED

    await expect(note).to_have_value("Tosse seca há uma semana.")
    nothing = patient.get_by_text(say("The doctor has written nothing yet."))
    await expect(nothing).to_be_visible()
    await doctor.get_by_role("button", name=say("Save to the record")).click()
    saved = say("Salvo no prontuário: versão 1", "Saved in the record: version 1")
    await expect(doctor.get_by_text(saved)).to_be_visible()
    await expect(patient.get_by_text("Tosse seca há uma semana.")).to_be_visible()

    await note.fill("Tosse seca há duas semanas.")
    await doctor.get_by_role("button", name=say("Save a new version")).click()
    await expect(patient.get_by_text("Tosse seca há duas semanas.")).to_be_visible()
    await patient.get_by_text(say("1 earlier version")).click()
    await expect(patient.get_by_text("Tosse seca há uma semana.")).to_be_visible()


@in_both_languages
async def test_what_came_of_a_device_check_is_seen_by_the_other_side(visit: Visit, say: View):
    patient = await visit.page(visit.patient, say)
    await patient.get_by_role("button", name=say("Test now")).click()
    await patient.get_by_role("button", name=say("Yes, I did")).click()
    await expect(patient.get_by_text(say("Your device"))).to_be_visible()

    doctor = await visit.page(visit.doctor, say)

    await expect(doctor.get_by_text(say("Ana Moreira's device"))).to_be_visible()
    for told in ("Camera works", "Microphone works", "Sound works"):
        await expect(doctor.get_by_text(say(told))).to_be_visible()


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


async def test_who_leaves_is_waited_for_and_may_come_back(visit: Visit):
    doctor, patient = await visit.page(visit.doctor), await visit.page(visit.patient)
    await asyncio.gather(join(doctor), join(patient))
    await meets(doctor, patient)

    await patient.get_by_role("button", name="Leave the room").click()
    await expect(doctor.get_by_text("Waiting for Ana Moreira…")).to_be_visible()
    await patient.get_by_role("button", name="Back to the room").click()
    await meets(doctor, patient)


async def test_what_one_turns_off_the_other_is_told_of(visit: Visit):
    doctor, patient = await visit.page(visit.doctor), await visit.page(visit.patient)
    await asyncio.gather(join(doctor), join(patient))
    await meets(doctor, patient)

    await patient.get_by_role("button", name="Turn camera off").click()
    await expect(doctor.get_by_text("Ana Moreira has turned the camera off")).to_be_visible()
    await patient.get_by_role("button", name="Turn camera on").click()
    await patient.get_by_role("button", name="Turn microphone off").click()
    await expect(doctor.get_by_text("Ana Moreira has turned the microphone off")).to_be_visible()
    await meets(doctor)

    await doctor.get_by_role("button", name="Share the screen").click()
    await expect(patient.get_by_text("Helena Prado is sharing a screen")).to_be_visible()
    await meets(patient)


async def test_with_audio_only_no_picture_goes_either_way(visit: Visit):
    doctor, patient = await visit.page(visit.doctor), await visit.page(visit.patient)
    await asyncio.gather(join(doctor), join(patient))
    await meets(doctor, patient)

    await doctor.get_by_role("button", name="Use audio only").click()
    await expect(patient.get_by_text("Helena Prado is on audio only")).to_be_visible()
    await expect(doctor.get_by_text("Audio only: no pictures go or come")).to_be_visible()
    await asyncio.sleep(1)  # what was on its way
    before = [await page.evaluate(PICTURES_SENT) for page in (doctor, patient)]
    heard = (await doctor.evaluate(SEEN))["heard"]
    await asyncio.sleep(2)
    assert [await page.evaluate(PICTURES_SENT) for page in (doctor, patient)] == before
    assert (await doctor.evaluate(SEEN))["heard"] > heard

    await doctor.get_by_role("button", name="Use video again").click()
    await expect(patient.get_by_text("audio only")).to_have_count(0)
    await meets(doctor, patient)


async def test_how_good_the_line_is_is_said_in_words(visit: Visit):
    doctor, patient = await visit.page(visit.doctor), await visit.page(visit.patient)
    await asyncio.gather(join(doctor), join(patient))
    await meets(doctor, patient)

    for page in (doctor, patient):
        await expect(page.get_by_text("Good connection")).to_be_visible()
        await expect(page.locator(".measured")).to_have_text(
            re.compile(r"There and back: \d+ ms · lost: [\d.]+% · [\d,]+ kbit/s in, [\d,]+ out")
        )


async def test_another_camera_is_seen_in_place_of_the_one_before_and_is_remembered(
    visit_in_whole_browser: Visit,
):
    visit = visit_in_whole_browser
    doctor, patient = await visit.page(visit.doctor), await visit.page(visit.patient)
    await asyncio.gather(join(doctor), join(patient))
    await meets(doctor, patient)
    before = await doctor.evaluate(CAMERA)
    other = {"fake_device_0": "fake_device_2", "fake_device_2": "fake_device_0"}[before]

    await doctor.get_by_role("button", name="Camera, microphone and sound").click()
    dialog = doctor.get_by_role("dialog", name="Camera, microphone and sound")
    await dialog.get_by_role("button", name=f"{before} Camera").click()
    await doctor.get_by_role("option", name=other).click()
    await expect(dialog.get_by_role("button", name=f"{other} Camera")).to_be_visible()
    await dialog.get_by_role("button", name="Close").click()
    assert await doctor.evaluate(CAMERA) == other
    await meets(doctor, patient)

    await doctor.reload()
    await meets(doctor, patient)
    assert await doctor.evaluate(CAMERA) == other


@in_both_languages
async def test_a_stranger_with_the_link_gets_nothing(visit: Visit, say: View):
    stranger, token = with_cookie(make.patient(name="Bruno Reis"))
    visit.tokens[stranger.who.id] = token
    await visit.clinic.given(stranger)
    doctor, other = await visit.page(visit.doctor, say), await visit.page(stranger, say)
    await join(doctor, say)

    await expect(other.get_by_text(say("does not exist, or is not yours"))).to_be_visible()
    await expect(other.get_by_role("button", name=say("Join the visit"))).to_have_count(0)
    assert "Helena" not in await other.inner_text("body")
    await expect(doctor.get_by_text(say("Waiting for Ana Moreira…"))).to_be_visible()


@in_both_languages
async def test_who_comes_16_minutes_too_early_is_told_when_it_opens(early_visit: Visit, say: View):
    opens_at = early_visit.appointment.starts_at - timedelta(minutes=15)
    patient = await early_visit.page(early_visit.patient, say)
    here = opens_at.astimezone(ZoneInfo("America/Sao_Paulo"))
    told = say(f"{here:%H:%M}", f"{here:%I:%M %p}".lstrip("0"))

    await join(patient, say)
    await expect(patient.get_by_role("alert")).to_contain_text(f", {told}")
    await expect(patient.locator(".stage")).to_have_count(0)
