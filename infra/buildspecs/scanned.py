"""Waits until Inspector has looked at an image, and fails where it must not be run.

    scanned.py REPOSITORY DIGEST

By the AWS command, which every image of CodeBuild has.
"""

import json
import subprocess
import sys
import time

PATIENCE = 900  # seconds
STOPS = frozenset({"CRITICAL"})


def main() -> None:
    repository, digest = sys.argv[1:]
    ask = ["aws", "ecr", "describe-image-scan-findings", "--repository-name", repository]
    deadline = time.monotonic() + PATIENCE
    while True:
        told = subprocess.run(
            [*ask, "--image-id", f"imageDigest={digest}", "--output", "json"],
            capture_output=True,
            text=True,
            check=False,
        )
        answer = json.loads(told.stdout) if told.returncode == 0 else {}
        if answer.get("imageScanStatus", {}).get("status") in {"ACTIVE", "COMPLETE"}:
            break
        if time.monotonic() > deadline:
            sys.exit(f"{digest} was not scanned within {PATIENCE} seconds: {told.stderr.strip()}")
        time.sleep(15)
    found = answer.get("imageScanFindings", {}).get("enhancedFindings", [])
    stopping = [each for each in found if each["severity"] in STOPS and mendable(each)]
    for each in stopping:
        print(f"{each['severity']}: {each['title']}")
    print(f"{len(found)} findings, {len(stopping)} of which stop this image")
    sys.exit(bool(stopping))


def mendable(finding: dict[str, object]) -> bool:
    """There is a version without it."""
    return finding.get("fixAvailable") in {"YES", "PARTIAL"}


if __name__ == "__main__":
    main()
