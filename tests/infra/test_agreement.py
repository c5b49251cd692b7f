"""Where infra/ says again what the server says, both say the same."""

import json
import re

import pytest

from integrations import chime, cognito
from persistence import bucket
from tests.paths import ROOT
from transport import headers, page
from transport.limits import Limits

LIMITS = Limits()


def text(path: str) -> str:
    return (ROOT / "infra" / path).read_text()


def number(path: str, pattern: str) -> int:
    return int(re.search(pattern, text(path))[1])


@pytest.fixture(scope="module")
def too_long() -> re.Pattern[str]:
    return re.compile(re.search(r'too_long = "(.+)"', text("modules/waf/main.tf"))[1])


@pytest.mark.parametrize("bytes", [0, 1, 999_999, 1_048_575, LIMITS.body_bytes])
def test_the_wall_lets_through_what_the_server_takes(too_long: re.Pattern[str], bytes: int):
    assert not too_long.match(str(bytes))
    assert not too_long.match(f"00{bytes}")


@pytest.mark.parametrize(
    "bytes",
    [
        *(LIMITS.body_bytes + n for n in (1, 2, 3, 4, 13, 24, 100, 424, 1424, 10_000, 60_000)),
        *(1_100_000, 2_000_000, 9_999_999, 10_000_000, 123_456_789_012),
    ],
)
def test_the_wall_refuses_what_is_longer(too_long: re.Pattern[str], bytes: int):
    assert too_long.match(str(bytes))
    assert too_long.match(f"0{bytes}")


def test_the_wall_takes_more_than_the_server_that_says_when_to_come_back():
    assert number("modules/waf/variables.tf", r"default     = (\d+)\n\n  validation") > 6000


def test_sockets_outlast_two_pings_at_the_balancer():
    idle = number("modules/load_balancer/variables.tf", r'(?s)"idle_seconds".+?default     = (\d+)')

    assert idle > 2 * LIMITS.ping_seconds


def test_the_balancer_gives_as_long_as_the_server_drains():
    assert number("settings.tf", r"drain_seconds = (\d+)") == LIMITS.drain_seconds


def test_partners_door_waits_longer_than_an_operation_takes():
    waits = number("modules/api_gateway/main.tf", r"timeout_milliseconds\s+= (\d+)")

    assert waits > 1000 * LIMITS.operation_seconds


def test_the_bucket_is_as_the_server_would_make_it():
    said = text("modules/storage/main.tf")
    cors = bucket._cors("https://clinic.example")
    exports = next(rule for rule in bucket.LIFECYCLE if rule["ID"] == "exports")

    assert f"allowed_methods = {json.dumps(cors['AllowedMethods'])}" in said
    assert f"allowed_headers = {json.dumps(cors['AllowedHeaders'])}" in said
    assert f"expose_headers  = {json.dumps(cors['ExposeHeaders'])}" in said
    assert f"max_age_seconds = {cors['MaxAgeSeconds']}" in said
    assert f'prefix = "{bucket.EXPORTS}"' in said
    assert f"days = {exports['Expiration']['Days']}\n" in said
    assert f"noncurrent_days = {exports['NoncurrentVersionExpiration']['NoncurrentDays']}" in said
    assert "days_after_initiation = 1" in said


def test_no_rule_deletes_a_version_that_a_row_may_name():
    """In the bucket of documents and in its copy, outside exports/."""
    for path, name in (("main.tf", "documents"), ("replica.tf", "replica")):
        said = text(f"modules/storage/{path}")
        [rules] = re.findall(
            rf'"aws_s3_bucket_lifecycle_configuration" "{name}" {{(.+?)^}}',
            said,
            re.DOTALL | re.MULTILINE,
        )
        for rule in re.findall(r"^  rule {(.+?)^  }", rules, re.DOTALL | re.MULTILINE):
            if "expiration {" in rule:
                assert f'prefix = "{bucket.EXPORTS}"' in rule


def test_answers_that_never_reached_us_say_what_ours_say():
    said = text("modules/cdn/main.tf")

    assert f'"{headers._SAFE["content-security-policy"]}"' in said
    assert f'"{headers._SAFE["referrer-policy"]}"' in said
    seconds, *_ = re.findall(r"max-age=(\d+)", headers._ONLY_ENCRYPTED)
    assert said.count(f"access_control_max_age_sec = {seconds}") == 2


def test_names_that_are_kept_for_ever_are_kept_by_the_edge():
    assert page._FOR_EVER.startswith("public")
    assert 'path_pattern               = "/assets/*"' in text("modules/cdn/main.tf")


def test_servers_may_do_with_the_pool_what_they_do():
    source = (ROOT / "integrations/cognito.py").read_text()
    asked = {
        "".join(part.title() for part in name.split("_"))
        for name in re.findall(r'"(admin_\w+)"', source)
    }
    may = set(re.findall(r'"cognito-idp:(\w+)"', text("modules/identity/outputs.tf")))

    assert cognito
    assert asked
    assert asked == may


def test_servers_may_do_with_chime_what_they_do():
    source = (ROOT / "integrations/chime.py").read_text()
    asked = {
        "".join(part.title() for part in name.split("_"))
        for name in re.findall(r'_ask\(\s*"(\w+)"', source)
    }
    may = set(re.findall(r'"chime:(\w+)"', text("modules/meetings/outputs.tf")))

    assert chime
    assert asked == may


