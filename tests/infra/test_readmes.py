"""Each module tells in its README what it takes, gives and makes."""

import re
import subprocess
import sys

import pytest

from tests.paths import ROOT

ENVIRONMENTS = ("staging", "production")
MODULES = sorted(path for path in (ROOT / "infra/modules").iterdir() if path.is_dir())


def test_readmes_are_as_the_script_makes_them():
    ended = subprocess.run(
        [sys.executable, "infra/readmes.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert not ended.stdout
    assert ended.returncode == 0, ended.stderr


def test_each_module_has_the_same_files():
    for module in MODULES:
        there = {path.name for path in module.iterdir()}
        assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"} <= there, (
            module
        )


def test_each_module_is_used_by_an_environment():
    used = {
        source
        for file in (ROOT / "infra").glob("*.tf")
        for source in re.findall(r'source\s+= "\./modules/(\w+)"', file.read_text())
    }

    assert used == {module.name for module in MODULES}


@pytest.mark.parametrize("name", ["variables.tf", "outputs.tf"])
def test_environments_ask_for_the_same_and_tell_the_same(name: str):
    """Terraform shares no variables between roots: the file is there twice, and is one."""
    staging, production = (
        (ROOT / f"infra/environments/{each}/{name}").read_text() for each in ENVIRONMENTS
    )

    assert staging == production


def test_environments_differ_in_values_alone():
    """Whoever has tried it in staging has tried what production runs."""
    given = {
        name: set(re.findall(r"^  (\w+)\s*=", main.read_text(), re.MULTILINE)) - {"heads_years"}
        for name in ENVIRONMENTS
        for main in [ROOT / f"infra/environments/{name}/main.tf"]
    }

    assert given["staging"] == given["production"]
