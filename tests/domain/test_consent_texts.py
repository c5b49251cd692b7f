"""What patients have accepted can be read again, word for word, for as long as it is kept."""

import hashlib

import pytest

from domain import consent_texts
from domain.consent_texts import Acceptance
from domain.errors import BadInput

# Of every text that was ever in force. Add to them; what is here never changes, nor goes.
PUBLISHED = {
    ("2026-11", "pt-BR"): "69eb25a3d0f8946789ce10db957a8c758b20ec221ea5b15db43cb87d76532df9",
    ("2026-11", "en"): "639c96e9ee802d3a83470a23dd023770f9220fd3a3c3bea1858fff2e86fe0873",
}
LANGUAGES = ("pt-BR", "en")


def test_of_every_text_that_was_ever_in_force_not_a_letter_has_changed():
    kept = {
        key: hashlib.sha256(text.text.encode()).hexdigest()
        for key, text in consent_texts._TEXTS.items()
    }

    assert kept == PUBLISHED


def test_a_text_is_found_again_by_its_hash():
    for (version, language), sha256 in PUBLISHED.items():
        found = consent_texts.with_hash(sha256)
        assert (found.version, found.language, found.sha256) == (version, language, sha256)
    assert consent_texts.with_hash("0" * 64) is None


def test_the_newest_version_is_in_force_in_every_language_portuguese_first():
    assert max(version for version, _ in PUBLISHED) == consent_texts.IN_FORCE
    assert consent_texts.LANGUAGES == LANGUAGES
    for language in LANGUAGES:
        text = consent_texts.in_force(language)
        assert (text.version, text.language) == (consent_texts.IN_FORCE, language)


@pytest.mark.parametrize("language", ["", "pt", "PT-BR", "fr"])
def test_in_another_language_there_is_none(language: str):
    with pytest.raises(BadInput):
        consent_texts.in_force(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_says_what_the_law_wants_said(language: str):
    text = consent_texts.in_force(language).text
    wanted = {
        "pt-BR": ("voluntário", "presencial", "13.709/2018", "não grava", "SAMU", "sigilo"),
        "en": ("voluntary", "in person", "13.709/2018", "not record", "SAMU", "secrecy"),
    }

    for said in (*wanted[language], "14.510/2022", "2.314/2022", "192"):
        assert said in text
    paragraphs = text.split("\n\n")
    assert len(paragraphs) == 9
    assert all(paragraph.strip() and "\n" not in paragraph.strip() for paragraph in paragraphs)


def test_all_that_is_wrong_with_an_acceptance_is_told_at_once():
    faults = Acceptance(given=False, version="2020-01", language="fr").faults()

    assert [(fault.code, fault.path) for fault in faults] == [
        ("CONSENT_REQUIRED", ("consent",)),
        ("CONSENT_REQUIRED", ("consentVersion",)),
        ("INVALID", ("consentLanguage",)),
    ]
    assert list(Acceptance(given=True).faults()) == []
    assert list(Acceptance(given=True, version="2026-11", language="en").faults()) == []
