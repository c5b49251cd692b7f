"""The bucket of Terraform's state is asked for as S3 wants to be asked."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.paths import ROOT


@pytest.fixture
def aws(tmp_path: Path) -> Path:
    """A command `aws` that writes down, a call a line, the region and what it was called with."""
    command = tmp_path / "aws"
    command.write_text(
        f'#!/bin/sh\nprintf "%s " "$AWS_REGION" $* >>"{tmp_path}/said"\necho >>"{tmp_path}/said"\n'
    )
    command.chmod(0o700)
    return tmp_path


def asked(aws: Path, region: str) -> list[str]:
    subprocess.run(
        [ROOT / "infra/state.sh", region, "clinic-state"],
        env=os.environ | {"PATH": f"{aws}:{os.environ['PATH']}", "AWS_REGION": "eu-west-1"},
        check=True,
        capture_output=True,
    )
    return (aws / "said").read_text().splitlines()


@pytest.mark.parametrize("region", ["sa-east-1", "us-west-2", "us-east-1"])
def test_all_of_it_is_done_where_the_bucket_is(aws: Path, region: str):
    said = asked(aws, region)

    assert len(said) == 5
    assert [line for line in said if not line.startswith(f"{region} s3api ")] == []
    assert [line for line in said if "--bucket clinic-state" not in line] == []


@pytest.mark.parametrize("region", ["sa-east-1", "us-west-2"])
def test_a_region_is_named_as_the_buckets_place(aws: Path, region: str):
    assert f"LocationConstraint={region}" in asked(aws, region)[0]


def test_the_first_region_is_not_named_for_s3_refuses_it(aws: Path):
    assert "LocationConstraint" not in "".join(asked(aws, "us-east-1"))
