"""A server's wall clock, set while it runs: by libfaketime, which lies to its process."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.storm.cluster import Server
from tests.paths import ROOT

UNPACKED = ROOT / ".tools/faketime"  # by ./dev test, and ./dev chaos
LIBRARY = "libfaketimeMT.so.1"


def library() -> Path:
    """Skips the test where it is not to be had."""
    for place in (UNPACKED, Path("/usr/lib")):
        if (found := next(place.glob(f"**/faketime/{LIBRARY}"), None)) is not None:
            return found
    pytest.skip("there is no libfaketime here, and ./dev could not fetch it")


@dataclass
class WrongClock:
    """Of this server, once it has been started again."""

    server: Server
    file: Path

    def install(self) -> None:
        self.set("+0")
        self.server.environment = {
            **self.server.environment,
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # nobody sets that one
            "NO_FAKE_STAT": "1",
        }

    def set(self, by: str) -> None:
        """`+25h`, `-2d`: away from the time that it is."""
        unfinished = self.file.with_suffix(".part")
        unfinished.write_text(f"{by}\n")
        unfinished.replace(self.file)
