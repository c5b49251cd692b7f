"""The harness that compares this server with others: that it starts, tells, and leaves nothing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import comparison, machine, wrk
from benchmarks.candidates import OURS, Candidate
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
    command = ["-m", "benchmarks.comparison", "--only", "q1,q2", "--rounds", "1", "--seconds", "1"]
    before = set(machine.descendants(os.getpid()))

    ended = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr[-3000:]
    for name in ("Q1", "Q2"):
        assert f"{name}: " in ended.stdout
    for name in (OURS, *comparison.PEERS):
        told = re.findall(rf"^  {name} +([\d,]+)/s .* cpu +(\d+)", ended.stdout, re.MULTILINE)
        assert len(told) == 2
        assert all(int(rate.replace(",", "")) > 0 and int(cpu) > 0 for rate, cpu in told)
    assert set(machine.descendants(os.getpid())) <= before
    assert not _still_running(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def _still_running(word: str) -> list[str]:
    commands = (machine.command_of(int(each.name)) for each in machine.PROC.glob("[0-9]*"))
    return [command for command in commands if word in command]
