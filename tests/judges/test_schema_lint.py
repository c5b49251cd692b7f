"""schema.graphql as graphql-eslint sees it; its rules and exceptions are in eslint.config.mjs."""

from tests.judges.node import lines
from tests.paths import ROOT

SCHEMA = ROOT / "schema.graphql"


def test_the_linter_finds_nothing():
    assert lines("lint.mjs", str(SCHEMA)) == []


def test_the_linter_looks(tmp_path):
    """Without descriptions, and with names that no rule lets pass."""
    bad = tmp_path / "schema.graphql"
    bad.write_text(SCHEMA.read_text() + "\nextend type Query { getThings(First: Int): PageInfo }\n")

    rules = {finding["rule"].split("/")[1] for finding in lines("lint.mjs", str(bad))}

    assert rules == {"naming-convention", "require-description"}
