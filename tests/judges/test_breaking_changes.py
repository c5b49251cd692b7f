"""Clients of the last commit go on working; where they would not, docs/breaking-changes.md says so.

schema.graphql as it lies here is compared with that of the last commit; if they are the same, with
where this branch left main, and on main with the commit before: so the words are asked for before
the commit, and by CI after it. What the contract promises stays, whatever is admitted: that is
tests/schema/test_contract.py's, and needs no history.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.judges.node import lines
from tests.paths import ROOT

SCHEMA = ROOT / "schema.graphql"
ADMITTED = ROOT / "docs" / "breaking-changes.md"


def git(*arguments: str) -> str | None:
    """What it says. None: it cannot, as in a clone without a history."""
    said = subprocess.run(
        ["git", *arguments],  # noqa: S607  # wherever git is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout if said.returncode == 0 else None


def committed(revision: str) -> str | None:
    """As it was then. None: no such commit, or no such file in it."""
    return git("show", f"{revision}:{SCHEMA.relative_to(ROOT)}")


def before(now: str) -> str | None:
    """What clients know until now. None: there is no history."""
    last = committed("HEAD")
    if last != now:
        return last
    head = git("rev-parse", "HEAD")
    for main in ("origin/main", "main"):
        left = git("merge-base", "HEAD", main)
        if left is not None and left != head:
            return committed(left.strip())
    return committed("HEAD~1")


def changes(folder: Path, before: str, after: str) -> list[Any]:
    (folder / "before").write_text(before)
    (folder / "after").write_text(after)
    return lines("breaking.mjs", str(folder / "before"), str(folder / "after"))


def test_what_breaks_is_admitted(tmp_path: Path):
    now = SCHEMA.read_text()
    known = before(now)
    if known is None:
        pytest.skip("there is no commit to compare with")
    admitted = ADMITTED.read_text() if ADMITTED.exists() else ""

    silent = [
        change["description"]
        for change in changes(tmp_path, known, now)
        if "dangerous" not in change and change["description"] not in admitted
    ]

    assert silent == [], f"admit these in {ADMITTED.relative_to(ROOT)}, or take them back"


def test_a_promise_that_is_weaker_breaks(tmp_path: Path):
    now = SCHEMA.read_text()
    weaker = now.replace("  specialties: [Specialty!]\n", "  specialties: [Specialty]\n")

    [change] = changes(tmp_path, now, weaker)

    assert change == {
        "type": "FIELD_CHANGED_KIND",
        "description": "Query.specialties changed type from [Specialty!] to [Specialty].",
    }


def test_a_field_that_has_another_name_breaks(tmp_path: Path):
    now = SCHEMA.read_text()
    renamed = now.replace("  specialties: [Specialty!]\n", "  fields: [Specialty!]\n")

    [change] = changes(tmp_path, now, renamed)

    assert change == {"type": "FIELD_REMOVED", "description": "Query.specialties was removed."}


class TestAHistory:
    @pytest.fixture(autouse=True)
    def repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Ours, until main has two commits."""
        monkeypatch.setattr("tests.judges.test_breaking_changes.ROOT", tmp_path)
        monkeypatch.setattr("tests.judges.test_breaking_changes.SCHEMA", tmp_path / SCHEMA.name)
        git("init", "-q", "-b", "main")
        self.commit("first")
        self.commit("second")
        return tmp_path

    def commit(self, schema: str) -> None:
        SCHEMA.write_text(schema)
        git("add", ".")
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        assert git(*who, "commit", "-q", "-m", schema) is not None

    def test_what_is_not_committed_is_compared_with_the_last_commit(self):
        assert before("third") == "second"

    def test_on_main_it_is_the_commit_before(self):
        assert before("second") == "first"

    def test_on_a_branch_it_is_where_that_began(self):
        git("switch", "-q", "-c", "branch")
        self.commit("third")
        self.commit("fourth")
        assert before("fourth") == "second"

    def test_a_shallow_clone_has_none(self, repository: Path, monkeypatch, tmp_path_factory):
        clone = tmp_path_factory.mktemp("clone")
        git("clone", "-q", "--depth", "1", repository.as_uri(), str(clone))
        monkeypatch.setattr("tests.judges.test_breaking_changes.ROOT", clone)
        monkeypatch.setattr("tests.judges.test_breaking_changes.SCHEMA", clone / SCHEMA.name)
        assert before("second") is None
