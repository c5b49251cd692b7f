"""The rules of the house that no linter knows."""

import re
import subprocess
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.named import exists
from tests.paths import ROOT

FEATURES = {
    "auth",
    "consultations",
    "doctors",
    "mail",
    "partners",
    "patients",
    "records",
    "scheduling",
}
SUBJECTS = {  # of features that have grown past what one sitting can hold
    "auth": {
        *("accounts", "administrators", "attempts", "audit", "confirmation", "enrolments"),
        *("identity", "links", "passkeys", "passwords", "recovery", "second_factor", "sessions"),
        "viewers",
    },
    "consultations": {"meetings", "peer", "presences", "signals"},
    "doctors": {
        *("checks", "qualifications", "registrations", "registries", "search"),
        *("specialties", "standings"),
    },
    "mail": {
        *("deliveries", "letters", "mail_folder", "mail_forms", "mail_texts", "smtp"),
        *("visit_texts",),
    },
    "partners": {"oauth", "partner_usage"},
    "patients": {
        *("archives", "belongings", "erasure", "exporting", "exports", "fhir"),
    },
    "records": {
        *("access_requests", "accesses", "chains", "content", "dicom", "emergencies", "jpeg"),
        *("object_folder", "objects", "pdf", "png", "reading", "receipts", "record_lists"),
        *("issuing", "pades", "papers", "record_reads", "scanning", "shares", "signatures"),
        *("uploads", "visit_notes"),
    },
    "scheduling": {
        *("answers", "appointments", "availability", "calendar_feeds", "calendars"),
        *("consent_texts", "device_checks", "holds", "idempotency", "in_person_requests"),
        *("invitations", "lapses", "reminders", "reviews", "slots", "statistics", "turns"),
        "weekly",
    },
}
FOUNDATION = {
    "domain": {
        *("clock", "errors", "events", "ids", "keys", "limits", "opaque_tokens", "unit_of_work"),
    },
    "persistence": {
        *("bucket", "clock", "cloudfront", "closing", "columns", "crypto", "data_keys", "database"),
        *("disposition", "event_log", "rates", "reads", "replica", "resealing", "revision"),
        "row_security",
        *("table", "tables", "unit_of_work"),
    },
    "schema": {"context", "ids", "languages", "nodes", "paging", "problems", "scalars", "sizes"},
    "plans": {"batches", "compiler", "paging", "pieces", "plans", "selections"},
    "resolvers": {"loaders", "nodes"},
    "subscriptions": {"feeds", "hub", "scripts", "together", "wakeups"},
    "integrations": {
        *("breaker", "chime", "clamav", "cognito", "devices", "iam_tokens", "key_wrapping", "keys"),
        *("kms", "logs", "one_time_codes", "pool_tokens", "telemetry", "tokens"),
        *("valkey", "wakeups"),
    },
}
NO_FEATURE = ["embedded", "migrations", "transport", "wiring"]  # rooms that know none, or all
NOBODYS = {"utils", "util", "helpers", "common", "core", "services", "misc", "lib", "shared"}
NAMES = FEATURES | {name for subjects in SUBJECTS.values() for name in subjects}
FILES = [
    (room, file.stem)
    for room in FOUNDATION
    for file in sorted((ROOT / room).rglob("*.py"))
    if file.stem != "__init__"
]


# ------------------------------------------------------------------------- names


def test_no_installed_package_bears_our_names():
    """PyPI has a `schema`: were it ever pulled in, it and our room would hide each other."""
    ours = {"app", "benchmarks", "tests", *FOUNDATION, *NO_FEATURE}

    assert not ours & set(packages_distributions())


@pytest.mark.parametrize("name", ["app", *FOUNDATION, *NO_FEATURE])
def test_what_is_imported_under_our_names_is_ours(name: str):
    origin = find_spec(name).origin

    assert Path(origin).is_relative_to(ROOT)
    assert ".venv" not in Path(origin).relative_to(ROOT).parts


@pytest.mark.parametrize(("room", "file"), FILES)
def test_every_file_is_a_feature_or_foundation(room: str, file: str):
    assert file in NAMES | FOUNDATION[room]


def test_the_lists_name_nothing_that_is_not_there():
    there = {file for _, file in FILES}

    assert there >= NAMES
    for room, foundation in FOUNDATION.items():
        assert foundation == {f for r, f in FILES if r == room and f in foundation}
        assert not foundation & NAMES
    assert set(SUBJECTS) <= FEATURES


def test_a_feature_bears_one_name_in_several_rooms():
    for feature in FEATURES:
        assert len({room for room, file in FILES if file == feature}) > 1, feature


def test_where_no_feature_lives_no_file_is_named_after_one():
    for room in ("embedded", "transport"):
        assert not NAMES & {file.stem for file in (ROOT / room).rglob("*.py")}


def test_there_is_no_place_for_what_belongs_nowhere():
    found = {path.stem for path in _files() if path.suffix == ".py"}
    found |= {part for path in _files() for part in path.parent.parts}

    assert not NOBODYS & found


# ------------------------------------------------------- what is handed to others


