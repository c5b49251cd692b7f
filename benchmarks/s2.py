"""S2: 20,000 who listen over two processes to 2,000 doctors, and 50 events a second.

    ./dev bench s2                      a minute of events, and the floor: three minutes in all
    ./dev bench s2 2000 --seconds 10    fewer people, shorter

Each of them is signed in and hears of one doctor. Doctors publish times at a steady pace, whether
or not the last one has been heard, and a ledger is kept of what was told and what was heard: each
event once, by all who are to hear it. Delays are from the moment at which a doctor was to publish.
The floor is the same crowd, told at the same pace by a bare `write()` loop in C. Ends by itself.
"""

import argparse
import asyncio
import resource
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from benchmarks import machine, population
from benchmarks.callers import Callers
from benchmarks.candidates import SETTINGS
from benchmarks.floor import Floor, floor
from benchmarks.ledgers import PROCESSES, Balance, Told, audience, balance, ms
from benchmarks.listeners import text_frame
from benchmarks.population import Person
from benchmarks.servers import Server, server
from embedded.roster import DOCTORS

PEOPLE, WORKERS, EACH_SECOND, SECONDS = 20_000, 2, 50, 60
FLOOR_SECONDS = 15
SIZE = 250  # bytes of such an event
_QUIET = 0.1  # seconds of processor time in one second
_PUBLISH = """
mutation Publish($times: [SlotTimeInput!]!) {
  publishSlots(input: {times: $times}) { slots { id } problems { code } }
}"""
_LISTEN = """
subscription Listen($doctors: [ID!]!) {
  slotChanges(doctorIds: $doctors) { cursor kind slot { id startsAt } }
}"""


def main() -> None:
    options = _parser().parse_args()
    options.people -= options.people % PROCESSES
    allow_many_files()
    with server(demo=True, settings=SETTINGS, workers=WORKERS) as running:
        _measure(running, options.people, options.seconds)
    group = max(options.people // DOCTORS, 1)
    measure_floor(options.people, group, EACH_SECOND, min(options.seconds, FLOOR_SECONDS))


def allow_many_files() -> None:
    """To this process, and so to all that it starts: each who listens is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _measure(running: Server, people: int, seconds: int) -> None:
    doctors = asyncio.run(population.doctors(running))
    patients = asyncio.run(population.patients(running, people))
    before = sum(map(machine.memory_kib, running.pids))
    said = [
        listening(patient, (_LISTEN, {"doctors": [f"doctor_{doctor.id}"]}))
        for patient, doctor in zip(patients, _around(doctors, people), strict=True)
    ]
    with audience([running.port], said) as crowd:
        settle(running)
        used = sum(map(machine.memory_kib, running.pids)) - before
        print(
            f"{people:,} signed-in people listen to {min(people, len(doctors)):,} doctors over"
            f" {WORKERS} processes, {EACH_SECOND} events a second for {seconds} s:"
        )
        print(f"  connected in         {crowd.seconds:.1f} s, {used / people:.1f} KiB each")
        cpu = machine.cpu_seconds(*running.pids)
        told = asyncio.run(_publish(running, doctors, people, seconds))
        cpu = machine.cpu_seconds(*running.pids) - cpu
        time.sleep(2)
        found = balance(told, crowd.heard())
    print(f"  delivered            {found}")
    print(f"  processor time       {1e2 * cpu / seconds:.0f} % of a core")
    require(found)


def require(found: Balance) -> None:
    """Raises SystemExit if anything was lost."""
    if not found.holds:
        raise SystemExit("  the ledger does not balance")


def listening(person: Person, *subscriptions: tuple[str, dict[str, object]]) -> list[bytes]:
    """What he says first."""
    init = {"type": "connection_init", "payload": {"authorization": f"Bearer {person.token}"}}
    asked = [
        {"id": f"{number}", "type": "subscribe", "payload": {"query": query, "variables": given}}
        for number, (query, given) in enumerate(subscriptions, 1)
    ]
    return [text_frame(each) for each in (init, *asked)]


def settle(running: Server) -> None:
    """Until all who have subscribed are known, so that nobody has anything to do."""
    used = 1.0
    while used > _QUIET:
        before = machine.cpu_seconds(*running.pids)
        time.sleep(1)
        used = machine.cpu_seconds(*running.pids) - before


async def _publish(running: Server, doctors: Sequence[Person], people: int, seconds: int) -> Told:
    """One time of each doctor in turn, and who is to hear of it."""
    told: dict[str, tuple[float, Sequence[int]]] = {}
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    listened_to = min(people, len(doctors))

    async def publish(number: int, due: float) -> None:
        place = number % listened_to
        start = midnight + timedelta(days=300, minutes=30 * (number // listened_to))
        times = {"startsAt": start, "endsAt": start + timedelta(minutes=30)}
        given = [{name: it.isoformat() for name, it in times.items()}]
        made = await callers.ask(_PUBLISH, doctors[place].token, times=given)
        [slot] = made["slots"]
        told[f"OPENED {slot['id']}"] = (due, range(place, people, listened_to))

    async with Callers.to(running.port) as callers, asyncio.TaskGroup() as group:
        began = time.perf_counter() + 0.1
        for number in range(seconds * EACH_SECOND):
            due = began + number / EACH_SECOND
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            group.create_task(publish(number, due))
    return told


def measure_floor(people: int, group: int, each_second: float, seconds: int) -> None:
    """So many told in groups at this pace by a bare loop."""
    with ExitStack() as stack:
        floors = [
            stack.enter_context(floor(people // PROCESSES, SIZE, group=group))
            for _ in range(PROCESSES)
        ]
        there = [it for it in floors if it is not None]
        if len(there) < PROCESSES:
            print("  floor: there is no C compiler here")
            return
        _tell(there, people, group, each_second, seconds)


def _tell(
    floors: Sequence[Floor], people: int, group: int, each_second: float, seconds: int
) -> None:
    told: dict[str, float] = {}
    with audience([it.port for it in floors], [()] * people, size=SIZE) as crowd:
        for it in floors:
            it.expect("ready")
        began = time.perf_counter() + 0.1
        for number in range(int(seconds * each_second)):
            due = told[f"{number}"] = began + number / each_second
            time.sleep(max(due - time.perf_counter(), 0))
            floors[number % len(floors)].tell(f"{number}")
        time.sleep(1)
        heard = crowd.heard()
    if len(heard) != len(told) * group:
        raise SystemExit(f"  floor: {len(heard):,} heard, {len(told) * group:,} told")
    delays = sorted(each.at - told[each.what] for each in heard)
    print(f"  floor                p50 {ms(delays, 0.5)}, p99 {ms(delays, 0.99)}")


def _around(doctors: Sequence[Person], count: int) -> list[Person]:
    """So many in turn."""
    return [doctors[number % len(doctors)] for number in range(count)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev bench s2", description="Measure many who listen to many doctors."
    )
    parser.add_argument("people", type=int, nargs="?", default=PEOPLE, help=f"{PEOPLE:,}")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of events (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
