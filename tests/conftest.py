"""One real Postgres and one real S3 for all tests, with a database, migrated to head, and a bucket
for each worker.

Tests commit for real and are kept apart by their own doctors and patients, not by cleaning up.
"""

import asyncio
import functools
import json
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import hypothesis
import pytest
from botocore import session
from botocore.retries.standard import ExponentialBackoff
from httpx._transports import default

from embedded import database, launch, postgres, run, seaweed
from embedded.folder import Folder
from integrations import keys
from migrations import migrate
from tests import make
from tests.server import LocalServer, owner_url

if TYPE_CHECKING:
    from tests.pool import PlayedPool

URL = "HEALTHMED_TEST_POSTGRES"  # of the server, handed down from the first process to the workers
STORE = "HEALTHMED_TEST_STORE"  # its settings, handed down in the same way, where there is one
TEMPLATE = "migrated"
_ended = pytest.StashKey[ExitStack]()

# An example that takes long tells of a machine that others use, too, and of no fault.
hypothesis.settings.register_profile(
    "ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("ours")


def pytest_configure(config: pytest.Config) -> None:
    """In the first process, before there are workers: the server dies with the main thread."""
    if URL in os.environ or config.option.collectonly:
        return
    stack = config.stash[_ended] = ExitStack()
    store = stack.enter_context(seaweed.scratch()) if seaweed.find() else None
    server = stack.enter_context(postgres.scratch())
    os.environ[URL] = server.url("{}", database.SERVERS)
    asyncio.run(create_database(TEMPLATE))
    migrate.upgrade(owner_url(url_of(TEMPLATE)))
    asyncio.run(database.let_servers_in(owner_url(url_of(TEMPLATE))))
    if store is not None:
        store.wait()
        os.environ[STORE] = json.dumps(store.settings())


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(_ended, None):
        stack.close()
        del os.environ[URL]
        os.environ.pop(STORE, None)


def url_of(name: str) -> str:
    """For servers, by the role that owns nothing."""
    return os.environ[URL].replace("%7B%7D", name).replace("{}", name)


async def create_database(name: str, template: str = "template0") -> None:
    connection = await asyncpg.connect(owner_url(url_of("postgres")))
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}')
    await connection.close()


@pytest.fixture(scope="session")
async def database_url(worker_id: str) -> str:
    """Of this worker's own database."""
    name = f"test_{worker_id}_{os.getpid()}"
    await create_database(name, TEMPLATE)
    return url_of(name)


@pytest.fixture(scope="session")
def keys_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.create(path)
    return path


def store_settings() -> dict[str, str]:
    """By which a server of its own process finds the S3 of all tests; none where there is none."""
    settings: dict[str, str] = json.loads(os.environ.get(STORE, "{}"))
    return settings


@pytest.fixture(scope="session")
def object_store(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Settings of a server that keeps files: in a bucket of this worker, or else in a folder."""
    if settings := store_settings():
        given = {name.removeprefix("HEALTHMED_").lower(): it for name, it in settings.items()}
        return {**given, "s3_bucket": f"test-{worker_id}-{os.getpid()}"}
    return {"object_folder": tmp_path_factory.mktemp("objects")}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Unlike pytest's own one that others may enter: as root, the server may have to be another."""
    with tempfile.TemporaryDirectory(prefix="healthmed-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """A run's PostgreSQL, migrated, to be copied: each is made in two seconds of CPU."""
    with tempfile.TemporaryDirectory(prefix="healthmed-cluster-") as name:
        Path(name).chmod(0o711)
        with run.embedded(Folder(Path(name))) as (url, _):
            migrate.upgrade(url)
        yield Folder(Path(name)).postgres


@pytest.fixture
def begun(folder: Path, cluster: Path) -> Path:
    """A folder in which there has been a run already, for what does not begin with the first."""
    if postgres._identity() != launch.AS_NOBODY:  # whose files cannot be copied for him
        shutil.copytree(cluster, Folder(folder).postgres)
    return folder


@pytest.fixture(scope="session")
async def running_server(
    database_url: str, keys_file: Path, object_store: dict[str, Any]
) -> AsyncGenerator[LocalServer]:
    async with LocalServer.run(database_url, keys_file, **object_store) as server:
        yield server


@pytest.fixture
async def server(running_server: LocalServer) -> LocalServer:
    """The server, at a quarter past nine on a Monday in 2030, when nobody has failed to sign in."""
    running_server.now = make.NOW
    await running_server.app._pool.execute("DELETE FROM attempt")
    return running_server


@pytest.fixture(autouse=True, scope="session")
def prompt() -> Iterator[None]:
    """Clients load but once whom TLS trusts and what Amazon's services understand, which takes
    longer than to ask; and those of Amazon try again without a pause.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((default, "create_ssl_context"), (session, "create_loader")):
            patch.setattr(module, name, functools.cache(getattr(module, name)))
        patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.0)
        yield


# What plays Amazon takes two seconds to load: for those alone who ask.


@pytest.fixture(scope="module")
def pool() -> Iterator["PlayedPool"]:
    """A user pool for passwords."""
    from tests.pool import played  # noqa: PLC0415

    with played() as it:
        yield it


@pytest.fixture
def asked() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What was asked of the pool, and with what; that it is as Amazon describes it is looked at."""
    from tests.pool import noted  # noqa: PLC0415

    with noted() as seen:
        yield seen
