"""Every page of the web page, as axe sees it: WCAG 2.2 AA, on a phone in the dark and on a desk.

Whoever adds a route adds a line to VISITS: who opens it, and at which address.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.chromium import opened
from tests.browser.conftest import Clinic, remember, with_cookie
from tests.paths import ROOT
from tests.server import gid

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
CRITERIA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}
NARROWEST: ViewportSize = {"width": 320, "height": 640}  # WCAG 2.2, 1.4.10
LOOKS: dict[str, dict[str, Any]] = {
    "pt-BR, 360 px, dark": {"locale": "pt-BR", "viewport": PHONE, "color_scheme": "dark"},
    "en, 1280 px, light": {"locale": "en", "viewport": DESK, "color_scheme": "light"},
}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Route, who opens it (None: nobody has signed in), address: {names} are of `places` below.
VISITS: list[tuple[str, str | None, str]] = [
    ("/", None, "/"),
    ("/account", "patient", "/account"),
    ("/account", "doctor", "/account"),
    ("/account/security", "patient", "/account/security"),
    ("/account/security", "doctor", "/account/security"),
    ("/account/security", "administrator", "/account/security"),
    ("/admin", None, "/admin"),
    ("/admin", "patient", "/admin"),
    ("/admin/audit", "administrator", "/admin/audit"),
    ("/admin/audit", "administrator", "/admin/audit?actor=nobody"),
    ("/admin/emergencies", "administrator", "/admin/emergencies?show=all"),
    ("/admin/partners", "administrator", "/admin/partners"),
    ("/admin/registrations", "administrator", "/admin/registrations?status=ALL"),
    ("/admin/registrations/:registration", "administrator", "/admin/registrations/{registration}"),
    ("/agenda", "doctor", "/agenda"),
    ("/agenda/publish", "doctor", "/agenda/publish"),
    ("/appointments", "patient", "/appointments"),
    ("/appointments", "doctor", "/appointments"),
    ("/appointments/:appointmentId/move", "patient", "/appointments/{requested}/move"),
    ("/appointments/:appointmentId/papers", "doctor", "/appointments/{past}/papers"),
    ("/confirm-email", None, "/confirm-email#AAAA"),
    ("/confirm-email", None, "/confirm-email"),
    ("/consultation/:appointmentId", "patient", "/consultation/{confirmed}"),
    ("/consultation/:appointmentId", "doctor", "/consultation/{confirmed}"),
    ("/day", "doctor", "/day"),
    ("/doctors", None, "/doctors"),
    ("/doctors", "patient", "/doctors?view=map"),
    ("/doctors/:registration", None, "/doctors/{registration}"),
    ("/doctors/:registration", None, "/doctors/0-AC"),
    ("/doctors/:registration/times/:slotId", "patient", "/doctors/{registration}/times/{slot}"),
    ("/exports", "patient", "/exports"),
    ("/figures", "doctor", "/figures"),
    ("/forgot-password", None, "/forgot-password"),
    ("/papers", "doctor", "/papers"),
    ("/patients", "doctor", "/patients"),
    ("/record", "patient", "/record"),
    ("/record", "patient", "/record?part=shares"),
    ("/record", "patient", "/record?part=accesses"),
    ("/requests", "doctor", "/requests"),
    ("/reset-password", None, "/reset-password#AAAA"),
    ("/sign-up", None, "/sign-up"),
    ("/sign-up/doctor", None, "/sign-up/doctor"),
    ("/verify", None, "/verify"),
]

# Who, where, and what is pressed there to be asked something.
ASKED = [
    ("patient", "/appointments", "Cancel appointment"),
    ("patient", "/appointments", "Write a review"),
    ("patient", "/record", "Rename Raio X.pdf"),
    ("patient", "/record", "Hide Raio X.pdf"),
    ("patient", "/record?part=shares", "Share with a doctor"),
    ("patient", "/record?part=shares", "What is seen by"),
    ("doctor", "/requests", "Decline"),
    ("doctor", "/patients", "Emergency"),
    ("administrator", "/admin/registrations/{registration}", "Suspend"),
    ("administrator", "/admin/partners", "New partner"),
]


@dataclass(frozen=True)
class World:
    tokens: Mapping[str, str]
    places: Mapping[str, str]


@pytest.fixture(scope="module")
async def world(clinic: Clinic) -> World:
    """A doctor and a patient who know each other, with something on every page of theirs."""
    now = datetime.now(UTC).replace(microsecond=0)
    doctor, doctors = with_cookie(make.doctor(name="Íris Fontoura"))
    patient, patients = with_cookie(make.patient())
    administrator, administrators = with_cookie(make.administrator())
    respond_by = now + timedelta(hours=20)
    requested = make.visit(
        doctor, patient, starts_at=now + timedelta(days=2), respond_by=respond_by
    )
    confirmed = make.visit(
        doctor,
        patient,
        status=AppointmentStatus.CONFIRMED,
        starts_at=now + timedelta(minutes=10),
    )
    past = make.visit(
        doctor,
        patient,
        status=AppointmentStatus.COMPLETED,
        starts_at=now - timedelta(days=2),
    )
    longer_past = make.visit(
        doctor, patient, status=AppointmentStatus.COMPLETED, starts_at=now - timedelta(days=4)
    )
    slot = make.slot(doctor, starts_at=now + timedelta(days=3))
    await clinic.given(doctor, patient, administrator, *requested, *confirmed, *past, slot)
    await clinic.given(make.document(patient), make.document(patient, name="Raio X.pdf"))
    await clinic.given(make.share(patient, doctor), make.access_request(doctor, patient))
    await clinic.given(replace(make.review(past[1]), comment="Muito atenciosa."))
    await clinic.given(*longer_past)
    stranger, somebody = make.doctor(), make.patient()
    visit = make.visit(stranger, somebody, starts_at=now - timedelta(days=3))
    await clinic.given(stranger, somebody, *visit)
    await clinic.given(make.emergency(visit[1]), make.partner())
    return World(
        tokens={"doctor": doctors, "patient": patients, "administrator": administrators},
        places={
            "past": gid(past[1]),
            "requested": gid(requested[1]),
            "confirmed": gid(confirmed[1]),
            "slot": gid(slot),
            "registration": f"{doctor.who.crm}-{doctor.who.uf.value}",
        },
    )


def test_every_route_is_visited():
    routes = set(json.loads((ROOT / "web/paths.json").read_text()))

    assert {route for route, _, _ in VISITS} == routes


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("who", [None, "patient", "doctor", "administrator"])
async def test_everybody_can_use_it(
    clinic: Clinic, browser: Browser, world: World, who: str | None, look: str
):
    told = {}
    async with opened(browser, clinic.url, **LOOKS[look]) as page:
        if who is not None:
            await remember(page, clinic.url, world.tokens[who])
        for address in (address for _, visitor, address in VISITS if visitor == who):
            await page.goto(address.format_map(world.places))
            await settled(page)
            told[address] = await faults(page, lang=LOOKS[look]["locale"])
            await page.set_viewport_size(NARROWEST)
            if wider := await page.evaluate(SIDEWAYS):
                told[address].append(f"at 320 px it scrolls sideways, by {wider} px")
            await page.set_viewport_size(LOOKS[look]["viewport"])

    assert {address: found for address, found in told.items() if found} == {}


@pytest.mark.parametrize(("who", "address", "pressed"), ASKED)
async def test_whatever_is_asked_in_between_can_be_used_too(
    clinic: Clinic, browser: Browser, world: World, who: str, address: str, pressed: str
):
    look = {"viewport": PHONE, "color_scheme": "dark"}
    async with opened(browser, clinic.url, **look) as page:
        await remember(page, clinic.url, world.tokens[who])
        await page.goto(address.format_map(world.places))
        await page.get_by_role("button", name=pressed).first.click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await faults(page, lang="en") == []


async def settled(page: Page) -> None:
    """All of it is there, with one heading over it."""
    await expect(page.locator("h1")).to_have_count(1)
    await expect(page.locator(".loading")).to_have_count(0)


async def faults(page: Page, *, lang: str) -> list[str]:
    await page.evaluate(AXE.read_text())
    found = await page.evaluate(
        "criteria => axe.run({ runOnly: { type: 'tag', values: criteria } })", CRITERIA
    )
    assert len(found["passes"]) > 5  # it has looked
    told = [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    if wider := await page.evaluate(SIDEWAYS):
        told.append(f"it scrolls sideways, by {wider} px")
    if await page.title() == "Health&Med" and urlsplit(page.url).path != "/":
        told.append("it has no title of its own")
    if (spoken := await page.locator("html").get_attribute("lang")) != lang:
        told.append(f"its language is said to be {spoken}")
    return told
