"""Five times as many requests as one process can answer: it answers as many as before, as fast as
before, and tells the others at once; whoever is connected notices nothing.
"""

import asyncio
import json
import logging
import os
import resource
import statistics
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from domain import clock
from tests import make
from tests.chaos.flooding import Flood
from tests.chaos.test_drain import CHANGES, PUBLISH, SUBPROTOCOL, Clinic, Process
from tests.make import Person
from tests.served import free_port
from tests.server import LocalServer, gid

log = logging.getLogger(__name__)

ALONE, LONG = 2.0, 4.0  # seconds: to measure what it carries, and of the flood
TIMES = 5
PROBES = ("/healthz", "/readyz")
AT_ONCE = 16
SLOTS = 50
FIELDS = "id startsAt endsAt status doctor { name }"
# Reviews are for resolvers to answer, and so all of it is: some milliseconds each, and nobody
# shares an answer. To turn somebody away costs a twentieth of that.
WORK = f"""
query ($id: ID!) {{
  node(id: $id) {{
    ... on Doctor {{
      name reviews {{ nodes {{ stars }} }} nextSlots(first: {SLOTS}) {{ {FIELDS} }}
    }}
  }}
}}
"""


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(16384, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def numbers() -> int:
    """The port where the server tells them."""
    return free_port()


@pytest.fixture
async def clinic(
    running_server: LocalServer, database_url: str, keys_file: Path, numbers: int
) -> AsyncGenerator[Clinic]:
    doctor = make.doctor()
    await running_server.given(doctor, *make.slots(doctor, SLOTS))
    token, _ = running_server.app.services.tokens.issue(doctor.viewer, at=clock.now())
    environment = os.environ | {
        "HEALTHMED_DATABASE_URL": database_url,
        "HEALTHMED_KEYS_FILE": str(keys_file),
        "HEALTHMED_MAIL_FOLDER": str(keys_file.parent / "mail"),
        "HEALTHMED_DATABASE_CONNECTIONS": "8",
        "HEALTHMED_METRICS_PORT": str(numbers),
        "HEALTHMED_TRANSPORT__ANSWERS_AT_ONCE": str(AT_ONCE),
    }
    with Process.started(environment) as process:
        await process.ready()
        yield Clinic([process], doctor, token)


def request_to(address: str, doctor: Person) -> bytes:
    body = json.dumps({"query": WORK, "variables": {"id": gid(doctor)}})
    head = f"POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n{body}".encode()


async def look_after(address: str, path: str, over: asyncio.Event) -> list[tuple[int, float]]:
    """Status and seconds of each look."""
    seen = []
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        while not over.is_set():
            began = time.perf_counter()
            status = (await http.get(f"http://{address}{path}")).status_code
            seen.append((status, time.perf_counter() - began))
            await asyncio.sleep(0.1)
    return seen


async def act_and_hear(clinic: Clinic, over: asyncio.Event) -> list[float]:
    """By one socket, publishing slots and hearing of each: how long that took each time."""
    took = []
    url = f"ws://{clinic.servers[0].address}/graphql"
    async with websockets.connect(url, subprotocols=SUBPROTOCOL) as connection:

        async def say(**message: Any) -> None:
            await connection.send(json.dumps(message))

        await say(type="connection_init", payload={"authorization": f"Bearer {clinic.token}"})
        await connection.recv()
        heard = {"query": CHANGES, "variables": {"doctors": [gid(clinic.doctor)]}}
        await say(id="live", type="subscribe", payload=heard)
        await asyncio.sleep(0.3)
        while not over.is_set():
            began, asked = time.perf_counter(), {"query": PUBLISH, "variables": clinic.next_slot()}
            await say(id=str(len(took)), type="subscribe", payload=asked)
            while True:
                message = json.loads(await connection.recv())
                if message["id"] == "live":
                    break
                if message["type"] == "next":
                    clinic.note(message["payload"])
            assert message["payload"]["data"]["slotChanges"]["kind"] == "OPENED"
            took.append(time.perf_counter() - began)
            await asyncio.sleep(0.1)
    return took


def at(share: float, values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[round(share * 100) - 1]


async def number(port: int, name: str) -> float:
    async with httpx.AsyncClient(trust_env=False) as http:
        told = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    [line] = [line for line in told.splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[1])


async def test_five_times_the_load_is_answered_as_fast_and_the_rest_is_told_at_once(
    clinic: Clinic, numbers: int
):
    [process] = clinic.servers
    host, _, port = process.address.partition(":")
    flood = Flood(host, int(port), request_to(process.address, clinic.doctor))
    await flood.closed(AT_ONCE, 0.5)  # what is prepared once is prepared
    carried = await flood.closed(AT_ONCE, ALONE)
    log.info("%.0f a second", carried)
    over = asyncio.Event()

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        probes = [tasks.create_task(look_after(process.address, path, over)) for path in PROBES]
        socket = tasks.create_task(act_and_hear(clinic, over))
        answers = await flood.open(TIMES * carried, LONG)
        over.set()
    after = await flood.once(time.perf_counter())
    flood.close()

    let_in = [answer.seconds for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 503]
    assert len(let_in) + len(refused) == len(answers)
    assert len(refused) > len(answers) / 3
    told = {
        "carried a second": carried,
        "answered a second": len(let_in) / LONG,
        "answered p50, p99": (at(0.5, let_in), at(0.99, let_in)),
        "turned away": len(refused) / len(answers),
        "turned away p50, p99": tuple(at(p, [it.seconds for it in refused]) for p in (0.5, 0.99)),
        "heard p50, worst": (statistics.median(socket.result()), max(socket.result())),
        "looked after, worst": max(took for each in probes for _, took in each.result()),
    }
    log.info("%s", told)
    assert {1, 2, 3} >= {int(each.retry_after) for each in refused}
    assert len(let_in) / LONG > 0.2 * carried
    assert at(0.99, let_in) < 4
    assert at(0.5, [each.seconds for each in refused]) < 1
    assert {status for each in probes for status, _ in each.result()} == {200}
    assert max(took for each in probes for _, took in each.result()) < 4
    assert len(socket.result()) >= 4
    assert max(socket.result()) < 4
    assert (after.status, after.seconds < 2) == (200, True)
    assert await number(numbers, "healthmed_shed_total") == len(refused)
    assert process.process.poll() is None
