"""The server and its peers, side by side: `./dev bench peers`, which installs the peers first.

All run on one database, in turns in one run: the server that is asked on one core, PostgreSQL and
the load on the other. Before anything is timed all of them must have given the same answers. Ends
by itself; every process that it starts ends with it.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks import machine, report
from benchmarks.candidates import OURS, Candidate, ours, peers
from benchmarks.report import Round, Table
from benchmarks.workloads import Workload, comparable, queries
from benchmarks.wrk import press

PEERS = ("mercurius",)
CONNECTIONS = 64
WARM_UP = 2  # seconds


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    tables: list[Table] = []
    with _running(options.peers) as (candidates, workloads):
        unknown = set(options.only) - {workload.name for workload in workloads}
        if unknown:
            sys.exit(f"There is no workload {', '.join(sorted(unknown))}.")
        for workload in workloads:
            if not options.only or workload.name in options.only:
                table = _measured(workload, candidates, options.rounds, options.seconds)
                tables.append(table)
                print(report.text(table), flush=True)


@contextmanager
def _running(names: Sequence[str]) -> Iterator[tuple[list[Candidate], list[Workload]]]:
    core, others = machine.two_cores()
    with (
        machine.started_on(others),  # whatever we start, and so do we
        ours(core, others) as (candidate, server),
        peers(names, server, core) as rivals,
    ):
        yield [candidate, *rivals], asyncio.run(queries(server.database_url))


def _measured(
    workload: Workload, candidates: Sequence[Candidate], rounds: int, seconds: int
) -> Table:
    _check(workload, candidates)
    for candidate in candidates:
        _pressed(workload, candidate, CONNECTIONS, WARM_UP)
    told: dict[str, list[Round]] = {candidate.name: [] for candidate in candidates}
    for number in range(rounds):
        turn = number % len(candidates)
        for candidate in [*candidates[turn:], *candidates[:turn]]:
            told[candidate.name].append(_pressed(workload, candidate, CONNECTIONS, seconds))
    alone = {
        candidate.name: _pressed(workload, candidate, 1, seconds).p50 for candidate in candidates
    }
    _check(workload, candidates)
    return Table(workload=workload.name, title=workload.title, rounds=told, alone=alone)


def _check(workload: Workload, candidates: Sequence[Candidate]) -> None:
    """Raises AssertionError where one of them does not say what this server says."""
    for body in workload.bodies:
        answers = {each.name: comparable(each.ask(body, workload.headers)) for each in candidates}
        for name, answer in answers.items():
            if answer != answers[OURS]:
                raise AssertionError(f"{name} answers {answer}, not {answers[OURS]}: {body}")


def _pressed(workload: Workload, candidate: Candidate, connections: int, seconds: int) -> Round:
    used, busy = machine.cpu_seconds(candidate.pid), machine.busy_seconds()
    own = machine.own_seconds()
    pressed = press(
        candidate.port,
        workload.bodies,
        workload.headers,
        connections=connections,
        seconds=seconds,
    )
    used = machine.cpu_seconds(candidate.pid) - used
    others = machine.busy_seconds() - busy - (machine.own_seconds() - own)
    return Round(
        per_second=pressed.requests / pressed.seconds,
        cpu=used / pressed.requests * 1e6,
        p50=pressed.p50,
        others=max(others, 0.0) / pressed.seconds,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev bench peers", description="Measure this server and its peers, side by side."
    )
    parser.add_argument(
        "--only", type=_names, default=[], metavar="q1,q2", help="these workloads alone"
    )
    parser.add_argument(
        "--peers", type=_names, default=PEERS, metavar="NAMES", help=f"of {', '.join(PEERS)}"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of each (%(default)s)")
    parser.add_argument("--seconds", type=int, default=5, help="that a round takes (%(default)s)")
    return parser


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    main()
