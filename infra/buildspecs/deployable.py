"""Writes what CodeDeploy is to run: taskdef.json and appspec.yaml, in this folder.

    deployable.py FAMILY IMAGE

The task definition is Terraform's newest, with this image: settings come by `terraform apply`, code
by the pipeline.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

# What ECS adds to a description, and does not take back.
ADDED = {
    *("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities"),
    *("registeredAt", "registeredBy", "deregisteredAt"),
}
APPSPEC = {
    "version": 0.0,
    "Resources": [
        {
            "TargetService": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "TaskDefinition": "<TASK_DEFINITION>",
                    "LoadBalancerInfo": {"ContainerName": "server", "ContainerPort": 8000},
                },
            }
        }
    ],
}


def main() -> None:
    family, image = sys.argv[1:]
    asked = ["aws", "ecs", "describe-task-definition", "--task-definition", family]
    told = subprocess.run([*asked, "--output", "json"], capture_output=True, text=True, check=True)
    Path("taskdef.json").write_text(json.dumps(of(json.loads(told.stdout), image), indent=2))
    Path("appspec.yaml").write_text(json.dumps(APPSPEC, indent=2))  # JSON is YAML


def of(described: dict[str, Any], image: str, *, container: str = "server") -> dict[str, Any]:
    """What registers the same with another image of that container."""
    definition = {
        name: value for name, value in described["taskDefinition"].items() if name not in ADDED
    }
    definition["containerDefinitions"] = [
        {**each, "image": image} if each["name"] == container else each
        for each in definition["containerDefinitions"]
    ]
    return definition


if __name__ == "__main__":
    main()