def _files():
    """What git has, or would be given: relative to the root."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return [Path(name) for name in said.stdout.decode().split("\0") if (ROOT / name).is_file()]


@pytest.mark.parametrize(
    ("name", "least"),
    [("requirements.txt", 20), ("requirements-dev.txt", 20), ("requirements-uv.txt", 1)],
)
def test_requirements_name_no_host(name: str, least: int):
    """Whoever installs them takes his own index; the hashes say that it is the same."""
    text = (ROOT / name).read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("#", "--hash="))]

    assert "://" not in text
    assert not [line for line in lines if re.search(r"--(index|extra|find|trusted)|@ ", line)]
    pinned = [line for line in lines if line.strip()]
    assert all(re.match(r"[\w.\[\]-]+==[\w.]+( ; .+)? \\$", line) for line in pinned)
    assert len(pinned) >= least


# Where people and machines keep their things, seen from the root of the file system.
_OF_A_MACHINE = re.compile(
    rb"(?<![\w.:/$}~*-])/(?:home|Users|root|work|mnt|media|workspace|private)/[\w.-]|[A-Z]:\\\\?Users"
)


def test_a_path_of_a_machine_would_be_found():
    parts = [("home", "ana"), ("Users", "ana"), ("root", ".cache"), ("work", "main")]

    for told in (f'"{"/".join(("", *part))}"' for part in parts):
        assert _OF_A_MACHINE.search(told.encode())
    for fine in (b"https://example.com/home/x", b"$HOME/x", b"/usr/bin", b"/tmp/x", b"a/work/b"):
        assert not _OF_A_MACHINE.search(fine)


@pytest.mark.parametrize("page", ["architecture.md", "lgpd.md", "threats.md"])
def test_what_a_page_of_the_books_names_is_there(page: str):
    text = (ROOT / "docs" / page).read_text()
    links = re.findall(r"\]\(([^):]+)\)", text)
    named = re.findall(r"`([\w./-]+)`", text)
    rooms = {path.name for path in ROOT.iterdir()}

    assert [link for link in links if not (ROOT / "docs" / link.partition("#")[0]).exists()] == []
    paths = [name for name in named if name.split("/")[0] in rooms]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [test for test in re.findall(r"`([^`]+::[^`]+)`", text) if not exists(test)] == []
    files = [name for name in named if re.match(r"(?!tests/)\w+/test_\w+\.py$", name)]
    assert [file for file in files if not (ROOT / "tests" / file).exists()] == []
    benches = re.findall(r"`\./dev bench (\w+)`", text)
    there = {path.stem for path in (ROOT / "benchmarks").glob("*.py")} | {"peers"}
    assert [bench for bench in benches if bench not in there] == []


def test_every_row_of_what_was_asked_has_code_a_test_and_a_figure():
    text = (ROOT / "docs/architecture.md").read_text()
    table = text.partition("## What was asked")[2].partition("## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line[:2] == "| "][1:]

    assert len(rows) > 20
    for requirement, code, shown, *figure in rows:
        assert "`" in code or "](" in code, requirement
        assert ".py" in shown, requirement
        commands = re.compile(r"`\./dev [^`]*`")
        assert commands.sub("", "".join(figure)).strip("|,;() "), requirement


def test_every_module_of_the_cloud_is_told_of_with_what_holds_it():
    text = (ROOT / "docs/architecture.md").read_text()
    table = text.partition("## The services of AWS")[2].partition("## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line[:2] == "| "][1:]
    modules = {path.name for path in (ROOT / "infra/modules").iterdir() if path.is_dir()}
    told = set(re.findall(r"`infra/modules/(\w+)`", text))

    assert told == modules
    for service, _, held, _, figure in rows:
        assert "test" in held, service
        assert re.search(r"\d|\b(two|three|four)\b", figure), service


def test_what_the_cloud_costs_is_what_the_sheet_says():
    """Each price of the table is a line of production's sheet, whose lines make its sum."""
    text = (ROOT / "docs/architecture.md").read_text()
    sheet = (ROOT / "docs/costs.md").read_text().partition("## Production")[2].partition("\n## ")[0]
    lines, _, video = (
        [int(cost.replace(",", "")) for cost in re.findall(r"\| ([\d,]+) \|$", part, re.MULTILINE)]
        for part in sheet.partition("**together")
    )
    told = [int(price.replace(",", "")) for price in re.findall(r"US\$ ([\d,]+)", text)]

    assert len(told) > 12
    assert set(told) <= {*lines, *video}
    assert f"**{sum(lines):,}**" in sheet


def test_no_file_holds_a_path_of_this_machine():
    found = {}
    for path in _files():
        content = (ROOT / path).read_bytes()
        if match := _OF_A_MACHINE.search(content):
            found[str(path)] = content[match.start() : match.end() + 20]
        assert str(ROOT).encode() not in content, path

    assert found == {}


def test_no_file_holds_a_private_key_or_a_password_of_ours():
    marks = [rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n", rb'"d": ?"[\w-]{43}"', rb"AKIA[0-9A-Z]{16}"]

    for path in _files():
        content = (ROOT / path).read_bytes()
        assert not [mark for mark in marks if re.search(mark, content)], path
