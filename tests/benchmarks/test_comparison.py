"""The harness that compares this server with others: that it starts, tells, and leaves nothing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import comparison, machine, paper, wrk
from benchmarks.candidates import OURS, Candidate
from benchmarks.events import Heard
from benchmarks.report import Round, Table
from benchmarks.workloads import Workload, comparable
from tests.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the harness reads /proc")


def test_answers_are_alike_whatever_the_form_of_ids_and_moments():
    ours = {"data": {"node": {"id": "doctor_0199", "at": "2026-11-30T12:00:00Z", "city": None}}}
    theirs = {"data": {"node": {"id": "0199", "at": "2026-11-30T09:00:00.000-03:00", "city": None}}}

    assert comparable(json.dumps(ours)) == comparable(json.dumps(theirs))


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"node": {"id": "a"}}, "errors": [{"message": "no"}]},
        {"data": {"node": None}},
        {"data": None},
    ],
)
def test_what_is_no_answer_is_not_compared(answer):
    with pytest.raises(AssertionError):
        comparable(json.dumps(answer))


def test_whoever_answers_otherwise_is_not_timed():
    class Saying(Candidate):
        def ask(self, *_: object) -> str:
            return json.dumps({"data": {"node": {"id": self.name}}})

    workload = Workload(name="q", title="one", document="{ node }", given=[{}])
    candidates = [Saying(name=name, port=0, pid=0) for name in (OURS, "other")]

    with pytest.raises(AssertionError, match="other answers"):
        comparison._check(workload, candidates)


@pytest.mark.skipif(wrk.find() is None, reason="there is no wrk here")
def test_a_run_measures_all_of_them_and_leaves_nothing_behind(tmp_path: Path):
    command = ["-m", "benchmarks.comparison", "--peers", "mercurius", "--only", "q2,w1"]
    before = set(machine.descendants(os.getpid()))

    ended = subprocess.run(
        [sys.executable, *command, "--rounds", "1", "--seconds", "1"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr[-3000:]
    for name in ("Q2", "W1"):
        assert f"{name}: " in ended.stdout
    for name in (OURS, "mercurius"):
        told = re.findall(rf"^  {name} +([\d,]+)/s .* cpu +(\d+)", ended.stdout, re.MULTILINE)
        assert len(told) == 2
        assert all(int(rate.replace(",", "")) > 0 and int(cpu) > 0 for rate, cpu in told)
    assert set(machine.descendants(os.getpid())) <= before
    assert not _still_running(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def _still_running(word: str) -> list[str]:
    commands = (machine.command_of(int(each.name)) for each in machine.PROC.glob("[0-9]*"))
    return [command for command in commands if word in command]


def test_a_run_is_written_down_with_its_charts(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(paper, "PAPER", tmp_path / "benchmarks.md")
    monkeypatch.setattr(paper, "CHARTS", tmp_path / "benchmarks")
    rounds = {
        OURS: [Round(per_second=rate, cpu=200, p50=900, others=0.1) for rate in (900, 1000, 5000)],
        "other<": [Round(per_second=400, cpu=2000, p50=9000, others=0.3)],
    }
    table = Table(workload="q1", title="a search", rounds=rounds, alone={OURS: 700})

    heard = {"s1": {OURS: Heard(kib=8.04, connects=2000, last=[9, 8, 30], cpu=[12.5])}}

    paper.write([table], heard, rounds=3, seconds=5)

    told = (tmp_path / "benchmarks.md").read_text()
    assert f"| {OURS} | 1,000 | 900 to 5,000 | 200 | 700 |  |" in told
    assert "| other< | 400 | 400 to 400 | 2,000 |  | 2.50 |" in told
    assert f"| {OURS} | 9 | 12.5 | 8.0 | 2,000 |" in told
    assert "mercurius 1" in told
    chart = ET.fromstring((tmp_path / "benchmarks" / "q1.svg").read_text())  # noqa: S314  # ours
    assert chart.attrib["aria-label"] == "Q1: a search"
    assert [each.text for each in chart.iter() if each.text and "/s" in each.text] == [
        "1,000/s",
        "400/s",
    ]
