"""Runs the migrations of an image as a task of ECS, and waits for how they end.

    migrate.py IMAGE_DETAIL

From the environment: CLUSTER, JOB (the family of the task definition), SUBNETS and SECURITY_GROUP.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import deployable


def aws(*command: str) -> Any:
    told = subprocess.run(
        ["aws", *command, "--output", "json"], capture_output=True, text=True, check=False
    )
    if told.returncode:
        sys.exit(told.stderr)
    return json.loads(told.stdout or "{}")


def main() -> None:
    image = json.loads(Path(sys.argv[1]).read_text())["ImageURI"]
    job, cluster = os.environ["JOB"], os.environ["CLUSTER"]
    described = aws("ecs", "describe-task-definition", "--task-definition", job)
    definition = deployable.of(described, image, container="migrate")
    registered = aws("ecs", "register-task-definition", "--cli-input-json", json.dumps(definition))
    arn = registered["taskDefinition"]["taskDefinitionArn"]
    network = {
        "awsvpcConfiguration": {
            "subnets": os.environ["SUBNETS"].split(","),
            "securityGroups": [os.environ["SECURITY_GROUP"]],
            "assignPublicIp": "DISABLED",
        }
    }
    place = ("--cluster", cluster)
    started = aws(
        *("ecs", "run-task", *place, "--launch-type", "FARGATE", "--task-definition", str(arn)),
        *("--network-configuration", json.dumps(network)),
    )
    tasks = started.get("tasks")
    if not tasks:
        sys.exit(f"It was not started: {started.get('failures')}")
    task = tasks[0]["taskArn"]
    aws("ecs", "wait", "tasks-stopped", *place, "--tasks", task)
    ended = aws("ecs", "describe-tasks", *place, "--tasks", task)["tasks"][0]
    status = ended["containers"][0].get("exitCode")
    print(f"{task} ended with {status}: {ended.get('stoppedReason')}")
    sys.exit(status != 0)


if __name__ == "__main__":
    main()
