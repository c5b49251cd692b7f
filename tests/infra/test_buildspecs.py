"""What the pipeline's scripts make of what AWS tells them."""

import importlib.util
import sys
from types import ModuleType

import pytest

from tests.paths import ROOT

DESCRIBED = {
    "taskDefinition": {
        "taskDefinitionArn": "arn:aws:ecs:sa-east-1:1:task-definition/server:7",
        "family": "server",
        "revision": 7,
        "status": "ACTIVE",
        "cpu": "1024",
        "compatibilities": ["FARGATE"],
        "containerDefinitions": [
            {"name": "server", "image": "old", "readonlyRootFilesystem": True},
            {"name": "collector", "image": "collector"},
        ],
    }
}


def script(name: str) -> ModuleType:
    path = ROOT / f"infra/buildspecs/{name}.py"
    found = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_a_new_image_takes_the_old_ones_place_and_nothing_else_changes():
    definition = script("deployable").of(DESCRIBED, "new@sha256:1")

    assert definition == {
        "family": "server",
        "cpu": "1024",
        "containerDefinitions": [
            {"name": "server", "image": "new@sha256:1", "readonlyRootFilesystem": True},
            {"name": "collector", "image": "collector"},
        ],
    }


def test_codedeploy_is_told_where_the_traffic_goes():
    properties = script("deployable").APPSPEC["Resources"][0]["TargetService"]["Properties"]
    service = (ROOT / "infra/modules/service/main.tf").read_text()

    assert f'container_name   = "{properties["LoadBalancerInfo"]["ContainerName"]}"' in service
    assert f"container_port   = {properties['LoadBalancerInfo']['ContainerPort']}" in service


@pytest.mark.parametrize(("fix", "stops"), [("YES", True), ("PARTIAL", True), ("NO", False)])
def test_an_image_is_stopped_by_what_can_be_mended(fix: str, stops: bool):
    assert script("scanned").mendable({"fixAvailable": fix}) is stops


def test_scripts_find_each_other_as_ci_starts_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "infra/buildspecs")
    try:
        assert script("migrate").deployable.of(DESCRIBED, "x", container="collector")
    finally:
        sys.modules.pop("deployable", None)
