"""The server and its peers, side by side: `./dev bench peers`, which installs the peers first.

All run on one database, in turns in one run: the server that is asked on one core, PostgreSQL and
the load on the other. Before anything is timed all of them must have given the same answers. Ends
by itself; every process that it starts ends with it.
"""

import argparse
import asyncio
import json
import resource
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks import bookings, callers, events, machine, paper, report
from benchmarks.candidates import OURS, Candidate, ours, peers
from benchmarks.events import Heard
from benchmarks.report import Round, Table
from benchmarks.servers import Server, sign_in_doctor
from benchmarks.workloads import Workload, comparable, queries
from benchmarks.wrk import Pressed, press

PEERS = ("mercurius", "yoga", "postgraphile", "strawberry", "ws")
WRITES = ("w1", "w2")
NAMES = ("q1", "q2", "q3", "q4", "q5", *WRITES, *events.SIZES)
WHO = "{ viewer { ... on DoctorViewer { doctor { id } } } }"
CONNECTIONS = 64
WARM_UP = ALONE = 2  # seconds
CROWD = 512  # requests of a crowd whose answers are all looked at


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    if unknown := set(options.only) - set(NAMES):
        sys.exit(f"There is no workload {', '.join(sorted(unknown))}, only {', '.join(NAMES)}.")
    tables: list[Table] = []
    heard: dict[str, dict[str, Heard]] = {}
    _allow_many_files()
    with _running(options.peers) as (server, candidates):
        for name in options.only or NAMES:
            if name in events.SIZES:
                heard[name] = _heard(server, candidates, events.SIZES[name])
                print(events.text(name, heard[name]), flush=True)
                continue
            table = _table(name, server, candidates, options.rounds, options.seconds)
            tables.append(table)
            print(report.text(table), flush=True)
    if options.write:
        paper.write(tables, heard, rounds=options.rounds, seconds=options.seconds)


@contextmanager
def _running(names: Sequence[str]) -> Iterator[tuple[Server, list[Candidate]]]:
    core, others = machine.two_cores()
    with (
        machine.started_on(others),  # whatever we start, and so do we
        ours(core, others) as (candidate, server),
        peers(names, server, core) as rivals,
    ):
        yield server, [candidate, *rivals]


def _table(
    name: str, server: Server, candidates: Sequence[Candidate], rounds: int, seconds: int
) -> Table:
    if name in WRITES:
        able = [each for each in candidates if each.name in {OURS, "mercurius"}]
        clinic = bookings.opened(server, [each.name for each in able])
        return bookings.measured(name, clinic, able, rounds=rounds, seconds=seconds)
    with server.connected() as client:
        token = sign_in_doctor(client)
    [workload] = [
        each for each in asyncio.run(queries(server.database_url, token)) if each.name == name
    ]
    able = [each for each in candidates if each.name in {OURS, *workload.peers}]
    return _measured(workload, able, rounds, seconds)


def _heard(server: Server, candidates: Sequence[Candidate], people: int) -> dict[str, Heard]:
    able = [each for each in candidates if each.name in {OURS, *events.PEERS}]
    with server.connected() as client:
        token = sign_in_doctor(client)
        id = client.ask(WHO, token)["viewer"]["doctor"]["id"]
    return events.measured(able, id.partition("_")[2], token, people)


def _allow_many_files() -> None:
    """To this process, and so to all that it starts: each who listens is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _measured(
    workload: Workload, candidates: Sequence[Candidate], rounds: int, seconds: int
) -> Table:
    right = _check(workload, candidates)
    for candidate in candidates:
        _press(workload, candidate, CONNECTIONS, WARM_UP)
    heard = _heard_in_a_crowd(workload, candidates[0])  # ours, where those who wait share answers
    after = _check(workload, candidates[:1])  # for a hold may end meanwhile
    if not _texts(heard) <= _texts([*right, *after]):
        raise AssertionError(f"{workload.name}: in a crowd we answer otherwise")
    told: dict[str, list[Round]] = {candidate.name: [] for candidate in candidates}
    alone: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
    for number in range(rounds):
        turn = number % len(candidates)
        for candidate in [*candidates[turn:], *candidates[:turn]]:
            told[candidate.name].append(_pressed(workload, candidate, CONNECTIONS, seconds))
            alone[candidate.name].append(_pressed(workload, candidate, 1, ALONE).p50)
    _check(workload, candidates)
    medians = {name: statistics.median(each) for name, each in alone.items()}
    return Table(workload=workload.name, title=workload.title, rounds=told, alone=medians)


def _check(workload: Workload, candidates: Sequence[Candidate]) -> Sequence[Any]:
    """What this server says, in turn. Raises AssertionError where one of them does not say it."""
    answers = {
        each.name: [
            comparable(each.ask(body, workload.headers)) for body in workload.bodies(each.name)
        ]
        for each in candidates
    }
    for name, given in answers.items():
        for answer, right in zip(given, answers[OURS], strict=True):
            if answer != right:
                raise AssertionError(f"{workload.name}: {name} answers {answer}, not {right}")
    return answers[OURS]


def _heard_in_a_crowd(workload: Workload, candidate: Candidate) -> Sequence[Any]:
    """Answers that are given while all others ask."""
    bodies, heard = workload.bodies(candidate.name), list[Any]()
    times = CROWD // len(bodies)
    posted = [callers.posted(body.encode(), workload.headers) for body in bodies] * times
    asyncio.run(
        callers.closed_loop(
            candidate.port,
            posted,
            lambda answer, _: heard.append(comparable(answer.decode())),
            connections=CONNECTIONS,
        )
    )
    return heard


def _texts(answers: Sequence[Any]) -> set[str]:
    return {json.dumps(answer, sort_keys=True) for answer in answers}


def _pressed(workload: Workload, candidate: Candidate, connections: int, seconds: int) -> Round:
    used, busy = machine.cpu_seconds(candidate.pid), machine.busy_seconds()
    own = machine.own_seconds()
    pressed = _press(workload, candidate, connections, seconds)
    if not pressed.requests:
        sys.exit(f"{candidate.name} answers nothing within {seconds} s: take longer rounds.")
    used = machine.cpu_seconds(candidate.pid) - used
    others = machine.busy_seconds() - busy - (machine.own_seconds() - own)
    return Round(
        per_second=pressed.requests / pressed.seconds,
        cpu=used / pressed.requests * 1e6,
        p50=pressed.p50,
        others=max(others, 0.0) / pressed.seconds,
    )


def _press(workload: Workload, candidate: Candidate, connections: int, seconds: int) -> Pressed:
    return press(
        candidate.port,
        workload.bodies(candidate.name),
        workload.headers,
        connections=connections,
        seconds=seconds,
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
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    return parser


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    main()
