"""Grafana's board shows what servers tell, all of it, and nothing else."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.paths import ROOT
from tests.served import free_port, served
from wiring.settings import Settings

GRAFANA = ROOT / "infra/grafana"
METRIC = re.compile(r"\b((?:healthmed|process|python)_\w+)\b")


@pytest.fixture(scope="module")
def board() -> ModuleType:
    found = importlib.util.spec_from_file_location("board", GRAFANA / "board.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
async def exported(database_url: str, keys_file: Path) -> dict[str, str]:
    """Kinds by name, as a server of its own tells them; of counters without `_total`."""
    port = free_port()
    settings = Settings(database_url=database_url, keys_file=keys_file, metrics_port=port)
    async with served(settings), httpx.AsyncClient(trust_env=False) as http:
        told = await http.get(f"http://127.0.0.1:{port}/metrics")
    families = text_string_to_metric_families(told.text)
    return {family.name: family.type for family in families}


def queries() -> list[str]:
    board = json.loads((GRAFANA / "healthmed.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]


def names(exported: dict[str, str]) -> set[str]:
    """As Prometheus has them."""
    found = set()
    for name, kind in exported.items():
        found |= {
            "counter": {f"{name}_total"},
            "histogram": {f"{name}_bucket", f"{name}_count", f"{name}_sum"},
        }.get(kind, {name})
    return found


def test_the_board_is_as_the_script_makes_it():
    command = [sys.executable, "infra/grafana/board.py", "--check"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr


async def test_what_is_asked_for_is_told(exported: dict[str, str]):
    asked = {name for query in queries() for name in METRIC.findall(query)}

    assert len(asked) > 12
    assert asked - names(exported) == set()


async def test_what_is_told_is_shown_or_said_not_to_be(exported: dict[str, str], board: ModuleType):
    shown = " ".join(queries())
    hidden = {name.removesuffix("_total") for name in board.NOT_SHOWN}
    unseen = {name for name in exported if not re.search(rf"\b{name}(_total|_bucket)?\b", shown)}

    assert unseen == hidden & exported.keys()
    assert not [name for name in hidden if name.startswith("healthmed_")]


async def test_the_book_lists_what_we_tell(exported: dict[str, str]):
    book = (ROOT / "docs/operations.md").read_text()
    listed = set(re.findall(r"^\| `(healthmed_\w+)` \|", book, re.MULTILINE))
    ours = {
        f"{name}_total" if kind == "counter" else name
        for name, kind in exported.items()
        if name.startswith("healthmed_")
    }

    assert listed == ours


async def test_what_the_collector_hands_on_is_told(exported: dict[str, str]):
    said = (ROOT / "infra/modules/service/containers.tf").read_text()
    patterns = re.findall(r'"\^(healthmed_.+?)\$"', said)
    ours = {f"{name}_total" if kind == "counter" else name for name, kind in exported.items()}
    handed_on = {name for name in ours for pattern in patterns if re.fullmatch(pattern, name)}
    watched = " ".join(
        (ROOT / f"infra/modules/observability/{name}.tf").read_text()
        for name in ("alarms", "slo", "dashboard")
    )

    assert all(any(re.fullmatch(pattern, name) for name in ours) for pattern in patterns)
    assert set(re.findall(r'"(healthmed_\w+)"', watched)) <= handed_on


def test_burn_rates_are_those_that_ring(board: ModuleType):
    said = (ROOT / "infra/modules/observability/slo.tf").read_text()
    bounds = [panel.bound for panel in board.ROWS["Service levels (docs/operations.md)"]]

    assert [float(rate) for rate in re.findall(r"rate = ([\d.]+)", said)] == bounds
    assert float(re.search(r"may_fail = ([\d.]+)", said)[1]) == board.MAY_FAIL


def test_no_two_panels_lie_on_one_another(board: ModuleType):
    places = [panel["gridPos"] for panel in board.board()["panels"]]
    taken = [
        (x, y)
        for it in places
        for x in range(it["x"], it["x"] + it["w"])
        for y in range(it["y"], it["y"] + it["h"])
    ]

    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