def alarms() -> set[str]:
    """Names of those that somebody is told of, without the environment's."""
    said, levels = text("modules/observability/alarms.tf"), text("modules/observability/slo.tf")
    audited = text("modules/audit/main.tf")
    named = re.findall(r"^    ([a-z-]+) = \{$", said, re.MULTILINE)
    numbered = re.findall(r'"([a-z-]+)-\$\{number\}" => \{', said)
    speeds = re.findall(r"^    (\w+)\s+= \{ rate", levels, re.MULTILINE)
    promised = re.findall(r'"(\w+)"', re.search(r"promise_counts = .+? in \[(.+?)\]", levels)[1])
    [told] = re.findall(r"^  told = \{\n(.+?)^  \}", audited, re.MULTILINE | re.DOTALL)
    burns = [f"burn-{of}-{speed}" for of in ("availability", *promised) for speed in speeds]
    watched = [f"audit-{name}" for name in re.findall(r"^    ([a-z-]+) +=", told, re.MULTILINE)]
    assert len(burns) == 12
    assert len(watched) == 6
    return {*named, *numbered, *burns, *watched}


def test_every_alarm_has_a_heading_in_the_book_of_what_to_do_and_every_heading_an_alarm():
    book = (ROOT / "docs/operations.md").read_text().partition("\n## Alarms\n")[2]
    headings = re.findall(r"^### (.+)$", book.partition("\n## ")[0], re.MULTILINE)
    named = [name for heading in headings[:-1] for name in heading.split(", ")]

    assert headings[-1] == "Told without an alarm"
    assert len(named) > 40
    assert sorted(named) == sorted(alarms())


def kept(module: str) -> set[int]:
    """Days for which a module has logs kept, as its own files say."""
    files = "".join(path.read_text() for path in (ROOT / "infra/modules" / module).glob("*.tf"))
    said = set(re.findall(r"retention_in_days += ((?:var\.)?\w+)", files))
    default = re.search(r'variable "log_days" \{.+?default +?= (\d+)', files, re.DOTALL)
    return {int(default[1]) if days == "var.log_days" else int(days) for days in said}


def test_the_officer_is_told_how_long_each_log_is_kept():
    page = (ROOT / "docs/lgpd.md").read_text().partition("## How long it stays")[2]
    told = {
        (module, int(days[1]))
        for row in re.findall(r"^\| .+$", page.partition("\n## ")[0], re.MULTILINE)
        if (days := re.search(r"\| (\d+) days \|", row))
        for module in re.findall(r"`infra/modules/(\w+)`", row)
    }
    logging = {
        path.parent.name
        for path in (ROOT / "infra/modules").glob("*/*.tf")
        if "retention_in_days" in path.read_text()
    }

    assert len(logging) > 9
    assert {(module, days) for module in logging for days in kept(module)} == {
        each for each in told if each[0] in logging
    }
    assert ("storage", 365) in told
    assert "days = var.log_days" in text("modules/storage/main.tf")
    assert number("modules/storage/variables.tf", r'(?s)"log_days".+?default     = (\d+)') == 365


def test_the_officer_is_told_how_long_backups_and_proofs_are_kept():
    page = (ROOT / "docs/lgpd.md").read_text()
    [backups] = re.findall(r"^\| backups \|.+$", page, re.MULTILINE)
    days = set(re.findall(r"delete_after = (\d+)", text("modules/backups/main.tf")))
    years = r'(?s)"(?:heads_)?years".+?default     = (\d+)'

    assert days == set(re.findall(r"(\d+) days", backups))
    assert f"backup_days    = {min(days, key=int)}," in text("environments/production/main.tf")
    assert number("modules/audit/variables.tf", years) == 5
    assert number("variables.tf", years) == 5
    assert "| five years nobody" in page


def test_every_security_group_is_somebodys():
    said = "".join(path.read_text() for path in (ROOT / "infra").glob("*.tf"))
    [groups] = re.findall(
        r"^  groups = \{\n(.+?)^  \}",
        text("modules/security_groups/main.tf"),
        re.MULTILINE | re.DOTALL,
    )

    assert set(re.findall(r"^    (\w+) +=", groups, re.MULTILINE)) == set(
        re.findall(r'module\.security_groups\.ids\["(\w+)"\]', said)
    )


def test_only_roles_by_which_nothing_of_ours_runs_have_no_boundary():
    """Of the rest each is one that a service of Amazon's takes for its own work."""
    roles = {
        f"{path.parent.name}.{name}": body
        for path in (ROOT / "infra/modules").glob("*/*.tf")
        for name, body in re.findall(
            r'^resource "aws_iam_role" "(\w+)" \{\n(.+?)^\}',
            path.read_text(),
            re.MULTILINE | re.DOTALL,
        )
    }
    free = {name: body for name, body in roles.items() if "permissions_boundary" not in body}
    takers = {name: re.findall(r'Service += "(.+?)"', body) for name, body in free.items()}

    assert len(roles) > 12
    assert "aws:MultiFactorAuthPresent" in free["access.administrator"]
    assert takers == {
        "access.administrator": [],
        "api_gateway.logs": ["apigateway.amazonaws.com"],
        "audit.trail": ["cloudtrail.amazonaws.com"],
        "backups.this": ["backup.amazonaws.com"],
        "database.monitoring": ["monitoring.rds.amazonaws.com"],
        "network.flow": ["vpc-flow-logs.amazonaws.com"],
        "storage.replication": ["s3.amazonaws.com"],
    }


def test_links_in_the_book_lead_to_headings():
    for name in ("operations", "aws"):
        for file, anchor in re.findall(
            r"\]\((\w*(?:\.md)?)#([^)]+)\)", (ROOT / f"docs/{name}.md").read_text()
        ):
            there = (ROOT / "docs" / (file or f"{name}.md")).read_text()
            anchors = {
                re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
                for heading in re.findall(r"^#+ (.+)$", there, re.MULTILINE)
            }
            assert anchor in anchors, (name, file, anchor)
