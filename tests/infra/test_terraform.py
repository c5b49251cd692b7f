"""Terraform's own look at infra/, where it is at hand.

HEALTHMED_TERRAFORM_CHECK names a command that runs fmt, init, validate and test on a folder, for
those who have the provider some other way than from the registry. Else `terraform init` has to have
been run in infra/ before: the provider is 700 MB, which no test fetches unasked.
"""

import os
import shutil
import subprocess

import pytest

from tests.paths import ROOT

INFRA = ROOT / "infra"
CHECK = os.environ.get("HEALTHMED_TERRAFORM_CHECK")
TERRAFORM = shutil.which("terraform")


def run(*command: str, within: str = ".") -> None:
    ended = subprocess.run(
        command, cwd=INFRA / within, capture_output=True, text=True, check=False, timeout=500
    )
    assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-4000:]


@pytest.mark.skipif(TERRAFORM is None, reason="there is no terraform on this machine")
def test_it_is_written_as_terraform_writes():
    run(TERRAFORM, "fmt", "-check", "-recursive", "-diff")


def test_what_must_hold_of_it_holds():
    if CHECK is not None:
        run(CHECK, str(INFRA))
    elif TERRAFORM is not None and (INFRA / ".terraform").exists():
        run(TERRAFORM, "validate", "-no-color")
        run(TERRAFORM, "test", "-no-color")
    else:
        pytest.skip("no HEALTHMED_TERRAFORM_CHECK, and `terraform init` was not run in infra/")


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_each_environment_is_valid(environment: str):
    if CHECK is not None:
        run(CHECK, str(INFRA / "environments" / environment))
    elif TERRAFORM is not None and (INFRA / "environments" / environment / ".terraform").exists():
        run(TERRAFORM, "validate", "-no-color", within=f"environments/{environment}")
    else:
        pytest.skip("no HEALTHMED_TERRAFORM_CHECK, and `terraform init` was not run there")
