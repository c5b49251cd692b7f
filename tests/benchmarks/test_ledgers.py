"""The ledger of those who listen: what it finds, and that a short day of few people balances."""

import os
import re
import shutil
import subprocess
import sys
import time

import pytest

from benchmarks import machine
from benchmarks.floor import floor
from benchmarks.ledgers import HUNG_UP, Heard, audience, balance
from tests.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the harness reads /proc")


def test_whatever_is_lost_doubled_or_cut_off_is_found():
    told = {"OPENED a": (10.0, (1, 2)), "OPENED b": (20.0, (1,))}
    heard = [Heard(1, "OPENED a", 10.1), Heard(2, "OPENED a", 10.3), Heard(1, "OPENED b", 20.2)]

    whole = balance(told, heard)
    assert whole.holds
    assert whole.delays == pytest.approx([0.1, 0.2, 0.3])

    lost, doubled = balance(told, heard[1:]), balance(told, [*heard, heard[0]])
    assert (lost.lost, lost.holds) == (1, False)
    assert (doubled.doubled, doubled.holds) == (1, False)
    cut_off = balance(told, [*heard, Heard(2, HUNG_UP, 30.0)])
    assert (cut_off.hung_up, cut_off.holds) == (1, False)
    others = balance(told, [*heard, Heard(2, "OPENED b", 20.1), Heard(1, "EXPIRED c", 5.0)])
    assert (others.others, others.holds) == (2, True)


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler here")
def test_whom_the_floor_tells_writes_it_down():
    with floor(4, 100, group=3) as under:
        assert under is not None
        with audience([under.port], [()] * 4, size=100) as crowd:
            under.expect("ready")
            for word in ("0", "1"):
                under.tell(word)
            time.sleep(0.5)
            heard = crowd.heard()

    assert sorted(each.what for each in heard) == ["0"] * 3 + ["1"] * 3
    assert {each.member for each in heard} == {0, 1, 2, 3}


def test_a_short_day_of_few_people_balances_and_leaves_nothing_behind():
    command = ["-m", "benchmarks.mixed", "60", "--seconds", "4", "--each-second", "20"]
    before = set(machine.descendants(os.getpid()))

    ended = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = re.search(r"delivered +(\d+) deliveries, 0 lost, 0 doubled, 0 hung up", ended.stdout)
    assert found is not None, ended.stdout
    assert int(found[1]) > 0
    assert set(machine.descendants(os.getpid())) <= before
