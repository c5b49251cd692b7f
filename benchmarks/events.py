"""S1: one event to all who listen to one doctor, and what it costs to have them there.

The crowd is a process of bare sockets on the other core (`listeners.py`), the same for all servers.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from benchmarks import machine
from benchmarks.candidates import Candidate
from benchmarks.listeners import Crowd

SIZES = {"s1": 1_000, "s1-10000": 10_000}
EVENTS = 7
PEERS = ("mercurius", "ws")
_WARMING = 100  # who listen before anything is measured
_LISTEN = """
subscription Listen($doctors: [ID!]!) {
  slotChanges(doctorIds: $doctors) { kind slot { id startsAt } }
}"""
_PUBLISH = """
mutation Publish($times: [SlotTimeInput!]!) {
  publishSlots(input: {times: $times}) { slots { id startsAt } problems { code } }
}"""
_IDLE = 0.1  # seconds of its core in one second
_half_hours = count()


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Of one server: `kib` of memory for a connection, `connects` in a second; of each event the
    milliseconds until the `last` had it, and microseconds of the server's core for a message.
    """

    kib: float
    connects: float
    last: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def measured(
    candidates: Sequence[Candidate], doctor_id: str, token: str, people: int
) -> dict[str, Heard]:
    """`token`: of that doctor."""
    return {
        each.name: asyncio.run(_measured(each, doctor_id, token, people)) for each in candidates
    }


def text(name: str, told: dict[str, Heard]) -> str:
    lines = [f"{name.upper()}: {title(SIZES[name])}"]
    for who, heard in told.items():
        lines.append(
            f"  {who:12} last {statistics.median(heard.last):8,.1f} ms"
            f" ({min(heard.last):,.1f} to {max(heard.last):,.1f})"
            f"  cpu {statistics.median(heard.cpu):6.1f} µs a message"
            f"  {heard.kib:6.1f} KiB each  {heard.connects:6,.0f} connects/s"
        )
    return "\n".join(lines)


def title(people: int) -> str:
    return f"one event to {people:,} who listen to one doctor"


async def _measured(candidate: Candidate, doctor_id: str, token: str, people: int) -> Heard:
    said = [
        {"type": "connection_init"},
        {
            "id": "1",
            "type": "subscribe",
            "payload": {"query": _LISTEN, "variables": {"doctors": [f"doctor_{doctor_id}"]}},
        },
    ]
    crowd = Crowd(b'"type":"next"')
    try:
        await crowd.open(candidate.port, _WARMING, *said)
        await _settled(candidate)
        await _tell(candidate, crowd, token)
        before = machine.memory_kib(candidate.pid)
        seconds = await crowd.open(candidate.port, people - _WARMING, *said)
        await _settled(candidate)
        kib = (machine.memory_kib(candidate.pid) - before) / (people - _WARMING)
        heard = Heard(kib=kib, connects=(people - _WARMING) / seconds)
        for _ in range(EVENTS):
            used = machine.cpu_seconds(candidate.pid)
            heard.last.append(await _tell(candidate, crowd, token) * 1e3)
            await asyncio.sleep(0.3)
            used = machine.cpu_seconds(candidate.pid) - used
            heard.cpu.append(used / people * 1e6)
    finally:
        crowd.close()
    await asyncio.sleep(1)
    return heard


async def _settled(candidate: Candidate) -> None:
    """Until all who have subscribed are known, so that the server has nothing to do."""
    async with asyncio.timeout(60):
        used, before = 1.0, machine.cpu_seconds(candidate.pid)
        while used > _IDLE:
            await asyncio.sleep(1)
            now = machine.cpu_seconds(candidate.pid)
            used, before = now - before, now


async def _tell(candidate: Candidate, crowd: Crowd, token: str) -> float:
    """Seconds from when it was asked for until the last had heard. Raises AssertionError."""
    starts_at = datetime.now(UTC) + timedelta(days=300, minutes=30 * next(_half_hours))
    times = {
        "startsAt": starts_at.isoformat(),
        "endsAt": (starts_at + timedelta(minutes=30)).isoformat(),
    }
    body = json.dumps({"query": _PUBLISH, "variables": {"times": [times]}})
    crowd.expect()
    began = time.perf_counter()
    answer = await asyncio.to_thread(candidate.ask, body, {"authorization": f"Bearer {token}"})
    if not (json.loads(answer).get("data") or {}).get("publishSlots", {}).get("slots"):
        raise AssertionError(f"{candidate.name}: {answer}")
    return await crowd.heard_by_all() - began
