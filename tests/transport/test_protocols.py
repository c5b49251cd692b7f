"""docs/protocols.md, rules.md and threats.md: every requirement has a test, and every test
that they name is there.
"""

import re

import pytest

from tests.named import exists
from tests.paths import ROOT

PROTOCOLS, RULES, THREATS = (
    ROOT / "docs" / page for page in ("protocols.md", "rules.md", "threats.md")
)
ROWS = [
    line
    for page in (PROTOCOLS, RULES, THREATS)
    for line in page.read_text().splitlines()
    if re.match(r"\| (?!requirement)", line)
]
NAME = re.compile(r"`([^`]+::[^`]+)`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_a_requirement_is_held_by_tests_that_exist(row: str):
    tests = NAME.findall(row)

    assert tests
    assert [test for test in tests if not exists(test)] == []


def test_so_are_the_judges():
    judges = {name for name in NAME.findall(PROTOCOLS.read_text()) if name.startswith("judges/")}

    assert len(judges) > 4
    assert [test for test in judges if not exists(test)] == []
