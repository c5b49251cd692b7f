"""Whoever runs it finds every setting in docs/operations.md, and nothing that is none."""

import re

from tests.paths import ROOT
from wiring.settings import Settings

BOOK = (ROOT / "docs/operations.md").read_text()
TOLD = {
    name.lower()
    for heading in ("Settings", "Watching")
    for line in BOOK.partition(f"\n## {heading}\n")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`HEALTHMED_([A-Z0-9_]+)`", line.split(" | ")[0])
}
# Told of number by number, elsewhere; and handed down by a process that starts others.
NOT_THERE = {"limits", "transport", "metrics_socket"}


def test_every_setting_is_told_of():
    assert set(Settings.model_fields) - TOLD == NOT_THERE


def test_what_is_told_of_is_a_setting():
    assert TOLD - set(Settings.model_fields) == {"log"}  # read before there are settings
