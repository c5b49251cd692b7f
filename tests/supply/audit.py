"""Whether anything that is locked is known to be vulnerable: `python -m tests.supply.audit`.

pip-audit asks PyPI, npm asks its registry. Exits with 1 on a vulnerability that excused.toml does
not excuse, or no longer: its day has come. Where a registry answers no such questions, that is said
in capitals and is no failure: the check runs without a network, too, and CI with one.
"""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
EXCUSED = Path(__file__).with_name("excused.toml")
PINNED = (
    "requirements-dev.txt",  # has the server's, and what docker/node.txt has
    "requirements-uv.txt",
    "tests/judges/schemathesis/requirements.txt",
    "docker/sbom.txt",
)
PEERS = sorted(
    str(lock.parent.relative_to(ROOT)) for lock in ROOT.glob("benchmarks/peers/*/package-lock.json")
)
NPM = ("web", "tests/judges", *PEERS)
PATIENCE = 300  # seconds
# npm comes from a wheel, and looks for node beside it.
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


class Found(NamedTuple):
    """`ids`: all its names, GHSA, CVE and PYSEC alike."""

    package: str
    ids: frozenset[str]
    mended: str

    def __str__(self) -> str:
        return f"{self.package}: {', '.join(sorted(self.ids))}; {self.mended}"


class Excuse(NamedTuple):
    package: str
    until: date
    reason: str


class NotAsked(Exception):
    """The registry gave no answer to this question."""


class Audited(NamedTuple):
    """`skipped`: packages that the registry tells nothing of."""

    found: list[Found]
    skipped: list[str]


def of_python(requirements: Path) -> Audited:
    """Raises NotAsked."""
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.txt"  # a registry that cannot answer is not asked 200 times
        one.write_text(_first(requirements.read_text()))
        read_pip_audit(_pip_audit(one))
    return read_pip_audit(_pip_audit(requirements))


def _first(requirements: str) -> str:
    """With its hashes, as it stands."""
    lines = requirements.splitlines()
    end = next(i for i, line in enumerate(lines) if not line.endswith("\\"))
    return "\n".join(lines[: end + 1]) + "\n"


def _pip_audit(requirements: Path) -> str:
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json"]
    return _said([sys.executable, "-m", "pip_audit", "-r", str(requirements), *options])


def read_pip_audit(said: str) -> Audited:
    """Its JSON. Raises NotAsked."""
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError) as fault:
        raise NotAsked("pip-audit says nothing") from fault
    skipped = [it["name"] for it in packages if "skip_reason" in it]
    if len(skipped) == len(packages):
        raise NotAsked("PyPI does not tell")
    found = [
        Found(
            f"{it['name']} {it['version']}",
            frozenset([vulnerability["id"], *vulnerability.get("aliases", ())]),
            f"mended in {', '.join(vulnerability['fix_versions']) or 'no version'}",
        )
        for it in packages
        for vulnerability in it.get("vulns", ())
    ]
    return Audited(found, skipped)


def of_npm(folder: Path, environment: Mapping[str, str] = ENVIRONMENT) -> Audited:
    """Raises NotAsked."""
    command = ["npm", "audit", "--json", "--package-lock-only", "--prefix", str(folder)]
    return Audited(list(read_npm_audit(_said(command, environment))), [])


def read_npm_audit(said: str) -> Iterator[Found]:
    """Its JSON. Raises NotAsked."""
    try:
        vulnerable: dict[str, Any] = json.loads(said)["vulnerabilities"]
    except (ValueError, KeyError, TypeError) as fault:
        raise NotAsked("the registry of npm does not tell") from fault
    for name, told in vulnerable.items():
        for via in told["via"]:
            if isinstance(via, dict):  # else it is only what depends on such a package
                id_ = str(via["url"]).rpartition("/")[2]
                yield Found(name, frozenset([id_]), f"{via['severity']}, not {via['range']}")


def _said(command: list[str], environment: Mapping[str, str] = ENVIRONMENT) -> str:
    """Raises NotAsked. Both exit with 1 when they found something."""
    try:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise NotAsked(type(fault).__name__) from fault
    return ended.stdout


def excuses(file: Path = EXCUSED) -> dict[str, Excuse]:
    return {id_: Excuse(**told) for id_, told in tomllib.loads(file.read_text()).items()}


def inexcusable(found: list[Found], excused: Mapping[str, Excuse], today: date) -> list[Found]:
    """An excuse is for one package, and for as long as it says."""

    def fits(it: Found) -> bool:
        return any(
            excuse.until >= today and it.package.split()[0] == excuse.package
            for id_ in it.ids
            if (excuse := excused.get(id_)) is not None
        )

    return [it for it in found if not fits(it)]


def main() -> None:
    found: list[Found] = []
    questions: list[tuple[Callable[[Path], Audited], Path]]
    questions = [(of_python, ROOT / file) for file in PINNED]
    questions += [(of_npm, ROOT / folder) for folder in NPM]
    for ask, place in questions:
        try:
            audited = ask(place)
        except NotAsked as reason:
            print(f"NOT AUDITED: {place.relative_to(ROOT)}: {reason}", flush=True)
        else:
            found += audited.found
            for name in audited.skipped:
                print(f"NOT AUDITED: {name}", flush=True)
    left = inexcusable(found, excuses(), datetime.now(UTC).date())
    for it in left:
        print(it)
    if left:
        sys.exit(f"{len(left)} are known: renew the packages, or excuse them in {EXCUSED.name}")


if __name__ == "__main__":
    main()
