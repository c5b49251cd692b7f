"""Load by wrk: a closed loop of some connections, each of which asks as soon as it is answered."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import ROOT
from embedded import launch

UNPACKED = ROOT / ".tools" / "wrk" / "usr"

# The requests are made beforehand, and asked for in turn, each thread beginning somewhere else.
_SCRIPT = """
local bodies = {BODIES}
local headers = {HEADERS}
local made, number = {}, 0
function init(arguments)
  for place, body in ipairs(bodies) do made[place] = wrk.format("POST", nil, headers, body) end
end
function request()
  number = number % #made + 1
  return made[number]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\\n{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failed": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """`p50`, `p99`: in microseconds, of a closed loop."""

    requests: int
    seconds: float
    p50: float
    p99: float


def press(
    port: int,
    bodies: Sequence[str],
    headers: Mapping[str, str],
    *,
    connections: int,
    seconds: int,
) -> Pressed:
    """Raises AssertionError if anything failed: no error is counted as a fast answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua", prefix="healthmed-wrk-") as script:
        script.write(_written(bodies, headers))
        script.flush()
        said = subprocess.run(
            [
                *launch.command(launch.AS_US),
                str(_program()),
                *("-t", "1", "-c", str(connections), "-d", f"{seconds}s"),
                *("--timeout", "30s", "-s", script.name),
                f"http://127.0.0.1:{port}/graphql",
            ],
            env={**os.environ, "LD_LIBRARY_PATH": _libraries()},
            capture_output=True,
            text=True,
            timeout=seconds + 30,
            check=True,
        ).stdout
    told = json.loads(said.strip().splitlines()[-1])
    if told["failed"]:
        raise AssertionError(f"{told['failed']} of {told['requests']} requests failed\n{said}")
    return Pressed(
        requests=told["requests"],
        seconds=told["microseconds"] / 1e6,
        p50=told["p50"],
        p99=told["p99"],
    )


def _written(bodies: Sequence[str], headers: Mapping[str, str]) -> str:
    all_headers = {"content-type": "application/json", **headers}
    named = ", ".join(f"[ [==[{name}]==] ] = [==[{it}]==]" for name, it in all_headers.items())
    listed = ", ".join(f"[==[{body}]==]" for body in bodies)
    return _SCRIPT.replace("BODIES", listed).replace("HEADERS", named)


def find() -> Path | None:
    """Where wrk is, on this machine or unpacked by ./dev."""
    found = shutil.which("wrk") or UNPACKED / "bin" / "wrk"
    return Path(found) if Path(found).exists() else None


def _program() -> Path:
    if (found := find()) is None:
        sys.exit("wrk is not here: `./dev bench peers` fetches it, as does `apt-get install wrk`.")
    return found


def _libraries() -> str:
    """Where a wrk that was only unpacked finds what came with it."""
    return ":".join(str(folder) for folder in (UNPACKED / "lib").glob("*"))
