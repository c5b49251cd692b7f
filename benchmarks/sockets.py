"""What people who listen cost, and how soon they hear: `./dev bench sockets`.

One server with one worker on a core of its own; a crowd of signed-in patients on the other, each
with one socket and one subscription to the same doctor; then one event after the other. Beside it
the floor: a bare `write()` loop in C to as many connections, where there is a compiler. Ends by
itself within five minutes. More people: `./dev bench sockets 10000`.
"""

import argparse
import asyncio
import os
import resource
import secrets
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import machine
from benchmarks.floor import Floor, floor
from benchmarks.listeners import Crowd, PlainCrowd
from benchmarks.servers import Client, Server, server, sign_in

PEOPLE, ROUNDS = 2_000, 15
MOST = 18_000  # files that a process may open are 20,000 in many places
_REGISTER = """
mutation ($who: RegisterDoctorInput!) {
  registerDoctor(input: $who) { doctor { id } problems { code } }
}
"""
_SIGN_IN = """
mutation ($who: SignInDoctorInput!) {
  signInDoctor(input: $who) { session { accessToken } problems { code } }
}
"""
_PUBLISH = """
mutation ($times: [SlotTimeInput!]!) {
  publishSlots(input: {times: $times}) { slots { id } problems { code } }
}
"""
_LISTEN = """
subscription ($doctors: [ID!]!) {
  slotChanges(doctorIds: $doctors) { cursor kind slot { id startsAt } }
}
"""
_MARK = b'"type":"next"'
_FRAME = 250  # bytes of such an event


@dataclass
class Doctor:
    """`told`: how many slots were published."""

    id: str
    token: str
    told: int = 0

    def tell(self, client: Client) -> None:
        starts_at = datetime.now(UTC) + timedelta(days=1, hours=self.told)
        self.told += 1
        times = {
            "startsAt": starts_at.isoformat(),
            "endsAt": (starts_at + timedelta(minutes=30)).isoformat(),
        }
        client.connection.close()  # it may have been too quiet for too long: a new one opens itself
        if not client.ask(_PUBLISH, self.token, times=[times])["publishSlots"]["slots"]:
            raise AssertionError("nothing was published")


@dataclass
class Told:
    """Of each event: milliseconds from the first who had it to the last, and from when it was
    published; microseconds of the server's processor time for each message.
    """

    spread: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("people", type=int, nargs="?", default=PEOPLE, help=f"{PEOPLE:,}")
    people = min(arguments.parse_args().people, MOST)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    server_core, crowd_core = machine.two_cores()
    machine.move(os.getpid(), crowd_core)
    with server() as it:
        asyncio.run(_measure(it, people, server_core))
    with floor(people, _FRAME, core=server_core) as under:
        if under is None:
            print("  floor: there is no C compiler here")
        else:
            asyncio.run(_measure_floor(under, people))


async def _measure(it: Server, people: int, core: int) -> None:
    worker = it.pid
    machine.move(worker, core)
    with it.connected() as client:
        doctor = _doctor(client)
        _, patient = sign_in(client)
        say = [
            {"type": "connection_init", "payload": {"authorization": f"Bearer {patient}"}},
            {
                "id": "1",
                "type": "subscribe",
                "payload": {"query": _LISTEN, "variables": {"doctors": [doctor.id]}},
            },
        ]
        crowd = Crowd(_MARK)
        await crowd.open(it.port, 100, *say)  # which warms it up
        await _tell(crowd, doctor, client, worker)
        before = machine.memory_kib(worker)
        cpu = machine.thread_seconds(worker)
        seconds = await crowd.open(it.port, people - 100, *say)
        cpu = machine.thread_seconds(worker) - cpu
        await asyncio.sleep(2)  # until all are heard of
        each = (machine.memory_kib(worker) - before) / (people - 100)
        print(f"{people:,} signed-in people listen to one doctor; medians of {ROUNDS} events:")
        print(f"  connections          {each:.1f} KiB each")
        print(
            f"  connects             {(people - 100) / seconds:,.0f} a second,"
            f" {1e6 * cpu / (people - 100):,.0f} µs of processor time each"
        )
        told = Told()
        for n in range(ROUNDS + 1):
            await _tell(crowd, doctor, client, worker, told if n else None)
        crowd.close()
    print(f"  from first to last   {_median(told.spread)} ms")
    print(f"  published to last    {_median(told.last)} ms")
    print(f"  processor time       {_median(told.cost)} µs a message")


async def _tell(
    crowd: Crowd, doctor: Doctor, client: Client, worker: int, told: Told | None = None
) -> None:
    crowd.expect()
    cpu, began = machine.thread_seconds(worker), time.perf_counter()
    await asyncio.to_thread(doctor.tell, client)
    last = await crowd.heard_by_all()
    await asyncio.sleep(0.2)
    if told is not None:
        told.last.append(1e3 * (last - began))
        told.spread.append(1e3 * (last - crowd.first_at))
        told.cost.append(1e6 * (machine.thread_seconds(worker) - cpu) / len(crowd.members))


async def _measure_floor(under: Floor, people: int) -> None:
    crowd, told = PlainCrowd(), Told()
    await crowd.open(under.port, people)
    under.expect("ready")
    for _ in range(ROUNDS):
        crowd.expect()
        cost = await asyncio.to_thread(under.tell)
        last = await crowd.heard_by_all()
        told.spread.append(1e3 * (last - crowd.first_at))
        told.cost.append(cost / people)
        await asyncio.sleep(0.1)
    crowd.close()
    print("  floor, from first to last", _median(told.spread), "ms")
    print("  floor, processor time", _median(told.cost), "µs a message")


def _median(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def _doctor(client: Client) -> Doctor:
    who: dict[str, Any] = {"crm": "123456", "uf": "SP", "password": secrets.token_urlsafe()}
    more = {"name": "Bruno Telles", "email": "bruno@example.com", "specialties": ["cardiologia"]}
    made = client.ask(_REGISTER, who={**who, **more, "timeZone": "America/Sao_Paulo"})
    session = client.ask(_SIGN_IN, who=who)["signInDoctor"]["session"]
    return Doctor(made["registerDoctor"]["doctor"]["id"], session["accessToken"])


if __name__ == "__main__":
    main()
