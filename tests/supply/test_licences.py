"""Of every package that is locked the licence is known, and is one that we may use."""

import json
import re
import subprocess
from collections.abc import Iterator
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.supply import audit, licences
from tests.supply.licences import JUDGES, PAGE, Package


@pytest.fixture(scope="module")
def parts() -> list[licences.Part]:
    return licences.parts()


def rows(text: str) -> set[Package]:
    found = re.findall(r"^\| (\S+) \| (\S+) \| (.+) \|$", text, re.MULTILINE)
    return {Package(*row) for row in found if row[0] != "package"}


def test_all_of_them_may_be_used():
    """As the page has them, which may have been made where more is installed than here."""
    assert licences.refused(rows(PAGE.read_text())) == []


def test_the_page_lists_what_is_locked(parts: list[licences.Part]):
    listed = {(it.name, it.version) for it in rows(PAGE.read_text())}
    locked = {(it.name, it.version) for part in parts for it in part.packages}

    assert listed == locked, "run `python -m tests.supply.licences`"
    assert len(locked) > 700


def test_each_file_that_locks_is_listed_and_audited():
    """Each that git has, so that a new one is not forgotten."""
    listed = {(it.name, it.version) for it in rows(PAGE.read_text())}
    audited = {ROOT / file for file in audit.PINNED}
    audited |= {ROOT / folder / "package-lock.json" for folder in audit.NPM}
    found = list(locking())

    assert len(found) > 10
    for file, locked in found:
        assert locked <= listed, file
        assert file in audited or any(locked <= its for its in of(found, audited)), file


def locking() -> Iterator[tuple[Path, set[tuple[str, str]]]]:
    """With what they lock: names and versions."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.txt", "*.json"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for file in map(ROOT.joinpath, said.stdout.splitlines()):
        if file.name == "package-lock.json":
            yield file, {(it.name, it.version) for it, _ in licences.of_npm(file)}
        elif file.suffix == ".txt" and "--hash=sha256:" in file.read_text():
            yield file, set(licences.pinned(file).items())


def of(
    found: list[tuple[Path, set[tuple[str, str]]]], audited: set[Path]
) -> list[set[tuple[str, str]]]:
    return [locked for file, locked in found if file in audited]


def test_what_a_peer_locks_is_refused_without_a_licence_that_we_know(tmp_path: Path):
    lock = tmp_path / "package-lock.json"
    packages = {"": {}, "node_modules/a": {"version": "1"}, "node_modules/b": {"version": "2"}}
    packages["node_modules/b"]["license"] = "MIT"
    lock.write_text(json.dumps({"packages": packages}))

    found = [it for it, _ in licences.of_npm(lock)]

    assert licences.refused(found) == [Package("a", "1", licences.UNKNOWN)]


def test_what_is_installed_says_what_the_page_says(parts: list[licences.Part]):
    listed = rows(PAGE.read_text())
    known = [it for part in parts for it in part.packages if it.licence != licences.UNKNOWN]

    assert [it for it in known if it not in listed] == []
    if (JUDGES / "schemathesis" / ".venv").exists():
        assert len(known) == sum(len(part.packages) for part in parts)


def test_what_was_read_by_hand_is_needed(parts: list[licences.Part]):
    names = {it.name for part in parts for it in part.packages}

    assert set(licences.BY_HAND) <= names


@pytest.mark.parametrize(
    ("licence", "may"),
    [
        ("MIT", True),
        ("(MIT AND Zlib)", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GPL-2.0-only OR MIT", True),
        ("GPL-2.0-only AND MIT", False),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("SSPL-1.0", False),
        ("Commons-Clause", False),
        ("unknown", False),
    ],
)
def test_copyleft_that_would_be_ours_and_the_unknown_are_refused(licence: str, may: bool):
    assert (licences.refused([Package("some", "1", licence)]) == []) is may


class Told(Distribution):
    def __init__(self, **said: str | list[str]) -> None:
        self._said = Message()
        for name, values in said.items():
            for value in [values] if isinstance(values, str) else values:
                self._said[name.replace("_", "-")] = value

    @property
    def metadata(self) -> Message:
        return self._said

    def read_text(self, filename: str) -> None:
        del filename

    def locate_file(self, path: object) -> Path:
        return ROOT / str(path)


OSI = "License :: OSI Approved :: "


@pytest.mark.parametrize(
    ("told", "licence"),
    [
        ({"License_Expression": "MIT-0", "License": "MIT"}, "MIT-0"),
        ({"Classifier": f"{OSI}MIT License"}, "MIT"),
        ({"Classifier": [f"{OSI}MIT License", f"{OSI}Apache Software License"]}, "unknown"),
        ({"Classifier": f"{OSI}BSD License", "License": "BSD-3-Clause"}, "BSD-3-Clause"),
        ({"Classifier": f"{OSI}BSD License", "License": "BSD"}, "unknown"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
        ({"License": "Do what you like"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_licence_is_what_the_package_says_if_that_means_one(told: dict, licence: str):
    assert licences.said_by(Told(**told)) == licence
