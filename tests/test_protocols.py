"""docs/protocols.md names tests: those that there are."""

import re

import pytest

from tests.paths import ROOT

SECTIONS = (ROOT / "docs" / "protocols.md").read_text().split("\n## ")[1:]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
def test_every_requirement_names_a_test_that_exists(section: str):
    [file] = re.findall(r"`(tests/transport/\w+\.py)`", section)
    there = set(re.findall(r"^(?:async )?def (test_\w+)", (ROOT / file).read_text(), re.MULTILINE))
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]

    assert rows
    for row in rows:
        [named] = re.findall(r"`(test_\w+)` \|$", row)
        assert named in there, row
