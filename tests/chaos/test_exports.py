"""An export, when the process that makes it is killed in the midst of it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests import make
from tests.chaos.test_mail import becomes_true
from tests.conftest import TEMPLATE, create_database, store_settings, url_of
from tests.judges.running import running
from tests.make import Person
from tests.resolvers.exporting import document, patient
from tests.server import LocalServer

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.skipif(not store_settings(), reason="no S3 runs on this machine"),
]

MEBIBYTE = 1 << 20
ROW = (
    "SELECT status, progress, tries, object_key, version, size FROM record_export"
    " WHERE patient_id = $1"
)


@pytest.fixture
async def database(worker_id: str) -> str:
    name = f"exporting_{worker_id}_{os.getpid()}"
    await create_database(name, TEMPLATE)
    return url_of(name)


@pytest.fixture
async def aside(
    database: str, keys_file: Path, object_store: dict[str, str]
) -> AsyncGenerator[LocalServer]:
    """Makes nothing itself; looks at what the other does."""
    async with LocalServer.run(database, keys_file, **object_store) as server:
        yield server


async def with_files(server: LocalServer, count: int) -> Person:
    """Each of 10 MiB, so that to make the archive takes some seconds."""
    ana = await patient(server)
    for _ in range(count):
        await document(server, ana, os.urandom(10 * MEBIBYTE))
    await server.given(make.export(ana))
    return ana


async def test_what_a_killed_process_was_making_another_finishes(
    aside: LocalServer, database: str, keys_file: Path, object_store: dict[str, str], tmp_path: Path
):
    ana = await with_files(aside, 10)
    environment = {
        **{f"HEALTHMED_{name.upper()}": value for name, value in object_store.items()},
        "HEALTHMED_DATABASE_URL": database,
        "HEALTHMED_KEYS_FILE": str(keys_file),
        "HEALTHMED_EXPORT_EVERY": "0.2",
        "HEALTHMED_LIMITS__EXPORT_LEASE": "PT2S",
        "HEALTHMED_LIMITS__EXPORT_WITHIN": "P9999D",  # she has asked for it in 2030
    }

    async def state() -> tuple[str, float]:
        [row] = await aside.fetch(ROW, ana.id)
        return row["status"], row["progress"]

    with running(tmp_path, environment) as run:
        async with asyncio.timeout(60):
            while (seen := await state())[1] == 0:  # noqa: ASYNC110  # the other side tells nobody
                await asyncio.sleep(0.01)
            assert seen[0] == "RUNNING"
            os.kill(run.worker, signal.SIGKILL)
            [row] = await aside.fetch(ROW, ana.id)
            assert await aside.app.objects.look_up(row["object_key"]) is None
            await becomes_true(lambda: "was started again" in run.log.read_text())
            while (await state())[0] != "READY":  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    [row] = await aside.fetch(ROW, ana.id)
    assert (row["tries"], row["progress"]) == (2, 1)
    read = [chunk async for chunk in aside.app.objects.read(row["object_key"], row["version"])]
    archive = ZipFile(BytesIO(b"".join(read)))
    assert archive.testzip() is None
    assert len([name for name in archive.namelist() if name.startswith("documentos/")]) == 10
    versions = await aside.app.objects._versions(row["object_key"])  # type: ignore[attr-defined]
    assert [each["VersionId"] for each in versions] == [row["version"]]
