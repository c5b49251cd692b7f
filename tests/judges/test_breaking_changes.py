"""Clients of the last commit go on working; where they would not, docs/breaking-changes.md says so.

Compared is schema.graphql as it lies here with that of the last commit; if they are the same, with
that of the commit before: so the words are asked for before the commit, and by CI after it. A clone
that is too shallow has no commit before. tests/schema/test_contract.py compares with the contract.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.judges.node import lines
from tests.paths import ROOT

SCHEMA = ROOT / "schema.graphql"
ADMITTED = ROOT / "docs" / "breaking-changes.md"
ADVICE = f"admit these in {ADMITTED.relative_to(ROOT)}, or take them back"


def committed(revision: str) -> str | None:
    """As it was then. None: no such commit, or no such file in it."""
    shown = subprocess.run(
        ["git", "show", f"{revision}:schema.graphql"],  # noqa: S607  # wherever git is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout if shown.returncode == 0 else None


def changes(folder: Path, before: str, after: str) -> list[Any]:
    (folder / "before").write_text(before)
    (folder / "after").write_text(after)
    return lines("breaking.mjs", str(folder / "before"), str(folder / "after"))


def silent(folder: Path, before: str, after: str) -> list[str]:
    """What breaks without being admitted."""
    admitted = ADMITTED.read_text()
    return [
        change["description"]
        for change in changes(folder, before, after)
        if "dangerous" not in change and change["description"] not in admitted
    ]


def test_what_breaks_is_admitted(tmp_path: Path):
    now = SCHEMA.read_text()
    last = committed("HEAD")
    before = committed("HEAD~1") if last == now else last
    if before is None:
        pytest.skip("there is no commit to compare with")

    assert silent(tmp_path, before, now) == [], ADVICE


def test_a_field_that_is_gone_is_complained_of(tmp_path: Path):
    now = SCHEMA.read_text()
    gone = now.replace("  specialties: [Specialty!]\n", "  expertise: [Specialty!]\n")
    assert gone != now

    assert silent(tmp_path, now, gone) == ["Query.specialties was removed."]


def test_a_promise_that_is_weaker_breaks(tmp_path: Path):
    now = SCHEMA.read_text()
    weaker = now.replace("  specialties: [Specialty!]\n", "  specialties: [Specialty]\n")

    [change] = changes(tmp_path, now, weaker)

    assert change == {
        "type": "FIELD_CHANGED_KIND",
        "description": "Query.specialties changed type from [Specialty!] to [Specialty].",
    }
