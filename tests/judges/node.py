"""Node, out of its wheel, and the judges that run on it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent


def node(script: str, *arguments: str, seconds: float = 30) -> subprocess.CompletedProcess[str]:
    """Run to its end; how it ended is for the caller to judge."""
    return subprocess.run(
        [BIN / "node", script, *arguments],
        cwd=HERE,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def lines(script: str, *arguments: str, seconds: float = 30) -> list[Any]:
    """The lines of JSON that a script prints."""
    ended = node(script, *arguments, seconds=seconds)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def scenarios(script: str) -> list[str]:
    """The names of the functions that a script exports, which `scenario.mjs` can play."""
    return re.findall(r"^export async function (\w+)", (HERE / script).read_text(), re.MULTILINE)


def play(script: str, scenario: str, **given: Any) -> None:
    ended = node("scenario.mjs", script, scenario, json.dumps(given))
    assert ended.returncode == 0, f"{ended.stdout}{ended.stderr}"
