"""What a test says in English is found in Portuguese, or it is said why not."""

import pytest

from tests.browser import words


@pytest.fixture(autouse=True)
def catalogues(monkeypatch: pytest.MonkeyPatch):
    texts = {
        "close": ("Fechar", "Close"),
        "shut": ("Fechar tudo", "Close all"),
        "share": ("Compartilhar", "Share"),
        "shared": ("Compartilhamento", "Share"),
        "left": ("Faltam {{time}} para responder", "{{time}} left to answer"),
        "free_one": ("{{count}} horário", "{{count}} time"),
        "free_other": ("{{count}} horários em {{days}} dias", "{{count}} times on {{days}} days"),
        "days": ("{{count}} dias", "{{count}} days"),
        "range": ("{{from}} a {{to}}", "{{from}} to {{to}}"),
    }
    both = {
        language: {key: pair[at] for key, pair in texts.items()}
        for at, language in enumerate(("pt-BR", "en"))
    }
    monkeypatch.setattr(words, "catalogues", lambda: both)
    words.portuguese.cache_clear()
    yield
    words.portuguese.cache_clear()


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("Close", "Fechar"),
        ("Close a", "Fechar tudo"),
        ("left to answer", "para responder"),
        ("1 time", "1 horário"),
        ("6 times on 1 days", "6 horários em 1 dias"),
        ("7 days", "7 dias"),
    ],
)
def test_a_text_a_part_of_one_and_one_that_is_filled_are_found(english: str, portuguese: str):
    assert words.portuguese(english) == portuguese


def test_of_a_text_with_two_meanings_both_are_named():
    with pytest.raises(LookupError, match=r"'share': 'Compartilhar', 'shared': 'Compartilhamento'"):
        words.portuguese("Share")


@pytest.mark.parametrize("english", ["Goodbye", "here to there"])
def test_what_the_page_does_not_say_is_not_found(english: str):
    with pytest.raises(LookupError, match="nowhere"):
        words.portuguese(english)
