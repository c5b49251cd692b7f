"""What is known to be vulnerable is found, and excused by name, for a reason and for a time."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.supply import audit
from tests.supply.audit import ENVIRONMENT, Audited, Excuse, Found, NotAsked

TODAY = date(2026, 11, 28)
GHSA = "GHSA-35jh-r3h4-6jhm"
BAD = {
    "id": 1106913,
    "url": f"https://github.com/advisories/{GHSA}",
    "title": "Command Injection in lodash",
    "severity": "high",
    "vulnerable_versions": "<4.17.21",
    "cwe": ["CWE-94"],
    "cvss": {"score": 7.2, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"},
}
LOCKED = {"version": "4.17.20", "resolved": "", "integrity": "sha512-x", "license": "MIT"}


@contextmanager
def registry(bad: dict[str, Any] | None) -> Iterator[str]:
    """Of npm; None: one that does not answer such questions."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            asked = json.loads(body)
            self._answer(405 if bad is None else 200, {n: bad[n] for n in asked if n in bad or ()})

        def do_GET(self) -> None:
            versions = {v: {"name": "lodash", "version": v} for v in ("4.17.20", "4.17.21")}
            latest = {"latest": "4.17.21"}
            self._answer(200, {"name": "lodash", "dist-tags": latest, "versions": versions})

        def _answer(self, status: int, told: object) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of npm that has lodash."""
    needs = {"name": "it", "version": "1.0.0", "dependencies": {"lodash": "4.17.20"}}
    packages = {"": needs, "node_modules/lodash": LOCKED}
    lock = {**needs, "lockfileVersion": 3, "requires": True, "packages": packages}
    (tmp_path / "package.json").write_text(json.dumps(needs))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


def environment(url: str, folder: Path) -> dict[str, str]:
    cache = {"npm_config_cache": str(folder / "cache"), "npm_config_fetch_retries": "0"}
    return {**ENVIRONMENT, "npm_config_registry": url, **cache}


def test_npm_is_told_of_what_is_vulnerable(folder: Path):
    with registry({"lodash": [BAD]}) as url:
        found, skipped = audit.of_npm(folder, environment(url, folder))

    assert found == [Found("lodash", frozenset({GHSA}), "high, not <4.17.21")]
    assert skipped == []


def test_npm_is_told_of_nothing_where_nothing_is_vulnerable(folder: Path):
    with registry({}) as url:
        assert audit.of_npm(folder, environment(url, folder)) == Audited([], [])


def test_a_registry_that_does_not_answer_was_not_asked(folder: Path):
    with registry(None) as url, pytest.raises(NotAsked):
        audit.of_npm(folder, environment(url, folder))


# As pip-audit 2.10 says it.
VULNERABLE = {
    "name": "jinja2",
    "version": "2.10",
    "vulns": [
        {
            "id": "PYSEC-2019-217",
            "fix_versions": ["2.10.1"],
            "aliases": ["CVE-2019-10906", "GHSA-462w-v97r-4m45"],
            "description": "In Pallets Jinja before 2.10.1, str.format_map allows an escape.",
        }
    ],
}
FINE = {"name": "h11", "version": "0.16.0", "vulns": []}
SKIPPED = {"name": "ours", "skip_reason": "Dependency not found on PyPI: ours (1.0)"}


def said(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_pip_audit_is_read():
    found, skipped = audit.read_pip_audit(said(FINE, VULNERABLE, SKIPPED))

    [it] = found
    assert it.package == "jinja2 2.10"
    assert it.ids == {"PYSEC-2019-217", "CVE-2019-10906", "GHSA-462w-v97r-4m45"}
    assert "2.10.1" in str(it)
    assert skipped == ["ours"]


@pytest.mark.parametrize("told", ["", "no JSON", "[]", "{}", said(SKIPPED, SKIPPED)])
def test_what_says_nothing_was_not_asked(told: str):
    with pytest.raises(NotAsked):
        audit.read_pip_audit(told)


ONE = Found("jinja2 2.10", frozenset({"PYSEC-2019-217", "CVE-2019-10906"}), "")
GOOD = Excuse("jinja2", TODAY, "Only tests draw with it.")


@pytest.mark.parametrize(
    ("excused", "left"),
    [
        ({}, [ONE]),
        ({"CVE-2019-10906": GOOD}, []),
        ({"CVE-2019-10906": GOOD._replace(until=TODAY - timedelta(days=1))}, [ONE]),
        ({"CVE-2019-10906": GOOD._replace(package="jinja")}, [ONE]),
        ({"CVE-2020-1": GOOD}, [ONE]),
    ],
)
def test_an_excuse_is_for_one_fault_of_one_package_until_its_day(
    excused: dict[str, Excuse], left: list[Found]
):
    assert audit.inexcusable([ONE], excused, TODAY) == left


def test_excuses_can_be_read_and_give_reasons(tmp_path: Path):
    some = tmp_path / "excused.toml"
    some.write_text('[CVE-1]\npackage = "a"\nuntil = 2027-01-31\nreason = "Not reachable."\n')

    assert audit.excuses(some) == {"CVE-1": Excuse("a", date(2027, 1, 31), "Not reachable.")}
    for excuse in audit.excuses().values():
        assert len(excuse.reason) > 10


@pytest.mark.parametrize("excused", [False, True])
def test_the_check_fails_on_what_is_found_and_says_what_was_not_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, excused: bool
):
    def silent(_: Path) -> Audited:
        raise NotAsked("no network")

    monkeypatch.setattr(audit, "of_npm", silent)
    monkeypatch.setattr(audit, "of_python", lambda _: Audited([ONE], ["ours"]))
    forever = GOOD._replace(until=date.max)
    monkeypatch.setattr(audit, "excuses", lambda: {"CVE-2019-10906": forever} if excused else {})

    if excused:
        audit.main()
    else:
        with pytest.raises(SystemExit, match=f"{len(audit.PINNED)} are known"):
            audit.main()
    told = capsys.readouterr().out
    assert "NOT AUDITED: web: no network" in told
    assert "NOT AUDITED: ours" in told
    assert ("jinja2 2.10" in told) is not excused
