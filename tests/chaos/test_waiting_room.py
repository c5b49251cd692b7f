"""A waiting room over two processes, one of which is killed."""

import asyncio
import os
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.clients import Clinic, Ear
from tests.embedded.processes import running, workers_of
from tests.resolvers.consultations import PRESENCE
from tests.resolvers.test_consultations import ACCEPT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

FIVE_MINUTES = 5 / (24 * 60)  # of a day
WITHIN = 5.0  # seconds


async def until_seen(ear: Ear, *, doctor: bool, since: float) -> float:
    """How long after `since` it is told; what was told before does not count."""
    async with asyncio.timeout(60):
        while True:
            at, event = await ear.timed(60)
            if at > since and event["doctorPresent"] is doctor:
                return at - since


async def at_another_worker(
    stack: AsyncExitStack, clinic: Clinic, ear: Ear, workers: set[int], **variables: Any
) -> Ear:
    for _ in range(30):
        other = await stack.enter_async_context(
            clinic.hear(PRESENCE, clinic.doctor_token, **variables)
        )
        if other.server(workers) != ear.server(workers):
            return other
        await other.socket.close()
    raise AssertionError("one worker takes all")


async def test_who_is_there_is_seen_from_the_other_process_and_its_death_within_five_seconds(
    begun: Path, capsys: pytest.CaptureFixture[str]
):
    with running(begun, "--workers", "2") as run:
        clinic = await Clinic(run.port).open()
        workers = workers_of(run.process.pid)
        [slot] = await clinic.publish(1, days=FIVE_MINUTES)
        id = await clinic.request(slot)
        await clinic.act(ACCEPT, clinic.doctor_token, id=id)

        async with AsyncExitStack() as stack:
            ana = await stack.enter_async_context(
                clinic.hear(PRESENCE, clinic.patient_token, id=id)
            )
            doctor = await at_another_worker(stack, clinic, ana, workers, id=id)
            await ana.silent(1)
            killed = time.perf_counter()
            os.kill(doctor.server(workers), signal.SIGKILL)
            went = await until_seen(ana, doctor=False, since=killed)
            back = time.perf_counter()
            await stack.enter_async_context(clinic.hear(PRESENCE, clinic.doctor_token, id=id))
            came = await until_seen(ana, doctor=True, since=back)

    with capsys.disabled():
        print(f"\ncame: seen after {came:.1f} s, killed: after {went:.1f} s")  # noqa: T201
    assert max(came, went) < WITHIN
