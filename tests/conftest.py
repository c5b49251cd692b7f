"""One real Postgres for all tests, one database for each worker, migrated to head.

Tests commit for real and are kept apart by their own doctors and patients, not by cleaning up.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from embedded.postgres import scratch
from integrations import keys
from migrations import migrate
from tests import make
from tests.server import LocalServer

if TYPE_CHECKING:
    from tests.pool import PlayedPool

URL = "HEALTHMED_TEST_POSTGRES"  # of the server, handed down from the first process to the workers
TEMPLATE = "migrated"
_ended = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """In the first process, before there are workers: the server dies with the main thread."""
    if URL in os.environ or config.option.collectonly:
        return
    stack = config.stash[_ended] = ExitStack()
    postgres = stack.enter_context(scratch())
    os.environ[URL] = postgres.url("{}")
    asyncio.run(create_database(TEMPLATE))
    migrate.upgrade(url_of(TEMPLATE))


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(_ended, None):
        stack.close()
        del os.environ[URL]


def url_of(database: str) -> str:
    return os.environ[URL].replace("%7B%7D", database).replace("{}", database)


async def create_database(name: str, template: str = "template0") -> None:
    connection = await asyncpg.connect(url_of("postgres"))
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


@pytest.fixture(scope="session")
async def running_server(database_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    async with LocalServer.run(database_url, keys_file) as server:
        yield server


@pytest.fixture
def server(running_server: LocalServer) -> LocalServer:
    """The server, at a quarter past nine on a Monday in 2030."""
    running_server.now = make.NOW
    return running_server


# Amazon's packages, and what plays Amazon, take two seconds to load: for those alone who ask.


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
