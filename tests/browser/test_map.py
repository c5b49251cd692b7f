"""The search by place: any city, the doctors in a list and on a map, and filters to loosen."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect

from tests import make
from tests.browser.conftest import Clinic
from tests.browser.views import View, at, in_both_languages
from tests.make import Person

SPECIALTIES = ("homeopatia", "acupuntura")  # in one view and the other; of nobody else here


def _near_campinas(
    name: str, north: float = 0.0, specialty: str = SPECIALTIES[0], **given: object
) -> Person:
    place = {"latitude": -22.905 + north, "longitude": -47.066}
    return make.doctor(name=name, city="Campinas", specialties=(specialty,), **(place | given))


@in_both_languages
async def test_doctors_near_a_city_in_a_list_and_on_a_map(
    clinic: Clinic, browser: Browser, say: View
):
    specialty = say(*SPECIALTIES)
    centre = _near_campinas("Ivo Lacerda", specialty=specialty)
    beside = _near_campinas("Olga Tavares", specialty=specialty)
    north = _near_campinas("Rui Barreto", north=0.12, specialty=specialty)
    nowhere = _near_campinas("Zilda Nunes", specialty=specialty, latitude=None, longitude=None)
    slot = make.slot(north, starts_at=datetime.now(UTC).replace(microsecond=0) + timedelta(days=2))
    await clinic.given(centre, beside, north, nowhere, slot)
    async with at(browser, clinic, say) as page:
        await page.goto(f"/doctors?specialty={specialty}")
        found = page.get_by_role("region", name=say("Doctors found"))
        await expect(found.get_by_role("article")).to_have_count(4)

        await page.get_by_role("combobox", name=say("City")).fill("campinas")
        await page.get_by_role("option", name="Campinas — SP").click()
        await page.get_by_role("button", name=say("Buscar", "Search")).click()
        await expect(found.get_by_role("article").first).to_contain_text(say("0 km away"))
        await expect(found.get_by_label(say("Order"))).to_have_value("DISTANCE")
        assert "city=Campinas-SP" in page.url

        if say.width < 1000:  # else the map is beside the list
            await page.get_by_role("tab", name=say("Map")).click()
            await page.wait_for_url("**view=map**")
        stack = page.get_by_role("button", name=say("2 doctors: Ivo Lacerda, Olga Tavares"))
        await expect(stack).to_be_visible()
        await expect(
            page.get_by_text(say("1 médico não informou onde", "1 doctor has not said where"))
        ).to_be_visible()
        await stack.press("Enter")
        picked = page.get_by_role("region", name=say("At the chosen place"))
        await expect(picked).to_be_focused()
        await expect(picked.get_by_role("link", name="Olga Tavares")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(stack).to_be_focused()
        await page.get_by_role("button", name="Rui Barreto").click()
        await picked.get_by_role("link", name="Rui Barreto").click()
        await expect(page.get_by_role("heading", name=say("Free times"))).to_be_visible()
        await page.go_back()
        await expect(stack).to_be_visible()


async def test_who_is_looked_at_in_the_list_stands_out_on_the_map_beside_it(
    clinic: Clinic, browser: Browser
):
    doctor = _near_campinas("Hugo Sarmento")
    await clinic.given(doctor)
    say = View("en", 1280)
    async with at(browser, clinic, say) as page:
        await page.goto("/doctors?name=hugo+sarmento&city=Campinas-SP&km=25")
        pin = page.get_by_role("button", name="Hugo Sarmento", exact=True)
        await expect(pin).to_be_visible()
        await expect(page.get_by_role("img", name=say("The place of your search"))).to_be_visible()
        await expect(page.locator("path.radius")).to_be_visible()
        await expect(page.locator(".town", has_text="Campinas")).to_be_visible()
        await expect(pin).not_to_have_class("pin raised")
        await page.get_by_role("link", name="Hugo Sarmento", exact=True).focus()
        await expect(pin).to_have_class("pin raised")


@in_both_languages
async def test_where_nobody_fits_it_is_said_what_can_be_loosened(
    clinic: Clinic, browser: Browser, say: View
):
    name = say("Ciro Valença", "Caio Valença")  # of nobody else in this clinic
    plain = name.lower().replace("ç", "c")
    doctor = _near_campinas(name)
    await clinic.given(doctor)
    async with at(browser, clinic, say) as page:
        await page.goto(f"/doctors?name={plain}&city=Manaus-AM&km=5&rating=4")
        await expect(page.get_by_text(say("No doctor fits all of this."))).to_be_visible()
        loosen = page.get_by_role("list", name=say("Filters that you can remove"))
        await expect(loosen.get_by_role("link")).to_have_text(
            [
                f"{say('Nome', 'Name')}: {plain}",
                "Manaus — AM",
                say("Até 5 km", "Up to 5 km"),
                say("At least 4 stars"),
            ]
        )
        await loosen.get_by_role("link", name=say("At least 4 stars")).press("Enter")
        await expect(page.get_by_role("region", name=say("Doctors found"))).to_be_focused()
        await loosen.get_by_role("link", name="Manaus — AM").click()
        await expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
        assert page.url.endswith(f"/doctors?name={plain.replace(' ', '+')}")
        await page.go_back()
        await expect(page.get_by_text(say("No doctor fits all of this."))).to_be_visible()


@in_both_languages
async def test_a_city_that_is_typed_and_not_chosen_counts(
    clinic: Clinic, browser: Browser, say: View
):
    name = say("Lia Monforte", "Rita Monforte")  # of nobody else in this clinic
    doctor = _near_campinas(name)
    await clinic.given(doctor)
    async with at(browser, clinic, say) as page:
        await page.goto(f"/doctors?name={name}")
        await expect(page.get_by_role("article")).to_have_count(1)
        city = page.get_by_role("combobox", name=say("City"))
        await city.click()
        await city.press_sequentially("campinas")
        await expect(page.get_by_role("option").first).to_have_text("Campinas — SP")
        await page.keyboard.press("Tab")
        await expect(city).to_have_value("Campinas — SP")
        await page.get_by_role("button", name=say("Buscar", "Search")).click()
        await expect(page.get_by_role("article")).to_contain_text(say("0 km away"))
        assert "city=Campinas-SP" in page.url


async def test_the_clinics_own_tiles_are_drawn_and_their_maker_named(
    clinic: Clinic, browser: Browser
):
    await clinic.given(_near_campinas("Davi Quintela"))
    tiles = {"url": "/icon.svg?{z}-{x}-{y}", "attribution": '© <a href="/">Mapmakers</a>'}
    say = View("pt-BR", 1280)
    async with at(browser, clinic, say) as page:
        await page.route("**/map.json", lambda route: route.fulfill(json={"tiles": tiles}))
        await page.goto("/doctors?name=davi+quintela")
        await expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
        await expect(page.get_by_role("link", name="Mapmakers")).to_be_visible()
        await expect(page.locator(".town")).to_have_count(0)
