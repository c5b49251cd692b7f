"""What the way from an empty account (docs/aws.md) names is there."""

import re

from embedded.container import ACTS
from tests.paths import ROOT

PAGE = (ROOT / "docs/aws.md").read_text()
INFRA = ROOT / "infra"


def declared(kind: str, file: str) -> set[str]:
    return set(re.findall(rf'^{kind} "(\w+)"', (INFRA / file).read_text(), re.MULTILINE))


def test_targets_are_modules():
    targets = re.findall(r"-target=module\.healthmed\.module\.(\w+)", PAGE)
    modules = {name for file in INFRA.glob("*.tf") for name in declared("module", file.name)}

    assert len(targets) == 3
    assert set(targets) <= modules


def test_values_are_variables_and_none_that_has_to_be_given_is_left_out():
    file = "environments/production/variables.tf"
    step = re.search(r"^4\. (.+?)^5\. ", PAGE, re.MULTILINE | re.DOTALL)[1]
    named = set(re.findall(r"`(\w+)`", step)) - {"first"}
    blocks = re.findall(
        r'^variable "(\w+)" \{\n(.+?)^\}', (INFRA / file).read_text(), re.MULTILINE | re.DOTALL
    )
    needed = {name for name, body in blocks if "default" not in body}

    assert named <= declared("variable", file)
    assert needed <= named | {"origin_secret"}
    assert "TF_VAR_origin_secret" in PAGE


def test_what_terraform_is_to_have_told_it_tells():
    outputs = (INFRA / "outputs.tf").read_text()
    told = re.findall(r"[`(]told ([\w.]+)|`(shell\.\w+)`", PAGE)
    told = [dotted or alone for dotted, alone in told]

    assert len(told) > 8
    for name in told:
        output, _, part = name.partition(".")
        block = re.search(rf'^output "{output}" \{{\n(.+?)^\}}', outputs, re.MULTILINE | re.DOTALL)
        assert block, name
        assert not part or re.search(rf"^    {part} +=", block[1], re.MULTILINE), name
    assert {"administrator_role"} <= declared("output", "outputs.tf")


def test_what_a_restore_elsewhere_is_given_is_a_variable():
    [given] = re.findall(r"```hcl\n(.+?)```", PAGE, re.DOTALL)
    names = set(re.findall(r"^   (\w+) +=", given, re.MULTILINE))
    variables = (INFRA / "variables.tf").read_text()
    restored = re.search(r'variable "restored" .+?object\(\{(.+?)\}\)', variables, re.DOTALL)[1]

    assert {"restored", "region"} <= names <= declared("variable", "variables.tf")
    assert re.findall(r"^     (\w+) +=", given, re.MULTILINE) == re.findall(r"(\w+) =", restored)


def test_secrets_have_places_and_those_that_servers_want_are_put():
    settings = (INFRA / "settings.tf").read_text()
    block = re.search(r"^  secrets = merge\((.+?)^  \)", settings, re.MULTILINE | re.DOTALL)[1]
    places = set(re.findall(r"^    ([a-z-]+) += \"", block, re.MULTILINE))
    places |= {"signature-roots", "cpf-registry-token"}
    put = set(re.findall(r"\bput ([a-z-]+) [\"'T]", PAGE))

    assert put == places - {"cognito-client-secret"}


def test_images_are_pushed_to_repositories_that_there_are():
    names = (INFRA / "modules/registry/variables.tf").read_text()
    repositories = set(re.findall(r'"(\w+)"', re.search(r"default += \[(.+)\]", names)[1]))
    pushed = set(
        re.findall(r"^   (?:docker push .+-production/|mirror \S+ )(\w+):", PAGE, re.MULTILINE)
    )
    tags = dict(re.findall(r"^   mirror \S+ (\w+):(\S+)", PAGE, re.MULTILINE))

    assert pushed == repositories
    for name, tag in tags.items():
        variable = re.search(
            rf'variable "{name}_tag" .+?default += "(.+?)"',
            (INFRA / "variables.tf").read_text(),
            re.DOTALL,
        )
        assert variable[1] == tag


def test_jobs_and_acts_are_there():
    jobs = set(re.findall(r"^    ([a-z-]+) = \{$", (INFRA / "jobs.tf").read_text(), re.MULTILINE))
    run = set(re.findall(r"--task-definition healthmed-production-([a-z-]+)", PAGE))

    assert run == {"migrate"}
    assert run <= jobs <= set(ACTS)
    assert set(re.findall(r"healthmed (new-keys)", PAGE)) <= set(ACTS)
    assert set(re.findall(r"\./dev ([a-z-]+)", PAGE)) <= {
        "administrator",
        "image",
        "reseal",
        "test",
    }


def test_files_are_there():
    for path in re.findall(r"`((?:infra|docker|\.\.)/[\w./-]+)`", PAGE):
        if not path.endswith(("elsewhere", ".tfvars")):
            assert (ROOT / path).exists(), path
