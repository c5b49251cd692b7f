"""Every action of the audit log has a name in each language of the page."""

import re
from pathlib import Path

import pytest

from domain import auth
from tests.paths import ROOT

LANGUAGES = sorted(path.parent.name for path in ROOT.glob("web/src/i18n/*/audited.ts"))


def _named(language: str, part: str) -> set[str]:
    text = (ROOT / f"web/src/i18n/{language}/audited.ts").read_text()
    [block] = re.findall(rf"^  {part}: {{\n(.*?)^  }},", text, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^    (\w+): '", block, re.MULTILINE))


def _made() -> set[type[auth.Action]]:
    """Actions that some use case asks to be permitted; the others are what these have in common."""
    texts = [path.read_text() for path in Path(auth.__file__).parent.glob("*.py")]
    made = {name for text in texts for name in re.findall(r"(?<!class )\b([A-Z]\w+)\(", text)}
    actions = [each for each in vars(auth).values() if isinstance(each, type)]
    return {each for each in actions if issubclass(each, auth.Action) and each.__name__ in made}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_action_has_a_name_and_no_name_is_of_none(language: str):
    assert LANGUAGES == ["en", "pt-BR"]
    assert _named(language, "actions") == {action.__name__ for action in _made()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_an_action_is_about_has_a_name(language: str):
    about = {name for action in _made() for name in action.__dataclass_fields__} - {"user_id"}
    camel = {re.sub(r"_(\w)", lambda found: found[1].upper(), name) for name in about}
    assert _named(language, "subjects") == camel
