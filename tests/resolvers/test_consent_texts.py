"""Which text a patient has accepted, from GraphQL text to rows and back."""

import hashlib
from typing import Any
from uuid import uuid4

import pytest

from domain import consent_texts
from domain.consent_texts import ConsentText
from domain.slots import Slot
from tests import make
from tests.make import NOW, Person
from tests.resolvers.appointments import RESCHEDULE
from tests.server import LocalServer, gid

TEXT = "query ($language: String) { consentText(language: $language) { %s } }"
FIELDS = "version language text sha256"
REQUEST = """
mutation ($input: RequestAppointmentInput!) {
  requestAppointment(input: $input) {
    appointment { id consent { at version language sha256 text } }
    problems { code message path }
  }
}
"""
CONSENT = """
query ($id: ID!) { node(id: $id) { ... on Appointment {
  consent { at version language sha256 text }
} } }
"""
LATER = "2027-06"


async def request(server: LocalServer, patient: Person, slot: Slot, **given: Any) -> Any:
    plain = {"slotId": gid(slot), "consent": True, "idempotencyKey": str(uuid4())}
    return await server.ask(REQUEST, patient, input=plain | given)


@pytest.fixture
async def scene(server: LocalServer) -> tuple[Person, Person, Slot]:
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    return doctor, ana, slot


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a newer version in force."""

    def put() -> None:
        texts = {
            (LATER, language): ConsentText(version=LATER, language=language, text="Another.")
            for language in consent_texts.LANGUAGES
        }
        monkeypatch.setattr(consent_texts, "_TEXTS", {**consent_texts._TEXTS, **texts})
        monkeypatch.setattr(consent_texts, "IN_FORCE", LATER)

    return put


@pytest.mark.parametrize("language", ["pt-BR", "en"])
async def test_anybody_reads_the_text_in_force_and_can_check_its_hash(
    server: LocalServer, language: str
):
    told = await server.ask(TEXT % FIELDS, language=language)

    assert (told["version"], told["language"]) == (consent_texts.IN_FORCE, language)
    assert told["text"] == consent_texts.in_force(language).text
    assert told["sha256"] == hashlib.sha256(told["text"].encode()).hexdigest()


async def test_it_is_in_portuguese_unless_one_says_otherwise(server: LocalServer):
    for query in ("{ consentText { language } }", "{ consentText(language: null) { language } }"):
        assert (await server.ask(query))["language"] == "pt-BR"
    assert await server.refuse(TEXT % FIELDS, language="fr") == "BAD_USER_INPUT"


async def test_what_was_accepted_is_kept_and_both_sides_see_it(server: LocalServer, scene: Any):
    doctor, ana, slot = scene
    shown = await server.ask(TEXT % FIELDS, language="en")

    answer = await request(
        server, ana, slot, consentVersion=shown["version"], consentLanguage=shown["language"]
    )

    assert answer["problems"] == []
    consent = answer["appointment"]["consent"]
    assert consent.pop("at").startswith(NOW.isoformat()[:19])
    assert consent == shown
    id = answer["appointment"]["id"]
    for side in (doctor, ana):
        seen = (await server.ask(CONSENT, side, id=id))["consent"]
        assert seen.items() >= shown.items()


async def test_who_names_no_text_has_accepted_the_one_in_force_in_portuguese(
    server: LocalServer, scene: Any
):
    _, ana, slot = scene

    answer = await request(server, ana, slot)

    consent = answer["appointment"]["consent"]
    shown = await server.ask(TEXT % FIELDS, language="pt-BR")
    assert {name: consent[name] for name in shown} == shown


async def test_it_can_be_read_after_a_newer_version_is_in_force(
    server: LocalServer, scene: Any, newer: Any
):
    doctor, ana, slot = scene
    before = (await request(server, ana, slot))["appointment"]
    newer()

    for side in (doctor, ana):
        assert (await server.ask(CONSENT, side, id=before["id"]))["consent"] == before["consent"]
    assert (await server.ask(TEXT % FIELDS))["version"] == LATER


async def test_a_visit_that_is_moved_keeps_its_consent(server: LocalServer, scene: Any, newer: Any):
    doctor, ana, slot = scene
    other = make.slot(doctor, starts_at=make.TOMORROW + make.HALF_AN_HOUR)
    await server.given(other)
    before = (await request(server, ana, slot, consentLanguage="en"))["appointment"]
    newer()
    server.now = NOW + make.HALF_AN_HOUR

    moved = await server.ask(RESCHEDULE, ana, id=before["id"], slot=gid(other))

    assert moved["problems"] == []
    assert (await server.ask(CONSENT, ana, id=before["id"]))["consent"] == before["consent"]


async def test_who_has_read_an_older_text_is_shown_the_new_one(
    server: LocalServer, scene: Any, newer: Any
):
    doctor, ana, slot = scene
    read = (await server.ask(TEXT % FIELDS))["version"]
    newer()

    async with server.unchanged(doctor, ana):
        answer = await request(server, ana, slot, consentVersion=read)

    [problem] = answer["problems"]
    assert answer["appointment"] is None
    assert (problem["code"], problem["path"]) == ("CONSENT_REQUIRED", ["consentVersion"])
    assert "consentText" in problem["message"]
    again = await request(server, ana, slot, consentVersion=LATER)
    assert again["appointment"]["consent"]["version"] == LATER


async def test_in_a_language_that_there_is_not_nothing_is_accepted(server: LocalServer, scene: Any):
    doctor, ana, slot = scene

    async with server.unchanged(doctor, ana):
        answer = await request(server, ana, slot, consentLanguage="fr")

    [problem] = answer["problems"]
    assert (problem["code"], problem["path"]) == ("INVALID", ["consentLanguage"])


async def test_who_refuses_is_told_how_to_ask_for_a_visit_in_person(
    server: LocalServer, scene: Any
):
    doctor, ana, slot = scene

    async with server.unchanged(doctor, ana):
        answer = await request(server, ana, slot, consent=False)

    [problem] = answer["problems"]
    assert (problem["code"], problem["path"]) == ("CONSENT_REQUIRED", ["consent"])
    assert "requestInPersonVisit" in problem["message"]


async def test_of_an_appointment_from_before_there_were_texts_only_the_time_is_told(
    server: LocalServer,
):
    doctor, ana = make.doctor(), make.patient()
    slot, old = make.visit(doctor, ana)
    await server.given(doctor, ana, slot, old)

    consent = (await server.ask(CONSENT, ana, id=gid(old)))["consent"]

    assert consent.pop("at") is not None
    assert set(consent.values()) == {None}


async def test_a_key_is_bound_to_the_text_only_where_one_was_named(server: LocalServer, scene: Any):
    """Else those that older clients still send again would be refused after an update."""
    doctor, ana, slot = scene
    other = make.slot(doctor, starts_at=make.TOMORROW + make.HALF_AN_HOUR)
    await server.given(other)
    key, named = str(uuid4()), str(uuid4())
    first = await request(server, ana, slot, idempotencyKey=key)
    second = await request(server, ana, other, idempotencyKey=named, consentLanguage="en")
    assert first["problems"] == second["problems"] == []

    async with server.unchanged(doctor, ana):
        null = await request(
            server, ana, slot, idempotencyKey=key, consentVersion=None, consentLanguage=None
        )
        same = await request(server, ana, other, idempotencyKey=named, consentLanguage="en")
        changed = [
            await request(server, ana, slot, idempotencyKey=key, consentLanguage="en"),
            await request(server, ana, other, idempotencyKey=named, consentLanguage="pt-BR"),
            await request(server, ana, other, idempotencyKey=named, consentVersion="en"),
            await request(server, ana, other, idempotencyKey=named),
        ]

    assert (null, same) == (first, second)
    codes = [[problem["code"] for problem in answer["problems"]] for answer in changed]
    assert codes == [["IDEMPOTENCY_KEY_REUSED"]] * 4


async def test_a_key_from_before_there_were_texts_is_answered_as_then(
    server: LocalServer, scene: Any
):
    _, ana, slot = scene
    key = str(uuid4())
    first = await request(server, ana, slot, idempotencyKey=key)
    was = hashlib.sha256(f'["{gid(slot)}", null, true]'.encode()).digest()

    [row] = await server.fetch("SELECT fingerprint FROM idempotency_key WHERE key = $1", key)

    assert first["problems"] == []
    assert row["fingerprint"] == was
