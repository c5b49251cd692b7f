"""What a request costs as the clinic grows: `./dev bench growth`.

From the demo clinic's 2,000 doctors to 20,000, each with 100 slots; one server, asked for the same
at each size. As far as 200,000 doctors and 20 million slots, which takes half an hour and 6 GB:

    ./dev bench growth --doctors 20000,200000
"""

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from benchmarks import crowd, machine
from benchmarks.candidates import SETTINGS
from benchmarks.servers import Server, server, sign_in_doctor
from benchmarks.workloads import Workload, queries
from benchmarks.wrk import press
from embedded.progress import Progress
from embedded.roster import DOCTORS
from plans.batches import SLOTS

CONNECTIONS = SLOTS  # so that nobody waits, and none rides on another's statement
CARD = "{ nodes { id name nextSlots(first: 5) { id startsAt } } }"
# Beside those of workloads.py: whatever may have to look at more the more there is.
SEARCHES = {
    "20 doctors of all": "first: 20",
    "20 doctors of all by name": "first: 20, orderBy: NAME",
    "20 doctors of all, free soonest": "first: 20, orderBy: SOONEST",
    "20 of a common specialty, free soonest": (
        'first: 20, orderBy: SOONEST, filter: {specialty: "cardiologia"}'
    ),
    "20 of a rare specialty, free soonest": (
        'first: 20, orderBy: SOONEST, filter: {specialty: "medicina-nuclear"}'
    ),
    "20 doctors nearest, however far": (
        "first: 20, filter: {near: {latitude: -23.55, longitude: -46.63}}"
    ),
    "20 doctors of a name": 'first: 20, filter: {search: "ana souza"}',
}


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one request, in microseconds: of the server's core, and of PostgreSQL's."""

    server: float
    postgres: float

    @property
    def both(self) -> float:
        return self.server + self.postgres


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    core, others = machine.two_cores()
    with machine.started_on(others), server(demo=True, settings=SETTINGS) as running:
        machine.move(running.pid, core)
        first = _measured(running, options)
        print(f"{DOCTORS:,} doctors:")
        _tell(first, first)
        there = DOCTORS
        for doctors in options.doctors:
            asyncio.run(_grow(running, there, doctors, options.slots))
            there = doctors
            print(f"{doctors:,} doctors, {(doctors - DOCTORS) * options.slots:,} slots more:")
            _tell(_measured(running, options), first)


async def _grow(running: Server, there: int, doctors: int, slots: int) -> None:
    connection = await asyncpg.connect(running.database_url)
    progress = Progress(doctors - there, "doctors")
    try:
        await crowd.fill(
            connection, doctors=doctors, slots=slots, first=there, advance=progress.advance
        )
    finally:
        progress.end()
        await connection.close()


def _measured(running: Server, options: argparse.Namespace) -> dict[str, Cost]:
    """By what is asked, medians of rounds in turns."""
    with running.connected() as client:
        token = sign_in_doctor(client)
    asked = asyncio.run(queries(running.database_url, token))
    for number, (title, which) in enumerate(SEARCHES.items()):
        document = f"query Found {{ doctors({which}) {CARD} }}"
        asked.append(Workload(name=f"s{number}", title=title, document=document, given=[{}]))
    for each in asked:
        _pressed(running, each, 1)  # which warms it up
    told: dict[str, list[Cost]] = {each.title: [] for each in asked}
    for _ in range(options.rounds):
        for each in asked:
            told[each.title].append(_pressed(running, each, options.seconds))
    return {title: _median(costs) for title, costs in told.items()}


def _pressed(running: Server, asked: Workload, seconds: int) -> Cost:
    postgres = running.postgres_pid
    own, theirs = machine.cpu_seconds(running.pid), machine.family_seconds(postgres)
    pressed = press(
        running.port, asked.bodies(""), asked.headers, connections=CONNECTIONS, seconds=seconds
    )
    own = machine.cpu_seconds(running.pid) - own
    theirs = machine.family_seconds(postgres) - theirs
    return Cost(server=own / pressed.requests * 1e6, postgres=theirs / pressed.requests * 1e6)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        server=statistics.median(cost.server for cost in costs),
        postgres=statistics.median(cost.postgres for cost in costs),
    )


def _tell(costs: dict[str, Cost], first: dict[str, Cost]) -> None:
    for title, cost in costs.items():
        print(
            f"  {title:70} server {cost.server:6.0f} µs, PostgreSQL {cost.postgres:6.0f} µs,"
            f" {cost.both / first[title].both:5.2f} x"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev bench growth", description="What a request costs as the clinic grows."
    )
    parser.add_argument(
        "--doctors",
        type=lambda text: [int(number) for number in text.split(",")],
        default=[20_000],
        metavar="N,N",
        help="how many, one step after the other (20000)",
    )
    parser.add_argument("--slots", type=int, default=100, help="of each of them (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of each query (%(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="that one takes (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
