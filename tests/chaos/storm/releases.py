"""The release before the newest migration, out of git."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from persistence import revision
from tests.paths import ROOT

VERSIONS = "migrations/versions"


def _git(*arguments: str) -> bytes:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout


def _newest_migration() -> str:
    newest, _ = revision.known()
    [path] = [
        path
        for path in (ROOT / VERSIONS).glob("*.py")
        if f'\nrevision: str = "{newest}"' in path.read_text()
    ]
    return f"{VERSIONS}/{path.name}"


def release_before() -> str:
    """The commit of main before the one that brought it. Skips the test where git has not all."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout: the release before is not to be had")
    if _git("rev-parse", "--is-shallow-repository").strip() != b"false":
        pytest.skip("this is a shallow clone: the release before is not to be had")
    path = _newest_migration()
    brought = _git("log", "--first-parent", "--diff-filter=A", "--format=%H", "-1", "--", path)
    if not brought:
        return "HEAD"  # it is not committed yet
    commit = brought.decode().strip()
    parents = _git("log", "-1", "--format=%P", commit).split()
    if not parents:
        pytest.skip("git has no release before: this one is all there is")
    return parents[0].decode()


def unpack(commit: str, folder: Path) -> Path:
    """All of it, without what is not in git: it runs in our environment of Python."""
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as archive:
        archive.extractall(folder, filter="data")
    assert not (folder / _newest_migration()).exists()
    return folder


def migrate(code: Path, url: str) -> None:
    """As this release does before its servers are started."""
    subprocess.run(
        [sys.executable, "-m", "migrations.migrate"],
        cwd=code,
        env={**os.environ, "HEALTHMED_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        check=True,
    )
