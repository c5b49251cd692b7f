"""Two releases and a migration between them, while people go on (docs/decisions/0059)."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from embedded import seaweed
from embedded.postgres import Postgres
from tests.chaos.at_length import at_length
from tests.chaos.clients import REQUEST
from tests.chaos.storm import faults, releases
from tests.chaos.storm.cluster import Cluster, Server
from tests.chaos.storm.people import Line
from tests.chaos.storm.trial import Trial
from tests.paths import ROOT

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes die with us"),
    pytest.mark.skipif(seaweed.find() is None, reason="no S3 runs on this machine"),
]

# What one act leaves, of which all is to be there or nothing. None of it is ever taken back, as the
# slot's status is once its doctor has declined.
LEFT = (
    "SELECT (SELECT count(*) FROM appointment WHERE slot_id = $1) AS appointments,"
    " (SELECT count(*) FROM event JOIN appointment ON appointment.id = event.appointment_id"
    " WHERE appointment.slot_id = $1 AND name = 'AppointmentRequested') AS requested,"
    " (SELECT count(*) FROM event WHERE slot_id = $1 AND name = 'SlotBooked') AS booked,"
    " (SELECT count(*) FROM audit_entry WHERE action = 'RequestAppointment'"
    " AND subject @> jsonb_build_object('slot_id', $1::uuid)) AS audited"
)


@pytest.fixture
def before(folder: Path) -> Path:
    """The code of the release before."""
    return releases.unpack(releases.release_before(), folder / "before")


@pytest.fixture
def postgres(folder: Path, before: Path) -> Iterator[Postgres]:
    """As the release before has migrated it."""
    with Postgres(folder / "postgres") as it:
        releases.migrate(before, it.url())
        yield it


@at_length
async def test_a_release_is_rolled_out_and_back_and_nobody_notices(
    folder: Path, before: Path, postgres: Postgres
):
    async def migrate(_: Cluster) -> None:
        await asyncio.to_thread(releases.migrate, ROOT, postgres.url())

    async with Cluster.up(folder, postgres, code=before) as cluster, Trial.of(cluster) as trial:
        await trial.all_go_on(3)  # old servers, old schema

        await trial.strike(migrate)
        await trial.all_go_on(8)  # old servers, new schema

        await trial.strike(faults.release(ROOT))
        assert {server.code for server in cluster.servers} == {ROOT}
        await trial.all_go_on(5)

        await trial.strike(faults.release(before))
        await trial.all_go_on(5)  # a rollback takes no migration back

        assert trial.errors["INTERNAL"] == 0, [str(server) for server in cluster.servers]


async def test_a_server_that_is_ahead_of_the_schema_takes_nobody_until_it_is_migrated(
    folder: Path, before: Path, postgres: Postgres
):
    """Were it asked all the same, each act is done whole or not at all."""
    async with Cluster.up(folder, postgres, code=before) as cluster, Trial.of(cluster) as trial:
        [_, ahead] = cluster.servers
        ahead.code = ROOT
        await ahead.stop()
        ahead.start()
        told = await _readiness(cluster, ahead)
        assert told == {**told, "ready": False, "database": True, "migrations": False}
        assert cluster.somewhere() is not ahead

        await trial.all_go_on(5)
        assert not ahead.healthy
        await _each_act_is_whole(cluster, trial, ahead)

        await asyncio.to_thread(releases.migrate, ROOT, postgres.url())
        await cluster.whole()  # by itself
        await trial.all_go_on(5)

        assert trial.errors["INTERNAL"] == 0


async def _readiness(cluster: Cluster, server: Server) -> dict[str, Any]:
    """Once it answers, and hears events."""
    told: dict[str, Any] = {}
    async with asyncio.timeout(120):
        while not told.get("events"):
            await asyncio.sleep(0.1)
            try:
                url = f"http://127.0.0.1:{server.port}/readyz"
                told = (await cluster.client.get(url)).json()
            except httpx.TransportError:
                continue
    return told


async def _each_act_is_whole(cluster: Cluster, trial: Trial, server: Server) -> None:
    [patient, *_], slots = trial.patients, trial.doctors[0].slots[-5:]  # that nobody asks for
    connection = await asyncpg.connect(cluster.postgres.url())
    for slot in slots:
        key = str(uuid4())
        answer = await _ask(cluster, server, patient.line, slot=slot, key=key)
        left = await connection.fetchrow(LEFT, slot.partition("_")[2])
        assert set(left.values()) in ({0}, {1}), left
        given = (answer.get("data") or {}).get("requestAppointment") or {}
        assert (given.get("appointment") is not None) == (set(left.values()) == {1})
        if given.get("appointment"):
            patient.slots[key], patient.given[key] = slot, given["appointment"]["id"]
            patient.kept.append(key)
    await connection.close()


async def _ask(cluster: Cluster, server: Server, line: Line, **variables: Any) -> Any:
    headers = {"authorization": f"Bearer {await line.token()}"}
    url = f"http://127.0.0.1:{server.port}/graphql"
    body = {"query": REQUEST, "variables": variables}
    return (await cluster.client.post(url, json=body, headers=headers, timeout=20)).json()
